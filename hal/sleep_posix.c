/* Sleeping where nothing else has to go on meanwhile. */

#include "hal.h"

#include <errno.h>
#include <time.h>

void clock_sleep_ms(uint32_t milliseconds) {
    struct timespec left = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}
