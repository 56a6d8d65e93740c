// The symmetric half of assembly/crypto, exported flat for tests/crypto.

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { peak as scratch_peak } from "../../assembly/base/scratch";
export {
  AEAD_STATE_SIZE,
  aeadBegin,
  aeadKeySize,
  aeadOpen,
  aeadSeal,
} from "../../assembly/crypto/aead";
export { AES_STATE_SIZE, aesBegin, aesEncrypt } from "../../assembly/crypto/aes";
export { chacha20Apply } from "../../assembly/crypto/chacha20";
export {
  DRBG_STATE_SIZE,
  drbgBegin,
  drbgFill,
  drbgReseed,
} from "../../assembly/crypto/drbg";
export {
  GHASH_STATE_SIZE,
  ghashBegin,
  ghashEnd,
  ghashUpdate,
} from "../../assembly/crypto/ghash";
export {
  HASH_STATE_SIZE,
  hash,
  hashBegin,
  hashCopy,
  hashEnd,
  hashSize,
  hashUpdate,
} from "../../assembly/crypto/hash";
export { hkdfExpand, hkdfExtract } from "../../assembly/crypto/hkdf";
export {
  HMAC_STATE_SIZE,
  hmac,
  hmacBegin,
  hmacEnd,
  hmacUpdate,
} from "../../assembly/crypto/hmac";
export {
  POLY1305_STATE_SIZE,
  poly1305Begin,
  poly1305End,
  poly1305Update,
  poly1305UpdatePadded,
} from "../../assembly/crypto/poly1305";
export {
  INITIAL_384,
  INITIAL_512,
  ROUND_CONSTANTS,
} from "../../assembly/crypto/sha2-tables";
