/* The real-time clock (RP2040 datasheet 4.8): a calendar in hardware, in UTC, years to 4095.
 *
 * It loses its time with the power and with every reset, and does not run until it is set: that is
 * what "never set" means here. After a restart by the watchdog it goes on from what that has kept.
 */

#include "rtc.h"

#include "board_config.h"
#include "clocks.h"
#include "hal.h"
#include "registers.h"

enum {
    RTC_HZ = BOARD_CRYSTAL_HZ / 256,
    DAY = 24 * 60 * 60,
    DAYS_TO_1970 = 719468, /* from 1 March of the year 0 */
    DAYS_400_YEARS = 146097,
    VISIBLE_US = 100, /* three of its cycles until a new time can be read */
};

static const int64_t YEAR_4096 = 67090118400;

struct date {
    uint32_t year, month, day;
};

/* Years begin in March here, so that the leap day is the last one: then a month's first day is a
 * linear function of the month. */
static struct date date_of(uint32_t days_since_1970) {
    const uint32_t days = days_since_1970 + DAYS_TO_1970;
    const uint32_t era = days / DAYS_400_YEARS;
    const uint32_t of_era = days % DAYS_400_YEARS;
    const uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const uint32_t month = (5 * of_year + 2) / 153;
    return (struct date){
        .year = era * 400 + year + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
    };
}

static uint32_t days_of(const struct date *d) {
    const uint32_t year = d->month <= 2 ? d->year - 1 : d->year;
    const uint32_t month = d->month <= 2 ? d->month + 9 : d->month - 3;
    const uint32_t of_year = (153 * month + 2) / 5 + d->day - 1;
    const uint32_t of_era = year % 400;
    return year / 400 * DAYS_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           DAYS_TO_1970;
}

static void stop(void) {
    REGISTER(RTC_CTRL) = 0;
    while ((REGISTER(RTC_CTRL) & RTC_CTRL_ACTIVE) != 0)
        continue;
}

/* The hardware takes every fourth year for a leap year. */
static uint32_t leap_exception(uint32_t year) {
    return year % 100 == 0 && year % 400 != 0 ? RTC_CTRL_NOT_LEAP : 0;
}

int clock_set(int64_t seconds) {
    if (seconds < 0 || seconds >= YEAR_4096) return -HAL_EINVAL;
    const uint32_t days = (uint32_t)(seconds / DAY);
    const uint32_t second = (uint32_t)(seconds % DAY);
    const struct date d = date_of(days);
    const uint32_t control = leap_exception(d.year);
    stop();
    REGISTER(RTC_SETUP_0) = d.year << 12 | d.month << 8 | d.day;
    REGISTER(RTC_SETUP_1) =
        (days + 4) % 7 << 24 | second / 3600 << 16 | second / 60 % 60 << 8 | second % 60;
    REGISTER(RTC_CTRL) = control | RTC_CTRL_LOAD;
    REGISTER(RTC_CTRL) = control | RTC_CTRL_ENABLE;
    while ((REGISTER(RTC_CTRL) & RTC_CTRL_ACTIVE) == 0)
        continue;
    const uint64_t set_at = clock_ticks_us();
    while (clock_ticks_us() - set_at < VISIBLE_US)
        continue;
    return 0;
}

int64_t clock_time(void) {
    if ((REGISTER(RTC_CTRL) & RTC_CTRL_ACTIVE) == 0) return -1;
    const uint32_t before = interrupts_off();  /* the watchdog's reads the time, too */
    const uint32_t time = REGISTER(RTC_RTC_0); /* first: holds the date for the next read */
    const uint32_t date = REGISTER(RTC_RTC_1);
    interrupts_restore(before);
    const struct date d = {.year = date >> 12, .month = date >> 8 & 15, .day = date & 31};
    const uint32_t second = (time >> 16 & 31) * 3600 + (time >> 8 & 63) * 60 + (time & 63);
    return (int64_t)days_of(&d) * DAY + second;
}

void rtc_start(int64_t seconds) {
    clocks_release(RESET_RTC);
    REGISTER(RTC_CLKDIV_M1) = RTC_HZ - 1;
    if (seconds >= 0) (void)clock_set(seconds);
}
