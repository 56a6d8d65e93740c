// TLS connections of an app, one scenario a run: the file "scenario" names it. The server is the
// one of tests/device/plain-server.ts, or whatever the scenario's test has put there.

import * as errno from "errno";
import * as socket from "socket";
import * as ssl from "ssl";
import { Stream } from "stream";
import { sleep_ms } from "time";

const HOST = "localhost";

function last(): string {
  return OSError.last().toString();
}

function connected(): socket.socket {
  const sock = new socket.socket();
  if (!sock.connect(socket.getaddrinfo("server", 1)![0].addr)) print("connect: " + last());
  sock.settimeout(20);
  return sock;
}

function verified(): ssl.SSLContext {
  const ctx = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  ctx.verify_mode = ssl.CERT_REQUIRED;
  print(ctx.load_verify_locations({ cafile: "ca.der" }));
  return ctx;
}

function hex(data: Uint8Array): string {
  let text = "";
  for (let i = 0; i < data.length; i++) {
    text += (data[i] < 16 ? "0" : "") + data[i].toString(16);
  }
  return text;
}

/** What the connection tells about itself. */
function info(): void {
  const s = verified().wrap_socket(connected(), { server_hostname: HOST })!;
  print(s.version()!);
  print(s.cipher()!);
  print(s.group()!);
  print(s.peer_subject()!);
  print(hex(s.getpeercert(true)!));
  print(s.getpeercert() == null ? last() : "a dictionary");
  s.close();
  print(s.cipher() == null ? last() : "a cipher");
  print(s.getpeercert(true) == null ? last() : "a certificate");
}

/** The stream ends without close_notify: nothing that arrived is lost, and the error stays. */
function truncated(): void {
  const s = ssl.wrap_socket(connected())!;
  s.write("cut\n");
  print(s.read() == null ? last() : "a whole stream");
  print(s.recv(100)!);
  for (let i = 0; i < 2; i++) print(s.recv(1) == null ? last() : "more");
  print(s.write("x") < 0 ? last() : "written");
  print(s.close());
}

/** A stream that never blocks, the handshake inside the first write. */
function deferred(): void {
  const sock = connected();
  sock.setblocking(false);
  const s = ssl.wrap_socket(sock, { do_handshake: false })!;
  print(s.cipher() == null);
  let sent = s.write("say hello\n");
  print(sent);
  print(last());
  const other = connected(); // now the server begins
  while (sent < 0 && OSError.last().errno == errno.EAGAIN) {
    sleep_ms(1);
    sent = s.write("say hello\n");
  }
  print(sent);
  other.close();
  let got = s.read(5);
  while (got == null) {
    sleep_ms(1);
    got = s.read(5);
  }
  print(got);
  s.close();
}

/** wrap_socket that is to handshake at once waits for it also where the socket would not. */
function immediate(): void {
  const sock = connected();
  sock.setblocking(false);
  const s = ssl.wrap_socket(sock)!;
  s.setblocking(true);
  s.write("say hello\n");
  print(s.read(5)!);
}

/** The app's own stream: tiny pieces, and EAGAIN before each of them. */
class Trickle implements Stream {
  private reads: i32 = 0;
  private writes: i32 = 0;
  closed: i32 = 0;

  constructor(private readonly sock: socket.socket) {}

  recv_into(buf: Uint8Array, nbytes: i32): i32 {
    if (this.reads++ % 2 == 0) return OSError.fail(errno.EAGAIN);
    return this.sock.recv_into(buf, min(nbytes, 1 + (this.reads % 7)));
  }

  send(buf: Uint8Array): i32 {
    if (this.writes++ % 2 == 0) return OSError.fail(errno.EAGAIN);
    return this.sock.send(buf.subarray(0, min(buf.length, 1 + (this.writes % 5))));
  }

  settimeout(seconds: f64): bool {
    return this.sock.settimeout(seconds);
  }

  close(): bool {
    this.closed++;
    return this.sock.close();
  }
}

function custom(): void {
  const sock = connected();
  sock.setblocking(false);
  const stream = new Trickle(sock);
  const s = ssl.wrap_socket(stream)!;
  while (s.write("say hello\n") < 0) {}
  let text = "";
  while (text.length < 5) {
    const got = s.recv(5);
    if (got != null) text += str(got);
  }
  print(text);
  s.close();
  s.close();
  print(stream.closed);
}

/** An app's stream that fails, with a reason or without one, or counts wrong. */
class Broken implements Stream {
  closed: i32 = 0;
  constructor(
    private readonly result: i32,
    private readonly reason: i32,
  ) {}

  recv_into(buf: Uint8Array, nbytes: i32): i32 {
    return this.result;
  }

  send(buf: Uint8Array): i32 {
    return this.reason == 0 ? this.result : OSError.fail(this.reason);
  }

  settimeout(seconds: f64): bool {
    return true;
  }

  close(): bool {
    this.closed++;
    return true;
  }
}

function broken(): void {
  const results = [-1, -1, 0, 100000];
  const reasons = [errno.ECONNRESET, 0, 0, 0];
  for (let i = 0; i < results.length; i++) {
    const stream = new Broken(results[i], reasons[i]);
    print(ssl.wrap_socket(stream) == null ? last() : "wrapped");
    print(stream.closed);
  }
}

/** A certificate that is refused, or no TLS at all: the error, and the socket is closed. */
function refused(): void {
  const sock = connected();
  print(verified().wrap_socket(sock, { server_hostname: HOST }) == null ? last() : "wrapped");
  print(OSError.last().alert);
  print(sock.send(bytes("x")) < 0 ? last() : "sent");
}

/** The server refuses us, which TLS 1.3 tells after the handshake. */
function alerted(): void {
  const s = ssl.wrap_socket(connected())!;
  for (let i = 0; i < 2; i++) print(s.recv(1) == null ? last() : "received");
  print(OSError.last().alert);
}

/** A peer that answers nothing: the time limit of the socket is that of the handshake. */
function silent(): void {
  const sock = connected();
  sock.settimeout(0.05);
  print(ssl.wrap_socket(sock) == null ? last() : "wrapped");
  print(sock.send(bytes("x")) < 0 ? last() : "sent");
}

/** Many connections that nobody closes, with a context each and with one for all. */
function forgotten(): void {
  const shared = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  let good = 0;
  for (let i = 0; i < 128; i++) {
    const ctx = i % 2 == 0 ? shared : new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
    const s = ctx.wrap_socket(connected(), { do_handshake_on_connect: false });
    if (s != null) good++;
    else print(last());
  }
  print(good);
}

const scenario = str(open("scenario")!.read()!);
if (scenario == "info") info();
else if (scenario == "truncated") truncated();
else if (scenario == "deferred") deferred();
else if (scenario == "immediate") immediate();
else if (scenario == "custom") custom();
else if (scenario == "broken") broken();
else if (scenario == "refused") refused();
else if (scenario == "alerted") alerted();
else if (scenario == "silent") silent();
else if (scenario == "forgotten") forgotten();
