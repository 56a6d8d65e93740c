// The file functions, one line of output for each thing that tests/device/files.test.ts expects.

import * as os from "os";

function last(): string {
  return OSError.last().toString();
}

// reading
const file = open("poem.txt")!;
print(str(file.readline()!).trimEnd());
print(file.tell());
print(str(file.read(3)!));
print(str(file.readline(2)!));
print(str(file.read()!).trimEnd());
print(file.read()!.length);
print(file.readline()!.length);
print(file.seek(-4, 2));
const four = new Uint8Array(8);
print(file.readinto(four));
print(file.close());
print(file.close());
print(file.read() == null ? last() : "read after close");

// writing
const log = open("log.txt", "w")!;
print(log.write("one\ntwo\n"));
print(log.write(bytes("ä")));
print(log.read() == null ? last() : "read of a write-only file");
log.close();
const more = open("log.txt", "a")!;
more.write("three");
more.close();
print(str(open("log.txt")!.read()!).length);

// both ways: writing starts where reading ended, also after a line was read ahead
const both = open("log.txt", "r+")!;
both.readline();
both.write("TWO");
both.seek(0);
print(str(both.read(8)!).trimEnd());
both.close();

// failures
print(open("missing") == null ? last() : "opened");
print(open("poem.txt", "rw") == null ? last() : "opened");
print(open("poem.txt", "+") == null ? last() : "opened");
print(open("../outside") == null ? last() : "opened");
print(os.remove("missing") ? "removed" : last());
print(os.remove("log.txt"));
print(os.listdir()!.sort().join(","));
print(os.listdir("missing") == null ? last() : "listed");

// files that nobody closes are closed by the collector, however many
for (let i = 0; i < 100; i++) {
  if (open("poem.txt") == null) print("out of files: " + last());
}
print("done");
