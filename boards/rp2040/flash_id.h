/* The flash chip's unique number, which no other chip of its maker has. */

#ifndef RP2040_FLASH_ID_H
#define RP2040_FLASH_ID_H

#include <stdint.h>

enum { FLASH_ID_BYTES = 8 };

/* Looks the ROM's functions up; before everything else of flash.h. */
void flash_start(void);

void flash_unique_id(uint8_t out[FLASH_ID_BYTES]);

#endif
