/* Raw random bits from the ring oscillator (RP2040 datasheet 2.17.5), for hal/random_source.h.
 *
 * The bit is the oscillator's level at the moment of the read. The processor runs from the crystal,
 * so what is random is how far the ring has drifted since the last read: little after a few cycles,
 * which is why bits are taken no closer than 10 microseconds. The datasheet warns that this source
 * is weak against somebody who influences the supply or the temperature. So little is claimed for
 * each bit (RANDOM_BITS_PER_1000 of the conditioner), and every bit passes the health tests there.
 */

#include "hal.h"
#include "random_source.h"
#include "registers.h"

enum { SPACING_US = 10 };

uint32_t random_source_bit(void) {
    static uint32_t last;
    while (REGISTER(TIMER_TIMERAWL) - last < SPACING_US)
        continue;
    const uint32_t bit = REGISTER(ROSC_RANDOMBIT) & 1;
    last = REGISTER(TIMER_TIMERAWL);
    return bit;
}

bool random_source_runs(void) {
    return (REGISTER(ROSC_STATUS) & ROSC_STATUS_STABLE) != 0;
}
