// The chip's memories as arrays of words, halfwords and bytes, which is how translated code sees
// them. They are shared with the chip; like the chip, the machine underneath is little-endian.

export const FLASH = 0x10000000;
export const RAM = 0x20000000;

/** What a chip has of them. */
export interface Memories {
  readonly sram: Uint8Array;
  readonly flash: Uint8Array;
  /** At address 0. */
  readonly bootrom: Uint32Array;
}

export class Memory {
  readonly ram32: Int32Array;
  readonly ram16: Uint16Array;
  readonly ram8: Uint8Array;
  readonly flash32: Int32Array;
  readonly flash16: Uint16Array;
  readonly flash8: Uint8Array;
  private readonly rom32: Int32Array;
  private readonly rom16: Uint16Array;

  constructor({ sram, flash, bootrom }: Memories) {
    this.ram8 = sram;
    this.ram16 = new Uint16Array(sram.buffer, sram.byteOffset, sram.length / 2);
    this.ram32 = new Int32Array(sram.buffer, sram.byteOffset, sram.length / 4);
    this.flash8 = flash;
    this.flash16 = new Uint16Array(flash.buffer, flash.byteOffset, flash.length / 2);
    this.flash32 = new Int32Array(flash.buffer, flash.byteOffset, flash.length / 4);
    this.rom16 = new Uint16Array(bootrom.buffer, bootrom.byteOffset, bootrom.length * 2);
    this.rom32 = new Int32Array(bootrom.buffer, bootrom.byteOffset, bootrom.length);
  }

  get romSize(): number {
    return this.rom32.length * 4;
  }

  inRom(address: number): boolean {
    return address >>> 0 < this.romSize;
  }

  /** Of the code in ROM or flash; undefined elsewhere. */
  halfword(address: number): number | undefined {
    if (this.inRom(address)) return this.rom16[address >> 1];
    return this.flash16[(address - FLASH) >>> 1];
  }

  /** Of the constants there. */
  word(address: number): number | undefined {
    if (this.inRom(address)) return this.rom32[address >> 2];
    return this.flash32[(address - FLASH) >>> 2];
  }
}
