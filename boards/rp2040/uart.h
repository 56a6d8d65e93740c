/* UART0, the console: hal/serial.h. */

#ifndef RP2040_UART_H
#define RP2040_UART_H

#include <stdbool.h>

void uart_start(void);

/* Ctrl-C came in and nobody has read so far. */
bool uart_has_unread_break(void);

/* Waits until the last bit is on the line: before a restart. */
void uart_drain(void);

#endif
