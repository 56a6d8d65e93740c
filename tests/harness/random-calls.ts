// Calls of ssl.wasm's exports in any order with any argument, for the no-trap test.

import { type Instance } from "./instance.ts";
import { CERT_REQUIRED } from "./memory-client.ts";
import { type Random } from "./random.ts";

/**
 * Calls exports at random. Ranges are true, as the bridge promises; everything else may be wrong.
 */
export class RandomCaller {
  connections = 0;
  private readonly handles: number[] = [0, -1, 1, 0x7fffffff];
  private readonly block: number;
  private readonly names: string[];

  constructor(
    private readonly m: Instance,
    private readonly random: Random,
  ) {
    this.block = m.alloc(512);
    const others = /^(alloc|release|memory_\w+|scratch_peak|(context|connection)_free)$/;
    this.names = [...m.functions].filter((name) => !others.test(name));
  }

  step(): void {
    const { m, random } = this;
    if (random.below(40) === 0) m.write(this.block, random.bytes(512));
    if (this.handles.length > 8 && random.below(10) === 0) return this.freeOne();
    const name = random.pick(this.names);
    const result = m.call(name, ...this.argumentsOf(name));
    if (/_new$/.test(name) && result > 0) this.add(name, result);
    if (name === "connection_receive_room" && result > 0) this.receive(result);
  }

  freeAll(): void {
    for (const handle of this.handles) this.free(handle);
    this.m.free(this.block);
  }

  private add(name: string, handle: number): void {
    this.handles.push(handle);
    if (name === "connection_new") this.connections++;
  }

  private freeOne(): void {
    this.free(this.handles[this.random.below(this.handles.length)]!);
  }

  private free(handle: number): void {
    this.m.call("connection_free", handle);
    this.m.call("context_free", handle);
  }

  private receive(room: number): void {
    const { m, random } = this;
    const handle = random.pick(this.handles);
    const at = m.call("connection_receive_at", handle);
    if (at > 0) m.write(at, random.bytes(Math.min(room, random.below(64))));
    m.call("connection_receive", handle, this.count(room));
  }

  private count(right: number): number {
    return this.random.pick([0, 1, -1, right, right + 1, 5, 16_640, 0x7fffffff, -0x80000000]);
  }

  private argumentsOf(name: string): number[] {
    const { random } = this;
    const handle = random.pick(this.handles);
    const range = [this.block, random.below(512)];
    if (name === "context_new") return [random.below(5) - 1];
    if (name === "context_set_verify_mode")
      return [handle, random.pick([0, 1, CERT_REQUIRED, 3, -1])];
    if (name === "context_receive_buffer") return [handle];
    if (name === "context_set_receive_buffer") return [handle, this.bufferSize()];
    if (name === "receive_buffer_default") return [this.bufferSize()];
    if (name === "connection_new") return [handle, random.pick([0, 0, 0, 1]), ...this.hostname()];
    if (name === "connection_text") return [handle, random.below(7) - 1, ...range];
    if (name === "connection_number") return [handle, random.below(7) - 1];
    if (name === "error_text") return [this.error(), ...range];
    if (name.startsWith("error_")) return [this.error()];
    if (/^context_/.test(name)) return [handle, ...range];
    if (/(receive|taken|consumed|written)$/.test(name))
      return [handle, this.count(random.below(99))];
    return [handle];
  }

  private bufferSize(): number {
    return this.random.pick([1024, 1025, 4096, 16_384, 16_385, 1023, 0, -1, -0x80000000]);
  }

  private hostname(): number[] {
    const name = this.random.pick(["localhost", "", "a".repeat(255), "a".repeat(256), "a b", "é"]);
    const bytes = Buffer.from(name);
    this.m.write(this.block, bytes);
    return [this.block, bytes.length];
  }

  private error(): number {
    return this.random.pick([0, 1, 0x7fffffff, -0x80000000, -this.random.below(0x600)]);
  }
}
