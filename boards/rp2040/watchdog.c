/* The watchdog (RP2040 datasheet 4.7), fed once a second by the interrupt of timer alarm 1.
 *
 * So it sees a core that takes no interrupts any more: one in lock-up, or stuck in a handler. An
 * app that computes for long is no reason to restart; Ctrl-C ends it. The restart resets everything
 * but the oscillators; scratch registers keep their values:
 *
 *   0  MARK and the reason      1  the time at the last feeding, 0 not set
 *   2  watchdog_word            4  the ROM's: 0 boots in the ordinary way
 */

#include "watchdog.h"

#include "board.h"
#include "board_config.h"
#include "boot_guard.h"
#include "hal.h"
#include "registers.h"
#include "startup.h"
#include "uart.h"

enum { FEED_ALARM = 1, FEED_US = 1000000, BREAK_FEEDINGS = 10 };

#define MARK      0x5a510000u
#define MARK_BITS 0xffff0000u
/* It counts down twice a microsecond: erratum RP2040-E1. */
#define LOAD (BOARD_WATCHDOG_MS * 2000u)
_Static_assert(LOAD <= WATCHDOG_LOAD_MAX, "8.3 s are the most");

static void remember(enum reset_reason reason) {
    REGISTER(WATCHDOG_SCRATCH(0)) = MARK | (uint32_t)reason;
}

static void save_time(void) {
    const int64_t now = clock_time();
    REGISTER(WATCHDOG_SCRATCH(1)) = now > 0 && now <= UINT32_MAX ? (uint32_t)now : 0;
}

static void set_alarm(void) {
    REGISTER(TIMER_ALARM(FEED_ALARM)) = REGISTER(TIMER_TIMERAWL) + FEED_US;
}

static void obey_unread_break(void) {
    static uint32_t feedings;
    feedings = uart_has_unread_break() ? feedings + 1 : 0;
    if (feedings < BREAK_FEEDINGS) return;
    watchdog_keep_word(boot_guard_hold());
    watchdog_restart(RESET_REQUESTED);
}

void watchdog_alarm(void) {
    REGISTER(TIMER_INTR) = 1u << FEED_ALARM;
    REGISTER(WATCHDOG_LOAD) = LOAD;
    save_time();
    set_alarm();
    obey_unread_break();
}

/* --- why ------------------------------------------------------------------------------------- */

static enum reset_reason read_reason(void) {
    const uint32_t mark = REGISTER(WATCHDOG_SCRATCH(0));
    if ((REGISTER(WATCHDOG_REASON) & (WATCHDOG_REASON_TIMER | WATCHDOG_REASON_FORCE)) == 0) {
        const uint32_t chip = REGISTER(CHIP_RESET);
        if ((chip & CHIP_RESET_HAD_PSM_RESTART) != 0) return RESET_DEBUGGER;
        return (chip & CHIP_RESET_HAD_RUN) != 0 ? RESET_RUN_PIN : RESET_POWER_ON;
    }
    if ((mark & MARK_BITS) != MARK) return RESET_LOADER;
    const uint32_t reason = mark & ~MARK_BITS;
    return reason == RESET_REQUESTED || reason == RESET_FAULT ? (enum reset_reason)reason
                                                              : RESET_LOCK_UP;
}

const char *watchdog_reason_text(enum reset_reason reason) {
    switch (reason) {
    case RESET_POWER_ON:
        return "power on";
    case RESET_RUN_PIN:
        return "reset button";
    case RESET_DEBUGGER:
        return "debugger";
    case RESET_LOADER:
        return "firmware loaded";
    case RESET_REQUESTED:
        return "restart";
    case RESET_FAULT:
        return "fault";
    case RESET_LOCK_UP:
        return "lock-up";
    }
    return "?";
}

uint32_t watchdog_word(void) {
    return REGISTER(WATCHDOG_SCRATCH(2));
}

void watchdog_keep_word(uint32_t word) {
    REGISTER(WATCHDOG_SCRATCH(2)) = word;
}

int64_t watchdog_saved_time(void) {
    const enum reset_reason reason = read_reason();
    const uint32_t seconds = REGISTER(WATCHDOG_SCRATCH(1));
    if (reason < RESET_REQUESTED || seconds == 0) return -1;
    return reason == RESET_LOCK_UP ? (int64_t)seconds + BOARD_WATCHDOG_MS / 1000 : seconds;
}

/* --- start and restart ------------------------------------------------------------------------ */

enum reset_reason watchdog_start(void) {
    const enum reset_reason reason = read_reason();
    remember(RESET_LOCK_UP); /* unless somebody says otherwise before the next one */
    REGISTER(WATCHDOG_SCRATCH(4)) = 0;
    set_bits(PSM_WDSEL, PSM_WDSEL_ALL & ~(PSM_WDSEL_ROSC | PSM_WDSEL_XOSC));
    REGISTER(WATCHDOG_LOAD) = LOAD;
    REGISTER(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE | WATCHDOG_CTRL_PAUSE;
    set_bits(TIMER_INTE, 1u << FEED_ALARM);
    interrupt_enable(IRQ_TIMER_1);
    set_alarm();
    return reason;
}

_Noreturn void watchdog_restart(enum reset_reason reason) {
    uart_drain();
    (void)interrupts_off();
    save_time();
    remember(reason);
    set_bits(WATCHDOG_CTRL, WATCHDOG_CTRL_TRIGGER);
    for (;;)
        continue;
}

_Noreturn void board_reset(void) {
    watchdog_restart(RESET_REQUESTED);
}
