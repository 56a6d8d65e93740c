/* SHA-256 (FIPS 180-4) for the firmware's own needs: conditioning random bits, deriving the board's
 * address. ssl.wasm has its own.
 */

#ifndef HAL_SHA256_H
#define HAL_SHA256_H

#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_BLOCK = 64 };

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken so far */
    uint8_t block[SHA256_BLOCK];
};

void sha256_start(struct sha256 *s);
void sha256_take(struct sha256 *s, const void *bytes, uint32_t length);
void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES]);

#endif
