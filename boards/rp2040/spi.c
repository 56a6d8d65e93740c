/* SPI0 (RP2040 datasheet 4.4), by the processor: at 31 MHz a byte takes 32 cycles, which is about
 * what the loop takes, so a DMA channel would gain little and cost its set-up for each of the many
 * short transfers.
 */

#include "spi.h"

#include "board_config.h"
#include "clocks.h"
#include "gpio.h"
#include "registers.h"

#include <stddef.h>

enum { FIFO = 8, PRESCALE = 2, RATE_MAX = 255 };

void spi_start(uint32_t hz, uint32_t clock_pin, uint32_t mosi_pin, uint32_t miso_pin) {
    clocks_release(RESET_SPI0);
    uint32_t rate = (BOARD_SYS_HZ + PRESCALE * hz - 1) / (PRESCALE * hz) - 1;
    if (rate > RATE_MAX) rate = RATE_MAX;
    REGISTER(SPI0_CPSR) = PRESCALE;
    REGISTER(SPI0_CR0) = SPI_CR0_8BIT | SPI_CR0_SCR(rate);
    REGISTER(SPI0_CR1) = SPI_CR1_ON;
    gpio_function(clock_pin, IO_FUNCTION_SPI);
    gpio_function(mosi_pin, IO_FUNCTION_SPI);
    gpio_function(miso_pin, IO_FUNCTION_SPI);
}

/* Never more under way than the receive FIFO holds: nothing is lost however long an interrupt
 * takes. */
void spi_transfer(const uint8_t *out, uint8_t *in, uint32_t n) {
    uint32_t sent = 0;
    uint32_t received = 0;
    while (received < n) {
        if (sent < n && sent - received < FIFO && (REGISTER(SPI0_SR) & SPI_SR_TNF) != 0) {
            REGISTER(SPI0_DR) = out == NULL ? 0 : out[sent];
            sent++;
        }
        if ((REGISTER(SPI0_SR) & SPI_SR_RNE) != 0) {
            const uint8_t byte = (uint8_t)REGISTER(SPI0_DR);
            if (in != NULL) in[received] = byte;
            received++;
        }
    }
}
