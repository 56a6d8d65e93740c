// fs_posix.c and fs_littlefs.c: an app sees its root folder and nothing else, whatever path it asks
// for, and whatever lies in that folder. littlefs knows no links and pipes; the rest is the same.
//
// The app really opens, creates and removes at the end of every hostile path. So each of them leads
// to a file that this test has made, never to one of the machine's: a host whose confinement is
// broken must fail here and do no harm.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { filesOfImage, imageOfFolder } from "../../scripts/lib/littlefs-image.ts";
import {
  compileApp,
  compileStandIn,
  folderWith,
  hosts,
  linesOf,
  littlefsHost,
  runHost,
  temporaryFolder,
  type Ended,
} from "./host.ts";

const IMAGE_SIZE = 256 * 1024;
const folder = temporaryFolder();
/** Outside every root, with an absolute path. */
const elsewhere = folderWith(folder, { "secret.txt": "secret" });
let ssl = "";
let app = "";

before(async () => {
  ssl = await compileStandIn(folder);
  app = await compileApp("hal-files", folder);
});

/** Paths that must lead nowhere, with what opening, creating, listing and removing them gives. */
const hostile: [string, RegExp][] = [
  ["../secret.txt", /^-13 -13 -13 -13$/],
  ["/../secret.txt", /^-13 -13 -13 -13$/],
  ["sub/../../secret.txt", /^-13 -13 -13 -13$/],
  ["sub/../inside.txt", /^-13 -13 -13 -13$/],
  ["./.././secret.txt", /^-13 -13 -13 -13$/],
  ["..", /^-13 -13 -13 -13$/],
  [path.join(elsewhere, "secret.txt"), /^-2 -2 -2 -2$/],
  [`/${elsewhere}//secret.txt`, /^-2 -2 -2 -2$/],
  // What is no file.
  ["", /^-21 -21 \d+ -(13|21|22)$/],
  [".", /^-21 -21 \d+ -(13|21|22)$/],
  ["/", /^-21 -21 \d+ -(13|21|22)$/],
  ["sub", /^-21 -21 \d+ -(13|21)$/],
];

/** What only a host's folder has. */
const hostileOnHosts: [string, RegExp][] = [
  ["pipe", /^-13 -13 -2 0$/],
  // Links: to a file, to a folder on the way, up, absolute, to themselves, even to a file inside.
  ["link-to-secret", /^-13 -13 -(2|13) 0$/],
  ["link-up/secret.txt", /^(-(2|13) ){3}-(2|13)$/],
  ["link-up", /^-13 -13 -(2|13) 0$/],
  ["link-elsewhere/secret.txt", /^(-(2|13) ){3}-(2|13)$/],
  ["link-to-itself", /^-13 -13 -(2|13) 0$/],
  ["link-to-inside", /^-13 -13 -(2|13) 0$/],
  ["sub/link-up-twice/secret.txt", /^(-(2|13) ){3}-(2|13)$/],
];

/** What is inside and works. */
const harmless: [string, RegExp][] = [
  ["inside.txt", /^\d+ \d+ -2 0$/],
  ["/sub/./inner.txt", /^\d+ \d+ -2 0$/],
  ["sub//other.txt", /^\d+ \d+ -2 0$/],
  ["missing/file", /^-2 -2 -2 -2$/],
  ["..hidden", /^-2 \d+ -2 0$/],
];

/** A root folder for these paths, beside a secret. */
function makeRoot(cases: [string, RegExp][]): string {
  const parent = folderWith(folder, { "secret.txt": "secret" });
  const root = path.join(parent, "root");
  mkdirSync(path.join(root, "sub"), { recursive: true });
  const files = ["inside.txt", "sub/inner.txt", "sub/other.txt", "sub/kept.txt", "list"];
  for (const name of files) writeFileSync(path.join(root, name), "x");
  writeFileSync(path.join(root, "paths"), cases.map(([name]) => name).join("\n"));
  return root;
}

function addLinksAndPipe(root: string): void {
  const links = [
    ["../secret.txt", "link-to-secret"],
    ["..", "link-up"],
    [elsewhere, "link-elsewhere"],
    ["link-to-itself", "link-to-itself"],
    ["inside.txt", "link-to-inside"],
    ["../..", "sub/link-up-twice"],
  ];
  for (const [target, name] of links) symlinkSync(target!, path.join(root, name!));
  execFileSync("mkfifo", [path.join(root, "pipe")]);
}

async function imageOf(root: string): Promise<string> {
  const image = `${root}.image`;
  writeFileSync(image, await imageOfFolder(root, IMAGE_SIZE));
  return image;
}

function checkPaths(ended: Ended, cases: [string, RegExp][]): void {
  assert.equal(ended.stderr, "");
  assert.equal(ended.status, 0);
  const lines = ended.stdout.split("\n");
  for (const [name, expected] of cases) {
    const line = lines.find((l) => l.startsWith(`${name}: `));
    assert.match(line?.slice(name.length + 2) ?? "no line", expected, `path ${name}`);
  }
}

function checkSecrets(root: string): void {
  for (const outside of [path.join(root, ".."), elsewhere]) {
    assert.equal(readFileSync(path.join(outside, "secret.txt"), "utf8"), "secret");
  }
}

for (const host of hosts) {
  test(`${host.name}: no path leads out of the root`, async () => {
    const cases = [...hostile, ...hostileOnHosts, ...harmless];
    const root = makeRoot(cases);
    addLinksAndPipe(root);
    checkPaths(await runHost(await host.build(), { root, ssl, app }), cases);
    checkSecrets(root);
    assert.ok(existsSync(path.join(root, "sub/kept.txt")));
  });

  test(`${host.name}: files are read, written, listed and removed`, async () => {
    checkUse(await runHost(await host.build(), { root: makeFiles(), ssl, app }));
  });
}

test(`${littlefsHost.name}: no path leads out of the root`, async () => {
  const cases = [...hostile, ...harmless];
  const root = makeRoot(cases);
  const image = await imageOf(root);
  checkPaths(await runHost(await littlefsHost.build(), { root: image, ssl, app }), cases);
  checkSecrets(root);
  const left = [...(await filesOfImage(readFileSync(image))).keys()];
  assert.deepEqual(left, ["list", "paths", "sub/kept.txt"]);
});

test(`${littlefsHost.name}: files are read, written, listed and removed`, async () => {
  const image = await imageOf(makeFiles());
  checkUse(await runHost(await littlefsHost.build(), { root: image, ssl, app }));
});

function makeFiles(): string {
  return folderWith(folder, { paths: "a", "one.txt": "1", "two.txt": "2" });
}

function checkUse(ended: Ended): void {
  assert.equal(ended.status, 0, ended.stderr);
  const said = linesOf(ended.stdout);
  assert.ok(ended.stdout.includes("list one.txt paths two.txt\n"));
  assert.ok(ended.stdout.includes("\nworld\n") && ended.stdout.includes("\nhello, world!\n"));
  const expected = {
    ...{ written: 12, seek: 7, read: 5, end: 0, "before the start": -22, whence: -22 },
    ...{ close: 0, closed: -9, "read closed": -9, append: 1, "not readable": -9 },
    ...{ truncated: 0, remove: 0, removed: -2 },
    ...{ "no mode": -22, "create without write": -22, "unknown flag": -22 },
    ...{ "NUL in path": -22, "long path": -22, "longest path": -2 },
    ...{ "list, index -1": -22, "list a file": -2, "list, no room": -22 },
    ...{ "bad file 0": -9, "bad file 17": -9, "open at once": 16, "one more": -23 },
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(said.get(name), value, name);
}
