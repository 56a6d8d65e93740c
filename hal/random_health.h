/* The health tests of NIST SP 800-90B, 4.4, on the raw bits of a noise source.
 *
 * They are set for an assessed min-entropy of RANDOM_HEALTH_H = 1/4 bit for each raw bit, and a
 * false alarm in 2^30 tests of a source that just has it:
 *
 *   repetition count     cutoff 1 + ceil(30 / H)
 *   adaptive proportion  window 1024, cutoff 1 + the 1 - 2^-30 quantile of Binomial(1024, 2^-H)
 *
 * tests/hal/random.test.ts computes the cutoffs anew.
 */

#ifndef HAL_RANDOM_HEALTH_H
#define HAL_RANDOM_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RANDOM_HEALTH_BITS_PER_ENTROPY = 4, /* 1 / H */
    RANDOM_HEALTH_REPETITIONS = 121,
    RANDOM_HEALTH_WINDOW = 1024,
    RANDOM_HEALTH_PROPORTION = 928,
};

struct random_health {
    uint32_t last, repeated;         /* the repetition count test */
    uint32_t first, same, in_window; /* the adaptive proportion test */
    bool has_failed;                 /* for good */
};

/* Takes the next raw bit. False once a test has failed. */
bool random_health_take(struct random_health *h, uint32_t bit);

#endif
