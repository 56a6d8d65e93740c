// Whatever bytes come, no parser and no connection traps, hangs, reads past its input or keeps
// memory. A trap means a bug of ours, never the peer's bytes (assembly/base/err.ts).
//
// Parsers get random and mutated input that ends exactly where the linear memory ends, so that the
// first byte read too far is a trap. Connections meet a scripted server whose messages (with a
// transcript that agrees, so that the handshake goes on), record contents and ciphertext are
// mutated at every place of every conversation, and calls in any order with any argument. The
// seeds are fixed but the certificates are fresh, so a failure tells its input. WASSL_LONG=1 runs
// fifty times as many cases.
//
// A hang is ended by the runner's time limit (scripts/test.ts).

import assert from "node:assert/strict";
import test from "node:test";
import { identityOf, pkiOf } from "./harness/identities.ts";
import { engines, type Instance, loadEntry, loadSsl } from "./harness/instance.ts";
import { meet, type Outcome } from "./harness/memory-client.ts";
import { mutate } from "./harness/mutate.ts";
import { type Level, MutatingServer, NoiseServer } from "./harness/hostile-servers.ts";
import { Random } from "./harness/random.ts";
import { RandomCaller } from "./harness/random-calls.ts";
import { type ServerOptions, type Step } from "./harness/scripted-server.ts";
import {
  alert,
  certificateRequest,
  changeCipherSpec,
  data,
  encryptedExtensions,
  certificate,
  certificateVerify,
  finished,
  applicationKeys,
  handshakeKeys,
  helloRetryRequest,
  honestFlight,
  keyUpdate,
  newSessionTicket,
  serverHello,
} from "./harness/scripted-steps.ts";
import { Extension, Group, u16 } from "./harness/tls13-wire.ts";

const LONG = process.env.WASSL_LONG === "1" ? 50 : 1;

/** Inputs of each kind; the interpreters are slow, and each of their calls goes through a pipe. */
const COUNTS = {
  v8: { parser: 40_000 * LONG, conversation: 600 * LONG, calls: 200_000 * LONG },
  wasm3: { parser: 600 * LONG, conversation: 50 * LONG, calls: 3_000 * LONG },
  hybrid: { parser: 600 * LONG, conversation: 60 * LONG, calls: 3_000 * LONG },
  native: { parser: 1500 * LONG, conversation: 100 * LONG, calls: 5_000 * LONG },
};

// --- parsers -----------------------------------------------------------------------------------

/** Puts bytes at the very end of the linear memory, far above anything allocated. */
class LastBytes {
  constructor(private readonly m: Instance) {
    const room = m.alloc(3 << 16);
    m.free(room); // the pages stay
  }

  /**
   * Runs `f` on the bytes; a failure tells them. Scratch memory must all be free again after it.
   */
  feed(bytes: Uint8Array, f: (at: number) => void): void {
    const p = this.m.memorySize - bytes.length;
    this.m.write(p, bytes);
    telling(bytes, () => {
      f(p);
      assert.equal(this.m.call("scratchUsed"), 0);
    });
  }
}

/** What goes wrong in `f`, with the input that it goes wrong with. */
function telling(input: Uint8Array | (() => Uint8Array), f: () => void): void {
  try {
    f();
  } catch (error) {
    const bytes = typeof input === "function" ? input() : input;
    throw new Error(`with the input ${Buffer.from(bytes).toString("hex")}`, { cause: error });
  }
}

/** Random bytes, some of which start like DER. */
function noise(random: Random): Uint8Array {
  const bytes = random.bytes(random.below(300));
  if (random.below(2) === 0 && bytes.length > 4) bytes.set([0x30, 0x82, 0, bytes.length - 4]);
  return bytes;
}

function certificates(): Uint8Array[] {
  return (["p256", "p384", "rsa"] as const).flatMap((kind) => {
    const pki = pkiOf(kind);
    return [pki.root, pki.intermediate!, pki.leaf].map((issued) => Uint8Array.from(issued.der));
  });
}

function toPem(der: Uint8Array): Uint8Array {
  const base64 = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n");
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
}

/** Everything that is asked of a certificate, once it parses. */
function useCertificate(m: Instance, c: number, size: number, other: number): void {
  const out = m.alloc(300);
  for (const name of ["localhost", "127.0.0.1", "::1", "a.b.c", "*.x", ""]) {
    const at = m.put(Buffer.from(name));
    m.call("hostnameMatches", c, at, name.length);
    m.free(at);
  }
  for (const capacity of [0, 1, 20, 300]) m.call("subject", c, out, capacity);
  for (const scheme of [0x0401, 0x0403, 0x0503, 0x0603, 0x0804, 0x0809, 0]) {
    m.call("verify", c, scheme, c, 50, size, 70);
  }
  const pair = m.put(new Uint8Array(Uint32Array.of(c, other).buffer));
  m.call("verifyChain", pair, 2, pair + 4, 1, 1_800_000_000n, 0, out, 0);
  m.call("verifyChain", pair + 4, 1, pair, 1, 1_800_000_000n, 1, out, 0);
  m.free(pair);
  m.free(out);
}

for (const engine of engines) {
  const counts = COUNTS[engine];

  test(`certificates, on ${engine}`, async (t) => {
    const m = await loadEntry("x509", engine);
    const last = new LastBytes(m);
    const random = new Random(21);
    const seeds = certificates();
    const c = m.alloc(m.call("certificateRecordSize"));
    const other = m.alloc(m.call("certificateRecordSize"));
    assert.equal(m.call("parse", other, m.put(seeds[0]!), seeds[0]!.length), 0);
    let parsed = 0; // some of which are used: verifying signatures is slow
    for (let i = 0; i < counts.parser; i++) {
      const bytes = i % 10 === 0 ? noise(random) : mutate(random.pick(seeds), random);
      last.feed(bytes, (at) => {
        if (m.call("parse", c, at, bytes.length) < 0) return;
        if (parsed++ % (parsed < 100 ? 5 : 100 * LONG) === 0) useCertificate(m, c, at, other);
      });
    }
    assert.ok(parsed > counts.parser / 100, "some mutations still parse");
    t.diagnostic(`${counts.parser} inputs, ${parsed} of them parsed`);
  });

  test(`files of certificates, on ${engine}`, async () => {
    const m = await loadEntry("x509", engine);
    const last = new LastBytes(m);
    const random = new Random(22);
    const [a, b] = certificates();
    const seeds = [Buffer.concat([toPem(a!), toPem(b!)]), toPem(a!), Buffer.concat([a!, b!])];
    const out = m.alloc(10_000);
    for (let i = 0; i < counts.parser / 4; i++) {
      const bytes = mutate(random.pick(seeds), random);
      last.feed(bytes, (at) => {
        assert.ok(m.call("readCertificates", at, bytes.length, out) <= bytes.length);
        m.call("countCertificates", at, bytes.length);
      });
    }
  });

  test(`elements, times, names and addresses, on ${engine}`, async () => {
    const m = await loadEntry("x509", engine);
    const last = new LastBytes(m);
    const random = new Random(23);
    const texts = [
      "*.example.com",
      "1.2.3.255",
      "2001:db8::7:1.2.3.4",
      "xn--a.b",
      "20300101000000Z",
    ];
    const seeds = texts.map((text) => Uint8Array.from(Buffer.from(text)));
    const elements = [
      [0x18, 15],
      [0x17, 13],
      [0x02, 3],
      [0x03, 4],
      [0x06, 9],
      [0x01, 1],
      [0x30, 0x84],
    ];
    const out = m.alloc(64);
    for (let i = 0; i < counts.parser; i++) {
      const text = mutate(random.pick(seeds), random);
      last.feed(text, (at) => {
        m.call("isHostname", at, text.length);
        m.call("isPattern", at, text.length);
        m.call("matchesPattern", at, text.length, at, text.length);
        m.call("parseAddress", at, text.length, out);
      });
      const content = random.below(2) === 0 ? text : random.bytes(random.below(20));
      const der = mutate(Uint8Array.of(...random.pick(elements), ...content), random);
      last.feed(der, (at) => {
        m.callBig("timeOf", at, der.length);
        for (let what = 0; what < 7; what++) m.call("wellFormed", what, at, der.length);
      });
    }
  });
}

// --- conversations -----------------------------------------------------------------------------

const AFTERWARDS: Step[] = [
  newSessionTicket(),
  data(Buffer.from("hello")),
  keyUpdate(1),
  data(Buffer.from("again")),
  keyUpdate(0),
  data(new Uint8Array(1000)),
  data(new Uint8Array(3000)),
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

/** Agrees to records of 1024 bytes, which some of our clients ask for; to the others it lies. */
const WITH_LIMIT: Step[] = [
  serverHello(),
  handshakeKeys,
  encryptedExtensions([[Extension.recordSizeLimit, u16(1025)]]),
  ...honestFlight().slice(3),
];

/**
 * Conversations and how many messages, contents and records of the server each may have mutated.
 */
const SCRIPTS: { flights: Step[][]; places: number }[] = [
  { flights: [honestFlight()], places: 14 },
  { flights: [[helloRetryRequest({ group: Group.secp256r1 })], honestFlight()], places: 15 },
  { flights: [WITH_REQUEST], places: 16 },
  { flights: [WITH_LIMIT], places: 14 },
];

interface Meeting {
  options: Parameters<typeof meet>[2];
  server: MutatingServer;
}

function randomMeeting(random: Random, round: number): Meeting {
  const pki = pkiOf("p256");
  const script = random.pick(SCRIPTS);
  const level = random.pick<Level>(["message", "message", "content", "wire"]);
  const options: ServerOptions = {
    identity: identityOf(pki),
    flights: script.flights,
    afterFinished: AFTERWARDS,
    framing: random.pick(["message", "flight", 50]),
    padding: random.below(3),
  };
  return {
    server: new MutatingServer(options, level, round % script.places, random),
    options: {
      anchors: random.below(3) === 0 ? undefined : pki.root.der,
      say: Buffer.from("GET /"),
      drip: random.below(4) === 0 ? 1 + random.below(40) : undefined,
      end: random.below(2) === 0,
      receiveBuffer: random.pick([1024, 1025, 4096, 16_384]),
    },
  };
}

for (const engine of engines) {
  const counts = COUNTS[engine];

  test(`conversations with a mutating server, on ${engine}`, async (t) => {
    const m = await loadSsl(engine);
    m.time = Math.floor(Date.now() / 1000);
    const random = new Random(24);
    const outcomes = new Map<string, number>();
    for (let i = 0; i < counts.conversation; i++) {
      const { server, options } = randomMeeting(random, i);
      telling(
        () => server.mutated,
        () => {
          const outcome = meet(m, server, options);
          if (server.level === "wire") checkIntegrity(outcome, server);
          const what = describe(outcome);
          outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
        },
      );
    }
    assert.ok(outcomes.size > 4, "the mutations reach different ends");
    t.diagnostic([...outcomes].map(([what, n]) => `${what} ${n}`).join(", "));
  });

  test(`a peer that does not speak TLS, on ${engine}`, async () => {
    const m = await loadSsl(engine);
    const random = new Random(25);
    const options: ServerOptions = { identity: identityOf(pkiOf("p256")), flights: [] };
    for (let i = 0; i < counts.conversation / 2; i++) {
      const outcome = meet(m, new NoiseServer(options, random), { end: true });
      assert.ok(outcome.error < 0 && !outcome.connected);
    }
  });

  test(`calls in any order with any argument, on ${engine}`, async () => {
    const m = await loadSsl(engine);
    const before = m.call("memory_used");
    const caller = new RandomCaller(m, new Random(26));
    for (let i = 0; i < counts.calls; i++) caller.step();
    assert.ok(caller.connections > 1, "connections came about");
    caller.freeAll();
    assert.equal(m.call("memory_used"), before, "memory was not given back");
  });
}

/** Tampering with ciphertext never changes a byte of what is read. */
function checkIntegrity(outcome: Outcome, server: MutatingServer): void {
  const sent = Buffer.concat(server.sentData).subarray(0, outcome.read.length);
  assert.ok(sent.equals(outcome.read));
}

function describe(outcome: Outcome): string {
  if (outcome.error === 0)
    return outcome.closed ? "closed" : outcome.connected ? "open" : "waiting";
  return (outcome.errorText?.text ?? "").trim().split("\n")[0]!;
}
