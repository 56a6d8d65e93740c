// What a context refuses before there is any connection.

import * as ssl from "ssl";
import * as socket from "socket";

function last(): string {
  return OSError.last().toString();
}

function client(): ssl.SSLContext {
  return new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
}

const ctx = client();
print(ctx.verify_mode);
print(ctx.get_ciphers()!.join(" "));
print(ctx.set_ciphers(["TLS_CHACHA20_POLY1305_SHA256"]));
print(ctx.get_ciphers()!.join(" "));
print(ctx.set_ciphers(["TLS1-3-AES-256-GCM-SHA384", "TLS_AES_128_GCM_SHA256"]));
print(ctx.get_ciphers()!.join(" "));
print(ctx.set_ciphers(["TLS_FAST"]) ? "set" : last());
print(ctx.set_ciphers([]) ? "set" : last());
print(ctx.get_ciphers()!.join(" "));

print(ctx.load_verify_locations({ cafile: "ca.der" }));
print(ctx.load_verify_locations({ cafile: "ca.pem" }));
print(ctx.load_verify_locations({ cadata: open("ca.der")!.read()! }));
print(ctx.load_verify_locations({ cafile: "missing" }) ? "loaded" : last());
print(ctx.load_verify_locations({ cafile: "text" }) ? "loaded" : last());
print(ctx.load_verify_locations({ cadata: bytes("no certificate") }) ? "loaded" : last());
print(ctx.load_verify_locations({}) ? "loaded" : last());
print(ctx.load_verify_locations({ cafile: "ca.der", cadata: bytes("x") }) ? "loaded" : last());

// an impossible verify mode: the context is of no use any more, rather than one that checks nothing
const careless = client();
careless.verify_mode = 3;
print(last());
print(careless.verify_mode);
print(careless.wrap_socket(new socket.socket()) == null ? last() : "wrapped");
print(careless.get_ciphers() == null ? last() : "listed");

// the size of the receive buffer: the device's, one of its own, an impossible one
const small = client();
print(small.receive_buffer);
small.receive_buffer = 1024;
print(small.receive_buffer);
small.receive_buffer = 1023;
print(last());
print(small.wrap_socket(new socket.socket()) == null ? last() : "wrapped");
print(ssl.wrap_socket(new socket.socket(), { receive_buffer: 16385 }) == null ? last() : "wrapped");

const unknown = new ssl.SSLContext(7);
print(last());
print(unknown.wrap_socket(new socket.socket()) == null ? last() : "wrapped");

const nameless = client();
nameless.verify_mode = ssl.CERT_REQUIRED;
print(nameless.verify_mode);
print(nameless.load_verify_locations({ cafile: "ca.der" }));
const sock = new socket.socket();
print(nameless.wrap_socket(sock) == null ? last() : "wrapped");
const long = "a".repeat(256);
print(nameless.wrap_socket(sock, { server_hostname: long }) == null ? last() : "wrapped");
print(ssl.wrap_socket(sock, { cadata: bytes("junk") }) == null ? last() : "wrapped");
print(sock.setblocking(true));
