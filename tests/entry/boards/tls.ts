// Verified TLS connections, as they are asked for (remote.ts).

import * as hal from "imports";
import * as ntptime from "ntptime";
import * as ssl from "ssl";
import { connected, last, number, obeyAll } from "./remote";

/** A page from a server that a CA in the file `ca` vouches for. */
function fetch(host: string, port: string, seconds: string, ca: string): string {
  const sock = connected(host, number(port), number(seconds));
  if (sock == null) return "connect: " + last();
  const ctx = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  ctx.verify_mode = ssl.CERT_REQUIRED;
  if (!ctx.load_verify_locations({ cafile: ca })) return "load: " + last();
  const s = ctx.wrap_socket(sock, { server_hostname: host });
  if (s == null) return "wrap: " + last();
  const about = s.version()! + " " + s.group()! + " " + s.peer_subject()!;
  const length = s.write("GET / HTTP/1.0\r\n\r\n") < 0 ? -1 : count(s);
  const end = length < 0 ? "read: " + last() : length.toString() + " bytes";
  s.close();
  return about + ", " + end;
}

/** The bytes up to the end of a stream; -1 where it fails. */
function count(s: ssl.SSLSocket): i32 {
  const piece = new Uint8Array(500);
  let length: i32 = 0;
  let n = s.readinto(piece);
  for (; n > 0; n = s.readinto(piece)) length += n;
  return n < 0 ? n : length;
}

function random(): string {
  const key = new Uint8Array(16);
  return hal.random_fill(key.dataStart, key.length).toString() + " " + key.join(" ");
}

obeyAll((words) => {
  if (words[0] == "fetch") return fetch(words[1], words[2], words[3], words[4]);
  if (words[0] == "settime") return ntptime.settime() ? "set" : last();
  if (words[0] == "random") return random();
  return "what?";
});
