/* A W5500 that can be broken: spi.h and gpio.h of a board, and its time. */

#ifndef CHIP_H
#define CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chip_fault {
    CHIP_SOUND,
    CHIP_BAD_LENGTH, /* a frame's length in the ring is anything */
    CHIP_BAD_SIZE,   /* the size of what was received, or of the free memory, is anything */
    CHIP_DEAF,       /* commands are never taken */
    CHIP_STALLED,    /* frames never leave */
    CHIP_FORGETFUL,  /* it resets itself now and then */
    CHIP_ABSENT,     /* every byte is 0xff */
    CHIP_SHORTED,    /* every byte is 0 */
    CHIP_FAULTS,
};

/* Which fault it has from now on; also starts its chance. */
void chip_break(enum chip_fault fault);

void chip_seed(uint64_t seed);
uint32_t chip_below(uint32_t limit);

/* A frame from the wire: false where the ring is full or the chip not open. */
bool chip_receive(const uint8_t *frame, size_t length);

/* The last frame that the chip has put on the wire, and how many there were. */
size_t chip_sent(const uint8_t **frame);
uint32_t chip_sent_count(void);

/* What of the datasheet's rules was broken, or NULL. */
const char *chip_complaint(void);

void chip_plug(bool plugged);
void chip_pass_us(uint64_t us);

#endif
