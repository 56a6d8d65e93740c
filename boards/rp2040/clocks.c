/* Crystal, PLL and clocks (RP2040 datasheet 2.15, 2.16, 2.18).
 *
 *   crystal 12 MHz -> clk_ref -> 1 us ticks of timer and watchdog
 *                  -> clk_rtc, divided by 256 = 46,875 Hz
 *                  -> PLL 1,500 MHz / 6 / 2 = 125 MHz -> clk_sys -> clk_peri (UART, SPI)
 *
 * The ring oscillator, from which the chip boots, goes on running: it is the source of entropy.
 */

#include "clocks.h"

#include "board_config.h"
#include "registers.h"

enum { RTC_DIVIDER = 256, XOSC_STARTUP_UNIT = 256 };

void clocks_release(uint32_t devices) {
    clear_bits(RESETS_RESET, devices);
    while ((REGISTER(RESETS_RESET_DONE) & devices) != devices)
        continue;
}

static void start_crystal(void) {
    REGISTER(XOSC_CTRL) = XOSC_CTRL_1_15MHZ;
    REGISTER(XOSC_STARTUP) = BOARD_CRYSTAL_HZ / 1000 * BOARD_CRYSTAL_START_MS / XOSC_STARTUP_UNIT;
    set_bits(XOSC_CTRL, XOSC_CTRL_ENABLE);
    while ((REGISTER(XOSC_STATUS) & XOSC_STATUS_STABLE) == 0)
        continue;
}

/* Away from the PLL first: after a restart by the debugger it may be in use. */
static void run_from_crystal(void) {
    clear_bits(CLK_SYS_CTRL, CLK_SYS_SRC_AUX);
    while (REGISTER(CLK_SYS_SELECTED) != 1u << CLK_SYS_SRC_REF)
        continue;
    REGISTER(CLK_REF_DIV) = CLK_DIV(1);
    REGISTER(CLK_REF_CTRL) = CLK_REF_SRC_XOSC;
    while (REGISTER(CLK_REF_SELECTED) != 1u << CLK_REF_SRC_XOSC)
        continue;
}

static void start_pll(void) {
    set_bits(RESETS_RESET, RESET_PLL_SYS);
    clocks_release(RESET_PLL_SYS);
    REGISTER(PLL_SYS_CS) = 1; /* the reference, undivided */
    REGISTER(PLL_SYS_FBDIV_INT) = BOARD_PLL_FEEDBACK;
    clear_bits(PLL_SYS_PWR, PLL_PWR_PD | PLL_PWR_VCOPD);
    while ((REGISTER(PLL_SYS_CS) & PLL_CS_LOCK) == 0)
        continue;
    REGISTER(PLL_SYS_PRIM) =
        PLL_PRIM_POSTDIV1(BOARD_PLL_DIVIDER1) | PLL_PRIM_POSTDIV2(BOARD_PLL_DIVIDER2);
    clear_bits(PLL_SYS_PWR, PLL_PWR_POSTDIVPD);
}

static void run_from_pll(void) {
    REGISTER(CLK_SYS_DIV) = CLK_DIV(1);
    REGISTER(CLK_SYS_CTRL) = CLK_SYS_AUX_PLL | CLK_SYS_SRC_REF;
    set_bits(CLK_SYS_CTRL, CLK_SYS_SRC_AUX);
    while (REGISTER(CLK_SYS_SELECTED) != 1u << CLK_SYS_SRC_AUX)
        continue;
}

void clocks_start(void) {
    start_crystal();
    run_from_crystal();
    start_pll();
    run_from_pll();
    REGISTER(CLK_PERI_CTRL) = CLK_PERI_AUX_SYS | CLK_ENABLE;
    REGISTER(CLK_RTC_CTRL) = CLK_RTC_AUX_XOSC;
    REGISTER(CLK_RTC_DIV) = CLK_DIV(RTC_DIVIDER);
    set_bits(CLK_RTC_CTRL, CLK_ENABLE);
    REGISTER(WATCHDOG_TICK) = BOARD_CRYSTAL_HZ / 1000000 | WATCHDOG_TICK_ENABLE;
}
