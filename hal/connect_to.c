/* --connect-to: names that lead somewhere else than the resolver says, as curl's option does. */

#include "hal.h"
#include "posix.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RULES = 16 };

/* Who asks for host:port gets `to`. */
static struct rule {
    char host[NET_HOST_MAX + 1]; /* empty: any */
    int port;                    /* -1: any */
    struct net_address to;
} rules[RULES];
static int rule_count;

/* The port that `text` names, -1 for an empty one, -2 for none. */
static int parse_port(const char *text) {
    char *end;
    if (*text == '\0') return -1;
    const long port = strtol(text, &end, 10);
    return *end == '\0' && text[0] >= '0' && text[0] <= '9' && port <= 0xffff ? (int)port : -2;
}

static bool parse_address(const char *text, int port, struct net_address *out) {
    *out = (struct net_address){.version = 4, .port = (uint16_t)port};
    if (port < 0) return false;
    if (inet_pton(AF_INET, text, out->ip) == 1) return true;
    out->version = 6;
    return inet_pton(AF_INET6, text, out->ip) == 1;
}

/* Takes a field up to ':' or the end, brackets around IPv6 addresses removed. False where it is
 * malformed. */
static bool take_field(const char **text, char out[NET_HOST_MAX + 1]) {
    const bool bracketed = **text == '[';
    const char *start = *text + bracketed;
    const size_t n = strcspn(start, bracketed ? "]" : ":");
    const char *end = start + n;
    if (n > NET_HOST_MAX || (bracketed && *end++ != ']')) return false;
    memcpy(out, start, n);
    out[n] = '\0';
    if (*end != ':' && *end != '\0') return false;
    *text = *end == ':' ? end + 1 : end;
    return true;
}

int connect_to_add(const char *text) {
    char port[NET_HOST_MAX + 1];
    char address[NET_HOST_MAX + 1];
    char to_port[NET_HOST_MAX + 1];
    if (rule_count == RULES) return -HAL_ENOMEM;
    struct rule *rule = &rules[rule_count];
    if (!take_field(&text, rule->host) || !take_field(&text, port)) return -HAL_EINVAL;
    if (!take_field(&text, address) || !take_field(&text, to_port)) return -HAL_EINVAL;
    rule->port = parse_port(port);
    if (*text != '\0' || rule->port < -1) return -HAL_EINVAL;
    if (!parse_address(address, parse_port(to_port), &rule->to)) return -HAL_EINVAL;
    rule_count++;
    return 0;
}

bool connect_to_find(const char *host, uint16_t port, struct net_address *out) {
    for (int i = 0; i < rule_count; i++) {
        const struct rule *r = &rules[i];
        if (r->host[0] != '\0' && strcasecmp(r->host, host) != 0) continue;
        if (r->port >= 0 && r->port != port) continue;
        *out = r->to;
        return true;
    }
    return false;
}
