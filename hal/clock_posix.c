/* The clock of the emulated board: unset at power-on like one without a battery, until the board's
 * options or the app set it.
 *
 * It runs on the host's monotonic clock from the moment it was set, so the host's own clock is
 * never touched and a step of it does not move the board's.
 */

#include "hal.h"
#include "posix.h"

#include <stdbool.h>
#include <time.h>

static const int64_t YEAR_10000 = 253402300800;

static struct {
    bool is_set;
    int64_t seconds;    /* the time when it was set */
    uint64_t set_at_us; /* in ticks */
} board;

uint64_t clock_ticks_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int64_t clock_time(void) {
    if (!board.is_set) return -1;
    return board.seconds + (int64_t)((clock_ticks_us() - board.set_at_us) / 1000000);
}

int clock_set(int64_t seconds) {
    if (seconds < 0 || seconds >= YEAR_10000) return -HAL_EINVAL;
    board.is_set = true;
    board.seconds = seconds;
    board.set_at_us = clock_ticks_us();
    return 0;
}

void clock_posix_from_system(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_set(now.tv_sec);
    board.set_at_us -=
        (uint64_t)now.tv_nsec / 1000; /* so that its seconds change when the host's do */
}
