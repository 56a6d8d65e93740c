// Images of a board's file system: what goes in comes out, littlefs-python, which is somebody
// else's, reads ours and we read its, and what cannot be is refused.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { root, UserError } from "../../scripts/lib/exec.ts";
import {
  filesOfImage,
  imageOfFiles,
  imageOfFolder,
  SECTOR,
  usedSectors,
  type ImageFiles,
} from "../../scripts/lib/littlefs-image.ts";

/** The region of the W5500-EVB-Pico's flash. */
const SIZE = 0x140000;
const folder = mkdtempSync(path.join(tmpdir(), "wassl-littlefs-"));
after(() => rmSync(folder, { recursive: true }));

const files: ImageFiles = {
  "a.txt": "one",
  "certs/ca.pem": "-".repeat(1800),
  "data/deep/large.bin": Uint8Array.from({ length: 150_000 }, (_, i) => (i * i) >> 3),
  "data/empty": "",
  "data/inline": "x".repeat(256),
  "data/one sector": "y".repeat(SECTOR),
  "with ünusual näme \n": "z",
};

function sameFiles(got: Map<string, Uint8Array>, wanted: ImageFiles): void {
  assert.deepEqual([...got.keys()], Object.keys(wanted).sort());
  for (const [name, content] of Object.entries(wanted)) {
    assert.deepEqual(Buffer.from(got.get(name)!), Buffer.from(content as string), name);
  }
}

/** Writes the files below a new folder. */
function folderOf(contents: ImageFiles): string {
  const created = mkdtempSync(path.join(folder, "in-"));
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(path.dirname(path.join(created, name)), { recursive: true });
    writeFileSync(path.join(created, name), content);
  }
  return created;
}

/** Runs a program of Python with littlefs-python as installed by scripts/setup.sh. */
function python(program: string, ...args: string[]): string {
  const env = { ...process.env, PYTHONPATH: path.join(root, "third_party/littlefs-python") };
  return execFileSync("python3", ["-c", program, ...args], { encoding: "utf8", env });
}

const PYTHON_READS = `
import json, sys
from littlefs import LittleFS, UserContext
image = open(sys.argv[1], "rb").read()
context = UserContext(len(image))
context.buffer[:] = image
fs = LittleFS(context=context, block_size=4096, block_count=len(image) // 4096, mount=True)
found = {}
for folder, _, names in fs.walk("/"):
    for name in names:
        full = folder.rstrip("/") + "/" + name
        with fs.open(full, "rb") as file:
            found[full[1:]] = file.read().hex()
with fs.open("added.txt", "w") as file:
    file.write("by python")
open(sys.argv[1], "wb").write(context.buffer)
print(json.dumps(found))`;

const PYTHON_WRITES = `
import os, sys
from littlefs import LittleFS
fs = LittleFS(block_size=4096, block_count=int(sys.argv[3]) // 4096)
for folder, _, names in os.walk(sys.argv[1]):
    inside = os.path.relpath(folder, sys.argv[1])
    if inside != ".":
        fs.mkdir(inside)
    for name in names:
        with open(os.path.join(folder, name), "rb") as source:
            with fs.open(os.path.normpath(os.path.join(inside, name)), "wb") as target:
                target.write(source.read())
open(sys.argv[2], "wb").write(fs.context.buffer)`;

test("files come out as they went in, and the same files make the same image", async () => {
  const image = await imageOfFiles(files, SIZE);
  assert.equal(image.length, SIZE);
  sameFiles(await filesOfImage(image), files);
  sameFiles(await filesOfImage(await imageOfFolder(folderOf(files), SIZE)), files);
  assert.equal(Buffer.compare(await imageOfFiles(files, SIZE), image), 0);
});

test("only sectors that hold something need to be written", async () => {
  const image = await imageOfFiles(files, SIZE);
  const used = usedSectors(image);
  assert.ok(used.length > 150_000 / SECTOR && used.length < 70, `${used.length} sectors`);
  assert.equal(used[0]!.offset, 0);
  const flash = new Uint8Array(SIZE).fill(0xff);
  for (const { offset, bytes } of used) flash.set(bytes, offset);
  assert.equal(Buffer.compare(flash, image), 0);
  assert.deepEqual(usedSectors(flash.fill(0xff)), []);
});

test("littlefs-python reads and extends our image", async () => {
  const file = path.join(folder, "ours.image");
  writeFileSync(file, await imageOfFiles(files, SIZE));
  const found = JSON.parse(python(PYTHON_READS, file)) as Record<string, string>;
  const read = new Map(Object.entries(found).map(([name, hex]) => [name, Buffer.from(hex, "hex")]));
  sameFiles(new Map([...read].sort(([a], [b]) => (a < b ? -1 : 1))), files);
  sameFiles(await filesOfImage(readFileSync(file)), { ...files, "added.txt": "by python" });
});

test("we read littlefs-python's image", async () => {
  const file = path.join(folder, "theirs.image");
  python(PYTHON_WRITES, folderOf(files), file, String(SIZE));
  sameFiles(await filesOfImage(readFileSync(file)), files);
});

test("what cannot be is refused, with the reason", async () => {
  const large = { a: new Uint8Array(20 * SECTOR) };
  await assert.rejects(imageOfFiles(large, 16 * SECTOR), /a: it does not fit/);
  await assert.rejects(imageOfFiles({ "../a": "" }, SIZE), /the path leads out of the image/);
  await assert.rejects(imageOfFiles({ ["x".repeat(256)]: "" }, SIZE), /name is not possible/);
  await assert.rejects(imageOfFiles({ a: "", "a/b": "" }, SIZE), /there is no such file or folder/);
  await assert.rejects(imageOfFiles({}, SIZE + 1), /size or the name is not possible/);
  await assert.rejects(filesOfImage(new Uint8Array(SIZE)), /the image is damaged/);
  await assert.rejects(filesOfImage(new Uint8Array(0)), UserError);

  const linked = folderOf({ a: "" });
  symlinkSync("/etc/hostname", path.join(linked, "link"));
  await assert.rejects(imageOfFolder(linked, SIZE), /link is neither a file nor a folder/);
});
