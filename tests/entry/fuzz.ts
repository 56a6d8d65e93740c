// What the targets of tests/fuzz that speak TLS call: ssl.wasm's own exports, its decoders of
// messages one by one, and the protection that a server would give a record.

import { Reader } from "../../assembly/base/reader";
import * as scratch from "../../assembly/base/scratch";
import { Connection } from "../../assembly/ssl/connection";
import { Kind, find } from "../../assembly/ssl/slots";
import { ServerHello, decodeServerHello } from "../../assembly/tls/hello";
import { CertificateList } from "../../assembly/tls/peer";
import { sealRecord } from "../../assembly/tls/record";
import { RecordLimit } from "../../assembly/tls/record-limit";
import {
  SignedProof,
  decodeCertificate,
  decodeCertificateRequest,
  decodeCertificateVerify,
  decodeEncryptedExtensions,
  decodeNewSessionTicket,
} from "../../assembly/tls13/messages";

export * from "../../assembly/ssl/exports";
export { mark as scratch_used } from "../../assembly/base/scratch";

const EVERYTHING: i32 = -1;
/** As if the ClientHello had asked for records of 1 KB. */
const ASKED_LIMIT: i32 = 1024;

/** The body of a message of this HandshakeType: its decoder's result, 1 for other types. */
export function decode(type: i32, p: usize, n: i32): i32 {
  const frame = scratch.mark();
  const r = Reader.over(p, n);
  let e = 1;
  switch (type) {
    case 2:
      e = decodeServerHello(p, n, EVERYTHING, blank<ServerHello>());
      break;
    case 4:
      e = decodeNewSessionTicket(r);
      break;
    case 8:
      const limit = RecordLimit.unlimited(scratch.take(offsetof<RecordLimit>()));
      e = decodeEncryptedExtensions(r, EVERYTHING, ASKED_LIMIT, limit);
      break;
    case 11:
      e = decodeCertificate(r, EVERYTHING, CertificateList.empty());
      break;
    case 13:
      e = decodeCertificateRequest(r);
      break;
    case 15:
      e = decodeCertificateVerify(r, blank<SignedProof>());
      break;
  }
  scratch.release(frame);
  return e;
}

// @ts-ignore: decorator
@inline
function blank<T>(): T {
  const p = scratch.take(offsetof<T>());
  memory.fill(p, 0, offsetof<T>());
  return changetype<T>(p);
}

/**
 * Makes n bytes at record + 5 a record that the connection opens next: under its own keys, whose
 * sequence number does not move. Gives the record's length.
 */
export function seal(handle: i32, type: i32, record: usize, n: i32): i32 {
  const reading = changetype<Connection>(find(Kind.CONNECTION, handle)).link.reading;
  const sequence = reading.sequence;
  const size = sealRecord(reading, type, record, n);
  reading.sequence = sequence;
  return size;
}
