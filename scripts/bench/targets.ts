// What it must cost on Cortex-M0+, in cycles of the emulated RP2040 (translated, gcc, bounds
// checks on): above what mbedTLS and BearSSL reach there only where we are constant-time and they
// are not. A figure above its target is marked in the table.

export const targets: Readonly<Record<string, number>> = {
  "sha256-block": 64 * 160,
  "aes128gcm-16k": 12e6,
  "chachapoly-16k": 3e6,
  "x25519-keypair": 9e6,
  "x25519-shared": 9e6,
  "p256-keypair": 12e6,
  "p256-shared": 22e6,
  "ecdsa-p256-verify": 36e6,
  "ecdsa-p384-verify": 110e6,
  "rsa2048-pkcs1-verify": 14e6,
  "rsa2048-pss-verify": 14e6,
  "tls13-x25519-ecdsa": 90e6,
};
