// A TLS 1.3 server that does what a script says. Without a script it is honest
// (tests/tls13/scripted-server.test.ts holds it against `openssl s_client`); every message, record,
// key and order can be changed by one entry of the script.
//
//   const server = new ScriptedServer({ identity }); // honest, echoes application data
//   const flights = [[serverHello((h) => (h.suite = 0x1301)), handshakeKeys, ...]];
//   new ScriptedServer({ identity, flights });
//   server.receive(bytes);  server.take(); // no sockets: bytes in, bytes out
//
// A script is a list of steps for each ClientHello (the second list answers the one after a
// HelloRetryRequest) and one for the client's Finished. Steps stand in scripted-steps.ts. What the
// client said is kept: alerts, application data, handshake messages, and the records that could not
// be opened.

import { type KeyObject } from "node:crypto";
import { KeySchedule, TrafficKeys, exchangeKeys, type Exchange } from "./tls13-keys.ts";
import {
  ContentType,
  Extension,
  HandshakeType,
  MAX_CONTENT,
  Suite,
  TLS12,
  WireReader,
  concat,
  decodeClientHello,
  equal,
  findExtension,
  record,
  u8,
  type ClientHello,
} from "./tls13-wire.ts";

export type Step = (server: ScriptedServer) => void;

/** What the server proves to be: DER certificates, leaf first, and the leaf's key. */
export interface Identity {
  chain: Uint8Array[];
  key: KeyObject;
}

/**
 * How handshake messages become records: one each, as few as possible, or pieces of so many bytes.
 */
export type Framing = "message" | "flight" | number;

export interface ServerOptions {
  identity: Identity;
  /**
   * Acceptable suites and groups, best first; the honest steps take the first that the client can
   * do.
   */
  suites?: number[];
  groups?: number[];
  flights: Step[][];
  afterFinished?: Step[];
  /** Steps for each piece of application data; default: echo. */
  onData?: (data: Uint8Array) => Step[];
  framing?: Framing;
  /** Zero bytes after the type of every protected record. */
  padding?: number;
  /** Changes, drops, doubles or keeps back a finished record; index counts the records from 0. */
  tamper?: (record: Uint8Array, index: number) => Uint8Array[];
  seed?: string;
}

export interface ReceivedAlert {
  level: number;
  description: number;
  encrypted: boolean;
}

export interface HandshakeRecord {
  type: number;
  body: Uint8Array;
}

export class ScriptedServer {
  readonly identity: Identity;
  readonly seed: string;
  /** Every ClientHello so far; the last one counts. */
  readonly hellos: ClientHello[] = [];
  readonly alerts: ReceivedAlert[] = [];
  readonly handshake: HandshakeRecord[] = [];
  readonly undecryptable: Uint8Array[] = [];
  received: Uint8Array = new Uint8Array(0);
  clientFinished = false;
  changeCipherSpecs = 0;

  suite: number;
  group = 0;
  schedule: KeySchedule | null = null;
  exchange: Exchange | null = null;
  handshakeSecrets: { client: TrafficKeys; server: TrafficKeys } | null = null;
  applicationSecrets: { client: TrafficKeys; server: TrafficKeys } | null = null;
  sendKeys: TrafficKeys | null = null;
  receiveKeys: TrafficKeys | null = null;

  private readonly out: Uint8Array[] = [];
  private outgoing: Uint8Array = new Uint8Array(0);
  private inbox: Uint8Array = new Uint8Array(0);
  private incoming: Uint8Array = new Uint8Array(0);
  private recordIndex = 0;

  constructor(readonly options: ServerOptions) {
    this.identity = options.identity;
    this.seed = options.seed ?? "scripted server";
    this.suite = (options.suites ?? Object.values(Suite))[0];
  }

  get hello(): ClientHello {
    return this.hellos[this.hellos.length - 1];
  }

  // --- what the script sends ---

  /** Queues a handshake message and, unless told otherwise, makes it part of the transcript. */
  sendHandshake(message: Uint8Array, inTranscript = true): void {
    if (inTranscript) this.schedule?.add(message);
    this.outgoing = concat(this.outgoing, message);
    if (this.options.framing !== "flight") this.flush();
  }

  /** Turns the queued handshake bytes into records. */
  flush(): void {
    const { framing } = this.options;
    const size = typeof framing === "number" ? framing : MAX_CONTENT;
    for (let at = 0; at < this.outgoing.length; at += size) {
      this.sendRecord(ContentType.handshake, this.outgoing.subarray(at, at + size));
    }
    this.outgoing = new Uint8Array(0);
  }

  /** One record with this content, protected where the keys are on. */
  sendRecord(type: number, content: Uint8Array, padding = this.options.padding ?? 0): void {
    if (this.sendKeys) this.sendInner(concat(content, u8(type), new Uint8Array(padding)));
    else this.sendRaw(record(type, content));
  }

  /** One protected record with an inner plaintext of the script's making. */
  sendInner(inner: Uint8Array, outerType = ContentType.applicationData, version = TLS12): void {
    if (!this.sendKeys) throw new Error("the script has no keys yet");
    this.sendRaw(this.sendKeys.seal(inner, outerType, version));
  }

  /** Bytes as they are, through the tamper hook. */
  sendRaw(bytes: Uint8Array): void {
    const { tamper } = this.options;
    const index = this.recordIndex++;
    this.out.push(...(tamper ? tamper(bytes, index) : [bytes]));
  }

  run(steps: Step[]): void {
    for (const step of steps) step(this);
    this.flush();
  }

  // --- what both the script and the honest steps ask ---

  /** The client's key share for a group, undefined where it sent none. */
  clientShare(group: number): Uint8Array | undefined {
    const data = findExtension(this.hello.extensions, Extension.keyShare);
    if (!data) return undefined;
    const r = new WireReader(new WireReader(data).vector(2));
    while (r.left > 0) {
      const found = r.number(2);
      const share = r.vector(2);
      if (found === group) return share;
    }
    return undefined;
  }

  /** Starts the key schedule at the last ClientHello; a HelloRetryRequest before it is kept. */
  beginSchedule(suite: number): void {
    this.suite = suite;
    if (this.schedule) return;
    this.schedule = new KeySchedule(suite);
    this.schedule.add(this.clientHelloMessage());
  }

  /** Answers the client's share. */
  exchangeWith(group: number): Exchange {
    const share = this.clientShare(group);
    if (!share) throw new Error(`the client sent no share for group ${group}`);
    this.group = group;
    this.exchange = exchangeKeys(group, share, this.seed);
    return this.exchange;
  }

  // --- what the client sends ---

  /** Ciphertext from the client, in pieces of any size. */
  receive(bytes: Uint8Array): void {
    this.inbox = concat(this.inbox, bytes);
    for (;;) {
      if (this.inbox.length < 5) return;
      const size = 5 + ((this.inbox[3] << 8) | this.inbox[4]);
      if (this.inbox.length < size) return;
      const whole = this.inbox.subarray(0, size);
      this.inbox = this.inbox.slice(size);
      this.receiveRecord(whole);
    }
  }

  /** Ciphertext for the client, all that is queued. */
  take(): Uint8Array {
    return concat(...this.out.splice(0));
  }

  private receiveRecord(whole: Uint8Array): void {
    const type = whole[0];
    const fragment = whole.subarray(5);
    if (type === ContentType.changeCipherSpec) {
      this.changeCipherSpecs++;
      return;
    }
    // a client that refuses the ServerHello has no keys: its alert comes in the clear
    if (!this.receiveKeys || type === ContentType.alert) return this.content(type, fragment, false);
    const inner = this.receiveKeys.open(whole.subarray(0, 5), fragment);
    if (!inner) {
      this.undecryptable.push(whole);
      return;
    }
    let end = inner.length - 1;
    while (end >= 0 && inner[end] === 0) end--;
    this.content(inner[end], inner.subarray(0, end), true);
  }

  private content(type: number, bytes: Uint8Array, encrypted: boolean): void {
    if (type === ContentType.alert) {
      this.alerts.push({ level: bytes[0], description: bytes[1], encrypted });
    } else if (type === ContentType.handshake) {
      this.incoming = concat(this.incoming, bytes);
      this.receiveHandshake();
    } else if (type === ContentType.applicationData) {
      this.received = concat(this.received, bytes);
      const echo = (data: Uint8Array): Step[] => [
        (s): void => s.sendRecord(ContentType.applicationData, data),
      ];
      this.run((this.options.onData ?? echo)(bytes));
    } else {
      throw new Error(`the client sent content of type ${type}`);
    }
  }

  private receiveHandshake(): void {
    while (this.incoming.length >= 4) {
      const size = 4 + new WireReader(this.incoming.subarray(1, 4)).number(3);
      if (this.incoming.length < size) return;
      const message = this.incoming.slice(0, size);
      this.incoming = this.incoming.slice(size);
      this.receiveMessage(message);
    }
  }

  private receiveMessage(message: Uint8Array): void {
    const type = message[0];
    const body = message.subarray(4);
    this.handshake.push({ type, body });
    if (type === HandshakeType.clientHello) {
      this.hellos.push(decodeClientHello(body));
      this.schedule?.add(message);
      this.run(this.options.flights[this.hellos.length - 1] ?? []);
    } else if (type === HandshakeType.finished) {
      this.receiveFinished(message);
    } else if (type === HandshakeType.keyUpdate) {
      this.receiveKeys = this.receiveKeys!.next();
    } else {
      this.schedule?.add(message);
    }
  }

  /**
   * The honest end of a handshake: the client's Finished is checked, its application keys come on.
   */
  private receiveFinished(message: Uint8Array): void {
    if (!this.schedule || !this.handshakeSecrets || !this.applicationSecrets) return;
    const expected = this.schedule.verifyData(this.handshakeSecrets.client);
    if (!equal(message.subarray(4), expected)) throw new Error("the client's Finished is wrong");
    this.schedule.add(message);
    this.clientFinished = true;
    this.receiveKeys = this.applicationSecrets.client;
    this.run(this.options.afterFinished ?? []);
  }

  private clientHelloMessage(): Uint8Array {
    const { type, body } = this.handshake[this.handshake.length - 1];
    return concat(u8(type), Uint8Array.of(0, body.length >>> 8, body.length), body);
  }
}
