/* Tier hybrid: translated functions as imports of the remaining module, on wasm3's memory and in
 * the very cells of its globals. A trap in them becomes wasm3's trap, so the report and the end of
 * the instance are the same. */
#include "aot_wasm3.h"

#include <string.h>

#include "aot_api.h"
#include "m3_env.h"

enum { MAXIMUM_SLOTS = 17 };

static const void *trap_of(enum aot_trap_kind kind) {
    switch (kind) {
    case AOT_NO_TRAP:
        return m3Err_none;
    case AOT_UNREACHABLE:
        return m3Err_trapUnreachable;
    case AOT_OUT_OF_BOUNDS:
        return m3Err_trapOutOfBoundsMemoryAccess;
    case AOT_DIVIDE_BY_ZERO:
        return m3Err_trapDivisionByZero;
    case AOT_INTEGER_OVERFLOW:
        return m3Err_trapIntegerOverflow;
    case AOT_INVALID_CONVERSION:
        return m3Err_trapIntegerConversion;
    case AOT_STACK_EXHAUSTED:
        return m3Err_trapStackOverflow;
    default:
        return aot_trap_text(kind);
    }
}

/* wasm3 grants 4-byte alignment to the slots where the translated code wants 8: they are copied. */
static const void *enter(IM3Runtime runtime, IM3ImportContext context, uint64_t *sp, void *memory) {
    const struct aot_function *f = context->userdata;
    uint64_t slots[MAXIMUM_SLOTS];
    const uint32_t results = m3_GetRetCount(context->function);
    const uint32_t count = results + m3_GetArgCount(context->function);
    memcpy(slots, sp, count * sizeof slots[0]);
    aot.memory = memory;
    aot.size = m3_GetMemorySize(runtime);
    aot.trap = AOT_NO_TRAP;
    aot.depth = 0;
    const enum aot_trap_kind trap = aot_call(f, slots);
    if (results != 0) memcpy(sp, slots, sizeof slots[0]);
    return trap_of(trap);
}

static const char *link_global(IM3Module module, const struct aot_shared_global *shared) {
    IM3Global global = m3_FindGlobal(module, shared->name);
    if (global == NULL) return "the remaining module lacks a shared global";
    *shared->cell = &global->i64Value; /* a union: all its members start here */
    return NULL;
}

const char *aot_link(IM3Module module) {
    if (m3_GetMemorySize(module->runtime) < aot_program.memory_floor)
        return "needs more memory than it may have";
    for (uint32_t i = 0; i < aot_program.global_count; i++) {
        const char *wrong = link_global(module, &aot_program.globals[i]);
        if (wrong != NULL) return wrong;
    }
    for (uint32_t i = 0; i < aot_program.function_count; i++) {
        const struct aot_function *f = &aot_program.functions[i];
        const char *wrong = m3_LinkRawFunctionEx(module, "aot", f->name, f->signature, enter, f);
        if (wrong != NULL) return wrong;
    }
    return NULL;
}
