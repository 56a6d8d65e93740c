// Servers that a client must survive: one that is honest but for one mutated message, content or
// record, and one that does not speak TLS at all.

import { AssertionError } from "node:assert";
import { mutate } from "./mutate.ts";
import { type Random } from "./random.ts";
import { ScriptedServer, type ServerOptions } from "./scripted-server.ts";
import { ContentType } from "./tls13-wire.ts";

/** Where the mutation happens: before the transcript, before protection, or after it. */
export type Level = "message" | "content" | "wire";

/**
 * A server one of whose messages, contents or records is mutated. A lost cause for it is no error.
 */
export class MutatingServer extends ScriptedServer {
  /** What the client may read where only the wire was tampered with: this or a beginning of it. */
  readonly sentData: Uint8Array[] = [];
  /** What was sent in the place of the honest bytes; empty while there is no such place yet. */
  mutated: Uint8Array = new Uint8Array(0);
  private index = 0;

  constructor(
    options: ServerOptions,
    readonly level: Level,
    private readonly at: number,
    private readonly random: Random,
  ) {
    super(options);
  }

  override sendHandshake(message: Uint8Array, inTranscript = true): void {
    super.sendHandshake(this.change("message", message), inTranscript);
  }

  override sendRecord(type: number, content: Uint8Array, padding?: number): void {
    if (type === ContentType.applicationData) this.sentData.push(content);
    const changed = this.change("content", Uint8Array.of(type, ...content));
    super.sendRecord(changed[0] ?? type, changed.subarray(1), padding);
  }

  override sendRaw(bytes: Uint8Array): void {
    super.sendRaw(this.change("wire", bytes));
  }

  /** The client may answer in a way this server cannot follow; the client is what is tested. */
  override receive(bytes: Uint8Array): void {
    try {
      super.receive(bytes);
    } catch (error) {
      if (error instanceof AssertionError) throw error;
    }
  }

  private change(level: Level, bytes: Uint8Array): Uint8Array {
    if (level !== this.level || this.index++ !== this.at) return bytes;
    this.mutated =
      this.random.below(12) === 0
        ? this.random.bytes(this.random.below(200))
        : mutate(Uint8Array.from(bytes), this.random);
    return this.mutated;
  }
}

/** A peer that does not speak TLS, or only its first five bytes. */
export class NoiseServer extends ScriptedServer {
  constructor(
    options: ServerOptions,
    private readonly random: Random,
  ) {
    super(options);
  }

  override receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const { random } = this;
    const n = random.below(600);
    const header = Uint8Array.of(20 + random.below(5), 3, 3, n >> 8, n);
    const body = random.bytes(n);
    if (random.below(2) === 0) body.set([2, 0, 0, Math.max(n - 4, 0)].slice(0, n));
    this.sendRaw(random.below(3) === 0 ? body : Uint8Array.of(...header, ...body));
  }
}
