/* Starts and calls a translated program, and catches its traps: setjmp at the entry, longjmp from
 * the trap. */
#include <setjmp.h>
#include <string.h>

#include "aot_api.h"

/* Nested calls of recursive functions before "call stack exhausted"; each takes some hundred bytes
 * of native stack. */
#ifndef AOT_MAXIMUM_DEPTH
#define AOT_MAXIMUM_DEPTH 200
#endif

#define PAGE        UINT32_C(65536)
#define GROW_FAILED UINT32_MAX

struct aot_state aot;

static jmp_buf entry;
static aot_resize resize_memory;
static uint32_t limit = UINT32_MAX;

_Noreturn void aot_trap(enum aot_trap_kind kind, uint32_t site);

_Noreturn void aot_trap(enum aot_trap_kind kind, uint32_t site) {
    aot.trap = kind;
    aot.trap_site = site;
    longjmp(entry, 1);
}

void aot_limit(uint32_t bytes) {
    limit = bytes;
}

enum aot_trap_kind aot_start(aot_resize resize) {
    uint32_t bytes = aot_program.initial_pages * PAGE;
    if (bytes > limit) bytes = limit;
    if (bytes < aot_program.memory_floor) return AOT_OUT_OF_BOUNDS;
    resize_memory = resize;
    aot.memory = resize(NULL, 0, bytes);
    if (aot.memory == NULL) return AOT_OUT_OF_BOUNDS;
    aot.size = bytes;
    aot.depth = 0;
    aot.trap = AOT_NO_TRAP;
    if (setjmp(entry) == 0) aot_program.initialise();
    return aot.trap;
}

enum aot_trap_kind aot_call(const struct aot_function *f, uint64_t *slots) {
    if (aot.trap != AOT_NO_TRAP) return aot.trap;
    if (setjmp(entry) == 0) f->call(slots);
    return aot.trap;
}

const struct aot_function *aot_find(const char *name) {
    for (uint32_t i = 0; i < aot_program.function_count; i++) {
        if (strcmp(aot_program.functions[i].name, name) == 0) return &aot_program.functions[i];
    }
    return NULL;
}

uint32_t aot_grow(uint32_t pages) {
    uint32_t before = (uint32_t)(((uint64_t)aot.size + PAGE - 1) / PAGE);
    if (pages > aot_program.maximum_pages || before > aot_program.maximum_pages - pages)
        return GROW_FAILED;
    if (pages == 0) return before;
    if ((uint64_t)(before + pages) * PAGE > UINT32_MAX) return GROW_FAILED;
    if ((before + pages - 1) * PAGE >= limit) return GROW_FAILED;
    uint32_t bytes = (before + pages) * PAGE;
    if (bytes > limit) bytes = limit;
    uint8_t *memory = resize_memory(aot.memory, aot.size, bytes);
    if (memory == NULL) return GROW_FAILED;
    aot.memory = memory;
    aot.size = bytes;
    return before;
}

void aot_enter(uint32_t site) {
    if (++aot.depth > AOT_MAXIMUM_DEPTH) aot_trap(AOT_STACK_EXHAUSTED, site);
}

const char *aot_trap_text(enum aot_trap_kind kind) {
    switch (kind) {
    case AOT_NO_TRAP:
        return "no trap";
    case AOT_UNREACHABLE:
        return "unreachable executed";
    case AOT_OUT_OF_BOUNDS:
        return "out of bounds memory access";
    case AOT_DIVIDE_BY_ZERO:
        return "integer divide by zero";
    case AOT_INTEGER_OVERFLOW:
        return "integer overflow";
    case AOT_INVALID_CONVERSION:
        return "invalid conversion to integer";
    case AOT_UNDEFINED_ELEMENT:
        return "undefined element";
    case AOT_INDIRECT_TYPE:
        return "indirect call type mismatch";
    case AOT_STACK_EXHAUSTED:
        return "call stack exhausted";
    case AOT_MISALIGNED:
        return "access less aligned than promised";
    }
    return "unknown trap";
}

const char *aot_function_at(uint32_t offset) {
    const char *name = "?";
    for (uint32_t i = 0; i < aot_program.place_count; i++) {
        if (aot_program.places[i].offset <= offset) name = aot_program.places[i].function;
    }
    return name;
}
