/* SPI0: mode 0, 8 bits, the most significant first. The chip select is the caller's. */

#ifndef RP2040_SPI_H
#define RP2040_SPI_H

#include <stdint.h>

/* The fastest clock that is not above hz. */
void spi_start(uint32_t hz, uint32_t clock_pin, uint32_t mosi_pin, uint32_t miso_pin);

/* Sends n bytes and receives as many. out NULL sends zeros, in NULL drops what comes. */
void spi_transfer(const uint8_t *out, uint8_t *in, uint32_t n);

#endif
