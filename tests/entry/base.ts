// What tests/base/*.test.ts calls: the base layer with flat signatures.

import * as ct from "../../assembly/base/ct";
import * as err from "../../assembly/base/err";
import { Reader } from "../../assembly/base/reader";
import * as scratch from "../../assembly/base/scratch";
import { Writer } from "../../assembly/base/writer";

export { allocate as alloc, release as free, inUse, peak, end } from "../../assembly/base/heap";
export { equalVarTime, wipe } from "../../assembly/base/bytes";
export { equalBytes, isZeroBytes, copyBytesIf, zeroBytesIf } from "../../assembly/base/ct";
export {
  mark, take, release as releaseScratch, peak as scratchPeak,
} from "../../assembly/base/scratch";

export {
  load16be, load24be, load32be, load64be, load32le,
  store16be, store24be, store32be, store64be, store32le,
} from "../../assembly/base/bytes";

export function scratchBytes(): i32 {
  return scratch.SCRATCH_SIZE;
}

export function select(on: u32, a: u32, b: u32): u32 {
  return ct.select(on, a, b);
}

export function isNonZero(x: u32): u32 {
  return ct.isNonZero(x);
}

export function isEqual(a: u32, b: u32): u32 {
  return ct.isEqual(a, b);
}

export function isLess(a: u32, b: u32): u32 {
  return ct.isLess(a, b);
}

/** Pairs (a, b) below n for which a decision differs from the operator's: 0 where all are right. */
export function wrongDecisionsBelow(n: u32, offset: u32): u32 {
  let wrong: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j < n; j++) {
      const a = i + offset;
      const b = j + offset;
      wrong += ct.isLess(a, b) ^ u32(a < b);
      wrong += ct.isEqual(a, b) ^ u32(a == b);
      wrong += u32(ct.select(u32(a < b), a, b) != min(a, b));
    }
    wrong += ct.isZero(i + offset) ^ u32(i + offset == 0);
  }
  return wrong;
}

/**
 * Runs the operations of a script of bytes on a Reader over n bytes; results into `out`, 8 bytes
 * each.
 */
export function readScript(p: usize, n: i32, script: usize, steps: i32, out: usize): i32 {
  const frame = scratch.mark();
  const r = Reader.over(p, n);
  const outer = scratch.take(8 * steps);
  let depth = 0;
  for (let i = 0; i < steps; i++) {
    const op = load<u8>(script + 2 * i);
    const argument = <u32>load<u8>(script + 2 * i + 1);
    let result: u32 = 0;
    if (op == 0) result = r.u8();
    else if (op == 1) result = r.u16();
    else if (op == 2) result = r.u24();
    else if (op == 3) result = r.u32();
    else if (op == 4) result = <u32>(r.skip(argument) - p);
    else if (op == 5) store<usize>(outer + 8 * depth++, r.enter(argument));
    else if (op == 6 && depth > 0) r.leave(load<usize>(outer + 8 * --depth));
    else if (op == 7) r.fail();
    store<u32>(out + 8 * i, result);
    store<u32>(out + 8 * i, (<u32>r.failed << 31) | (u32(r.more()) << 30) | r.left, 4);
  }
  const done = r.done();
  scratch.release(frame);
  return done ? 1 : 0;
}

/** The same for a Writer into n bytes at p: its length, or -1 where it failed. */
export function writeScript(p: usize, n: i32, script: usize, steps: i32, from: usize): i32 {
  const frame = scratch.mark();
  const w = Writer.into(p, n);
  const blocks = scratch.take(8 * steps);
  let depth = 0;
  for (let i = 0; i < steps; i++) {
    const op = load<u8>(script + 2 * i);
    const argument = <i32>load<u8>(script + 2 * i + 1);
    if (op == 0) w.u8(argument);
    else if (op == 1) w.u16(argument * 0x0101);
    else if (op == 2) w.u24(argument * 0x010101);
    else if (op == 3) w.u32(argument * 0x01010101);
    else if (op == 4) w.bytes(from, argument);
    else if (op == 5) {
      store<usize>(blocks + 8 * depth, w.begin(argument));
      store<i32>(blocks + 8 * depth++, argument, 4);
    } else if (op == 6 && depth > 0) {
      const block = blocks + 8 * --depth;
      w.finish(load<usize>(block), load<i32>(block, 4));
    }
  }
  const length = w.failed ? -1 : w.length;
  scratch.release(frame);
  return length;
}

/** A release of a frame wipes what was taken in it: 1 where every byte reads 0 again. */
export function scratchIsWiped(n: i32): u32 {
  const frame = scratch.mark();
  const p = scratch.take(n);
  memory.fill(p, 0xa5, n);
  scratch.release(frame);
  return ct.isZeroBytes(p, n);
}

/**
 * Which group an error number belongs to: 1 local alert, 2 peer alert, 4 refusal, 8 misuse, as
 * bits.
 */
export function errorGroups(e: i32): i32 {
  let bits = 0;
  if (err.isLocalAlert(e)) bits |= 1;
  if (err.isPeerAlert(e)) bits |= 2;
  if (err.isRefusal(e)) bits |= 4;
  if (err.isMisuse(e)) bits |= 8;
  return bits;
}

export {
  localAlert, peerAlert, refused, misuse, deviceError, reasonOf,
} from "../../assembly/base/err";
