/* The lwIP back end between random socket calls and a hostile network, in a time of its own:
 *
 *     fuzz SEED STEPS
 *
 * Fails where a call gives what it must not, where a sanitizer complains, and where lwIP holds
 * anything after all sockets are closed and six minutes have passed.
 */

#include "board.h"
#include "hal.h"
#include "hostile.h"
#include "memory.h"
#include "net_lwip.h"

#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "lwip/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 3000, SETTLE_US = 330 * 1000000 };

static uint64_t now_us = 1;
static uint8_t buffer[BUFFER];
static bool is_linked = true;
static bool memory_fails;
static uint32_t calls, worked;

/* --- the board -------------------------------------------------------------------------------- */

uint64_t clock_ticks_us(void) {
    return now_us;
}

/* Meanwhile the network may say something. */
void board_wait(uint32_t microseconds) {
    now_us += microseconds == 0 ? 1 : 1 + hostile_below(microseconds);
    if (hostile_below(4) == 0) hostile_act();
}

void board_poll(void) {
    net_lwip_poll();
}

bool board_is_interrupted(void) {
    return false;
}

_Noreturn void board_reset(void) {
    abort();
}

void log_report(const char *line) {
    fprintf(stderr, "%s\n", line);
}

int random_fill(uint8_t *out, uint32_t length) {
    for (uint32_t i = 0; i < length; i++)
        out[i] = (uint8_t)hostile_below(256);
    return 0;
}

/* --- the cable -------------------------------------------------------------------------------- */

static bool link_is_up(void) {
    return is_linked;
}

static struct pbuf *receive(void) {
    uint8_t bytes[HOSTILE_FRAME];
    const size_t length = hostile_next(bytes);
    struct pbuf *p = net_lwip_frame((uint32_t)length);
    if (p != NULL) pbuf_take(p, bytes, (u16_t)length);
    return p;
}

static bool send_frame(const struct pbuf *frame) {
    uint8_t bytes[NET_LWIP_FRAME_MAX];
    if (hostile_below(50) == 0) return false;
    pbuf_copy_partial(frame, bytes, frame->tot_len, 0);
    hostile_hear(bytes, frame->tot_len);
    return true;
}

static const struct net_lwip_driver driver = {link_is_up, receive, send_frame};

static bool fails_now(void) {
    return memory_fails && hostile_below(30) == 0;
}

/* --- calls ------------------------------------------------------------------------------------ */

static void complain(const char *what, int result) {
    fprintf(stderr, "%s gave %d after %u calls\n", what, result, calls);
    abort();
}

/* A result must be a known error or at most `most`. */
static int check(const char *what, int result, int most) {
    calls++;
    worked += result >= 0;
    if (result > most || result < -HAL_EINPROGRESS) complain(what, result);
    return result;
}

static int a_timeout(void) {
    static const int usual[] = {0, 0, 0, 1, 20, 3000};
    return usual[hostile_below(sizeof usual / sizeof usual[0])];
}

static struct net_address an_address(void) {
    static const uint8_t hosts[][4] = {{10, 0, 2, 2},   {10, 0, 2, 2},  {10, 0, 2, 9},
                                       {192, 0, 2, 1},  {127, 0, 0, 1}, {0, 0, 0, 0},
                                       {10, 0, 2, 255}, {10, 0, 2, 15}, {224, 0, 0, 1}};
    struct net_address a = {.version = hostile_below(50) == 0 ? 6 : 4};
    a.port = (uint16_t)(hostile_below(3) == 0 ? hostile_below(65536) : hostile_below(5));
    memcpy(a.ip, hosts[hostile_below(sizeof hosts / sizeof hosts[0])], 4);
    return a;
}

static int a_socket(void) {
    return (int)hostile_below(NET_SOCKETS + 2);
}

static void open_socket(void) {
    const int type = (int)hostile_below(4) == 0 ? NET_DATAGRAM : NET_STREAM;
    const int s = check("socket", net_socket(NET_INET, type), NET_SOCKETS);
    if (s > 0) net_settimeout(s, a_timeout());
}

static void accept_one(void) {
    struct net_address peer;
    const int s = check("accept", net_accept(a_socket(), &peer), NET_SOCKETS);
    if (s > 0) net_settimeout(s, a_timeout());
}

/* A server as apps make one. */
static void serve(void) {
    const struct net_address any = {.version = 4, .port = (uint16_t)(1 + hostile_below(4))};
    const int s = net_socket(NET_INET, NET_STREAM);
    if (s < 0) return;
    net_settimeout(s, a_timeout());
    net_setsockopt(s, 1, 2, (int)hostile_below(2));
    check("bind", net_bind(s, &any), 0);
    check("listen", net_listen(s, (int)hostile_below(4)), 0);
}

static void send_some(void) {
    const struct net_address to = an_address();
    const uint32_t n = hostile_below(hostile_below(3) == 0 ? BUFFER : 50);
    const bool connected = hostile_below(4) > 0;
    check("send", net_send(a_socket(), buffer, n, connected ? NULL : &to), (int)n);
}

static void receive_some(void) {
    struct net_address from;
    const uint32_t n = hostile_below(hostile_below(3) == 0 ? BUFFER : 200);
    uint8_t *exact = malloc(n + 1); /* so that a byte too much is seen */
    const uint32_t flags = hostile_below(5) == 0 ? NET_PEEK : 0;
    check("recv", net_recv(a_socket(), exact, n, flags, &from), (int)n);
    free(exact);
}

static void resolve(void) {
    static const char *const names[] = {"a.example", "b.example", "c.example", "d.example",
                                        "10.0.2.2",  "..",        "localhost"};
    struct net_address found[4];
    const char *name = names[hostile_below(sizeof names / sizeof names[0])];
    check("getaddrinfo", net_getaddrinfo(name, 80, found, hostile_below(5)), 4);
}

static void one_call(void) {
    const struct net_address a = an_address();
    const uint32_t kind = hostile_below(40);
    if (kind < 4)
        open_socket();
    else if (kind < 9)
        check("connect", net_connect(a_socket(), &a), 0);
    else if (kind < 10)
        check("bind", net_bind(a_socket(), &a), 0);
    else if (kind < 11)
        serve();
    else if (kind < 15)
        accept_one();
    else if (kind < 22)
        send_some();
    else if (kind < 30)
        receive_some();
    else if (kind < 31)
        check("timeout", net_settimeout(a_socket(), a_timeout()), 0);
    else if (kind < 32)
        check("option", net_setsockopt(a_socket(), 1, 9, 1), 0);
    else if (kind < 35)
        check("close", net_close(a_socket()), 0);
    else if (kind < 36 && hostile_below(4) == 0)
        resolve();
    else if (kind < 37 && hostile_below(50) == 0)
        is_linked = !is_linked;
    else if (kind < 38)
        memory_fails = hostile_below(4) == 0;
    else
        now_us += hostile_below(hostile_below(20) == 0 ? 20000000 : 300000);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void pass_us(uint64_t us) {
    for (const uint64_t end = now_us + us; now_us < end; now_us += 50000)
        net_lwip_poll();
}

/* DHCP, which nobody answers, may just have a request under way: that is over soon. */
static void settle(uint32_t heap) {
    is_linked = true;
    memory_fails = false;
    hostile_silence();
    net_lwip_end(1000);
    pass_us(SETTLE_US);
    for (int i = 0; i < 60 && lwip_stats.mem.used > heap; i++)
        pass_us(1000000);
}

/* DHCP's own is all that may be held. */
static void check_memory(uint32_t heap) {
    bool held = lwip_stats.mem.used > heap;
    for (int i = 0; i < MEMP_MAX; i++) {
        if (i == MEMP_SYS_TIMEOUT || lwip_stats.memp[i]->used <= (i == MEMP_UDP_PCB)) continue;
        fprintf(stderr, "pool %d holds %d\n", i, lwip_stats.memp[i]->used);
        held = true;
    }
    if (held) complain("the heap", (int)lwip_stats.mem.used);
}

int main(int argc, char **argv) {
    const struct net_lwip_config config = {
        .driver = &driver,
        .mac = {2, 0, 0, 0x77, 0x61, 0x73},
        .hostname = "fuzz",
    };
    if (argc != 3) return 64;
    hostile_seed((uint64_t)atoll(argv[1]));
    memory_may_fail(fails_now);
    if (net_lwip_start(&config) < 0) return 1;
    const uint32_t heap = (uint32_t)lwip_stats.mem.used;
    while (net_lwip_status().address[0] == 0 && now_us < 30000000) {
        net_lwip_poll();
        now_us += 1000;
    }
    hostile_behave(false);
    for (long i = atol(argv[2]); i > 0; i--) {
        one_call();
        if (hostile_below(3) == 0) hostile_act();
    }
    settle(heap);
    check_memory(heap);
    printf("%u calls, %u worked, most connections %d, most buffers %d\n", calls, worked,
           lwip_stats.memp[MEMP_TCP_PCB]->max, lwip_stats.memp[MEMP_PBUF_POOL]->max);
    return 0;
}
