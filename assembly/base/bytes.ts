// Bytes in linear memory: big-endian loads and stores, comparison of public data, wiping.
//
// A byte range is (pointer, length). Pointers are usize, lengths i32, and nobody passes a negative
// length: whoever takes a length from outside (the bridge, a parser) has checked it. No function
// here keeps a pointer.

// @ts-ignore: decorator
@inline
export function load16be(p: usize): u32 {
  return (<u32>load<u8>(p) << 8) | load<u8>(p, 1);
}

// @ts-ignore: decorator
@inline
export function load24be(p: usize): u32 {
  return (<u32>load<u8>(p) << 16) | (<u32>load<u8>(p, 1) << 8) | load<u8>(p, 2);
}

/** Any alignment: four byte loads, because Cortex-M0+ faults on an unaligned word. */
// @ts-ignore: decorator
@inline
export function load32be(p: usize): u32 {
  return (load16be(p) << 16) | load16be(p + 2);
}

// @ts-ignore: decorator
@inline
export function load64be(p: usize): u64 {
  return (<u64>load32be(p) << 32) | load32be(p + 4);
}

// @ts-ignore: decorator
@inline
export function load32le(p: usize): u32 {
  const low = load<u8>(p) | (<u32>load<u8>(p, 1) << 8);
  return low | (<u32>load<u8>(p, 2) << 16) | (<u32>load<u8>(p, 3) << 24);
}

// @ts-ignore: decorator
@inline
export function store16be(p: usize, v: u32): void {
  store<u8>(p, v >> 8);
  store<u8>(p, v, 1);
}

// @ts-ignore: decorator
@inline
export function store24be(p: usize, v: u32): void {
  store<u8>(p, v >> 16);
  store16be(p + 1, v);
}

// @ts-ignore: decorator
@inline
export function store32be(p: usize, v: u32): void {
  store16be(p, v >> 16);
  store16be(p + 2, v);
}

// @ts-ignore: decorator
@inline
export function store64be(p: usize, v: u64): void {
  store32be(p, <u32>(v >> 32));
  store32be(p + 4, <u32>v);
}

// @ts-ignore: decorator
@inline
export function store32le(p: usize, v: u32): void {
  store<u8>(p, v);
  store<u8>(p, v >> 8, 1);
  store<u8>(p, v >> 16, 2);
  store<u8>(p, v >> 24, 3);
}

/**
 * Overwrites a secret. WebAssembly engines do not remove stores to memory that outlives the call.
 */
export function wipe(p: usize, n: i32): void {
  memory.fill(p, 0, n);
}

/** Equality of public bytes; stops at the first difference. For secrets: ct.equalBytes. */
export function equalVarTime(a: usize, b: usize, n: i32): bool {
  for (let i = 0; i < n; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}
