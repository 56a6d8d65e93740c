// The client of TLS 1.3 (RFC 8446, appendix A.1). receive() is the table of contents: every pair of
// state and message that is legal, in the order of the protocol; all else is unexpected_message.
// The steps follow below in the same order, and raise their alert where they find the fault.
//
//   begin ─▶ ServerHello ─▶ EncryptedExtensions ─▶ [CertificateRequest] ─▶ Certificate ─▶
//   CertificateVerify ─▶ Finished ─▶ Connected: NewSessionTicket, KeyUpdate
//
// Randomness and time come as arguments: the same pool, the same clock and the same bytes of the
// server give the same bytes of ours. What only the handshake needs is freed when it ends.

import { equalVarTime } from "../base/bytes";
import { equalBytes } from "../base/ct";
import { localAlert } from "../base/err";
import * as heap from "../base/heap";
import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import { Writer } from "../base/writer";
import { HASH_MAX, hashSize } from "../crypto/hash";
import { Alert } from "../tls/alert";
import { Config } from "../tls/config";
import { Extensions } from "../tls/extensions";
import { SHARED_SIZE, isGroup, publicKey, sharedSecret } from "../tls/groups";
import { ServerHello, decodeServerHello, encodeClientHello } from "../tls/hello";
import { Message } from "../tls/inbox";
import { Link } from "../tls/link";
import { HandshakeType, VerifyMode } from "../tls/numbers";
import { Reserve } from "../tls/outbox";
import { CertificateList, Peer } from "../tls/peer";
import { RecordLimit } from "../tls/record-limit";
import { maySignHandshake } from "../tls/signatures";
import { hasSuite, suiteAead, suiteHash } from "../tls/suites";
import { Handshake } from "./handshake";
import {
  KeyUpdateRequest,
  MAX_SIGNED_CONTENT,
  SignedProof,
  decodeCertificate,
  decodeCertificateRequest,
  decodeCertificateVerify,
  decodeEncryptedExtensions,
  decodeKeyUpdate,
  decodeNewSessionTicket,
  encodeEmptyCertificate,
  putSignedContent,
} from "./messages";
import { finishedData, updateSecret, useSecret } from "./schedule";

export enum State {
  ExpectServerHello,
  ExpectSecondServerHello,
  ExpectEncryptedExtensions,
  ExpectCertificateOrRequest,
  ExpectCertificate,
  ExpectCertificateVerify,
  ExpectFinished,
  Connected,
}

// @ts-ignore: decorator
@inline
function pair(state: State, type: i32): i32 {
  return (state << 8) | type;
}

// @ts-ignore: decorator
@unmanaged
export class Client {
  state: State = 0;
  link: Link = changetype<Link>(0);
  config: Config = changetype<Config>(0);
  peer: Peer = changetype<Peer>(0);
  /** Gone (0) once the handshake is over. */
  handshake: Handshake = changetype<Handshake>(0);
  /** As the context said when the connection was made. */
  verifyMode: i32 = 0;
  /** Chosen by the server; 0 before. */
  suite: i32 = 0;
  group: i32 = 0;
  certificateRequested: bool = false;
  changeCipherSpecSent: bool = false;
  /** The peer wants a KeyUpdate of us, or our keys are worn: one answers all. */
  updateOwed: bool = false;

  /**
   * A client over a link that the caller owns, for a server of that name (no name: neither sent nor
   * checked); null where the memory is used up. The caller fills handshake.pool, then begins.
   */
  static create(link: Link, config: Config, name: usize, nameLen: i32): Client | null {
    const client = heap.create<Client>();
    if (client === null) return null;
    const peer = Peer.create();
    const handshake = Handshake.create(name, nameLen);
    if (peer === null || handshake === null) {
      if (peer !== null) peer.free();
      if (handshake !== null) handshake.free();
      heap.release(changetype<usize>(client));
      return null;
    }
    client.link = link;
    client.config = config;
    client.peer = peer;
    client.handshake = handshake;
    client.verifyMode = config.verifyMode;
    handshake.hello.suites = config.suites;
    handshake.hello.recordLimit = config.recordLimit;
    return client;
  }

  free(): void {
    this.endHandshake();
    this.peer.free();
    heap.release(changetype<usize>(this));
  }

  get isConnected(): bool {
    return this.state == State.Connected;
  }

  /** Sends the ClientHello. */
  begin(): i32 {
    const e = this.makeShare();
    return e < 0 ? e : this.sendClientHello();
  }

  /** Takes one message of the server. now: seconds since 1970, -1 where the clock was never set. */
  receive(m: Message, now: i64): i32 {
    switch (pair(this.state, m.type)) {
      case pair(State.ExpectServerHello, HandshakeType.SERVER_HELLO):
      case pair(State.ExpectSecondServerHello, HandshakeType.SERVER_HELLO):
        return this.receiveServerHello(m);
      case pair(State.ExpectEncryptedExtensions, HandshakeType.ENCRYPTED_EXTENSIONS):
        return this.receiveEncryptedExtensions(m);
      case pair(State.ExpectCertificateOrRequest, HandshakeType.CERTIFICATE_REQUEST):
        return this.receiveCertificateRequest(m);
      case pair(State.ExpectCertificateOrRequest, HandshakeType.CERTIFICATE):
      case pair(State.ExpectCertificate, HandshakeType.CERTIFICATE):
        return this.receiveCertificate(m, now);
      case pair(State.ExpectCertificateVerify, HandshakeType.CERTIFICATE_VERIFY):
        return this.receiveCertificateVerify(m);
      case pair(State.ExpectFinished, HandshakeType.FINISHED):
        return this.receiveFinished(m);
      case pair(State.Connected, HandshakeType.NEW_SESSION_TICKET):
        return this.receiveNewSessionTicket(m);
      case pair(State.Connected, HandshakeType.KEY_UPDATE):
        return this.receiveKeyUpdate(m);
      default:
        return localAlert(Alert.UNEXPECTED_MESSAGE);
    }
  }

  // --- ClientHello ---------------------------------------------------------------------------

  /** A key share for the group of our hello. */
  private makeShare(): i32 {
    const handshake = this.handshake;
    const hello = handshake.hello;
    for (let attempt = 0; attempt < 2; attempt++) {
      const scalar = handshake.scalarFor(hello.group, attempt);
      hello.shareLength = publicKey(hello.group, scalar, hello.share);
      if (hello.shareLength > 0) {
        handshake.scalar = scalar;
        return 0;
      }
    }
    return localAlert(Alert.INTERNAL_ERROR);
  }

  private sendClientHello(): i32 {
    const frame = scratch.mark();
    const w = this.link.beginMessage(HandshakeType.CLIENT_HELLO, Reserve.OF_OTHERS);
    encodeClientHello(w, this.handshake.hello);
    const e = this.link.endMessage(w, this.handshake.transcript);
    scratch.release(frame);
    return e;
  }

  // --- ServerHello, HelloRetryRequest --------------------------------------------------------

  private receiveServerHello(m: Message): i32 {
    const frame = scratch.mark();
    const hello = changetype<ServerHello>(scratch.take(offsetof<ServerHello>()));
    memory.fill(changetype<usize>(hello), 0, offsetof<ServerHello>());
    let e = decodeServerHello(m.body, m.length, this.handshake.hello.offered, hello);
    if (e >= 0) e = this.checkServerHello(hello);
    if (e >= 0) e = hello.isRetry ? this.retry(m, hello) : this.agree(m, hello);
    scratch.release(frame);
    return e;
  }

  /**
   * What both kinds must get right: our session id back, a suite that we offered and, the second
   * time, the suite of the first.
   */
  private checkServerHello(hello: ServerHello): i32 {
    const ours = this.handshake.hello;
    const n = hello.sessionIdLength;
    const echoed = n == ours.sessionIdLength && equalVarTime(hello.sessionId, ours.sessionId, n);
    const again = this.state == State.ExpectSecondServerHello;
    const offered = hasSuite(ours.suites, hello.suite) && (!again || hello.suite == this.suite);
    if (!echoed || !offered) return localAlert(Alert.ILLEGAL_PARAMETER);
    return hello.isRetry && again ? localAlert(Alert.UNEXPECTED_MESSAGE) : 0;
  }

  /**
   * HelloRetryRequest (4.1.4): the same hello again, with another key share, a cookie, or both. A
   * request that changes nothing would go on for ever.
   */
  private retry(m: Message, request: ServerHello): i32 {
    const hello = this.handshake.hello;
    const other = (request.extensions & Extensions.KEY_SHARE) != 0;
    const cookie = (request.extensions & Extensions.COOKIE) != 0;
    const possible = !other || (isGroup(request.group) && request.group != hello.group);
    if ((!other && !cookie) || !possible) return localAlert(Alert.ILLEGAL_PARAMETER);
    this.suite = request.suite;
    this.handshake.transcript.choose(suiteHash(request.suite));
    this.handshake.transcript.foldIntoMessageHash();
    this.handshake.transcript.add(m.start, m.wholeLength);
    let e = 0;
    if (other) {
      hello.group = request.group;
      e = this.makeShare();
    }
    if (e >= 0) e = this.sendChangeCipherSpec();
    if (e < 0) return e;
    hello.cookie = request.cookie;
    hello.cookieLength = request.cookieLength;
    this.state = State.ExpectSecondServerHello;
    return this.sendClientHello();
  }

  /** The dummy change_cipher_spec before our second flight, whichever that is (D.4): once. */
  private sendChangeCipherSpec(): i32 {
    if (this.handshake.hello.sessionIdLength == 0 || this.changeCipherSpecSent) return 0;
    this.changeCipherSpecSent = true;
    return this.link.sendChangeCipherSpec();
  }

  /** ServerHello (4.1.3): from here on both directions are encrypted. */
  private agree(m: Message, hello: ServerHello): i32 {
    const ours = this.handshake.hello;
    if ((hello.extensions & Extensions.KEY_SHARE) == 0) {
      return localAlert(Alert.MISSING_EXTENSION);
    }
    if (hello.group != ours.group) return localAlert(Alert.ILLEGAL_PARAMETER);
    const shared = scratch.take(SHARED_SIZE);
    const scalar = this.handshake.scalar;
    if (!sharedSecret(ours.group, scalar, hello.share, hello.shareLength, shared)) {
      return localAlert(Alert.ILLEGAL_PARAMETER);
    }
    const e = this.link.beforeReadKeys();
    if (e < 0) return e;
    this.suite = hello.suite;
    this.group = hello.group;
    this.handshake.transcript.choose(suiteHash(hello.suite));
    this.handshake.transcript.add(m.start, m.wholeLength);
    this.enterHandshake(shared);
    this.state = State.ExpectEncryptedExtensions;
    return 0;
  }

  private enterHandshake(shared: usize): void {
    const handshake = this.handshake;
    const schedule = handshake.schedule;
    const digest = scratch.take(HASH_MAX);
    handshake.transcript.digest(digest);
    schedule.begin(suiteHash(this.suite));
    schedule.enterHandshake(shared, SHARED_SIZE, digest);
    this.useSecrets(schedule.serverSecret, schedule.clientSecret);
  }

  private useSecrets(reading: usize, writing: usize): void {
    const aead = suiteAead(this.suite);
    const hashId = suiteHash(this.suite);
    if (reading != 0) useSecret(this.link.reading, aead, hashId, reading);
    if (writing != 0) useSecret(this.link.writing, aead, hashId, writing);
  }

  // --- EncryptedExtensions, CertificateRequest -------------------------------------------------

  private receiveEncryptedExtensions(m: Message): i32 {
    const frame = scratch.mark();
    const hello = this.handshake.hello;
    const limit = RecordLimit.unlimited(scratch.take(offsetof<RecordLimit>()));
    const r = Reader.over(m.body, m.length);
    let e = decodeEncryptedExtensions(r, hello.offered, hello.recordLimit, limit);
    if (e >= 0) e = this.link.useLimit(limit);
    scratch.release(frame);
    if (e < 0) return e;
    this.handshake.transcript.add(m.start, m.wholeLength);
    this.state = State.ExpectCertificateOrRequest;
    return 0;
  }

  private receiveCertificateRequest(m: Message): i32 {
    const frame = scratch.mark();
    const e = decodeCertificateRequest(Reader.over(m.body, m.length));
    scratch.release(frame);
    if (e < 0) return e;
    this.certificateRequested = true;
    this.handshake.transcript.add(m.start, m.wholeLength);
    this.state = State.ExpectCertificate;
    return 0;
  }

  // --- Certificate, CertificateVerify ----------------------------------------------------------

  private receiveCertificate(m: Message, now: i64): i32 {
    const frame = scratch.mark();
    const list = CertificateList.empty();
    const offered = this.handshake.hello.offered;
    let e = decodeCertificate(Reader.over(m.body, m.length), offered, list);
    if (e >= 0) e = this.peer.keep(list);
    if (e >= 0 && this.verifyMode == VerifyMode.REQUIRED) {
      const handshake = this.handshake;
      e = this.peer.verify(list, this.config, now, handshake.name, handshake.nameLength);
    }
    scratch.release(frame);
    if (e < 0) return e;
    this.handshake.transcript.add(m.start, m.wholeLength);
    this.state = State.ExpectCertificateVerify;
    return 0;
  }

  /** In every verify mode: even a peer that nobody vouches for must have the key that it shows. */
  private receiveCertificateVerify(m: Message): i32 {
    const frame = scratch.mark();
    const e = this.checkProof(m);
    scratch.release(frame);
    if (e < 0) return e;
    this.handshake.transcript.add(m.start, m.wholeLength);
    this.state = State.ExpectFinished;
    return 0;
  }

  private checkProof(m: Message): i32 {
    const proof = changetype<SignedProof>(scratch.take(offsetof<SignedProof>()));
    const e = decodeCertificateVerify(Reader.over(m.body, m.length), proof);
    if (e < 0) return e;
    const fits = maySignHandshake(proof.scheme) && this.peer.canSign(proof.scheme);
    if (!fits) return localAlert(Alert.ILLEGAL_PARAMETER);
    const digest = scratch.take(HASH_MAX);
    this.handshake.transcript.digest(digest);
    const w = Writer.into(scratch.take(MAX_SIGNED_CONTENT), MAX_SIGNED_CONTENT);
    putSignedContent(w, digest, hashSize(suiteHash(this.suite)));
    const good = this.peer.signed(proof.scheme, w.start, w.length, proof.signature, proof.length);
    return good ? 0 : localAlert(Alert.DECRYPT_ERROR);
  }

  // --- Finished --------------------------------------------------------------------------------

  private receiveFinished(m: Message): i32 {
    const frame = scratch.mark();
    let e = this.checkFinished(m);
    if (e >= 0) e = this.link.beforeReadKeys();
    if (e >= 0) e = this.finish(m);
    scratch.release(frame);
    return e;
  }

  private checkFinished(m: Message): i32 {
    const hashId = suiteHash(this.suite);
    const n = hashSize(hashId);
    if (m.length != n) return localAlert(Alert.DECODE_ERROR);
    const digest = scratch.take(HASH_MAX);
    const expected = scratch.take(HASH_MAX);
    this.handshake.transcript.digest(digest);
    finishedData(hashId, this.link.reading.secret, digest, expected);
    return equalBytes(expected, m.body, n) == 1 ? 0 : localAlert(Alert.DECRYPT_ERROR);
  }

  /**
   * The server has proved itself: our second flight, still under the handshake's keys, then the
   * keys of the application.
   */
  private finish(m: Message): i32 {
    const handshake = this.handshake;
    const schedule = handshake.schedule;
    const digest = scratch.take(HASH_MAX);
    handshake.transcript.add(m.start, m.wholeLength);
    handshake.transcript.digest(digest);
    schedule.enterApplication(digest);
    this.useSecrets(schedule.serverSecret, 0);
    let e = this.sendChangeCipherSpec();
    if (e >= 0 && this.certificateRequested) e = this.sendEmptyCertificate();
    if (e >= 0) e = this.sendFinished();
    if (e < 0) return e;
    this.useSecrets(0, schedule.clientSecret);
    this.state = State.Connected;
    this.link.handshakeIsOver();
    this.endHandshake();
    return 0;
  }

  private sendEmptyCertificate(): i32 {
    const w = this.link.beginMessage(HandshakeType.CERTIFICATE, Reserve.OF_OTHERS);
    encodeEmptyCertificate(w);
    return this.link.endMessage(w, this.handshake.transcript);
  }

  private sendFinished(): i32 {
    const hashId = suiteHash(this.suite);
    const digest = scratch.take(HASH_MAX);
    const data = scratch.take(HASH_MAX);
    this.handshake.transcript.digest(digest);
    finishedData(hashId, this.link.writing.secret, digest, data);
    const w = this.link.beginMessage(HandshakeType.FINISHED, Reserve.OF_OTHERS);
    w.bytes(data, hashSize(hashId));
    return this.link.endMessage(w, this.handshake.transcript);
  }

  /** Wipes and frees what only the handshake needed; also when it failed. */
  endHandshake(): void {
    if (changetype<usize>(this.handshake) == 0) return;
    this.handshake.free();
    this.handshake = changetype<Handshake>(0);
  }

  // --- Connected: NewSessionTicket, KeyUpdate --------------------------------------------------

  private receiveNewSessionTicket(m: Message): i32 {
    const frame = scratch.mark();
    const e = decodeNewSessionTicket(Reader.over(m.body, m.length));
    scratch.release(frame);
    return e;
  }

  private receiveKeyUpdate(m: Message): i32 {
    const request = decodeKeyUpdate(m);
    if (request < 0) return request;
    const e = this.link.beforeReadKeys();
    if (e < 0) return e;
    updateSecret(this.link.reading);
    if (request == KeyUpdateRequest.REQUESTED) this.updateOwed = true;
    return 0;
  }

  /**
   * Sends the KeyUpdate that is owed, if there is room: however many the peer asked for, there is
   * one answer (4.6.3), so that its requests cannot fill our memory. To be called whenever records
   * were taken away and before one is written.
   */
  settleUpdate(): i32 {
    if (this.isConnected && this.link.writing.isWorn) this.updateOwed = true;
    if (!this.updateOwed || !this.link.hasRoomForUpdate) return 0;
    this.updateOwed = false;
    const frame = scratch.mark();
    const w = this.link.beginMessage(HandshakeType.KEY_UPDATE, Reserve.OF_KEY_UPDATE);
    w.u8(KeyUpdateRequest.NOT_REQUESTED);
    const e = this.link.endMessage(w, null);
    scratch.release(frame);
    if (e >= 0) updateSecret(this.link.writing);
    return e;
  }
}
