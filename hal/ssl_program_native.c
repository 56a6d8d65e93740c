/* Tier native: all of ssl.wasm as C, on a memory of its own. */

#include "ssl_program.h"

#include "aot_api.h"
#include "aot_report.h"
#include "hal.h"
#include "wipe.h"

#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 4 };

const char ssl_program_tier[] = "native";
const char ssl_program_name[] = "ssl";
const bool ssl_program_has_module = false;

/* Exactly as large as the program's memory, so that a sanitizer sees an access behind it. */
static uint8_t *resize(uint8_t *old, uint32_t kept, uint32_t bytes) {
    uint8_t *memory = malloc(bytes);
    if (memory == NULL) return NULL;
    if (kept != 0) memcpy(memory, old, kept);
    memset(memory + kept, 0, bytes - kept);
    if (old != NULL) wipe(old, kept);
    free(old);
    return memory;
}

const char *ssl_program_load(const uint8_t *wasm, uint32_t size, uint32_t memory_limit) {
    (void)wasm;
    (void)size;
    if (memory_limit < aot_program.memory_floor) return "needs more memory than it may have";
    aot_limit(memory_limit);
    const enum aot_trap_kind trap = aot_start(resize);
    return trap == AOT_NO_TRAP ? NULL : aot_trap_text(trap);
}

const struct ssl_function *ssl_program_find(const char *name, uint32_t argument_count) {
    static const char *const signatures[] = {"i()", "i(i)", "i(ii)", "i(iii)", "i(iiii)"};
    const struct aot_function *f = aot_find(name);
    if (f == NULL || argument_count > ARGUMENTS_MAX) return NULL;
    if (strcmp(f->signature + 1, signatures[argument_count] + 1) != 0) return NULL;
    return f->signature[0] == 'i' || f->signature[0] == 'v' ? (const struct ssl_function *)f : NULL;
}

enum vm_outcome ssl_program_run(const struct ssl_function *function, const uint32_t *arguments,
                                int32_t *result) {
    const struct aot_function *f = (const struct aot_function *)function;
    const uint32_t first = f->signature[0] == 'v' ? 0 : 1;
    uint64_t slots[1 + ARGUMENTS_MAX] = {0};
    for (uint32_t i = 0; f->signature[2 + i] == 'i'; i++)
        slots[first + i] = arguments[i];
    if (aot_call(f, slots) != AOT_NO_TRAP) return VM_TRAP;
    if (first == 1) *result = (int32_t)(uint32_t)slots[0];
    return VM_DONE;
}

uint8_t *ssl_program_range(uint32_t offset, uint32_t length) {
    if (offset > aot.size || length > aot.size - offset) return NULL;
    return aot.memory + offset;
}

void ssl_program_report(void) {
    aot_report();
}

struct vm_figures ssl_program_figures(void) {
    return (struct vm_figures){.memory = aot.size};
}

void ssl_program_free(void) {
    if (aot.memory != NULL) wipe(aot.memory, aot.size);
    free(aot.memory);
    aot.memory = NULL;
    aot.size = 0;
}

/* The two imports of ssl.wasm; hal/surface.def. */
uint32_t import_hal_random_fill(uint32_t offset, uint32_t length);
uint32_t import_hal_random_fill(uint32_t offset, uint32_t length) {
    uint8_t *into = ssl_program_range(offset, length);
    return (uint32_t)(into == NULL ? -HAL_EIO : random_fill(into, length));
}

uint64_t import_hal_clock_time(void);
uint64_t import_hal_clock_time(void) {
    return (uint64_t)clock_time();
}
