// A capture file that Wireshark and tshark read: the classic pcap format with microseconds, link
// type Ethernet. Written as frames come, so that a run which is broken off leaves a readable file.

import { closeSync, openSync, writeSync } from "node:fs";

const MAGIC = 0xa1b2c3d4; // big-endian, as all that follows
const LINKTYPE_ETHERNET = 1;
const LONGEST_FRAME = 65535;

export class PcapWriter {
  private file: number | null;

  /** Creates the file, or empties it. */
  constructor(path: string) {
    this.file = openSync(path, "w");
    const header = Buffer.alloc(24);
    header.writeUInt32BE(MAGIC, 0);
    header.writeUInt16BE(2, 4); // version 2.4
    header.writeUInt16BE(4, 6);
    header.writeUInt32BE(LONGEST_FRAME, 16);
    header.writeUInt32BE(LINKTYPE_ETHERNET, 20);
    writeSync(this.file, header);
  }

  write(milliseconds: number, frame: Buffer): void {
    if (this.file === null) return;
    const kept = frame.subarray(0, LONGEST_FRAME);
    const microseconds = Math.floor(milliseconds * 1000);
    const header = Buffer.alloc(16);
    header.writeUInt32BE(Math.floor(microseconds / 1e6), 0);
    header.writeUInt32BE(microseconds % 1e6, 4);
    header.writeUInt32BE(kept.length, 8);
    header.writeUInt32BE(frame.length, 12);
    writeSync(this.file, Buffer.concat([header, kept]));
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }
}
