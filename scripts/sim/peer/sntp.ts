// The SNTP server (RFC 5905, 7.3; RFC 4330): a primary server that tells what time the caller says
// it is.
//
//   0: leap, version, mode   1: stratum   2: poll   3: precision   4: root delay, dispersion
//   12: reference id, time   24: origin = the request's transmit time   32: receive   40: transmit

export const SNTP_PORT = 123;

const LENGTH = 48;
const MODE_CLIENT = 3;
const MODE_SERVER = 4;
const STRATUM = 1;
const PRECISION = -10; // about a millisecond, as a power of two of seconds
const REFERENCE = "LOCL";
const UNIX_EPOCH = 2208988800; // of 1970, counted from 1900

/** The answer at `seconds` since 1970; null if the datagram is no request. */
export function answerSntp(request: Buffer, seconds: number): Buffer | null {
  if (request.length < LENGTH || (request[0]! & 7) !== MODE_CLIENT) return null;
  const version = (request[0]! >> 3) & 7;
  if (version < 1 || version > 4) return null;
  const answer = Buffer.alloc(LENGTH);
  answer[0] = (version << 3) | MODE_SERVER;
  answer[1] = STRATUM;
  answer[2] = request[2]!;
  answer.writeInt8(PRECISION, 3);
  answer.write(REFERENCE, 12, "latin1");
  request.copy(answer, 24, 40, LENGTH);
  for (const field of [16, 32, 40]) writeTime(answer, field, seconds);
  return answer;
}

/** Seconds since 1900, which start again in 2036, and their fraction. */
function writeTime(answer: Buffer, at: number, seconds: number): void {
  const whole = Math.floor(seconds);
  answer.writeUInt32BE((whole + UNIX_EPOCH) >>> 0, at);
  answer.writeUInt32BE(Math.floor((seconds - whole) * 2 ** 32) >>> 0, at + 4);
}
