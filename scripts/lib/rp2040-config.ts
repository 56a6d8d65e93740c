// What a board's JSON file says about an RP2040 board, checked, and the same for its C sources:
// board_config.h.

import { boardFile, Fields, readBoard } from "./board-json.ts";
import { UserError } from "./exec.ts";

export interface Region {
  offset: number;
  size: number;
}

export interface Rp2040Board {
  /** The name of its file. */
  id: string;
  name: string;
  hostname: string;
  crystalHz: number;
  crystalStartMs: number;
  pll: { feedback: number; divider1: number; divider2: number };
  flash: {
    size: number;
    firmware: Region;
    slotA: Region;
    slotB: Region;
    files: Region;
    clockDivider: number;
  };
  uart: { baud: number; tx: number; rx: number; receiveBytes: number };
  w5500: {
    hz: number;
    miso: number;
    select: number;
    clock: number;
    mosi: number;
    reset: number;
    interrupt: number;
  };
  led: number;
  watchdogMs: number;
  memory: { stack: number; stackReserve: number; app: number; appStack: number; ssl: number };
}

const SECTOR = 4096;
const PAGE = 65536;
const PINS = 29;
const KHZ = 1000;

/** The rates of the datasheet, 2.18: what the PLL's oscillator runs at, what it may make. */
const VCO = { least: 750_000_000, most: 1_600_000_000 };
const SYS_MOST = 133_000_000;

export function sysHz(board: Rp2040Board): number {
  const { feedback, divider1, divider2 } = board.pll;
  return (board.crystalHz * feedback) / (divider1 * divider2);
}

/** The board of that name; undefined where the family has none. */
export function rp2040Board(name: string): Rp2040Board | undefined {
  const file = boardFile("rp2040", name);
  return file === undefined ? undefined : parseBoard(name, readBoard(file));
}

export function parseBoard(id: string, fields: Fields): Rp2040Board {
  const board: Rp2040Board = {
    id,
    name: fields.text("name"),
    hostname: fields.text("hostname"),
    crystalHz: fields.number("crystalHz", 1_000_000, 15_000_000),
    crystalStartMs: fields.number("crystalStartMs", 1, 200),
    pll: parsePll(fields.object("pll")),
    flash: parseFlash(fields.object("flash")),
    uart: parseUart(fields.object("uart")),
    w5500: parseW5500(fields.object("w5500")),
    led: fields.number("led", 0, PINS),
    watchdogMs: fields.number("watchdogMs", 2000, 8300),
    memory: parseMemory(fields.object("memory")),
  };
  fields.done();
  checkClocks(board);
  return board;
}

function parsePll(fields: Fields): Rp2040Board["pll"] {
  const pll = {
    feedback: fields.number("feedback", 16, 320),
    divider1: fields.number("divider1", 1, 7),
    divider2: fields.number("divider2", 1, 7),
  };
  fields.done();
  return pll;
}

function parseRegion(fields: Fields): Region {
  const region = { offset: fields.bytes("offset", SECTOR), size: fields.bytes("size", SECTOR) };
  fields.done();
  return region;
}

/** The regions follow each other and end inside the flash. */
function parseFlash(fields: Fields): Rp2040Board["flash"] {
  const flash = {
    size: fields.bytes("size", PAGE),
    firmware: parseRegion(fields.object("firmware")),
    slotA: parseRegion(fields.object("slotA")),
    slotB: parseRegion(fields.object("slotB")),
    files: parseRegion(fields.object("files")),
    clockDivider: fields.number("clockDivider", 2, 254),
  };
  fields.done();
  if (flash.clockDivider % 2 !== 0) throw fields.wrong("clockDivider", "is odd");
  if (flash.firmware.offset !== 0) throw fields.wrong("firmware", "does not start at 0");
  if (flash.slotA.size !== flash.slotB.size) throw fields.wrong("slotB", "has another size");
  let end = 0;
  for (const name of ["firmware", "slotA", "slotB", "files"] as const) {
    const { offset, size } = flash[name];
    if (offset < end) throw fields.wrong(name, "overlaps the one before");
    end = offset + size;
  }
  if (end > flash.size) throw fields.wrong("files", "ends behind the flash");
  return flash;
}

function parseUart(fields: Fields): Rp2040Board["uart"] {
  const uart = {
    baud: fields.number("baud", 300, 1_000_000),
    tx: fields.number("tx", 0, PINS),
    rx: fields.number("rx", 0, PINS),
    receiveBytes: fields.number("receiveBytes", 256, 16384),
  };
  fields.done();
  const { receiveBytes } = uart;
  if ((receiveBytes & (receiveBytes - 1)) !== 0)
    throw fields.wrong("receiveBytes", "is not a power of two");
  return uart;
}

function parseW5500(fields: Fields): Rp2040Board["w5500"] {
  const pin = (name: string): number => fields.number(name, 0, PINS);
  const w5500 = {
    hz: fields.number("hz", 100_000, 62_500_000),
    miso: pin("miso"),
    select: pin("select"),
    clock: pin("clock"),
    mosi: pin("mosi"),
    reset: pin("reset"),
    interrupt: pin("interrupt"),
  };
  fields.done();
  return w5500;
}

function parseMemory(fields: Fields): Rp2040Board["memory"] {
  const memory = {
    stack: fields.bytes("stack", 1024),
    stackReserve: fields.bytes("stackReserve", 1024),
    app: fields.bytes("app", 1024),
    appStack: fields.bytes("appStack", 1024),
    ssl: fields.bytes("ssl", 1024),
  };
  fields.done();
  if (memory.stackReserve >= memory.stack)
    throw fields.wrong("stackReserve", "leaves nothing of the stack");
  return memory;
}

function checkClocks(board: Rp2040Board): void {
  const vco = board.crystalHz * board.pll.feedback;
  const wrong = (what: string): UserError => new UserError(`${board.name}: pll: ${what}`);
  if (vco < VCO.least || vco > VCO.most) throw wrong(`its oscillator would run at ${vco} Hz`);
  if (sysHz(board) > SYS_MOST) throw wrong(`the core would run at ${sysHz(board)} Hz`);
  if (!Number.isInteger(sysHz(board) / KHZ))
    throw wrong("the core's rate is no whole number of kHz");
}

/** The header for the board's C sources, its assembly and its linker script. */
export function boardConfig(board: Rp2040Board): string {
  const macros: Record<string, number | string> = {
    ID: JSON.stringify(board.id),
    NAME: JSON.stringify(board.name),
    HOSTNAME: JSON.stringify(board.hostname),
    CRYSTAL_HZ: board.crystalHz,
    CRYSTAL_START_MS: board.crystalStartMs,
    PLL_FEEDBACK: board.pll.feedback,
    PLL_DIVIDER1: board.pll.divider1,
    PLL_DIVIDER2: board.pll.divider2,
    SYS_HZ: sysHz(board),
    FLASH_SIZE: board.flash.size,
    FLASH_CLOCK_DIVIDER: board.flash.clockDivider,
    FIRMWARE_SIZE: board.flash.firmware.size,
    SLOT_A_OFFSET: board.flash.slotA.offset,
    SLOT_B_OFFSET: board.flash.slotB.offset,
    SLOT_SIZE: board.flash.slotA.size,
    FILES_OFFSET: board.flash.files.offset,
    FILES_SIZE: board.flash.files.size,
    UART_BAUD: board.uart.baud,
    UART_TX: board.uart.tx,
    UART_RX: board.uart.rx,
    UART_RECEIVE_BYTES: board.uart.receiveBytes,
    W5500_HZ: board.w5500.hz,
    W5500_MISO: board.w5500.miso,
    W5500_SELECT: board.w5500.select,
    W5500_CLOCK: board.w5500.clock,
    W5500_MOSI: board.w5500.mosi,
    W5500_RESET: board.w5500.reset,
    W5500_INTERRUPT: board.w5500.interrupt,
    LED: board.led,
    WATCHDOG_MS: board.watchdogMs,
    STACK_SIZE: board.memory.stack,
    STACK_RESERVE: board.memory.stackReserve,
    APP_MEMORY: board.memory.app,
    APP_STACK: board.memory.appStack,
    SSL_MEMORY: board.memory.ssl,
  };
  const lines = Object.entries(macros).map(([name, value]) => `#define BOARD_${name} ${value}`);
  return ["/* Generated from the board's JSON file. */", ...lines, ""].join("\n");
}
