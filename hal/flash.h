/* A NOR flash: erased by sectors to 0xFF, programmed by pages, and programming only clears bits.
 *
 * Offsets count from the flash's first byte. Results are 0 or -HAL_E...: -HAL_EINVAL for a range
 * outside the flash or not of whole sectors or pages, -HAL_EIO where the flash does not hold
 * afterwards what it should. The power may fail during any erase and any program; what was being
 * changed then holds anything.
 */

#ifndef HAL_FLASH_H
#define HAL_FLASH_H

#include <stdint.h>

enum {
    FLASH_PAGE = 256,
    FLASH_SECTOR = 4096,
};

int flash_read(uint32_t offset, uint8_t *out, uint32_t length);

/* Offset and length are multiples of FLASH_SECTOR. */
int flash_erase(uint32_t offset, uint32_t length);

/* Into erased bytes. Offset and length are multiples of FLASH_PAGE. */
int flash_program(uint32_t offset, const uint8_t *bytes, uint32_t length);

/* Where the flash can be read in place, from this offset to its end. */
const uint8_t *flash_mapped(uint32_t offset);

#endif
