/* The lwIP back end on a POSIX host: its cable is a descriptor, frames behind their lengths (4
 * bytes, big-endian), as scripts/sim/peer and QEMU have them; and the board below it.
 *
 * The descriptor is read without blocking. A frame that the other end does not take soon is lost,
 * as on a cable. When the descriptor ends or carries something else than frames, the cable is out.
 */

#include "board.h"
#include "net_lwip.h"
#include "posix.h"

#include "lwip/pbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PREFIX = 4,
    LONGEST = 65536, /* a longer one is no frame: the stream is out of step */
    SEND_MS = 1000,
    END_MS = 2000,
};

static struct {
    int fd; /* -1: the cable is out */
    uint8_t bytes[PREFIX + LONGEST];
    size_t count; /* read ahead */
} cable = {.fd = -1};

/* --- frames ----------------------------------------------------------------------------------- */

static size_t length_at(const uint8_t *p) {
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static void pull_cable(void) {
    close(cable.fd);
    cable.fd = -1;
    cable.count = 0;
}

static void read_ahead(void) {
    if (cable.fd < 0) return;
    const size_t room = sizeof cable.bytes - cable.count;
    const ssize_t n = read(cable.fd, cable.bytes + cable.count, room);
    if (n > 0)
        cable.count += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        pull_cable();
}

/* The length of the first whole frame, 0 where there is none. */
static size_t first_frame(void) {
    if (cable.count < PREFIX) return 0;
    const size_t length = length_at(cable.bytes);
    if (length == 0 || length > LONGEST) {
        pull_cable();
        return 0;
    }
    return cable.count >= PREFIX + length ? length : 0;
}

/* Frames that no cable carries, and those without memory for them, are lost. */
static struct pbuf *receive(void) {
    if (first_frame() == 0) read_ahead();
    for (size_t length; (length = first_frame()) > 0;) {
        struct pbuf *p = net_lwip_frame((uint32_t)length);
        if (p != NULL) pbuf_take(p, cable.bytes + PREFIX, (u16_t)length);
        cable.count -= PREFIX + length;
        memmove(cable.bytes, cable.bytes + PREFIX + length, cable.count);
        if (p != NULL) return p;
    }
    return NULL;
}

/* All bytes, or the cable is out of step. */
static bool write_all(const uint8_t *bytes, size_t length) {
    struct pollfd p = {.fd = cable.fd, .events = POLLOUT};
    while (length > 0) {
        const ssize_t n = write(cable.fd, bytes, length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno != EAGAIN || poll(&p, 1, SEND_MS) != 1)) return false;
        if (n < 0) continue;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

static bool send_frame(const struct pbuf *frame) {
    uint8_t bytes[PREFIX + NET_LWIP_FRAME_MAX] = {0, 0};
    if (cable.fd < 0) return false;
    bytes[2] = (uint8_t)(frame->tot_len >> 8);
    bytes[3] = (uint8_t)frame->tot_len;
    pbuf_copy_partial(frame, bytes + PREFIX, frame->tot_len, 0);
    if (write_all(bytes, PREFIX + (size_t)frame->tot_len)) return true;
    pull_cable();
    return false;
}

static bool link_is_up(void) {
    return cable.fd >= 0;
}

static const struct net_lwip_driver driver = {link_is_up, receive, send_frame};

/* --- the board -------------------------------------------------------------------------------- */

void board_poll(void) {
    static bool is_polling;
    if (is_polling) return;
    is_polling = true;
    net_lwip_poll();
    is_polling = false;
}

void board_wait(uint32_t microseconds) {
    struct pollfd p = {.fd = cable.fd, .events = POLLIN};
    if (cable.count < sizeof cable.bytes) poll(&p, 1, (int)((microseconds + 999) / 1000));
}

bool board_is_interrupted(void) {
    return false;
}

_Noreturn void board_reset(void) {
    abort();
}

/* --- settings --------------------------------------------------------------------------------- */

int net_host_start(int frames) {
    const struct net_lwip_config config = {
        .driver = &driver,
        .mac = {0x02, 0x00, 0x00, 0x77, 0x61, 0x73}, /* locally administered */
        .hostname = "wassl-host",
        .known_host = connect_to_find,
    };
    signal(SIGPIPE, SIG_IGN);
    if (frames >= 0) {
        cable.fd = frames;
        fcntl(frames, F_SETFL, fcntl(frames, F_GETFL) | O_NONBLOCK);
    }
    return net_lwip_start(&config);
}

void net_host_end(void) {
    net_lwip_end(END_MS);
}
