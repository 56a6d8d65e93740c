/* The watchdog: restarts a core that locked up, is the way to restart on purpose, and remembers
 * why. What survives the restart is in its scratch registers.
 */

#ifndef RP2040_WATCHDOG_H
#define RP2040_WATCHDOG_H

#include <stdint.h>

enum reset_reason {
    RESET_POWER_ON,
    RESET_RUN_PIN,
    RESET_DEBUGGER,
    RESET_LOADER,    /* the ROM, after it has written a UF2 file */
    RESET_REQUESTED, /* board_reset */
    RESET_FAULT,
    RESET_LOCK_UP, /* nothing fed the watchdog */
};

/* Why the chip was reset; starts the watchdog. After the timer. */
enum reset_reason watchdog_start(void);

const char *watchdog_reason_text(enum reset_reason reason);

/* A word that restarts leave alone and loss of power clears: hal/boot_guard.h's. */
uint32_t watchdog_word(void);
void watchdog_keep_word(uint32_t word);

/* The time at the last restart by the watchdog, about; -1 where the clock was not set. Valid once,
 * before watchdog_start. */
int64_t watchdog_saved_time(void);

/* Restarts at once. */
_Noreturn void watchdog_restart(enum reset_reason reason);

#endif
