// The messages of TLS 1.3 that a client sees after the hellos (RFC 8446, 4.3 to 4.6): their form,
// and which extensions may stand in them. What they mean is client.ts. Every decode reads its
// message to the last byte or refuses it with decode_error; pointers go into the message.

import { localAlert } from "../base/err";
import { Reader } from "../base/reader";
import { putText } from "../base/text";
import { Writer } from "../base/writer";
import { Alert } from "../tls/alert";
import { Extensions, admit, admitRequest } from "../tls/extensions";
import { Message } from "../tls/inbox";
import { ExtensionType } from "../tls/numbers";
import { CertificateList } from "../tls/peer";
import { RecordLimit, answersBoth } from "../tls/record-limit";

/**
 * Reads EncryptedExtensions (4.3.1). `asked`: the record limit of our ClientHello; `limit` is
 * unlimited before, and then what the server says of it.
 */
export function decodeEncryptedExtensions(
  r: Reader,
  offered: i32,
  asked: i32,
  limit: RecordLimit,
): i32 {
  let seen = 0;
  const outer = r.enter(r.u16());
  while (r.more()) {
    const type = <i32>r.u16();
    const inner = r.enter(r.u16());
    if (r.failed) break;
    seen = admit(type, seen, Extensions.IN_ENCRYPTED_EXTENSIONS, offered);
    if (seen < 0) return seen;
    let e = 0;
    if (type == ExtensionType.RECORD_SIZE_LIMIT) e = limit.readSizeLimit(r);
    else if (type == ExtensionType.MAX_FRAGMENT_LENGTH) e = limit.readFragmentLength(r, asked);
    else if (type == ExtensionType.SUPPORTED_GROUPS) readGroups(r);
    if (e < 0) return e; // server_name is empty: leave() sees to it
    r.leave(inner);
  }
  r.leave(outer);
  if (!r.done()) return localAlert(Alert.DECODE_ERROR);
  return answersBoth(seen) ? localAlert(Alert.ILLEGAL_PARAMETER) : 0;
}

/** The server's groups: advice for later connections (4.2.7), which we do not take. */
function readGroups(r: Reader): void {
  const groups = r.enter(r.u16());
  if ((r.left & 1) != 0 || r.left == 0) r.fail();
  r.skip(r.left);
  r.leave(groups);
}

/** Reads CertificateRequest (4.3.2). In a handshake its context is empty. */
export function decodeCertificateRequest(r: Reader): i32 {
  let seen = 0;
  const contextLength = <i32>r.u8();
  r.skip(contextLength);
  const outer = r.enter(r.u16());
  while (r.more()) {
    const type = <i32>r.u16();
    const n = r.u16();
    if (<i32>n > r.left) break;
    r.skip(n);
    seen = admitRequest(type, seen);
    if (seen < 0) return seen;
  }
  r.leave(outer);
  if (!r.done()) return localAlert(Alert.DECODE_ERROR);
  if (contextLength != 0) return localAlert(Alert.ILLEGAL_PARAMETER);
  const usable = (seen & Extensions.SIGNATURE_ALGORITHMS) != 0;
  return usable ? 0 : localAlert(Alert.MISSING_EXTENSION);
}

/** Reads Certificate (4.4.2) of a server. */
export function decodeCertificate(r: Reader, offered: i32, list: CertificateList): i32 {
  const contextLength = <i32>r.u8();
  r.skip(contextLength);
  const outer = r.enter(r.u24());
  while (r.more()) {
    const n = <i32>r.u24();
    const certificate = r.skip(n);
    if (n == 0 || r.failed) break;
    list.add(certificate, n);
    const e = readCertificateExtensions(r, offered);
    if (e < 0) return e;
  }
  r.leave(outer);
  if (!r.done() || list.count == 0) return localAlert(Alert.DECODE_ERROR);
  return contextLength == 0 ? 0 : localAlert(Alert.ILLEGAL_PARAMETER);
}

function readCertificateExtensions(r: Reader, offered: i32): i32 {
  const outer = r.enter(r.u16());
  if (r.more()) {
    const type = <i32>r.u16();
    if (!r.failed) return admit(type, 0, Extensions.IN_CERTIFICATE, offered); // always an error
  }
  r.leave(outer);
  return 0;
}

/** The body of CertificateVerify (4.4.3). */
// @ts-ignore: decorator
@unmanaged
export class SignedProof {
  scheme: i32 = 0;
  signature: usize = 0;
  length: i32 = 0;
}

export function decodeCertificateVerify(r: Reader, proof: SignedProof): i32 {
  proof.scheme = <i32>r.u16();
  proof.length = <i32>r.u16();
  proof.signature = r.skip(proof.length);
  return r.done() ? 0 : localAlert(Alert.DECODE_ERROR);
}

/**
 * What a server's CertificateVerify signs: 64 spaces, which no other protocol's message begins
 * with, the context, a zero and the transcript hash (4.4.3).
 */
export function putSignedContent(w: Writer, transcript: usize, n: i32): void {
  for (let i = 0; i < 64; i++) w.u8(0x20);
  const context = "TLS 1.3, server CertificateVerify";
  putText(context, w.reserve(context.length), context.length);
  w.u8(0);
  w.bytes(transcript, n);
}

export const MAX_SIGNED_CONTENT: i32 = 64 + 33 + 1 + 64;

/** Reads NewSessionTicket (4.6.1) and leaves it: tickets are not used. */
export function decodeNewSessionTicket(r: Reader): i32 {
  r.u32(); // lifetime
  r.u32(); // age_add
  r.skip(r.u8()); // nonce
  const ticketLength = <i32>r.u16();
  r.skip(ticketLength);
  const outer = r.enter(r.u16());
  while (r.more()) {
    r.u16();
    r.skip(r.u16());
  }
  r.leave(outer);
  return r.done() && ticketLength > 0 ? 0 : localAlert(Alert.DECODE_ERROR);
}

/** KeyUpdateRequest (4.6.3). */
export namespace KeyUpdateRequest {
  export const NOT_REQUESTED: i32 = 0;
  export const REQUESTED: i32 = 1;
}

/** Reads KeyUpdate: one of KeyUpdateRequest, or an error. */
export function decodeKeyUpdate(m: Message): i32 {
  if (m.length != 1) return localAlert(Alert.DECODE_ERROR);
  const request = <i32>load<u8>(m.body);
  return request <= KeyUpdateRequest.REQUESTED ? request : localAlert(Alert.ILLEGAL_PARAMETER);
}

/** A Certificate message without certificates: we have none to show (4.4.2). */
export function encodeEmptyCertificate(w: Writer): void {
  w.u8(0); // request context
  w.u24(0);
}
