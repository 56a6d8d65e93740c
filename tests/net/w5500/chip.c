/* Registers and rings of a W5500 in MACRAW mode (datasheet 1.1.0), byte by byte behind the pins;
 * and time, which passes with every byte and every look at the clock.
 */

#include "chip.h"

#include "board_config.h"
#include "gpio.h"
#include "hal.h"
#include "spi.h"

#include <string.h>

enum { COMMON = 0, SOCKET = 1, SEND_RING = 2, RECEIVE_RING = 3 };
enum { SHAR = 0x09, SIMR = 0x18, PHYCFGR = 0x2e, VERSIONR = 0x39 };
enum { MR = 0, CR = 1, IR = 2, SR = 3, RXBUF = 0x1e, TXBUF = 0x1f, TX_FSR = 0x20, TX_RD = 0x22 };
enum { TX_WR = 0x24, RX_RSR = 0x26, RX_RD = 0x28, RX_WR = 0x2a, IMR = 0x2c };
enum { RING = 16384, LONGEST = 1514, FRAME_US = 125, NANOS_PER_BYTE = 256 };

static struct {
    uint8_t common[0x40];
    uint8_t socket[0x30];
    uint8_t send_ring[RING];
    uint8_t receive_ring[RING];
    uint8_t wire[LONGEST];
    size_t wire_length;
    uint32_t sent;
    uint16_t consumed; /* the RX_RD of the last RECV */
    uint64_t nanos;
    uint64_t leaves_at; /* when the frame on its way has left; 0: none */
    bool selected, in_reset, is_unplugged;
    uint32_t phase, address, control;
    enum chip_fault fault;
    const char *complaint;
} chip = {.in_reset = true};

static uint64_t state = 1;

/* --- the test's side -------------------------------------------------------------------------- */

void chip_seed(uint64_t seed) {
    state = seed * 0x9e3779b97f4a7c15 + 1;
}

uint32_t chip_below(uint32_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16) % limit;
}

void chip_break(enum chip_fault fault) {
    chip.fault = fault;
}

void chip_plug(bool plugged) {
    chip.is_unplugged = !plugged;
}

const char *chip_complaint(void) {
    return chip.complaint;
}

size_t chip_sent(const uint8_t **frame) {
    *frame = chip.wire;
    return chip.wire_length;
}

uint32_t chip_sent_count(void) {
    return chip.sent;
}

void chip_pass_us(uint64_t us) {
    chip.nanos += us * 1000;
}

/* A rule broken by the driver while the chip was sound. */
static void complain(const char *what) {
    if (chip.fault == CHIP_SOUND) chip.complaint = what;
}

/* --- registers -------------------------------------------------------------------------------- */

static uint16_t word(uint32_t at) {
    return (uint16_t)(chip.socket[at] << 8 | chip.socket[at + 1]);
}

static void set_word(uint32_t at, uint32_t value) {
    chip.socket[at] = (uint8_t)(value >> 8);
    chip.socket[at + 1] = (uint8_t)value;
}

static void reset(void) {
    memset(chip.common, 0, sizeof chip.common);
    memset(chip.socket, 0, sizeof chip.socket);
    chip.common[VERSIONR] = 4;
    chip.common[PHYCFGR] = 0xb8;
    chip.socket[RXBUF] = 2;
    chip.socket[TXBUF] = 2;
    chip.socket[IMR] = 0xff;
    chip.leaves_at = 0;
}

static bool is_open(void) {
    return chip.socket[SR] == 0x42;
}

static uint16_t used(void) {
    return (uint16_t)(word(RX_WR) - chip.consumed);
}

static void transmit(void) {
    const uint16_t from = word(TX_RD);
    const uint16_t length = (uint16_t)(word(TX_WR) - from);
    if (chip.leaves_at != 0) complain("SEND before the last frame has left");
    if (length > LONGEST) complain("a frame that is too long");
    chip.wire_length = length > LONGEST ? LONGEST : length;
    for (size_t i = 0; i < chip.wire_length; i++)
        chip.wire[i] = chip.send_ring[(from + i) % RING];
    set_word(TX_RD, word(TX_WR));
    chip.sent++;
    chip.leaves_at = chip.nanos + FRAME_US * 1000;
}

static void open_socket(void) {
    if (chip.socket[RXBUF] != 16 || chip.socket[TXBUF] != 16) complain("memory not shared out");
    if ((chip.socket[MR] & 0x8f) != 0x84) complain("not MACRAW for the own address");
    memset(chip.socket + TX_FSR, 0, IMR - TX_FSR);
    chip.consumed = 0;
    chip.leaves_at = 0;
    chip.socket[SR] = 0x42;
}

static void command(uint8_t what) {
    if (chip.fault == CHIP_DEAF) return;
    chip.socket[CR] = 0;
    if (what == 0x01)
        open_socket();
    else if (what == 0x10)
        chip.socket[SR] = 0;
    else if (what == 0x20 && is_open())
        transmit();
    else if (what == 0x40 && is_open())
        chip.consumed = word(RX_RD);
    else
        complain("a command that makes no sense");
}

/* --- the bus ---------------------------------------------------------------------------------- */

static uint8_t half(uint32_t value, uint32_t address) {
    return (uint8_t)(address % 2 == 0 ? value >> 8 : value);
}

static uint8_t read_socket(uint32_t address) {
    const bool is_wrong = chip.fault == CHIP_BAD_SIZE && chip_below(4) == 0;
    if (address / 2 == TX_FSR / 2) {
        const uint32_t room = RING - (uint16_t)(word(TX_WR) - word(TX_RD));
        return half(is_wrong ? chip_below(65536) : room, address);
    }
    if (address / 2 == RX_RSR / 2) return half(is_wrong ? chip_below(65536) : used(), address);
    return address < sizeof chip.socket ? chip.socket[address] : 0;
}

static uint8_t read_byte(uint32_t block, uint32_t address) {
    if (block == COMMON && address == PHYCFGR)
        return (uint8_t)(chip.common[PHYCFGR] | (chip.is_unplugged ? 0 : 7));
    if (block == COMMON) return address < sizeof chip.common ? chip.common[address] : 0;
    if (block == SOCKET) return read_socket(address);
    if (block == RECEIVE_RING) return chip.receive_ring[address % RING];
    return 0;
}

static void write_byte(uint32_t block, uint32_t address, uint8_t value) {
    if (block == COMMON && address < VERSIONR) chip.common[address] = value;
    if (block == SEND_RING) chip.send_ring[address % RING] = value;
    if (block != SOCKET || address >= sizeof chip.socket) return;
    if (address == CR) {
        chip.socket[CR] = value;
        command(value);
    } else if (address == IR) {
        chip.socket[IR] &= (uint8_t)~value;
    } else if (address != SR) {
        chip.socket[address] = value;
    }
}

/* What happens by itself. */
static void go_on(void) {
    chip.nanos += NANOS_PER_BYTE;
    if (chip.leaves_at != 0 && chip.nanos >= chip.leaves_at && chip.fault != CHIP_STALLED) {
        chip.leaves_at = 0;
        chip.socket[IR] |= 0x10;
    }
    if (chip.fault == CHIP_FORGETFUL && chip_below(20000) == 0) reset();
}

static uint8_t exchange(uint8_t out) {
    go_on();
    if (chip.fault == CHIP_ABSENT) return 0xff;
    if (chip.fault == CHIP_SHORTED || !chip.selected || chip.in_reset) return 0;
    chip.phase++;
    if (chip.phase == 1) chip.address = (uint32_t)out << 8;
    if (chip.phase == 2) chip.address |= out;
    if (chip.phase == 3) chip.control = out;
    if (chip.phase <= 3) return 0;
    const uint32_t block = chip.control >> 3;
    const uint32_t at = chip.address++ & 0xffff;
    if ((chip.control & 4) == 0) return read_byte(block, at);
    write_byte(block, at, out);
    return 0;
}

void spi_start(uint32_t hz, uint32_t clock_pin, uint32_t mosi_pin, uint32_t miso_pin) {
    (void)hz;
    (void)clock_pin;
    (void)mosi_pin;
    (void)miso_pin;
}

void spi_send(const uint8_t *bytes, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        (void)exchange(bytes[i]);
}

void spi_receive(uint8_t *bytes, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = exchange(0);
}

void gpio_write(uint32_t pin, bool level) {
    if (pin == BOARD_W5500_SELECT) {
        if (chip.selected && !level) complain("selected twice");
        chip.selected = !level;
        chip.phase = 0;
    }
    if (pin == BOARD_W5500_RESET) {
        if (!level) reset();
        chip.in_reset = !level;
    }
}

void gpio_output(uint32_t pin, bool level) {
    gpio_write(pin, level);
}

void gpio_input_pulled_up(uint32_t pin) {
    (void)pin;
}

void gpio_wake_at_low(uint32_t pin) {
    (void)pin;
}

/* INTn: low while something is signalled that is not masked. */
bool gpio_read(uint32_t pin) {
    const bool signals = (chip.socket[IR] & chip.socket[IMR]) != 0 && (chip.common[SIMR] & 1) != 0;
    return pin != BOARD_W5500_INTERRUPT || !signals;
}

uint64_t clock_ticks_us(void) {
    chip.nanos += 200;
    return chip.nanos / 1000;
}

/* --- the wire --------------------------------------------------------------------------------- */

bool chip_receive(const uint8_t *frame, size_t length) {
    if (!is_open() || chip.in_reset || used() + length + 2 > RING) return false;
    const uint16_t at = word(RX_WR);
    uint32_t all = (uint32_t)length + 2;
    set_word(RX_WR, at + all);
    if (chip.fault == CHIP_BAD_LENGTH && chip_below(3) == 0)
        all = chip_below(2) == 0 ? chip_below(65536) : chip_below(20);
    chip.receive_ring[at % RING] = (uint8_t)(all >> 8);
    chip.receive_ring[(at + 1) % RING] = (uint8_t)all;
    for (size_t i = 0; i < length; i++)
        chip.receive_ring[(at + 2 + i) % RING] = frame[i];
    chip.socket[IR] |= 0x04;
    return true;
}
