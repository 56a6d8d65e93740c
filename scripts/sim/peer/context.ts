// What the protocols of the peer share: time, chance, the host behind them, and the way down.

import type { Clock } from "./clock.ts";
import type { Host } from "./host.ts";
import type { Ipv4Packet, ReceivedPacket } from "./ipv4.ts";
import type { Random } from "./random.ts";

export interface Context {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: Host;
  /** The host's address that answers for one of the device's world; null if none may. */
  route(destination: number): string | null;
  send(packet: Ipv4Packet): void;
  /** Tells the device that its packet could not be delivered: an ICMP code. */
  refuse(packet: ReceivedPacket, code: number): void;
  /** Counts something that was not understood or not allowed. */
  drop(reason: string): void;
}
