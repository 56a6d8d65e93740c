/* Packets of a small network: the device is 10.0.2.15 wherever an address is asked for, everybody
 * else is one machine.
 */

#ifndef PACKETS_H
#define PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_ACK = 16 };
enum { TCP_DATA = 1460 };

/* A segment of the device's, as somebody who answers sees it. */
struct segment {
    uint32_t to;        /* the address that it went to */
    uint16_t from_port; /* the device's */
    uint16_t to_port;
    uint32_t next; /* behind its last byte */
    uint32_t acknowledgement;
    uint32_t flags;
    uint32_t length;
};

/* False for what is no TCP segment. */
bool packet_read_tcp(const uint8_t *frame, size_t length, struct segment *s);

/* The answer to `s` with these flags and data. All packet_... give the frame's length. */
size_t packet_tcp(uint8_t *out, const struct segment *s, uint32_t flags, const uint8_t *data,
                  uint32_t length, uint32_t window);

size_t packet_udp(uint8_t *out, uint16_t from, uint16_t to, const uint8_t *data, uint32_t length);

/* What ARP, DHCP, DNS and anybody at UDP say to a frame; 0: nothing. */
size_t packet_answer(uint8_t *out, const uint8_t *frame, size_t length);

/* Something that nobody has asked for: ARP, ICMP, or noise. */
size_t packet_unasked(uint8_t *out, uint32_t kind);

/* Corrects lengths and checksums of what may be an IPv4 packet, so that damage behind them is seen
 * by more than the checksum. */
void packet_fix(uint8_t *frame, size_t length);

#endif
