// A TCP server and UDP in an app: bind, listen, accept, sendto, recvfrom. Client and server are the
// same program, on loopback.

import * as socket from "socket";

function bound(type: i32): socket.socket {
  const sock = new socket.socket(socket.AF_INET, type);
  print(sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1));
  // The kernel gives no port back, so the test says which one is free.
  if (!sock.bind(socket.getaddrinfo("server", 1)![0].addr)) print(OSError.last());
  return sock;
}

const listener = bound(socket.SOCK_STREAM);
print(listener.listen(1));
const client = new socket.socket();
print(client.connect(socket.getaddrinfo("server", 1)![0].addr));
const accepted = listener.accept()!;
print(accepted.addr.host);
print(client.sendall("over tcp\n"));
print(str(accepted.conn.readline()!).trimEnd());
print(accepted.conn.close());
print(client.read()!.length);
listener.settimeout(0.02);
print(listener.accept() == null ? OSError.last().toString() : "accepted");

const receiver = bound(socket.SOCK_DGRAM);
const sender = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
print(sender.sendto(bytes("first"), socket.getaddrinfo("server", 1)![0].addr));
print(receiver.recvfrom(2, socket.MSG_PEEK)!.data);
const datagram = receiver.recvfrom(100)!;
print(datagram.data);
print(receiver.sendto(bytes("back"), datagram.addr));
print(sender.recv(100)!);
receiver.setblocking(false);
print(receiver.recvfrom(1) == null ? OSError.last().toString() : "received");
