/* A line editor with backspace, and few commands: enough to see what the device does, to end or
 * restart the app, and to start over. Everything else is the command line's, through frames.
 *
 * The app's output comes between; a prompt is shown while no app runs. Ctrl-C ends the app.
 */

#include "console.h"

#include "app_slot.h"
#include "boot_guard.h"
#include "hal.h"
#include "service_state.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 80,
    OUT_MAX_BYTES = 160,
    DATE_SIZE = 11,
    DAYS_TO_1970 = 719468, /* from 0000-03-01 */
    DAYS_OF_400_YEARS = 146097,
    CTRL_C = 0x03,
    BACKSPACE = 0x08,
    CTRL_U = 0x15,
    ESCAPE = 0x1b,
    DELETE = 0x7f,
};

/* What of an escape sequence (arrow keys) is still to come. */
enum escape { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CSI };

static struct {
    char line[LINE_MAX_BYTES + 1];
    uint8_t length;
    uint8_t escape;
    bool after_cr;
} console;

static char text[OUT_MAX_BYTES]; /* a line of output while it is composed */

static void print(const char *what) {
    log_write((const uint8_t *)what, (uint32_t)strlen(what));
}

static void print_line(const char *what) {
    print(what);
    print("\n");
}

static void prompt(void) {
    if (service_app_state() != SERVICE_APP_RUNS) print("> ");
}

/* --- commands --------------------------------------------------------------------------------- */

/* The date of a day since 1970-01-01, counted in years that begin with March, so that the leap day
 * is the last one. The last two remainders change nothing: they tell the compiler what fits. */
static void format_date(uint32_t day, char out[DATE_SIZE]) {
    day += DAYS_TO_1970;
    const uint32_t era = day / DAYS_OF_400_YEARS;
    const uint32_t in_era = day % DAYS_OF_400_YEARS;
    const uint32_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const uint32_t in_year = in_era - (365 * year + year / 4 - year / 100);
    const uint32_t month = (5 * in_year + 2) / 153; /* 0 is March */
    const uint32_t in_month = in_year - (153 * month + 2) / 5;
    snprintf(out, DATE_SIZE, "%04u-%02u-%02u", (unsigned)((era * 400 + year + month / 10) % 10000),
             (unsigned)((month + 2) % 12 + 1), (unsigned)(in_month % 31 + 1));
}

static void print_clock(void) {
    char date[DATE_SIZE];
    const int64_t now = clock_time();
    if (now < 0) {
        print_line("clock: not set; wassl rtc --set, or by the app from the network");
        return;
    }
    const unsigned seconds = (unsigned)(now % 86400);
    format_date((uint32_t)(now / 86400), date);
    snprintf(text, sizeof text, "clock: %s %02u:%02u:%02u UTC", date, seconds / 3600,
             seconds / 60 % 60, seconds % 60);
    print_line(text);
}

static void command_status(void) {
    snprintf(text, sizeof text, "wassl %s on %s, up %u s", service_config->firmware,
             service_config->board, (unsigned)(clock_ticks_us() / 1000000));
    print_line(text);
    snprintf(text, sizeof text, "app: %s", service_app_word());
    print_line(text);
    print_clock();
    if (service_config->status != NULL) service_config->status(print_line);
}

static void print_slot(int slot, int newest) {
    struct app_label label;
    const int e = app_slot_check(slot, &label);
    const char letter = (char)('A' + slot);
    if (e == 0) {
        snprintf(text, sizeof text, "%c  %s%s%s, %u bytes, number %u%s%s", letter, label.name,
                 label.version[0] == '\0' ? "" : " ", label.version, (unsigned)label.length,
                 (unsigned)label.sequence, slot == newest ? ", starts" : "",
                 slot == app_slot_used() ? ", running" : "");
    } else {
        snprintf(text, sizeof text, "%c  %s", letter, e == -HAL_ENOENT ? "empty" : "damaged");
    }
    print_line(text);
}

static void command_apps(void) {
    struct app_label label;
    const int newest = app_slot_newest(&label);
    for (int slot = 0; slot < APP_SLOTS; slot++)
        print_slot(slot, newest);
}

static void command_files(void) {
    char name[FS_PATH_MAX + 1];
    for (uint32_t i = 0;; i++) {
        const int n = fs_list("/", i, name, FS_PATH_MAX);
        if (n < 0) print_line("files: the file system cannot be read; see format");
        if (n <= 0) return;
        name[n] = '\0';
        print_line(name);
    }
}

static void command_stop(void) {
    if (!service_interrupt()) print_line("no app runs");
}

static void command_restart(void) {
    service_restart_later(true);
}

static void command_format(void) {
    print_line("format erases all files. If that is wanted: format yes");
}

static void command_format_yes(void) {
    if (service_app_state() == SERVICE_APP_RUNS) {
        print_line("an app runs and may have files open: stop it first");
        return;
    }
    print_line(service_config->format() == 0 ? "formatted" : "failed: the flash is at fault");
}

static void command_help(void);

static const struct {
    const char *name;
    const char *help;
    void (*run)(void);
} commands[] = {
    {"help", "this list", command_help},
    {"status", "the device, its app and its clock", command_status},
    {"apps", "the two slots for apps", command_apps},
    {"files", "the names in the root folder", command_files},
    {"stop", "ends the app, as Ctrl-C does", command_stop},
    {"restart", "restarts the device and its app", command_restart},
    {"format", "erases all files, after a question", command_format},
    {"format yes", NULL, command_format_yes},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void command_help(void) {
    for (int i = 0; i < COMMANDS; i++) {
        if (commands[i].help == NULL) continue;
        snprintf(text, sizeof text, "%-8s %s", commands[i].name, commands[i].help);
        print_line(text);
    }
}

/* --- the line --------------------------------------------------------------------------------- */

static void run_line(void) {
    while (console.length > 0 && console.line[console.length - 1] == ' ')
        console.length--;
    console.line[console.length] = '\0';
    const char *line = console.line + strspn(console.line, " ");
    int i = 0;
    while (i < COMMANDS && strcmp(commands[i].name, line) != 0)
        i++;
    if (i < COMMANDS)
        commands[i].run();
    else if (*line != '\0')
        print_line("no such command; help lists them");
    console.length = 0;
    prompt();
}

/* One character, which may be several bytes. */
static void erase_character(void) {
    if (console.length == 0) return;
    while (--console.length > 0 && ((uint8_t)console.line[console.length] & 0xc0) == 0x80)
        continue;
    print("\b \b");
}

static void interrupt(void) {
    print_line("^C");
    console.length = 0;
    if (!service_interrupt()) prompt();
}

/* True where the byte belongs to an escape sequence, which nothing here understands. */
static bool skip_escape(uint8_t byte) {
    const uint8_t before = console.escape;
    if (byte == ESCAPE)
        console.escape = ESCAPE_BEGUN;
    else if (before == ESCAPE_BEGUN)
        console.escape = byte == '[' || byte == 'O' ? ESCAPE_CSI : ESCAPE_NONE;
    else if (before == ESCAPE_CSI && byte >= 0x40)
        console.escape = ESCAPE_NONE;
    return before != ESCAPE_NONE || byte == ESCAPE;
}

static void add(uint8_t byte) {
    if (byte < 0x20 || byte >= 0xf8 || console.length == LINE_MAX_BYTES) return;
    console.line[console.length++] = (char)byte;
    log_write(&byte, 1);
}

void console_take(uint8_t byte) {
    const bool after_cr = console.after_cr;
    console.after_cr = byte == '\r';
    if (byte == CTRL_C) {
        console.escape = ESCAPE_NONE;
        interrupt();
        return;
    }
    if (skip_escape(byte)) return;
    if (byte == '\r' || (byte == '\n' && !after_cr)) {
        print("\n");
        run_line();
    } else if (byte == BACKSPACE || byte == DELETE) {
        erase_character();
    } else if (byte == CTRL_U) {
        while (console.length > 0)
            erase_character();
    } else {
        add(byte);
    }
}

/* --- the app ---------------------------------------------------------------------------------- */

void console_start(void) {
    memset(&console, 0, sizeof console);
}

void console_app_changed(void) {
    switch (service_app_state()) {
    case SERVICE_APP_RUNS:
        return;
    case SERVICE_APP_NONE:
        print_line("wassl: no app is installed; wassl deploy sends one");
        break;
    case SERVICE_APP_HELD:
        snprintf(text, sizeof text,
                 "wassl: the app was not started: asked not to, or %d times "
                 "ended by a fault at once; restart starts it",
                 BOOT_GUARD_CRASHES);
        print_line(text);
        break;
    case SERVICE_APP_ENDED:
        print_line("wassl: the app has ended; restart starts it again, help lists commands");
        break;
    }
    prompt();
}
