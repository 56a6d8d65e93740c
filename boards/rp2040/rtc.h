/* The real-time clock: clock_time and clock_set of hal.h. */

#ifndef RP2040_RTC_H
#define RP2040_RTC_H

#include <stdint.h>

/* `seconds`: the time to go on from, -1 where it is not known. */
void rtc_start(int64_t seconds);

#endif
