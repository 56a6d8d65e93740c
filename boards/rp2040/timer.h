/* The 64-bit microsecond timer: clock_ticks_us of hal.h, board_wait of board.h.
 */

#ifndef RP2040_TIMER_H
#define RP2040_TIMER_H

void timer_start(void);

#endif
