/* TCP and UDP over BSD sockets.
 *
 * Every socket is non-blocking for the host; waiting is done here, by poll with a deadline, so that
 * a timeout means the same in every call and a signal (EINTR) never shortens or prolongs it. A
 * write to a closed connection is an error, not SIGPIPE.
 */

#include "errno_posix.h"
#include "hal.h"
#include "posix.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct socket {
    int fd;
    int timeout_ms; /* -1: waits without end, 0: never waits */
    bool used;
};

static struct socket sockets[NET_SOCKETS];

int net_host_start(int frames) {
    signal(SIGPIPE, SIG_IGN);
    return frames < 0 ? 0 : -HAL_EINVAL;
}

void net_host_end(void) {
}

static struct socket *socket_of(int number) {
    if (number < 1 || number > NET_SOCKETS || !sockets[number - 1].used) return NULL;
    return &sockets[number - 1];
}

/* Gives a descriptor a number; closes it where there is none left. */
static int adopt(int fd) {
    for (int i = 0; i < NET_SOCKETS; i++) {
        if (sockets[i].used) continue;
        sockets[i] = (struct socket){.fd = fd, .timeout_ms = -1, .used = true};
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        return i + 1;
    }
    close(fd);
    return -HAL_ENFILE;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* When to give up, in ticks; 0 never. */
static uint64_t deadline_of(const struct socket *s) {
    return s->timeout_ms < 0 ? 0 : clock_ticks_us() + (uint64_t)s->timeout_ms * 1000;
}

/* Milliseconds until the deadline for poll, rounded up so that it is not missed by waking early. */
static int left_ms(uint64_t deadline) {
    if (deadline == 0) return -1;
    const uint64_t now = clock_ticks_us();
    return now >= deadline ? 0 : (int)((deadline - now + 999) / 1000);
}

/* Waits for an event: 0, -HAL_ETIMEDOUT or an error. An error of the socket counts as an event: the
 * next call gives it. */
static int wait_for(const struct socket *s, short events, uint64_t deadline) {
    struct pollfd p = {.fd = s->fd, .events = events};
    for (;;) {
        const int n = poll(&p, 1, left_ms(deadline));
        if (n > 0) return 0;
        if (n == 0) return -HAL_ETIMEDOUT;
        if (errno != EINTR) return hal_error(errno);
    }
}

/* After a call failed: 0 to try it again, or the error to return. */
static int retry(const struct socket *s, short events, uint64_t deadline) {
    if (errno == EINTR) return 0;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return hal_error(errno);
    return s->timeout_ms == 0 ? -HAL_EAGAIN : wait_for(s, events, deadline);
}

/* --- addresses -------------------------------------------------------------------------------- */

union host_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t to_host(const struct net_address *from, union host_address *to) {
    memset(to, 0, sizeof *to);
    if (from->version == 4) {
        to->v4.sin_family = AF_INET;
        to->v4.sin_port = htons(from->port);
        memcpy(&to->v4.sin_addr, from->ip, 4);
        return sizeof to->v4;
    }
    to->v6.sin6_family = AF_INET6;
    to->v6.sin6_port = htons(from->port);
    memcpy(&to->v6.sin6_addr, from->ip, 16);
    return sizeof to->v6;
}

/* False for an address of another family. */
static bool from_host(const struct sockaddr *from, struct net_address *to) {
    *to = (struct net_address){0};
    if (from->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof v4);
        to->version = 4;
        to->port = ntohs(v4.sin_port);
        memcpy(to->ip, &v4.sin_addr, 4);
        return true;
    }
    if (from->sa_family != AF_INET6) return false;
    struct sockaddr_in6 v6;
    memcpy(&v6, from, sizeof v6);
    to->version = 6;
    to->port = ntohs(v6.sin6_port);
    memcpy(to->ip, &v6.sin6_addr, 16);
    return true;
}

/* --- names ------------------------------------------------------------------------------------ */

static int resolve(const char *host, uint16_t port, int flags, struct net_address *out,
                   uint32_t capacity) {
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
    struct addrinfo *found;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    const int e = getaddrinfo(*host == '\0' ? NULL : host, service, &hints, &found);
    if (e == EAI_MEMORY) return -HAL_ENOMEM;
    if (e == EAI_AGAIN || e == EAI_FAIL || e == EAI_SYSTEM) return -HAL_EHOSTUNREACH;
    if (e != 0) return -HAL_ENOENT;
    uint32_t count = 0;
    for (const struct addrinfo *a = found; a != NULL && count < capacity; a = a->ai_next) {
        if (from_host(a->ai_addr, &out[count])) count++;
    }
    freeaddrinfo(found);
    return (int)count;
}

int net_getaddrinfo(const char *host, uint16_t port, struct net_address *out, uint32_t capacity) {
    if (capacity > 0 && connect_to_find(host, port, out)) return 1;
    /* An empty name is the own host, to bind to. */
    return resolve(host, port, *host == '\0' ? AI_PASSIVE : 0, out, capacity);
}

/* --- sockets ---------------------------------------------------------------------------------- */

int net_socket(int family, int type) {
    if (family != NET_INET && family != NET_INET6) return -HAL_EINVAL;
    if (type != NET_STREAM && type != NET_DATAGRAM) return -HAL_EINVAL;
    const int fd = socket(family == NET_INET ? AF_INET : AF_INET6,
                          type == NET_STREAM ? SOCK_STREAM : SOCK_DGRAM, 0);
    return fd < 0 ? hal_error(errno) : adopt(fd);
}

/* How a connect that had to wait ended. */
static int connect_result(const struct socket *s) {
    int e = 0;
    socklen_t size = sizeof e;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &size) != 0) e = errno;
    return e == 0 ? 0 : hal_error(e);
}

int net_connect(int socket, const struct net_address *peer) {
    const struct socket *s = socket_of(socket);
    union host_address to;
    if (s == NULL) return -HAL_EBADF;
    const socklen_t size = to_host(peer, &to);
    if (connect(s->fd, &to.any, size) == 0 || errno == EISCONN) return 0;
    /* After a signal the connect goes on by itself, like one in progress. */
    if (errno != EINPROGRESS && errno != EALREADY && errno != EINTR) return hal_error(errno);
    if (s->timeout_ms == 0) return -HAL_EINPROGRESS;
    const int e = wait_for(s, POLLOUT, deadline_of(s));
    return e < 0 ? e : connect_result(s);
}

int net_bind(int socket, const struct net_address *local) {
    const struct socket *s = socket_of(socket);
    union host_address at;
    if (s == NULL) return -HAL_EBADF;
    const socklen_t size = to_host(local, &at);
    return bind(s->fd, &at.any, size) == 0 ? 0 : hal_error(errno);
}

int net_listen(int socket, int backlog) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    return listen(s->fd, backlog < 0 ? 0 : backlog) == 0 ? 0 : hal_error(errno);
}

int net_accept(int socket, struct net_address *peer) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    const uint64_t deadline = deadline_of(s);
    for (;;) {
        union host_address from = {0};
        socklen_t size = sizeof from;
        const int fd = accept(s->fd, &from.any, &size);
        if (fd >= 0) {
            from_host(&from.any, peer);
            return adopt(fd);
        }
        const int e = retry(s, POLLIN, deadline);
        if (e < 0) return e;
    }
}

int net_send(int socket, const uint8_t *bytes, uint32_t length, const struct net_address *to) {
    const struct socket *s = socket_of(socket);
    union host_address address;
    if (s == NULL) return -HAL_EBADF;
    const socklen_t size = to == NULL ? 0 : to_host(to, &address);
    const uint64_t deadline = deadline_of(s);
    for (;;) {
        const ssize_t n = sendto(s->fd, bytes, length, 0, to == NULL ? NULL : &address.any, size);
        if (n >= 0) return (int)n;
        const int e = retry(s, POLLOUT, deadline);
        if (e < 0) return e;
    }
}

int net_recv(int socket, uint8_t *out, uint32_t length, uint32_t flags, struct net_address *from) {
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    if ((flags & ~(uint32_t)NET_PEEK) != 0) return -HAL_EINVAL;
    const uint64_t deadline = deadline_of(s);
    for (;;) {
        union host_address address = {0};
        socklen_t size = sizeof address;
        const int host_flags = flags == NET_PEEK ? MSG_PEEK : 0;
        const ssize_t n = recvfrom(s->fd, out, length, host_flags, &address.any, &size);
        if (n >= 0) {
            if (from != NULL) from_host(&address.any, from);
            return (int)n;
        }
        const int e = retry(s, POLLIN, deadline);
        if (e < 0) return e;
    }
}

int net_setsockopt(int socket, int level, int option, int value) {
    static const struct {
        int level, option, host_level, host_option;
    } known[] = {
        {1, 2, SOL_SOCKET, SO_REUSEADDR},
        {1, 6, SOL_SOCKET, SO_BROADCAST},
        {1, 9, SOL_SOCKET, SO_KEEPALIVE},
        {6, 1, IPPROTO_TCP, TCP_NODELAY},
    };
    const struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].level != level || known[i].option != option) continue;
        const int l = known[i].host_level;
        const int o = known[i].host_option;
        return setsockopt(s->fd, l, o, &value, sizeof value) == 0 ? 0 : hal_error(errno);
    }
    return -HAL_EINVAL;
}

int net_settimeout(int socket, int milliseconds) {
    struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    s->timeout_ms = milliseconds < 0 ? -1 : milliseconds;
    return 0;
}

int net_close(int socket) {
    struct socket *s = socket_of(socket);
    if (s == NULL) return -HAL_EBADF;
    s->used = false;
    return close(s->fd) == 0 ? 0 : hal_error(errno);
}
