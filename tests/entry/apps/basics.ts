// print, text, errno, OSError, time: what needs neither files nor a network.

import * as errno from "errno";
import * as socket from "socket";
import * as sys from "sys";
import * as time from "time";

class Point {
  constructor(public x: i32) {}
  toString(): string {
    return "Point(" + this.x.toString() + ")";
  }
}

const nothing: Point | null = null;

print("text: grün, 日本, 🙂");
print(bytes("bytes"));
print(-7);
print(1.5);
print(true);
print(new Point(3));
print(nothing);
print(bytes("ä€🙂").length);
print(str(bytes("ä€🙂")));

const before = OSError.last();
print(before.errno.toString() + before.name + "[" + before.message + "]" + before.alert.toString());
print(OSError.fail(errno.ECONNRESET));
const reset = OSError.last();
print(
  reset.errno.toString() + " " + reset.name + " " + reset.message + " " + reset.alert.toString(),
);
print(reset);
OSError.fail(77);
print(OSError.last());
print(errno.errorcode(errno.EHOSTUNREACH));

print(time.ticks_diff(5, 3));
print(time.ticks_diff(3, (1 << 30) - 2));
print(time.ticks_diff((1 << 30) - 2, 3));
print(time.ticks_add((1 << 30) - 1, 2));
const start = time.ticks_us();
time.sleep_ms(20);
time.sleep(0.005);
time.sleep_ms(-1);
print(time.ticks_diff(time.ticks_us(), start) >= 25000);
print(time.time());

const address = socket.getaddrinfo("192.0.2.7", 8443)![0];
print(address.addr);
print(address.family == socket.AF_INET && address.type == socket.SOCK_STREAM);
print(socket.getaddrinfo("2001:db8::7", 1)![0].addr);
print(socket.getaddrinfo("192.0.2.7", 1, socket.AF_INET6)!.length);
print(new socket.socket(99).setblocking(true) ? "opened" : OSError.last().toString());

// sockets that nobody closes are closed by the collector, however many
for (let i = 0; i < 60; i++) {
  if (!new socket.socket().setblocking(false)) {
    print("out of sockets: " + OSError.last().toString());
  }
}
sys.exit(7);
