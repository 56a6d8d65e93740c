/* The registers of the RP2040 that this firmware uses, named as in the datasheet; the section of
 * each block stands beside it. Every peripheral register has aliases that set or clear single bits.
 */

#ifndef RP2040_REGISTERS_H
#define RP2040_REGISTERS_H

#include <stdint.h>

/* Inlined wherever they are used: some callers run while nothing can be read from flash. */
#define INLINED static inline __attribute__((always_inline))

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

INLINED void set_bits(uint32_t address, uint32_t bits) {
    REGISTER(address + 0x2000u) = bits;
}

INLINED void clear_bits(uint32_t address, uint32_t bits) {
    REGISTER(address + 0x3000u) = bits;
}

/* 2.14 subsystem resets */
#define RESETS_RESET      0x4000c000u
#define RESETS_RESET_DONE 0x4000c008u
#define RESET_DMA         (1u << 2)
#define RESET_IO_BANK0    (1u << 5)
#define RESET_PADS_BANK0  (1u << 8)
#define RESET_PLL_SYS     (1u << 12)
#define RESET_RTC         (1u << 15)
#define RESET_SPI0        (1u << 16)
#define RESET_TIMER       (1u << 21)
#define RESET_UART0       (1u << 22)

/* 2.13 power-on state machine */
#define PSM_WDSEL      0x40010008u
#define PSM_WDSEL_ALL  0x0001ffffu
#define PSM_WDSEL_ROSC (1u << 0)
#define PSM_WDSEL_XOSC (1u << 1)

/* 2.12 chip-level reset */
#define CHIP_RESET                 0x40064008u
#define CHIP_RESET_HAD_POR         (1u << 8)
#define CHIP_RESET_HAD_RUN         (1u << 16)
#define CHIP_RESET_HAD_PSM_RESTART (1u << 20)

/* 2.16 crystal oscillator */
#define XOSC_CTRL          0x40024000u
#define XOSC_STATUS        0x40024004u
#define XOSC_STARTUP       0x4002400cu
#define XOSC_CTRL_1_15MHZ  0xaa0u
#define XOSC_CTRL_ENABLE   (0xfabu << 12)
#define XOSC_STATUS_STABLE (1u << 31)

/* 2.17 ring oscillator */
#define ROSC_CTRL          0x40060000u
#define ROSC_STATUS        0x40060018u
#define ROSC_RANDOMBIT     0x4006001cu
#define ROSC_STATUS_STABLE (1u << 31)

/* 2.18 PLL */
#define PLL_SYS_CS           0x40028000u
#define PLL_SYS_PWR          0x40028004u
#define PLL_SYS_FBDIV_INT    0x40028008u
#define PLL_SYS_PRIM         0x4002800cu
#define PLL_CS_LOCK          (1u << 31)
#define PLL_PWR_PD           (1u << 0)
#define PLL_PWR_POSTDIVPD    (1u << 3)
#define PLL_PWR_VCOPD        (1u << 5)
#define PLL_PRIM_POSTDIV1(n) ((uint32_t)(n) << 16)
#define PLL_PRIM_POSTDIV2(n) ((uint32_t)(n) << 12)

/* 2.15 clocks */
#define CLK_REF_CTRL     0x40008030u
#define CLK_REF_DIV      0x40008034u
#define CLK_REF_SELECTED 0x40008038u
#define CLK_SYS_CTRL     0x4000803cu
#define CLK_SYS_DIV      0x40008040u
#define CLK_SYS_SELECTED 0x40008044u
#define CLK_PERI_CTRL    0x40008048u
#define CLK_RTC_CTRL     0x4000806cu
#define CLK_RTC_DIV      0x40008070u
#define CLK_REF_SRC_XOSC 2u
#define CLK_SYS_SRC_REF  0u
#define CLK_SYS_SRC_AUX  1u
#define CLK_SYS_AUX_PLL  (0u << 5)
#define CLK_PERI_AUX_SYS (0u << 5)
#define CLK_RTC_AUX_XOSC (3u << 5)
#define CLK_ENABLE       (1u << 11)
#define CLK_DIV(n)       ((uint32_t)(n) << 8)

/* 4.7 watchdog */
#define WATCHDOG_CTRL         0x40058000u
#define WATCHDOG_LOAD         0x40058004u
#define WATCHDOG_REASON       0x40058008u
#define WATCHDOG_SCRATCH(n)   (0x4005800cu + 4u * (n))
#define WATCHDOG_TICK         0x4005802cu
#define WATCHDOG_CTRL_TRIGGER (1u << 31)
#define WATCHDOG_CTRL_ENABLE  (1u << 30)
#define WATCHDOG_CTRL_PAUSE   (7u << 24)
#define WATCHDOG_LOAD_MAX     0x00ffffffu
#define WATCHDOG_REASON_TIMER (1u << 0)
#define WATCHDOG_REASON_FORCE (1u << 1)
#define WATCHDOG_TICK_ENABLE  (1u << 9)

/* 4.6 timer */
#define TIMER_ALARM(n) (0x40054010u + 4u * (n))
#define TIMER_ARMED    0x40054020u
#define TIMER_TIMERAWH 0x40054024u
#define TIMER_TIMERAWL 0x40054028u
#define TIMER_DBGPAUSE 0x4005402cu
#define TIMER_INTR     0x40054034u
#define TIMER_INTE     0x40054038u

/* 2.19 GPIO; the pads have the reset value of the datasheet unless gpio.c says otherwise */
#define IO_GPIO_CTRL(pin)  (0x40014004u + 8u * (pin))
#define IO_PROC0_INTE(pin) (0x40014100u + 4u * ((pin) / 8u))
#define IO_LEVEL_LOW(pin)  (1u << 4u * ((pin) % 8u))
#define IO_FUNCTION_SPI    1u
#define IO_FUNCTION_UART   2u
#define IO_FUNCTION_SIO    5u
#define PADS_GPIO(pin)     (0x4001c004u + 4u * (pin))
#define PADS_SCHMITT       (1u << 1)
#define PADS_PULL_DOWN     (1u << 2)
#define PADS_PULL_UP       (1u << 3)
#define PADS_DRIVE_4MA     (1u << 4)
#define PADS_INPUT         (1u << 6)
#define SIO_GPIO_IN        0xd0000004u
#define SIO_GPIO_OUT_SET   0xd0000014u
#define SIO_GPIO_OUT_CLR   0xd0000018u
#define SIO_GPIO_OE_SET    0xd0000024u
#define SIO_GPIO_OE_CLR    0xd0000028u

/* 4.2 UART, an ARM PL011 */
#define UART0_DR      0x40034000u
#define UART0_FR      0x40034018u
#define UART0_IBRD    0x40034024u
#define UART0_FBRD    0x40034028u
#define UART0_LCR_H   0x4003402cu
#define UART0_CR      0x40034030u
#define UART0_IFLS    0x40034034u
#define UART0_IMSC    0x40034038u
#define UART0_ICR     0x40034044u
#define UART_DR_ERROR 0xf00u
#define UART_FR_BUSY  (1u << 3)
#define UART_FR_RXFE  (1u << 4)
#define UART_FR_TXFF  (1u << 5)
#define UART_LCR_8N1  (3u << 5)
#define UART_LCR_FIFO (1u << 4)
#define UART_CR_ON    (1u << 0 | 1u << 8 | 1u << 9)
#define UART_INT_RX   (1u << 4)
#define UART_INT_TX   (1u << 5)
#define UART_INT_RT   (1u << 6)

/* 4.4 SPI, an ARM PL022 */
#define SPI0_CR0       0x4003c000u
#define SPI0_CR1       0x4003c004u
#define SPI0_DR        0x4003c008u
#define SPI0_SR        0x4003c00cu
#define SPI0_CPSR      0x4003c010u
#define SPI_CR0_8BIT   7u
#define SPI_CR0_SCR(n) ((uint32_t)(n) << 8)
#define SPI_CR1_ON     (1u << 1)
#define SPI_SR_RNE     (1u << 2)
#define SPI_SR_BSY     (1u << 4)

/* 4.8 RTC */
#define RTC_CLKDIV_M1     0x4005c000u
#define RTC_SETUP_0       0x4005c004u
#define RTC_SETUP_1       0x4005c008u
#define RTC_CTRL          0x4005c00cu
#define RTC_RTC_1         0x4005c018u
#define RTC_RTC_0         0x4005c01cu
#define RTC_CTRL_ENABLE   (1u << 0)
#define RTC_CTRL_ACTIVE   (1u << 1)
#define RTC_CTRL_LOAD     (1u << 4)
#define RTC_CTRL_NOT_LEAP (1u << 8)

/* 2.4 Cortex-M0+: NVIC, system control block, MPU */
#define NVIC_ISER          0xe000e100u
#define NVIC_ICER          0xe000e180u
#define NVIC_ICPR          0xe000e280u
#define SCB_VTOR           0xe000ed08u
#define MPU_CTRL           0xe000ed94u
#define MPU_RBAR           0xe000ed9cu
#define MPU_RASR           0xe000eda0u
#define MPU_CTRL_ENABLE    (1u << 0 | 1u << 2) /* the default map applies outside the regions */
#define MPU_RBAR_REGION(n) ((uint32_t)(n) | 1u << 4)

/* 2.3.2 interrupts */
enum {
    IRQ_TIMER_0 = 0,
    IRQ_TIMER_1 = 1,
    IRQ_IO_BANK0 = 13,
    IRQ_UART0 = 20,
};

static inline void interrupt_enable(uint32_t number) {
    REGISTER(NVIC_ICPR) = 1u << number;
    REGISTER(NVIC_ISER) = 1u << number;
}

/* Masks interrupts; gives what interrupts_restore takes. */
INLINED uint32_t interrupts_off(void) {
    uint32_t before;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(before)::"memory");
    return before;
}

INLINED void interrupts_restore(uint32_t before) {
    __asm volatile("msr primask, %0" ::"r"(before) : "memory");
}

#endif
