/* The app: its module is read in place from its slot in flash, ssl.wasm is part of the firmware.
 * Reports have the form of wassl-host's, so that the command line finds the source lines.
 */

#include "app.h"

#include "app_slot.h"
#include "board.h"
#include "board_config.h"
#include "bridge.h"
#include "hal.h"
#include "imports.h"
#include "registers.h"
#include "ssl_wasm.h"
#include "startup.h"
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>

enum { POLL_US = 2000 };

/* ssl_module.S */
extern const uint8_t ssl_module[], ssl_module_end[];

static struct {
    struct vm vm;
    struct vm_figures app, ssl; /* when it ended */
    struct ssl_figures heap;
} app;

/* Called by interpreted code: lets network and console live, ends an app that is to end. */
static bool go_on(void) {
    static uint32_t polled;
    const uint32_t now = REGISTER(TIMER_TIMERAWL);
    if (now - polled >= POLL_US) {
        polled = now;
        board_poll();
    }
    return !board_is_interrupted();
}

static void report(const char *what, const char *why) {
    char line[160];
    snprintf(line, sizeof line, "wassl: %s: %s", what, why);
    log_report(line);
}

static bool load(int slot, uint32_t size, const struct settings *settings) {
    const uint32_t ssl_size = (uint32_t)(ssl_module_end - ssl_module);
    const char *wrong = ssl_program_load(ssl_module, ssl_size, settings->ssl_memory);
    if (wrong != NULL) {
        report("ssl.wasm", wrong);
        return false;
    }
    wrong = vm_load(&app.vm, "app", app_slot_module(slot), size, settings->app_memory);
    if (wrong != NULL) {
        report("app.wasm", wrong);
        return false;
    }
    return imports_link_app(&app.vm);
}

static void report_end(enum vm_outcome outcome) {
    char line[80];
    if (outcome != VM_TRAP && board_is_interrupted()) {
        log_report("wassl: the app was interrupted");
    } else if (ssl_is_broken()) {
        return; /* it has been said */
    } else if (outcome == VM_TRAP) {
        vm_report(&app.vm);
    } else {
        const int status = outcome == VM_ENDED ? imports_exit_status() & 0xff : 0;
        snprintf(line, sizeof line, "wassl: exit status %d", status);
        log_report(line);
    }
}

static void run_loaded(const struct settings *settings) {
    const char *missing = ssl_start(settings->ssl_memory, settings->tls_receive_buffer);
    struct M3Function *start = vm_find(&app.vm, "_start", 0);
    if (missing != NULL || start == NULL) {
        report("no fitting export", missing != NULL ? missing : "_start");
        return;
    }
    report_end(vm_run(&app.vm, start, NULL, NULL));
    bridge_end();
    app.app = vm_figures(&app.vm);
    app.ssl = ssl_program_figures();
    app.heap = ssl_figures();
}

void app_run(int slot, const struct settings *settings) {
    struct app_label label;
    if (app_slot_check(slot, &label) < 0) return;
    app_slot_use(slot);
    vm_native_stack(stack_bottom + BOARD_STACK_RESERVE);
    vm_on_calls(go_on);
    if (load(slot, label.length, settings)) run_loaded(settings);
    vm_free(&app.vm);
    ssl_program_free();
    app_slot_use(-1);
}

void app_status(void (*line)(const char *text)) {
    char text[120];
    const bool runs = app.vm.runtime != NULL;
    const struct vm_figures a = runs ? vm_figures(&app.vm) : app.app;
    snprintf(text, sizeof text, "app: memory %lu, code %lu of %lu, stack %lu",
             (unsigned long)a.memory, (unsigned long)a.code_used, (unsigned long)a.code_pages,
             (unsigned long)a.stack);
    line(text);
    snprintf(text, sizeof text, "ssl: memory %lu, heap peak %lu, scratch peak %lu",
             (unsigned long)(runs ? ssl_program_figures() : app.ssl).memory,
             (unsigned long)app.heap.heap_peak, (unsigned long)app.heap.scratch_peak);
    line(text);
}
