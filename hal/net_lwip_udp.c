/* UDP over lwIP's raw API. A socket keeps a few datagrams until the app asks for them; what comes
 * while its queue is full, or while the buffers run low, is lost, as UDP may.
 */

#include "hal.h"
#include "net_lwip_internal.h"

#include "lwip/udp.h"

#include <stddef.h>

enum {
    QUEUE = 4,
    PAYLOAD_MAX = 1472, /* of one frame: datagrams are never cut to pieces */
};

struct datagram {
    struct pbuf *payload;
    ip_addr_t from;
    u16_t port;
};

struct datagrams {
    struct udp_pcb *pcb; /* NULL: not used */
    struct datagram queue[QUEUE];
    uint8_t first;
    uint8_t count;
    uint8_t family;
    struct net_options options;
};

static struct datagrams sockets[NET_SOCKETS];

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                        u16_t port) {
    struct datagrams *d = arg;
    (void)pcb;
    const uint32_t left = net_lwip_free_buffers();
    const bool is_short =
        left < (uint32_t)(d->count == 0 ? NET_LWIP_FRAME_BUFFERS : NET_LWIP_RESERVE);
    if (d->count == QUEUE || is_short) {
        pbuf_free(p);
        return;
    }
    struct datagram *last = &d->queue[(d->first + d->count) % QUEUE];
    *last = (struct datagram){.payload = p, .from = *from, .port = port};
    d->count++;
}

struct datagrams *datagrams_new(int family) {
    for (size_t i = 0; i < NET_SOCKETS; i++) {
        struct datagrams *d = &sockets[i];
        if (d->pcb != NULL) continue;
        *d = (struct datagrams){.family = (uint8_t)family};
        d->pcb = udp_new_ip_type(family == NET_INET6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4);
        if (d->pcb == NULL) return NULL;
        udp_recv(d->pcb, on_datagram, d);
        return d;
    }
    return NULL;
}

struct net_options *datagrams_options(struct datagrams *d) {
    return &d->options;
}

void datagrams_apply(struct datagrams *d) {
    if (d->options.reuse_address)
        ip_set_option(d->pcb, SOF_REUSEADDR);
    else
        ip_reset_option(d->pcb, SOF_REUSEADDR);
    if (d->options.broadcast)
        ip_set_option(d->pcb, SOF_BROADCAST);
    else
        ip_reset_option(d->pcb, SOF_BROADCAST);
}

static void drop_first(struct datagrams *d) {
    pbuf_free(d->queue[d->first].payload);
    d->first = (uint8_t)((d->first + 1) % QUEUE);
    d->count--;
}

void datagrams_close(struct datagrams *d) {
    while (d->count > 0)
        drop_first(d);
    udp_remove(d->pcb);
    d->pcb = NULL;
}

static err_t bind_port(void *pcb, const ip_addr_t *address, u16_t port) {
    return udp_bind(pcb, address, port);
}

int datagrams_bind(struct datagrams *d, const struct net_address *local) {
    ip_addr_t address;
    if (!net_lwip_to_ip(local, &address) || !net_lwip_is_local(&address)) return -HAL_EINVAL;
    if (d->pcb->local_port != 0) return -HAL_EINVAL;
    const err_t e = local->port == 0 ? net_lwip_bind_random(d->pcb, &address, bind_port)
                                     : udp_bind(d->pcb, &address, local->port);
    return net_lwip_error(e);
}

/* Before the first datagram goes out: the network, and a port of its own. */
static int prepare(struct datagrams *d, const struct net_address *peer, ip_addr_t *to,
                   const struct net_wait *wait) {
    if (!net_lwip_to_ip(peer, to)) return -HAL_EINVAL;
    const int e = net_lwip_await_network(wait, to);
    if (e < 0 || d->pcb->local_port != 0) return e;
    return net_lwip_error(net_lwip_bind_random(d->pcb, net_lwip_any(d->family), bind_port));
}

int datagrams_connect(struct datagrams *d, const struct net_address *peer,
                      const struct net_wait *wait) {
    ip_addr_t to;
    const int e = prepare(d, peer, &to, wait);
    return e < 0 ? e : net_lwip_error(udp_connect(d->pcb, &to, peer->port));
}

static int send_error(err_t e) {
    return e == ERR_VAL ? -HAL_EACCES : net_lwip_error(e); /* a broadcast without SO_BROADCAST */
}

int datagrams_send(struct datagrams *d, const uint8_t *bytes, uint32_t length,
                   const struct net_address *to, const struct net_wait *wait) {
    ip_addr_t address;
    if (length > PAYLOAD_MAX) return -HAL_EINVAL;
    if (to == NULL && (d->pcb->flags & UDP_FLAGS_CONNECTED) == 0) return -HAL_EINVAL;
    const int e = to == NULL ? 0 : prepare(d, to, &address, wait);
    if (e < 0) return e;
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)length, PBUF_RAM);
    if (p == NULL) return -HAL_ENOMEM;
    pbuf_take(p, bytes, (u16_t)length);
    const err_t failed =
        to == NULL ? udp_send(d->pcb, p) : udp_sendto(d->pcb, p, &address, to->port);
    pbuf_free(p);
    return failed == ERR_OK ? (int)length : send_error(failed);
}

int datagrams_recv(struct datagrams *d, uint8_t *out, uint32_t length, bool peek,
                   struct net_address *from, const struct net_wait *wait) {
    while (d->count == 0) {
        const int e = net_lwip_wait(wait);
        if (e < 0) return e;
    }
    const struct datagram *first = &d->queue[d->first];
    const u16_t n = (u16_t)LWIP_MIN(length, first->payload->tot_len);
    pbuf_copy_partial(first->payload, out, n, 0);
    if (from != NULL) net_lwip_from_ip(&first->from, first->port, from);
    if (!peek) drop_first(d);
    return n;
}
