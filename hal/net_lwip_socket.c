/* hal.h's sockets over streams and datagram sockets: numbers, timeouts and what all of them share.
 */

#include "board.h"
#include "hal.h"
#include "net_lwip_internal.h"

#include <stddef.h>

static struct socket {
    struct stream *stream;       /* one of the two */
    struct datagrams *datagrams; /* both NULL: the number is free */
    int timeout_ms;              /* -1: waits without end, 0: never waits */
} sockets[NET_SOCKETS];

static bool is_used(const struct socket *s) {
    return s->stream != NULL || s->datagrams != NULL;
}

/* The socket behind a number; NULL where there is none. Every call begins here, so the network
 * lives also while an app that never waits asks again and again. */
static struct socket *socket_of(int number) {
    board_poll();
    if (number < 1 || number > NET_SOCKETS || !is_used(&sockets[number - 1])) return NULL;
    return &sockets[number - 1];
}

/* The index of a free number, or -HAL_ENFILE. */
static int free_index(void) {
    for (int i = 0; i < NET_SOCKETS; i++) {
        if (!is_used(&sockets[i])) return i;
    }
    return -HAL_ENFILE;
}

static struct net_wait wait_of(const struct socket *s) {
    const uint64_t us = (uint64_t)(s->timeout_ms < 0 ? 0 : s->timeout_ms) * 1000;
    return (struct net_wait){s->timeout_ms, s->timeout_ms < 0 ? 0 : clock_ticks_us() + us};
}

int net_socket(int family, int type) {
    if (family != NET_INET && !(LWIP_IPV6 && family == NET_INET6)) return -HAL_EINVAL;
    if (type != NET_STREAM && type != NET_DATAGRAM) return -HAL_EINVAL;
    board_poll();
    const int i = free_index();
    if (i < 0) return i;
    struct socket new = {.timeout_ms = -1};
    if (type == NET_STREAM)
        new.stream = stream_new(family);
    else
        new.datagrams = datagrams_new(family);
    if (!is_used(&new)) return type == NET_STREAM ? -HAL_ENFILE : -HAL_ENOMEM;
    sockets[i] = new;
    return i + 1;
}

int net_connect(int socket, const struct net_address *peer) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    const struct net_wait wait = wait_of(s);
    if (s->stream != NULL) return stream_connect(s->stream, peer, &wait);
    return datagrams_connect(s->datagrams, peer, &wait);
}

int net_bind(int socket, const struct net_address *local) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    return s->stream != NULL ? stream_bind(s->stream, local) : datagrams_bind(s->datagrams, local);
}

int net_listen(int socket, int backlog) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    return s->stream == NULL ? -HAL_EINVAL : stream_listen(s->stream, backlog);
}

int net_accept(int socket, struct net_address *peer) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    if (s->stream == NULL) return -HAL_EINVAL;
    const int i = free_index();
    if (i < 0) return i;
    const struct net_wait wait = wait_of(s);
    struct socket new = {.timeout_ms = -1};
    const int e = stream_accept(s->stream, &new.stream, peer, &wait);
    if (e < 0) return e;
    sockets[i] = new;
    return i + 1;
}

int net_send(int socket, const uint8_t *bytes, uint32_t length, const struct net_address *to) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    const struct net_wait wait = wait_of(s);
    if (s->stream != NULL) return stream_send(s->stream, bytes, length, &wait);
    return datagrams_send(s->datagrams, bytes, length, to, &wait);
}

int net_recv(int socket, uint8_t *out, uint32_t length, uint32_t flags, struct net_address *from) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    if ((flags & ~(uint32_t)NET_PEEK) != 0) return -HAL_EINVAL;
    const struct net_wait wait = wait_of(s);
    const bool peek = flags == NET_PEEK;
    if (s->stream != NULL) return stream_recv(s->stream, out, length, peek, from, &wait);
    return datagrams_recv(s->datagrams, out, length, peek, from, &wait);
}

static bool set_option(struct net_options *o, int level, int option, bool value) {
    if (level == 1 && option == 2)
        o->reuse_address = value;
    else if (level == 1 && option == 6)
        o->broadcast = value;
    else if (level == 1 && option == 9)
        o->keep_alive = value;
    else if (level == 6 && option == 1)
        o->no_delay = value;
    else
        return false;
    return true;
}

int net_setsockopt(int socket, int level, int option, int value) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    if (s->stream != NULL) {
        if (!set_option(stream_options(s->stream), level, option, value != 0)) return -HAL_EINVAL;
        stream_apply(s->stream);
        return 0;
    }
    if (level != 1) return -HAL_EINVAL;
    if (!set_option(datagrams_options(s->datagrams), level, option, value != 0)) return -HAL_EINVAL;
    datagrams_apply(s->datagrams);
    return 0;
}

int net_settimeout(int socket, int milliseconds) {
    struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    s->timeout_ms = milliseconds < 0 ? -1 : milliseconds;
    return 0;
}

static void close_socket(struct socket *s) {
    if (s->stream != NULL) stream_close(s->stream);
    if (s->datagrams != NULL) datagrams_close(s->datagrams);
    *s = (struct socket){0};
}

int net_close(int socket) {
    struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    close_socket(s);
    return 0;
}

void net_lwip_close_all(void) {
    for (int i = 0; i < NET_SOCKETS; i++)
        close_socket(&sockets[i]);
}
