// The translated blocks by address, in the pages of ROM and flash that they start in. Code that
// runs only a few times is not worth a translation, so arrivals are counted first. When the flash
// has changed, its pages are compared with what they were: blocks made from other bytes are
// dropped.

import { build, type Block, type Breaks } from "./block.ts";
import { FLASH, type Memory } from "./memory.ts";

const PAGE_BITS = 12; // an erase sector
const SLOTS = 1 << (PAGE_BITS - 1);
const ARRIVALS = 8;

class Page {
  readonly blocks = new Array<Block | undefined>(SLOTS).fill(undefined);
  readonly arrivals = new Uint8Array(SLOTS);
  /** Where blocks begin, in any page, that depend on bytes of this one. */
  readonly dependents = new Set<number>();

  /** `bytes` are those that it is made from; ROM has none that could change. */
  constructor(public bytes: Uint8Array) {}
}

type Pages = (Page | undefined)[];

const NONE: Pages = [];
const ROM_BYTES = new Uint8Array(0);

const pagesOf = (size: number): Pages =>
  new Array<Page | undefined>(Math.ceil(size / (1 << PAGE_BITS))).fill(undefined);

/** What a chip says of its flash and of where no block may be. */
export interface Versions {
  readonly flashReadable: boolean;
  readonly flashVersion: number;
  readonly markers: Breaks & { readonly version: number };
}

export class Cache {
  /** Blocks translated so far. */
  translated = 0;
  private readonly rom: Pages;
  private readonly flash: Pages;
  /** The flash's pages, or none while it cannot be read. */
  private visible: Pages;
  private flashVersion: number;
  private markersVersion: number;

  constructor(
    private readonly memory: Memory,
    private readonly chip: Versions,
  ) {
    this.rom = pagesOf(memory.romSize);
    this.flash = this.visible = pagesOf(memory.flash8.length);
    this.flashVersion = chip.flashVersion;
    this.markersVersion = chip.markers.version;
  }

  /** The block at an address, if it has been translated. */
  find(pc: number): Block | undefined {
    const page =
      pc >>> 28 === 0 ? this.rom[pc >>> PAGE_BITS] : this.visible[(pc - FLASH) >>> PAGE_BITS];
    return page?.blocks[(pc >> 1) & (SLOTS - 1)];
  }

  /** Control has come to an address without a block; returns one if it is time for it. */
  arrive(pc: number): Block | undefined {
    const page = this.page(pc);
    if (page === undefined) return undefined;
    const slot = (pc >> 1) & (SLOTS - 1);
    if (++page.arrivals[slot] < ARRIVALS) return undefined;
    const { block, sources } = build(this.memory, pc, this.chip.markers);
    for (const source of sources) this.page(source)?.dependents.add(pc);
    page.blocks[slot] = block;
    this.translated++;
    return block;
  }

  /** To be called before blocks are looked for, when anything else has run. */
  update(): void {
    const { chip, rom, flash } = this;
    if (chip.markers.version !== this.markersVersion)
      for (const pages of [rom, flash]) pages.fill(undefined);
    this.markersVersion = chip.markers.version;
    this.visible = chip.flashReadable ? flash : NONE;
    if (chip.flashReadable && chip.flashVersion !== this.flashVersion) this.compare();
  }

  private compare(): void {
    this.flash.forEach((page, i) => {
      const bytes = this.bytesOf(i);
      if (page === undefined || Buffer.compare(page.bytes, bytes) === 0) return;
      page.bytes = bytes.slice();
      for (const pc of page.dependents) this.forget(pc);
      page.dependents.clear();
    });
    this.flashVersion = this.chip.flashVersion;
  }

  private forget(pc: number): void {
    const page = this.page(pc);
    const slot = (pc >> 1) & (SLOTS - 1);
    page?.blocks.fill(undefined, slot, slot + 1);
    page?.arrivals.fill(0, slot, slot + 1);
  }

  /** Where there can be code; a new page remembers the bytes as they are. */
  private page(pc: number): Page | undefined {
    const isRom = this.memory.inRom(pc);
    const [pages, start] = isRom ? [this.rom, 0] : [this.visible, FLASH];
    const index = (pc - start) >>> PAGE_BITS;
    if (index >= pages.length) return undefined;
    return (pages[index] ??= new Page(isRom ? ROM_BYTES : this.bytesOf(index).slice()));
  }

  private bytesOf(page: number): Uint8Array {
    return this.memory.flash8.subarray(page << PAGE_BITS, (page + 1) << PAGE_BITS);
  }
}
