// What is at the end of an emulated board's cable, as the command line says it: names, and ports
// that lead elsewhere.

import { realHost, type Host } from "../sim/peer/host.ts";
import type { Forward } from "../sim/peer/link.ts";
import { UsageError } from "./args.ts";

/** The peer's address by which the board reaches 127.0.0.1 of this machine. */
const GATEWAY = "10.0.2.2";

interface Target {
  address: string;
  port: number;
}

/** --forward. */
export function forwardOf(text: string): Forward {
  const match = /^(udp:)?(\d{1,5}):(\d{1,5})$/.exec(text);
  if (match === null) throw new UsageError(`--forward is HOST:DEVICE, two ports: ${text}`);
  const [, udp, hostPort, devicePort] = match;
  return { hostPort: Number(hostPort), devicePort: Number(devicePort), udp: udp !== undefined };
}

/** --name and --connect-to: what DNS says, and this machine with ports that lead elsewhere. */
export function namesAndHost(
  names: readonly string[],
  redirections: readonly string[],
): { dns: Record<string, string[]>; host: Host } {
  const dns: Record<string, string[]> = {};
  const targets = new Map<number, Target>();
  for (const text of names) {
    const [, name, address] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--name is NAME=ADDRESS: ${text}`);
    (dns[name.toLowerCase()] ??= []).push(address!);
  }
  for (const text of redirections) {
    const match = /^([^:]+):(\d{1,5}):([^:]+):(\d{1,5})$/.exec(text);
    if (match === null) throw new UsageError(`--connect-to is HOST:PORT:ADDRESS:PORT: ${text}`);
    const [, name, port, address, targetPort] = match;
    const known = targets.get(Number(port));
    const target = { address: address!, port: Number(targetPort) };
    if (known && (known.address !== target.address || known.port !== target.port))
      throw new UsageError(`--connect-to: port ${port} can lead to one place only: ${text}`);
    targets.set(Number(port), target);
    dns[name!.toLowerCase()] = [GATEWAY];
  }
  return { dns, host: redirected(targets) };
}

/** This machine, but for some ports of its 127.0.0.1. */
function redirected(targets: ReadonlyMap<number, Target>): Host {
  const place = (address: string, port: number): Target =>
    (address === "127.0.0.1" ? targets.get(port) : undefined) ?? { address, port };
  return {
    ...realHost,
    connect(from, fromPort) {
      const { address, port } = place(from, fromPort);
      return realHost.connect(address, port);
    },
    openUdp(from, fromPort, events) {
      const { address, port } = place(from, fromPort);
      return realHost.openUdp(address, port, events);
    },
  };
}
