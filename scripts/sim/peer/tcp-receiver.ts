// The receiving half of a TCP connection: what is expected next, how much may come, and segments
// that came too early. Those are kept without overlap, so that they never hold more than a window.

import { advance, distance, FIN, lengthOf, type Segment } from "./tcp-segment.ts";

/** The most that may wait for the host to take it: a window without scaling. */
const CAPACITY = 65535;

interface Piece {
  sequence: number;
  data: Buffer;
}

export class Receiver {
  /** The next sequence number expected, FIN included. */
  next: number;
  /** The device has sent FIN, and everything before it has come. */
  finished = false;

  private edge: number; // the end of the window; it never goes back
  private early: Piece[] = []; // by sequence number
  private fin: number | null = null; // its sequence number

  /** `first` is the sequence number after the device's SYN. */
  constructor(first: number) {
    this.next = first;
    this.edge = advance(first, CAPACITY);
  }

  get window(): number {
    return distance(this.next, this.edge);
  }

  /** Opens the window as far as the host's `unread` bytes allow; gives by how much. */
  open(unread: number): number {
    const edge = advance(this.next, Math.max(0, CAPACITY - unread));
    const growth = distance(this.edge, edge);
    if (growth > 0) this.edge = edge;
    return Math.max(0, growth);
  }

  /** Whether any of the segment is in the window: RFC 9293, 3.10.7.4, table 6. */
  isAcceptable(segment: Segment): boolean {
    const start = distance(this.next, segment.sequence);
    const length = lengthOf(segment);
    if (length === 0) return start === 0 || (start > 0 && start < this.window);
    const end = start + length;
    return end > 0 && start < this.window;
  }

  /** Takes the segment's data; gives what is now in order. */
  accept(segment: Segment): Buffer[] {
    const { payload, sequence } = segment;
    if (segment.flags & FIN) this.acceptFin(advance(sequence, payload.length));
    const before = Math.max(0, -distance(this.next, sequence));
    const first = advance(sequence, before);
    const room = Math.max(0, distance(first, this.fin ?? this.edge));
    const data = payload.subarray(before, before + room);
    if (data.length > 0) this.keep({ sequence: first, data });
    return this.inOrder();
  }

  /** The first FIN counts, if all before it fits into the window and nothing came behind it. */
  private acceptFin(sequence: number): void {
    const fits = distance(sequence, this.edge) >= 0 && distance(this.next, sequence) >= 0;
    const last = this.early.at(-1);
    const behind = last ? distance(sequence, last.sequence) + last.data.length : 0;
    if (fits && behind <= 0 && this.fin === null) this.fin = sequence;
  }

  /** Keeps those parts of the piece that are not there already. */
  private keep(piece: Piece): void {
    let { sequence, data } = piece;
    const kept: Piece[] = [];
    for (const old of this.early) {
      const gap = Math.max(0, distance(sequence, old.sequence));
      if (data.length > 0 && gap > 0) kept.push({ sequence, data: data.subarray(0, gap) });
      kept.push(old);
      const covered = distance(sequence, advance(old.sequence, old.data.length));
      const skip = Math.min(data.length, Math.max(0, covered));
      sequence = advance(sequence, skip);
      data = data.subarray(skip);
    }
    if (data.length > 0) kept.push({ sequence, data });
    this.early = kept;
  }

  private inOrder(): Buffer[] {
    const ready: Buffer[] = [];
    while (this.early[0]?.sequence === this.next) {
      const { data } = this.early.shift()!;
      ready.push(data);
      this.next = advance(this.next, data.length);
    }
    if (this.fin === this.next && !this.finished) {
      this.finished = true;
      this.next = advance(this.next, 1);
      this.edge = advance(this.edge, 1);
    }
    return ready;
  }
}
