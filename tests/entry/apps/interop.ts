// Verified connections to whatever server the test has started, one for each line of the file
// "suites"; the file "scenario" says what is done with each.

import * as socket from "socket";
import * as ssl from "ssl";

const HOST = "localhost";
const LINE = "the quick brown fox\n";

function last(): string {
  return OSError.last().toString();
}

function connect(suite: string): ssl.SSLSocket | null {
  const sock = new socket.socket();
  if (!sock.connect(socket.getaddrinfo("server", 1)![0].addr)) return null;
  sock.settimeout(20);
  const ctx = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  ctx.verify_mode = ssl.CERT_REQUIRED;
  ctx.load_verify_locations({ cafile: "ca.der" });
  ctx.set_ciphers([suite]);
  return ctx.wrap_socket(sock, { server_hostname: HOST });
}

/** The facts, and a line for a server that sends it back or turns it around. */
function talk(s: ssl.SSLSocket): void {
  print(s.version()! + " " + s.group()! + " " + s.peer_subject()!);
  print(s.cipher()!);
  s.write(LINE);
  const answer = s.readline();
  print(answer == null ? last() : str(answer).trimEnd());
}

/** A file from a web server, whose byte number i must be 7 i modulo 251. */
function download(s: ssl.SSLSocket): void {
  s.write("GET /file HTTP/1.0\r\n\r\n");
  let header = s.readline();
  while (header != null && header.length > 2) header = s.readline();
  const piece = new Uint8Array(1000);
  let count: i32 = 0;
  let unchanged = true;
  let n = s.readinto(piece);
  while (n > 0) {
    for (let i: i32 = 0; i < n; i++) {
      if (<i32>piece[i] != (7 * (count + i)) % 251) unchanged = false;
    }
    count += n;
    n = s.readinto(piece);
  }
  print(n < 0 ? last() : count.toString() + (unchanged ? " unchanged" : " changed"));
}

const scenario = str(open("scenario")!.read()!);
const suites = str(open("suites")!.read()!).split(" ");
for (let i = 0; i < suites.length; i++) {
  const s = connect(suites[i]);
  if (s == null) {
    print(last() + " " + OSError.last().alert.toString());
    continue;
  }
  if (scenario == "talk") talk(s);
  else download(s);
  s.close();
}
