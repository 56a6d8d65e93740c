/* The program in wasm3: tier wasm3; with AOT_FUNCTIONS, and the functions that were translated,
 * tier hybrid. The module is linked in by program.S. */
#include <stddef.h>

#include "server.h"
#include "wasm3.h"

#ifdef AOT_FUNCTIONS
#include "aot_wasm3.h"
#endif

enum { STACK_BYTES = 4096 };

extern const uint8_t program_start[], program_end[];

static IM3Runtime runtime;

static m3ApiRawFunction(random_fill) {
    m3ApiReturnType(int32_t) m3ApiGetArgMem(uint8_t *, into) m3ApiGetArg(uint32_t, length)
        m3ApiCheckMem(into, length);
    static uint32_t stream = 1;
    for (uint32_t i = 0; i < length; i++) {
        stream = stream * 1664525u + 1013904223u;
        into[i] = (uint8_t)(stream >> 24);
    }
    m3ApiReturn(0);
}

static m3ApiRawFunction(clock_time) {
    m3ApiReturnType(int64_t) m3ApiReturn(1767225600);
}

const char *engine_start(void) {
    IM3Module module;
    IM3Environment environment = m3_NewEnvironment();
    runtime = m3_NewRuntime(environment, STACK_BYTES, NULL);
    M3Result e = m3_ParseModule(environment, &module, program_start,
                                (uint32_t)(program_end - program_start));
    if (e == NULL) e = m3_LoadModule(runtime, module);
    if (e != NULL) return e;
    m3_LinkRawFunction(module, "hal", "random_fill", "i(*i)", random_fill);
    m3_LinkRawFunction(module, "hal", "clock_time", "I()", clock_time);
#ifdef AOT_FUNCTIONS
    e = aot_link(module);
    if (e != NULL) return e;
#endif
    return m3_RunStart(module);
}

const char *engine_call(const char *name, uint64_t *slots, uint32_t results, uint32_t arguments) {
    IM3Function f;
    const void *pointers[16];
    M3Result e = m3_FindFunction(&f, runtime, name);
    for (uint32_t i = 0; i < arguments; i++)
        pointers[i] = &slots[results + i];
    if (e == NULL) e = m3_Call(f, arguments, pointers);
    const void *into = &slots[0];
    if (e == NULL && results != 0) e = m3_GetResults(f, 1, &into);
    return e;
}

uint8_t *engine_memory(uint32_t *size) {
    return m3_GetMemory(runtime, size, 0);
}
