/* The clock tree of the board: crystal -> PLL -> everything. */

#ifndef RP2040_CLOCKS_H
#define RP2040_CLOCKS_H

#include <stdint.h>

/* Starts the crystal, the PLL and the clocks of core, devices, timer, watchdog and RTC. */
void clocks_start(void);

/* Takes devices (bits RESET_...) out of reset. */
void clocks_release(uint32_t devices);

#endif
