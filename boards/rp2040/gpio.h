/* Pins. */

#ifndef RP2040_GPIO_H
#define RP2040_GPIO_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the pins' logic out of reset; once, before the rest. */
void gpio_start(void);

/* Gives a pin to a device: IO_FUNCTION_... of registers.h. */
void gpio_function(uint32_t pin, uint32_t function);

void gpio_output(uint32_t pin, bool level);
void gpio_input_pulled_up(uint32_t pin);
void gpio_write(uint32_t pin, bool level);
bool gpio_read(uint32_t pin);

/* From now on a low level at this pin ends board_wait. */
void gpio_wake_at_low(uint32_t pin);

/* For board_wait: lets the pins wake it again. */
void gpio_arm(void);

#endif
