// The flash image of an RP2040: its first 256 bytes are code for the boot ROM, which checks their
// CRC-32.

const BOOT2 = 256;
const POLYNOMIAL = 0x04c11db7;

/** The boot ROM's CRC-32: the most significant bit first, from all ones, nothing inverted. */
export function bootCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? POLYNOMIAL : 0);
  }
  return crc >>> 0;
}

/** boot2 with its CRC in the last four bytes, which must be free. */
export function signBoot2(boot2: Uint8Array): Uint8Array {
  const signed = Uint8Array.from(boot2);
  const view = new DataView(signed.buffer);
  if (signed.length !== BOOT2) throw new Error(`boot2 has ${signed.length} bytes, not ${BOOT2}`);
  if (view.getUint32(BOOT2 - 4) !== 0) throw new Error("boot2 leaves no room for its CRC");
  view.setUint32(BOOT2 - 4, bootCrc(signed.subarray(0, BOOT2 - 4)), true);
  return signed;
}
