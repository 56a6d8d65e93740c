/* sockets.c over lwIP, and what lwIP has in use: names of its pools with their counts, those of
 * which nothing is in use left out.
 */

#include "net_lwip.h"
#include "posix.h"
#include "sockets.h"

#include "lwip/memp.h"
#include "lwip/stats.h"

#include <stdio.h>

int sockets_start(int frames) {
    return net_host_start(frames);
}

void sockets_stats(void) {
    static const struct {
        const char *name;
        int pool;
    } pools[] = {
        {"udp", MEMP_UDP_PCB}, {"tcp", MEMP_TCP_PCB}, {"listen", MEMP_TCP_PCB_LISTEN},
        {"seg", MEMP_TCP_SEG}, {"pbuf", MEMP_PBUF},   {"pool", MEMP_PBUF_POOL},
    };
    const struct net_lwip_status status = net_lwip_status();
    printf("link=%d address=%d", status.link_is_up, status.address[3]);
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++) {
        const int used = lwip_stats.memp[pools[i].pool]->used;
        if (used > 0) printf(" %s=%d", pools[i].name, used);
    }
    if (lwip_stats.mem.used > 0) printf(" heap=%u", (unsigned)lwip_stats.mem.used);
}

void sockets_end(void) {
    net_host_end();
}
