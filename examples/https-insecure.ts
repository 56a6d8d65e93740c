// Fetches https://example.com/ WITHOUT checking who answers: the connection is encrypted, but
// anybody on its path can pretend to be the server and read or change everything. Good for a first
// try on a bench, for nothing else; https-verified.ts is the example to build on.

import * as socket from "socket";
import * as ssl from "ssl";

const HOST = "example.com";

const sock = new socket.socket();
sock.connect(socket.getaddrinfo(HOST, 443)![0].addr);

// A null here (the "!" says there is none) ends the app with the reason and this line.
const ssock = ssl.wrap_socket(sock, { server_hostname: HOST })!;

ssock.write("GET / HTTP/1.0\r\nHost: " + HOST + "\r\n\r\n");
print(ssock.read()!);
ssock.close();
