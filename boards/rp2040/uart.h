/* UART0, the console: hal/serial.h. */

#ifndef RP2040_UART_H
#define RP2040_UART_H

void uart_start(void);

/* Waits until the last bit is on the line: before a restart. */
void uart_drain(void);

#endif
