// The chip's RAM and flash as arrays of words, halfwords and bytes, which is how translated code sees
// them. Both are shared with the chip; like the chip, the machine underneath is little-endian.

export const FLASH = 0x10000000;
export const RAM = 0x20000000;

export class Memory {
  readonly ram32: Int32Array;
  readonly ram16: Uint16Array;
  readonly ram8: Uint8Array;
  readonly flash32: Int32Array;
  readonly flash16: Uint16Array;
  readonly flash8: Uint8Array;

  constructor(sram: Uint8Array, flash: Uint8Array) {
    this.ram8 = sram;
    this.ram16 = new Uint16Array(sram.buffer, sram.byteOffset, sram.length / 2);
    this.ram32 = new Int32Array(sram.buffer, sram.byteOffset, sram.length / 4);
    this.flash8 = flash;
    this.flash16 = new Uint16Array(flash.buffer, flash.byteOffset, flash.length / 2);
    this.flash32 = new Int32Array(flash.buffer, flash.byteOffset, flash.length / 4);
  }

  inFlash(address: number): boolean {
    return (address - FLASH) >>> 0 < this.flash8.length;
  }

  flashOffset(address: number): number {
    return address - FLASH;
  }
}
