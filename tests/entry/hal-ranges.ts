// Gives every call that takes a byte range or an address one that is not inside the memory, in
// each way there is, and says which call did not refuse; then calls everything with odd numbers,
// to find what crashes.

import * as hal from "../../assembly/device/imports";
import { BAD_RANGE, print, say } from "./hal-app";

const ok = changetype<usize>(new ArrayBuffer(64));
const size: u32 = <u32>memory.size() << 16;

let refused = 0;

function expect(name: string, result: i32): void {
  if (result == BAD_RANGE) refused++;
  else print(`${name} took a bad range: ${result}`);
}

function files(p: usize, n: i32): void {
  expect("fs_open", hal.fs_open(p, n, 1));
  expect("fs_read", hal.fs_read(1, p, n));
  expect("fs_write", hal.fs_write(1, p, n));
  expect("fs_remove", hal.fs_remove(p, n));
  expect("fs_list path", hal.fs_list(p, n, 0, ok, 8));
  expect("fs_list", hal.fs_list(ok, 0, 0, p, n));
}

function sockets(p: usize, n: i32): void {
  expect("net_getaddrinfo host", hal.net_getaddrinfo(p, n, 80, ok, 20));
  expect("net_getaddrinfo", hal.net_getaddrinfo(ok, 0, 80, p, n));
  expect("net_send", hal.net_send(1, p, n));
  expect("net_recv", hal.net_recv(1, p, n, 0));
  store<u16>(ok, 4);
  expect("net_sendto", hal.net_sendto(1, p, n, ok));
  expect("net_recvfrom", hal.net_recvfrom(1, p, n, 0, ok));
}

/** An address is 20 bytes: p is less than 20 below the end. */
function addresses(p: usize): void {
  expect("net_connect", hal.net_connect(1, p));
  expect("net_bind", hal.net_bind(1, p));
  expect("net_accept", hal.net_accept(1, p));
  expect("net_sendto address", hal.net_sendto(1, ok, 1, p));
  expect("net_recvfrom address", hal.net_recvfrom(1, ok, 1, 0, p));
}

function tls(p: usize, n: i32): void {
  expect("random_fill", hal.random_fill(p, n));
  expect("context_load_verify_data", hal.context_load_verify_data(1, p, n));
  expect("context_load_verify_file", hal.context_load_verify_file(1, p, n));
  expect("context_ciphers", hal.context_ciphers(1, p, n));
  expect("context_set_ciphers", hal.context_set_ciphers(1, p, n));
  expect("connection_new", hal.connection_new(1, 0, p, n));
  expect("connection_receive", hal.connection_receive(1, p, n));
  expect("connection_take", hal.connection_take(1, p, n));
  expect("connection_read", hal.connection_read(1, p, n));
  expect("connection_write", hal.connection_write(1, p, n));
  expect("connection_text", hal.connection_text(1, 0, p, n));
  expect("error_text", hal.error_text(-1, p, n));
}

function everything(p: u32, n: u32): void {
  files(p, n);
  sockets(p, n);
  tls(p, n);
}

everything(0xffffffff, 1);
everything(0xffffffff, 0xffffffff);
everything(0, 0xffffffff);
everything(size, 1);
everything(size - 1, 2);
everything(size + 1, 0);
everything(0x80000000, 0x80000000);
everything(0xfffffff0, 0x20); // the sum wraps to 0x10
everything(16, 0xfffffff0); // the sum is 0
addresses(size - 19);
addresses(size);
addresses(0xffffffff);
addresses(0xfffffff0);
say("refused", refused);

/**
 * Numbers at which arithmetic goes wrong. No family, type or descriptor among them makes a socket,
 * so nothing blocks.
 */
const odd: i32[] = [0, 1, -1, i32.MAX_VALUE, i32.MIN_VALUE, <i32>size - 4, 0x10000, 65];

function call(a: i32, b: i32, c: i32, d: i32): void {
  hal.clock_set((<i64>a << 32) | b);
  hal.fs_open(a, b, c);
  hal.fs_read(a, b, c);
  hal.fs_write(a, b, c);
  hal.fs_seek(a, b, c);
  hal.fs_close(a);
  hal.fs_remove(a, b);
  hal.fs_list(a, b, c, d, 16);
  hal.net_getaddrinfo(a, b, c, d, 20);
  hal.net_socket(a, b);
  hal.net_connect(a, b);
  hal.net_bind(a, b);
  hal.net_listen(a, b);
  hal.net_accept(a, b);
  hal.net_send(a, b, c);
  hal.net_recv(a, b, c, d);
  hal.net_sendto(a, b, c, d);
  hal.net_recvfrom(a, b, c, d, 64);
  hal.net_setsockopt(a, b, c, d);
  hal.net_settimeout(a, b);
  hal.net_close(a);
}

for (let a = 0; a < odd.length; a++) {
  for (let b = 0; b < odd.length; b++) {
    for (let c = 0; c < odd.length; c++) {
      for (let d = 0; d < odd.length; d++) call(odd[a], odd[b], odd[c], odd[d]);
    }
  }
}
print("done");
