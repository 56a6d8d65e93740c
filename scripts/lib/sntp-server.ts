// An SNTP server on loopback (RFC 5905, 7.3) for the demo and the tests: it tells this machine's
// time, or what a test makes of its answer.
//
//   0: leap, version, mode   1: stratum   24: origin = the request's transmit time
//   32: receive time   40: transmit time

import { createSocket, type RemoteInfo } from "node:dgram";
import type { AddressInfo } from "node:net";

export interface SntpServer {
  port: number;
  /** Requests answered so far. */
  count(): number;
  stop(): Promise<void>;
}

/** Turns the honest answer into the datagrams to send. */
export type Mangle = (answer: Buffer, request: Buffer, from: RemoteInfo) => Buffer[];

const PACKET_SIZE = 48;
const MODE_SERVER = 4;
const UNIX_EPOCH = 2208988800; // of 1970, counted from 1900

/** Starts a server; it answers on a free port until stop(). */
export async function startSntp(mangle: Mangle = (answer) => [answer]): Promise<SntpServer> {
  const socket = createSocket("udp4");
  let count = 0;
  socket.on("message", (request, from) => {
    count++;
    for (const answer of mangle(answerTo(request), request, from)) {
      socket.send(answer, from.port, from.address);
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", resolve);
  });
  return {
    port: (socket.address() as AddressInfo).port,
    count: () => count,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** What an honest server of stratum 2 says now. */
function answerTo(request: Buffer): Buffer {
  const answer = Buffer.alloc(PACKET_SIZE);
  answer[0] = ((request[0] ?? 0) & 0x38) | MODE_SERVER;
  answer[1] = 2;
  request.copy(answer, 24, 40, PACKET_SIZE);
  const now = (Math.floor(Date.now() / 1000) + UNIX_EPOCH) % 2 ** 32;
  for (const field of [16, 32, 40]) answer.writeUInt32BE(now, field);
  return answer;
}
