// What connections have in common: whom to trust, how strictly, with which suites. A context lives
// until its handle is freed and its last connection has ended. Certificates to trust are copied as
// DER; a load that fails changes nothing.

import { Misuse, deviceError, misuse, Errno } from "../base/err";
import * as heap from "../base/heap";
import { putText } from "../base/text";
import { Config } from "../tls/config";
import { VerifyMode } from "../tls/numbers";
import { isReceiveBuffer } from "../tls/record-limit";
import { appendByName, suiteAt, suiteCount, suiteName } from "../tls/suites";
import { Certificate, parseCertificate } from "../x509/certificate";
import { certificateSize, countCertificates, readCertificates } from "../x509/pem";

const LINE_FEED: u8 = 0x0a;

// @ts-ignore: decorator
@unmanaged
export class Context {
  config: Config = changetype<Config>(0);
  /** Connections, and the handle. */
  private users: i32 = 0;

  static create(): Context | null {
    const context = heap.create<Context>();
    const config = heap.create<Config>();
    if (context !== null && config !== null) {
      config.setDefaults();
      context.config = config;
      context.users = 1;
      return context;
    }
    heap.release(changetype<usize>(context));
    heap.release(changetype<usize>(config));
    return null;
  }

  share(): void {
    this.users++;
  }

  /** Ends one use; the last one ends the context. */
  leave(): void {
    this.users--;
    if (this.users > 0) return;
    freeAnchors(this.config.anchors, 0, this.config.anchorCount);
    heap.release(this.config.anchors);
    heap.release(changetype<usize>(this.config));
    heap.release(changetype<usize>(this));
  }

  setVerifyMode(mode: i32): i32 {
    const known = mode >= VerifyMode.NONE && mode <= VerifyMode.REQUIRED;
    if (!known) return misuse(Misuse.BAD_VERIFY_MODE);
    this.config.verifyMode = mode;
    return 0;
  }

  /** n: the most plaintext that a record to us may have, for connections made from now on. */
  setReceiveBuffer(n: i32): i32 {
    if (!isReceiveBuffer(n)) return misuse(Misuse.BAD_RECEIVE_BUFFER);
    this.config.recordLimit = n;
    return 0;
  }

  /** Trusts the certificates of a file, DER or PEM, one or several; gives how many they are. */
  trust(p: usize, n: i32): i32 {
    const der = heap.allocate(n);
    if (der == 0) return deviceError(Errno.ENOMEM);
    const size = readCertificates(p, n, der);
    const result = size < 0 ? size : this.addAnchors(der, size);
    heap.release(der);
    return result;
  }

  /** Appends the certificates of n bytes of DER to the list of anchors. */
  private addAnchors(der: usize, n: i32): i32 {
    const config = this.config;
    const old = config.anchorCount;
    const added = countCertificates(der, n);
    const list = heap.allocate((old + added) * sizeof<u32>());
    if (list == 0) return deviceError(Errno.ENOMEM);
    memory.copy(list, config.anchors, old * sizeof<u32>());
    const e = fillAnchors(list, old, added, der, n);
    if (e < 0) {
      heap.release(list);
      return e;
    }
    heap.release(config.anchors);
    config.anchors = list;
    config.anchorCount = old + added;
    return added;
  }

  /** The suites' names, a line each, in their order; gives the length. */
  ciphers(out: usize, cap: i32): i32 {
    const order = this.config.suites;
    let at = 0;
    for (let i = 0; i < suiteCount(order); i++) {
      const n = putText(suiteName(suiteAt(order, i)), out + at, cap - at);
      if (n < 0 || at + n >= cap) return misuse(Misuse.BAD_RANGE);
      at += n;
      store<u8>(out + at, LINE_FEED);
      at++;
    }
    return at - 1; // no line end behind the last one
  }

  /** Offers the suites named, a line each, in this order. */
  setCiphers(p: usize, n: i32): i32 {
    let order: u64 = 0;
    let start = 0;
    for (let i = 0; i <= n; i++) {
      if (i < n && load<u8>(p + i) != LINE_FEED) continue;
      order = appendByName(order, p + start, i - start);
      if (order == 0) return misuse(Misuse.BAD_CIPHERS);
      start = i + 1;
    }
    this.config.suites = order;
    return 0;
  }
}

/** Writes `added` records to the list from place `first` on; on failure none stays allocated. */
function fillAnchors(list: usize, first: i32, added: i32, der: usize, n: i32): i32 {
  for (let i = 0; i < added; i++) {
    const size = certificateSize(der, n);
    const block = heap.allocate(RECORD + size);
    let e = block == 0 ? deviceError(Errno.ENOMEM) : 0;
    if (block != 0) {
      memory.copy(block + RECORD, der, size);
      e = parseCertificate(changetype<Certificate>(block), block + RECORD, size);
    }
    if (e < 0) {
      heap.release(block);
      freeAnchors(list, first, i);
      return block == 0 ? e : misuse(Misuse.BAD_CERT);
    }
    store<u32>(list + (first + i) * sizeof<u32>(), <u32>block);
    der += size;
    n -= size;
  }
  return 0;
}

/** An anchor's block: its record, its DER behind it. */
const RECORD: i32 = (offsetof<Certificate>() + 7) & ~7;

function freeAnchors(list: usize, first: i32, count: i32): void {
  for (let i = first; i < first + count; i++) {
    heap.release(load<u32>(list + i * sizeof<u32>()));
  }
}
