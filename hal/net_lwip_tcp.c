/* TCP over lwIP's raw API: one stream for each socket and for each connection that waits to be
 * accepted.
 *
 *     IDLE -> CONNECTING -> CONNECTED -> LOST        IDLE -> LISTENING
 *      ^----------'  it failed
 *
 * lwIP frees its control block (pcb) by itself when a connection is reset or given up, and says so
 * through on_error: from then on s->pcb is NULL. A closed socket lets go of the pcb, which goes on
 * by itself until everything is delivered.
 *
 * Whom memory goes to: received data is bounded by TCP_WND for each connection; when the pool runs
 * low, whoever has unread data gets no more, and at the end the stream with most of it is given up.
 */

#include "hal.h"
#include "lwip_hooks.h"
#include "net_lwip_internal.h"

#include "lwip/memp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"
#include "lwip/tcp.h"

#include <stddef.h>

enum stream_state { IDLE, CONNECTING, CONNECTED, LISTENING, LOST };

/* Whose control block lwIP may take for a new connection: never one that the app has. */
enum { PRIORITY_CLOSED = 1, PRIORITY_PENDING = 2, PRIORITY_OPEN = TCP_PRIO_NORMAL };

enum {
    BACKLOG_MAX = NET_LWIP_CONNECTIONS - 1,
    SEGMENT_OVERHEAD = 128, /* headers and bookkeeping of what is sent */
    HEAP_RESERVE = 1024,    /* for frames without data: acknowledgements, ARP, DNS */
    STUCK_RETRIES = 3,
    FAR_OFF = 0x10000, /* of a sequence number: beyond any window */
    LINGER = 240,      /* half seconds that a closed connection has to deliver what it holds */
};

struct stream {
    struct tcp_pcb *pcb;     /* NULL: none yet, or none any more */
    struct pbuf *received;   /* not yet read */
    struct stream *listener; /* whose accept it waits for */
    struct stream *pending;  /* of a listener: the first to accept; of that: the next one */
    int error;               /* why it was lost, until somebody was told */
    uint8_t state;
    uint8_t family;
    bool is_used : 1;
    bool has_ended : 1; /* the peer sends no more */
    struct net_options options;
};

static struct stream streams[NET_SOCKETS + NET_LWIP_CONNECTIONS];

static struct stream *take_stream(int family) {
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        struct stream *s = &streams[i];
        if (s->is_used) continue;
        *s = (struct stream){.is_used = true, .family = (uint8_t)family};
        return s;
    }
    return NULL;
}

struct stream *stream_new(int family) {
    int open = 0;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++)
        open += streams[i].is_used && streams[i].listener == NULL;
    return open < NET_LWIP_CONNECTIONS ? take_stream(family) : NULL;
}

struct net_options *stream_options(struct stream *s) {
    return &s->options;
}

/* --- received data ---------------------------------------------------------------------------- */

static void drop_received(struct stream *s) {
    if (s->received != NULL) pbuf_free(s->received);
    s->received = NULL;
}

/* Bytes behind the data of a buffer of the pool; 0 for other buffers. */
static uint32_t room_behind(const struct pbuf *p) {
    if (pbuf_get_allocsrc(p) != PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL || p->ref != 1) {
        return 0;
    }
    const size_t size = LWIP_MEM_ALIGN_SIZE(sizeof *p) + LWIP_MEM_ALIGN_SIZE(PBUF_POOL_BUFSIZE);
    return (uint32_t)((const uint8_t *)p + size - ((const uint8_t *)p->payload + p->len));
}

/* Small segments share a buffer: a peer that sends single bytes gets no buffer for each of them. */
static bool append_to_last(struct stream *s, struct pbuf *p) {
    struct pbuf *last = s->received;
    if (last == NULL) return false;
    while (last->next != NULL)
        last = last->next;
    if (p->tot_len > room_behind(last)) return false;
    pbuf_copy_partial(p, (uint8_t *)last->payload + last->len, p->tot_len, 0);
    last->len = (u16_t)(last->len + p->tot_len);
    for (struct pbuf *q = s->received; q != NULL; q = q->next)
        q->tot_len = (u16_t)(q->tot_len + p->tot_len);
    pbuf_free(p);
    return true;
}

/* Callbacks are taken away first, so that lwIP does not call for what we do ourselves. */
static void let_go(struct stream *s) {
    tcp_arg(s->pcb, NULL);
    if (s->state != LISTENING) {
        tcp_recv(s->pcb, NULL);
        tcp_err(s->pcb, NULL);
    }
    s->pcb = NULL;
}

static void remove_pending(struct stream *s) {
    struct stream **p = &s->listener->pending;
    while (*p != s)
        p = &(*p)->pending;
    *p = s->pending;
    s->listener = NULL;
    s->pending = NULL;
}

/* A connection is gone: what is left to do is to tell the app, if it has it already. */
static void lose(struct stream *s, int error) {
    s->error = error;
    s->state = LOST;
    if (s->listener == NULL) return;
    remove_pending(s);
    drop_received(s);
    s->is_used = false;
}

static void abort_stream(struct stream *s, int error) {
    struct tcp_pcb *pcb = s->pcb;
    let_go(s);
    drop_received(s);
    tcp_abort(pcb);
    lose(s, error);
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t e) {
    struct stream *s = arg;
    (void)pcb;
    (void)e;
    if (p == NULL) {
        s->has_ended = true;
        return ERR_OK;
    }
    if (append_to_last(s, p)) return ERR_OK;
    const bool is_short = net_lwip_free_buffers() < NET_LWIP_RESERVE || s->listener != NULL;
    if (is_short && s->received != NULL) return ERR_MEM; /* lwIP keeps it and asks again */
    if (s->received == NULL)
        s->received = p;
    else
        pbuf_cat(s->received, p);
    return ERR_OK;
}

/* Not from a callback: lwIP 2.1.3 touches a connection once more when it has offered it data anew
 * and the callback has aborted it. */
void streams_free_most(void) {
    struct stream *most = NULL;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        struct stream *s = &streams[i];
        if (!s->is_used || s->received == NULL) continue;
        if (most == NULL || s->received->tot_len > most->received->tot_len) most = s;
    }
    if (most == NULL) return;
    if (most->pcb != NULL)
        abort_stream(most, -HAL_ENOMEM);
    else
        drop_received(most);
}

/* lwIP compares sequence numbers with care only near the window: one that is 2^31 away ends in a
 * failed assertion. Nothing that far off belongs to the connection. */
err_t net_lwip_admit(const struct tcp_pcb *pcb, const struct tcp_hdr *header) {
    if (pcb->state == LISTEN || pcb->state == SYN_SENT) return ERR_OK;
    const int32_t distance = (int32_t)(header->seqno - pcb->rcv_nxt);
    return distance >= -FAR_OFF && distance <= FAR_OFF ? ERR_OK : ERR_VAL;
}

/* --- the life of a connection ----------------------------------------------------------------- */

/* lwIP has given the connection up and frees its pcb after this call. */
static void on_error(void *arg, err_t e) {
    struct stream *s = arg;
    int error = net_lwip_error(e);
    if (e == ERR_RST && s->state == CONNECTING) error = -HAL_ECONNREFUSED;
    if (e == ERR_ABRT && net_lwip_activity() == NET_LWIP_TIMERS) error = -HAL_ETIMEDOUT;
    s->pcb = NULL;
    lose(s, error);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t e) {
    struct stream *s = arg;
    (void)pcb;
    (void)e;
    s->state = CONNECTED;
    return ERR_OK;
}

/* lwIP goes on probing a closed window after the last byte was taken by a probe; a failed assertion
 * in tcp_slowtmr would be the end of that. */
static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t length) {
    (void)arg;
    (void)length;
    if (pcb->unsent == NULL) pcb->persist_backoff = 0;
    return ERR_OK;
}

static void adopt(struct stream *s, struct tcp_pcb *pcb) {
    s->pcb = pcb;
    tcp_sent(pcb, on_sent); /* also after the socket is closed */
    tcp_arg(pcb, s);
    tcp_recv(pcb, on_received);
    tcp_err(pcb, on_error);
}

void stream_apply(struct stream *s) {
    if (s->pcb == NULL) return;
    if (s->options.reuse_address)
        ip_set_option(s->pcb, SOF_REUSEADDR);
    else
        ip_reset_option(s->pcb, SOF_REUSEADDR);
    if (s->options.keep_alive)
        ip_set_option(s->pcb, SOF_KEEPALIVE);
    else
        ip_reset_option(s->pcb, SOF_KEEPALIVE);
    if (s->state == LISTENING) return;
    if (s->options.no_delay)
        tcp_nagle_disable(s->pcb);
    else
        tcp_nagle_enable(s->pcb);
}

/* An idle stream gets its pcb when it is bound or connected. */
static int make_pcb(struct stream *s) {
    if (s->pcb != NULL) return 0;
    struct tcp_pcb *pcb = tcp_new_ip_type(s->family == NET_INET6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4);
    if (pcb == NULL) return -HAL_ENOMEM;
    tcp_setprio(pcb, PRIORITY_OPEN);
    adopt(s, pcb);
    stream_apply(s);
    return 0;
}

static err_t bind_port(void *pcb, const ip_addr_t *address, u16_t port) {
    return tcp_bind(pcb, address, port);
}

static int bind_to(struct stream *s, const ip_addr_t *address, uint16_t port) {
    const err_t e = port == 0 ? net_lwip_bind_random(s->pcb, address, bind_port)
                              : tcp_bind(s->pcb, address, port);
    return net_lwip_error(e);
}

int stream_bind(struct stream *s, const struct net_address *local) {
    ip_addr_t address;
    if (!net_lwip_to_ip(local, &address) || !net_lwip_is_local(&address)) return -HAL_EINVAL;
    if (s->state != IDLE || (s->pcb != NULL && s->pcb->local_port != 0)) return -HAL_EINVAL;
    const int e = make_pcb(s);
    return e < 0 ? e : bind_to(s, &address, local->port);
}

/* The error, once; afterwards the stream has just ended. */
static int take_error(struct stream *s) {
    const int e = s->error;
    s->error = 0;
    s->has_ended = true;
    return e;
}

static err_t on_lingered(void *arg, struct tcp_pcb *pcb) {
    (void)arg;
    tcp_abort(pcb);
    return ERR_ABRT;
}

/* The connection goes on by itself, for a while. */
static void close_pcb(struct tcp_pcb *pcb) {
    tcp_setprio(pcb, PRIORITY_CLOSED);
    tcp_poll(pcb, on_lingered, LINGER);
    if (tcp_close(pcb) != ERR_OK) tcp_abort(pcb);
}

void stream_close(struct stream *s) {
    while (s->state == LISTENING && s->pending != NULL)
        abort_stream(s->pending, 0);
    drop_received(s); /* what nobody read makes lwIP send RST */
    struct tcp_pcb *pcb = s->pcb;
    if (pcb != NULL) {
        const bool is_listening = s->state == LISTENING;
        let_go(s);
        if (is_listening)
            tcp_close(pcb);
        else
            close_pcb(pcb);
    }
    s->is_used = false;
}

bool streams_are_busy(void) {
    for (const struct tcp_pcb *p = tcp_active_pcbs; p != NULL; p = p->next) {
        if (p->state != FIN_WAIT_2 && p->state != SYN_RCVD) return true;
    }
    return false;
}

/* --- clients ---------------------------------------------------------------------------------- */

static int begin_connect(struct stream *s, const struct net_address *peer,
                         const struct net_wait *wait) {
    ip_addr_t to;
    if (!net_lwip_to_ip(peer, &to)) return -HAL_EINVAL;
    int e = net_lwip_await_network(wait, &to);
    if (e == 0) e = make_pcb(s);
    if (e == 0 && s->pcb->local_port == 0) e = bind_to(s, net_lwip_any(s->family), 0);
    if (e == 0) e = net_lwip_error(tcp_connect(s->pcb, &to, peer->port, on_connected));
    if (e < 0) return e;
    s->state = CONNECTING;
    s->has_ended = false;
    return 0;
}

/* A stream whose connection is over, as it was before that; reading it gives its end. */
static void make_idle(struct stream *s) {
    drop_received(s);
    s->state = IDLE;
    s->error = 0;
    s->has_ended = true;
}

int stream_connect(struct stream *s, const struct net_address *peer, const struct net_wait *wait) {
    if (s->state == CONNECTED) return 0;
    if (s->state == LISTENING) return -HAL_EINVAL;
    if (s->state == LOST) make_idle(s); /* the app tries it again */
    int e = s->state == IDLE ? begin_connect(s, peer, wait) : 0;
    while (e == 0 && s->state == CONNECTING)
        e = net_lwip_wait(wait);
    if (e == -HAL_EAGAIN) return -HAL_EINPROGRESS;
    if (e < 0 || s->state == CONNECTED) return e;
    e = s->error;
    make_idle(s);
    return e;
}

/* --- servers ---------------------------------------------------------------------------------- */

static err_t on_accepted(void *arg, struct tcp_pcb *pcb, err_t e) {
    struct stream *listener = arg;
    if (e != ERR_OK || pcb == NULL) return ERR_VAL;
    struct stream *s = take_stream(listener->family);
    if (s == NULL) return ERR_MEM; /* lwIP resets the connection */
    tcp_backlog_delayed(pcb);
    adopt(s, pcb);
    s->state = CONNECTED;
    s->listener = listener;
    struct stream **last = &listener->pending;
    while (*last != NULL)
        last = &(*last)->pending;
    *last = s;
    return ERR_OK;
}

int stream_listen(struct stream *s, int backlog) {
    const int n = backlog < 1 ? 1 : backlog > BACKLOG_MAX ? BACKLOG_MAX : backlog;
    if (s->state == LISTENING) {
        tcp_backlog_set((struct tcp_pcb_listen *)s->pcb, (u8_t)n);
        return 0;
    }
    if (s->state != IDLE) return -HAL_EINVAL;
    int e = make_pcb(s);
    if (e == 0 && s->pcb->local_port == 0) e = bind_to(s, net_lwip_any(s->family), 0);
    if (e < 0) return e;
    err_t failed;
    tcp_setprio(s->pcb, PRIORITY_PENDING);
    struct tcp_pcb *pcb = tcp_listen_with_backlog_and_err(s->pcb, (u8_t)n, &failed);
    if (pcb == NULL) return net_lwip_error(failed);
    s->pcb = pcb;
    s->state = LISTENING;
    tcp_accept(pcb, on_accepted);
    return 0;
}

int stream_accept(struct stream *s, struct stream **accepted, struct net_address *peer,
                  const struct net_wait *wait) {
    if (s->state != LISTENING) return -HAL_EINVAL;
    while (s->pending == NULL) {
        const int e = net_lwip_wait(wait);
        if (e < 0) return e;
    }
    struct stream *first = s->pending;
    remove_pending(first);
    tcp_backlog_accepted(first->pcb);
    tcp_setprio(first->pcb, PRIORITY_OPEN);
    net_lwip_from_ip(&first->pcb->remote_ip, first->pcb->remote_port, peer);
    *accepted = first;
    return 0;
}

/* --- data ------------------------------------------------------------------------------------- */

/* Closed connections whose peer takes nothing hold memory until lwIP gives them up. The longest
 * silent one goes at once where others need it. */
static bool abort_stuck(void) {
    struct tcp_pcb *stuck = NULL;
    for (struct tcp_pcb *p = tcp_active_pcbs; p != NULL; p = p->next) {
        if (p->prio != PRIORITY_CLOSED) continue;
        if (p->nrtx < STUCK_RETRIES && p->persist_backoff == 0) continue;
        if (stuck == NULL || (u32_t)(tcp_ticks - p->tmr) > (u32_t)(tcp_ticks - stuck->tmr)) {
            stuck = p;
        }
    }
    if (stuck != NULL) tcp_abort(stuck);
    return stuck != NULL;
}

/* lwIP sizes segments by half of the largest window that it has seen, or by the peer's word while
 * there was none: the first segment would then be too long for the next ones' size, and an
 * assertion fails. One byte is enough to ask a closed window. */
static bool has_seen_window(const struct tcp_pcb *pcb) {
    return pcb->snd_wnd_max >= 2;
}

/* How many bytes may be queued now. */
static uint32_t room_to_send(const struct stream *s) {
    if (!has_seen_window(s->pcb)) return s->pcb->snd_queuelen == 0;
    const uint32_t in_heap = lwip_stats.mem.avail - lwip_stats.mem.used;
    const uint32_t kept = HEAP_RESERVE + 2 * SEGMENT_OVERHEAD;
    if (tcp_sndqueuelen(s->pcb) >= TCP_SND_QUEUELEN) return 0;
    if (in_heap <= kept) return abort_stuck() ? room_to_send(s) : 0;
    return LWIP_MIN(tcp_sndbuf(s->pcb), in_heap - kept);
}

/* Bytes queued, 0 where there is no room. */
static int queue_bytes(struct stream *s, const uint8_t *bytes, uint32_t length) {
    uint32_t n = LWIP_MIN(length, room_to_send(s));
    while (n > 0) {
        const err_t e = tcp_write(s->pcb, bytes, (u16_t)n, TCP_WRITE_FLAG_COPY);
        if (e == ERR_OK) break;
        if (e != ERR_MEM) return net_lwip_error(e);
        n /= 2; /* the heap is in pieces */
    }
    tcp_output(s->pcb);
    return (int)n;
}

int stream_send(struct stream *s, const uint8_t *bytes, uint32_t length,
                const struct net_wait *wait) {
    for (;;) {
        if (s->state == LOST && s->error < 0) return take_error(s);
        if (s->state != CONNECTED && s->state != CONNECTING) return -HAL_ECONNRESET;
        if (length == 0) return 0;
        const int n = s->state == CONNECTED ? queue_bytes(s, bytes, length) : 0;
        if (n != 0) return n;
        const int e = net_lwip_wait(wait);
        if (e < 0) return e;
    }
}

static int take_received(struct stream *s, uint8_t *out, uint32_t length, bool peek) {
    const u16_t n = (u16_t)LWIP_MIN(length, s->received->tot_len);
    pbuf_copy_partial(s->received, out, n, 0);
    if (peek) return n;
    s->received = pbuf_free_header(s->received, n);
    if (s->pcb != NULL) tcp_recved(s->pcb, n);
    return n;
}

int stream_recv(struct stream *s, uint8_t *out, uint32_t length, bool peek,
                struct net_address *from, const struct net_wait *wait) {
    if (from != NULL) *from = (struct net_address){0};
    for (;;) {
        if (length == 0) return 0;
        if (s->received != NULL) return take_received(s, out, length, peek);
        if (s->state == LOST && s->error < 0) return take_error(s);
        if (s->has_ended) return 0;
        if (s->state == IDLE || s->state == LISTENING) return -HAL_ENOTCONN;
        const int e = net_lwip_wait(wait);
        if (e < 0) return e;
    }
}
