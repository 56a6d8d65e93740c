// Between AssemblyScript's strings (UTF-16) and the bytes that sockets, files and the console take
// (UTF-8).

/** The bytes of a text, as Python's `text.encode()`. */
// @ts-ignore: decorator
@global
export function bytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** The text of UTF-8 bytes, as Python's `data.decode()`; what is not UTF-8 becomes U+FFFD. */
// @ts-ignore: decorator
@global
export function str(data: Uint8Array): string {
  return String.UTF8.decodeUnsafe(data.dataStart, data.byteLength);
}

/** The text of n UTF-8 bytes at an address of this program. */
export function textAt(address: usize, n: i32): string {
  return String.UTF8.decodeUnsafe(address, n);
}
