// The cable of an emulated board, as the board's network chip sees it, and what is at its end.

export { VirtualClock, wallClock, type Clock } from "./clock.ts";
export { Peer, type Forward, type PeerOptions } from "./peer.ts";
export type { Impairments } from "./wire.ts";

export interface Link {
  /** Takes a frame of the device's, without frame check sequence; the bytes are copied. */
  send(frame: Uint8Array): void;
  /**
   * Gets every frame for the device, padded to at least 60 bytes, which are the receiver's to keep.
   * It is called from the clock, never from within send().
   */
  onFrame: (frame: Uint8Array) => void;
  /** Ends all connections; nothing is delivered any more. */
  close(): void;
}
