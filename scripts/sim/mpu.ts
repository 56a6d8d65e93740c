// The memory protection unit of the Cortex-M0+ (ARMv6-M, B3.5): eight regions of 2^n bytes, the
// higher number winning, with eight sub-regions each. All code is privileged. The private
// peripherals are beyond it, and handlers of faults run without it unless HFNMIENA says otherwise.

export enum Access {
  Read,
  Write,
  Execute,
}

const TYPE = 0xe000ed90;
const CTRL = 0xe000ed94;
const RNR = 0xe000ed98;
const RBAR = 0xe000ed9c;
const RASR = 0xe000eda0;
const REGIONS = 8;
const ENABLE = 1;
const FAULTS_TOO = 2;
const DEFAULT_MAP = 4;
const RBAR_VALID = 1 << 4;
const NO_EXECUTE = 1 << 28;
const MINIMUM = 8; // 256 bytes
/** By the permission field: what privileged code may do. */
const READS = [false, true, true, true, false, true, true, false];
const WRITES = [false, true, true, true, false, false, false, false];

interface Region {
  base: number;
  attributes: number;
}

export class Mpu {
  private readonly regions: Region[] = Array.from({ length: REGIONS }, () => ({
    base: 0,
    attributes: 0,
  }));
  private control = 0;
  private selected = 0;

  constructor(private readonly onChange: () => void) {}

  isRegister(address: number): boolean {
    return address >= TYPE && address <= RASR;
  }

  read(address: number): number {
    const { base, attributes } = this.regions[this.selected];
    if (address === TYPE) return REGIONS << 8;
    if (address === CTRL) return this.control;
    if (address === RNR) return this.selected;
    return address === RBAR ? (base | this.selected) >>> 0 : attributes;
  }

  write(address: number, value: number): void {
    if (address === CTRL) this.control = value & (ENABLE | FAULTS_TOO | DEFAULT_MAP);
    if (address === RNR) this.selected = value % REGIONS;
    if (address === RBAR && value & RBAR_VALID) this.selected = value % REGIONS;
    if (address === RBAR) this.regions[this.selected].base = (value & ~0xff) >>> 0;
    if (address === RASR) this.regions[this.selected].attributes = value >>> 0;
    this.onChange();
  }

  /** Whether it has a say, in a handler of faults or elsewhere. */
  isOn(inFaultHandler: boolean): boolean {
    const needed = inFaultHandler ? ENABLE | FAULTS_TOO : ENABLE;
    return (this.control & needed) === needed;
  }

  allows(address: number, access: Access): boolean {
    let region: Region | null = null;
    for (const r of this.regions) if (covers(r, address)) region = r;
    if (region === null) return this.defaultAllows(address, access);
    const permission = (region.attributes >>> 24) & 7;
    if (access === Access.Write) return WRITES[permission];
    const isForbidden = access === Access.Execute && (region.attributes & NO_EXECUTE) !== 0;
    return READS[permission] && !isForbidden;
  }

  /** Code is not executed from the half of the address space that peripherals are in. */
  private defaultAllows(address: number, access: Access): boolean {
    const isCode = address < 0x40000000;
    return (this.control & DEFAULT_MAP) !== 0 && (access !== Access.Execute || isCode);
  }
}

function covers({ base, attributes }: Region, address: number): boolean {
  const log2 = ((attributes >>> 1) & 31) + 1;
  if ((attributes & 1) === 0 || log2 < MINIMUM) return false;
  const start = log2 >= 32 ? 0 : base - (base % 2 ** log2);
  const offset = address - start;
  if (offset < 0 || offset >= 2 ** log2) return false;
  const subRegion = Math.floor(offset / 2 ** (log2 - 3));
  return ((attributes >>> (8 + subRegion)) & 1) === 0;
}
