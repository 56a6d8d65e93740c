// For apps that do what they are told over a TCP connection to "control:1": each line is a command,
// words with a space between, and is answered with a line.

import * as socket from "socket";

const PORT: i32 = 1;

/** How the latest call has failed. */
export function last(): string {
  return OSError.last().toString();
}

/** A connection that waits at most so long for each answer, -1 for ever; null: see last(). */
export function connected(host: string, port: i32, seconds: i32): socket.socket | null {
  const found = socket.getaddrinfo(host, port);
  if (found == null) return null;
  const sock = new socket.socket();
  sock.settimeout(<f64>seconds);
  return sock.connect(found[0].addr) ? sock : null;
}

export function number(word: string): i32 {
  return I32.parseInt(word);
}

/** Until the connection ends. */
export function obeyAll(obey: (words: string[]) => string): void {
  const control = connected("control", PORT, -1);
  if (control == null) {
    print("no control: " + last());
    return;
  }
  while (true) {
    const line = control.readline();
    if (line == null || line.length == 0) break;
    control.write(obey(str(line).trimEnd().split(" ")) + "\n");
  }
  print("control: the end");
}
