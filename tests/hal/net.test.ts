// The network of hal.h, by net_bsd.c and by net_lwip.c: streams, datagrams, servers, timeouts and
// failures, against peers in this process.

import assert from "node:assert/strict";
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { after, before, test } from "node:test";
import { compileApp, compileStandIn, hosts, runHost, temporaryFolder } from "./host.ts";
import { GATEWAY, lwipHosts, runAtPeer } from "./peer-host.ts";

const folder = temporaryFolder();
const servers: net.Server[] = [];
const udp = dgram.createSocket("udp4");
let ssl = "";
let app = "";
let rules: [name: string, host: string, port: number][] = [];

/** A TCP server on a free port of loopback. */
async function listen(serve: (socket: net.Socket) => void, host = "127.0.0.1"): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(0, host);
  await once(server, "listening");
  servers.push(server);
  return (server.address() as net.AddressInfo).port;
}

/** A port that is free now: it was listened on, and is not any more. */
async function freePort(host: string): Promise<number> {
  const port = await listen(() => undefined, host);
  const server = servers.pop()!;
  server.close();
  await once(server, "close");
  return port;
}

const hasIPv6 = async () => freePort("::1").then(Boolean, () => false);

before(async () => {
  ssl = await compileStandIn(folder);
  app = await compileApp("hal-net", folder);
  udp.on("message", (message, from) => udp.send(message, from.port, from.address));
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  rules = [
    ["echo", "127.0.0.1", await listen((socket) => socket.pipe(socket))],
    ["silent", "127.0.0.1", await listen(() => undefined)],
    ["closing", "127.0.0.1", await listen((socket) => socket.destroy())],
    ["closed", "127.0.0.1", await freePort("127.0.0.1")],
    ["udp", "127.0.0.1", udp.address().port],
    ["serve4", "127.0.0.1", await freePort("127.0.0.1")],
  ];
});

after(() => {
  for (const server of servers) server.close();
  udp.close();
});

const served = (version: number) =>
  ["reuse 0", "bind 0", "listen 0", "nobody -110", "in progress 1", `version ${version}`].concat(
    ...["connected 0", "hello", "in use -98", "end 0"],
  );

const expected = [
  ...["addresses 1", "sent 8", "peeked 4", "over tcp", "would block -11", "timed out -110"],
  ...["no delay 0", "odd option -22", "odd flag -22", "close 0", "closed -9"],
  ...["refused -111", "silent -110", "end 0", "write after the end -104"],
  ...["no such name -N", "port -22", "family -22", "type -22", "bad version -22"],
  ...["sent to 8", "peeked 4", "over udp", "same peer 0", "timed out -110"],
  ...["connect 0", "sent 5", "again"],
  ...served(4),
];

/** Of the host's own network. */
const ends = ["open at once 14", "one more -23"];

/** Rules of --connect-to for the app's peers, with `gateway` for this machine. */
function connectTo(gateway: string, ...more: typeof rules): string[] {
  const places = rules.map(([name, host, port]): (typeof rules)[number] => [
    name,
    name === "serve4" ? host : gateway,
    port,
  ]);
  const all = [...places, ...more];
  return all.flatMap(([name, host, port]) => ["--connect-to", `${name}:1:${host}:${port}`]);
}

for (const host of hosts) {
  test(`${host.name}: streams, datagrams, servers, timeouts`, async (t) => {
    const withIPv6 = await hasIPv6();
    if (!withIPv6) t.diagnostic("this machine has no IPv6 loopback: not tested");
    const six = withIPv6
      ? (["[::1]", await freePort("::1")] as const)
      : (["127.0.0.1", 1] as const);
    const options = connectTo("127.0.0.1", ["serve6", ...six]);
    const ended = await runHost(await host.build(), { options, ssl, app });
    assert.equal(ended.stderr, "");
    assert.equal(ended.status, 0);
    const lines = ended.stdout.trimEnd().split("\n");
    // -2: the resolver says that there is none; -113: there is no resolver here.
    const common = lines.map((line) => line.replace(/^(no such name) -(2|113)$/, "$1 -N"));
    // Two sockets were left open: the silent and the closing peer's.
    assert.deepEqual(common, [...expected, ...(withIPv6 ? served(6) : []), ...ends]);
  });
}

for (const host of lwipHosts) {
  test(`${host.name}: streams, datagrams, servers, timeouts`, async () => {
    const options = connectTo(GATEWAY, ["serve6", "127.0.0.1", 1]);
    const ended = await runAtPeer(await host.build(), { options, ssl, app });
    assert.equal(ended.stderr, "");
    assert.equal(ended.status, 0);
    const known = expected.map((line) => (line === "no such name -N" ? "no such name -2" : line));
    assert.deepEqual(ended.stdout.trimEnd().split("\n"), [...known, ...ends]);
  });
}
