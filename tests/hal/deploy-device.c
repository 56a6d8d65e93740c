/* A device without a chip: the firmware's main loop over a flash file, its serial line a TCP
 * socket on loopback.
 *
 * An app is not executed; its name says what it does: one called "crash..." resets the device at
 * once, "end..." ends, any other runs until it is asked to end. A reset is exec of this very
 * program, with the sockets and the word that a board keeps: all memory is as at power-on. Where
 * the power fails (-c) the process ends with status 3.
 */

#include "deploy-driver.h"

#include "app_slot.h"
#include "boot_guard.h"
#include "flash_host.h"
#include "fs_littlefs.h"
#include "hal.h"
#include "service.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STATUS_POWER_CUT = 3, WAIT_MS = 2 };

static struct {
    char **argv;
    const char *flash;
    const char *port;
    int listener;
    int line; /* -1: nobody is connected */
    uint32_t kept;
    bool has_cut;
} device = {.port = "0", .listener = -1, .line = -1};

/* --- the serial line -------------------------------------------------------------------------- */

static void drop_line(void) {
    close(device.line);
    device.line = -1;
}

static uint32_t line_read(uint8_t *out, uint32_t capacity) {
    if (device.line < 0) device.line = accept4(device.listener, NULL, NULL, SOCK_NONBLOCK);
    if (device.line < 0) return 0;
    const ssize_t n = recv(device.line, out, capacity, 0);
    if (n == 0) drop_line();
    return n > 0 ? (uint32_t)n : 0;
}

static void line_write(const uint8_t *bytes, uint32_t length) {
    if (flash_host_is_off()) return; /* and so is the rest of the board */
    while (device.line >= 0 && length > 0) {
        const ssize_t n = send(device.line, bytes, length, MSG_NOSIGNAL);
        struct pollfd writable = {device.line, POLLOUT, 0};
        if (n < 0 && poll(&writable, 1, 1000) != 1) drop_line();
        if (n <= 0) continue;
        bytes += n;
        length -= (uint32_t)n;
    }
}

static void open_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int on = 1;
    address.sin_port = htons((uint16_t)atoi(device.port));
    device.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(device.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    driver_expect(bind(device.listener, (struct sockaddr *)&address, size) == 0, "the port binds");
    driver_expect(listen(device.listener, 4) == 0, "the port listens");
    getsockname(device.listener, (struct sockaddr *)&address, &size);
    printf("port %u\n", ntohs(address.sin_port));
    fflush(stdout);
}

/* --- the device ------------------------------------------------------------------------------- */

static void reset(void) {
    char state[3][16];
    char *argv[12] = {device.argv[0], "device", (char *)device.flash};
    int argc = 3;
    snprintf(state[0], sizeof state[0], "-l%d", device.listener);
    snprintf(state[1], sizeof state[1], "-s%d", device.line);
    snprintf(state[2], sizeof state[2], "-k%u", device.kept);
    for (int i = 0; i < 3; i++)
        argv[argc++] = state[i];
    flash_host_end();
    execv("/proc/self/exe", argv);
    driver_expect(0, "exec works");
}

static void restart(bool start_app) {
    device.kept = start_app ? boot_guard_settled() : boot_guard_hold();
    reset();
}

static int format(void) {
    return fs_littlefs_format(DRIVER_FILES, DRIVER_FILES_SIZE);
}

static void status(void (*line)(const char *text)) {
    line("network: none");
}

static const struct service_config config = {"driver", "1.2.3", restart, format, status};

static void poll_once(void) {
    struct pollfd readable = {device.line >= 0 ? device.line : device.listener, POLLIN, 0};
    poll(&readable, 1, WAIT_MS);
    service_poll();
    if (device.has_cut && flash_host_is_off()) exit(STATUS_POWER_CUT);
}

static void run_app(int slot, const char *name) {
    char line[100];
    app_slot_use(slot);
    service_app_is(SERVICE_APP_RUNS);
    snprintf(line, sizeof line, "%s runs\n", name);
    log_write((const uint8_t *)line, (uint32_t)strlen(line));
    if (strncmp(name, "crash", 5) == 0) reset();
    while (strncmp(name, "end", 3) != 0 && !service_is_interrupted())
        poll_once();
    device.kept = boot_guard_settled();
    app_slot_use(-1);
    service_app_is(SERVICE_APP_ENDED);
}

static void start_app(void) {
    struct app_label label;
    const int slot = app_slot_newest(&label);
    const enum boot_choice choice = boot_guard_start(&device.kept);
    if (slot < 0)
        service_app_is(SERVICE_APP_NONE);
    else if (choice != BOOT_START)
        service_app_is(SERVICE_APP_HELD);
    else
        run_app(slot, label.name);
}

/* --- options ---------------------------------------------------------------------------------- */

static void cut_at(const char *text) {
    unsigned operation;
    unsigned how;
    driver_expect(sscanf(text, "%u,%u", &operation, &how) == 2, "-c OPERATION,HOW");
    const uint64_t at = flash_host_operations() + operation;
    flash_host_cut_at(at, (enum flash_host_cut)how, operation);
    device.has_cut = true;
}

/* -l, -s and -k are what a reset hands on. */
static void parse(int argc, char **argv, const char **cut) {
    optind = 3;
    for (int o; (o = getopt(argc, argv, "p:c:l:s:k:")) != -1;) {
        if (o == 'p') device.port = optarg;
        if (o == 'c') *cut = optarg;
        if (o == 'l') device.listener = atoi(optarg);
        if (o == 's') device.line = atoi(optarg);
        if (o == 'k') device.kept = (uint32_t)strtoul(optarg, NULL, 10);
    }
}

int device_main(int argc, char **argv) {
    const char *cut = NULL;
    driver_line = (struct driver_line){line_read, line_write};
    device.argv = argv;
    device.flash = argv[2];
    parse(argc, argv, &cut);
    if (device.listener < 0) open_port();
    driver_expect(flash_host_file(device.flash, DRIVER_FLASH) == 0, "the flash opens");
    driver_slots();
    driver_expect(fs_littlefs_mount(DRIVER_FILES, DRIVER_FILES_SIZE) == 0, "the files mount");
    if (cut != NULL) cut_at(cut);
    service_start(&config);
    start_app();
    for (;;)
        poll_once();
}
