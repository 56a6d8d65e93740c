/* The device's settings: the file settings.txt in the root of its file system, lines `key = value`.
 *
 * A device without the file, or with mistakes in it, works with the defaults: each line that is not
 * understood is reported with its number and changes nothing. docs/settings.md is for its users.
 */

#ifndef HAL_SETTINGS_H
#define HAL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { SETTINGS_HOSTNAME_MAX = 32 };

#define SETTINGS_FILE "settings.txt"

struct settings {
    bool is_static; /* the address below, else DHCP's */
    uint8_t address[4];
    uint8_t prefix_length; /* of the network: 24 for 255.255.255.0 */
    uint8_t gateway[4];    /* 0.0.0.0: none */
    uint8_t dns[4];        /* 0.0.0.0: none */
    char hostname[SETTINGS_HOSTNAME_MAX + 1];
    uint32_t app_memory;         /* the most linear memory of the app, in bytes */
    uint32_t ssl_memory;         /* and of ssl.wasm */
    uint32_t tls_receive_buffer; /* the most plaintext of a record to us, in bytes */
    bool app_starts;             /* at power-on; else it waits for `restart` on the console */
};

/* Sets in *settings, which holds the defaults, what the file says. Mistakes go to log_report:
 * how many there were, 0 also without a file, or -HAL_EIO where it cannot be read. */
int settings_load(struct settings *settings);

#endif
