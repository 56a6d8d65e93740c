/* The console of a POSIX host: the app's output on standard output, our reports on standard error.
 *
 * Unbuffered, so that the two keep their order when both go to the same place.
 */

#include "hal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        const ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno != EINTR) return;
        if (n <= 0) continue;
        bytes += n;
        length -= (size_t)n;
    }
}

void log_write(const uint8_t *bytes, uint32_t length) {
    write_all(STDOUT_FILENO, (const char *)bytes, length);
}

void log_report(const char *line) {
    write_all(STDERR_FILENO, line, strlen(line));
    write_all(STDERR_FILENO, "\n", 1);
}
