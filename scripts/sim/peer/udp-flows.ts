// UDP between the device and this machine: each (device, destination) pair of addresses and ports
// gets a socket of its own, connected, so that only the one that was asked can answer and a closed
// port is noticed. Flows end after a minute of silence, or when 256 newer ones have come.
// Datagrams to a forwarded port enter as if the gateway had sent them from the client's port.

import { GATEWAY } from "./address.ts";
import type { Cancel } from "./clock.ts";
import type { Context } from "./context.ts";
import type { Listener } from "./host.ts";
import { PORT_UNREACHABLE, PROHIBITED } from "./icmp.ts";
import type { ReceivedPacket } from "./ipv4.ts";
import { encodeUdp, LARGEST_DATAGRAM, type Datagram } from "./udp.ts";

interface Flow {
  send(data: Buffer): void;
  close(): void;
  forget: Cancel;
}

const FLOWS = 256;
const IDLE_MS = 60_000;

export class UdpFlows {
  private readonly flows = new Map<string, Flow>(); // the least recently used one first

  constructor(private readonly context: Context) {}

  /** Takes a datagram of the device's to a host; `packet` is the one it came in. */
  receive(datagram: Datagram, packet: ReceivedPacket): void {
    const { source, sourcePort, destination, destinationPort, data } = datagram;
    const key = flowKey(source, sourcePort, destination, destinationPort);
    const flow = this.flows.get(key) ?? this.open(key, datagram, packet);
    if (!flow) return;
    this.touch(key, flow);
    flow.send(Buffer.from(data));
  }

  /** Forwards datagrams to 127.0.0.1:`hostPort` to the device. */
  async forward(hostPort: number, device: number, devicePort: number): Promise<Listener> {
    const listener = await this.context.host.listenUdp(hostPort, (data, from) => {
      const key = flowKey(device, devicePort, GATEWAY, from);
      const flow = this.flows.get(key) ?? {
        send: (answer: Buffer) => listener.send(answer, from),
        close: () => undefined,
        forget: () => undefined,
      };
      this.touch(key, flow);
      const to = { destination: device, destinationPort: devicePort };
      this.answer({ source: GATEWAY, sourcePort: from, ...to, data });
    });
    return listener;
  }

  close(): void {
    for (const key of [...this.flows.keys()]) this.end(key);
  }

  private open(key: string, datagram: Datagram, packet: ReceivedPacket): Flow | null {
    const { source, sourcePort, destination, destinationPort } = datagram;
    const address = this.context.route(destination);
    if (address === null || destinationPort === 0) {
      this.context.refuse(packet, address === null ? PROHIBITED : PORT_UNREACHABLE);
      return null;
    }
    const from = { source: destination, sourcePort: destinationPort };
    const to = { destination: source, destinationPort: sourcePort };
    const socket = this.context.host.openUdp(address, destinationPort, {
      received: (data) => this.answer({ ...from, ...to, data }),
      refused: () => {
        if (this.flows.get(key) !== flow) return;
        this.end(key);
        this.context.refuse(packet, PORT_UNREACHABLE);
      },
    });
    const flow = {
      send: (data: Buffer) => socket.send(data),
      close: () => socket.close(),
      forget: () => undefined,
    };
    return flow;
  }

  private answer(datagram: Datagram): void {
    if (datagram.data.length <= LARGEST_DATAGRAM) this.context.send(encodeUdp(datagram));
  }

  /** Makes the flow the most recently used one and starts its minute anew. */
  private touch(key: string, flow: Flow): void {
    flow.forget();
    this.flows.delete(key);
    const [oldest] = this.flows.keys();
    if (oldest !== undefined && this.flows.size >= FLOWS) this.end(oldest);
    flow.forget = this.context.clock.after(IDLE_MS, () => this.end(key));
    this.flows.set(key, flow);
  }

  private end(key: string): void {
    const flow = this.flows.get(key);
    this.flows.delete(key);
    flow?.forget();
    flow?.close();
  }
}

function flowKey(device: number, devicePort: number, address: number, port: number): string {
  return [device, devicePort, address, port].join();
}
