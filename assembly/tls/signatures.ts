// Signature schemes that we accept (RFC 8446, 4.2.3), in the order in which we like them: ECDSA
// before RSA because its certificates are a third of the size; PSS before PKCS#1 v1.5, which TLS
// 1.3 allows in certificates only.

import { Writer } from "../base/writer";
import { SignatureScheme } from "../x509/signature";

/**
 * Writes the list of signature_algorithms, without its length. One list for certificates and
 * CertificateVerify: what only certificates may use is refused by maySignHandshake.
 */
export function putSchemes(w: Writer): void {
  w.u16(SignatureScheme.ECDSA_SECP256R1_SHA256);
  w.u16(SignatureScheme.ECDSA_SECP384R1_SHA384);
  w.u16(SignatureScheme.ECDSA_SECP521R1_SHA512);
  w.u16(SignatureScheme.RSA_PSS_RSAE_SHA256);
  w.u16(SignatureScheme.RSA_PSS_RSAE_SHA384);
  w.u16(SignatureScheme.RSA_PSS_RSAE_SHA512);
  w.u16(SignatureScheme.RSA_PSS_PSS_SHA256);
  w.u16(SignatureScheme.RSA_PSS_PSS_SHA384);
  w.u16(SignatureScheme.RSA_PSS_PSS_SHA512);
  w.u16(SignatureScheme.RSA_PKCS1_SHA256);
  w.u16(SignatureScheme.RSA_PKCS1_SHA384);
  w.u16(SignatureScheme.RSA_PKCS1_SHA512);
}

/**
 * Whether a TLS 1.3 CertificateVerify may be signed so: offered by us, and not PKCS#1 v1.5 (4.4.3).
 */
export function maySignHandshake(scheme: i32): bool {
  switch (scheme) {
    case SignatureScheme.ECDSA_SECP256R1_SHA256:
    case SignatureScheme.ECDSA_SECP384R1_SHA384:
    case SignatureScheme.ECDSA_SECP521R1_SHA512:
    case SignatureScheme.RSA_PSS_RSAE_SHA256:
    case SignatureScheme.RSA_PSS_RSAE_SHA384:
    case SignatureScheme.RSA_PSS_RSAE_SHA512:
    case SignatureScheme.RSA_PSS_PSS_SHA256:
    case SignatureScheme.RSA_PSS_PSS_SHA384:
    case SignatureScheme.RSA_PSS_PSS_SHA512:
      return true;
    default:
      return false;
  }
}
