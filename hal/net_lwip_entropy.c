/* What attackers who do not see the traffic must not guess: sequence numbers, ports, ids.
 *
 * random_fill is asked once, for a key; the rest is SipHash under it, which never fails and costs
 * little. A sequence number is that of RFC 6528: a clock of 4 us plus a keyed function of both
 * ends, so that a new connection between the same ends starts above the old one.
 */

#include "hal.h"
#include "lwip_hooks.h"
#include "net_lwip_internal.h"
#include "siphash.h"

#include <string.h>

static uint8_t key[SIPHASH_KEY];
static uint64_t drawn;

int net_lwip_entropy_start(void) {
    return random_fill(key, sizeof key);
}

uint32_t net_lwip_random(void) {
    uint8_t input[1 + sizeof drawn] = {'r'};
    drawn++;
    memcpy(input + 1, &drawn, sizeof drawn);
    return (uint32_t)siphash(key, input, sizeof input);
}

u32_t net_lwip_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                   u16_t remote_port) {
    struct net_address ends[2];
    uint8_t input[1 + sizeof ends] = {'i'};
    net_lwip_from_ip(local, local_port, &ends[0]);
    net_lwip_from_ip(remote, remote_port, &ends[1]);
    memcpy(input + 1, ends, sizeof ends);
    return (u32_t)siphash(key, input, sizeof input) + (u32_t)(clock_ticks_us() / 4);
}
