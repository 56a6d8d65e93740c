/* The flash of a host: memory, or a file, that keeps the rules of a NOR flash, and in which tests
 * let the power fail, sectors wear out and bits flip.
 */

#ifndef HAL_FLASH_HOST_H
#define HAL_FLASH_HOST_H

#include <stdbool.h>
#include <stdint.h>

/* An erased flash in memory; -HAL_ENOMEM. */
int flash_host_memory(uint32_t size);

/* The flash is this file, which changes with it. A size other than 0 makes it that long first: what
 * is added is erased. Whole sectors, else -HAL_EINVAL; -HAL_EIO for a file that cannot be used. */
int flash_host_file(const char *path, uint32_t size);

uint32_t flash_host_size(void);

/* The flash's content, to save, restore and damage it. */
uint8_t *flash_host_bytes(void);

void flash_host_end(void);

/* --- the power -------------------------------------------------------------------------------- */

enum flash_host_cut {
    FLASH_CUT_BEFORE, /* the operation has not begun */
    FLASH_CUT_DURING, /* each byte, or each bit, has changed or not */
    FLASH_CUT_AFTER,  /* it is done, and nobody hears of it */
};

/* How many sectors were erased and pages programmed so far. */
uint64_t flash_host_operations(void);

/* The power fails at that operation, and every call fails until it is on again. The seed decides
 * which bits FLASH_CUT_DURING changes. */
void flash_host_cut_at(uint64_t operation, enum flash_host_cut how, uint32_t seed);
bool flash_host_is_off(void);
void flash_host_power_on(void);

/* --- wear ------------------------------------------------------------------------------------- */

/* How often a sector was erased. */
uint32_t flash_host_wear(uint32_t sector);

/* From now on the sector cannot be erased or programmed. */
void flash_host_wear_out(uint32_t sector);

#endif
