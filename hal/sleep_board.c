/* Sleeping on a board: network and console live on meanwhile. */

#include "board.h"
#include "hal.h"

enum { LONGEST_US = 10000 }; /* without a look at the network */

void clock_sleep_ms(uint32_t milliseconds) {
    const uint64_t end = clock_ticks_us() + (uint64_t)milliseconds * 1000;
    while (!board_is_interrupted()) {
        board_poll();
        const uint64_t now = clock_ticks_us();
        if (now >= end) return;
        const uint64_t left = end - now;
        board_wait(left < LONGEST_US ? (uint32_t)left : LONGEST_US);
    }
}
