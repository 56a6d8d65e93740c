// Opens, lists and removes every path that the file "paths" names, a line each, and says how it
// ended; then works with files.

import * as hal from "../../assembly/device/imports";
import { bytesOf, open, print, readText, say } from "./hal-app";

const READ: i32 = 1;
const WRITE: i32 = 2;
const CREATE: i32 = 4;
const TRUNCATE: i32 = 8;
const APPEND: i32 = 16;

const buffer = new ArrayBuffer(512);
const at = changetype<usize>(buffer);

function list(path: string, index: i32): i32 {
  const p = bytesOf(path);
  return hal.fs_list(changetype<usize>(p), p.byteLength, index, at, 512);
}

function remove(path: string): i32 {
  const p = bytesOf(path);
  return hal.fs_remove(changetype<usize>(p), p.byteLength);
}

function attempt(path: string): void {
  const file = open(path, READ);
  const created = open(path, WRITE | CREATE);
  const listed = list(path, 0);
  const removed = remove(path);
  print(`${path}: ${file} ${created} ${listed} ${removed}`);
  if (file > 0) hal.fs_close(file);
  if (created > 0) hal.fs_close(created);
}

function write(file: i32, text: string): i32 {
  const p = bytesOf(text);
  return hal.fs_write(file, changetype<usize>(p), p.byteLength);
}

function useFiles(): void {
  const file = open("new.txt", READ | WRITE | CREATE);
  say("written", write(file, "hello, world"));
  say("seek", hal.fs_seek(file, -5, 2));
  say("read", hal.fs_read(file, at, 512));
  print(String.UTF8.decode(buffer.slice(0, 5)));
  say("end", hal.fs_read(file, at, 512));
  say("before the start", hal.fs_seek(file, -1, 0));
  say("whence", hal.fs_seek(file, 0, 3));
  say("close", hal.fs_close(file));
  say("closed", hal.fs_close(file));
  say("read closed", hal.fs_read(file, at, 1));

  const more = open("new.txt", WRITE | APPEND);
  say("append", write(more, "!"));
  say("not readable", hal.fs_read(more, at, 1));
  hal.fs_close(more);
  print(readText("/new.txt"));
  hal.fs_close(open("new.txt", WRITE | TRUNCATE));
  say("truncated", readText("new.txt").length);
  say("remove", remove("new.txt"));
  say("removed", remove("new.txt"));
}

function refusals(): void {
  say("no mode", open("paths", 0));
  say("create without write", open("paths", READ | CREATE));
  say("unknown flag", open("paths", READ | 64));
  say("NUL in path", open("paths\0x", READ));
  say("long path", open("x".repeat(256), READ));
  say("longest path", open("x".repeat(255), READ));
  say("list, index -1", list("", -1));
  say("list a file", list("paths", 0));
  const name = bytesOf("");
  say("list, no room", hal.fs_list(changetype<usize>(name), 0, 0, at, 0));
  say("bad file 0", hal.fs_read(0, at, 1));
  say("bad file 17", hal.fs_write(17, at, 1));
}

function listAll(path: string): void {
  const names = new Array<string>();
  for (let i = 0; ; i++) {
    const n = list(path, i);
    if (n <= 0) break;
    names.push(String.UTF8.decode(buffer.slice(0, n)));
  }
  print("list " + names.sort().join(" "));
}

function fillTable(): void {
  let last = 0;
  let opened = 0;
  while (opened < 20) {
    last = open("paths", READ);
    if (last < 0) break;
    opened++;
  }
  say("open at once", opened);
  say("one more", last);
  for (let file = 1; file <= opened; file++) hal.fs_close(file);
}

listAll("/");
const paths = readText("paths").split("\n");
for (let i = 0; i < paths.length; i++) attempt(paths[i]);
useFiles();
refusals();
fillTable();
