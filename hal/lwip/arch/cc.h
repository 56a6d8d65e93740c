/* What lwIP asks of its surroundings, for every compiler we use: no operating system, no printf,
 * randomness and failed assertions come to net_lwip_entropy.c and net_lwip.c.
 */

#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <stdint.h>

/* Unpredictable: DNS ids, DHCP ids, first ports. */
uint32_t net_lwip_random(void);

/* lwIP found itself in a state that cannot be: says where and restarts the board. */
_Noreturn void net_lwip_assertion_failed(const char *file, int line);

#define LWIP_RAND() net_lwip_random()
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(claim) net_lwip_assertion_failed(__FILE_NAME__, __LINE__)

#define LWIP_NO_CTYPE_H       1
#define LWIP_NO_INTTYPES_H    1
#define LWIP_CHKSUM_ALGORITHM 3 /* sums words: frames are aligned by ETH_PAD_SIZE */

#endif
