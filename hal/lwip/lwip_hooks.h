/* Where lwIP asks us: the first sequence number of a connection (RFC 6528). */

#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include "lwip/ip_addr.h"

u32_t net_lwip_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                   u16_t remote_port);

#define LWIP_HOOK_TCP_ISN net_lwip_isn

#endif
