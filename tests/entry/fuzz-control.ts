// A parser with a bug: after four right bytes it reads one more without asking whether it is there.
// tests/fuzz/fuzz.test.ts must find it.

export function parse(p: usize, n: i32): i32 {
  if (n < 4 || load<u8>(p) != 0x30 || load<u8>(p, 1) != 0x82) return -1;
  if (load<u8>(p, 2) < 0xa0 || load<u8>(p, 3) > 0x0f) return -1;
  return load<u8>(p, 4);
}
