/* Names: numeric addresses, the device's own ones, the board's, and DNS, of which lwIP keeps one
 * address for each name.
 */

#include "hal.h"
#include "net_lwip_internal.h"

#include "lwip/dns.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { LABEL_MAX = 63, NAME_MAX_BYTES = 254 };

/* lwIP gives every question up by itself, so that the answer always comes. */
static struct question {
    ip_addr_t address;
    int result; /* -HAL_EAGAIN: not yet */
} question;

/* No address: a server said so, or none said anything. */
static void on_answer(const char *name, const ip_addr_t *address, void *arg) {
    struct question *q = arg;
    (void)name;
    if (address != NULL) {
        q->address = *address;
        q->result = 1;
        return;
    }
    q->result = net_lwip_activity() == NET_LWIP_INPUT ? -HAL_ENOENT : -HAL_EHOSTUNREACH;
}

/* What DNS can be asked for: labels of 1 to 63 bytes, 253 in all, a dot at the end or not. */
static bool is_name(const char *host) {
    const char *p = host;
    while (*p != '\0') {
        const size_t n = strcspn(p, ".");
        if (n == 0 || n > LABEL_MAX) return false;
        p += n;
        if (*p == '.') p++;
    }
    return p != host && p - host <= NAME_MAX_BYTES;
}

static int ask(const char *host) {
    const struct net_wait for_ever = {.timeout_ms = -1};
    if (net_lwip_await_network(&for_ever, NULL) < 0) return -HAL_EHOSTUNREACH;
    question.result = -HAL_EAGAIN;
    const err_t e = dns_gethostbyname(host, &question.address, on_answer, &question);
    if (e == ERR_OK) return 1;
    if (e == ERR_MEM) return -HAL_ENOMEM;
    if (e != ERR_INPROGRESS) return -HAL_EHOSTUNREACH;
    while (question.result == -HAL_EAGAIN) {
        if (net_lwip_wait(&for_ever) < 0) return -HAL_EHOSTUNREACH;
    }
    return question.result;
}

int net_getaddrinfo(const char *host, uint16_t port, struct net_address *out, uint32_t capacity) {
    struct net_address found;
    if (capacity == 0) return 0;
    if (net_lwip_known_host(host, port, &found)) {
        out[0] = found;
        return 1;
    }
    if (*host == '\0') {
        net_lwip_from_ip(IP4_ADDR_ANY, port, &out[0]); /* the own host, to bind to */
        return 1;
    }
    ip_addr_t address;
    int count = 1;
    if (strcasecmp(host, "localhost") == 0) {
        ip_addr_set_loopback(false, &address);
    } else if (!ipaddr_aton(host, &address)) {
        count = is_name(host) ? ask(host) : -HAL_ENOENT;
        address = question.address;
    }
    if (count == 1) net_lwip_from_ip(&address, port, &out[0]);
    return count;
}
