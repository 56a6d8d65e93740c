// TCP and UDP in both directions, names and the time, as they are asked for (remote.ts). Byte
// number i of all data is 7 i modulo 251.

import * as ntptime from "ntptime";
import * as socket from "socket";
import * as time from "time";
import { connected, last, number, obeyAll } from "./remote";

const SECONDS: i32 = 60;
const PIECE: i32 = 700;
const piece = new Uint8Array(PIECE);
const wanted = new Uint8Array(PIECE);

function pattern(out: Uint8Array, at: i32, n: i32): void {
  for (let i: i32 = 0; i < n; i++) out[i] = <u8>((7 * (at + i)) % 251);
}

/** Reads a stream to its end. */
function pull(host: string, port: i32): string {
  const sock = connected(host, port, SECONDS);
  if (sock == null) return last();
  let length: i32 = 0;
  let n = sock.recv_into(piece);
  for (; n > 0; n = sock.recv_into(piece)) {
    pattern(wanted, length, n);
    if (memory.compare(piece.dataStart, wanted.dataStart, n) != 0) return "changed";
    length += n;
  }
  const end = n < 0 ? last() : length.toString() + " unchanged";
  sock.close();
  return end;
}

function push(host: string, port: i32, size: i32): string {
  const sock = connected(host, port, SECONDS);
  if (sock == null) return last();
  for (let at: i32 = 0; at < size; at += PIECE) {
    const n = min(PIECE, size - at);
    pattern(piece, at, n);
    if (!sock.sendall(piece.subarray(0, n))) return last();
  }
  return sock.close() ? "sent" : last();
}

let listener: socket.socket = new socket.socket();

function listen(port: i32): string {
  if (!listener.bind(socket.getaddrinfo("0.0.0.0", port)![0].addr)) return last();
  return listener.listen(2) ? "listening" : last();
}

/** Takes one connection after the other and sends back what comes in, until one says nothing. */
function serve(): string {
  listener.settimeout(SECONDS);
  let served: i32 = 0;
  while (true) {
    const accepted = listener.accept();
    if (accepted == null) return last();
    const length = echo(accepted.conn);
    if (length < 0) return last();
    if (length == 0) break;
    served++;
  }
  listener.close();
  return served.toString() + " served";
}

function echo(conn: socket.socket): i32 {
  conn.settimeout(SECONDS);
  let length: i32 = 0;
  let n = conn.recv_into(piece);
  for (; n > 0; n = conn.recv_into(piece)) {
    if (!conn.sendall(piece.subarray(0, n))) return -1;
    length += n;
  }
  conn.close();
  return n < 0 ? n : length;
}

/** Sends datagrams until each has come back; how many were needed. */
function datagrams(host: string, port: i32, count: i32): string {
  const to = socket.getaddrinfo(host, port)![0].addr;
  const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.settimeout(0.1);
  let sent: i32 = 0;
  for (let i: i32 = 0; i < count && sent < 10 * count; ) {
    pattern(piece, i, PIECE);
    if (sock.sendto(piece, to) != PIECE) return last();
    sent++;
    while (true) {
      const back = sock.recvfrom(PIECE);
      if (back == null) break;
      if (!back.addr.equals(to)) return "from " + back.addr.toString();
      if (memory.compare(back.data.dataStart, piece.dataStart, PIECE) != 0) continue;
      i++;
      break;
    }
  }
  sock.close();
  return count.toString() + " of " + (sent < 10 * count ? "" : "less than ") + sent.toString();
}

let echoer: socket.socket = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);

function bind(port: i32): string {
  return echoer.bind(socket.getaddrinfo("0.0.0.0", port)![0].addr) ? "bound" : last();
}

/** Waits for a datagram, sends it back. */
function answer(): string {
  echoer.settimeout(SECONDS);
  const first = echoer.recvfrom(PIECE);
  if (first == null) return last();
  echoer.sendto(first.data, first.addr);
  return first.addr.host + " " + first.data.length.toString();
}

function lookUp(name: string): string {
  const found = socket.getaddrinfo(name, 80);
  if (found == null) return last();
  let text = "";
  for (let i = 0; i < found.length; i++) text += (i > 0 ? " " : "") + found[i].addr.host;
  return text;
}

function setTime(): string {
  return ntptime.settime() ? time.time().toString() : last();
}

obeyAll((words) => {
  const what = words[0];
  if (what == "look") return lookUp(words[1]);
  if (what == "settime") return setTime();
  if (what == "serve") return serve();
  if (what == "answer") return answer();
  const port = number(words[1]);
  if (what == "pull") return pull("control", port);
  if (what == "push") return push("control", port, number(words[2]));
  if (what == "listen") return listen(port);
  if (what == "datagrams") return datagrams("control", port, number(words[2]));
  if (what == "bind") return bind(port);
  return "what?";
});
