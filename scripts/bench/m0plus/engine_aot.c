/* The translated program: tier native. */
#include <stdlib.h>
#include <string.h>

#include "aot_api.h"
#include "server.h"

static uint8_t *resize(uint8_t *old, uint32_t kept, uint32_t bytes) {
    (void)kept;
    uint8_t *memory = realloc(old, bytes);
    if (memory != NULL) memset(memory + kept, 0, bytes - kept);
    return memory;
}

const char *engine_start(void) {
    enum aot_trap_kind trap = aot_start(resize);
    return trap == AOT_NO_TRAP ? NULL : aot_trap_text(trap);
}

const char *engine_call(const char *name, uint64_t *slots, uint32_t results, uint32_t arguments) {
    (void)results;
    (void)arguments;
    const struct aot_function *f = aot_find(name);
    if (f == NULL) return "no such function";
    enum aot_trap_kind trap = aot_call(f, slots);
    return trap == AOT_NO_TRAP ? NULL : aot_trap_text(trap);
}

uint8_t *engine_memory(uint32_t *size) {
    *size = aot.size;
    return aot.memory;
}

/* The imports of ssl.wasm that a primitive may reach. */
uint32_t import_hal_random_fill(uint32_t offset, uint32_t length);
uint32_t import_hal_random_fill(uint32_t offset, uint32_t length) {
    static uint32_t stream = 1;
    for (uint32_t i = 0; i < length && offset + i < aot.size; i++) {
        stream = stream * 1664525u + 1013904223u;
        aot.memory[offset + i] = (uint8_t)(stream >> 24);
    }
    return 0;
}

uint64_t import_hal_clock_time(void);
uint64_t import_hal_clock_time(void) {
    return 1767225600;
}
