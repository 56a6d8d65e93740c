/* hal/flash.h over the boot ROM's flash functions (RP2040 datasheet 2.8.3).
 *
 * While the ROM works on the flash nothing can be read from it: no code, no constants, no vectors.
 * So this part runs from SRAM with interrupts off, one sector or one page at a time, and brings the
 * flash back with a copy of boot2. The memory protection is off meanwhile, because it keeps
 * everybody out of the flash interface. Only what lies behind the firmware can be changed.
 */

#include "flash.h"

#include "board_config.h"
#include "flash_id.h"
#include "hal.h"
#include "registers.h"

#include <stdbool.h>
#include <string.h>

#define IN_RAM __attribute__((section(".ramfunc"), noinline))

#define FLASH_BASE 0x10000000u

/* In the ROM, by memory.ld: its table of functions, and its function that looks one up. */
extern const uint16_t rom_table_pointer, rom_lookup_pointer;

#define SSI_SR           0x18000028u
#define SSI_DR0          0x18000060u
#define SSI_SR_TFNF      (1u << 1)
#define SSI_SR_RFNE      (1u << 3)
#define IO_QSPI_SS_CTRL  0x4001800cu
#define QSPI_SS_OUT_BITS (3u << 8)
#define QSPI_SS_OUT_LOW  (2u << 8)
#define QSPI_SS_OUT_HIGH (3u << 8)

enum {
    BOOT2_WORDS = 64,
    BLOCK_SIZE = 65536, /* larger than a sector: the ROM then erases by sectors */
    BLOCK_ERASE = 0xd8,
    UNIQUE_ID_COMMAND = 0x4b,
    UNIQUE_ID_SKIPPED = 5, /* the command and 4 bytes, while nothing comes back */
};

static struct {
    void (*connect)(void);
    void (*exit_xip)(void);
    void (*erase)(uint32_t offset, size_t length, uint32_t block_size, uint32_t block_command);
    void (*program)(uint32_t offset, const uint8_t *bytes, size_t length);
    void (*flush)(void);
    uint32_t boot2[BOOT2_WORDS];
} rom;

static uintptr_t rom_function(char a, char b) {
    typedef uintptr_t (*rom_lookup)(uintptr_t table, uint32_t code);
    const rom_lookup lookup = (rom_lookup)(uintptr_t)rom_lookup_pointer;
    return lookup(rom_table_pointer, (uint32_t)a | (uint32_t)b << 8);
}

void flash_start(void) {
    rom.connect = (void (*)(void))rom_function('I', 'F');
    rom.exit_xip = (void (*)(void))rom_function('E', 'X');
    rom.erase = (void (*)(uint32_t, size_t, uint32_t, uint32_t))rom_function('R', 'E');
    rom.program = (void (*)(uint32_t, const uint8_t *, size_t))rom_function('R', 'P');
    rom.flush = (void (*)(void))rom_function('F', 'C');
    memcpy(rom.boot2, (const void *)FLASH_BASE, sizeof rom.boot2);
}

/* --- from SRAM -------------------------------------------------------------------------------- */

IN_RAM static uint32_t leave_flash(void) {
    const uint32_t before = interrupts_off();
    REGISTER(MPU_CTRL) = 0;
    __asm volatile("dsb\n isb" ::: "memory");
    rom.connect();
    rom.exit_xip();
    return before;
}

IN_RAM static void enter_flash(uint32_t before) {
    rom.flush();
    ((void (*)(void))((uintptr_t)rom.boot2 | 1))();
    REGISTER(MPU_CTRL) = MPU_CTRL_ENABLE;
    __asm volatile("dsb\n isb" ::: "memory");
    interrupts_restore(before);
}

IN_RAM static void erase_sector(uint32_t offset) {
    const uint32_t before = leave_flash();
    rom.erase(offset, FLASH_SECTOR, BLOCK_SIZE, BLOCK_ERASE);
    enter_flash(before);
}

IN_RAM static void program_page(uint32_t offset, const uint8_t *bytes) {
    const uint32_t before = leave_flash();
    rom.program(offset, bytes, FLASH_PAGE);
    enter_flash(before);
}

IN_RAM static uint8_t exchange(uint8_t byte) {
    while ((REGISTER(SSI_SR) & SSI_SR_TFNF) == 0)
        continue;
    REGISTER(SSI_DR0) = byte;
    while ((REGISTER(SSI_SR) & SSI_SR_RFNE) == 0)
        continue;
    return (uint8_t)REGISTER(SSI_DR0);
}

/* The chip select is held by hand: the interface would let go of it whenever its FIFO runs empty.
 */
IN_RAM static void select_flash(uint32_t level) {
    const uint32_t others = REGISTER(IO_QSPI_SS_CTRL) & ~QSPI_SS_OUT_BITS;
    REGISTER(IO_QSPI_SS_CTRL) = others | level;
    (void)REGISTER(IO_QSPI_SS_CTRL); /* the level is there before the next access */
}

IN_RAM static void read_unique_id(uint8_t *out) {
    const uint32_t before = leave_flash();
    select_flash(QSPI_SS_OUT_LOW);
    for (uint32_t i = 0; i < UNIQUE_ID_SKIPPED; i++)
        (void)exchange(i == 0 ? UNIQUE_ID_COMMAND : 0);
    for (uint32_t i = 0; i < FLASH_ID_BYTES; i++)
        out[i] = exchange(0);
    select_flash(QSPI_SS_OUT_HIGH);
    enter_flash(before);
}

/* --- hal/flash.h ------------------------------------------------------------------------------ */

static bool is_inside(uint32_t offset, uint32_t length) {
    return offset <= BOARD_FLASH_SIZE && length <= BOARD_FLASH_SIZE - offset;
}

static bool may_change(uint32_t offset, uint32_t length, uint32_t unit) {
    return is_inside(offset, length) && offset >= BOARD_FIRMWARE_SIZE && offset % unit == 0 &&
           length % unit == 0;
}

const uint8_t *flash_mapped(uint32_t offset) {
    return (const uint8_t *)(FLASH_BASE + offset);
}

int flash_read(uint32_t offset, uint8_t *out, uint32_t length) {
    if (!is_inside(offset, length)) return -HAL_EINVAL;
    memcpy(out, flash_mapped(offset), length);
    return 0;
}

static bool is_erased(uint32_t offset) {
    const uint32_t *word = (const uint32_t *)(const void *)flash_mapped(offset);
    for (uint32_t i = 0; i < FLASH_SECTOR / sizeof *word; i++) {
        if (word[i] != UINT32_MAX) return false;
    }
    return true;
}

int flash_erase(uint32_t offset, uint32_t length) {
    if (!may_change(offset, length, FLASH_SECTOR)) return -HAL_EINVAL;
    for (uint32_t done = 0; done < length; done += FLASH_SECTOR) {
        erase_sector(offset + done);
        if (!is_erased(offset + done)) return -HAL_EIO;
    }
    return 0;
}

/* Through a page in SRAM: the bytes may be in flash themselves. */
int flash_program(uint32_t offset, const uint8_t *bytes, uint32_t length) {
    uint8_t page[FLASH_PAGE];
    if (!may_change(offset, length, FLASH_PAGE)) return -HAL_EINVAL;
    for (uint32_t done = 0; done < length; done += FLASH_PAGE) {
        memcpy(page, bytes + done, sizeof page);
        program_page(offset + done, page);
        if (memcmp(flash_mapped(offset + done), page, sizeof page) != 0) return -HAL_EIO;
    }
    return 0;
}

void flash_unique_id(uint8_t out[FLASH_ID_BYTES]) {
    read_unique_id(out);
}
