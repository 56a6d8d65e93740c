/* hal.h's sockets by hand: reads a call in each line of standard input, makes it, and answers with
 * a line. With net_bsd.c or net_lwip.c behind it, so that a test can ask both the same.
 *
 *     socket FAMILY TYPE            connect S IP PORT     bind S IP PORT     listen S BACKLOG
 *     accept S                      -> NUMBER IP PORT
 *     send S TEXT                   sendto S IP PORT TEXT
 *     recv S LENGTH FLAGS           -> RESULT TEXT        recvfrom S LENGTH FLAGS -> ... IP PORT
 *     option S LEVEL OPTION VALUE   timeout S MS          close S
 *     resolve HOST PORT             -> COUNT IP PORT
 *     pour S LENGTH                 drain S               -> bytes sent, or received in order
 *     sleep MS                      stats                 -> what is in use
 *
 * Poured bytes follow a pattern, which drain checks: -1 where it finds another byte.
 */

#include "sockets.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 4096, CHUNK = 5000 };

static struct net_address address_of(const char *ip, const char *port) {
    struct net_address a = {.version = 4, .port = (uint16_t)atoi(port)};
    if (inet_pton(AF_INET, ip, a.ip) == 1) return a;
    a.version = 6;
    if (inet_pton(AF_INET6, ip, a.ip) != 1) abort();
    return a;
}

static void print_address(const struct net_address *a) {
    char text[INET6_ADDRSTRLEN];
    inet_ntop(a->version == 6 ? AF_INET6 : AF_INET, a->ip, text, sizeof text);
    printf(" %s %u", text, a->port);
}

static uint8_t pattern(uint32_t i) {
    return (uint8_t)(i * 31 + (i >> 8) * 7);
}

/* --- calls with more than one step ------------------------------------------------------------ */

static int pour(int socket, uint32_t length) {
    uint8_t bytes[CHUNK];
    uint32_t done = 0;
    while (done < length) {
        const uint32_t n = length - done < CHUNK ? length - done : CHUNK;
        for (uint32_t i = 0; i < n; i++)
            bytes[i] = pattern(done + i);
        const int sent = net_send(socket, bytes, n, NULL);
        if (sent < 0) return sent;
        done += (uint32_t)sent;
    }
    return (int)done;
}

static int drain(int socket) {
    uint8_t bytes[CHUNK];
    uint32_t done = 0;
    for (;;) {
        const uint32_t most = 1 + done % CHUNK; /* all kinds of lengths */
        const int n = net_recv(socket, bytes, most, 0, NULL);
        if (n < 0) return n;
        if (n == 0) return (int)done;
        for (int i = 0; i < n; i++) {
            if (bytes[i] != pattern(done + (uint32_t)i)) return -1;
        }
        done += (uint32_t)n;
    }
}

static void receive(int socket, uint32_t length, uint32_t flags, bool from) {
    uint8_t bytes[CHUNK];
    struct net_address peer;
    const int n = net_recv(socket, bytes, length, flags, from ? &peer : NULL);
    printf("%d %.*s", n, n < 0 ? 0 : n, (const char *)bytes);
    if (n >= 0 && from) print_address(&peer);
}

static void accept_one(int socket) {
    struct net_address peer;
    const int n = net_accept(socket, &peer);
    printf("%d", n);
    if (n > 0) print_address(&peer);
}

static void resolve(const char *host, const char *port) {
    struct net_address found;
    const int n = net_getaddrinfo(host, (uint16_t)atoi(port), &found, 1);
    printf("%d", n);
    if (n > 0) print_address(&found);
}

/* --- the lines -------------------------------------------------------------------------------- */

enum { WORDS = 5 };

/* Numbers and addresses of the words, as most calls want them. */
struct call {
    const char *word[WORDS];
    int n[WORDS];
};

static bool is(const struct call *c, const char *name) {
    return strcmp(c->word[0], name) == 0;
}

/* Calls whose whole answer is their result; true where it was one of them. */
static bool call_simple(const struct call *c, int *result) {
    const uint8_t *text = (const uint8_t *)c->word[2];
    const uint8_t *text_to = (const uint8_t *)c->word[4];
    const bool has_address = is(c, "connect") || is(c, "bind") || is(c, "sendto");
    const struct net_address a =
        has_address ? address_of(c->word[2], c->word[3]) : (struct net_address){0};
    const int s = c->n[1];
    if (is(c, "socket"))
        *result = net_socket(s, c->n[2]);
    else if (is(c, "connect"))
        *result = net_connect(s, &a);
    else if (is(c, "bind"))
        *result = net_bind(s, &a);
    else if (is(c, "listen"))
        *result = net_listen(s, c->n[2]);
    else if (is(c, "send"))
        *result = net_send(s, text, (uint32_t)strlen(c->word[2]), NULL);
    else if (is(c, "sendto"))
        *result = net_send(s, text_to, (uint32_t)strlen(c->word[4]), &a);
    else if (is(c, "option"))
        *result = net_setsockopt(s, c->n[2], c->n[3], c->n[4]);
    else if (is(c, "timeout"))
        *result = net_settimeout(s, c->n[2]);
    else if (is(c, "close"))
        *result = net_close(s);
    else if (is(c, "pour"))
        *result = pour(s, (uint32_t)c->n[2]);
    else if (is(c, "drain"))
        *result = drain(s);
    else
        return false;
    return true;
}

static void call(const struct call *c) {
    int result;
    if (call_simple(c, &result))
        printf("%d", result);
    else if (is(c, "accept"))
        accept_one(c->n[1]);
    else if (is(c, "recv"))
        receive(c->n[1], (uint32_t)c->n[2], (uint32_t)c->n[3], false);
    else if (is(c, "recvfrom"))
        receive(c->n[1], (uint32_t)c->n[2], (uint32_t)c->n[3], true);
    else if (is(c, "resolve"))
        resolve(c->word[1], c->word[2]);
    else if (is(c, "sleep"))
        clock_sleep_ms((uint32_t)c->n[1]);
    else if (is(c, "stats"))
        sockets_stats();
    else
        printf("unknown call %s", c->word[0]);
    putchar('\n');
    fflush(stdout);
}

static bool is_quiet(void) {
    struct pollfd p = {.fd = 0, .events = POLLIN};
    return poll(&p, 1, 0) == 0;
}

int main(int argc, char **argv) {
    char line[LINE];
    if (sockets_start(argc > 1 ? atoi(argv[1]) : -1) < 0) return 1;
    setvbuf(stdin, NULL, _IONBF, 0);
    for (;;) {
        while (is_quiet())
            clock_sleep_ms(1); /* the network lives meanwhile */
        if (fgets(line, sizeof line, stdin) == NULL) break;
        struct call c = {{"", "", "", "", ""}, {0}};
        int count = 0;
        for (char *w = strtok(line, " \n"); w != NULL && count < WORDS; w = strtok(NULL, " \n")) {
            c.word[count] = w;
            c.n[count++] = atoi(w);
        }
        call(&c);
    }
    sockets_end();
    return 0;
}
