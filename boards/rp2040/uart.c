/* UART0 (RP2040 datasheet 4.2): 8 data bits, no parity, 1 stop bit.
 *
 * Received bytes go from the FIFO of 32 into a ring by interrupt, at four bytes or after 32 bit
 * times of silence. One writer and one reader, each with an index of its own, need no lock. Sending
 * waits for room in the FIFO, asleep where an interrupt can end that.
 */

#include "uart.h"

#include "board_config.h"
#include "clocks.h"
#include "gpio.h"
#include "registers.h"
#include "serial.h"
#include "startup.h"

enum { RING = BOARD_UART_RECEIVE_BYTES, CTRL_C = 3 };
_Static_assert((RING & (RING - 1)) == 0, "indices wrap at a power of two");

static struct {
    volatile uint32_t in, out; /* counted on without end */
    uint32_t break_end;        /* the index behind the last Ctrl-C */
    uint8_t bytes[RING];
} receive;

void uart_start(void) {
    clocks_release(RESET_UART0);
    gpio_function(BOARD_UART_TX, IO_FUNCTION_UART);
    gpio_function(BOARD_UART_RX, IO_FUNCTION_UART);
    set_bits(PADS_GPIO(BOARD_UART_RX), PADS_PULL_UP); /* nothing connected is an idle line */
    const uint32_t divider = (BOARD_SYS_HZ * 4u + BOARD_UART_BAUD / 2) / BOARD_UART_BAUD;
    REGISTER(UART0_IBRD) = divider >> 6;
    REGISTER(UART0_FBRD) = divider & 63;
    REGISTER(UART0_LCR_H) = UART_LCR_8N1 | UART_LCR_FIFO;
    REGISTER(UART0_IFLS) = 0; /* interrupts at an eighth: 4 bytes received, or left to send */
    REGISTER(UART0_CR) = UART_CR_ON;
    REGISTER(UART0_IMSC) = UART_INT_RX | UART_INT_RT;
    interrupt_enable(IRQ_UART0);
}

/* What finds the ring full is lost, but for Ctrl-C: it takes the place of the byte before it. */
static void keep(uint8_t byte) {
    if (receive.in - receive.out == RING) {
        if (byte != CTRL_C) return;
        receive.in--;
    }
    receive.bytes[receive.in % RING] = byte;
    receive.in++;
    if (byte == CTRL_C) receive.break_end = receive.in;
}

void uart_interrupt(void) {
    clear_bits(UART0_IMSC, UART_INT_TX); /* it has ended a sleep */
    REGISTER(UART0_ICR) = UART_INT_RT;
    while ((REGISTER(UART0_FR) & UART_FR_RXFE) == 0) {
        const uint32_t data = REGISTER(UART0_DR);
        if ((data & UART_DR_ERROR) != 0) continue;
        keep((uint8_t)data);
    }
}

bool uart_has_unread_break(void) {
    const uint32_t unread = receive.in - receive.out;
    return receive.break_end - receive.out - 1 < unread;
}

uint32_t serial_read(uint8_t *out, uint32_t capacity) {
    uint32_t n = 0;
    while (n < capacity && receive.out != receive.in) {
        out[n++] = receive.bytes[receive.out % RING];
        receive.out++;
    }
    return n;
}

/* Whether interrupts come: not in a handler, all of which have the same priority. */
static bool is_interruptible(void) {
    uint32_t exception, masked;
    __asm volatile("mrs %0, ipsr\n mrs %1, primask" : "=r"(exception), "=r"(masked));
    return exception == 0 && masked == 0;
}

/* An interrupt between the check and WFE leaves the event register set, and WFE does not sleep. */
static void await_room(void) {
    const bool sleeps = is_interruptible();
    while ((REGISTER(UART0_FR) & UART_FR_TXFF) != 0) {
        if (!sleeps) continue;
        set_bits(UART0_IMSC, UART_INT_TX);
        __asm volatile("wfe" ::: "memory");
    }
}

void serial_write(const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        await_room();
        REGISTER(UART0_DR) = bytes[i];
    }
}

void uart_drain(void) {
    while ((REGISTER(UART0_FR) & UART_FR_BUSY) != 0)
        continue;
}
