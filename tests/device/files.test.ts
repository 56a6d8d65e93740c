// open, read, readline, seek, write, os.remove, os.listdir: MicroPython's meaning, over the host's
// file system and over the boards'.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runApp, type AppOutcome } from "./app.ts";

const poem = "first line\nsecond line\nlast words";
const files = { "poem.txt": poem, another: "" };

test("files in a folder", async () => check(await runApp("files", { files })));

test("files in littlefs", async () => check(await runApp("files", { files, littlefs: true })));

function check({ lines, status, reports }: AppOutcome): void {
  assert.deepEqual(reports, []);
  assert.deepEqual(lines, [
    ...["first line", "11", "sec", "on", "d line", "last words", "0", "0"],
    ...[String(poem.length - 4), "4", "true", "true", "OSError(9, 'EBADF')"],
    ...["8", "2", "OSError(9, 'EBADF')", String("one\ntwo\näthree".length)],
    ..."one\nTWO".split("\n"),
    ...["OSError(2, 'ENOENT')", "OSError(22, 'EINVAL')", "OSError(22, 'EINVAL')"],
    ...["OSError(13, 'EACCES')", "OSError(2, 'ENOENT')", "true", "another,poem.txt"],
    ...["OSError(2, 'ENOENT')", "done"],
  ]);
  assert.equal(status, 0);
}
