// What it must cost on Cortex-M0+, in cycles of the emulated RP2040 (translated, gcc, bounds
// checks on): above what mbedTLS and BearSSL reach there only where we are constant-time and they
// are not. A figure above its target is marked in the tables. The figures of others were measured
// in the same emulator, -Os as MicroPython builds, "tuned" with -O2 and assembly; "published" is
// the best assembly for this core that is known.

export const PEERS = ["mbedTLS", "tuned", "BearSSL", "published"] as const;
export type Peer = (typeof PEERS)[number];

export interface Target {
  /** What it is called where there is room. */
  label: string;
  must: number;
  moonshot: number;
  peers: Readonly<Partial<Record<Peer, number>>>;
}

const BLOCK = 64;

export const targets: Readonly<Record<string, Target>> = {
  "sha256-block": {
    label: "SHA-256, a block of 64 bytes",
    must: BLOCK * 160,
    moonshot: BLOCK * 110,
    peers: {
      mbedTLS: BLOCK * 134.7,
      tuned: BLOCK * 125.5,
      BearSSL: BLOCK * 106.9,
      published: BLOCK * 131,
    },
  },
  "aes128gcm-16k": {
    label: "AES-128-GCM seal, 16 KB",
    must: 12e6,
    moonshot: 9e6,
    peers: { mbedTLS: 10.7e6, tuned: 10.14e6, BearSSL: 9.36e6 },
  },
  "chachapoly-16k": {
    label: "ChaCha20-Poly1305 seal, 16 KB",
    must: 3e6,
    moonshot: 2e6,
    peers: { mbedTLS: 3.25e6, tuned: 2.06e6, BearSSL: 2.35e6 },
  },
  "x25519-keypair": {
    label: "X25519 key pair",
    must: 9e6,
    moonshot: 4e6,
    peers: { mbedTLS: 28.2e6, tuned: 22.6e6, BearSSL: 8.56e6, published: 3.23e6 },
  },
  "x25519-shared": {
    label: "X25519 shared secret",
    must: 9e6,
    moonshot: 5e6,
    peers: { mbedTLS: 29.8e6, tuned: 23.8e6, BearSSL: 8.48e6, published: 3.23e6 },
  },
  "p256-keypair": {
    label: "P-256 key pair",
    must: 12e6,
    moonshot: 6e6,
    peers: { mbedTLS: 12.9e6, tuned: 9e6, BearSSL: 15.1e6, published: 7.2e6 },
  },
  "p256-shared": {
    label: "P-256 shared secret",
    must: 22e6,
    moonshot: 14e6,
    peers: { mbedTLS: 36.4e6, tuned: 25.3e6, BearSSL: 22.4e6, published: 16e6 },
  },
  "ecdsa-p256-sign": {
    label: "ECDSA P-256 signature",
    must: 15e6,
    moonshot: 8e6,
    peers: { mbedTLS: 15.4e6, tuned: 10.8e6, BearSSL: 20.2e6 },
  },
  "ecdsa-p256-verify": {
    label: "ECDSA P-256 verification",
    must: 36e6,
    moonshot: 20e6,
    peers: { mbedTLS: 54.4e6, tuned: 37.8e6, BearSSL: 41.2e6, published: 22.3e6 },
  },
  "ecdsa-p384-verify": {
    label: "ECDSA P-384 verification",
    must: 110e6,
    moonshot: 70e6,
    peers: { mbedTLS: 119.2e6, tuned: 85.8e6, BearSSL: 260.8e6 },
  },
  "rsa2048-pkcs1-verify": {
    label: "RSA-2048 verification, PKCS#1 v1.5",
    must: 14e6,
    moonshot: 9e6,
    peers: { mbedTLS: 16.5e6, tuned: 11.3e6, BearSSL: 15.8e6 },
  },
  "rsa2048-pss-verify": {
    label: "RSA-2048 verification, PSS",
    must: 14e6,
    moonshot: 9e6,
    peers: {},
  },
  "rsa2048-sign": {
    label: "RSA-2048 signature",
    must: 300e6,
    moonshot: 200e6,
    peers: { mbedTLS: 456e6, tuned: 319e6, BearSSL: 272e6 },
  },
  "tls13-x25519-ecdsa": {
    label: "TLS 1.3 client, in memory",
    must: 90e6,
    moonshot: 50e6,
    peers: { mbedTLS: 168e6 },
  },
};

/** Of a whole handshake on a board with chain of three, network and app included. */
export const HANDSHAKE_ACCEPTED = 150e6;
/** Bytes of TLS in both directions, a leaf alone being sent. */
export const WIRE_MOST = 1100;

/** Clients of others, the certificate signed by the CA, AES-128-GCM: what is nearest to ours. */
export const CLIENTS: readonly { label: string; cycles: number }[] = [
  { label: "mbedTLS 3.6.6, TLS 1.3, X25519", cycles: 168.0e6 },
  { label: "MicroPython 1.28, TLS 1.2, P-256", cycles: 143.9e6 },
  { label: "mbedTLS tuned, TLS 1.2, P-256", cycles: 111.5e6 },
  { label: "BearSSL 0.6, TLS 1.2, X25519", cycles: 102.6e6 },
];
