// What it must cost on Cortex-M0+, in cycles of the emulated RP2040 (translated, gcc, bounds
// checks on): above what mbedTLS and BearSSL reach there only where we are constant-time and they
// are not. A figure above its target is marked in the tables. The figures of others were measured
// in the same emulator, -Os as MicroPython builds, "tuned" with -O2 and assembly; "published" is
// the best assembly for this core that is known.

export const PEERS = ["mbedTLS", "tuned", "BearSSL", "published"] as const;
export type Peer = (typeof PEERS)[number];

/** Cycles of one call: what it must cost, and what would be very good. */
export interface Target {
  must: number;
  moonshot: number;
}

/** One line of the tables. */
export interface Line {
  /** What it is called where there is room. */
  label: string;
  target?: Target;
  peers?: Readonly<Partial<Record<Peer, number>>>;
}

/** Everything that is measured, in the order of the tables: first what there are targets for. */
export const lines: Readonly<Record<string, Line>> = {
  "x25519-keypair": {
    label: "X25519 key pair",
    target: { must: 9e6, moonshot: 4e6 },
    peers: { mbedTLS: 28.2e6, tuned: 22.6e6, BearSSL: 8.56e6, published: 3.23e6 },
  },
  "x25519-shared": {
    label: "X25519 shared secret",
    target: { must: 9e6, moonshot: 5e6 },
    peers: { mbedTLS: 29.8e6, tuned: 23.8e6, BearSSL: 8.48e6, published: 3.23e6 },
  },
  "p256-keypair": {
    label: "P-256 key pair",
    target: { must: 12e6, moonshot: 6e6 },
    peers: { mbedTLS: 12.9e6, tuned: 9e6, BearSSL: 15.1e6, published: 7.2e6 },
  },
  "p256-shared": {
    label: "P-256 shared secret",
    target: { must: 22e6, moonshot: 14e6 },
    peers: { mbedTLS: 36.4e6, tuned: 25.3e6, BearSSL: 22.4e6, published: 16e6 },
  },
  "ecdsa-p256-sign": {
    label: "ECDSA P-256 signature",
    target: { must: 15e6, moonshot: 8e6 },
    peers: { mbedTLS: 15.4e6, tuned: 10.8e6, BearSSL: 20.2e6 },
  },
  "ecdsa-p256-verify": {
    label: "ECDSA P-256 verification",
    target: { must: 36e6, moonshot: 20e6 },
    peers: { mbedTLS: 54.4e6, tuned: 37.8e6, BearSSL: 41.2e6, published: 22.3e6 },
  },
  "ecdsa-p384-verify": {
    label: "ECDSA P-384 verification",
    target: { must: 110e6, moonshot: 70e6 },
    peers: { mbedTLS: 119.2e6, tuned: 85.8e6, BearSSL: 260.8e6 },
  },
  "rsa2048-pkcs1-verify": {
    label: "RSA-2048 verification, PKCS#1 v1.5",
    target: { must: 14e6, moonshot: 9e6 },
    peers: { mbedTLS: 16.5e6, tuned: 11.3e6, BearSSL: 15.8e6 },
  },
  "rsa2048-pss-verify": {
    label: "RSA-2048 verification, PSS",
    target: { must: 14e6, moonshot: 9e6 },
  },
  "rsa2048-sign": {
    label: "RSA-2048 signature",
    target: { must: 300e6, moonshot: 200e6 },
    peers: { mbedTLS: 456e6, tuned: 319e6, BearSSL: 272e6 },
  },
  "sha256-byte": {
    label: "SHA-256, a byte",
    target: { must: 160, moonshot: 110 },
    peers: { mbedTLS: 134.7, tuned: 125.5, BearSSL: 106.9, published: 131 },
  },
  "aes128gcm-16k": {
    label: "AES-128-GCM seal, 16 KB",
    target: { must: 12e6, moonshot: 9e6 },
    peers: { mbedTLS: 10.7e6, tuned: 10.14e6, BearSSL: 9.36e6 },
  },
  "chachapoly-16k": {
    label: "ChaCha20-Poly1305 seal, 16 KB",
    target: { must: 3e6, moonshot: 2e6 },
    peers: { mbedTLS: 3.25e6, tuned: 2.06e6, BearSSL: 2.35e6 },
  },
  mlkem768: {
    label: "ML-KEM-768, all three",
    target: { must: 12e6, moonshot: 8e6 },
    peers: { published: 6e6 },
  },
  "tls13-x25519-ecdsa": {
    label: "TLS 1.3 client, X25519, ECDSA P-256",
    target: { must: 90e6, moonshot: 50e6 },
    peers: { mbedTLS: 168e6 },
  },
  "tls13-p256-ecdsa": {
    label: "TLS 1.3 client, P-256, ECDSA P-256",
    target: { must: 110e6, moonshot: 70e6 },
    peers: { mbedTLS: 160.3e6 },
  },
  "tls13-p256-rsa": {
    label: "TLS 1.3 client, P-256, RSA-2048",
    target: { must: 65e6, moonshot: 40e6 },
    peers: { mbedTLS: 90.4e6 },
  },
  "tls13-x25519-ecdsa-3": {
    label: "TLS 1.3 client, X25519, chain of three",
  },
  "mlkem768-keypair": {
    label: "ML-KEM-768 key pair",
  },
  "mlkem768-encapsulate": {
    label: "ML-KEM-768 encapsulation",
  },
  "mlkem768-decapsulate": {
    label: "ML-KEM-768 decapsulation",
  },
  "p384-keypair": {
    label: "P-384 key pair",
  },
  "p384-shared": {
    label: "P-384 shared secret",
  },
  "ecdsa-p384-sign": {
    label: "ECDSA P-384 signature",
  },
  "ed25519-sign": {
    label: "Ed25519 signature",
  },
  "ed25519-verify": {
    label: "Ed25519 verification",
  },
  "ecdsa-p521-verify": {
    label: "ECDSA P-521 verification",
  },
  "miller-rabin-1024": {
    label: "A prime of 1024 bits: one round",
  },
  "rsa3072-pkcs1-verify": {
    label: "RSA-3072 verification, PKCS#1 v1.5",
  },
  "rsa4096-pkcs1-verify": {
    label: "RSA-4096 verification, PKCS#1 v1.5",
  },
  "sha256-1k": {
    label: "SHA-256, 1 KB",
  },
  "sha512-1k": {
    label: "SHA-512, 1 KB",
  },
  "sha3-256-1k": {
    label: "SHA3-256, 1 KB",
  },
  "hmac-sha256": {
    label: "HMAC-SHA-256, 64 bytes",
  },
  "hkdf-sha256": {
    label: "HKDF-SHA-256, 32 bytes to 32",
  },
  "aes128gcm-1k": {
    label: "AES-128-GCM seal, 1 KB",
  },
  "chachapoly-1k": {
    label: "ChaCha20-Poly1305 seal, 1 KB",
  },
  "aes128cbc-sha256-16k": {
    label: "AES-128-CBC, HMAC-SHA-256 seal, 16 KB",
  },
  "aes128cbc-sha256-16k-open": {
    label: "AES-128-CBC, HMAC-SHA-256 open, 16 KB",
  },
};

/** Throws where there is no such line. */
export function lineOf(name: string): Line {
  const line = lines[name];
  if (line === undefined) throw new Error(`${name} has no line in the tables`);
  return line;
}

/** What became of the targets, in words; empty where the figures, by name, have none. */
export function verdictOf(figures: ReadonlyMap<string, number>): string {
  const verdicts = (["must", "moonshot"] as const).map((kind) => {
    const missed: string[] = [];
    let kept = 0;
    for (const [name, value] of figures) {
      const { label, target } = lineOf(name);
      if (target === undefined) continue;
      if (value <= target[kind]) kept++;
      else missed.push(label);
    }
    if (missed.length === 0) return kept === 0 ? "" : `${kind}: all ${kept} kept`;
    return `${kind}: ${kept} kept, ${missed.length} missed: ${missed.join("; ")}`;
  });
  return verdicts.join("\n").trim();
}

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
