// UDP datagrams (RFC 768).
//
//   0: source port   2: destination port   4: length   6: checksum, 0 for none   8: data

import { checksum, pseudoHeaderSum } from "./checksum.ts";
import { PROTOCOL_UDP, type Ipv4Packet } from "./ipv4.ts";

const HEADER = 8;

/** The most data that one datagram can carry over IPv4. */
export const LARGEST_DATAGRAM = 0xffff - 20 - HEADER;

export interface Datagram {
  source: number;
  sourcePort: number;
  destination: number;
  destinationPort: number;
  data: Buffer;
}

/** null if the datagram is malformed or damaged. */
export function decodeUdp(packet: Ipv4Packet): Datagram | null {
  const { source, destination, payload } = packet;
  if (payload.length < HEADER) return null;
  const length = payload.readUInt16BE(4);
  if (length < HEADER || length > payload.length) return null;
  const bytes = payload.subarray(0, length);
  const pseudo = pseudoHeaderSum(source, destination, PROTOCOL_UDP, length);
  if (bytes.readUInt16BE(6) !== 0 && checksum(bytes, pseudo) !== 0) return null;
  return {
    source,
    sourcePort: bytes.readUInt16BE(0),
    destination,
    destinationPort: bytes.readUInt16BE(2),
    data: bytes.subarray(HEADER),
  };
}

export function encodeUdp(datagram: Datagram): Ipv4Packet {
  const { source, destination, data } = datagram;
  const payload = Buffer.alloc(HEADER + data.length);
  payload.writeUInt16BE(datagram.sourcePort, 0);
  payload.writeUInt16BE(datagram.destinationPort, 2);
  payload.writeUInt16BE(payload.length, 4);
  data.copy(payload, HEADER);
  const pseudo = pseudoHeaderSum(source, destination, PROTOCOL_UDP, payload.length);
  // A checksum that comes out as 0 is sent as its equal 0xffff: 0 says that there is none.
  payload.writeUInt16BE(checksum(payload, pseudo) || 0xffff, 6);
  return { protocol: PROTOCOL_UDP, source, destination, payload };
}
