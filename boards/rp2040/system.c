/* What newlib needs of a system: memory, and an end. There are no files here; hal.h has those. */

#include "board.h"
#include "hal.h"
#include "startup.h"

#include <errno.h>
#include <stddef.h>

static uint8_t *heap_top = heap_start;

void *_sbrk(ptrdiff_t increment);
_Noreturn void _exit(int status);
int _kill(int process, int signal);
int _getpid(void);

/* malloc asks here for more. */
void *_sbrk(ptrdiff_t increment) {
    if (increment > heap_end - heap_top || increment < heap_start - heap_top) {
        errno = ENOMEM;
        return (void *)-1;
    }
    uint8_t *before = heap_top;
    heap_top += increment;
    return before;
}

uint32_t heap_peak(void) {
    return (uint32_t)(heap_top - heap_start);
}

/* Where abort and a failed assertion of a library end. */
_Noreturn void _exit(int status) {
    (void)status;
    log_report("fault: a library gave up");
    board_reset();
}

int _kill(int process, int signal) {
    (void)process;
    (void)signal;
    errno = EINVAL;
    return -1;
}

int _getpid(void) {
    return 1;
}
