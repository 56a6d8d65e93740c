// What is left of a connection's secrets in the board's SRAM when the app has ended: nothing. The
// secrets are those that OpenSSL, at the other end, writes into its key log, and the keys that come
// of them; ChaCha20 uses its key as it is, so that it would be found.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { visitOpenssl } from "../../scripts/lib/emulated-visit.ts";
import type { Board } from "../../scripts/sim/board.ts";
import { firmware, hardware } from "./firmware.ts";

const SUITE = ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "-num_tickets", "0"];
const LOGGED = /^(CLIENT|SERVER)_(HANDSHAKE_TRAFFIC_SECRET|TRAFFIC_SECRET_0) \w+ (\w+)$/gm;

/** HKDF-Expand-Label(secret, "key", "", 32) of RFC 8446, 7.1. */
function keyOf(secret: Buffer): Buffer {
  const info = Buffer.from("\0\x20\x09tls13 key\0\x01", "latin1");
  return createHmac("sha256", secret).update(info).digest();
}

function secretsIn(keyLog: string): Map<string, Buffer> {
  const secrets = new Map<string, Buffer>();
  for (const [, side, name, hex] of keyLog.matchAll(LOGGED)) {
    const secret = Buffer.from(hex, "hex");
    secrets.set(`${side}_${name}`, secret);
    secrets.set(`key of ${side}_${name}`, keyOf(secret));
  }
  return secrets;
}

/** Those of which a half is there, also with the bytes of its words turned round. */
function found(secrets: Map<string, Buffer>, sram: Buffer): string[] {
  const isThere = (part: Buffer): boolean =>
    sram.includes(part) || sram.includes(Buffer.from(part).swap32());
  return [...secrets]
    .filter(([, s]) => isThere(s.subarray(0, 16)) || isThere(s.subarray(16)))
    .map(([name]) => name);
}

/** The SRAM while the app is connected, and behind its end; `then` is what comes between. */
async function visit(keyLog: string, then: (board: Board) => void): Promise<Buffer[]> {
  const states: Buffer[] = [];
  let board!: Board;
  const take = (): void => void states.push(Buffer.from(board.machine.chip.sram));
  const visiting = visitOpenssl({
    hardware,
    firmware: await firmware(),
    server: [...SUITE, "-keylogfile", keyLog],
    watch: (running) => {
      board = running;
      board.mark("ssl_connection_text", () => {
        if (states.length > 0) return;
        take();
        then(board);
      });
    },
  });
  await visiting.catch((error: unknown) => assert.match(String(error), /the app was interrupted/));
  take();
  return states;
}

const ENDS: readonly [how: string, then: (board: Board) => void][] = [
  ["has closed it", () => undefined],
  ["was interrupted", (board) => board.write("\x03")],
];

for (const [how, then] of ENDS) {
  test(`no secret of a connection outlives the app that ${how}`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "wassl-secrets-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const keyLog = path.join(folder, "keys");
    const [during, afterwards] = await visit(keyLog, then);
    const secrets = secretsIn(readFileSync(keyLog, "utf8"));
    assert.equal(secrets.size, 8);
    const seen = found(secrets, during!);
    for (const side of ["CLIENT", "SERVER"])
      assert.ok(seen.includes(`${side}_TRAFFIC_SECRET_0`), "they are looked for as they lie there");
    assert.deepEqual(found(secrets, afterwards!), []);
  });
}
