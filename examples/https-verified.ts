// Fetches https://example.com/ and makes sure who answers: the server's certificate must lead to
// the CA in ca.der, be valid today and carry the name. The place to start an app of your own from;
// README.md says how to run it.

import * as ntptime from "ntptime";
import * as socket from "socket";
import * as ssl from "ssl";
import * as sys from "sys";

const HOST = "example.com";

/** Says which step failed and why, and ends the app. */
function give_up(step: string): void {
  print(step + " failed: " + OSError.last().toString());
  sys.exit(1);
}

// CERT_REQUIRED checks the certificate's dates, so the clock must be set. Where it already is,
// going on is fine.
if (!ntptime.settime()) print("ntptime: " + OSError.last().toString());

// Open a plain TCP connection that waits at most ten seconds for each answer.
const addresses = socket.getaddrinfo(HOST, 443);
if (addresses == null) give_up("getaddrinfo");
const sock = new socket.socket();
sock.settimeout(10);
if (!sock.connect(addresses![0].addr)) give_up("connect");

// Wrap it for TLS and require a valid certificate.
const ctx = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
ctx.verify_mode = ssl.CERT_REQUIRED;
if (!ctx.load_verify_locations({ cafile: "ca.der" })) give_up("load_verify_locations");
const wrapped = ctx.wrap_socket(sock, { server_hostname: HOST });
if (wrapped == null) give_up("wrap_socket");
const ssock = wrapped!;

print("version: " + ssock.version()!);
print("suite:   " + ssock.cipher()!.name);
print("group:   " + ssock.group()!);
print("peer:    " + ssock.peer_subject()!);
print("");

if (ssock.write("GET / HTTP/1.0\r\nHost: " + HOST + "\r\n\r\n") < 0) give_up("write");
const reply = ssock.read();
if (reply == null) give_up("read");
print(reply);
ssock.close();
