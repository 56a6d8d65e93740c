/* SPI0: mode 0, 8 bits, the most significant first. The chip select is the caller's. */

#ifndef RP2040_SPI_H
#define RP2040_SPI_H

#include <stdint.h>

/* The fastest clock that is not above hz. */
void spi_start(uint32_t hz, uint32_t clock_pin, uint32_t mosi_pin, uint32_t miso_pin);

/* Sends n bytes; what comes meanwhile is dropped. */
void spi_send(const uint8_t *bytes, uint32_t n);

/* Receives n bytes, sending zeros. */
void spi_receive(uint8_t *bytes, uint32_t n);

#endif
