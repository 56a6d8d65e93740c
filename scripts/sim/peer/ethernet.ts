// Ethernet II frames (RFC 894) without the frame check sequence, as a network chip hands them over.
//
//   0: destination   6: source   12: type   14: payload, padded to 46 bytes
//
// MAC addresses are strings of 12 hexadecimal digits: they are compared and looked up, no more.

export interface EthernetFrame {
  destination: string;
  source: string;
  type: number;
  payload: Buffer;
}

export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;
export const MTU = 1500;
export const BROADCAST_MAC = "ffffffffffff";

const HEADER = 14;
const SHORTEST = 60;
const LONGEST = HEADER + MTU;

/** null for a frame that is too short or too long for the cable. */
export function decodeEthernet(frame: Buffer): EthernetFrame | null {
  if (frame.length < HEADER || frame.length > LONGEST) return null;
  return {
    destination: frame.toString("hex", 0, 6),
    source: frame.toString("hex", 6, 12),
    type: frame.readUInt16BE(12),
    payload: frame.subarray(HEADER),
  };
}

export function encodeEthernet(frame: EthernetFrame): Buffer {
  const bytes = Buffer.alloc(Math.max(SHORTEST, HEADER + frame.payload.length));
  bytes.write(frame.destination, 0, "hex");
  bytes.write(frame.source, 6, "hex");
  bytes.writeUInt16BE(frame.type, 12);
  frame.payload.copy(bytes, HEADER);
  return bytes;
}

/** Whether this can be the address of one station: not a group's, not all zero. */
export function isStation(mac: string): boolean {
  return (parseInt(mac.slice(0, 2), 16) & 1) === 0 && mac !== "000000000000";
}
