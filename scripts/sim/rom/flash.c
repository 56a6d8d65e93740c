/* The flash functions of the boot ROM (datasheet, 2.8.3.1.3): bytes through the SSI, with chip
 * select driven by hand. Between flash_exit_xip and flash_enter_xip nothing can be read in place;
 * flash_flush_cache gives chip select back. */
#include "rom.h"

struct ssi {
    volatile uint32_t ctrlr0, ctrlr1, ssienr, mwcr, ser, baudr, txftlr, rxftlr, txflr, rxflr, sr;
    uint32_t unused[13];
    volatile uint32_t dr0;
    uint32_t more[36];
    volatile uint32_t spi_ctrlr0;
};
#define SSI               ((struct ssi *)0x18000000)
#define REGISTER(address) (*(volatile uint32_t *)(address))
#define RESETS_CLEAR      REGISTER(0x4000f000)
#define RESETS_DONE       REGISTER(0x4000c008)
#define IO_QSPI_CTRL(pin) REGISTER(0x40018004 + 8 * (pin))
#define XIP_CTRL_SET      REGISTER(0x14002000)
#define XIP_FLUSH         REGISTER(0x14000004)

enum {
    RESET_IO_QSPI = 1 << 6,
    RESET_PADS_QSPI = 1 << 9,
    QSPI_PINS = 6,
    PIN_SS = 1,
    FUNCTION_XIP = 0,
    XIP_ENABLED = 1,
    OVERRIDE_NONE = 0 << 8,
    OVERRIDE_LOW = 2 << 8,
    OVERRIDE_HIGH = 3 << 8,
    DIVISOR = 6,
    FRAME_8 = 7 << 16,
    FRAME_32 = 31 << 16,
    EEPROM_READ = 3 << 8,
    INSTRUCTION_8_BITS = 2 << 8,
    ADDRESS_24_BITS = 6 << 2,
    STATUS_TX_ROOM = 2,
    STATUS_RX_DATA = 8,
    FIFO = 16,
    READ = 0x03,
    WRITE_ENABLE = 0x06,
    READ_STATUS = 0x05,
    PROGRAM = 0x02,
    ERASE_SECTOR = 0x20,
    STATUS_BUSY = 1,
    SECTOR = 4096,
    PAGE = 256,
};

static void chip_select(uint32_t override) {
    IO_QSPI_CTRL(PIN_SS) = FUNCTION_XIP | override;
    (void)IO_QSPI_CTRL(PIN_SS);
}

static void begin(void) {
    chip_select(OVERRIDE_LOW);
}

static void end(void) {
    chip_select(OVERRIDE_HIGH);
}

/* `out` NULL sends zeros, `in` NULL ignores what comes back. */
static void exchange(const uint8_t *out, uint8_t *in, uint32_t count) {
    uint32_t sent = 0, received = 0;
    while (received < count) {
        uint32_t status = SSI->sr;
        if (sent < count && sent - received < FIFO && (status & STATUS_TX_ROOM) != 0)
            SSI->dr0 = out != NULL ? out[sent] : 0, sent++;
        if ((status & STATUS_RX_DATA) == 0) continue;
        uint8_t byte = (uint8_t)SSI->dr0;
        if (in != NULL) in[received] = byte;
        received++;
    }
}

static void send_command(uint8_t command, uint32_t offset) {
    uint8_t bytes[] = {command, (uint8_t)(offset >> 16), (uint8_t)(offset >> 8), (uint8_t)offset};
    exchange(bytes, NULL, sizeof bytes);
}

static void enable_writing(void) {
    begin();
    exchange(&(uint8_t){WRITE_ENABLE}, NULL, 1);
    end();
}

/* The breakpoint lets the emulated board go straight to the time at which the flash is done. */
static void wait_until_done(void) {
    uint8_t status[2];
    do {
        __asm volatile("bkpt #2");
        begin();
        exchange((const uint8_t[]){READ_STATUS, 0}, status, sizeof status);
        end();
    } while ((status[1] & STATUS_BUSY) != 0);
}

void flash_connect(void) {
    RESETS_CLEAR = RESET_IO_QSPI | RESET_PADS_QSPI;
    while ((~RESETS_DONE & (RESET_IO_QSPI | RESET_PADS_QSPI)) != 0)
        continue;
    for (uint32_t pin = 0; pin < QSPI_PINS; pin++)
        IO_QSPI_CTRL(pin) = FUNCTION_XIP;
}

/* Ends a continuous read, should the flash be in one: clocks with and without chip select. */
void flash_exit_xip(void) {
    SSI->ssienr = 0;
    SSI->baudr = DIVISOR;
    SSI->ctrlr1 = 0;
    SSI->ctrlr0 = FRAME_8;
    SSI->ser = 1;
    SSI->ssienr = 1;
    const uint8_t ones[] = {0xff, 0xff, 0xff, 0xff};
    chip_select(OVERRIDE_HIGH);
    exchange(ones, NULL, sizeof ones);
    begin();
    exchange(ones, NULL, sizeof ones);
    end();
}

void flash_read(uint32_t offset, uint8_t *out, uint32_t count) {
    begin();
    send_command(READ, offset);
    exchange(NULL, out, count);
    end();
}

static void erase(uint32_t offset, uint8_t command) {
    enable_writing();
    begin();
    send_command(command, offset);
    end();
    wait_until_done();
}

/* Whole sectors; blocks of `block_size`, a power of two, by `block_command` where they fit. */
void flash_range_erase(uint32_t offset, uint32_t count, uint32_t block_size,
                       uint8_t block_command) {
    uint32_t to = offset + count;
    while (offset < to) {
        int is_block = (offset & (block_size - 1)) == 0 && to - offset >= block_size;
        erase(offset, is_block ? block_command : ERASE_SECTOR);
        offset += is_block ? block_size : SECTOR;
    }
}

/* Whole pages. */
void flash_range_program(uint32_t offset, const uint8_t *bytes, uint32_t count) {
    for (uint32_t done = 0; done < count; done += PAGE) {
        enable_writing();
        begin();
        send_command(PROGRAM, offset + done);
        exchange(bytes + done, NULL, PAGE);
        end();
        wait_until_done();
    }
}

void flash_flush_cache(void) {
    XIP_FLUSH = 1;
    (void)XIP_FLUSH;
    XIP_CTRL_SET = XIP_ENABLED;
    chip_select(OVERRIDE_NONE);
}

/* Reading in place by plain 03h commands: slow, and works with any flash. */
void flash_enter_xip(void) {
    SSI->ssienr = 0;
    SSI->ctrlr0 = FRAME_32 | EEPROM_READ;
    SSI->ctrlr1 = 0;
    SSI->spi_ctrlr0 = (uint32_t)READ << 24 | INSTRUCTION_8_BITS | ADDRESS_24_BITS;
    SSI->ssienr = 1;
}
