/* Pins (RP2040 datasheet 2.19).
 *
 * The interrupt of a low level lasts as long as the level, and only the program can make the device
 * let go of it. So the handler switches it off, having ended the sleep, and board_wait switches it
 * on again before the next one.
 */

#include "gpio.h"

#include "clocks.h"
#include "registers.h"
#include "startup.h"

enum { PINS = 30 };

static uint32_t waking; /* one bit a pin */

void gpio_start(void) {
    clocks_release(RESET_IO_BANK0 | RESET_PADS_BANK0);
    interrupt_enable(IRQ_IO_BANK0);
}

void gpio_function(uint32_t pin, uint32_t function) {
    REGISTER(PADS_GPIO(pin)) = PADS_INPUT | PADS_DRIVE_4MA | PADS_SCHMITT;
    REGISTER(IO_GPIO_CTRL(pin)) = function;
}

void gpio_output(uint32_t pin, bool level) {
    gpio_write(pin, level);
    REGISTER(SIO_GPIO_OE_SET) = 1u << pin;
    gpio_function(pin, IO_FUNCTION_SIO);
}

void gpio_input_pulled_up(uint32_t pin) {
    REGISTER(SIO_GPIO_OE_CLR) = 1u << pin;
    gpio_function(pin, IO_FUNCTION_SIO);
    set_bits(PADS_GPIO(pin), PADS_PULL_UP);
}

void gpio_write(uint32_t pin, bool level) {
    REGISTER(level ? SIO_GPIO_OUT_SET : SIO_GPIO_OUT_CLR) = 1u << pin;
}

bool gpio_read(uint32_t pin) {
    return (REGISTER(SIO_GPIO_IN) >> pin & 1) != 0;
}

void gpio_wake_at_low(uint32_t pin) {
    waking |= 1u << pin;
}

void gpio_arm(void) {
    for (uint32_t pin = 0; pin < PINS; pin++) {
        if ((waking >> pin & 1) != 0) set_bits(IO_PROC0_INTE(pin), IO_LEVEL_LOW(pin));
    }
}

void gpio_interrupt(void) {
    for (uint32_t pin = 0; pin < PINS; pin++) {
        if ((waking >> pin & 1) != 0) clear_bits(IO_PROC0_INTE(pin), IO_LEVEL_LOW(pin));
    }
}
