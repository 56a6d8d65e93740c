/* The timer (RP2040 datasheet 4.6): counts microseconds from reset; alarm 0 ends a sleep.
 *
 * Sleeping is WFE, with interrupts on: an interrupt that comes between a check and the instruction
 * leaves the event register set, and WFE does not sleep.
 */

#include "timer.h"

#include "board.h"
#include "clocks.h"
#include "gpio.h"
#include "hal.h"
#include "registers.h"
#include "startup.h"

enum { SLEEP_ALARM = 0 };

static const uint32_t LONGEST_SLEEP_US = 1u << 30;

void timer_start(void) {
    clocks_release(RESET_TIMER);
    set_bits(TIMER_INTE, 1u << SLEEP_ALARM);
    interrupt_enable(IRQ_TIMER_0);
}

uint64_t clock_ticks_us(void) {
    uint32_t high = REGISTER(TIMER_TIMERAWH);
    for (;;) {
        const uint32_t low = REGISTER(TIMER_TIMERAWL);
        const uint32_t again = REGISTER(TIMER_TIMERAWH);
        if (again == high) return (uint64_t)high << 32 | low;
        high = again;
    }
}

void timer_alarm(void) {
    REGISTER(TIMER_INTR) = 1u << SLEEP_ALARM;
}

/* An alarm goes off when the low half of the time equals it: one that is already past by the time
 * it is set would take 71 minutes, hence the look at the time before sleeping. */
void board_wait(uint32_t microseconds) {
    if (microseconds > LONGEST_SLEEP_US) microseconds = LONGEST_SLEEP_US;
    const uint64_t end = clock_ticks_us() + microseconds;
    REGISTER(TIMER_ALARM(SLEEP_ALARM)) = (uint32_t)end;
    gpio_arm();
    if (clock_ticks_us() < end) __asm volatile("wfe" ::: "memory");
    REGISTER(TIMER_ARMED) = 1u << SLEEP_ALARM;
}
