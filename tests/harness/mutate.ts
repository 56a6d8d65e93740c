// Mutations for the no-trap tests: bytes that are almost right go deeper into a parser than random
// ones, which end at its first check.

import { type Random } from "./random.ts";

/** Values that lengths and tags break at. */
const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xfe, 0xff];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function changeOne(bytes: Uint8Array, random: Random, f: (byte: number) => number): Uint8Array {
  const out = bytes.slice();
  const at = random.below(out.length);
  out[at] = f(out[at]!);
  return out;
}

const mutations: Mutation[] = [
  function flipBit(bytes, random) {
    return changeOne(bytes, random, (byte) => byte ^ (1 << random.below(8)));
  },
  function setByte(bytes, random) {
    return changeOne(bytes, random, () => random.pick(INTERESTING));
  },
  function countUpOrDown(bytes, random) {
    return changeOne(bytes, random, (byte) => byte + random.pick([1, -1]));
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length));
  },
  function cut(bytes, random) {
    const at = random.below(bytes.length);
    return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8)));
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    const extra = random.bytes(1 + random.below(4));
    return join(bytes.subarray(0, at), extra, bytes.subarray(at));
  },
  function repeatRange(bytes, random) {
    const at = random.below(bytes.length);
    const range = bytes.subarray(at, at + 1 + random.below(40));
    return join(bytes.subarray(0, at), range, bytes.subarray(at));
  },
  function copyRange(bytes, random) {
    const range = bytes.slice(random.below(bytes.length)).subarray(0, 1 + random.below(16));
    const out = bytes.slice();
    out.set(range, random.below(bytes.length - range.length + 1));
    return out;
  },
  function overwrite(bytes, random) {
    const at = random.below(bytes.length);
    const out = bytes.slice();
    out.set(random.bytes(Math.min(4, bytes.length - at)), at);
    return out;
  },
];

/** One to three mutations of `bytes`. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let out = bytes;
  for (let left = 1 + random.below(3); left > 0 && out.length > 0; left--) {
    out = random.pick(mutations)(out, random);
  }
  return out;
}
