/* The parts of deploy-driver: the firmware's app slots, console, deploy protocol and settings on a
 * flash of the host, as a device on a TCP socket and as tests of its own.
 */

#ifndef TESTS_DEPLOY_DRIVER_H
#define TESTS_DEPLOY_DRIVER_H

#include <stdint.h>

/* The flash: two slots, then the files. */
enum {
    DRIVER_SLOT = 32 * 4096,
    DRIVER_FILES = 2 * DRIVER_SLOT,
    DRIVER_FILES_SIZE = 64 * 4096,
    DRIVER_FLASH = DRIVER_FILES + DRIVER_FILES_SIZE,
};

/* Slots over the flash that is there. */
void driver_slots(void);

/* The serial line of the test that runs. */
struct driver_line {
    uint32_t (*read)(uint8_t *out, uint32_t capacity);
    void (*write)(const uint8_t *bytes, uint32_t length);
};
extern struct driver_line driver_line;

/* Ends the process with a message where it does not hold. */
void driver_expect(int holds, const char *what);

/* deploy-device.c: a device whose flash is a file and whose serial line is a port of loopback. */
int device_main(int argc, char **argv);

/* deploy-cuts.c: the power fails at every write of an installation. */
int cuts_main(void);

/* deploy-fuzz.c: ROUNDS of random and of damaged requests. */
int fuzz_main(uint32_t rounds, uint32_t seed);

#endif
