/* What start-up leaves behind: the stacks and what they have used, the heap. */

#ifndef RP2040_STARTUP_H
#define RP2040_STARTUP_H

#include <stdint.h>

/* The vectors' entries, each defined beside its device. */
void timer_alarm(void);
void watchdog_alarm(void);
void gpio_interrupt(void);
void uart_interrupt(void);
void fault(void);

/* The firmware, on the program's stack; never returns. */
_Noreturn void main_thread(void);

extern uint8_t stack_bottom[], stack_top[];
extern uint8_t handler_stack_bottom[], handler_stack_top[];
extern uint8_t heap_start[], heap_end[];

/* The most that malloc ever had (system.c). */
uint32_t heap_peak(void);

struct memory_use {
    uint32_t stack_size, stack_peak;
    uint32_t handler_stack_size, handler_stack_peak;
    uint32_t heap_size, heap_peak;
};

struct memory_use memory_use(void);

#endif
