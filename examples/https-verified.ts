// Fetches https://example.com/ and checks who answers: the certificate must lead to the CA in ca.der, be valid today and
// carry the name. The first thing to copy for an app of your own; README.md in this folder says how to run it.

import * as ntptime from "ntptime";
import * as socket from "socket";
import * as ssl from "ssl";

const HOST = "example.com";

// Certificates have dates, so the clock must be set first.
if (!ntptime.settime()) print("The clock could not be set: " + OSError.last().toString());

// Open a plain TCP connection.
const addresses = socket.getaddrinfo(HOST, 443);
if (addresses == null) OSError.raise_();
const sock = new socket.socket();
sock.settimeout(10);
if (!sock.connect(addresses![0].addr)) OSError.raise_();

// Wrap it for TLS and require a valid certificate.
const ctx = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
ctx.verify_mode = ssl.CERT_REQUIRED;
if (!ctx.load_verify_locations({ cafile: "ca.der" })) OSError.raise_();
const ssock = ctx.wrap_socket(sock, { server_hostname: HOST });
if (ssock == null) OSError.raise_();

print(ssock!.version());
ssock!.write("GET / HTTP/1.0\r\nHost: " + HOST + "\r\n\r\n");
print(ssock!.read());
ssock!.close();
