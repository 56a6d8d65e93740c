// ICMP (RFC 792): answers to echo requests, and "destination unreachable" for what cannot be
// delivered.
//
//   0: type   1: code   2: checksum   4: identifier and sequence, or unused   8: data, or the quote

import { checksum } from "./checksum.ts";

const HEADER = 8;
const ECHO_REPLY = 0;
const DESTINATION_UNREACHABLE = 3;
const ECHO_REQUEST = 8;

export const HOST_UNREACHABLE = 1;
export const PORT_UNREACHABLE = 3;
export const PROHIBITED = 13; // communication administratively prohibited, RFC 1812

/** null if the message is malformed, damaged or asks nothing. */
export function answerIcmp(message: Buffer): Buffer | null {
  if (message.length < HEADER || checksum(message) !== 0) return null;
  if (message[0] !== ECHO_REQUEST || message[1] !== 0) return null;
  const reply = Buffer.from(message);
  reply[0] = ECHO_REPLY;
  return withChecksum(reply);
}

/** What to tell the sender of a packet that starts with `quote`: its header and 8 bytes more. */
export function unreachable(code: number, quote: Buffer): Buffer {
  const message = Buffer.concat([
    Buffer.from([DESTINATION_UNREACHABLE, code]),
    Buffer.alloc(6),
    quote,
  ]);
  return withChecksum(message);
}

function withChecksum(message: Buffer): Buffer {
  message.writeUInt16BE(0, 2);
  message.writeUInt16BE(checksum(message), 2);
  return message;
}
