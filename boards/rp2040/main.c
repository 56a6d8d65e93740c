/* The firmware of an RP2040 board, from main_thread on. */

#include "board.h"
#include "board_config.h"
#include "clocks.h"
#include "flash_id.h"
#include "gpio.h"
#include "hal.h"
#include "random_conditioned.h"
#include "rtc.h"
#include "startup.h"
#include "timer.h"
#include "uart.h"
#include "watchdog.h"

#include <stdio.h>

void board_poll(void) {
}

bool board_is_interrupted(void) {
    return false;
}

_Noreturn void main_thread(void) {
    char line[120];
    clocks_start();
    gpio_start();
    timer_start();
    uart_start();
    rtc_start(watchdog_saved_time());
    const enum reset_reason reason = watchdog_start();
    flash_start();
    snprintf(line, sizeof line, "wassl " WASSL_VERSION " on " BOARD_NAME ", after %s",
             watchdog_reason_text(reason));
    log_report(line);
    if (random_start() < 0) log_report("no entropy");
    for (uint32_t i = 0;; i++) {
        clock_sleep_ms(1000);
        snprintf(line, sizeof line, "tick %lu", (unsigned long)i);
        log_report(line);
    }
}
