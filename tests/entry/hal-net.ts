// Talks to the peers that tests/hal/net.test.ts has set up, found by name: "echo" and "udp" give
// back what they get, "closed" is a port where nobody listens, "silent" accepts and says nothing,
// "closing" resets. Then serves one client itself.

import * as hal from "../../assembly/device/imports";
import { ADDRESS_SIZE, bytesOf, print, resolve, say } from "./hal-app";

const PEEK: i32 = 2;
/** For what must come, in ms: the peers may be slow. */
const PATIENCE: i32 = 20000;

const address = memory.data(20, 8);
const from = memory.data(20, 8);
const buffer = memory.data(256, 8);

function send(socket: i32, text: string): i32 {
  const p = bytesOf(text);
  return hal.net_send(socket, changetype<usize>(p), p.byteLength);
}

function text(n: i32): string {
  return n < 0 ? "error " + n.toString() : String.UTF8.decodeUnsafe(buffer, n);
}

function connectTo(name: string, timeout: i32): i32 {
  resolve(name, 1, address);
  const socket = hal.net_socket(load<u16>(address) == 4 ? 2 : 10, 1);
  hal.net_settimeout(socket, timeout);
  const e = hal.net_connect(socket, address);
  if (e < 0) hal.net_close(socket);
  return e < 0 ? e : socket;
}

function stream(): void {
  say("addresses", resolve("echo", 1, address));
  const socket = connectTo("echo", -1);
  say("sent", send(socket, "over tcp"));
  say("peeked", hal.net_recv(socket, buffer, 4, PEEK));
  print(text(hal.net_recv(socket, buffer, 256, 0)));
  hal.net_settimeout(socket, 0);
  say("would block", hal.net_recv(socket, buffer, 256, 0));
  hal.net_settimeout(socket, 50);
  say("timed out", hal.net_recv(socket, buffer, 256, 0));
  say("no delay", hal.net_setsockopt(socket, 6, 1, 1));
  say("odd option", hal.net_setsockopt(socket, 6, 99, 1));
  say("odd flag", hal.net_recv(socket, buffer, 256, 64));
  say("close", hal.net_close(socket));
  say("closed", send(socket, "x"));
}

function failures(): void {
  say("refused", connectTo("closed", PATIENCE));
  const silent = connectTo("silent", PATIENCE);
  hal.net_settimeout(silent, 30);
  say("silent", hal.net_recv(silent, buffer, 256, 0));
  const closing = connectTo("closing", PATIENCE);
  say("end", hal.net_recv(closing, buffer, 256, 0));
  hal.clock_sleep_ms(20);
  let e = 0;
  for (let i = 0; i < PATIENCE / 5 && e >= 0; i++) {
    e = send(closing, "into the void");
    hal.clock_sleep_ms(5);
  }
  say("write after the end", e);
  say("no such name", resolve("no.such.name.invalid", 1, address));
  say("port", resolve("127.0.0.1", 65536, address));
  say("family", hal.net_socket(1, 1));
  say("type", hal.net_socket(2, 3));
  store<u16>(address, 5);
  say("bad version", hal.net_connect(silent, address));
}

function datagrams(): void {
  resolve("udp", 1, address);
  const socket = hal.net_socket(2, 2);
  hal.net_settimeout(socket, PATIENCE);
  const p = bytesOf("over udp");
  say("sent to", hal.net_sendto(socket, changetype<usize>(p), p.byteLength, address));
  say("peeked", hal.net_recvfrom(socket, buffer, 4, PEEK, from));
  print(text(hal.net_recvfrom(socket, buffer, 256, 0, from)));
  say("same peer", memory.compare(from, address, ADDRESS_SIZE));
  hal.net_settimeout(socket, 30);
  say("timed out", hal.net_recvfrom(socket, buffer, 256, 0, from));
  say("connect", hal.net_connect(socket, address));
  say("sent", send(socket, "again"));
  hal.net_settimeout(socket, PATIENCE);
  print(text(hal.net_recv(socket, buffer, 256, 0)));
  hal.net_close(socket);
}

/** A server and its client in one app; `host` says which version of IP. */
function serve(host: string, port: i32): void {
  resolve(host, port, address);
  const family = load<u16>(address) == 4 ? 2 : 10;
  const server = hal.net_socket(family, 1);
  say("reuse", hal.net_setsockopt(server, 1, 2, 1));
  say("bind", hal.net_bind(server, address));
  say("listen", hal.net_listen(server, 1));
  hal.net_settimeout(server, 20);
  say("nobody", hal.net_accept(server, from));
  const client = hal.net_socket(family, 1);
  hal.net_settimeout(client, 0);
  const e = hal.net_connect(client, address);
  say("in progress", e == 0 || e == -115 ? 1 : 0);
  hal.net_settimeout(server, PATIENCE);
  const accepted = hal.net_accept(server, from);
  say("version", load<u16>(from));
  hal.net_settimeout(client, PATIENCE);
  say("connected", hal.net_connect(client, address));
  send(client, "hello");
  print(text(hal.net_recv(accepted, buffer, 256, 0)));
  const second = hal.net_socket(family, 1);
  say("in use", hal.net_bind(second, address));
  hal.net_close(second);
  hal.net_close(client);
  say("end", hal.net_recv(accepted, buffer, 256, 0));
  hal.net_close(accepted);
  hal.net_close(server);
}

function fillTable(): void {
  let last = 0;
  let opened = 0;
  while (opened < 20) {
    last = hal.net_socket(2, 2);
    if (last < 0) break;
    opened++;
  }
  say("open at once", opened);
  say("one more", last);
}

stream();
failures();
datagrams();
resolve("serve4", 1, address);
serve("127.0.0.1", load<u16>(address, 2));
resolve("serve6", 1, address);
if (load<u16>(address) == 6) serve("::1", load<u16>(address, 2));
fillTable();
