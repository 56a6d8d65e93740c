/* deploy-driver device FLASH [-p PORT] [-c OPERATION,HOW] | cuts | fuzz ROUNDS SEED | settings
 * FLASH
 *
 * What the serial line can do to a device, on the host: deploy-device.c is a device for the real
 * command line, the others test the same code from within.
 */

#include "deploy-driver.h"

#include "app_slot.h"
#include "flash_host.h"
#include "fs_littlefs.h"
#include "serial.h"
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const uint8_t *bytes, uint32_t length) {
    fwrite(bytes, 1, length, stdout);
}

struct driver_line driver_line = {NULL, print};

uint32_t serial_read(uint8_t *out, uint32_t capacity) {
    return driver_line.read(out, capacity);
}

void serial_write(const uint8_t *bytes, uint32_t length) {
    driver_line.write(bytes, length);
}

void driver_slots(void) {
    const uint32_t offsets[APP_SLOTS] = {0, DRIVER_SLOT};
    app_slot_start(offsets, DRIVER_SLOT);
}

void driver_expect(int holds, const char *what) {
    if (holds) return;
    printf("wrong: %s\n", what);
    exit(1);
}

static void print_address(const char *name, const uint8_t *ip) {
    printf("%s %u.%u.%u.%u\n", name, ip[0], ip[1], ip[2], ip[3]);
}

/* Prints what settings.txt in the flash file makes of the defaults; reports come before. */
static int settings_main(const char *flash) {
    struct settings settings = {
        .hostname = "wassl",
        .app_memory = 65536,
        .ssl_memory = 65536,
        .tls_receive_buffer = 16384,
        .app_starts = true,
    };
    driver_expect(flash_host_file(flash, DRIVER_FLASH) == 0, "the flash opens");
    driver_expect(fs_littlefs_mount(DRIVER_FILES, DRIVER_FILES_SIZE) == 0, "the files mount");
    printf("mistakes %d\n", settings_load(&settings));
    printf("network %s\n", settings.is_static ? "static" : "dhcp");
    print_address("address", settings.address);
    printf("prefix %u\n", settings.prefix_length);
    print_address("gateway", settings.gateway);
    print_address("dns", settings.dns);
    printf("hostname %s\n", settings.hostname);
    printf("app_memory %u\nssl_memory %u\n", settings.app_memory, settings.ssl_memory);
    printf("tls_receive_buffer %u\n", settings.tls_receive_buffer);
    printf("app %s\n", settings.app_starts ? "start" : "wait");
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "device") == 0 && argc > 2) return device_main(argc, argv);
    if (strcmp(what, "cuts") == 0) return cuts_main();
    if (strcmp(what, "settings") == 0 && argc == 3) return settings_main(argv[2]);
    if (strcmp(what, "fuzz") == 0 && argc == 4)
        return fuzz_main((uint32_t)atol(argv[2]), (uint32_t)atol(argv[3]));
    fputs("usage: see deploy-driver.c\n", stderr);
    return 64;
}
