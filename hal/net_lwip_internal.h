/* What the parts of the lwIP back end share: sockets and their waiting.
 *
 * A socket number is an entry in the table of net_lwip.c's sockets; behind it is a stream (TCP,
 * also a listening one) or a datagram socket (UDP). lwIP's callbacks get the stream or datagram
 * socket as their argument and only change its fields: they never wait and never call the app.
 */

#ifndef NET_LWIP_INTERNAL_H
#define NET_LWIP_INTERNAL_H

#include "hal.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/opt.h"

#include <stdbool.h>
#include <stdint.h>

/* How long a call of one socket waits. */
struct net_wait {
    int timeout_ms;
    uint64_t deadline; /* ticks; 0: none */
};

/* Options of a socket, kept for the time when it has a control block of lwIP's. */
struct net_options {
    bool reuse_address : 1;
    bool broadcast : 1;
    bool keep_alive : 1;
    bool no_delay : 1;
};

struct stream;
struct datagrams;

/* --- net_lwip.c: the interface ---------------------------------------------------------------- */

/* What lwIP is doing while it calls back. */
enum net_lwip_activity {
    NET_LWIP_CALLED, /* the app's call */
    NET_LWIP_INPUT,  /* a frame */
    NET_LWIP_TIMERS, /* time that has passed */
};

enum net_lwip_activity net_lwip_activity(void);

/* Waits until the interface has an address where `to` needs one: 0 or -HAL_ENETUNREACH. */
int net_lwip_await_network(const struct net_wait *wait, const ip_addr_t *to);

/* Lets time pass for a call that found nothing to do: 0 to try again, -HAL_EAGAIN or
 * -HAL_ETIMEDOUT. */
int net_lwip_wait(const struct net_wait *wait);

bool net_lwip_known_host(const char *host, uint16_t port, struct net_address *out);

/* Buffers of the pool for received frames that are free. */
uint32_t net_lwip_free_buffers(void);

enum {
    NET_LWIP_FRAME_BUFFERS = 3, /* of a full frame: with fewer left none comes in */
    /* With fewer left, what is not read gets no more of them. */
    NET_LWIP_RESERVE = 2 * NET_LWIP_FRAME_BUFFERS,
};

/* --- net_lwip_address.c ----------------------------------------------------------------------- */

/* False where this build does not know the address's version. */
bool net_lwip_to_ip(const struct net_address *from, ip_addr_t *to);
void net_lwip_from_ip(const ip_addr_t *from, uint16_t port, struct net_address *to);

/* The number of an error of lwIP's. */
int net_lwip_error(err_t e);

/* The address that an unbound socket of the family has. */
const ip_addr_t *net_lwip_any(int family);

/* Whether a socket may be bound to it: any, loopback, or this interface's. */
bool net_lwip_is_local(const ip_addr_t *address);

/* Binds to a port that nobody can guess (RFC 6056): `bind` is asked with one after the other. */
err_t net_lwip_bind_random(void *pcb, const ip_addr_t *address,
                           err_t (*bind)(void *pcb, const ip_addr_t *address, u16_t port));

/* --- net_lwip_entropy.c ----------------------------------------------------------------------- */

/* 0 or -HAL_EIO. */
int net_lwip_entropy_start(void);

/* --- net_lwip_tcp.c --------------------------------------------------------------------------- */

/* NULL where there are NET_LWIP_CONNECTIONS, so that an app hears of it before it connects. */
struct stream *stream_new(int family);
void stream_close(struct stream *s);
int stream_connect(struct stream *s, const struct net_address *peer, const struct net_wait *wait);
int stream_bind(struct stream *s, const struct net_address *local);
int stream_listen(struct stream *s, int backlog);
int stream_accept(struct stream *s, struct stream **accepted, struct net_address *peer,
                  const struct net_wait *wait);
int stream_send(struct stream *s, const uint8_t *bytes, uint32_t length,
                const struct net_wait *wait);
int stream_recv(struct stream *s, uint8_t *out, uint32_t length, bool peek,
                struct net_address *from, const struct net_wait *wait);
struct net_options *stream_options(struct stream *s);
/* Hands changed options to lwIP. */
void stream_apply(struct stream *s);
/* Gives up the stream with most unread data, for the memory. */
void streams_free_most(void);
/* Whether connections exist that still have something to send, also of closed sockets. */
bool streams_are_busy(void);

/* --- net_lwip_udp.c --------------------------------------------------------------------------- */

struct datagrams *datagrams_new(int family);
void datagrams_close(struct datagrams *d);
int datagrams_connect(struct datagrams *d, const struct net_address *peer,
                      const struct net_wait *wait);
int datagrams_bind(struct datagrams *d, const struct net_address *local);
int datagrams_send(struct datagrams *d, const uint8_t *bytes, uint32_t length,
                   const struct net_address *to, const struct net_wait *wait);
int datagrams_recv(struct datagrams *d, uint8_t *out, uint32_t length, bool peek,
                   struct net_address *from, const struct net_wait *wait);
struct net_options *datagrams_options(struct datagrams *d);
void datagrams_apply(struct datagrams *d);

/* --- net_lwip_socket.c ------------------------------------------------------------------------ */

void net_lwip_close_all(void);

#endif
