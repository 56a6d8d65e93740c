/* A fault: prints what the core knew, then restarts.
 *
 * The handler runs on the main stack, which the program never uses. When the program has run over
 * the bottom of its own stack, the core cannot store its registers there either. ARMv6-M leaves
 * open whether the handler is entered all the same or the core locks up: in the first case the
 * report below says "stack overflow", in the second the watchdog restarts the board, because no
 * interrupt feeds it any more, and the next start says "lock-up". Nothing was overwritten in
 * either.
 */

#include "hal.h"
#include "registers.h"
#include "startup.h"
#include "watchdog.h"

#include <stdbool.h>
#include <stdio.h>

/* As the core stacks them, lowest address first. */
struct frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, psr;
};

enum {
    EXCEPTION_HARD_FAULT = 3,
    EXCEPTION_NUMBER = 0x3f,
    RETURN_TO_PROCESS_STACK = 1 << 2,
    FRAME_BYTES = sizeof(struct frame),
};

_Noreturn void fault_report(uint32_t exception_return, uint32_t process_stack, uint32_t main_stack);

static bool is_on(uint32_t address, const uint8_t *bottom, const uint8_t *top) {
    return address % 4 == 0 && address >= (uint32_t)bottom &&
           address <= (uint32_t)top - FRAME_BYTES;
}

static void print_frame(const struct frame *f) {
    char line[120];
    snprintf(line, sizeof line, "    pc %08lx lr %08lx psr %08lx r12 %08lx", (unsigned long)f->pc,
             (unsigned long)f->lr, (unsigned long)f->psr, (unsigned long)f->r12);
    log_report(line);
    snprintf(line, sizeof line, "    r0 %08lx r1 %08lx r2 %08lx r3 %08lx", (unsigned long)f->r0,
             (unsigned long)f->r1, (unsigned long)f->r2, (unsigned long)f->r3);
    log_report(line);
}

_Noreturn void fault_report(uint32_t exception_return, uint32_t process_stack,
                            uint32_t main_stack) {
    char line[120];
    uint32_t number;
    __asm volatile("mrs %0, ipsr" : "=r"(number));
    number &= EXCEPTION_NUMBER;
    const bool in_program = (exception_return & RETURN_TO_PROCESS_STACK) != 0;
    const uint32_t sp = in_program ? process_stack : main_stack;
    const bool has_frame = in_program ? is_on(sp, stack_bottom, stack_top)
                                      : is_on(sp, handler_stack_bottom, handler_stack_top);
    snprintf(line, sizeof line, "fault: %s in %s, sp %08lx",
             !has_frame                       ? "stack overflow"
             : number == EXCEPTION_HARD_FAULT ? "hard fault"
                                              : "unexpected interrupt",
             in_program ? "the program" : "a handler", (unsigned long)sp);
    log_report(line);
    if (has_frame) print_frame((const struct frame *)sp);
    const struct memory_use m = memory_use();
    snprintf(line, sizeof line, "    exception %lu, stack %lu of %lu, handlers %lu of %lu",
             (unsigned long)number, (unsigned long)m.stack_peak, (unsigned long)m.stack_size,
             (unsigned long)m.handler_stack_peak, (unsigned long)m.handler_stack_size);
    log_report(line);
    watchdog_restart(RESET_FAULT);
}

__attribute__((naked)) void fault(void) {
    __asm volatile("mov r0, lr\n"
                   "mrs r1, psp\n"
                   "mrs r2, msp\n"
                   "ldr r3, =fault_report\n"
                   "bx r3\n"
                   ".pool");
}
