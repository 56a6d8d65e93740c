// The DHCP server (RFC 2131, options of RFC 2132). Addresses go to clients in the order of asking,
// from 10.0.2.15 on; an address that was declined or is leased is not offered to another client
// before its time is over. Answers go where 4.1 says: to the client's address if it has one, to
// everybody if it asked for that, else to the offered address.
//
//   0: op, hardware type, its length, hops   4: xid   8: seconds   10: flags   12: client's address
//   16: "your" address   20: next server   24: relay   28: client's MAC   236: magic   240: options

import {
  ANY,
  BROADCAST,
  FIRST_DEVICE,
  GATEWAY,
  LAST_DEVICE,
  NETMASK,
  SERVICES,
} from "./address.ts";
import type { Clock } from "./clock.ts";
import { isStation } from "./ethernet.ts";

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

const OPTIONS = 240;
const SHORTEST_REPLY = 300; // of BOOTP; some clients insist
const MAGIC = 0x63825363;
const BROADCAST_FLAG = 0x8000;

const OP_REQUEST = 1;
const OP_REPLY = 2;

const SUBNET_MASK = 1;
const ROUTER = 3;
const DNS_SERVER = 6;
const NTP_SERVER = 42;
const REQUESTED_ADDRESS = 50;
const LEASE_TIME = 51;
const MESSAGE_TYPE = 53;
const SERVER_ID = 54;
const RENEWAL_TIME = 58;
const REBINDING_TIME = 59;
const CLIENT_ID = 61;
const PAD = 0;
const END = 255;

const DISCOVER = 1;
const OFFER = 2;
const REQUEST = 3;
const DECLINE = 4;
const ACK = 5;
const NAK = 6;
const RELEASE = 7;
const INFORM = 8;

const OFFER_SECONDS = 30;
const DECLINED_SECONDS = 600;

interface Request {
  type: number;
  xid: number;
  flags: number;
  clientAddress: number;
  mac: string;
  client: string; // its identifier, else its MAC address
  requested: number | null;
  server: number | null;
}

/** An answer, the address to send it to, and who must be known to be there. */
export interface DhcpReply {
  data: Buffer;
  destination: number;
  clientMac: string;
}

interface Lease {
  client: string; // "" of an address that somebody else was found to use
  until: number;
}

export class Dhcp {
  private readonly leases = new Map<number, Lease>();

  constructor(
    private readonly clock: Clock,
    private readonly leaseSeconds: number,
  ) {}

  /** null if the message asks nothing of this server. */
  receive(message: Buffer): DhcpReply | null {
    const request = decode(message);
    if (!request) return null;
    switch (request.type) {
      case DISCOVER:
        return this.discover(request);
      case REQUEST:
        return this.request(request);
      case DECLINE:
        if (request.requested !== null) this.free(request, request.requested, DECLINED_SECONDS);
        return null;
      case RELEASE:
        this.free(request, request.clientAddress, 0);
        return null;
      case INFORM:
        return request.clientAddress === ANY ? null : this.reply(request, ACK, ANY);
      default:
        return null;
    }
  }

  private discover(request: Request): DhcpReply | null {
    const address = this.addressFor(request);
    if (address === null) return null;
    if (this.owner(address) === null) this.lease(request, address, OFFER_SECONDS);
    return this.reply(request, OFFER, address);
  }

  /** SELECTING, INIT-REBOOT, RENEWING and REBINDING: RFC 2131, 4.3.2. */
  private request(request: Request): DhcpReply | null {
    if (request.server !== null && request.server !== GATEWAY) {
      this.free(request, this.addressOf(request.client), 0); // it took another server's offer
      return null;
    }
    const address = request.requested ?? request.clientAddress;
    const owner = this.owner(address);
    const isFree = owner === null && address >= FIRST_DEVICE && address <= LAST_DEVICE;
    if (owner !== request.client && !isFree) return this.reply(request, NAK, ANY);
    this.lease(request, address, this.leaseSeconds);
    return this.reply(request, ACK, address);
  }

  /** What the client has, else what it wishes, else the first free address. */
  private addressFor(request: Request): number | null {
    const own = this.addressOf(request.client);
    if (own !== null) return own;
    const wish = request.requested ?? ANY;
    if (wish >= FIRST_DEVICE && wish <= LAST_DEVICE && this.owner(wish) === null) return wish;
    for (let address = FIRST_DEVICE; address <= LAST_DEVICE; address++) {
      if (this.owner(address) === null) return address;
    }
    return null;
  }

  private addressOf(client: string): number | null {
    for (const address of this.leases.keys()) {
      if (this.owner(address) === client) return address;
    }
    return null;
  }

  private owner(address: number): string | null {
    const lease = this.leases.get(address);
    return lease && lease.until > this.clock.now() ? lease.client : null;
  }

  private lease(request: Request, address: number, seconds: number): void {
    const old = this.addressOf(request.client);
    if (old !== null && old !== address) this.leases.delete(old);
    this.leases.set(address, { client: request.client, until: this.clock.now() + seconds * 1000 });
  }

  /** Ends the client's lease; for some time the address is nobody's. */
  private free(request: Request, address: number | null, seconds: number): void {
    if (address === null || this.owner(address) !== request.client) return;
    this.leases.set(address, { client: "", until: this.clock.now() + seconds * 1000 });
  }

  private reply(request: Request, type: number, address: number): DhcpReply {
    const fixed = Buffer.alloc(OPTIONS);
    fixed.set([OP_REPLY, 1, 6]);
    fixed.writeUInt32BE(request.xid, 4);
    fixed.writeUInt16BE(request.flags, 10);
    if (type === ACK) fixed.writeUInt32BE(request.clientAddress, 12);
    fixed.writeUInt32BE(address, 16);
    fixed.write(request.mac, 28, "hex");
    fixed.writeUInt32BE(MAGIC, 236);
    const options = this.options(type, address !== ANY);
    const length = Math.max(SHORTEST_REPLY, fixed.length + options.length);
    return {
      data: Buffer.concat([fixed, options], length),
      destination: destinationOf(request, type, address),
      clientMac: request.mac,
    };
  }

  private options(type: number, leased: boolean): Buffer {
    const options = [Buffer.from([MESSAGE_TYPE, 1, type]), option(SERVER_ID, GATEWAY)];
    if (type !== NAK) {
      options.push(option(SUBNET_MASK, NETMASK), option(ROUTER, GATEWAY));
      options.push(option(DNS_SERVER, SERVICES), option(NTP_SERVER, SERVICES));
    }
    if (leased) {
      options.push(option(LEASE_TIME, this.leaseSeconds));
      options.push(option(RENEWAL_TIME, Math.floor(this.leaseSeconds * 0.5)));
      options.push(option(REBINDING_TIME, Math.floor(this.leaseSeconds * 0.875)));
    }
    return Buffer.concat([...options, Buffer.from([END])]);
  }
}

function option(code: number, value: number): Buffer {
  const bytes = Buffer.from([code, 4, 0, 0, 0, 0]);
  bytes.writeUInt32BE(value >>> 0, 2);
  return bytes;
}

function destinationOf(request: Request, type: number, address: number): number {
  if (type === NAK) return BROADCAST;
  if (request.clientAddress !== ANY) return request.clientAddress;
  return request.flags & BROADCAST_FLAG ? BROADCAST : address;
}

function decode(message: Buffer): Request | null {
  if (message.length < OPTIONS || message.readUInt32BE(236) !== MAGIC) return null;
  if (message[0] !== OP_REQUEST || message[1] !== 1 || message[2] !== 6) return null;
  const mac = message.toString("hex", 28, 34);
  const options = decodeOptions(message.subarray(OPTIONS));
  const type = options?.get(MESSAGE_TYPE);
  if (!options || type?.length !== 1 || !isStation(mac)) return null;
  return {
    type: type[0]!,
    xid: message.readUInt32BE(4),
    flags: message.readUInt16BE(10) & BROADCAST_FLAG,
    clientAddress: message.readUInt32BE(12),
    mac,
    client: options.get(CLIENT_ID)?.toString("hex") || mac,
    requested: addressIn(options.get(REQUESTED_ADDRESS)),
    server: addressIn(options.get(SERVER_ID)),
  };
}

function addressIn(option: Buffer | undefined): number | null {
  return option?.length === 4 ? option.readUInt32BE(0) : null;
}

/** null if an option runs past the end. */
function decodeOptions(bytes: Buffer): Map<number, Buffer> | null {
  const options = new Map<number, Buffer>();
  let at = 0;
  while (at < bytes.length && bytes[at] !== END) {
    if (bytes[at] === PAD) {
      at++;
      continue;
    }
    const end = at + 2 + (bytes[at + 1] ?? bytes.length);
    if (end > bytes.length) return null;
    options.set(bytes[at]!, bytes.subarray(at + 2, end));
    at = end;
  }
  return options;
}
