/* What the RP2040 does after a reset (datasheet, 2.8.1): reads the first 256 bytes of the flash by
 * command, compares the CRC-32 in their last word, and runs them in SRAM, where they set up the
 * reading of the flash in place. The genuine ROM tries for about half a second. */
#include "rom.h"

#define SECOND_STAGE ((uint8_t *)0x20041f00)

enum { SIZE = 256, CHECKED = 252, ATTEMPTS = 64 };

void rom_enter(uint32_t address);

/* Polynomial 0x04c11db7, most significant bit first, without the usual final inversion. */
static uint32_t crc32(const uint8_t *bytes, uint32_t count) {
    uint32_t crc = 0xffffffff;
    for (uint32_t i = 0; i < count; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc << 1) ^ (crc >> 31 ? 0x04c11db7 : 0);
    }
    return crc;
}

void rom_boot(void) {
    flash_connect();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        flash_exit_xip();
        flash_read(0, SECOND_STAGE, SIZE);
        if (crc32(SECOND_STAGE, CHECKED) == *(uint32_t *)(SECOND_STAGE + CHECKED)) {
            flash_flush_cache();
            rom_enter((uint32_t)SECOND_STAGE);
        }
    }
}

/* The function or datum of a two-letter code, for firmware: 0 where there is none. */
void *rom_lookup(const uint16_t *table, uint32_t code) {
    for (; table[0] != 0; table += 2)
        if (table[0] == code) return (void *)(uint32_t)table[1];
    return NULL;
}
