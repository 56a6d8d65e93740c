// The cryptography of the scripted TLS 1.3 server, over node:crypto: key schedule, record
// protection, key exchange and signatures (RFC 8446, 4.2.8, 4.4, 5.2 to 5.4 and 7). Honest
// throughout; what lies is the script above it. A pair of ephemeral keys comes from a seed so that
// a failing case repeats exactly.

import {
  constants,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign,
  type CipherGCMTypes,
  type KeyObject,
} from "node:crypto";
import {
  Group,
  HandshakeType,
  Scheme,
  Suite,
  ascii,
  concat,
  fromHex,
  handshakeMessage,
  u16,
  u8,
  vector8,
} from "./tls13-wire.ts";

const TAG_SIZE = 16;

interface SuiteParameters {
  hash: "sha256" | "sha384";
  hashSize: number;
  cipher: string;
  keySize: number;
}

const SUITES: Record<number, SuiteParameters> = {
  [Suite.TLS_AES_128_GCM_SHA256]: {
    hash: "sha256",
    hashSize: 32,
    cipher: "aes-128-gcm",
    keySize: 16,
  },
  [Suite.TLS_AES_256_GCM_SHA384]: {
    hash: "sha384",
    hashSize: 48,
    cipher: "aes-256-gcm",
    keySize: 32,
  },
  [Suite.TLS_CHACHA20_POLY1305_SHA256]: {
    hash: "sha256",
    hashSize: 32,
    cipher: "chacha20-poly1305",
    keySize: 32,
  },
};

/** One direction's keys: seals and opens records, and counts them. */
export class TrafficKeys {
  sequence = 0n;
  private readonly key: Uint8Array;
  private readonly iv: Uint8Array;

  constructor(
    readonly suite: SuiteParameters,
    readonly secret: Uint8Array,
  ) {
    this.key = expandLabel(suite, secret, "key", new Uint8Array(0), suite.keySize);
    this.iv = expandLabel(suite, secret, "iv", new Uint8Array(0), 12);
  }

  /** The keys after a KeyUpdate (7.2). */
  next(): TrafficKeys {
    const { hashSize } = this.suite;
    return new TrafficKeys(
      this.suite,
      expandLabel(this.suite, this.secret, "traffic upd", new Uint8Array(0), hashSize),
    );
  }

  /** The whole record for `inner` (content, type and padding), under the next sequence number. */
  seal(inner: Uint8Array, outerType: number, version: number): Uint8Array {
    const header = concat(u8(outerType), u16(version), u16(inner.length + TAG_SIZE));
    const cipher = createCipheriv(this.suite.cipher as CipherGCMTypes, this.key, this.nonce(), {
      authTagLength: TAG_SIZE,
    });
    cipher.setAAD(header);
    const text = concat(cipher.update(inner), cipher.final());
    return concat(header, text, cipher.getAuthTag());
  }

  /** The inner plaintext of a record, or null where its tag is wrong. */
  open(header: Uint8Array, fragment: Uint8Array): Uint8Array | null {
    if (fragment.length < TAG_SIZE) return null;
    const split = fragment.length - TAG_SIZE;
    const cipher = createDecipheriv(this.suite.cipher as CipherGCMTypes, this.key, this.nonce(), {
      authTagLength: TAG_SIZE,
    });
    cipher.setAAD(header);
    cipher.setAuthTag(fragment.subarray(split));
    const text = cipher.update(fragment.subarray(0, split));
    try {
      return concat(text, cipher.final());
    } catch {
      return null;
    }
  }

  private nonce(): Uint8Array {
    const nonce = Uint8Array.from(this.iv);
    let rest = this.sequence++;
    for (let i = 11; rest > 0n; i--, rest >>= 8n) nonce[i] ^= Number(rest & 0xffn);
    return nonce;
  }
}

/** Secrets of one handshake (7.1); the transcript is that of the server that owns it. */
export class KeySchedule {
  readonly suite: SuiteParameters;
  private transcript: Uint8Array = new Uint8Array(0);
  private secret: Uint8Array;

  constructor(suite: number) {
    this.suite = SUITES[suite];
    const zeros = new Uint8Array(this.suite.hashSize);
    this.secret = this.extract(zeros, zeros); // the early secret without a PSK
  }

  add(message: Uint8Array): void {
    this.transcript = concat(this.transcript, message);
  }

  /** ClientHello1 becomes a message_hash before a HelloRetryRequest is added (4.4.1). */
  replaceByHash(): void {
    this.transcript = handshakeMessage(HandshakeType.messageHash, this.transcriptHash());
  }

  transcriptHash(): Uint8Array {
    return createHash(this.suite.hash).update(this.transcript).digest();
  }

  /** Both handshake traffic secrets, after ServerHello. */
  handshakeKeys(sharedSecret: Uint8Array): { client: TrafficKeys; server: TrafficKeys } {
    this.secret = this.extract(this.derive("derived", this.emptyHash()), sharedSecret);
    return this.pair("c hs traffic", "s hs traffic");
  }

  /** Both first application traffic secrets, after the server's Finished. */
  applicationKeys(): { client: TrafficKeys; server: TrafficKeys } {
    const zeros = new Uint8Array(this.suite.hashSize);
    this.secret = this.extract(this.derive("derived", this.emptyHash()), zeros);
    return this.pair("c ap traffic", "s ap traffic");
  }

  /** verify_data of a Finished under `keys`, over the transcript so far (4.4.4). */
  verifyData(keys: TrafficKeys): Uint8Array {
    const { hash, hashSize } = this.suite;
    const key = expandLabel(this.suite, keys.secret, "finished", new Uint8Array(0), hashSize);
    return createHmac(hash, key).update(this.transcriptHash()).digest();
  }

  private pair(client: string, server: string): { client: TrafficKeys; server: TrafficKeys } {
    const hash = this.transcriptHash();
    return {
      client: new TrafficKeys(this.suite, this.derive(client, hash)),
      server: new TrafficKeys(this.suite, this.derive(server, hash)),
    };
  }

  private derive(label: string, hash: Uint8Array): Uint8Array {
    return expandLabel(this.suite, this.secret, label, hash, this.suite.hashSize);
  }

  private extract(salt: Uint8Array, input: Uint8Array): Uint8Array {
    return createHmac(this.suite.hash, salt).update(input).digest();
  }

  private emptyHash(): Uint8Array {
    return createHash(this.suite.hash).digest();
  }
}

/** HKDF-Expand-Label; one HMAC is enough up to the hash's size, and TLS never asks for more. */
function expandLabel(
  suite: SuiteParameters,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  size: number,
): Uint8Array {
  const info = concat(u16(size), vector8(ascii(`tls13 ${label}`)), vector8(context));
  const block = createHmac(suite.hash, secret).update(info).update(u8(1)).digest();
  return new Uint8Array(block.subarray(0, size));
}

/** The server's half of an exchange: its share, and the secret shared with the client. */
export interface Exchange {
  share: Uint8Array;
  secret: Uint8Array;
}

const ECDH_CURVES: Record<number, { name: string; size: number }> = {
  [Group.secp256r1]: { name: "prime256v1", size: 32 },
  [Group.secp384r1]: { name: "secp384r1", size: 48 },
  [Group.secp521r1]: { name: "secp521r1", size: 66 },
};

/** Answers the client's share with a key pair that `seed` determines. */
export function exchangeKeys(group: number, clientShare: Uint8Array, seed: string): Exchange {
  return group === Group.x25519
    ? exchangeX25519(clientShare, deterministicBytes(seed, 32))
    : exchangeEcdh(group, clientShare, seed);
}

function exchangeEcdh(group: number, clientShare: Uint8Array, seed: string): Exchange {
  const { name, size } = ECDH_CURVES[group];
  const ecdh = createECDH(name);
  const scalar = deterministicBytes(seed, size);
  scalar[0] = 0; // below the order of every curve here
  ecdh.setPrivateKey(scalar);
  return { share: ecdh.getPublicKey(), secret: ecdh.computeSecret(clientShare) };
}

/**
 * The DER that stands before the 32 bytes of an X25519 key in PKCS #8 and in SubjectPublicKeyInfo
 * (RFC 8410).
 */
const X25519_PKCS8 = fromHex("302e020100300506032b656e04220420");
const X25519_SPKI = fromHex("302a300506032b656e032100");

function exchangeX25519(clientShare: Uint8Array, scalar: Uint8Array): Exchange {
  const pkcs8 = Buffer.from(concat(X25519_PKCS8, scalar));
  const spki = Buffer.from(concat(X25519_SPKI, clientShare));
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  const ours = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    share: new Uint8Array(ours.subarray(X25519_SPKI.length)),
    secret: diffieHellman({ privateKey, publicKey }),
  };
}

/** n bytes that depend on nothing but the seed. */
export function deterministicBytes(seed: string, n: number): Uint8Array {
  return new Uint8Array(createHash("shake256", { outputLength: n }).update(seed).digest());
}

/** The scheme that an honest server takes for its key. */
export function schemeOf(key: KeyObject): number {
  if (key.asymmetricKeyType === "rsa") return Scheme.rsa_pss_rsae_sha256;
  if (key.asymmetricKeyType === "rsa-pss") return Scheme.rsa_pss_pss_sha256;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "secp521r1") return Scheme.ecdsa_secp521r1_sha512;
  return curve === "secp384r1" ? Scheme.ecdsa_secp384r1_sha384 : Scheme.ecdsa_secp256r1_sha256;
}

const HASH_OF_SCHEME: Record<number, string> = {
  [Scheme.rsa_pkcs1_sha1]: "sha1",
  [Scheme.rsa_pkcs1_sha256]: "sha256",
  [Scheme.ecdsa_secp256r1_sha256]: "sha256",
  [Scheme.rsa_pss_rsae_sha256]: "sha256",
  [Scheme.rsa_pss_pss_sha256]: "sha256",
  [Scheme.ecdsa_secp384r1_sha384]: "sha384",
  [Scheme.rsa_pss_rsae_sha384]: "sha384",
  [Scheme.rsa_pss_pss_sha384]: "sha384",
  [Scheme.ecdsa_secp521r1_sha512]: "sha512",
  [Scheme.rsa_pss_rsae_sha512]: "sha512",
  [Scheme.rsa_pss_pss_sha512]: "sha512",
};

export type Signer = "server" | "client";

/**
 * The signature of CertificateVerify over a transcript hash (4.4.3), with any scheme that the key
 * can do.
 */
export function signTranscript(
  key: KeyObject,
  scheme: number,
  transcriptHash: Uint8Array,
  signer: Signer = "server",
): Uint8Array {
  const label = ascii(`TLS 1.3, ${signer} CertificateVerify\0`);
  const content = concat(new Uint8Array(64).fill(0x20), label, transcriptHash);
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  const isPss = scheme >>> 8 === 0x08;
  return sign(HASH_OF_SCHEME[scheme], content, isPss ? { key, ...pss } : key);
}
