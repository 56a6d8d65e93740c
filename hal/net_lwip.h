/* hal.h's net_* over lwIP, on one interface of Ethernet.
 *
 * The board gives a driver and calls net_lwip_poll from board_poll; whoever blocks in a net_ call
 * does so itself, through board.h. All of it runs in one thread; drivers are asked, never call.
 */

#ifndef NET_LWIP_H
#define NET_LWIP_H

#include "hal.h"

#include <stdbool.h>
#include <stdint.h>

struct pbuf;

enum {
    NET_LWIP_MAC = 6,
    NET_LWIP_FRAME_MIN = 14,   /* Ethernet's header alone */
    NET_LWIP_FRAME_MAX = 1514, /* without the check sequence */
};

/* What a driver does. Frames are chains of lwIP's buffers: header, payload, no check sequence. */
struct net_lwip_driver {
    /* Whether the cable is plugged in; asked at every poll. */
    bool (*link_is_up)(void);
    /* The next received frame, from net_lwip_frame; NULL where there is none. */
    struct pbuf *(*receive)(void);
    /* Sends a frame. False: it was dropped, which the protocols above repair. */
    bool (*send)(const struct pbuf *frame);
};

struct net_lwip_config {
    const struct net_lwip_driver *driver;
    uint8_t mac[NET_LWIP_MAC];
    const char *hostname; /* told to DHCP; lives as long as the interface */
    /* All zero: ask DHCP for all four. */
    uint8_t address[4];
    uint8_t mask[4];
    uint8_t gateway[4];
    uint8_t dns[4];
    /* Names that no server is asked for, or NULL: true with the answer in *out. */
    bool (*known_host)(const char *host, uint16_t port, struct net_address *out);
};

/* Brings the interface up; DHCP goes on while the board polls. 0, or -HAL_EIO without entropy. */
int net_lwip_start(const struct net_lwip_config *config);

/* Takes received frames, does what is due. Called often: at the latest every 100 ms. */
void net_lwip_poll(void);

/* How long the board may sleep before the next poll where no frame comes. */
uint32_t net_lwip_idle_us(void);

/* Closes the sockets that an app left and gives their connections so long to finish. */
void net_lwip_end(uint32_t milliseconds);

/* A buffer for a received frame of that length; NULL where it is not one or memory is short. */
struct pbuf *net_lwip_frame(uint32_t length);

/* For the console. Addresses are all zero as long as there are none. */
struct net_lwip_status {
    bool link_is_up;
    uint8_t address[4];
    uint8_t mask[4];
    uint8_t gateway[4];
    uint8_t dns[4];
};

struct net_lwip_status net_lwip_status(void);

#endif
