// The map that GNU ld writes (-Map): which input section of which object lies where. With
// -ffunction-sections that is every function, static ones included, with the file it comes from.
//
//   .text           0x10000100    0x47530            an output section
//    .text.reset    0x100001c4       0xf0 startup.o  an input section, or over two lines where the
//                   0x100001c4                reset  name is long; symbols, which are not needed
//    *fill*         0x100010d2        0x2            padding
//
// Where strings of several objects were merged, the map gives them more bytes than they have left:
// a piece ends where the next one begins.

/** A piece of an output section. */
export interface Piece {
  /** The output section: ".text". */
  output: string;
  /** The input section: ".text.reset"; "*fill*" for padding. */
  input: string;
  address: number;
  size: number;
  /** "folder/startup.o", "libc_nano.a(memcpy.o)"; "" where the linker itself has put it there. */
  object: string;
}

const START = /^Linker script and memory map$/m;
const OUTPUT = /^(\.[\w.]+)(?:\s|$)/;
const INPUT =
  /^ (\*fill\*|COMMON|[.\w*$+-]+)\s*$|^ (\S+)\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+)(?: (.*))?$/;
const CONTINUED = /^\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+)(?: (.*))?$/;

/** All pieces that are not empty, in the order of the map. */
export function parseLinkMap(text: string): Piece[] {
  const start = START.exec(text);
  if (start === null) throw new Error("this is no map of GNU ld");
  const pieces: Piece[] = [];
  let output = "";
  let pending = "";
  for (const line of text.slice(start.index).split("\n")) {
    const heading = OUTPUT.exec(line);
    if (heading !== null) output = heading[1];
    const found = pending === "" ? null : CONTINUED.exec(line);
    const input = INPUT.exec(line);
    if (found !== null) pieces.push(pieceOf(output, pending, found.slice(1)));
    else if (input?.[2] !== undefined) pieces.push(pieceOf(output, input[2], input.slice(3)));
    pending = input?.[1] ?? "";
  }
  return cut(pieces.filter(({ size }) => size > 0)).filter(({ size }) => size > 0);
}

function cut(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece, i) => {
    const next = pieces[i + 1];
    const room = next?.output === piece.output ? next.address - piece.address : Infinity;
    return { ...piece, size: Math.min(piece.size, room) };
  });
}

function pieceOf(output: string, input: string, fields: (string | undefined)[]): Piece {
  const [address, size, rest = ""] = fields;
  const object = input === "*fill*" || rest === "linker stubs" ? "" : rest.trim();
  return { output, input, address: Number(address), size: Number(size), object };
}

/** The name of an object without its folder: "startup.o", "libc_nano.a(memcpy.o)". */
export function objectName(object: string): string {
  return object.slice(object.replace(/\(.*$/, "").lastIndexOf("/") + 1);
}
