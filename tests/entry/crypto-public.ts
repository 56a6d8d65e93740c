// What tests/crypto/ calls of the public-key half, with flat signatures.

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { peak as scratchPeak } from "../../assembly/base/scratch";
export { x25519, x25519PublicKey } from "../../assembly/crypto/x25519";
export {
  add as fe25519Add,
  fromBytes as fe25519FromBytes,
  invert as fe25519Invert,
  multiply as fe25519Multiply,
  square as fe25519Square,
  subtract as fe25519Subtract,
  toBytes as fe25519ToBytes,
} from "../../assembly/crypto/field25519";
export { ecdhPublicKey, ecdhSharedSecret } from "../../assembly/crypto/ecdh";
export { ecdsaVerify } from "../../assembly/crypto/ecdsa";
export { rsaVerifyPkcs1, rsaVerifyPss } from "../../assembly/crypto/rsa";
