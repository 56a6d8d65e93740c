// The program translated to C, tier native: linked in, so the path is only its name.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aot_api.h"
#include "program.h"

enum { MAX_SLOTS = 17 };

// Exactly as large as the program's memory, so that a sanitizer sees an access behind it.
static uint8_t *resize(uint8_t *old, uint32_t kept, uint32_t bytes) {
    uint8_t *memory = aligned_alloc(16, bytes);
    if (memory == NULL) return NULL;
    if (kept != 0) memcpy(memory, old, kept);
    memset(memory + kept, 0, bytes - kept);
    free(old);
    return memory;
}

const char *program_load(const char *path) {
    (void)path;
    const enum aot_trap_kind trap = aot_start(resize);
    return trap == AOT_NO_TRAP ? NULL : aot_trap_text(trap);
}

int32_t program_find(const char *name) {
    const struct aot_function *f = aot_find(name);
    return f == NULL ? -1 : (int32_t)(f - aot_program.functions);
}

const char *program_call(int32_t index, const uint64_t *arguments, uint32_t count,
                         enum value_type *type, uint64_t *result) {
    static char text[128];
    const struct aot_function *f = &aot_program.functions[index];
    uint64_t slots[MAX_SLOTS] = {0};
    const char letter = f->signature[0];
    *type = letter == 'v' ? TYPE_NONE : letter == 'i' ? TYPE_I32 : TYPE_I64;
    const uint32_t first = *type == TYPE_NONE ? 0 : 1;
    if (first + count > MAX_SLOTS) return "too many arguments";
    memcpy(slots + first, arguments, count * sizeof slots[0]);
    aot.trap = AOT_NO_TRAP; // a test may go on after a trap, as in the other engines
    aot.depth = 0;
    const enum aot_trap_kind trap = aot_call(f, slots);
    *result = slots[0];
    if (trap == AOT_NO_TRAP) return NULL;
    snprintf(text, sizeof text, "%s at 0x%x", aot_trap_text(trap), (unsigned)aot.trap_site);
    return text;
}

uint8_t *program_memory(uint32_t *size) {
    *size = aot.size;
    return aot.memory;
}

_Noreturn void aot_trap(enum aot_trap_kind kind, uint32_t site);

uint32_t import_hal_random_fill(uint32_t offset, uint32_t length);
uint32_t import_hal_random_fill(uint32_t offset, uint32_t length) {
    int32_t result;
    if (!runner_random(offset, length, &result)) aot_trap(AOT_OUT_OF_BOUNDS, 0);
    return (uint32_t)result;
}

uint64_t import_hal_clock_time(void);
uint64_t import_hal_clock_time(void) {
    return (uint64_t)runner_time();
}
