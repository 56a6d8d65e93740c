// Who the other side says it is: the certificates of its Certificate message, whatever the TLS
// version, and what of them outlives the handshake, which is the end entity's certificate alone.
// The rest is parsed and checked where it stands in the inbox.

import { Errno, Refusal, deviceError, refused } from "../base/err";
import * as heap from "../base/heap";
import * as scratch from "../base/scratch";
import { Certificate, parseCertificate } from "../x509/certificate";
import { isSchemeOfKey, verifySignature } from "../x509/signature";
import { verifyChain } from "../x509/verify";
import { Config } from "./config";

/** The longest list that we check; 8 certificates can form a chain, the others lead elsewhere. */
const MAX_CERTIFICATES: i32 = 10;

const PEER_IS_SERVER: i32 = 0;

/** The certificates of a message, end entity first: pointers and lengths, u32 each, in turn. */
// @ts-ignore: decorator
@unmanaged
export class CertificateList {
  entries: usize = 0;
  /** How many the message had; those past MAX_CERTIFICATES are not in the list. */
  count: i32 = 0;

  /** An empty list in the caller's scratch frame. */
  static empty(): CertificateList {
    const list = changetype<CertificateList>(scratch.take(offsetof<CertificateList>()));
    list.entries = scratch.take(8 * MAX_CERTIFICATES);
    list.count = 0;
    return list;
  }

  add(der: usize, n: i32): void {
    const entry = this.entries + 8 * this.count;
    if (this.count < MAX_CERTIFICATES) {
      store<u32>(entry, <u32>der);
      store<u32>(entry, n, 4);
    }
    this.count++;
  }

  derAt(i: i32): usize {
    return load<u32>(this.entries + 8 * i);
  }

  lengthAt(i: i32): i32 {
    return load<i32>(this.entries + 8 * i, 4);
  }
}

/** Our copy of the peer's certificate. */
// @ts-ignore: decorator
@unmanaged
export class Peer {
  certificate: Certificate = changetype<Certificate>(0);
  der: usize = 0;
  length: i32 = 0;

  static create(): Peer | null {
    const peer = heap.create<Peer>();
    const certificate = heap.create<Certificate>();
    if (peer !== null && certificate !== null) {
      peer.certificate = certificate;
      return peer;
    }
    heap.release(changetype<usize>(peer));
    heap.release(changetype<usize>(certificate));
    return null;
  }

  free(): void {
    heap.release(this.der);
    heap.release(changetype<usize>(this.certificate));
    heap.release(changetype<usize>(this));
  }

  /**
   * Keeps the end entity's certificate of the list. It must parse even if nobody checks the chain:
   * its key proves that the peer is the one that answers.
   */
  keep(list: CertificateList): i32 {
    const n = list.lengthAt(0);
    this.der = heap.allocate(n);
    if (this.der == 0) return deviceError(Errno.ENOMEM);
    memory.copy(this.der, list.derAt(0), n);
    this.length = n;
    return parseCertificate(this.certificate, this.der, n);
  }

  /**
   * Checks the list, whose first certificate was kept, against the trust anchors, the clock and the
   * name.
   */
  verify(list: CertificateList, config: Config, now: i64, name: usize, nameLen: i32): i32 {
    if (list.count > MAX_CERTIFICATES) return refused(Refusal.CHAIN_TOO_LONG);
    const frame = scratch.mark();
    const chain = scratch.take(4 * MAX_CERTIFICATES);
    let e = this.parseOthers(list, chain);
    if (e >= 0) {
      const anchors = config.anchors;
      const anchorCount = config.anchorCount;
      const count = list.count;
      e = verifyChain(chain, count, anchors, anchorCount, now, PEER_IS_SERVER, name, nameLen);
    }
    scratch.release(frame);
    return e;
  }

  /** Fills chain with pointers to certificates: ours, and the others in the caller's frame. */
  private parseOthers(list: CertificateList, chain: usize): i32 {
    store<u32>(chain, changetype<usize>(this.certificate));
    for (let i = 1; i < list.count; i++) {
      const certificate = changetype<Certificate>(scratch.take(offsetof<Certificate>()));
      const e = parseCertificate(certificate, list.derAt(i), list.lengthAt(i));
      if (e < 0) return e;
      store<u32>(chain + 4 * i, changetype<usize>(certificate));
    }
    return 0;
  }

  /** Copies the certificate's DER to out; gives its length, -1 where cap is too small. */
  put(out: usize, cap: i32): i32 {
    if (this.length > cap) return -1;
    memory.copy(out, this.der, this.length);
    return this.length;
  }

  /** Whether a signature of that scheme can come from the key of the certificate. */
  canSign(scheme: i32): bool {
    return isSchemeOfKey(this.certificate, scheme);
  }

  /** Whether the key of the certificate signed these bytes. */
  signed(scheme: i32, content: usize, n: i32, signature: usize, signatureLen: i32): bool {
    return verifySignature(this.certificate, scheme, content, n, signature, signatureLen);
  }
}
