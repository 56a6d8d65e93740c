/* The log of a board whose console is the serial line: the app's output and our reports share it.
 *
 * Text gets the line ends that terminals want. The byte 0xC0 never occurs in UTF-8 and begins a
 * frame of the deploy protocol on the same line (hal/deploy.h), so an app cannot forge one: it is
 * shown as '?'.
 */

#include "hal.h"
#include "serial.h"

#include <string.h>

enum { FRAME_END = 0xc0 };

static uint8_t last;

/* The bytes from the start that can go out as they are. */
static uint32_t plain_length(const uint8_t *bytes, uint32_t length) {
    uint32_t n = 0;
    while (n < length && bytes[n] != '\n' && bytes[n] != FRAME_END)
        n++;
    return n;
}

void log_write(const uint8_t *bytes, uint32_t length) {
    while (length > 0) {
        const uint32_t n = plain_length(bytes, length);
        serial_write(bytes, n);
        if (n > 0) last = bytes[n - 1];
        if (n == length) return;
        if (bytes[n] == FRAME_END)
            serial_write((const uint8_t *)"?", 1);
        else
            serial_write((const uint8_t *)"\r\n" + (last == '\r'), last == '\r' ? 1 : 2);
        last = bytes[n];
        bytes += n + 1;
        length -= n + 1;
    }
}

void log_report(const char *line) {
    log_write((const uint8_t *)line, (uint32_t)strlen(line));
    log_write((const uint8_t *)"\n", 1);
}
