// UF2, the format in which the RP2040's boot ROM takes flash contents as a file on a drive: blocks
// of 512 bytes, each with an address and 256 bytes for it.
//
// The ROM erases a sector of 4 KB when it gets a block whose number is a multiple of 16, and not by
// looking at the address. So everything starts at whole sectors and fills them: then numbers and
// addresses agree, also where there are gaps between the segments.

/** Bytes for the flash, from an address that is a multiple of 4096 on. */
export interface Segment {
  address: number;
  bytes: Uint8Array;
}

const SECTOR = 4096;
const PAGE = 256;
const BLOCK = 512;
const MAGIC = [0x0a324655, 0x9e5d5157, 0x0ab16f30] as const;
const FAMILY_PRESENT = 0x2000;
const RP2040_FAMILY = 0xe48bff56;

export function writeUf2(segments: readonly Segment[]): Uint8Array {
  const pages = segments.flatMap(pagesOf);
  const file = new Uint8Array(pages.length * BLOCK);
  pages.forEach((page, i) => writeBlock(file.subarray(i * BLOCK), page, i, pages.length));
  return file;
}

/** Whole sectors, the last one filled up with 0xFF, as erased flash. */
function pagesOf(segment: Segment): Segment[] {
  const { address, bytes } = segment;
  if (address % SECTOR !== 0) throw new Error(`segment at ${address.toString(16)}: no sector`);
  const whole = new Uint8Array(Math.ceil(bytes.length / SECTOR) * SECTOR).fill(0xff);
  whole.set(bytes);
  const pages: Segment[] = [];
  for (let at = 0; at < whole.length; at += PAGE)
    pages.push({ address: address + at, bytes: whole.subarray(at, at + PAGE) });
  return pages;
}

function writeBlock(into: Uint8Array, page: Segment, number: number, count: number): void {
  const view = new DataView(into.buffer, into.byteOffset, BLOCK);
  const head = [MAGIC[0], MAGIC[1], FAMILY_PRESENT, page.address, PAGE, number, count];
  [...head, RP2040_FAMILY].forEach((word, i) => view.setUint32(4 * i, word, true));
  into.set(page.bytes, 32);
  view.setUint32(BLOCK - 4, MAGIC[2], true);
}
