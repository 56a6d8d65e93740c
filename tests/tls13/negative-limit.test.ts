// Clients with a small receive buffer, and what servers may answer to that: record_size_limit (RFC
// 8449), max_fragment_length (RFC 6066, 4), neither of them, both, or a lie (assembly/tls/inbox.ts
// and record-limit.ts). Chains of certificates that are longer than the buffer come through; longer
// records of data do not, with an error that says why.

import assert from "node:assert/strict";
import { pkiOf } from "../harness/identities.ts";
import { type Outcome } from "../harness/memory-client.ts";
import { deterministicBytes } from "../harness/tls13-keys.ts";
import { type Framing, type ServerOptions, type Step } from "../harness/scripted-server.ts";
import {
  certificate,
  certificateRequest,
  content,
  data,
  encryptedExtensions,
  inner,
  newSessionTicket,
  serverHello,
} from "../harness/scripted-steps.ts";
import {
  Alert,
  ContentType,
  Extension,
  HandshakeType,
  MAX_CONTENT,
  concat,
  u16,
  u24,
  u8,
  type ExtensionList,
} from "../harness/tls13-wire.ts";
import { accepts, flight, refuses, type Refusal } from "./refusal.ts";

const BUFFER = 1024;
const client = { receiveBuffer: BUFFER };
const EMPTY: Uint8Array = new Uint8Array(0);

const sizeLimit = (n: number): [number, Uint8Array] => [Extension.recordSizeLimit, u16(n)];
const fragments = (code: number): [number, Uint8Array] => [Extension.maxFragmentLength, u8(code)];
const AGREED = sizeLimit(MAX_CONTENT + 1);
const FRAGMENTS = fragments(2); // 2^10, what a buffer of 1024 bytes asks for

const answers = (alert: number, extensions: ExtensionList, more = {}): Refusal => ({
  alert,
  client,
  server: { flights: flight({ extensions: encryptedExtensions(extensions) }) },
  ...more,
});

refuses("record_size_limit in the answer", {
  "below 64": answers(Alert.illegalParameter, [sizeLimit(63)], { everyEngine: true }),
  zero: answers(Alert.illegalParameter, [sizeLimit(0)]),
  "above the protocol's": answers(Alert.illegalParameter, [sizeLimit(MAX_CONTENT + 2)]),
  "2^16 - 1": answers(Alert.illegalParameter, [sizeLimit(0xffff)]),
  "no value": answers(Alert.decodeError, [[Extension.recordSizeLimit, EMPTY]]),
  "a byte": answers(Alert.decodeError, [[Extension.recordSizeLimit, u8(255)]]),
  "a byte more": answers(Alert.decodeError, [[Extension.recordSizeLimit, u24(0x040100)]]),
  twice: answers(Alert.illegalParameter, [AGREED, AGREED]),
  "nobody asked": answers(Alert.unsupportedExtension, [AGREED], { client: {} }),
  "in ServerHello": {
    alert: Alert.illegalParameter,
    client,
    server: { flights: flight({ hello: serverHello((h) => h.extensions.push(AGREED)) }) },
  },
  "in Certificate": {
    alert: Alert.illegalParameter,
    client,
    server: { flights: flight({ certificate: certificate({ extensions: [AGREED] }) }) },
  },
});

refuses("max_fragment_length in the answer", {
  ...Object.fromEntries(
    [0, 1, 3, 4, 5, 255].map((code) => [
      `code ${code} for 2`,
      answers(Alert.illegalParameter, [fragments(code)]),
    ]),
  ),
  "no value": answers(Alert.decodeError, [[Extension.maxFragmentLength, EMPTY]]),
  "a byte more": answers(Alert.decodeError, [[Extension.maxFragmentLength, u16(0x0200)]]),
  twice: answers(Alert.illegalParameter, [FRAGMENTS, FRAGMENTS]),
  "nobody asked": answers(Alert.unsupportedExtension, [FRAGMENTS], { client: {} }),
  "in ServerHello": {
    alert: Alert.illegalParameter,
    client,
    server: { flights: flight({ hello: serverHello((h) => h.extensions.push(FRAGMENTS)) }) },
  },
});

refuses("both in the answer (RFC 8449, 5)", {
  "the new one first": answers(Alert.illegalParameter, [AGREED, FRAGMENTS], { everyEngine: true }),
  "the old one first": answers(Alert.illegalParameter, [FRAGMENTS, AGREED]),
});

/** Leaf and intermediate, then certificates that lead nowhere: about 5 KB. */
function longChain(): Uint8Array[] {
  const mine = pkiOf("p256");
  const others = (["rsa", "p384", "rsa-pss"] as const).flatMap((kind) => {
    const { intermediate, root } = pkiOf(kind);
    return [intermediate!.der, root.der];
  });
  return [mine.leaf.der, mine.intermediate!.der, ...others];
}

/** A server that says this in EncryptedExtensions and shows the long chain. */
const server = (
  extensions: ExtensionList,
  framing: Framing,
  more: Partial<ServerOptions> = {},
): Partial<ServerOptions> => ({
  flights: flight({
    extensions: encryptedExtensions(extensions),
    certificate: certificate({ chain: longChain() }),
  }),
  framing,
  onData: () => [],
  ...more,
});

const text = (n: number): Uint8Array => deterministicBytes("text", n);
const ticketOf = (n: number): Step => newSessionTicket({ ticket: text(n - 4 - 15) });
const FULL = data(text(BUFFER));
const TOO_LONG = data(text(BUFFER + 1));
const overflows = (extensions: ExtensionList, ...steps: Step[]): Refusal => ({
  alert: Alert.recordOverflow,
  connected: true,
  client,
  server: server(extensions, BUFFER, { afterFinished: steps }),
});

refuses("records longer than was agreed on", {
  record_size_limit: { ...overflows([AGREED], FULL, TOO_LONG), everyEngine: true },
  max_fragment_length: overflows([FRAGMENTS], FULL, TOO_LONG),
  "by a byte of padding": overflows([AGREED], content(23, text(BUFFER), 1)),
  "of nothing but padding": overflows([AGREED], content(23, EMPTY, BUFFER + 1)),
  "the record that has agreed": {
    ...overflows([AGREED]),
    connected: false,
    server: server([AGREED], "flight"),
  },
  "the certificates": {
    ...overflows([AGREED]),
    connected: false,
    server: server([AGREED], "message"),
  },
});

const TOO_SMALL = {
  number: -27136,
  text:
    "MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL: the peer sends records longer than " +
    "receive_buffer, and has not agreed to shorter ones",
};

refuses("records longer than the buffer, of a server that has agreed to nothing", {
  "a byte more": { ...overflows([], FULL, TOO_LONG), ...TOO_SMALL, everyEngine: true },
  "2^14 bytes": { ...overflows([], data(text(MAX_CONTENT))), ...TOO_SMALL },
  "a byte of padding more": { ...overflows([], content(23, text(BUFFER), 1)), ...TOO_SMALL },
  "2^14 + 1 bytes, which nobody may send": overflows(
    [],
    inner(concat(text(MAX_CONTENT + 1), u8(ContentType.applicationData))),
  ),
  "a ticket in one record": {
    ...overflows([]),
    ...TOO_SMALL,
    server: server([], "message", { afterFinished: [ticketOf(BUFFER + 1)] }),
  },
});

/** The header of a Certificate of n bytes, and the first of them. */
const announced =
  (n: number): Step =>
  (s) =>
    s.sendHandshake(concat(u8(HandshakeType.certificate), u24(n), new Uint8Array(1000)));

const bare = { number: -27136, text: "MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL" };
const announces = (n: number): Refusal => ({
  alert: Alert.internalError,
  client,
  server: {
    flights: flight({ extensions: encryptedExtensions([AGREED]), certificate: announced(n) }),
  },
  ...bare,
});

refuses("messages that no buffer of ours holds", {
  "16 MB": announces(0xffffff),
  "a byte more than 16 KB": announces(MAX_CONTENT - 4 + 1),
});

/** Sixteen records that fill the buffer. */
const PAGES = Array.from({ length: 16 }, () => FULL);
const readsPages = ({ read }: Outcome): void =>
  assert.deepEqual(read, concat(...PAGES.map(() => text(BUFFER))));
const PAGE_SERVER = { afterFinished: PAGES };

accepts("a long chain and 16 KB of data through 1 KB", {
  record_size_limit: {
    everyEngine: true,
    client,
    server: server([AGREED], BUFFER, PAGE_SERVER),
    check: readsPages,
  },
  max_fragment_length: {
    client,
    server: server([FRAGMENTS], BUFFER, PAGE_SERVER),
    check: readsPages,
  },
  "of a server that has agreed to nothing, a message in a record": {
    everyEngine: true,
    client,
    server: server([], "message", PAGE_SERVER),
    check: readsPages,
  },
  "of a server that has agreed to nothing, the flight in a record": {
    client,
    server: server([], "flight", PAGE_SERVER),
    check: readsPages,
  },
  ...Object.fromEntries(
    [1, 7, 333].flatMap((drip) =>
      [100, BUFFER, "message", "flight"].map((framing) => [
        `${drip} bytes at a time, ${framing} in a record`,
        {
          client: { ...client, drip },
          server: server([], framing as Framing, PAGE_SERVER),
          check: readsPages,
        },
      ]),
    ),
  ),
  "records that padding fills": {
    client,
    server: server([AGREED], 500, {
      padding: BUFFER - 500,
      afterFinished: [content(23, u8(7), BUFFER - 1), data(text(500))],
    }),
    check: ({ read }) => assert.deepEqual(read, concat(u8(7), text(500))),
  },
  "tickets of 3 KB and of 2^14 bytes, the longest message": {
    client,
    server: server([AGREED], BUFFER, {
      afterFinished: [ticketOf(3000), ticketOf(MAX_CONTENT), ...PAGES],
    }),
    check: readsPages,
  },
});

/** The content that each of the client's records may have: what is behind the tag and type byte. */
function longestSent({ sent }: Outcome): number {
  let longest = 0;
  for (let at = 0; at < sent.length;) {
    const n = (sent[at + 3]! << 8) | sent[at + 4]!;
    if (sent[at] === ContentType.applicationData) longest = Math.max(longest, n - 17);
    at += 5 + n;
  }
  return longest;
}

const SAY = text(5000);
const says =
  (longest: number) =>
  (outcome: Outcome): void => {
    assert.deepEqual(outcome.server.received, SAY);
    assert.equal(longestSent(outcome), longest);
  };
const saying = { ...client, say: SAY };

accepts("what the server takes", {
  "record_size_limit 64, with the type byte": {
    everyEngine: true,
    client: saying,
    server: {
      flights: flight({
        extensions: [encryptedExtensions([sizeLimit(64)]), certificateRequest()],
      }),
      onData: () => [],
    },
    check: says(63),
  },
  "record_size_limit 501": {
    client: saying,
    server: server([sizeLimit(501)], BUFFER),
    check: says(500),
  },
  "max_fragment_length is for both directions": {
    client: saying,
    server: server([FRAGMENTS], BUFFER),
    check: says(BUFFER),
  },
  "2^12, for a buffer below 2^14": {
    client: { ...saying, receiveBuffer: MAX_CONTENT - 1 },
    server: server([fragments(4)], 4096, { afterFinished: [data(text(4096))] }),
    check: ({ read, server: heard }) => {
      assert.deepEqual(read, text(4096));
      assert.deepEqual(heard.received, SAY);
    },
  },
});
