// npm run demo: a device app, written in TypeScript, fetches a page over TLS 1.3 with the
// certificate checked, from OpenSSL and from GnuTLS; and four times it must refuse. Everything runs
// on loopback with certificates made just now, and anything that is not as it must be ends the demo
// with a failure.
//
//   npm run demo -- [--tier NAME]

import path from "node:path";
import { parseArgs } from "node:util";
import { isUsage } from "../lib/args.ts";
import { root, UserError } from "../lib/exec.ts";
import { gnutlsServer, opensslServer, type Peer } from "../lib/peers.ts";
import type { Pki } from "../lib/pki.ts";
import { startSntp } from "../lib/sntp-server.ts";
import { tierHelp, tierOf, type Tier } from "../lib/tier.ts";
import { makeCertificates, type Certificates } from "./certificates.ts";
import { makeDevice, visit, type Device, type Outcome, type Visit } from "./client.ts";
import { refusals, type Refusal } from "./refusals.ts";
import { heading, showCost, showOutput, unexpected } from "./report.ts";

const HELP = `Usage: npm run demo -- [--tier NAME]

${tierHelp}
  --help              this text
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tier: { type: "string", default: "wasm3" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  else await show(tierOf(values.tier));
}

async function show(tier: Tier): Promise<void> {
  const device = await makeDevice(tier);
  const certificates = makeCertificates();
  const sntp = await startSntp();
  const silent = await startSntp(() => []);
  try {
    await showOpenssl(device, certificates, sntp.port);
    heading("Four servers that must be refused");
    for (const refusal of refusals(certificates)) {
      await showRefusal(device, refusal, (refusal.clock ? sntp : silent).port);
    }
    await showGnutls(device, certificates, sntp.port);
  } finally {
    await Promise.all([sntp.stop(), silent.stop()]);
    certificates.remove();
  }
  console.log("\nEverything was as it must be.");
}

async function showOpenssl(
  device: Device,
  { good }: Certificates,
  sntpPort: number,
): Promise<void> {
  const app = path.relative(root, device.app.wasm);
  heading("A verified TLS 1.3 connection to OpenSSL");
  console.log(`   examples/https-verified.ts -> ${app}, ${device.app.size} bytes\n`);
  const server = await serve(good);
  const outcome = await fetchPage(server, () =>
    visit(device, { port: server.port, sntpPort, ca: good.root.der }),
  );
  showOutput(outcome.output);
  heading("What the handshake has cost");
  showCost(outcome, device.ssl.tier);
}

async function showGnutls(device: Device, { good }: Certificates, sntpPort: number): Promise<void> {
  heading("The same app and GnuTLS");
  const server = await gnutlsServer({ pki: good, args: ["--http"] });
  const outcome = await fetchPage(server, () =>
    visit(device, { port: server.port, sntpPort, ca: good.root.der }),
  );
  showOutput(outcome.output);
}

/** Runs the app against a server, which ends with it, and makes sure that it got a page. */
async function fetchPage(server: Peer, run: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await run().finally(() => server.stop());
  const { status, output } = outcome;
  const isPage = /^version: TLSv1\.3$/m.test(output) && /^HTTP\/1\.[01] 200/m.test(output);
  if (status !== 0 || !isPage) throw unexpected(`no page from ${server.name}`, outcome);
  return outcome;
}

async function showRefusal(device: Device, refusal: Refusal, sntpPort: number): Promise<void> {
  const server = await serve(refusal.server);
  const to: Visit = { port: server.port, sntpPort, ca: refusal.ca };
  const outcome = await visit(device, to).finally(() => server.stop());
  const wanted = `wrap_socket failed: ${refusal.error}`;
  console.log(`   ${refusal.title}\n      ${refusal.error}`);
  const said = outcome.output.trimEnd().split("\n").at(-1);
  if (outcome.status !== 1 || said !== wanted) throw unexpected(`expected: ${wanted}`, outcome);
}

function serve(pki: Pki): Promise<Peer> {
  return opensslServer({ pki, args: ["-www", "-tls1_3"] });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError) && !isUsage(error)) throw error;
  console.error(`\ndemo: ${error.message}`);
  process.exitCode = isUsage(error) ? 2 : 1;
}
