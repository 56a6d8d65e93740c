/* boards/rp2040/w5500.c with a chip that is sound at first, then breaks in every way, and is sound
 * again after each:
 *
 *     w5500 SEED
 *
 * Sound, all frames must pass in both directions, unchanged. Broken, no call may take long or touch
 * memory that is not its own. Sound again, all must be well within seconds.
 */

#include "chip.h"
#include "net_lwip.h"
#include "w5500.h"

#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_CALL_US = 300000, /* a chip that does not come back from a reset */
    FRAMES = 400,
    MENDED_US = 3000000,
    QUEUE = 12,
};

static const uint8_t mac[NET_LWIP_MAC] = {2, 0, 0, 1, 2, 3};

/* Frames in the ring, in order. */
static struct {
    uint8_t bytes[NET_LWIP_FRAME_MAX];
    size_t length;
} expected[QUEUE];
static size_t first, count;

/* --- what lwIP and the back end would be ------------------------------------------------------ */

_Noreturn void net_lwip_assertion_failed(const char *file, int line) {
    fprintf(stderr, "assertion in %s, line %d\n", file, line);
    abort();
}

struct pbuf *net_lwip_frame(uint32_t length) {
    if (length < NET_LWIP_FRAME_MIN || length > NET_LWIP_FRAME_MAX) return NULL;
    return pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_POOL);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void fail(const char *what) {
    fprintf(stderr, "w5500: %s\n", what);
    abort();
}

static size_t fill(uint8_t *frame) {
    const size_t length = NET_LWIP_FRAME_MIN + chip_below(NET_LWIP_FRAME_MAX - 13);
    for (size_t i = 0; i < length; i++)
        frame[i] = (uint8_t)chip_below(256);
    return length;
}

static void arrive(void) {
    if (count == QUEUE) return;
    const size_t i = (first + count) % QUEUE;
    expected[i].length = fill(expected[i].bytes);
    if (chip_receive(expected[i].bytes, expected[i].length)) count++;
}

/* True where a frame came; of a sound chip it must be the next one. */
static bool take(bool is_sound) {
    uint8_t bytes[NET_LWIP_FRAME_MAX];
    struct pbuf *p = w5500_driver.receive();
    if (p == NULL) return false;
    const size_t length = pbuf_copy_partial(p, bytes, p->tot_len, 0);
    pbuf_free(p);
    if (!is_sound) return true;
    if (count == 0) fail("a frame that was not sent");
    if (length != expected[first].length) fail("a frame of another length");
    if (memcmp(bytes, expected[first].bytes, length) != 0) fail("another frame");
    first = (first + 1) % QUEUE;
    count--;
    return true;
}

/* In pieces, as lwIP has them. */
static bool give(bool is_sound) {
    uint8_t bytes[NET_LWIP_FRAME_MAX];
    const uint8_t *wire;
    const size_t length = fill(bytes);
    const uint32_t before = chip_sent_count();
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_POOL);
    if (p == NULL) fail("no memory");
    pbuf_take(p, bytes, (u16_t)length);
    const bool sent = w5500_driver.send(p);
    pbuf_free(p);
    if (!is_sound || !sent) return sent;
    if (chip_sent_count() != before + 1 || chip_sent(&wire) != length) fail("not sent as it is");
    if (memcmp(wire, bytes, length) != 0) fail("sent differently");
    return true;
}

static void within(uint64_t since, const char *what) {
    if (clock_ticks_us() - since > LONGEST_CALL_US) fail(what);
}

/* All frames of both directions. */
static void sound(void) {
    const uint32_t recoveries = w5500_recoveries();
    for (int i = 0; i < FRAMES; i++) {
        for (uint32_t n = chip_below(4); n > 0; n--)
            arrive();
        for (uint32_t n = chip_below(5); n > 0; n--)
            take(true);
        if (!w5500_driver.link_is_up()) fail("no link");
        if (!give(true)) fail("a frame was not taken");
        if (chip_complaint() != NULL) fail(chip_complaint());
    }
    if (w5500_recoveries() != recoveries) fail("recovered without need");
    while (count > 0) {
        if (!take(true)) fail("a frame was left");
    }
}

static void broken(enum chip_fault fault) {
    chip_break(fault);
    for (int i = 0; i < FRAMES; i++) {
        uint64_t start = clock_ticks_us();
        arrive();
        take(false);
        within(start, "receiving takes too long");
        start = clock_ticks_us();
        w5500_driver.link_is_up();
        within(start, "looking takes too long");
        start = clock_ticks_us();
        give(false);
        within(start, "sending takes too long");
        if (chip_below(20) == 0) chip_pass_us(200000);
    }
    if (fault != CHIP_SOUND && w5500_recoveries() == 0) fail("nothing was noticed");
}

/* Until it works, and the ring is empty. */
static void mend(void) {
    const uint64_t start = clock_ticks_us();
    chip_break(CHIP_SOUND);
    count = 0;
    while (!w5500_driver.link_is_up() || !give(false)) {
        if (clock_ticks_us() - start > MENDED_US) fail("it stays broken");
        take(false);
        chip_pass_us(10000);
    }
    for (int i = 0; i < 200; i++) {
        take(false);
        w5500_driver.link_is_up();
        chip_pass_us(1000);
    }
}

static void without_cable(void) {
    chip_plug(false);
    chip_pass_us(200000);
    if (w5500_driver.link_is_up() || give(false)) fail("there is no cable");
    chip_plug(true);
    chip_pass_us(200000);
    if (!w5500_driver.link_is_up()) fail("there is a cable");
}

int main(int argc, char **argv) {
    if (argc != 2) return 64;
    chip_seed((uint64_t)atoll(argv[1]));
    memp_init();
    mem_init();
    chip_break(chip_below(2) == 0 ? CHIP_ABSENT : CHIP_SHORTED);
    if (w5500_start(mac) != -HAL_EIO) fail("started without a chip");
    chip_break(CHIP_SOUND);
    if (w5500_start(mac) != 0) fail("did not start");
    chip_pass_us(200000);
    sound();
    without_cable();
    for (int fault = CHIP_SOUND + 1; fault < CHIP_FAULTS; fault++) {
        broken((enum chip_fault)fault);
        mend();
        sound();
    }
    printf("%u frames sent, %u recoveries\n", chip_sent_count(), w5500_recoveries());
    return 0;
}
