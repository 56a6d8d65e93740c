/* Repetition count and adaptive proportion: SP 800-90B 4.4.1 and 4.4.2. */

#include "random_health.h"

static bool is_stuck(struct random_health *h, uint32_t bit) {
    h->repeated = h->repeated != 0 && bit == h->last ? h->repeated + 1 : 1;
    h->last = bit;
    return h->repeated >= RANDOM_HEALTH_REPETITIONS;
}

static bool is_biased(struct random_health *h, uint32_t bit) {
    if (h->in_window == 0) {
        h->first = bit;
        h->same = 0;
    }
    if (bit == h->first) h->same++;
    h->in_window = (h->in_window + 1) % RANDOM_HEALTH_WINDOW;
    return h->same >= RANDOM_HEALTH_PROPORTION;
}

bool random_health_take(struct random_health *h, uint32_t bit) {
    const bool stuck = is_stuck(h, bit);
    const bool biased = is_biased(h, bit);
    if (stuck || biased) h->has_failed = true;
    return !h->has_failed;
}
