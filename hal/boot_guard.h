/* Whether to start the app at boot. An app that crashes the device at once, again and again, is
 * held after the third time, so that the console stays and a better one can be sent.
 *
 * The count is in a word that the board keeps over a reset but not without power (RP2040: a scratch
 * register of the watchdog). Any value may be in it.
 */

#ifndef HAL_BOOT_GUARD_H
#define HAL_BOOT_GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BOOT_GUARD_CRASHES = 3,
    BOOT_GUARD_FAST_MS = 10000, /* an app that ran longer has not crashed at once */
};

enum boot_choice {
    BOOT_START,
    BOOT_HELD_ASKED,   /* somebody asked for the console */
    BOOT_HELD_CRASHED, /* the last BOOT_GUARD_CRASHES starts came to no good */
};

/* At boot, before the app starts: what to do, and in *word what to keep meanwhile. */
enum boot_choice boot_guard_start(uint32_t *word);

/* The word to keep once the app has run for BOOT_GUARD_FAST_MS, ended or trapped: the firmware is
 * in charge. Also before a restart that somebody asked for. */
uint32_t boot_guard_settled(void);

/* The word to keep before a restart without the app. */
uint32_t boot_guard_hold(void);

#endif
