// The translated blocks by address, in the pages of the flash that they start in. Code that runs only
// a few times is not worth a translation, so arrivals are counted first. When the flash has changed,
// the pages are compared with what they were: blocks that were made from other bytes are dropped.

import { build, type Block, type Breaks } from "./block.ts";
import { FLASH, type Memory } from "./memory.ts";

const PAGE_BITS = 12; // an erase sector
const SLOTS = 1 << (PAGE_BITS - 1);
const ARRIVALS = 8;
/** In place of arrivals: the interpreter executes what is here. */
const NEVER = 255;

class Page {
  readonly blocks = new Array<Block | undefined>(SLOTS).fill(undefined);
  readonly arrivals = new Uint8Array(SLOTS);
  /** Where blocks begin, in any page, that depend on bytes of this one. */
  readonly dependents = new Set<number>();

  /** `bytes` are those now. */
  constructor(public bytes: Uint8Array) {}
}

export class Cache {
  /** Blocks translated so far. */
  translated = 0;
  private readonly pages: (Page | undefined)[];
  private flashVersion = 0;
  private breaksVersion = 0;

  constructor(
    private readonly memory: Memory,
    private readonly breaks: Breaks,
  ) {
    const { length } = memory.flash8;
    this.pages = new Array<Page | undefined>(Math.ceil(length / (1 << PAGE_BITS))).fill(undefined);
  }

  /** The block at an address, if it has been translated. */
  find(pc: number): Block | undefined {
    const page = (pc - FLASH) >>> PAGE_BITS;
    if (page >= this.pages.length) return undefined;
    return this.pages[page]?.blocks[(pc >> 1) & (SLOTS - 1)];
  }

  /** Control has come to an address without a block; returns one if it is time for it. */
  arrive(pc: number): Block | undefined {
    if (!this.memory.inFlash(pc)) return undefined;
    const page = this.page(pc);
    const slot = (pc >> 1) & (SLOTS - 1);
    if (page.arrivals[slot] === NEVER || ++page.arrivals[slot] < ARRIVALS) return undefined;
    const built = build(this.memory, pc, this.breaks);
    for (const source of built?.sources ?? [pc, pc + 2]) this.page(source).dependents.add(pc);
    if (built === undefined) {
      page.arrivals[slot] = NEVER;
      return undefined;
    }
    page.blocks[slot] = built.block;
    this.translated++;
    return built.block;
  }

  /** Forgets what is no longer valid, where one of the versions is another than last time. */
  check(flashVersion: number, breaksVersion: number): void {
    if (breaksVersion !== this.breaksVersion) this.pages.fill(undefined);
    else if (flashVersion !== this.flashVersion)
      this.pages.forEach((page, i) => {
        const bytes = this.bytesOf(i);
        if (page === undefined || Buffer.compare(page.bytes, bytes) === 0) return;
        page.bytes = bytes.slice();
        for (const pc of page.dependents) this.forget(pc);
        page.dependents.clear();
      });
    this.flashVersion = flashVersion;
    this.breaksVersion = breaksVersion;
  }

  private bytesOf(page: number): Uint8Array {
    return this.memory.flash8.subarray(page << PAGE_BITS, (page + 1) << PAGE_BITS);
  }

  private forget(pc: number): void {
    const page = this.page(pc);
    const slot = (pc >> 1) & (SLOTS - 1);
    page.blocks[slot] = undefined;
    page.arrivals[slot] = 0;
  }

  private page(pc: number): Page {
    const index = (pc - FLASH) >>> PAGE_BITS;
    return (this.pages[index] ??= new Page(this.bytesOf(index).slice()));
  }
}
