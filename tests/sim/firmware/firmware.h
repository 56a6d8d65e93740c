/* What a test's firmware has to hand: registers, a console, the boot ROM's functions, and hooks for
 * exceptions. The test is main(); what it prints is what the test in TypeScript waits for. */
#ifndef FIRMWARE_H
#define FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
/* Atomic aliases of a peripheral's register. */
#define SET(address)   REGISTER((address) + 0x2000)
#define CLEAR(address) REGISTER((address) + 0x3000)
#define IN_RAM         __attribute__((noinline, long_call, section(".ramfunc")))

enum {
    RESETS = 0x4000c000,
    CLOCKS = 0x40008000,
    WATCHDOG = 0x40058000,
    TIMER = 0x40054000,
    RTC = 0x4005c000,
    ROSC = 0x40060000,
    UART0 = 0x40034000,
    SPI0 = 0x4003c000,
    PSM = 0x40010000,
    DMA = 0x50000000,
    SSI = 0x18000000,
    FLASH = 0x10000000,
    MHZ = 12,
};
#define NVIC_ENABLE REGISTER(0xe000e100u)
#define SCR         REGISTER(0xe000ed10u)

void main(void);

/* Prints text, and where it ends with '=', the value in hexadecimal; then a line end. */
void print(const char *text, uint32_t value);
void drain(void);
/* Takes peripherals out of reset. */
void release(uint32_t bits);
/* Puts a pin on a function, with its input on. */
void pin(uint32_t number, uint32_t function);
void *rom_function(char first, char second);

/* What happens in the exceptions; the defaults print and stop, or do nothing. */
extern void (*hard_fault_hook)(uint32_t *frame);
extern void (*irq_hook)(void);
extern volatile uint32_t irq_count, svc_count, pendsv_count, systick_count;

struct flash_functions {
    void (*connect)(void);
    void (*exit_xip)(void);
    void (*erase)(uint32_t offset, uint32_t count, uint32_t block_size, uint8_t block_command);
    void (*program)(uint32_t offset, const uint8_t *bytes, uint32_t count);
    void (*flush)(void);
    void (*enter_xip)(void);
};
struct flash_functions flash_functions(void);

#endif
