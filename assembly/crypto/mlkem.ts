// ML-KEM-768 (FIPS 203, 6 and 7): key encapsulation that a quantum computer does not break. The
// encryption is in mlkem-pke.ts, its arithmetic in mlkem-ring.ts.
//
// Random bytes are arguments, so that every operation can be repeated; they must be fresh and from
// a good source, each for one call. Lengths come with what a peer or a file gave: anything else
// than the standard's is refused, as is a public key with numbers from q on (7.2) and a private
// key that does not belong to the public key inside it (7.3).
//
// A wrong ciphertext is no error: it gives a secret that nobody knows, the same one each time
// (implicit rejection), and no time or address tells which kind it was.
//
//   private key:  | s 1,152 | public key 1,184 | H(public key) 32 | z 32 |

import { equalVarTime } from "../base/bytes";
import { Choice, copyBytesIf, equalBytes, not } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  PKE_CIPHERTEXT_SIZE,
  PKE_PUBLIC_SIZE,
  PKE_SECRET_SIZE,
  isPublicKeyVarTime,
  pkeDecrypt,
  pkeEncrypt,
  pkeKeyPair,
} from "./mlkem-pke";
import { SHA3_STATE_SIZE, Sha3Id, sha3, sha3Begin, sha3Squeeze, sha3Update } from "./sha3";

/** d, then z: what a key pair is made from. */
export const MLKEM_SEED_SIZE: i32 = 64;
export const MLKEM_PUBLIC_SIZE: i32 = PKE_PUBLIC_SIZE;
export const MLKEM_CIPHERTEXT_SIZE: i32 = PKE_CIPHERTEXT_SIZE;
/** Of the shared secret, and of what encapsulation is made from. */
export const MLKEM_SECRET_SIZE: i32 = 32;

/** Where in a private key its public key stands. */
export const MLKEM_PUBLIC: usize = PKE_SECRET_SIZE;
const PUBLIC_HASH: usize = MLKEM_PUBLIC + MLKEM_PUBLIC_SIZE;
const REJECTION: usize = PUBLIC_HASH + 32;
export const MLKEM_PRIVATE_SIZE: i32 = <i32>REJECTION + 32;

/** k of ML-KEM-768, which keeps keys of different parameters apart (algorithm 13, line 1). */
const K: u8 = 3;

/**
 * Makes a private key of MLKEM_PRIVATE_SIZE bytes, the public key inside, from a seed of
 * MLKEM_SEED_SIZE bytes (algorithm 16). CT: addresses and the public key leak.
 */
export function mlkemKeyPair(privateKey: usize, seed: usize): void {
  const frame = scratch.mark();
  const input = scratch.take(33);
  const hashes = scratch.take(64);
  memory.copy(input, seed, 32);
  store<u8>(input, K, 32);
  sha3(Sha3Id.SHA3_512, input, 33, hashes, 64);
  const publicKey = privateKey + MLKEM_PUBLIC;
  pkeKeyPair(privateKey, publicKey, hashes, hashes + 32);
  sha3(Sha3Id.SHA3_256, publicKey, MLKEM_PUBLIC_SIZE, privateKey + PUBLIC_HASH, 32);
  memory.copy(privateKey + REJECTION, seed + 32, 32);
  scratch.release(frame);
}

/**
 * 1: the shared secret of MLKEM_SECRET_SIZE bytes, and the ciphertext of MLKEM_CIPHERTEXT_SIZE
 * that tells it to the owner of the public key, from 32 random bytes (algorithm 17). 0: this is no
 * public key, nothing was written. CT: addresses, the public key and its length leak.
 */
export function mlkemEncapsulate(
  secret: usize,
  ciphertext: usize,
  publicKey: usize,
  publicLen: i32,
  randomness: usize,
): Choice {
  if (publicLen != MLKEM_PUBLIC_SIZE || !isPublicKeyVarTime(publicKey)) return 0;
  const frame = scratch.mark();
  const input = scratch.take(64);
  const hashes = scratch.take(64);
  memory.copy(input, randomness, 32);
  sha3(Sha3Id.SHA3_256, publicKey, MLKEM_PUBLIC_SIZE, input + 32, 32);
  sha3(Sha3Id.SHA3_512, input, 64, hashes, 64);
  pkeEncrypt(ciphertext, publicKey, input, hashes + 32);
  memory.copy(secret, hashes, MLKEM_SECRET_SIZE);
  scratch.release(frame);
  return 1;
}

/**
 * 1: the shared secret of MLKEM_SECRET_SIZE bytes (algorithm 18), another one where the ciphertext
 * is not genuine. 0: wrong lengths, or a damaged private key; nothing was written. CT: addresses,
 * lengths, the public key and the ciphertext leak, but not whether it is genuine.
 */
export function mlkemDecapsulate(
  secret: usize,
  privateKey: usize,
  privateLen: i32,
  ciphertext: usize,
  ciphertextLen: i32,
): Choice {
  if (privateLen != MLKEM_PRIVATE_SIZE || ciphertextLen != MLKEM_CIPHERTEXT_SIZE) return 0;
  if (!hasRightHashVarTime(privateKey)) return 0;
  const frame = scratch.mark();
  const input = scratch.take(64);
  const hashes = scratch.take(64);
  const again = scratch.take(MLKEM_CIPHERTEXT_SIZE);
  pkeDecrypt(input, privateKey, ciphertext);
  memory.copy(input + 32, privateKey + PUBLIC_HASH, 32);
  sha3(Sha3Id.SHA3_512, input, 64, hashes, 64);
  pkeEncrypt(again, privateKey + MLKEM_PUBLIC, input, hashes + 32);
  const isGenuine = equalBytes(again, ciphertext, MLKEM_CIPHERTEXT_SIZE);
  rejectionSecret(input, privateKey + REJECTION, ciphertext);
  copyBytesIf(not(isGenuine), hashes, input, MLKEM_SECRET_SIZE);
  memory.copy(secret, hashes, MLKEM_SECRET_SIZE);
  scratch.release(frame);
  return 1;
}

/** The hash check of 7.3. */
function hasRightHashVarTime(privateKey: usize): bool {
  const frame = scratch.mark();
  const hash = scratch.take(32);
  sha3(Sha3Id.SHA3_256, privateKey + MLKEM_PUBLIC, MLKEM_PUBLIC_SIZE, hash, 32);
  const isRight = equalVarTime(hash, privateKey + PUBLIC_HASH, 32);
  scratch.release(frame);
  return isRight;
}

/** J(z || ciphertext): what a wrong ciphertext gives. */
function rejectionSecret(out: usize, z: usize, ciphertext: usize): void {
  const frame = scratch.mark();
  const state = scratch.take(SHA3_STATE_SIZE);
  sha3Begin(state, Sha3Id.SHAKE256);
  sha3Update(state, z, 32);
  sha3Update(state, ciphertext, MLKEM_CIPHERTEXT_SIZE);
  sha3Squeeze(state, out, MLKEM_SECRET_SIZE);
  scratch.release(frame);
}
