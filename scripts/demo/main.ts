// npm run demo: a device app, written in TypeScript, fetches a page over TLS 1.3 with the
// certificate checked, from OpenSSL and from GnuTLS; and four times it must refuse. Everything runs
// on loopback with certificates made just now, and anything that is not as it must be ends the demo
// with a failure.
//
//   npm run demo -- [--board NAME] [--tier NAME]

import { parseArgs } from "node:util";
import { isUsage, UsageError } from "../lib/args.ts";
import { UserError } from "../lib/exec.ts";
import { gnutlsServer, opensslServer, type Peer } from "../lib/peers.ts";
import type { Pki } from "../lib/pki.ts";
import { rp2040Board } from "../lib/rp2040-config.ts";
import { startSntp } from "../lib/sntp-server.ts";
import { tierHelp, tierOf } from "../lib/tier.ts";
import { makeCertificates, type Certificates } from "./certificates.ts";
import type { Device, Outcome, Visit } from "./device.ts";
import { makeEmulated } from "./emulated.ts";
import { makeHost } from "./host.ts";
import { refusals, type Refusal } from "./refusals.ts";
import { heading, showCost, showOutput, unexpected } from "./report.ts";

const HELP = `Usage: npm run demo -- [--board NAME] [--tier NAME]

  --board NAME        host: a process on this machine (the default); w5500_evb_pico, emulated
${tierHelp}
  --help              this text
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      board: { type: "string", default: "host" },
      tier: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  else await show(makerOf(values));
}

type Maker = (certificates: Certificates) => Promise<Device>;

function makerOf({ board, tier }: { board: string; tier?: string }): Maker {
  if (board === "host") {
    const known = tierOf(tier ?? "wasm3");
    return () => makeHost(known);
  }
  const hardware = rp2040Board(board);
  if (hardware === undefined) throw new UsageError(`there is no board ${board}`);
  const known = tierOf(tier ?? "native");
  return ({ good }) => makeEmulated(hardware, known, good.root.der);
}

async function show(make: Maker): Promise<void> {
  const certificates = makeCertificates();
  const sntp = await startSntp();
  const silent = await startSntp(() => []);
  try {
    const device = await make(certificates);
    try {
      await showOpenssl(device, certificates, sntp.port);
      heading("Four servers that must be refused");
      for (const refusal of refusals(certificates)) {
        await showRefusal(device, refusal, (refusal.clock ? sntp : silent).port);
      }
      await showGnutls(device, certificates, sntp.port);
    } finally {
      device.close();
    }
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
  heading("A verified TLS 1.3 connection to OpenSSL");
  console.log(`   ${device.app}\n`);
  const server = await serve(good);
  const outcome = await fetchPage(server, () =>
    device.visit({ port: server.port, sntpPort, ca: good.root.der }),
  );
  showOutput(outcome.output);
  heading("What the handshake has cost");
  showCost(outcome);
}

async function showGnutls(device: Device, { good }: Certificates, sntpPort: number): Promise<void> {
  heading("The same app and GnuTLS");
  const server = await gnutlsServer({ pki: good, args: ["--http"] });
  const outcome = await fetchPage(server, () =>
    device.visit({ port: server.port, sntpPort, ca: good.root.der }),
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
  const outcome = await device.visit(to).finally(() => server.stop());
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
