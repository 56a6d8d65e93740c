/* What portable back ends need of the board they run on, besides hal.h: waiting without burning
 * power, and letting the rest of the firmware live meanwhile.
 *
 * A back end that blocks loops over exactly this:
 *
 *     while (!ready && !board_is_interrupted() && clock_ticks_us() < end) {
 *         board_poll();
 *         if (!ready) board_wait(...);
 *     }
 */

#ifndef HAL_BOARD_H
#define HAL_BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* Sleeps until an interrupt, at most that long. May return early, never late. */
void board_wait(uint32_t microseconds);

/* What must go on while the program waits or computes: network and console. Never re-entered: a
 * call from inside it does nothing. */
void board_poll(void);

/* Somebody asked to end the app (Ctrl-C on the console): calls that wait give up at once with any
 * error, because the app will not see it. */
bool board_is_interrupted(void);

/* Restarts the board. */
_Noreturn void board_reset(void);

#endif
