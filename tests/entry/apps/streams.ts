// The stream methods over TCP and over TLS: the same lines must come out of both. The server
// (tests/device/plain-server.ts) does what each line of text asks for.

import * as socket from "socket";
import * as ssl from "ssl";
import { SocketStream } from "socketstream";
import { sleep_ms } from "time";

const BIG: i32 = 100000;

function last(): string {
  return OSError.last().toString();
}

function connected(): socket.socket {
  const sock = new socket.socket();
  if (!sock.connect(socket.getaddrinfo("server", 1)![0].addr)) print("connect: " + last());
  sock.settimeout(20);
  return sock;
}

function reading(s: SocketStream): void {
  s.write("pieces\n"); // "abc", then "def", then "ghi\nxyz"
  print(s.read(5)!);
  print(s.readline()!.length);
  const three = new Uint8Array(3);
  print(s.readinto(three));
  print(three);
  s.write("say hello\n");
  print(s.recv(3)!);
  print(s.recv(100)!);
  print(s.read(0)!.length);
  print(s.recv(0)!.length);
  print(s.write(new Uint8Array(0)));
  print(s.send(new Uint8Array(0)));
}

function timeouts(s: SocketStream): void {
  s.settimeout(0.03);
  print(s.recv(1) == null ? last() : "received");
  s.write("say half\n");
  print(s.read(100) == null ? last() : "received");
  s.write("say more\n");
  print(s.readline(100) == null ? last() : "received");
  s.settimeout(20);
  print(s.read(8)!);
}

/** What is there, asked for until something is. */
function some(s: SocketStream): Uint8Array {
  while (true) {
    const got = s.read(100);
    if (got != null) return got;
    sleep_ms(1);
  }
}

function nonblocking(s: SocketStream): void {
  s.setblocking(false);
  print(s.recv(1) == null ? last() : "received");
  print(s.readline() == null ? last() : "received");
  while (s.write("say part\n") < 0) sleep_ms(1);
  let part = str(some(s));
  print(part.length <= 4);
  while (part.length < 4) part += str(some(s));
  print(part);
  s.settimeout(20);
}

function pattern(): Uint8Array {
  const data = new Uint8Array(BIG);
  for (let i = 0; i < BIG; i++) data[i] = <u8>((i * 7) >> 3);
  return data;
}

function bulk(s: SocketStream): void {
  const data = pattern();
  s.write("count " + BIG.toString() + "\n");
  print(s.write(data));
  print(str(s.readline()!).trimEnd());
  s.write("count " + BIG.toString() + "\n");
  s.setblocking(false);
  let sent = 0;
  while (sent < BIG) {
    const n = s.write(data.subarray(sent));
    if (n < 0) sleep_ms(1);
    else sent += n;
  }
  s.settimeout(20);
  print(str(s.readline()!).trimEnd());
  s.write("big " + BIG.toString() + "\n");
  const back = s.read(BIG)!;
  print(back.length);
  print(memory.compare(back.dataStart, data.dataStart, BIG));
}

function ending(s: SocketStream): void {
  s.write("end\n"); // "good", then "bye", then the end
  print(s.read()!);
  print(s.read(5)!.length);
  print(s.recv(5)!.length);
  print(s.readline()!.length);
  print(s.close());
  print(s.close());
  print(s.recv(1) == null ? last() : "received");
  print(s.write("x") < 0 ? last() : "written");
  print(s.settimeout(1) ? "set" : last());
}

function exercise(s: SocketStream): void {
  reading(s);
  timeouts(s);
  nonblocking(s);
  bulk(s);
  ending(s);
}

if (open("tls") != null) exercise(ssl.wrap_socket(connected())!);
else exercise(connected());
