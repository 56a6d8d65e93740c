/* The boot ROM of the emulated board: our own, with the layout and the functions of the RP2040's
 * (datasheet, 2.8) that a second-stage boot and a firmware need. rom.S has the tables. */
#ifndef ROM_H
#define ROM_H

#include <stddef.h>
#include <stdint.h>

void rom_boot(void);
void *rom_lookup(const uint16_t *table, uint32_t code);

void flash_connect(void);
void flash_exit_xip(void);
void flash_range_erase(uint32_t offset, uint32_t count, uint32_t block_size, uint8_t block_command);
void flash_range_program(uint32_t offset, const uint8_t *bytes, uint32_t count);
void flash_flush_cache(void);
void flash_enter_xip(void);
/* Reads by command; the flash must not be in XIP mode. */
void flash_read(uint32_t offset, uint8_t *out, uint32_t count);

void usb_boot(uint32_t activity_pins, uint32_t disabled_interfaces);

uint8_t *rom_memset(uint8_t *out, uint8_t value, uint32_t count);
uint32_t *rom_memset4(uint32_t *out, uint8_t value, uint32_t count);
uint8_t *rom_memcpy(uint8_t *out, const uint8_t *from, uint32_t count);
uint32_t *rom_memcpy4(uint32_t *out, const uint32_t *from, uint32_t count);
uint32_t rom_popcount(uint32_t value);
uint32_t rom_reverse(uint32_t value);
uint32_t rom_clz(uint32_t value);
uint32_t rom_ctz(uint32_t value);

#endif
