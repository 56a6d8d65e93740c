/* The kept word: a mark in the upper half, so that what power-on leaves there counts as nothing,
 * the number of starts that have not settled in the lower.
 */

#include "boot_guard.h"

enum {
    MARK = 0x6277,
    COUNT_MASK = 0xffff,
    COUNT_HOLD = 0xffff,
};

static uint32_t word_of(uint32_t count) {
    return (uint32_t)MARK << 16 | count;
}

enum boot_choice boot_guard_start(uint32_t *word) {
    const uint32_t count = *word >> 16 == MARK ? *word & COUNT_MASK : 0;
    const bool held = count >= BOOT_GUARD_CRASHES;
    *word = word_of(held ? 0 : count + 1);
    if (count == COUNT_HOLD) return BOOT_HELD_ASKED;
    return held ? BOOT_HELD_CRASHED : BOOT_START;
}

uint32_t boot_guard_settled(void) {
    return word_of(0);
}

uint32_t boot_guard_hold(void) {
    return word_of(COUNT_HOLD);
}
