/* From reset to main_thread: the vectors, the memories, the two stacks, the memory protection.
 *
 * The program runs on the process stack at the bottom of the SRAM, interrupts and faults on the
 * main stack in a bank of their own. So a program that overflows its stack writes below the SRAM,
 * which faults, and the fault's handler still has a stack. Both stacks are painted, so that what
 * they have used can be read off later.
 */

#include "startup.h"

#include "registers.h"

enum { PAINT = 0x57ac4b0f };

extern uint32_t data_start[], data_end[], data_load[];
extern uint32_t ramfunc_start[], ramfunc_end[], ramfunc_load[];
extern uint32_t bss_start[], bss_end[];

void reset(void);

#define VECTOR_FIRST_IRQ 16

/* The stack pointer, the 15 exceptions of the core, the 26 interrupts of the chip. */
__attribute__((section(".vectors"),
               used)) static const void *const vectors[VECTOR_FIRST_IRQ + 26] = {
    [0] = handler_stack_top,
    [1] = (const void *)reset,
    [2] = (const void *)fault,
    [3] = (const void *)fault,
    [11] = (const void *)fault,
    [14] = (const void *)fault,
    [15] = (const void *)fault,
    [VECTOR_FIRST_IRQ + IRQ_TIMER_0] = (const void *)timer_alarm,
    [VECTOR_FIRST_IRQ + IRQ_TIMER_1] = (const void *)watchdog_alarm,
    [VECTOR_FIRST_IRQ + IRQ_IO_BANK0] = (const void *)gpio_interrupt,
    [VECTOR_FIRST_IRQ + IRQ_UART0] = (const void *)uart_interrupt,
};

/* --- memory ----------------------------------------------------------------------------------- */

static void copy_words(volatile uint32_t *to, const volatile uint32_t *end, const uint32_t *from) {
    while (to < end)
        *to++ = *from++;
}

static void fill_words(volatile uint32_t *to, const volatile uint32_t *end, uint32_t value) {
    while (to < end)
        *to++ = value;
}

enum {
    MPU_RW = 1 << 24,        /* read and write, by privileged code: there is no other */
    MPU_READ_ONLY = 5 << 24, /* no write */
    MPU_NO_ACCESS = 0,
    MPU_NO_EXECUTE = 1 << 28,
    MPU_NORMAL = 1 << 17, /* cacheable: ordinary memory */
    MPU_ON = 1 << 0,
};

/* A region of 2^log2 bytes. */
static void protect(uint32_t number, uint32_t base, uint32_t log2, uint32_t attributes) {
    REGISTER(MPU_RBAR) = base | MPU_RBAR_REGION(number);
    REGISTER(MPU_RASR) = attributes | (log2 - 1) << 1 | MPU_ON;
}

/* Nothing can be written and executed; the window of the flash interface, which ends where the SRAM
 * begins, cannot be touched, so that a stack overflow faults whatever the bus decodes there. Only
 * flash.c, with the protection off, goes to that window. Handlers of faults run without it. */
static void protect_memory(void) {
    protect(0, 0x18000000, 27, MPU_NO_ACCESS | MPU_NO_EXECUTE);
    protect(1, 0x10000000, 24, MPU_READ_ONLY | MPU_NORMAL);
    protect(2, 0x20000000, 18, MPU_RW | MPU_NO_EXECUTE | MPU_NORMAL);
    protect(3, 0x20040000, 12, MPU_READ_ONLY | MPU_NORMAL);
    protect(4, 0x20041000, 12, MPU_RW | MPU_NO_EXECUTE | MPU_NORMAL);
    REGISTER(MPU_CTRL) = MPU_CTRL_ENABLE;
    __asm volatile("dsb\n isb" ::: "memory");
}

/* --- start ------------------------------------------------------------------------------------ */

/* Leaves the main stack to handlers and goes on with the program on its own. */
__attribute__((naked, noreturn)) static void enter_thread(void) {
    __asm volatile("ldr r0, =stack_top\n"
                   "msr psp, r0\n"
                   "movs r0, #2\n"
                   "msr control, r0\n"
                   "isb\n"
                   "ldr r0, =main_thread\n"
                   "bx r0\n"
                   ".pool");
}

void reset(void) {
    REGISTER(NVIC_ICER) = UINT32_MAX; /* what a debugger may have left */
    REGISTER(NVIC_ICPR) = UINT32_MAX;
    fill_words((uint32_t *)stack_bottom, (uint32_t *)stack_top, PAINT);
    fill_words((uint32_t *)handler_stack_bottom, __builtin_frame_address(0), PAINT);
    copy_words(data_start, data_end, data_load);
    copy_words(ramfunc_start, ramfunc_end, ramfunc_load);
    fill_words(bss_start, bss_end, 0);
    protect_memory();
    enter_thread();
}

/* --- figures ---------------------------------------------------------------------------------- */

static uint32_t used(const uint8_t *bottom, const uint8_t *top) {
    const uint32_t *p = (const uint32_t *)(const void *)bottom;
    while ((const uint8_t *)p < top && *p == PAINT)
        p++;
    return (uint32_t)(top - (const uint8_t *)p);
}

struct memory_use memory_use(void) {
    return (struct memory_use){
        .stack_size = (uint32_t)(stack_top - stack_bottom),
        .stack_peak = used(stack_bottom, stack_top),
        .handler_stack_size = (uint32_t)(handler_stack_top - handler_stack_bottom),
        .handler_stack_peak = used(handler_stack_bottom, handler_stack_top),
        .heap_size = (uint32_t)(heap_end - heap_start),
        .heap_peak = heap_peak(),
    };
}
