/* SPI0 (RP2040 datasheet 4.4), by the processor: at 31 MHz a byte takes 32 cycles on the line, and
 * these loops 36 to 37 a byte, measured in the emulator. DMA would save the difference and no more,
 * since whoever transfers waits for the end, and cost its set-up for each of the many transfers of
 * 1 to 3 bytes.
 */

#include "spi.h"

#include "board_config.h"
#include "clocks.h"
#include "gpio.h"
#include "registers.h"

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

static uint8_t receive_byte(void) {
    while ((REGISTER(SPI0_SR) & SPI_SR_RNE) == 0)
        continue;
    return (uint8_t)REGISTER(SPI0_DR);
}

/* Eight bytes ahead, then one for one: never more under way than a FIFO holds, so that nothing is
 * lost however long an interrupt takes, and the line does not rest. */
void spi_send(const uint8_t *bytes, uint32_t n) {
    const uint8_t *const end = bytes + n;
    const uint8_t *const ahead = bytes + (n < FIFO ? n : FIFO);
    uint32_t left = (uint32_t)(ahead - bytes);
    while (bytes < ahead)
        REGISTER(SPI0_DR) = *bytes++;
    while (bytes < end) {
        (void)receive_byte();
        REGISTER(SPI0_DR) = *bytes++;
    }
    while (left-- > 0)
        (void)receive_byte();
}

void spi_receive(uint8_t *bytes, uint32_t n) {
    uint8_t *const end = bytes + n;
    uint8_t *const last_asked = end - (n < FIFO ? n : FIFO);
    for (const uint8_t *p = last_asked; p < end; p++)
        REGISTER(SPI0_DR) = 0;
    while (bytes < last_asked) {
        *bytes++ = receive_byte();
        REGISTER(SPI0_DR) = 0;
    }
    while (bytes < end)
        *bytes++ = receive_byte();
}
