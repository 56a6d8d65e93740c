// Blocks that live as long as a context or a connection: first fit over an address-ordered free
// list. There are few blocks and none on the data path, so the simplest allocator that gives memory
// back is the best one. Counted, so that the cost of a connection is a number and a leak is a test
// failure. There is no garbage collector: every allocate has one release, by the owner.
//
//   block:       | size: i32 | asked: i32 | bytes ...
//   free block:  | size: i32 | -1         | next: usize ... |

const HEADER: i32 = 8;
const SMALLEST: i32 = 16;
const LARGEST: i32 = 1 << 20;
const FREE: i32 = -1;

let firstFree: usize = 0;
let top: usize = (__heap_base + 15) & ~15;
let current: i32 = 0;
let highest: i32 = 0;
let highestTop: usize = top;
let limit: u64 = u64.MAX_VALUE;

/** The memory ends there, however much its last page has: small devices have no whole page. */
export function limitTo(bytes: u32): void {
  limit = bytes;
}

/** Bytes of memory that there are now. */
export function memoryEnd(): u64 {
  return min(<u64>memory.size() << 16, limit);
}

/**
 * n zeroed bytes, aligned to 8, or 0 where the memory is used up (or n is negative or above 1 MB).
 */
export function allocate(n: i32): usize {
  if (n < 0 || n > LARGEST) return 0;
  const size = max((n + HEADER + 7) & ~7, SMALLEST);
  let block = takeFree(size);
  if (block == 0) block = extend(size);
  if (block == 0) return 0;
  store<i32>(block, n, 4);
  memory.fill(block + HEADER, 0, n);
  current += n;
  if (current > highest) highest = current;
  return block + HEADER;
}

/** A zeroed record of class T (an unmanaged class), or null where the memory is used up. */
export function create<T>(): T | null {
  const p = allocate(offsetof<T>());
  return p == 0 ? null : changetype<T>(p);
}

/** Gives a block back after wiping it: most of them have held secrets. 0 is allowed. */
export function release(p: usize): void {
  if (p == 0) return;
  const block = p - HEADER;
  const n = load<i32>(block, 4);
  if (n < 0) unreachable(); // released twice: a bug of ours
  memory.fill(p, 0, n);
  store<i32>(block, FREE, 4); // also where the top is lowered below it
  current -= n;
  insertFree(block);
}

/** Bytes allocated now, as asked for. */
export function inUse(): i32 {
  return current;
}

/** The most bytes allocated at once since the start. */
export function peak(): i32 {
  return highest;
}

/** Where static data, scratch and the blocks in use end now. */
export function end(): usize {
  return top;
}

/** The first address that was never used: the linear memory that the module has needed so far. */
export function highestEnd(): usize {
  return highestTop;
}

function takeFree(size: i32): usize {
  let previous: usize = 0;
  let block = firstFree;
  while (block != 0) {
    const found = load<i32>(block);
    let next = load<usize>(block, 8);
    if (found >= size) {
      if (found - size >= SMALLEST) {
        const rest = block + size;
        setFree(rest, found - size, next);
        store<i32>(block, size);
        next = rest;
      }
      link(previous, next);
      return block;
    }
    previous = block;
    block = next;
  }
  return 0;
}

/** A fresh block above all others, growing the memory by whole pages where needed. */
function extend(size: i32): usize {
  const block = top;
  const need = block + size;
  const pages = <i32>((need + 0xffff) >>> 16) - memory.size();
  if (<u64>need > limit || (pages > 0 && memory.grow(pages) < 0)) return 0;
  store<i32>(block, size);
  top = need;
  if (top > highestTop) highestTop = top;
  return block;
}

/**
 * Puts a block into the free list by address and joins it with free neighbours, or lowers the top.
 */
function insertFree(block: usize): void {
  let previous: usize = 0;
  let beforePrevious: usize = 0;
  let next = firstFree;
  while (next != 0 && next < block) {
    beforePrevious = previous;
    previous = next;
    next = load<usize>(next, 8);
  }
  let size = load<i32>(block);
  if (next == block + size) {
    size += load<i32>(next);
    next = load<usize>(next, 8);
  }
  if (previous != 0 && previous + load<i32>(previous) == block) {
    size += load<i32>(previous);
    block = previous;
    previous = beforePrevious;
  }
  if (block + size == top) {
    top = block;
    link(previous, next);
    return;
  }
  setFree(block, size, next);
  link(previous, block);
}

function setFree(block: usize, size: i32, next: usize): void {
  store<i32>(block, size);
  store<i32>(block, FREE, 4);
  store<usize>(block, next, 8);
}

function link(previous: usize, next: usize): void {
  if (previous == 0) firstFree = next;
  else store<usize>(previous, next, 8);
}
