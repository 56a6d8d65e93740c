// A board on a network, with an app that does what the test tells it
// (tests/entry/boards/remote.ts). The gateway's ports are those of this machine's 127.0.0.1, so an
// app reaches any server that a test has started there by its port.

import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import type { ImageFiles } from "../../scripts/lib/littlefs-image.ts";
import type { Board, BoardOptions } from "../../scripts/sim/board.ts";
import { realHost } from "../../scripts/sim/peer/host.ts";
import { Peer, type Clock, type PeerOptions } from "../../scripts/sim/peer/link.ts";
import { boardWith } from "./firmware.ts";

export const GATEWAY = "10.0.2.2";
const CONTROL = 1;

/** Of the board's time, for an answer. */
const PATIENCE = 90;

const END = /the app has ended;.*\r\n(> )?$/;
const CONSOLE_TAIL = 1000;

export interface RemoteOptions {
  files?: ImageFiles;
  peer?: PeerOptions;
  board?: Partial<BoardOptions>;
}

/** Listens on a free port of loopback, until the end of the test. */
export async function listen(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy()); // the board may vanish
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export class Remote {
  board!: Board;
  peer!: Peer;
  private control: Socket | null = null;
  private arrived: (socket: Socket) => void = () => undefined;
  private answered: (line: string) => void = () => undefined;
  private ended = (): void => undefined;

  /** Switches a board with tests/entry/boards/<app>.ts on; it goes off at the end of the test. */
  static async start(t: TestContext, app: string, options: RemoteOptions = {}): Promise<Remote> {
    const remote = new Remote();
    const port = await listen(t, (socket) => remote.accept(socket));
    const link = (clock: Clock): Peer => {
      remote.peer = new Peer({
        clock,
        dns: { control: [GATEWAY], "example.com": [GATEWAY] },
        host: {
          ...realHost,
          connect: (address, to) => realHost.connect(address, to === CONTROL ? port : to),
        },
        ...options.peer,
      });
      return remote.peer;
    };
    const onText = (): void => {
      if (END.test(remote.tail)) remote.ended();
    };
    remote.board = await boardWith(t, app, options.files, { link, onText, ...options.board });
    return remote;
  }

  /** What the app answers; the board goes on until `work`, which begins then, is done as well. */
  async ask(command: string, work?: () => Promise<void>): Promise<string> {
    await this.tell(command);
    const answer = this.unlessItEnds<string>((resolve) => (this.answered = resolve));
    const [said] = await this.board.during(Promise.all([answer, work?.()]), PATIENCE);
    return said;
  }

  /** Tells the app, for which it waits where it is not there yet. */
  async tell(command: string): Promise<void> {
    if (this.control === null) {
      const arrival = this.unlessItEnds<Socket>((resolve) => (this.arrived = resolve));
      await this.board.during(arrival, PATIENCE);
    }
    this.control!.write(`${command}\n`);
  }

  /** Forgets the app that was there: the board is about to restart. */
  forget(): void {
    this.control?.destroy();
    this.control = null;
  }

  /** Lets the app end. */
  async dismiss(): Promise<void> {
    this.control?.end();
    await this.board.waitFor(END, PATIENCE);
  }

  private unlessItEnds<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      begin(resolve);
      this.ended = () => reject(new Error(`the app has ended:\n${this.tail}`));
    });
    if (END.test(this.tail)) this.ended();
    result.catch(() => undefined); // for those who do not come to wait for it
    return result;
  }

  private get tail(): string {
    return this.board.console.slice(-CONSOLE_TAIL);
  }

  private accept(socket: Socket): void {
    this.control = socket;
    socket.on("close", () => {
      if (this.control === socket) this.control = null; // of an app that is gone: the next comes
    });
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => this.answered(line));
    lines.on("error", () => undefined); // it has the socket's errors, which listen() deals with
    this.arrived(socket);
  }
}
