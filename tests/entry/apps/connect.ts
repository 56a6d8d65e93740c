// Connections and names that come to nothing.

import * as socket from "socket";

const address = socket.getaddrinfo("server", 1)![0].addr;
const sock = new socket.socket();
print(sock.connect(address) ? "connected" : OSError.last().toString());
print(sock.close());
print(socket.getaddrinfo("no such name", 1) == null ? OSError.last().toString() : "found");
