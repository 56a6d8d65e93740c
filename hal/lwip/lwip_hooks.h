/* Where lwIP asks us: the first sequence number of a connection (RFC 6528), and whether a segment
 * may enter one.
 */

#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include "lwip/err.h"
#include "lwip/ip_addr.h"

struct tcp_hdr;
struct tcp_pcb;

u32_t net_lwip_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                   u16_t remote_port);

err_t net_lwip_admit(const struct tcp_pcb *pcb, const struct tcp_hdr *header);

#define LWIP_HOOK_TCP_ISN net_lwip_isn
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, options, options1, options2, p)                    \
    net_lwip_admit(pcb, header)

#endif
