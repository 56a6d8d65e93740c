// The scripted server proves itself before anything is proved with it: `openssl s_client` must
// complete a handshake, check the chain and get its data back, for every suite, group, kind of key
// and shape of the honest flights.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { identityOf, pkiOf } from "../harness/identities.ts";
import { type KeyKind } from "../harness/pki.ts";
import { listen } from "../harness/scripted-listener.ts";
import { type ScriptedServer, type ServerOptions } from "../harness/scripted-server.ts";
import {
  alert,
  applicationKeys,
  certificate,
  certificateRequest,
  certificateVerify,
  changeCipherSpec,
  encryptedExtensions,
  finished,
  handshakeKeys,
  honestFlight,
  keyUpdate,
  newSessionTicket,
  retryFlights,
  serverHello,
} from "../harness/scripted-steps.ts";
import { Alert, Extension, Group, Suite, u16 } from "../harness/tls13-wire.ts";

const LINE = "the quick brown fox\n";
const GROUP_NAMES: [keyof typeof Group, string][] = [
  ["x25519", "X25519"],
  ["secp256r1", "P-256"],
  ["secp384r1", "P-384"],
];

interface Case {
  options?: Partial<ServerOptions>;
  kind?: KeyKind;
  args?: string[];
}

/** Connects s_client, sends a line, waits for its echo, ends; the server as it was at the end. */
async function talk({ options, kind = "p256", args = [] }: Case): Promise<ScriptedServer> {
  const pki = pkiOf(kind);
  const listener = await listen({
    identity: identityOf(pki),
    flights: [honestFlight()],
    ...options,
  });
  const common = ["-tls1_3", "-CAfile", pki.root.certFile, "-verify_return_error", "-brief"];
  const name = ["-servername", "localhost", "-verify_hostname", "localhost"];
  const connect = ["-connect", `127.0.0.1:${listener.port}`];
  const child = spawn("openssl", ["s_client", ...connect, ...common, ...name, ...args]);
  try {
    const said = await converse(child);
    assert.match(said, /Verification: OK/);
    assert.deepEqual(listener.errors, []);
    const [server] = listener.servers;
    assert.equal(Buffer.from(server.received).toString(), LINE);
    assert.ok(server.clientFinished);
    return server;
  } finally {
    child.kill();
    await listener.close();
  }
}

/**
 * Types the line when s_client is ready, ends its input when the echo is there; all that it
 * printed.
 */
function converse(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let [out, all] = ["", ""];
    child.stdout!.on("data", (bytes: Buffer) => {
      out += bytes.toString();
      if (out.includes(LINE)) child.stdin!.end();
    });
    child.stderr!.on("data", (bytes: Buffer) => (all += bytes.toString()));
    child.stdin!.on("error", () => {}); // it may be gone already; the exit status tells
    child.stdin!.write(LINE);
    child.on("close", (status) => {
      if (status === 0 && out.includes(LINE)) resolve(all);
      else reject(new Error(`s_client ended with ${status}: ${all}${out}`));
    });
  });
}

for (const [suite, number] of Object.entries(Suite)) {
  for (const [group, name] of GROUP_NAMES) {
    test(`openssl s_client accepts ${suite} with ${group}`, async () => {
      const server = await talk({ args: ["-ciphersuites", suite, "-groups", name] });
      assert.equal(server.suite, number);
      assert.equal(server.group, Group[group]);
    });
  }
}

for (const kind of ["rsa", "rsa-pss", "p384", "p521"] as const) {
  test(`openssl s_client accepts a ${kind} certificate`, async () => {
    await talk({ kind });
  });
}

const requestingFlight = [
  serverHello(),
  handshakeKeys,
  encryptedExtensions(),
  certificateRequest(),
  certificate(),
  certificateVerify(),
  finished(),
  applicationKeys,
];

const SHAPES: Record<string, { options: Partial<ServerOptions>; args?: string[] }> = {
  "a HelloRetryRequest": {
    options: { flights: retryFlights(Group.secp256r1), groups: [Group.secp256r1] },
    args: ["-groups", "X25519:P-256"],
  },
  "middlebox compatibility": {
    options: { flights: [[serverHello(), changeCipherSpec, ...honestFlight().slice(1)]] },
  },
  "one record for the flight": { options: { framing: "flight" } },
  "records of seven bytes of handshake": { options: { framing: 7 } },
  "padded records": { options: { padding: 100 } },
  "a certificate request": { options: { flights: [requestingFlight] } },
  "tickets and key updates": {
    options: {
      afterFinished: [newSessionTicket(), keyUpdate(0), newSessionTicket(), keyUpdate(1)],
    },
  },
  "a name acknowledged": {
    options: {
      flights: [
        [
          serverHello(),
          handshakeKeys,
          encryptedExtensions([
            [Extension.serverName, new Uint8Array(0)],
            [Extension.supportedGroups, Uint8Array.of(0, 2, ...u16(Group.x25519))],
          ]),
          ...honestFlight().slice(3),
        ],
      ],
    },
  },
};

for (const [shape, { options, args }] of Object.entries(SHAPES)) {
  test(`openssl s_client accepts ${shape}`, async () => {
    await talk({ options, args });
  });
}

test("openssl s_client refuses what the scripted server breaks", async () => {
  const broken = [
    ...honestFlight().slice(0, -2),
    finished((data) => data.fill(0)),
    applicationKeys,
  ];
  const breaks: [string, ServerOptions["flights"]][] = [
    ["digest check failed", [broken]],
    ["alert handshake failure", [[alert(2, Alert.handshakeFailure)]]],
  ];
  for (const [reason, flights] of breaks) {
    await assert.rejects(talk({ options: { flights } }), new RegExp(reason));
  }
});
