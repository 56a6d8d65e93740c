// ASCII texts of the program's own: suite names, labels, error messages. A string literal is static
// data in UTF-16; nothing here allocates, and a literal is the only string that may be passed.

/**
 * Writes a literal as ASCII to out, where cap bytes hold it; gives its length, or -1 where they do
 * not.
 */
export function putText(text: string, out: usize, cap: i32): i32 {
  const n = text.length;
  if (n > cap) return -1;
  for (let i = 0; i < n; i++) store<u8>(out + i, unit(text, i));
  return n;
}

/** Whether the n bytes at p are this literal. Variable time: public texts only. */
export function isText(text: string, p: usize, n: i32): bool {
  if (n != text.length) return false;
  for (let i = 0; i < n; i++) {
    if (load<u8>(p + i) != unit(text, i)) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function unit(text: string, i: i32): u16 {
  return load<u16>(changetype<usize>(text) + (i << 1));
}
