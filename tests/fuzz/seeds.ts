// Where fuzzing starts from: inputs that are right, so that mutations of them are almost right.

import { identityOf, pkiOf } from "../harness/identities.ts";
import { loadEntry } from "../harness/instance.ts";
import { MemoryClient } from "../harness/memory-client.ts";
import { ScriptedServer, type ServerOptions, type Step } from "../harness/scripted-server.ts";
import {
  alert,
  applicationKeys,
  certificate,
  certificateRequest,
  certificateVerify,
  changeCipherSpec,
  data,
  encryptedExtensions,
  finished,
  handshakeKeys,
  helloRetryRequest,
  honestFlight,
  keyUpdate,
  newSessionTicket,
  serverHello,
} from "../harness/scripted-steps.ts";
import { Group, concat, u16, u8 } from "../harness/tls13-wire.ts";

const KINDS = ["p256", "p384", "rsa"] as const;

export function certificates(): Uint8Array[] {
  return KINDS.flatMap((kind) => {
    const { root, intermediate, leaf } = pkiOf(kind);
    return [root, intermediate!, leaf].map((issued) => issued.der);
  });
}

function toPem(der: Uint8Array): Uint8Array {
  const base64 = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n");
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
}

export function files(): Uint8Array[] {
  const [a, b] = certificates() as [Uint8Array, Uint8Array];
  return [toPem(a), concat(toPem(a), toPem(b)), concat(a, b)];
}

/** By the first byte as tests/fuzz/names.c reads it. */
export function names(): Uint8Array[] {
  const elements = [
    [0x30, 2, 5, 0],
    [0x01, 1, 0xff],
    [0x02, 2, 0, 0x80],
    [0x02, 1, 0x7f],
    [0x02, 1, 3],
    [0x03, 2, 0, 1],
    [0x06, 3, 0x55, 4, 3],
  ];
  const time = Buffer.from("\x18\x0f20300101000000Z", "latin1");
  const texts = ["2001:db8::7:1.2.3.4", "a.example.com*.example.co"].map((text) =>
    Buffer.from(text),
  );
  const contents = [...elements.map((bytes) => Uint8Array.from(bytes)), time, ...texts];
  return contents.map((content, what) => concat(u8(what), content));
}

// --- conversations -----------------------------------------------------------------------------

/** Keeps what it says in the clear: type, length and content of each record. */
class RecordingServer extends ScriptedServer {
  readonly records: { type: number; content: Uint8Array }[] = [];

  override sendRecord(type: number, content: Uint8Array, padding?: number): void {
    this.records.push({ type, content: Uint8Array.from(content) });
    super.sendRecord(type, content, padding);
  }
}

const AFTERWARDS: Step[] = [
  newSessionTicket(),
  data(Buffer.from("hello")),
  keyUpdate(1),
  data(Buffer.from("again")),
  alert(1, 0),
];

const WITH_REQUEST: Step[] = [
  serverHello(),
  changeCipherSpec,
  handshakeKeys,
  encryptedExtensions(),
  certificateRequest(),
  certificate(),
  certificateVerify(),
  finished(),
  applicationKeys,
];

type Script = Pick<ServerOptions, "flights" | "framing" | "suites">;

const SCRIPTS: Script[] = [
  { flights: [honestFlight()] },
  { flights: [honestFlight()], framing: "flight", suites: [0x1303] },
  { flights: [honestFlight()], framing: 50, suites: [0x1302] },
  { flights: [WITH_REQUEST] },
  { flights: [[helloRetryRequest({ group: Group.secp256r1 })], honestFlight()] },
];

/** The honest server's records for the client that tests/fuzz/receive.c makes. */
async function recorded(script: Script): Promise<RecordingServer["records"]> {
  const m = await loadEntry("fuzz", "v8");
  const identity = identityOf(pkiOf("p256"));
  const server = new RecordingServer({ identity, afterFinished: AFTERWARDS, ...script });
  const client = new MemoryClient(m);
  for (let moved = true; moved;) {
    const out = client.take();
    server.receive(out);
    const answer = server.take();
    client.receive(answer);
    client.read();
    moved = out.length + answer.length > 0;
  }
  if (!client.isConnected) throw new Error("the recorded conversation failed");
  return server.records;
}

export async function conversations(): Promise<Uint8Array[]> {
  const pieces = [0, 0, 7, 1, 0];
  const inputs = SCRIPTS.map(async (script, i) => {
    const records = await recorded(script);
    const lines = records.map(({ type, content }) =>
      concat(u8(type), u16(content.length), content),
    );
    return concat(u8(pieces[i]!), ...lines);
  });
  return Promise.all(inputs);
}

const HANDSHAKE = 22;

/** The messages of those conversations one by one: type and body. */
export async function messages(): Promise<Uint8Array[]> {
  const all = await Promise.all([SCRIPTS[0]!, SCRIPTS[3]!, SCRIPTS[4]!].map(recorded));
  return all
    .flat()
    .filter(({ type }) => type === HANDSHAKE)
    .map(({ content }) => concat(content.subarray(0, 1), content.subarray(4)));
}
