// MicroPython's `ntptime`: sets the clock from the network (SNTP, RFC 5905).
//
// A certificate's dates are judged by this clock, and SNTP is not authenticated, so an answer
// counts only when it is one to this very request: it must come from the address that was asked and
// echo 64 random bits that only somebody on the path has seen (draft-ietf-ntp-data-minimization:
// the request says nothing else). Whatever does not is ignored until the time is over, so that a
// forged answer does not win by being first.

import * as hal from "imports";
import { EIO, ETIMEDOUT } from "errno";
import { checked, fail, lastFailure, succeeded } from "oserror";
import { Address, getaddrinfo, SOCK_DGRAM, socket } from "socket";
import { ticks_diff, ticks_ms } from "time";

/** The server that is asked, and how many seconds its answer may take. */
export let host: string = "pool.ntp.org";
export let timeout: i32 = 1;

const PORT: i32 = 123;

/** RFC 5905, 7.3: positions in a packet of 48 bytes, all numbers big-endian. */
const PACKET_SIZE: i32 = 48;
const STRATUM: usize = 1;
const ORIGIN: usize = 24;
const TRANSMIT: usize = 40;

const VERSION: u32 = 4;
const MODE_CLIENT: u32 = 3;
const MODE_SERVER: u32 = 4;
const LEAP_UNSYNCHRONIZED: u32 = 3;
const MAX_STRATUM: u32 = 15;

/** Seconds from 1900, where NTP counts from, to 1970. */
const UNIX_EPOCH: u32 = 2208988800;

/** Below this (2024-01-01) the 32-bit count has wrapped, which it does on 2036-02-07. */
const FIRST_PLAUSIBLE: u32 = 3913056000;

/** Seconds since 1970-01-01 UTC from the server, -1 where no valid answer came in time. */
export function time(): i64 {
  const found = getaddrinfo(host, PORT, 0, SOCK_DGRAM);
  if (found == null) return -1;
  if (found.length == 0) return fail(-EIO);
  const server = found[0].addr;
  const sock = new socket(server.family, SOCK_DGRAM);
  const seconds = ask(sock, server);
  const reason = lastFailure();
  sock.close();
  return seconds < 0 ? fail(reason) : seconds;
}

/** Sets the device's clock; false where no valid answer came in time. */
export function settime(): bool {
  const seconds = time();
  return seconds >= 0 && succeeded(hal.clock_set(seconds));
}

function ask(sock: socket, server: Address): i64 {
  const request = new Uint8Array(PACKET_SIZE);
  const at = request.dataStart;
  store<u8>(at, (VERSION << 3) | MODE_CLIENT);
  if (checked(hal.random_fill(at + TRANSMIT, 8)) < 0) return -1;
  if (sock.sendto(request, server) < 0) return -1;
  const start = ticks_ms();
  while (true) {
    const left = timeout * 1000 - ticks_diff(ticks_ms(), start);
    if (left <= 0) return fail(-ETIMEDOUT);
    sock.settimeout(<f64>left / 1000);
    const answer = sock.recvfrom(PACKET_SIZE);
    if (answer == null) return -1;
    if (answer.addr.equals(server) && isAnswer(answer.data, request)) {
      return unixSeconds(bigEndian(answer.data.dataStart + TRANSMIT));
    }
  }
}

/** RFC 5905, 8 and RFC 4330, 5: a synchronized server's answer to this request. */
function isAnswer(answer: Uint8Array, request: Uint8Array): bool {
  if (answer.length < PACKET_SIZE) return false;
  const at = answer.dataStart;
  const first: u32 = load<u8>(at);
  const stratum: u32 = load<u8>(at + STRATUM);
  if ((first & 7) != MODE_SERVER || ((first >> 3) & 7) != VERSION) return false;
  if (first >> 6 == LEAP_UNSYNCHRONIZED || stratum == 0 || stratum > MAX_STRATUM) return false;
  if (memory.compare(at + ORIGIN, request.dataStart + TRANSMIT, 8) != 0) return false;
  return bigEndian(at + TRANSMIT) != 0;
}

function unixSeconds(ntp: u32): i64 {
  const era: i64 = ntp < FIRST_PLAUSIBLE ? <i64>1 << 32 : 0;
  return era + <i64>ntp - UNIX_EPOCH;
}

function bigEndian(p: usize): u32 {
  let value: u32 = 0;
  for (let i = 0; i < 4; i++) value = (value << 8) | load<u8>(p + i);
  return value;
}
