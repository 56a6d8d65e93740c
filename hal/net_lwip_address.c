/* Addresses, ports and error numbers between hal.h and lwIP. */

#include "net_lwip_internal.h"

#include "lwip/netif.h"

#include <string.h>

enum {
    FIRST_PRIVATE_PORT = 49152, /* RFC 6335: never assigned */
    PRIVATE_PORTS = 65536 - FIRST_PRIVATE_PORT,
    PORT_TRIES = 32,
};

#if LWIP_IPV6

static void to_ip6(const uint8_t bytes[16], ip_addr_t *to) {
    IP_ADDR6(to, 0, 0, 0, 0);
    memcpy(ip_2_ip6(to)->addr, bytes, 16);
}

bool net_lwip_to_ip(const struct net_address *from, ip_addr_t *to) {
    if (from->version == 6) {
        to_ip6(from->ip, to);
        return true;
    }
    IP_ADDR4(to, from->ip[0], from->ip[1], from->ip[2], from->ip[3]);
    return from->version == 4;
}

void net_lwip_from_ip(const ip_addr_t *from, uint16_t port, struct net_address *to) {
    *to = (struct net_address){.version = IP_IS_V6(from) ? 6 : 4, .port = port};
    if (IP_IS_V6(from))
        memcpy(to->ip, ip_2_ip6(from)->addr, 16);
    else
        memcpy(to->ip, ip_2_ip4(from), 4);
}

const ip_addr_t *net_lwip_any(int family) {
    return family == NET_INET6 ? IP6_ADDR_ANY : IP4_ADDR_ANY;
}

static bool has_address(struct netif *netif, const ip_addr_t *address) {
    if (IP_IS_V6(address)) return netif_get_ip6_addr_match(netif, ip_2_ip6(address)) >= 0;
    return ip4_addr_cmp(netif_ip4_addr(netif), ip_2_ip4(address));
}

#else

bool net_lwip_to_ip(const struct net_address *from, ip_addr_t *to) {
    memcpy(to, from->ip, 4);
    return from->version == 4;
}

void net_lwip_from_ip(const ip_addr_t *from, uint16_t port, struct net_address *to) {
    *to = (struct net_address){.version = 4, .port = port};
    memcpy(to->ip, from, 4);
}

const ip_addr_t *net_lwip_any(int family) {
    (void)family;
    return IP4_ADDR_ANY;
}

static bool has_address(struct netif *netif, const ip_addr_t *address) {
    return ip4_addr_cmp(netif_ip4_addr(netif), address);
}

#endif

bool net_lwip_is_local(const ip_addr_t *address) {
    if (ip_addr_isany(address) || ip_addr_isloopback(address)) return true;
    struct netif *netif;
    NETIF_FOREACH(netif) {
        if (has_address(netif, address)) return true;
    }
    return false;
}

int net_lwip_error(err_t e) {
    switch (e) {
    case ERR_OK:
        return 0;
    case ERR_MEM:
    case ERR_BUF:
        return -HAL_ENOMEM;
    case ERR_TIMEOUT:
        return -HAL_ETIMEDOUT;
    case ERR_RTE:
    case ERR_IF:
        return -HAL_ENETUNREACH;
    case ERR_USE:
        return -HAL_EADDRINUSE;
    case ERR_ABRT:
        return -HAL_ECONNABORTED;
    case ERR_RST:
    case ERR_CLSD:
        return -HAL_ECONNRESET;
    case ERR_CONN:
        return -HAL_ENOTCONN;
    default:
        return -HAL_EINVAL;
    }
}

err_t net_lwip_bind_random(void *pcb, const ip_addr_t *address,
                           err_t (*bind)(void *pcb, const ip_addr_t *address, u16_t port)) {
    err_t e = ERR_USE;
    for (int i = 0; i < PORT_TRIES && e == ERR_USE; i++) {
        const u16_t port = (u16_t)(FIRST_PRIVATE_PORT + net_lwip_random() % PRIVATE_PORTS);
        e = bind(pcb, address, port);
    }
    return e;
}
