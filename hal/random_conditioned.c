/* Conditioning: SHA-256, a vetted component of SP 800-90B 3.1.5.
 *
 *   pool = SHA-256(0, pool, 1280 raw bits, time)     320 bits of assessed entropy for 256
 *   out  = SHA-256(1, pool)
 *   pool = SHA-256(2, pool)                          out cannot be computed from what stays
 *
 * Each 32 bytes of output take new raw bits: the 64 bits more than 256 are what SP 800-90C asks of
 * an output that counts as full entropy. The pool adds what there was before, for which nothing is
 * claimed. The bits of a request are all taken and tested before any of them is given out.
 */

#include "random_conditioned.h"

#include "hal.h"
#include "random_health.h"
#include "random_source.h"
#include "sha256.h"
#include "wipe.h"

#include <string.h>

enum {
    START_BITS = 4096, /* SP 800-90B 4.3 asks for 1024 at least */
    ENTROPY_BITS = 8 * SHA256_BYTES + 64,
    RAW_BITS = ENTROPY_BITS * RANDOM_HEALTH_BITS_PER_ENTROPY,
};

static struct {
    struct random_health health;
    bool has_started;
    uint8_t pool[SHA256_BYTES];
} source;

int random_start(void) {
    source.has_started = random_source_runs();
    for (uint32_t i = 0; source.has_started && i < START_BITS; i++)
        source.has_started = random_health_take(&source.health, random_source_bit());
    return source.has_started ? 0 : -HAL_EIO;
}

static void derive(uint8_t label, uint8_t out[SHA256_BYTES]) {
    struct sha256 s;
    sha256_start(&s);
    sha256_take(&s, &label, 1);
    sha256_take(&s, source.pool, sizeof source.pool);
    sha256_end(&s, out);
}

/* Mixes new raw bits into the pool; false where the source has failed. */
static bool refill(void) {
    static const uint8_t label = 0;
    const uint64_t now = clock_ticks_us();
    struct sha256 s;
    sha256_start(&s);
    sha256_take(&s, &label, 1);
    sha256_take(&s, source.pool, sizeof source.pool);
    for (uint32_t i = 0; i < RAW_BITS / 8; i++) {
        uint8_t byte = 0;
        for (uint32_t j = 0; j < 8; j++) {
            const uint32_t bit = random_source_bit();
            (void)random_health_take(&source.health, bit);
            byte = (uint8_t)(byte << 1 | bit);
        }
        sha256_take(&s, &byte, 1);
    }
    sha256_take(&s, &now, sizeof now);
    sha256_end(&s, source.pool);
    return !source.health.has_failed;
}

int random_fill(uint8_t *out, uint32_t length) {
    uint8_t block[SHA256_BYTES];
    bool good = source.has_started && random_source_runs();
    for (uint32_t done = 0; good && done < length; done += SHA256_BYTES) {
        good = refill();
        derive(1, block);
        derive(2, source.pool);
        const uint32_t n = length - done < SHA256_BYTES ? length - done : SHA256_BYTES;
        memcpy(out + done, block, n);
    }
    wipe(block, sizeof block);
    if (good) return 0;
    memset(out, 0, length);
    return -HAL_EIO;
}
