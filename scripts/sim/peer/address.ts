// IPv4 addresses as unsigned 32-bit numbers, and the plan of the emulated network, which is that of
// QEMU's slirp: who knows one knows the other.

/** "10.0.2.2" as a number; null if it is not four decimal numbers to 255. */
export function parseAddress(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return null;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

const NETWORK = 0x0a000200; // 10.0.2.0
export const NETMASK = 0xffffff00;
export const GATEWAY = NETWORK + 2; // the loopback interface of this machine
export const SERVICES = NETWORK + 3; // DNS and SNTP
export const FIRST_DEVICE = NETWORK + 15; // what DHCP gives first
export const LAST_DEVICE = NETWORK + 31;
export const ANY = 0;
export const BROADCAST = 0xffffffff;
const NETWORK_BROADCAST = NETWORK + 255;

/** Addresses that the peer itself answers for. */
export function isOwn(address: number): boolean {
  return address === GATEWAY || address === SERVICES;
}

export function isBroadcast(address: number): boolean {
  return address === BROADCAST || address === NETWORK_BROADCAST;
}

/** Addresses that belong to a device on the cable. */
export function isDevice(address: number): boolean {
  return isInNetwork(address) && !isOwn(address) && !isBroadcast(address) && address !== NETWORK;
}

export function isInNetwork(address: number): boolean {
  return (address & NETMASK) >>> 0 === NETWORK;
}

/** Addresses that name one host somewhere in the Internet: no loopback, multicast, class E. */
export function isOutside(address: number): boolean {
  const first = address >>> 24;
  return !isInNetwork(address) && first !== 0 && first !== 127 && first < 224;
}
