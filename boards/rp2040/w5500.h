/* WIZnet's W5500 as a plain interface of Ethernet: its socket 0 in MACRAW mode, which passes whole
 * frames through 16 KB rings in each direction; its own TCP/IP is not used.
 */

#ifndef RP2040_W5500_H
#define RP2040_W5500_H

#include "net_lwip.h"

#include <stdint.h>

/* Resets the chip and opens it for frames to that address, and broadcasts. 0, or -HAL_EIO where no
 * W5500 answers. */
int w5500_start(const uint8_t mac[NET_LWIP_MAC]);

extern const struct net_lwip_driver w5500_driver;

/* How often the chip had to be opened anew since the start, because it had lost its settings or its
 * ring made no sense. */
uint32_t w5500_recoveries(void);

#endif
