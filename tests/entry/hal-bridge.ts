// Drives every call of the "ssl" module over the stand-in hal-ssl.ts. The file "protocol" of the
// root says which of its faults to ask for; none for the normal course.

import * as hal from "../../assembly/device/imports";
import { bytesOf, print, readText, say } from "./hal-app";

const buffer = memory.data(2048, 8);

function fill(n: i32): void {
  for (let i = 0; i < n; i++) store<u8>(buffer + i, i);
}

function text(n: i32): string {
  return n < 0 ? "error " + n.toString() : String.UTF8.decodeUnsafe(buffer, n);
}

function loadFile(path: string): i32 {
  const p = bytesOf(path);
  return hal.context_load_verify_file(1, changetype<usize>(p), p.byteLength);
}

function contexts(protocol: i32): void {
  say("context", hal.context_new(protocol));
  say("verify mode", hal.context_set_verify_mode(1, 2));
  fill(100);
  say("data", hal.context_load_verify_data(1, buffer, 100));
  say("file", loadFile("authority.der"));
  say("no file", loadFile("missing.der"));
  say("large file", loadFile("large.der"));
  say("empty file", loadFile("empty.der"));
  say("outside", loadFile("../outside.der"));
  print("ciphers " + text(hal.context_ciphers(1, buffer, 2048)));
  print("ciphers " + text(hal.context_ciphers(1, buffer, 5)));
  say("ciphers, no room", hal.context_ciphers(1, buffer, 0));
  say("set ciphers", hal.context_set_ciphers(1, buffer, 10));
  say("no ciphers", hal.context_set_ciphers(1, buffer, 0));
}

function connections(): void {
  const name = bytesOf("host.test");
  const h = hal.connection_new(1, 0, changetype<usize>(name), name.byteLength);
  say("wants", hal.connection_wants(h));
  say("nothing yet", hal.connection_read(h, buffer, 2048));
  say("not now", hal.connection_write(h, buffer, 10));
  fill(1500);
  say("received", hal.connection_receive(h, buffer, 1500));
  say("no room", hal.connection_receive(h, buffer, 10));
  say("none", hal.connection_receive(h, buffer, 0));
  say("wants", hal.connection_wants(h));
  say("pending", hal.connection_pending(h));
  say("read", hal.connection_read(h, buffer, 1000));
  let wrong = 0;
  for (let i = 0; i < 1000; i++) wrong += load<u8>(buffer + i) == <u8>~i ? 0 : 1;
  say("wrong bytes", wrong);
  say("read none", hal.connection_read(h, buffer, 0));
  say("read the rest", hal.connection_read(h, buffer, 1000));
  const plain = bytesOf("plaintext of more than one record, cut after sixty-four bytes, gone");
  say("written", hal.connection_write(h, changetype<usize>(plain), plain.byteLength));
  say("write none", hal.connection_write(h, buffer, 0));
  say("taken", hal.connection_take(h, buffer, 40));
  for (let i = 0; i < 40; i++) store<u8>(buffer + i, ~load<u8>(buffer + i));
  print(text(40));
  say("taken", hal.connection_take(h, buffer, 2048));
  say("taken", hal.connection_take(h, buffer, 2048));
  print("name " + text(hal.connection_text(h, 4, buffer, 2048)));
  say("number", hal.connection_number(h, 3));
  say("receive end", hal.connection_receive_end(h));
  say("read at the end", hal.connection_read(h, buffer, 10));
  say("close", hal.connection_close(h));
  say("free", hal.connection_free(h));
  say("stale", hal.connection_free(h + 1));
}

const protocol = <i32>I32.parseInt(readText("protocol"));
contexts(protocol);
connections();
say("error number", hal.error_number(-30336));
say("error text", hal.error_text(-1, buffer, 100));
say("error alert", hal.error_alert(-1));
say("blocks left", hal.context_free(1));
