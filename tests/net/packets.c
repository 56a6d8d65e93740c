/* Ethernet, ARP, IPv4, UDP, TCP, ICMP, DHCP and DNS, as much of them as one end of a short cable
 * needs.
 */

#include "packets.h"

#include "hostile.h"

#include <string.h>

enum {
    ETHERNET = 14,
    IP = ETHERNET, /* offsets in a frame whose IPv4 header has no options */
    PAYLOAD = IP + 20,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,
    ICMP = 1,
    TCP = 6,
    UDP = 17,
    BOOTP = 240, /* up to the options, with the magic cookie */
};

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t device_mac[6] = {2, 0, 0, 0x77, 0x61, 0x73};
static const uint32_t DEVICE = 0x0a00020f;
static const uint32_t GATEWAY = 0x0a000202;

/* --- bytes ------------------------------------------------------------------------------------ */

static uint32_t get16(const uint8_t *p) {
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p) {
    return get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value) {
    put16(p, value >> 16);
    put16(p + 2, value);
}

static uint32_t sum(const uint8_t *p, size_t n, uint32_t s) {
    for (size_t i = 0; i + 1 < n; i += 2)
        s += get16(p + i);
    if (n % 2 == 1) s += (uint32_t)p[n - 1] << 8;
    return s;
}

static uint32_t fold(uint32_t s) {
    while (s >> 16 != 0)
        s = (s & 0xffff) + (s >> 16);
    return ~s & 0xffff;
}

/* --- frames ----------------------------------------------------------------------------------- */

static void put_ethernet(uint8_t *out, uint32_t type) {
    memcpy(out, device_mac, 6);
    memcpy(out + 6, our_mac, 6);
    put16(out + 12, type);
}

void packet_fix(uint8_t *frame, size_t length) {
    if (length < PAYLOAD || get16(frame + 12) != TYPE_IPV4) return;
    const uint32_t header = (frame[IP] & 15u) * 4;
    const uint32_t protocol = frame[IP + 9];
    const uint32_t all = (uint32_t)length - ETHERNET;
    if (header < 20 || header > all) return;
    put16(frame + IP + 2, all);
    put16(frame + IP + 10, 0);
    put16(frame + IP + 10, fold(sum(frame + IP, header, 0)));
    uint8_t *p = frame + IP + header;
    const uint32_t n = all - header;
    const uint32_t at = protocol == TCP ? 16 : protocol == UDP ? 6 : 2;
    if ((protocol != TCP && protocol != UDP && protocol != ICMP) || n < at + 2) return;
    if (protocol == UDP) put16(p + 4, n);
    const uint32_t pseudo = protocol == ICMP ? 0 : sum(frame + IP + 12, 8, protocol + n);
    put16(p + at, 0);
    put16(p + at, fold(sum(p, n, pseudo)));
}

/* Completes a frame whose IPv4 payload of n bytes stands in its place. */
static size_t put_ipv4(uint8_t *out, uint32_t from, uint32_t to, uint32_t protocol, uint32_t n) {
    put_ethernet(out, TYPE_IPV4);
    memset(out + IP, 0, 20);
    out[IP] = 0x45;
    out[IP + 8] = 64;
    out[IP + 9] = (uint8_t)protocol;
    put32(out + IP + 12, from);
    put32(out + IP + 16, to);
    packet_fix(out, PAYLOAD + n);
    return PAYLOAD + n;
}

/* --- TCP and UDP ------------------------------------------------------------------------------ */

bool packet_read_tcp(const uint8_t *frame, size_t length, struct segment *s) {
    if (length < PAYLOAD + TCP_HEADER || get16(frame + 12) != TYPE_IPV4) return false;
    if (frame[IP + 9] != TCP) return false;
    const uint8_t *p = frame + PAYLOAD;
    const uint32_t bytes = get16(frame + IP + 2) - 20 - (p[12] >> 4) * 4u;
    const uint32_t flags = p[13];
    *s = (struct segment){.to = get32(frame + IP + 16),
                          .from_port = (uint16_t)get16(p),
                          .to_port = (uint16_t)get16(p + 2),
                          .next = get32(p + 4) + bytes,
                          .acknowledgement = get32(p + 8),
                          .flags = flags,
                          .length = bytes};
    if ((flags & (FLAG_SYN | FLAG_FIN)) != 0) s->next++;
    if ((flags & FLAG_ACK) == 0) s->acknowledgement = 7000; /* the first number of the other side */
    return true;
}

size_t packet_tcp(uint8_t *out, const struct segment *s, uint32_t flags, const uint8_t *data,
                  uint32_t length, uint32_t window) {
    uint8_t *p = out + PAYLOAD;
    const uint32_t options = (flags & FLAG_SYN) != 0 ? 4 : 0;
    memset(p, 0, TCP_HEADER);
    put16(p, s->to_port);
    put16(p + 2, s->from_port);
    put32(p + 4, s->acknowledgement);
    put32(p + 8, s->next);
    p[12] = (uint8_t)((TCP_HEADER + options) / 4 << 4);
    p[13] = (uint8_t)flags;
    put16(p + 14, window);
    if (options > 0) put32(p + TCP_HEADER, 0x02040000 | (hostile_below(4) == 0 ? 40 : 1460));
    if (length > 0) memcpy(p + TCP_HEADER + options, data, length);
    const uint32_t from = s->to == 0 ? GATEWAY : s->to;
    return put_ipv4(out, from, DEVICE, TCP, TCP_HEADER + options + length);
}

static size_t put_udp(uint8_t *out, uint32_t from, uint32_t to, uint32_t from_port,
                      uint32_t to_port, uint32_t length) {
    put16(out + PAYLOAD, from_port);
    put16(out + PAYLOAD + 2, to_port);
    put32(out + PAYLOAD + 4, 0);
    return put_ipv4(out, from, to, UDP, UDP_HEADER + length);
}

size_t packet_udp(uint8_t *out, uint16_t from, uint16_t to, const uint8_t *data, uint32_t length) {
    memcpy(out + PAYLOAD + UDP_HEADER, data, length);
    return put_udp(out, GATEWAY, DEVICE, from, to, length);
}

/* --- answers ---------------------------------------------------------------------------------- */

static size_t answer_arp(uint8_t *out, const uint8_t *request) {
    const uint8_t *arp = request + ETHERNET;
    if (get16(arp + 6) != 1 || get32(arp + 24) == DEVICE) return 0;
    put_ethernet(out, TYPE_ARP);
    memcpy(out + ETHERNET, arp, 8);
    put16(out + ETHERNET + 6, 2);
    memcpy(out + ETHERNET + 8, our_mac, 6);
    memcpy(out + ETHERNET + 14, arp + 24, 4);
    memcpy(out + ETHERNET + 18, arp + 8, 10);
    return ETHERNET + 28;
}

/* An offer for whoever discovers, a lease for whoever requests, with what else belongs to it. */
static size_t answer_dhcp(uint8_t *out, const uint8_t *bootp) {
    static const uint8_t options[] = {53, 1, 2, 54, 4, 10,  0,   2,   2, 51, 4, 0,
                                      0,  2, 0, 1,  4, 255, 255, 255, 0, 3,  4, 10,
                                      0,  2, 2, 6,  4, 10,  0,   2,   3, 255};
    uint8_t *p = out + PAYLOAD + UDP_HEADER;
    memcpy(p, bootp, BOOTP);
    p[0] = 2;
    put32(p + 16, DEVICE);
    memcpy(p + BOOTP, options, sizeof options);
    if (bootp[BOOTP + 2] == 3) p[BOOTP + 2] = hostile_below(20) == 0 ? 6 : 5; /* 6: refused */
    if (hostile_below(8) == 0) put32(p + BOOTP + 11, 2 + hostile_below(60));  /* a short lease */
    return put_udp(out, GATEWAY, DEVICE, 67, 68, BOOTP + sizeof options);
}

/* Says 10.0.2.2 to every question, by way of another name now and then, or that there is none. */
static size_t answer_dns(uint8_t *out, const uint8_t *query, uint32_t length, uint32_t port) {
    static const uint8_t alias[] = {0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12};
    static const uint8_t address[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 2, 2};
    uint8_t *p = out + PAYLOAD + UDP_HEADER;
    const bool has_alias = hostile_below(3) == 0;
    memcpy(p, query, length);
    put16(p + 2, hostile_below(5) == 0 ? 0x8183 : 0x8180);
    put16(p + 6, has_alias ? 2 : 1);
    if (has_alias) {
        memcpy(p + length, alias, sizeof alias);
        length += sizeof alias;
    }
    memcpy(p + length, address, sizeof address);
    return put_udp(out, 0x0a000203, DEVICE, 53, port, length + sizeof address);
}

static size_t answer_udp(uint8_t *out, const uint8_t *frame, size_t length) {
    const uint8_t *p = frame + PAYLOAD;
    const uint32_t bytes = (uint32_t)length - PAYLOAD - UDP_HEADER;
    const uint32_t port = get16(p + 2);
    if (port == 67 && bytes > BOOTP + 3) return answer_dhcp(out, p + UDP_HEADER);
    if (port == 53 && bytes >= 12 && bytes < 400)
        return answer_dns(out, p + UDP_HEADER, bytes, get16(p));
    memcpy(out + PAYLOAD + UDP_HEADER, p + UDP_HEADER, bytes);
    return put_udp(out, get32(frame + IP + 16), DEVICE, port, get16(p), bytes);
}

size_t packet_answer(uint8_t *out, const uint8_t *frame, size_t length) {
    const uint32_t type = length < ETHERNET ? 0 : get16(frame + 12);
    if (type == TYPE_ARP && length >= ETHERNET + 28) return answer_arp(out, frame);
    if (type != TYPE_IPV4 || length < PAYLOAD + UDP_HEADER || frame[IP + 9] != UDP) return 0;
    return answer_udp(out, frame, length);
}

size_t packet_unasked(uint8_t *out, uint32_t kind) {
    const uint32_t n = hostile_below(1480);
    for (uint32_t i = 0; i < PAYLOAD + n; i++)
        out[i] = (uint8_t)hostile_below(256);
    if (kind == 5) { /* ARP: asks, or says who is where, the device itself among them */
        put_ethernet(out, TYPE_ARP);
        put32(out + ETHERNET, 0x00010800);
        put32(out + ETHERNET + 4, 0x06040000 | (1 + hostile_below(2)));
        put32(out + ETHERNET + 14, hostile_below(4) == 0 ? DEVICE : GATEWAY + hostile_below(40));
        put32(out + ETHERNET + 24, DEVICE);
        return ETHERNET + 28;
    }
    if (kind == 6) { /* ICMP, or any other protocol */
        out[PAYLOAD] = hostile_below(2) == 0 ? 8 : (uint8_t)hostile_below(20);
        const uint32_t protocol = hostile_below(4) == 0 ? hostile_below(256) : ICMP;
        return put_ipv4(out, GATEWAY, DEVICE, protocol, n);
    }
    if (hostile_below(2) == 0) put_ethernet(out, hostile_below(2) == 0 ? TYPE_IPV4 : TYPE_ARP);
    return PAYLOAD + n;
}
