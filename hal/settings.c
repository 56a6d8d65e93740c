/* Reading settings.txt: a table of keys, each with the function that takes its value. A value is
 * taken whole or not at all.
 */

#include "settings.h"

#include "hal.h"
#include "ssl_limits.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 120,
    CHUNK = 64,
    MEMORY_MIN = 1024,
    MEMORY_MAX = 64 * 1024 * 1024,
};

/* --- values ----------------------------------------------------------------------------------- */

/* A decimal number up to `largest`, at *text, which is moved behind it. */
static bool take_number(const char **text, uint32_t largest, uint32_t *out) {
    const char *at = *text;
    uint32_t value = 0;
    if (*at < '0' || *at > '9') return false;
    for (; *at >= '0' && *at <= '9'; at++) {
        const uint32_t digit = (uint32_t)(*at - '0');
        if (value > (largest - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *text = at;
    *out = value;
    return true;
}

/* Four numbers with dots between, at *text. */
static bool take_address(const char **text, uint8_t out[4]) {
    uint32_t byte;
    for (int i = 0; i < 4; i++) {
        if (i > 0 && *(*text)++ != '.') return false;
        if (!take_number(text, 255, &byte)) return false;
        out[i] = (uint8_t)byte;
    }
    return true;
}

static bool set_network(struct settings *settings, const char *text) {
    const bool is_static = strcmp(text, "static") == 0;
    if (!is_static && strcmp(text, "dhcp") != 0) return false;
    settings->is_static = is_static;
    return true;
}

/* 192.168.1.50/24 */
static bool set_address(struct settings *settings, const char *text) {
    uint8_t address[4];
    uint32_t prefix;
    if (!take_address(&text, address) || *text++ != '/') return false;
    if (!take_number(&text, 30, &prefix) || prefix == 0 || *text != '\0') return false;
    memcpy(settings->address, address, sizeof address);
    settings->prefix_length = (uint8_t)prefix;
    return true;
}

static bool set_ip(const char *text, uint8_t out[4]) {
    uint8_t address[4];
    if (!take_address(&text, address) || *text != '\0') return false;
    memcpy(out, address, sizeof address);
    return true;
}

static bool set_gateway(struct settings *settings, const char *text) {
    return set_ip(text, settings->gateway);
}

static bool set_dns(struct settings *settings, const char *text) {
    return set_ip(text, settings->dns);
}

/* Letters, digits and hyphens inside (RFC 1123, 2.1). */
static bool set_hostname(struct settings *settings, const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const size_t length = strlen(text);
    if (length == 0 || length > SETTINGS_HOSTNAME_MAX) return false;
    if (strspn(text, allowed) != length) return false;
    if (text[0] == '-' || text[length - 1] == '-') return false;
    memcpy(settings->hostname, text, length + 1);
    return true;
}

/* Bytes, or with "K" behind it 1,024 of them. */
static bool take_memory(const char *text, uint32_t *out) {
    uint32_t value;
    if (!take_number(&text, MEMORY_MAX, &value)) return false;
    if (*text == 'K') {
        if (value > MEMORY_MAX / 1024) return false;
        value *= 1024;
        text++;
    }
    if (*text != '\0' || value < MEMORY_MIN) return false;
    *out = value;
    return true;
}

static bool set_app_memory(struct settings *settings, const char *text) {
    return take_memory(text, &settings->app_memory);
}

static bool set_ssl_memory(struct settings *settings, const char *text) {
    return take_memory(text, &settings->ssl_memory);
}

static bool set_tls_receive_buffer(struct settings *settings, const char *text) {
    uint32_t bytes;
    if (!take_memory(text, &bytes)) return false;
    if (bytes < SSL_RECEIVE_BUFFER_MIN || bytes > SSL_RECEIVE_BUFFER_MAX) return false;
    settings->tls_receive_buffer = bytes;
    return true;
}

static bool set_app(struct settings *settings, const char *text) {
    const bool starts = strcmp(text, "start") == 0;
    if (!starts && strcmp(text, "wait") != 0) return false;
    settings->app_starts = starts;
    return true;
}

static const struct {
    const char *name;
    bool (*set)(struct settings *settings, const char *text);
    const char *values; /* for the report */
} keys[] = {
    {"network", set_network, "dhcp or static"},
    {"address", set_address, "an address and its network, as 192.168.1.50/24"},
    {"gateway", set_gateway, "an address, as 192.168.1.1"},
    {"dns", set_dns, "an address, as 9.9.9.9"},
    {"hostname", set_hostname, "up to 32 letters, digits and hyphens"},
    {"app_memory", set_app_memory, "bytes, as 65536 or 64K"},
    {"ssl_memory", set_ssl_memory, "bytes, as 65536 or 64K"},
    {"tls_receive_buffer", set_tls_receive_buffer, "1K to 16K, or so many bytes"},
    {"app", set_app, "start or wait"},
};

enum { KEYS = sizeof keys / sizeof keys[0] };

/* --- lines ------------------------------------------------------------------------------------ */

struct reader {
    struct settings *settings;
    char line[LINE_MAX_BYTES + 1];
    uint32_t length; /* of the line, more than LINE_MAX_BYTES where it is too long */
    uint32_t number;
    int mistakes;
};

static void report(struct reader *reader, const char *what, const char *detail) {
    char text[160];
    snprintf(text, sizeof text, SETTINGS_FILE ":%u: %s%s", (unsigned)reader->number, what, detail);
    log_report(text);
    reader->mistakes++;
}

/* The text without white space at its ends, in place. */
static char *trim(char *text) {
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        length--;
    text[length] = '\0';
    return text;
}

static void take_value(struct reader *reader, const char *name, const char *value) {
    int i = 0;
    while (i < KEYS && strcmp(keys[i].name, name) != 0)
        i++;
    if (i == KEYS)
        report(reader, "there is no setting of this name", "");
    else if (!keys[i].set(reader->settings, value))
        report(reader, "this setting is ", keys[i].values);
}

static void take_line(struct reader *reader) {
    reader->number++;
    const uint32_t length = reader->length;
    reader->length = 0;
    if (length > LINE_MAX_BYTES) {
        report(reader, "the line is too long", "");
        return;
    }
    reader->line[length] = '\0';
    if (strlen(reader->line) != length) {
        report(reader, "the line has a NUL character", "");
        return;
    }
    char *text = trim(reader->line);
    if (*text == '\0' || *text == '#') return;
    char *equals = strchr(text, '=');
    if (equals == NULL) {
        report(reader, "a line is `key = value`, or starts with #", "");
        return;
    }
    *equals = '\0';
    take_value(reader, trim(text), trim(equals + 1));
}

static void take_bytes(struct reader *reader, const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            take_line(reader);
            continue;
        }
        if (reader->length < LINE_MAX_BYTES) reader->line[reader->length] = (char)bytes[i];
        if (reader->length <= LINE_MAX_BYTES) reader->length++;
    }
}

/* --- the file --------------------------------------------------------------------------------- */

static bool is_set(const uint8_t ip[4]) {
    return (ip[0] | ip[1] | ip[2] | ip[3]) != 0;
}

/* What no line alone shows. A static network that lacks its address is DHCP's. */
static void check_whole(struct reader *reader) {
    struct settings *settings = reader->settings;
    const char *wrong = NULL;
    const bool has_address = settings->prefix_length != 0;
    if (settings->is_static && !has_address) {
        wrong = SETTINGS_FILE ": network = static needs an address; DHCP is used";
        settings->is_static = false;
    } else if (!settings->is_static &&
               (has_address || is_set(settings->gateway) || is_set(settings->dns))) {
        wrong = SETTINGS_FILE ": address, gateway and dns go with network = static; DHCP is used";
    }
    if (wrong == NULL) return;
    log_report(wrong);
    reader->mistakes++;
}

int settings_load(struct settings *settings) {
    struct reader reader = {.settings = settings};
    uint8_t chunk[CHUNK];
    const int file = fs_open(SETTINGS_FILE, FS_READ);
    if (file == -HAL_ENOENT) return 0;
    if (file < 0) return -HAL_EIO;
    int n;
    while ((n = fs_read(file, chunk, sizeof chunk)) > 0)
        take_bytes(&reader, chunk, (uint32_t)n);
    fs_close(file);
    if (n < 0) return -HAL_EIO;
    if (reader.length > 0) take_line(&reader);
    check_whole(&reader);
    return reader.mistakes;
}
