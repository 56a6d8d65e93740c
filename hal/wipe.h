/* Erases what was secret. Memory that nobody reads any more would keep it otherwise: the compiler
 * leaves out a memset before the end of a variable's life.
 */

#ifndef HAL_WIPE_H
#define HAL_WIPE_H

#include <stddef.h>
#include <string.h>

static inline void wipe(void *bytes, size_t length) {
    memset(bytes, 0, length);
    __asm volatile("" ::"r"(bytes) : "memory");
}

#endif
