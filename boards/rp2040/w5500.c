/* W5500 in MACRAW mode (datasheet 1.1.0, chapters 2 to 4).
 *
 *   SPI: address (2 bytes) | block, write | data, to addresses that count up and wrap in the ring
 *
 * A received frame stands in the ring behind its length (2 bytes, which count themselves). Nothing
 * that comes from the chip is trusted: a length that cannot be, a chip that forgets its settings or
 * does not finish a command are answered by opening it anew, and no wait is without an end.
 */

#include "w5500.h"

#include "board_config.h"
#include "gpio.h"
#include "spi.h"

#include "lwip/pbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Blocks: what an address means. */
enum { COMMON = 0, SOCKET = 1, SEND_RING = 2, RECEIVE_RING = 3 };

/* Common registers. */
enum { SHAR = 0x09, SIMR = 0x18, PHYCFGR = 0x2e, VERSIONR = 0x39 };

/* Registers of a socket. */
enum {
    SN_MR = 0x00,
    SN_CR = 0x01,
    SN_IR = 0x02,
    SN_SR = 0x03,
    SN_RXBUF_SIZE = 0x1e,
    SN_TXBUF_SIZE = 0x1f,
    SN_TX_FSR = 0x20,
    SN_TX_WR = 0x24,
    SN_RX_RSR = 0x26,
    SN_RX_RD = 0x28,
    SN_IMR = 0x2c,
};

/* Their contents. */
enum {
    VERSION = 4,
    SOCKET_0 = 1,            /* SIMR: interrupts of this one */
    LINKED = 0x01,           /* PHYCFGR */
    MACRAW = 0x04,           /* SN_MR */
    OWN_ADDRESS_ONLY = 0x80, /* SN_MR: and broadcasts */
    OPEN = 0x01,             /* SN_CR */
    CLOSE = 0x10,
    SEND = 0x20,
    RECEIVE = 0x40,
    RECEIVED = 0x04, /* SN_IR */
    SENT = 0x10,
    IS_MACRAW = 0x42, /* SN_SR */
};

enum {
    SOCKETS = 8,
    RING_KB = 16,
    RING = RING_KB * 1024,
    LENGTH_BYTES = 2,
    RESET_US = 1000,    /* RSTn low; 500 are enough */
    ANSWER_US = 100000, /* until the chip runs after that */
    COMMAND_US = 1000,
    SEND_US = 20000,  /* a frame at 10 Mbit/s takes 1.2 ms, collisions aside */
    ARRIVE_US = 3000, /* the rest of a frame whose beginning is there */
    LOOK_US = 100000, /* from one look at cable and settings to the next */
    RESTART_US = 1000000,
    FRAMES_AT_ONCE = 16,
};

static struct {
    uint8_t mac[NET_LWIP_MAC];
    bool is_open;
    bool is_linked;
    bool is_sending;
    bool has_frames; /* until the ring was seen empty */
    uint64_t looked_us;
    uint64_t started_us;
    uint32_t recoveries;
} chip;

/* --- registers -------------------------------------------------------------------------------- */

static void begin(uint32_t block, uint32_t address, bool write) {
    const uint8_t head[3] = {(uint8_t)(address >> 8), (uint8_t)address,
                             (uint8_t)(block << 3 | (write ? 4u : 0u))};
    gpio_write(BOARD_W5500_SELECT, false);
    spi_send(head, sizeof head);
}

static void end(void) {
    gpio_write(BOARD_W5500_SELECT, true);
}

static void read_bytes(uint32_t block, uint32_t address, uint8_t *out, uint32_t n) {
    begin(block, address, false);
    spi_receive(out, n);
    end();
}

static void write_bytes(uint32_t block, uint32_t address, const uint8_t *bytes, uint32_t n) {
    begin(block, address, true);
    spi_send(bytes, n);
    end();
}

static uint8_t read_byte(uint32_t block, uint32_t address) {
    uint8_t byte;
    read_bytes(block, address, &byte, 1);
    return byte;
}

static void write_byte(uint32_t block, uint32_t address, uint32_t value) {
    const uint8_t byte = (uint8_t)value;
    write_bytes(block, address, &byte, 1);
}

static uint32_t read_word(uint32_t address) {
    uint8_t bytes[2];
    read_bytes(SOCKET, address, bytes, sizeof bytes);
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static void write_word(uint32_t address, uint32_t value) {
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    write_bytes(SOCKET, address, bytes, sizeof bytes);
}

/* Sizes change while they are read: two equal answers are one. False where none come. */
static bool read_size(uint32_t address, uint32_t *size) {
    uint32_t last = read_word(address);
    for (int i = 0; i < 8; i++) {
        *size = read_word(address);
        if (*size == last) return *size <= RING;
        last = *size;
    }
    return false;
}

/* Waits until the bits under the mask are `value`. */
static bool await(uint32_t block, uint32_t address, uint32_t mask, uint32_t value, uint32_t us) {
    const uint64_t end_us = clock_ticks_us() + us;
    while ((read_byte(block, address) & mask) != value) {
        if (clock_ticks_us() >= end_us) return false;
    }
    return true;
}

/* The chip takes a command by clearing it. */
static bool command(uint32_t what) {
    write_byte(SOCKET, SN_CR, what);
    return await(SOCKET, SN_CR, 0xff, 0, COMMAND_US);
}

/* --- opening ---------------------------------------------------------------------------------- */

static void pause_us(uint32_t us) {
    const uint64_t end_us = clock_ticks_us() + us;
    while (clock_ticks_us() < end_us)
        continue;
}

/* All memory goes to socket 0. */
static void share_out_memory(void) {
    for (uint32_t i = 0; i < SOCKETS; i++) {
        const uint8_t kb = i == 0 ? RING_KB : 0;
        const uint8_t both[2] = {kb, kb};
        write_bytes(4 * i + SOCKET, SN_RXBUF_SIZE, both, sizeof both);
    }
}

static bool open_socket(void) {
    chip.is_sending = false;
    chip.has_frames = true;
    write_byte(SOCKET, SN_MR, MACRAW | OWN_ADDRESS_ONLY);
    write_byte(SOCKET, SN_IMR, RECEIVED);
    write_byte(SOCKET, SN_IR, 0xff);
    return command(OPEN) && read_byte(SOCKET, SN_SR) == IS_MACRAW;
}

static bool open_chip(void) {
    chip.started_us = clock_ticks_us();
    gpio_write(BOARD_W5500_RESET, false);
    pause_us(RESET_US);
    gpio_write(BOARD_W5500_RESET, true);
    pause_us(RESET_US);
    if (!await(COMMON, VERSIONR, 0xff, VERSION, ANSWER_US)) return false;
    write_bytes(COMMON, SHAR, chip.mac, sizeof chip.mac);
    share_out_memory();
    write_byte(COMMON, SIMR, SOCKET_0);
    return open_socket();
}

int w5500_start(const uint8_t mac[NET_LWIP_MAC]) {
    memcpy(chip.mac, mac, sizeof chip.mac);
    gpio_output(BOARD_W5500_SELECT, true);
    gpio_output(BOARD_W5500_RESET, true);
    gpio_input_pulled_up(BOARD_W5500_INTERRUPT);
    spi_start(BOARD_W5500_HZ, BOARD_W5500_CLOCK, BOARD_W5500_MOSI, BOARD_W5500_MISO);
    chip.is_open = open_chip();
    if (chip.is_open) gpio_wake_at_low(BOARD_W5500_INTERRUPT);
    return chip.is_open ? 0 : -HAL_EIO;
}

/* A chip that was reset has all its settings as they were at power-on. */
static bool has_settings(void) {
    return read_byte(COMMON, VERSIONR) == VERSION && read_byte(COMMON, SIMR) == SOCKET_0;
}

/* The rings make no sense, or a command hangs: both start empty again. Where that does not help,
 * look() starts the chip anew. */
static void recover(void) {
    chip.recoveries++;
    chip.is_open = has_settings() && command(CLOSE) && open_socket();
}

uint32_t w5500_recoveries(void) {
    return chip.recoveries;
}

/* The cable; and a chip that was reset by a disturbance of its supply is started again. */
static void look(void) {
    const uint64_t now = clock_ticks_us();
    if (now - chip.looked_us < LOOK_US) return;
    chip.looked_us = now;
    chip.has_frames = true; /* should an interrupt ever be lost */
    chip.is_open = chip.is_open && has_settings() && read_byte(SOCKET, SN_SR) == IS_MACRAW;
    if (!chip.is_open && now - chip.started_us >= RESTART_US) {
        chip.recoveries++;
        chip.is_open = open_chip();
    }
    chip.is_linked = chip.is_open && (read_byte(COMMON, PHYCFGR) & LINKED) != 0;
}

static bool link_is_up(void) {
    look();
    return chip.is_linked;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* The frame before must have left: the chip would take both for one. */
static bool await_sent(void) {
    if (!chip.is_sending) return true;
    if (!await(SOCKET, SN_IR, SENT, SENT, SEND_US)) return false;
    write_byte(SOCKET, SN_IR, SENT);
    chip.is_sending = false;
    return true;
}

static bool send_frame(const struct pbuf *frame) {
    uint32_t room;
    if (!chip.is_open || !chip.is_linked) return false;
    if (!await_sent() || !read_size(SN_TX_FSR, &room) || room < frame->tot_len) {
        recover();
        return false;
    }
    const uint32_t at = read_word(SN_TX_WR);
    begin(SEND_RING, at, true);
    for (const struct pbuf *p = frame; p != NULL; p = p->next)
        spi_send(p->payload, p->len);
    end();
    write_word(SN_TX_WR, at + frame->tot_len);
    chip.is_sending = command(SEND);
    if (!chip.is_sending) recover();
    return chip.is_sending;
}

/* --- receiving -------------------------------------------------------------------------------- */

/* Bytes in the ring. While nothing is signalled the chip is not asked. */
static uint32_t received_bytes(void) {
    uint32_t size;
    if (!chip.is_open) return 0;
    if (!chip.has_frames) {
        if (gpio_read(BOARD_W5500_INTERRUPT)) return 0;
        chip.has_frames = true;
    }
    write_byte(SOCKET, SN_IR, RECEIVED); /* first, so that the next frame signals again */
    if (!read_size(SN_RX_RSR, &size)) {
        recover();
        return 0;
    }
    chip.has_frames = size > 0;
    return size;
}

/* Whether `length` bytes are there, of which the chip has said `size` so far. */
static bool await_bytes(uint32_t length, uint32_t size) {
    const uint64_t end_us = clock_ticks_us() + ARRIVE_US;
    while (size < length) {
        if (clock_ticks_us() >= end_us || !read_size(SN_RX_RSR, &size)) return false;
    }
    return true;
}

/* The length of the frame at `at`, 0 for one that cannot be. */
static uint32_t length_at(uint32_t at, uint32_t size) {
    uint8_t bytes[LENGTH_BYTES];
    read_bytes(RECEIVE_RING, at, bytes, sizeof bytes);
    const uint32_t all = (uint32_t)bytes[0] << 8 | bytes[1];
    if (all < LENGTH_BYTES + NET_LWIP_FRAME_MIN || all > LENGTH_BYTES + NET_LWIP_FRAME_MAX)
        return 0;
    return await_bytes(all, size) ? all - LENGTH_BYTES : 0;
}

static void read_frame(uint32_t at, struct pbuf *frame) {
    begin(RECEIVE_RING, at, false);
    for (struct pbuf *p = frame; p != NULL; p = p->next)
        spi_receive(p->payload, p->len);
    end();
}

/* A frame without memory for it is lost. */
static struct pbuf *receive(void) {
    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        const uint32_t size = received_bytes();
        if (size == 0) return NULL;
        const uint32_t at = read_word(SN_RX_RD);
        const uint32_t length = length_at(at, size);
        if (length == 0) {
            recover();
            return NULL;
        }
        struct pbuf *frame = net_lwip_frame(length);
        if (frame != NULL) read_frame(at + LENGTH_BYTES, frame);
        write_word(SN_RX_RD, at + LENGTH_BYTES + length);
        if (!command(RECEIVE)) recover();
        if (frame != NULL) return frame;
    }
    return NULL;
}

const struct net_lwip_driver w5500_driver = {link_is_up, receive, send_frame};
