/* A network that answers a device as it should, but also wrongly, twice, damaged, late or not at
 * all, and that speaks unasked. Everything follows from a seed.
 */

#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOSTILE_FRAME = 1700 }; /* longer than any that a device can get */

void hostile_seed(uint64_t seed);

/* A number below `limit`, of the same sequence. */
uint32_t hostile_below(uint32_t limit);

/* The device has sent a frame. */
void hostile_hear(const uint8_t *frame, size_t length);

/* Perhaps says something by itself. */
void hostile_act(void);

/* The next frame for the device: its length, 0 where there is none. */
size_t hostile_next(uint8_t out[HOSTILE_FRAME]);

/* From now on it answers nothing and says nothing. */
void hostile_silence(void);

/* Whether frames come as they should, for a device that has to get an address first. */
void hostile_behave(bool well);

#endif
