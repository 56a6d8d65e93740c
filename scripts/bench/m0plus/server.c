/* Serves calls of a WebAssembly program on a bare Cortex-M0+ to scripts/bench/m0plus/board.ts,
 * which fills the mailbox and reads the cycle counter at the two breakpoints around each call. */
#include <string.h>

#include "server.h"

enum { BREAK_READY = 0, BREAK_DONE = 1, NAME_BYTES = 64, MAXIMUM_SLOTS = 17 };

/* board.ts knows this layout. */
struct {
    uint64_t slots[MAXIMUM_SLOTS];
    char name[NAME_BYTES];
    uint32_t results, arguments;
    const char *error;
    uint8_t *memory;
    uint32_t memory_size;
} mailbox;

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];
void reset(void);

static void fault(void) {
    mailbox.error = "hard fault";
    for (;;)
        __asm volatile("bkpt #1");
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
    stack_top, (const void *)reset, (const void *)fault, (const void *)fault};

static void update(void) {
    mailbox.memory = engine_memory(&mailbox.memory_size);
}

void reset(void) {
    memcpy(data_start, data_load, (uintptr_t)data_end - (uintptr_t)data_start);
    memset(bss_start, 0, (uintptr_t)bss_end - (uintptr_t)bss_start);
    mailbox.error = engine_start();
    update();
    for (;;) {
        __asm volatile("bkpt #0" ::: "memory");
        mailbox.error =
            engine_call(mailbox.name, mailbox.slots, mailbox.results, mailbox.arguments);
        __asm volatile("bkpt #1" ::: "memory");
        update();
    }
}

/* newlib's heap: from the end of the data to the end of the RAM. */
void *_sbrk(intptr_t more);
void *_sbrk(intptr_t more) {
    extern uint8_t heap_start[], heap_end[];
    static uint8_t *top = heap_start;
    if (more > heap_end - top) return (void *)-1;
    uint8_t *block = top;
    top += more;
    return block;
}
