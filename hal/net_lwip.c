/* The interface of Ethernet below lwIP: frames in and out, DHCP or a fixed address, time, and the
 * waiting of everybody who blocks.
 */

#include "net_lwip.h"

#include "board.h"
#include "net_lwip_internal.h"

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/init.h"
#include "lwip/memp.h"
#include "lwip/netif.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"

#include <stdio.h>
#include <string.h>

enum {
    FRAMES_AT_ONCE = 8,   /* then others get their turn */
    IDLE_MAX_US = 100000, /* the link is looked at so often */
    NETWORK_MS = 15000,   /* for DHCP, after which there is no network */
};

static struct {
    struct netif netif;
    struct net_lwip_config config;
    enum net_lwip_activity activity;
    bool is_started;
    bool has_more; /* frames were left over */
} net;

/* --- what lwIP asks of us --------------------------------------------------------------------- */

u32_t sys_now(void) {
    return (u32_t)(clock_ticks_us() / 1000);
}

_Noreturn void net_lwip_assertion_failed(const char *file, int line) {
    char text[64];
    snprintf(text, sizeof text, "lwIP: assertion in %s, line %d", file, line);
    log_report(text);
    board_reset();
}

/* --- frames ----------------------------------------------------------------------------------- */

struct pbuf *net_lwip_frame(uint32_t length) {
    if (length < NET_LWIP_FRAME_MIN || length > NET_LWIP_FRAME_MAX) return NULL;
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(ETH_PAD_SIZE + length), PBUF_POOL);
    if (p != NULL) pbuf_remove_header(p, ETH_PAD_SIZE);
    return p;
}

static err_t send_frame(struct netif *netif, struct pbuf *p) {
    (void)netif;
    if (p->tot_len > ETH_PAD_SIZE + NET_LWIP_FRAME_MAX) return ERR_IF;
    pbuf_remove_header(p, ETH_PAD_SIZE);
    const bool sent = net.config.driver->send(p);
    pbuf_add_header(p, ETH_PAD_SIZE);
    return sent ? ERR_OK : ERR_IF;
}

static void receive_frames(void) {
    net.has_more = true;
    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        if (net_lwip_free_buffers() < NET_LWIP_FRAME_BUFFERS) streams_free_most();
        struct pbuf *p = net.config.driver->receive();
        if (p == NULL) {
            net.has_more = false;
            return;
        }
        pbuf_add_header(p, ETH_PAD_SIZE);
        if (net.netif.input(p, &net.netif) != ERR_OK) pbuf_free(p);
    }
}

uint32_t net_lwip_free_buffers(void) {
    const struct stats_mem *pool = lwip_stats.memp[MEMP_PBUF_POOL];
    return (uint32_t)(pool->avail - pool->used);
}

/* --- the interface ---------------------------------------------------------------------------- */

static ip4_addr_t ip4_of(const uint8_t bytes[4]) {
    ip4_addr_t a;
    memcpy(&a, bytes, 4);
    return a;
}

static err_t set_up(struct netif *netif) {
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->hwaddr_len = NET_LWIP_MAC;
    memcpy(netif->hwaddr, net.config.mac, NET_LWIP_MAC);
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    return ERR_OK;
}

#if LWIP_IPV6
static void start_ipv6(void) {
    net.netif.output_ip6 = ethip6_output;
    net.netif.flags |= NETIF_FLAG_MLD6;
    netif_create_ip6_linklocal_address(&net.netif, 1);
    netif_set_ip6_autoconfig_enabled(&net.netif, 1);
}
#else
static void start_ipv6(void) {
}
#endif

static bool is_fixed(void) {
    static const uint8_t none[4];
    return memcmp(net.config.address, none, sizeof none) != 0;
}

int net_lwip_start(const struct net_lwip_config *config) {
    const int e = net_lwip_entropy_start();
    if (e < 0) return e;
    net.config = *config;
    lwip_init();
    const ip4_addr_t address = ip4_of(config->address);
    const ip4_addr_t mask = ip4_of(config->mask);
    const ip4_addr_t gateway = ip4_of(config->gateway);
    netif_add(&net.netif, &address, &mask, &gateway, NULL, set_up, netif_input);
    netif_set_hostname(&net.netif, config->hostname);
    netif_set_default(&net.netif);
    start_ipv6();
    netif_set_up(&net.netif);
    if (is_fixed()) {
        ip_addr_t dns;
        ip_addr_copy_from_ip4(dns, ip4_of(config->dns));
        dns_setserver(0, &dns);
    } else if (dhcp_start(&net.netif) != ERR_OK) {
        return -HAL_ENOMEM;
    }
    net.is_started = true;
    return 0;
}

static void watch_link(void) {
    const bool up = net.config.driver->link_is_up();
    if (up == (bool)netif_is_link_up(&net.netif)) return;
    if (up)
        netif_set_link_up(&net.netif);
    else
        netif_set_link_down(&net.netif);
}

static bool has_address(void) {
    return netif_is_link_up(&net.netif) && !ip4_addr_isany(netif_ip4_addr(&net.netif));
}

struct net_lwip_status net_lwip_status(void) {
    struct net_lwip_status status = {0};
    if (!net.is_started) return status;
    status.link_is_up = netif_is_link_up(&net.netif);
    memcpy(status.address, netif_ip4_addr(&net.netif), 4);
    memcpy(status.mask, netif_ip4_netmask(&net.netif), 4);
    memcpy(status.gateway, netif_ip4_gw(&net.netif), 4);
    memcpy(status.dns, ip_2_ip4(dns_getserver(0)), 4);
    return status;
}

/* --- polling and waiting ---------------------------------------------------------------------- */

enum net_lwip_activity net_lwip_activity(void) {
    return net.activity;
}

void net_lwip_poll(void) {
    if (!net.is_started) return;
    watch_link();
    net.activity = NET_LWIP_INPUT;
    receive_frames();
    netif_poll_all();
    net.activity = NET_LWIP_TIMERS;
    sys_check_timeouts();
    net.activity = NET_LWIP_CALLED;
}

/* Frames to itself wait in the interface until the next poll. */
static bool has_loopback(void) {
    struct netif *netif;
    NETIF_FOREACH(netif) {
        if (netif->loop_first != NULL) return true;
    }
    return false;
}

uint32_t net_lwip_idle_us(void) {
    if (!net.is_started) return IDLE_MAX_US;
    if (net.has_more || has_loopback()) return 0;
    const u32_t ms = sys_timeouts_sleeptime();
    return ms < IDLE_MAX_US / 1000 ? ms * 1000 : IDLE_MAX_US;
}

int net_lwip_wait(const struct net_wait *wait) {
    if (wait->timeout_ms == 0) return -HAL_EAGAIN;
    if (board_is_interrupted()) return -HAL_ETIMEDOUT;
    uint64_t us = net_lwip_idle_us();
    if (wait->deadline != 0) {
        const uint64_t now = clock_ticks_us();
        if (now >= wait->deadline) return -HAL_ETIMEDOUT;
        if (us > wait->deadline - now) us = wait->deadline - now;
    }
    if (us > 0) board_wait((uint32_t)us);
    board_poll();
    return 0;
}

int net_lwip_await_network(const struct net_wait *wait, const ip_addr_t *to) {
    if (to != NULL && ip_addr_isloopback(to)) return 0;
    const uint64_t end = clock_ticks_us() + (uint64_t)NETWORK_MS * 1000;
    const bool is_early = wait->deadline != 0 && wait->deadline < end;
    const struct net_wait until = {wait->timeout_ms, is_early ? wait->deadline : end};
    while (!has_address()) {
        if (net_lwip_wait(&until) < 0) return -HAL_ENETUNREACH;
    }
    return 0;
}

void net_lwip_end(uint32_t milliseconds) {
    const struct net_wait wait = {1, clock_ticks_us() + (uint64_t)milliseconds * 1000};
    net_lwip_close_all();
    while (streams_are_busy()) {
        if (net_lwip_wait(&wait) < 0) return;
    }
}

bool net_lwip_known_host(const char *host, uint16_t port, struct net_address *out) {
    return net.config.known_host != NULL && net.config.known_host(host, port, out);
}
