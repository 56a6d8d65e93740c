// A stand-in for ssl.wasm, to test the bridge with: the same exports, no cryptography. Ciphertext
// is plaintext with every bit turned over. The protocol number chooses what goes wrong, so that an
// app can ask for it.
//
// Every allocation grows the memory by a page, which moves it: a bridge that kept a pointer across
// a call would be caught.

// @ts-ignore: decorator
@external("hal", "random_fill")
declare function random_fill(p: usize, n: i32): i32;

// @ts-ignore: decorator
@external("hal", "clock_time")
declare function clock_time(): i64;

/** Protocol numbers that are faults. */
namespace Fault {
  export const TRAP: i32 = 100;
  export const INBOX_OUTSIDE: i32 = 101;
  export const PLAINTEXT_OUTSIDE: i32 = 102;
  export const OUT_OF_MEMORY: i32 = 103;
  export const BLOCK_OUTSIDE: i32 = 104;
  export const RANDOM_OUTSIDE: i32 = 105;
  export const ENTROPY: i32 = 106;
  export const TRAP_HERE: i32 = 107;
  export const TRAP_BELOW: i32 = 108;
}

const EAGAIN: i32 = -11;
const ROOM: i32 = 16; // small, so that the bridge has to loop
const OUTSIDE: i32 = 0x7ffffff0;
const HANDLE: i32 = 0x101;

const inbox = memory.data(ROOM);
const plain = memory.data(1024);
const outbox = memory.data(1024);
const record = memory.data(64);
const name = memory.data(64);

let fault: i32 = 0;
let plainSize: i32 = 0;
let outSize: i32 = 0;
let nameSize: i32 = 0;
let received: i32 = 0;
let blocks: i32 = 0;
let ended: bool = false;

function trapDeeper(): void {
  unreachable();
}

export function alloc(n: i32): i32 {
  if (fault == Fault.OUT_OF_MEMORY) return 0;
  if (fault == Fault.BLOCK_OUTSIDE) return -16;
  blocks++;
  const pages = memory.grow(((n + 0xffff) >>> 16) + 1);
  return pages << 16;
}

export function release(p: i32): void {
  blocks--;
}

export function context_new(protocol: i32): i32 {
  fault = protocol;
  if (protocol == Fault.TRAP_HERE) store<u8>(<usize>0xfffffff0, 1);
  if (protocol == Fault.TRAP_BELOW) trapDeeper();
  if (protocol == Fault.RANDOM_OUTSIDE) return random_fill(0xfffffff0, 0x20);
  if (protocol == Fault.ENTROPY) return random_fill(record, 64);
  return clock_time() < 0 ? 2 : 1;
}

export function context_free(c: i32): i32 {
  return blocks;
}

export function context_set_verify_mode(c: i32, mode: i32): i32 {
  return mode;
}

/** The sum of the bytes: says that all of them arrived. */
export function context_load_verify(c: i32, p: usize, n: i32): i32 {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += load<u8>(p + i);
  return sum;
}

export function context_ciphers(c: i32, p: usize, capacity: i32): i32 {
  for (let i = 0; i < min(capacity, 26); i++) store<u8>(p + i, 0x61 + i);
  return min(capacity, 26);
}

export function context_set_ciphers(c: i32, p: usize, n: i32): i32 {
  return n == 0 ? -1033 : 0;
}

export function context_receive_buffer(c: i32): i32 {
  return 16384;
}

export function context_set_receive_buffer(c: i32, bytes: i32): i32 {
  return 0;
}

export function connection_new(c: i32, serverSide: i32, p: usize, n: i32): i32 {
  nameSize = min(n, 64);
  memory.copy(name, p, nameSize);
  return HANDLE;
}

export function connection_free(h: i32): i32 {
  return h == HANDLE ? 0 : -1025;
}

export function connection_wants(h: i32): i32 {
  if (fault == Fault.TRAP) trapDeeper();
  return 1 | (outSize > 0 ? 2 : 0) | (received > 0 ? 4 : 0) | (ended ? 8 : 0);
}

export function connection_receive_at(h: i32): i32 {
  const acrossTheEnd = (memory.size() << 16) - ROOM + 1;
  return fault == Fault.INBOX_OUTSIDE ? acrossTheEnd : <i32>inbox;
}

export function connection_receive_room(h: i32): i32 {
  return min(ROOM, 1024 - plainSize);
}

export function connection_receive(h: i32, n: i32): i32 {
  for (let i = 0; i < n; i++) store<u8>(plain + plainSize + i, ~load<u8>(inbox + i));
  plainSize += n;
  received += n;
  return n;
}

export function connection_receive_end(h: i32): i32 {
  ended = true;
  return 0;
}

export function connection_take_at(h: i32): i32 {
  return <i32>outbox;
}

/** Only a part, so that the bridge has to loop. */
export function connection_take_size(h: i32): i32 {
  return min(outSize, ROOM);
}

export function connection_taken(h: i32, n: i32): i32 {
  outSize -= n;
  memory.copy(outbox, outbox + n, outSize);
  return 0;
}

export function connection_read_at(h: i32): i32 {
  return fault == Fault.PLAINTEXT_OUTSIDE ? OUTSIDE : <i32>plain;
}

export function connection_read_size(h: i32): i32 {
  return plainSize > 0 ? plainSize : ended ? 0 : EAGAIN;
}

export function connection_consumed(h: i32, n: i32): i32 {
  plainSize -= n;
  memory.copy(plain, plain + n, plainSize);
  return 0;
}

export function connection_write_at(h: i32): i32 {
  return <i32>record;
}

export function connection_write_room(h: i32): i32 {
  return received == 0 ? EAGAIN : 64;
}

export function connection_written(h: i32, n: i32): i32 {
  for (let i = 0; i < n; i++) store<u8>(outbox + outSize + i, ~load<u8>(record + i));
  outSize += n;
  return n;
}

export function connection_pending(h: i32): i32 {
  return plainSize;
}

export function connection_close(h: i32): i32 {
  ended = true;
  return 0;
}

/** The server name, whatever is asked for. */
export function connection_text(h: i32, what: i32, p: usize, capacity: i32): i32 {
  memory.copy(p, name, min(nameSize, capacity));
  return min(nameSize, capacity);
}

export function connection_number(h: i32, what: i32): i32 {
  return what == 0 ? received : 1000 + what;
}

export function error_number(e: i32): i32 {
  return -e;
}

export function error_text(e: i32, p: usize, capacity: i32): i32 {
  return 0;
}

export function error_alert(e: i32): i32 {
  return -1;
}

export function memory_end(): i32 {
  return 4321;
}

export function receive_buffer_default(bytes: i32): i32 {
  return 0;
}

export function memory_limit(bytes: i32): i32 {
  return 0;
}

export function memory_peak(): i32 {
  return 321;
}

export function scratch_peak(): i32 {
  return 21;
}
