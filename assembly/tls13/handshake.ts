// What a handshake needs and a connection does not: the randomness, our hello, the transcript, the
// secrets. One owner, one end: free() wipes it all.
//
// The pool is all randomness that a handshake may use. Whoever makes the connection fills it, so
// that a test can repeat a handshake exactly:
//
//   | random 32 | session id 32 | X25519 scalar 32 | P-256 scalar 32 | P-256, second try 32 |

import * as heap from "../base/heap";
import { FIRST_GROUP, MAX_PUBLIC_KEY, SCALAR_SIZE } from "../tls/groups";
import { ClientHello } from "../tls/hello";
import { MAX_SESSION_ID, RANDOM_SIZE } from "../tls/numbers";
import { Transcript } from "../tls/transcript";
import { Schedule } from "./schedule";

const SESSION_ID: i32 = RANDOM_SIZE;
const FIRST_SCALAR: i32 = SESSION_ID + MAX_SESSION_ID;

export const POOL_SIZE: i32 = FIRST_SCALAR + 3 * SCALAR_SIZE;

// @ts-ignore: decorator
@unmanaged
export class Handshake {
  hello: ClientHello = changetype<ClientHello>(0);
  transcript: Transcript = changetype<Transcript>(0);
  schedule: Schedule = changetype<Schedule>(0);
  /** The private key of our key share, inside the pool. */
  scalar: usize = 0;
  /** The name to check, in our own copy. */
  name: usize = 0;
  nameLength: i32 = 0;

  /** For a server of that name, or null where the memory is used up. */
  static create(name: usize, n: i32): Handshake | null {
    const p = heap.allocate(FIELDS + POOL_SIZE + MAX_PUBLIC_KEY + n);
    if (p == 0) return null;
    const handshake = changetype<Handshake>(p);
    const hello = heap.create<ClientHello>();
    const transcript = Transcript.create();
    const schedule = Schedule.create();
    if (hello !== null) handshake.hello = hello;
    if (transcript !== null) handshake.transcript = transcript;
    if (schedule !== null) handshake.schedule = schedule;
    if (hello === null || transcript === null || schedule === null) {
      handshake.free();
      return null;
    }
    handshake.name = p + FIELDS + POOL_SIZE + MAX_PUBLIC_KEY;
    handshake.nameLength = n;
    memory.copy(handshake.name, name, n);
    handshake.prepareHello();
    return handshake;
  }

  free(): void {
    heap.release(changetype<usize>(this.hello));
    heap.release(changetype<usize>(this.transcript));
    heap.release(changetype<usize>(this.schedule));
    heap.release(changetype<usize>(this));
  }

  /** POOL_SIZE random bytes, to be filled before the handshake begins. */
  get pool(): usize {
    return changetype<usize>(this) + FIELDS;
  }

  private prepareHello(): void {
    const hello = this.hello;
    hello.random = this.pool;
    hello.sessionId = this.pool + SESSION_ID;
    hello.sessionIdLength = MAX_SESSION_ID;
    hello.share = this.pool + POOL_SIZE;
    hello.group = FIRST_GROUP;
    hello.name = this.name;
    hello.nameLength = serverNameLength(this.name, this.nameLength);
  }

  /**
   * The private scalar for a group; `attempt` 1 where the first was out of P-256's range, which
   * happens once in 2^32.
   */
  scalarFor(group: i32, attempt: i32): usize {
    const index = group == FIRST_GROUP ? 0 : 1 + attempt;
    return this.pool + FIRST_SCALAR + SCALAR_SIZE * index;
  }
}

const FIELDS: i32 = (offsetof<Handshake>() + 7) & ~7;

/**
 * How much of the name goes into server_name: nothing of an IP address (RFC 6066, 3), and not the
 * dot that ends an absolute name.
 */
function serverNameLength(name: usize, n: i32): i32 {
  if (n == 0) return 0;
  let onlyDigits = true;
  for (let i = 0; i < n; i++) {
    const c = load<u8>(name + i);
    if (c == 0x3a) return 0; // a colon: IPv6
    if ((c < 0x30 || c > 0x39) && c != 0x2e) onlyDigits = false;
  }
  if (onlyDigits) return 0;
  return load<u8>(name + n - 1) == 0x2e ? n - 1 : n;
}
