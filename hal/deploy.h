/* Requests that come as frames, and their answers: what `wassl deploy`, `fs` and `rtc` do to a
 * device. docs/serial.md has the layouts.
 *
 * The host sends one request at a time and repeats it until it is answered. The answer carries the
 * request's sequence number and, in its payload, a result as of hal.h, then what was asked for. A
 * request that comes twice in a row is carried out once and answered twice.
 */

#ifndef HAL_DEPLOY_H
#define HAL_DEPLOY_H

#include <stdint.h>

/* Forgets the last request and any file that is being received. */
void deploy_start(void);

/* Carries out a request and answers it: a frame without END, marker and CRC. */
void deploy_take(const uint8_t *frame, uint32_t length);

#endif
