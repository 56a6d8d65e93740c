// The Internet checksum (RFC 1071) and the pseudo header that UDP and TCP put before theirs
// (RFC 768, RFC 9293 3.1).

/** The 16-bit one's complement sum of `bytes`, not complemented; `initial` is one from before. */
export function onesSum(bytes: Buffer, initial = 0): number {
  let sum = initial;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  if (even < bytes.length) sum += bytes[even]! << 8;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

/** The checksum of `bytes`; 0 if they contain their own and it is right. */
export function checksum(bytes: Buffer, initial = 0): number {
  return ~onesSum(bytes, initial) & 0xffff;
}

/** The sum of the pseudo header: addresses, protocol, length of the protocol's header and data. */
export function pseudoHeaderSum(
  source: number,
  destination: number,
  protocol: number,
  length: number,
): number {
  const addresses =
    (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
  return addresses + protocol + length;
}
