// The verified client where the receive buffer and the memory of ssl.wasm are as small as
// docs/settings.md says that they may be, and the app has what is left: the page comes in short
// records. In long runs also in the tier hybrid, which compiles a part of ssl.wasm into RAM.

import assert from "node:assert/strict";
import test from "node:test";
import { buildFirmware, RP2040_LIMBS, type Firmware } from "../../scripts/lib/board-rp2040.ts";
import { visitOpenssl, type Visit } from "../../scripts/lib/emulated-visit.ts";
import { translateSsl } from "../../scripts/lib/ssl-program.ts";
import type { Tier } from "../../scripts/lib/tier.ts";
import { hardware } from "./firmware.ts";

const LONG = process.env.WASSL_LONG === "1";
/** What the app may have besides; docs/tiers.md has the reason. */
const TIERS: readonly (readonly [Tier, kilobytes: number])[] = LONG
  ? [
      ["native", 80],
      ["hybrid", 35],
    ]
  : [["native", 80]];
/** Its page, which tells of tickets, has to fit the app's memory. */
const SHORT_PAGE = ["-ciphersuites", "TLS_AES_128_GCM_SHA256", "-num_tickets", "0"];
const SSL_KB = 32;
/** Of ssl.wasm; with receive buffers of 16 KB it is 22 KB. */
const MOST_HEAP = 9 * 1024;

function visit(firmware: Firmware, appKb: number, watch?: Visit["watch"]) {
  const lines = ["tls_receive_buffer = 2K", `ssl_memory = ${SSL_KB}K`, `app_memory = ${appKb}K`];
  const files = { "settings.txt": lines.join("\n") };
  return visitOpenssl({ hardware, firmware, files, server: SHORT_PAGE, watch });
}

for (const [tier, appKb] of TIERS) {
  const build = async () => buildFirmware(hardware, await translateSsl(tier, RP2040_LIMBS));

  test(`a page in records of 2 KB, ${SSL_KB} KB for ssl.wasm, ${tier}`, async (t) => {
    const visited = await visit(await build(), appKb);
    assert.match(visited.console, new RegExp(`, ssl ${tier}, [^]*wassl: exit status 0\r\n`));
    const { ssl, heap } = visited.status;
    assert.equal(ssl.memory, SSL_KB * 1024);
    assert.ok(ssl.heapPeak <= MOST_HEAP, `${ssl.heapPeak} bytes of ssl.wasm's heap`);
    t.diagnostic(`heap ${heap.peak} of ${heap.size}, ssl.wasm's ${ssl.heapPeak}`);
  });
  test(`Ctrl-C in the middle of a handshake, ${tier}`, async () => {
    let faults: string[] = [];
    const interrupted = visit(await build(), appKb, (board) => {
      faults = board.faults;
      let calls = 0;
      board.mark("ssl_connection_receive", () => {
        if (calls++ === 0) board.write("\x03");
      });
    });
    await assert.rejects(interrupted, /power on\r\n\^C\r\nwassl: the app was interrupted\r\n/);
    assert.deepEqual(faults, []);
  });
}
