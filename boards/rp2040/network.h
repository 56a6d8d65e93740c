/* The board's network: settings, address, chip and lwIP joined. */

#ifndef RP2040_NETWORK_H
#define RP2040_NETWORK_H

#include "settings.h"

/* Reports what is wrong, if anything; the board goes on without a network then. */
void network_start(const struct settings *settings);

/* For board_poll, at any time. */
void network_poll(void);

/* How long the board may sleep before the next network_poll. */
uint32_t network_idle_us(void);

/* Closes what an ended app has left open, and lets its last bytes out. */
void network_end(void);

/* For the console. */
void network_status(void (*line)(const char *text));

#endif
