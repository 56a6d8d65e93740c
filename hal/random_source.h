/* Where raw random bits come from: the board's noise source, before any test or conditioning. Only
 * random_conditioned.c uses it.
 */

#ifndef HAL_RANDOM_SOURCE_H
#define HAL_RANDOM_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/* The source says of itself that it works. */
bool random_source_runs(void);

/* The next raw bit, 0 or 1, taken with enough time since the last. */
uint32_t random_source_bit(void);

#endif
