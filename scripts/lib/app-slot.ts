// An app as it lies in a slot of the device's flash: what hal/app_slot.c reads. A board's image and
// the emulated board get their first app through this; later ones are written by the device itself.
//
//     0      header, one page     magic, format, sequence, length and CRC-32 of the module, name,
//                                 version, CRC-32 of the header itself; little-endian
//     256    erased up to 4096    (the device notes there what it is about to receive)
//     4096   the module, padded with erased bytes to a whole page

import { crc32 } from "./crc32.ts";
import { UserError } from "./exec.ts";

export const SLOT_PAGE = 256;
/** Where the module starts in a slot. */
export const SLOT_MODULE = 4096;
/** Bytes of UTF-8. */
export const APP_NAME_MAX = 63;
export const APP_VERSION_MAX = 31;

const MAGIC = "wasslapp";
const FORMAT = 1;
const ERASED = 0xff;

export interface AppLabel {
  /** What the console calls it, usually the file's name without ".ts". */
  name: string;
  /** Any text of the app's author; may be empty. */
  version: string;
  /** The valid slot with the higher number is the one that starts. */
  sequence: number;
}

/** The bytes of a slot from its start; what follows them stays erased. */
export function slotImage(wasm: Uint8Array, label: AppLabel): Uint8Array {
  const pages = Math.ceil(wasm.length / SLOT_PAGE);
  const image = new Uint8Array(SLOT_MODULE + pages * SLOT_PAGE).fill(ERASED);
  image.set(header(wasm, label));
  image.set(wasm, SLOT_MODULE);
  return image;
}

function header(wasm: Uint8Array, label: AppLabel): Uint8Array {
  const page = new Uint8Array(SLOT_PAGE);
  const view = new DataView(page.buffer);
  page.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, FORMAT, true);
  view.setUint32(12, label.sequence, true);
  view.setUint32(16, wasm.length, true);
  view.setUint32(20, crc32(wasm), true);
  page.set(labelText(label.name, APP_NAME_MAX, "name"), 32);
  page.set(labelText(label.version, APP_VERSION_MAX, "version"), 96);
  view.setUint32(SLOT_PAGE - 4, crc32(page.subarray(0, SLOT_PAGE - 4)), true);
  return page;
}

/** A name or version as the device takes it: UTF-8 without control characters. */
export function labelText(text: string, longest: number, what: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > longest) {
    throw new UserError(`the app's ${what} has over ${longest} bytes: ${text}`);
  }
  if (bytes.some((byte) => byte < 0x20 || byte === 0x7f)) {
    throw new UserError(`the app's ${what} has control characters: ${JSON.stringify(text)}`);
  }
  return bytes;
}
