// The examples: they do what they say, and an editor understands them. `npm run demo` runs the
// verified client; here is the insecure one, and the verified one as `wassl run` starts it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { root } from "../../scripts/lib/exec.ts";
import { opensslServer } from "../../scripts/lib/peers.ts";
import { makePki } from "../../scripts/lib/pki.ts";

const pki = makePki({ leaf: { sans: ["DNS:example.com"], subject: "/CN=example.com" } });
const files = mkdtempSync(path.join(tmpdir(), "wassl-examples-"));
writeFileSync(path.join(files, "ca.der"), pki.root.der);
after(() => {
  pki.remove();
  rmSync(files, { recursive: true, force: true });
});

/** `wassl run` with example.com on loopback; the time server is one that cannot be resolved. */
async function runExample(name: string): Promise<{ status: number | null; output: string }> {
  const server = await opensslServer({ pki, args: ["-www", "-tls1_3"] });
  const board = ["--root", files, "--connect-to", `example.com:443:127.0.0.1:${server.port}`];
  const noClock = ["--connect-to", "pool.ntp.org:123:127.0.0.1:0"];
  const args = [path.join(root, "scripts/wassl.mjs"), "run", `examples/${name}.ts`, "--"];
  const child = spawn(process.execPath, [...args, ...board, ...noClock], { cwd: root });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  await server.stop();
  return { status, output };
}

test("https-insecure.ts fetches a page", async () => {
  const { status, output } = await runExample("https-insecure");
  assert.equal(status, 0, output);
  assert.match(output, /^HTTP\/1\.0 200 ok/);
});

test("https-verified.ts fetches a page also where no time server answers", async () => {
  const { status, output } = await runExample("https-verified");
  assert.equal(status, 0, output);
  assert.match(output, /^ntptime: OSError\(\d+, '\w+'\)\nversion: TLSv1\.3\n/);
  assert.match(output, /\npeer: {4}CN=example\.com\n\nHTTP\/1\.0 200 ok/);
});

test("an editor understands the examples and the library", () => {
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", "assembly/tsconfig.json", "--noEmit", "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const ours = /^(?:examples|assembly\/(?:device|editor))\//;
  assert.deepEqual(
    stdout.split("\n").filter((line) => ours.test(line)),
    [],
  );
});
