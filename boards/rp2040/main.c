/* The firmware of an RP2040 board: brings everything up, runs the app, then serves the console.
 *
 * Whatever is missing or damaged - entropy, files, network, the app - is said, and the rest goes
 * on: the console is always there to repair it.
 */

#include "app.h"
#include "app_slot.h"
#include "board.h"
#include "board_config.h"
#include "boot_guard.h"
#include "clocks.h"
#include "flash_id.h"
#include "fs_littlefs.h"
#include "gpio.h"
#include "hal.h"
#include "network.h"
#include "random_conditioned.h"
#include "rtc.h"
#include "service.h"
#include "settings.h"
#include "ssl_limits.h"
#include "ssl_program.h"
#include "startup.h"
#include "timer.h"
#include "uart.h"
#include "watchdog.h"

#include <stdbool.h>
#include <stdio.h>

static struct {
    bool is_polling;
    bool app_is_young; /* it has not run long enough to be trusted by the boot guard */
    uint64_t app_started_us;
} firmware;

static struct settings settings = {
    .hostname = BOARD_HOSTNAME,
    .app_memory = BOARD_APP_MEMORY,
    .ssl_memory = BOARD_SSL_MEMORY,
    .tls_receive_buffer = SSL_RECEIVE_BUFFER_MAX,
    .app_starts = true,
};

/* --- hal/board.h ------------------------------------------------------------------------------ */

static void trust_app(void) {
    watchdog_keep_word(boot_guard_settled());
    firmware.app_is_young = false;
}

void board_poll(void) {
    static const uint64_t young_us = BOOT_GUARD_FAST_MS * UINT64_C(1000);
    if (firmware.is_polling) return;
    firmware.is_polling = true;
    network_poll();
    service_poll();
    if (firmware.app_is_young && clock_ticks_us() - firmware.app_started_us > young_us) trust_app();
    firmware.is_polling = false;
}

bool board_is_interrupted(void) {
    return service_is_interrupted();
}

/* --- the service ------------------------------------------------------------------------------ */

static void restart(bool start_app) {
    watchdog_keep_word(start_app ? boot_guard_settled() : boot_guard_hold());
    board_reset();
}

static int format(void) {
    return fs_littlefs_format(BOARD_FILES_OFFSET, BOARD_FILES_SIZE);
}

static void status(void (*line)(const char *text)) {
    char text[120];
    const struct memory_use m = memory_use();
    network_status(line);
    snprintf(text, sizeof text, "stack: %lu of %lu used, handlers %lu of %lu",
             (unsigned long)m.stack_peak, (unsigned long)m.stack_size,
             (unsigned long)m.handler_stack_peak, (unsigned long)m.handler_stack_size);
    line(text);
    snprintf(text, sizeof text, "heap: %lu of %lu used", (unsigned long)m.heap_peak,
             (unsigned long)m.heap_size);
    line(text);
    app_status(line);
}

static const struct service_config service = {
    .board = BOARD_ID,
    .firmware = WASSL_VERSION,
    .restart = restart,
    .format = format,
    .status = status,
};

/* --- start ------------------------------------------------------------------------------------ */

static enum reset_reason start_devices(void) {
    char line[120];
    clocks_start();
    gpio_start();
    gpio_output(BOARD_LED, true);
    timer_start();
    uart_start();
    rtc_start(watchdog_saved_time());
    const enum reset_reason reason = watchdog_start();
    flash_start();
    snprintf(line, sizeof line, "wassl %s on %s, ssl %s, after %s", WASSL_VERSION, BOARD_NAME,
             ssl_program_tier, watchdog_reason_text(reason));
    log_report(line);
    return reason;
}

static void start_system(void) {
    if (random_start() < 0)
        log_report("entropy: the start-up test failed: no keys, no TLS on this device");
    if (fs_littlefs_mount(BOARD_FILES_OFFSET, BOARD_FILES_SIZE) < 0)
        log_report("files: the file system is damaged; the console's format makes a new one");
    else
        (void)settings_load(&settings);
    network_start(&settings);
}

static void run_app(int slot) {
    firmware.app_is_young = true;
    firmware.app_started_us = clock_ticks_us();
    service_app_is(SERVICE_APP_RUNS);
    app_run(slot, &settings);
    network_end();
    trust_app();
    service_app_is(SERVICE_APP_ENDED);
}

/* `asked`: somebody restarted the board, so that the app starts whatever the settings say. */
static void run_newest_app(bool asked) {
    static const uint32_t slots[APP_SLOTS] = {BOARD_SLOT_A_OFFSET, BOARD_SLOT_B_OFFSET};
    struct app_label label;
    app_slot_start(slots, BOARD_SLOT_SIZE);
    service_start(&service);
    const int slot = app_slot_newest(&label);
    uint32_t word = watchdog_word();
    const enum boot_choice choice = boot_guard_start(&word);
    if (slot < 0) {
        service_app_is(SERVICE_APP_NONE);
    } else if (choice != BOOT_START || !(asked || settings.app_starts)) {
        watchdog_keep_word(boot_guard_settled());
        service_app_is(SERVICE_APP_HELD);
    } else {
        watchdog_keep_word(word);
        run_app(slot);
    }
}

_Noreturn void main_thread(void) {
    const enum reset_reason reason = start_devices();
    start_system();
    run_newest_app(reason == RESET_REQUESTED);
    for (;;) {
        board_poll();
        board_wait(network_idle_us());
    }
}
