// One direction of the cable, and what may happen to frames on it. The same seed, frames and times
// give the same accidents.
//
// A damaged frame has one bit of its IPv4 packet flipped: a checksum always notices that, while two
// bits may cancel out, and ARP or the Ethernet header have no checksum that would notice.

import type { Cancel, Clock } from "./clock.ts";
import { TYPE_IPV4 } from "./ethernet.ts";
import type { Random } from "./random.ts";

/** Probabilities from 0 to 1, for each frame; the delay is that of every frame. */
export interface Impairments {
  loss?: number;
  duplicate?: number;
  /** A frame is held back for up to 20 ms, so that later ones overtake it. */
  reorder?: number;
  corrupt?: number;
  delayMs?: number;
}

const HELD_MS = 20;
const QUEUE_LIMIT = 4096; // frames on the way: beyond, a cable as slow as that would lose them
const HEADER = 14;

interface Travelling {
  due: number;
  frame: Buffer;
}

export class Wire {
  private readonly travelling: Travelling[] = []; // by due time
  private wait: Cancel | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly deliver: (frame: Buffer) => void,
    public impairments: Impairments,
  ) {}

  /** Takes a frame, which must not change any more; it arrives later, never within this call. */
  send(frame: Buffer): void {
    const { loss = 0, duplicate = 0, reorder = 0, corrupt = 0, delayMs = 0 } = this.impairments;
    if (this.random.chance(loss)) return;
    const copies = this.random.chance(duplicate) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const held = this.random.chance(reorder) ? 1 + this.random.below(HELD_MS) : 0;
      const damaged = this.random.chance(corrupt);
      this.enqueue(delayMs + held, damaged ? this.damage(frame) : frame);
    }
  }

  close(): void {
    this.travelling.length = 0;
    this.wait?.();
    this.wait = null;
  }

  private enqueue(milliseconds: number, frame: Buffer): void {
    if (this.travelling.length >= QUEUE_LIMIT) return;
    const due = this.clock.now() + milliseconds;
    const later = this.travelling.findIndex((other) => other.due > due);
    this.travelling.splice(later < 0 ? this.travelling.length : later, 0, { due, frame });
    if (this.travelling[0]!.frame === frame || this.wait === null) this.schedule();
  }

  private schedule(): void {
    this.wait?.();
    this.wait = null;
    const next = this.travelling[0];
    if (next) this.wait = this.clock.after(next.due - this.clock.now(), () => this.arrive());
  }

  /** Delivers what is due; what is sent meanwhile waits for its own turn. */
  private arrive(): void {
    this.wait = null;
    const now = this.clock.now();
    const waiting = this.travelling.findIndex((frame) => frame.due > now);
    const due = this.travelling.splice(0, waiting < 0 ? this.travelling.length : waiting);
    for (const { frame } of due) this.deliver(frame);
    this.schedule();
  }

  private damage(frame: Buffer): Buffer {
    if (frame.length <= HEADER || frame.readUInt16BE(12) !== TYPE_IPV4) return frame;
    const damaged = Buffer.from(frame);
    const bit = this.random.below((frame.length - HEADER) * 8);
    damaged[HEADER + (bit >> 3)]! ^= 1 << (bit & 7);
    return damaged;
  }
}
