// The program in wasm3. AOT_FUNCTIONS: the tier hybrid, with the translated functions linked in.

#include <stdio.h>
#include <stdlib.h>

#include "program.h"
#include "wasm3.h"

#ifdef AOT_FUNCTIONS
#include "aot_wasm3.h"
#endif

enum { STACK_BYTES = 64 * 1024, MAX_FUNCTIONS = 255, MAX_ARGUMENTS = 16 };

static IM3Runtime runtime;
static IM3Function functions[MAX_FUNCTIONS];
static int32_t function_count;

static m3ApiRawFunction(random_fill) {
    m3ApiReturnType(int32_t) m3ApiGetArg(uint32_t, offset) m3ApiGetArg(uint32_t, length)
        int32_t result;
    if (!runner_random(offset, length, &result)) m3ApiTrap(m3Err_trapOutOfBoundsMemoryAccess);
    m3ApiReturn(result);
}

static m3ApiRawFunction(clock_time) {
    m3ApiReturnType(int64_t) m3ApiReturn(runner_time());
}

static const char *link_import(IM3Module module, const char *name, const char *signature,
                               M3RawCall f) {
    M3Result e = m3_LinkRawFunction(module, "hal", name, signature, f);
    return e == m3Err_functionLookupFailed ? NULL : e; // a program need not import it
}

// wasm3 keeps pointers into the bytes: they are never freed.
static uint8_t *read_file(const char *path, uint32_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) return NULL;
    *size = (uint32_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size);
    if (bytes != NULL && fread(bytes, 1, *size, file) != *size) bytes = NULL;
    fclose(file);
    return bytes;
}

const char *program_load(const char *path) {
    uint32_t size = 0;
    uint8_t *wasm = read_file(path, &size);
    if (wasm == NULL) return "cannot be read";
    IM3Module module;
    IM3Environment environment = m3_NewEnvironment();
    runtime = m3_NewRuntime(environment, STACK_BYTES, NULL);
    const char *e = m3_ParseModule(environment, &module, wasm, size);
    if (e == NULL) e = m3_LoadModule(runtime, module);
    if (e == NULL) e = link_import(module, "random_fill", "i(ii)", random_fill);
    if (e == NULL) e = link_import(module, "clock_time", "I()", clock_time);
#ifdef AOT_FUNCTIONS
    if (e == NULL) e = aot_link(module);
#endif
    if (e == NULL) e = m3_CompileModule(module);
    return e == NULL ? m3_RunStart(module) : e;
}

int32_t program_find(const char *name) {
    if (function_count == MAX_FUNCTIONS) return -1;
    if (m3_FindFunction(&functions[function_count], runtime, name) != NULL) return -1;
    return function_count++;
}

// The trap and the functions it came through, innermost first.
static const char *trap_text(const char *why) {
    static char text[512];
    int length = snprintf(text, sizeof text, "%s in", why);
    IM3BacktraceInfo trace = m3_GetBacktrace(runtime);
    IM3BacktraceFrame frame = trace == NULL ? NULL : trace->frames;
    for (; frame != NULL && frame != M3_BACKTRACE_TRUNCATED; frame = frame->next) {
        const char *name = m3_GetFunctionName(frame->function);
        int n = snprintf(text + length, sizeof text - (size_t)length, " %s", name);
        if (n < 0 || n >= (int)sizeof text - length) break;
        length += n;
    }
    return text;
}

const char *program_call(int32_t index, const uint64_t *arguments, uint32_t count,
                         enum value_type *type, uint64_t *result) {
    const void *pointers[MAX_ARGUMENTS];
    if (count > MAX_ARGUMENTS) return "too many arguments";
    for (uint32_t i = 0; i < count; i++)
        pointers[i] = &arguments[i];
    IM3Function f = functions[index];
    M3Result e = m3_Call(f, count, pointers);
    const void *into = result;
    *type = m3_GetRetCount(f) == 0 ? TYPE_NONE : (enum value_type)m3_GetRetType(f, 0);
    if (e == NULL && *type != TYPE_NONE) e = m3_GetResults(f, 1, &into);
    return e == NULL ? NULL : trap_text(e);
}

uint8_t *program_memory(uint32_t *size) {
    return m3_GetMemory(runtime, size, 0);
}
