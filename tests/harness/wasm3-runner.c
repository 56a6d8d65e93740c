// Runs one WebAssembly program in wasm3 for the tests: requests on standard input, answers on
// standard output.
//
//   Find    name                          -> i32 index, -1: no such export
//   Call    index, count, 8 bytes each    -> type 0 none 1 i32 2 i64, 8 bytes of result; or 255,
//   the trap's text Read    offset, length                -> 0, the bytes; or 1: outside the memory
//   Write   offset, length, bytes         no answer         Random   length (-1: the endless
//   stream), pool   no answer Size                                  -> u32            Time     i64
//   no answer
//
// Numbers are little-endian, as on every machine this runs on. It is trusted by and trusts only
// tests/harness/wasm3.ts.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm3.h"

enum { FIND = 1, CALL, READ, WRITE, SIZE, RANDOM, TIME };
enum { STACK_BYTES = 64 * 1024, MAX_FUNCTIONS = 255, MAX_ARGUMENTS = 16, EIO_RESULT = -5 };

static IM3Runtime runtime;
static IM3Function functions[MAX_FUNCTIONS];
static uint32_t function_count;

static uint8_t *pool; // NULL: the endless stream
static uint32_t pool_left, pool_at, stream;
static int64_t clock_seconds;

static void fail(const char *what, const char *why) {
    fprintf(stderr, "wasm3-runner: %s: %s\n", what, why);
    exit(1);
}

static void get(void *into, size_t n) {
    if (n != 0 && fread(into, 1, n, stdin) != n) exit(0); // the test process ended
}

static uint32_t get_u32(void) {
    uint32_t value;
    get(&value, sizeof value);
    return value;
}

static void put(const void *from, size_t n) {
    if (n != 0 && fwrite(from, 1, n, stdout) != n) exit(0);
}

static uint8_t *range(uint32_t offset, uint32_t length) {
    uint32_t size;
    uint8_t *memory = m3_GetMemory(runtime, &size, 0);
    return offset <= size && length <= size - offset ? memory + offset : NULL;
}

static m3ApiRawFunction(random_fill) {
    m3ApiReturnType(int32_t) m3ApiGetArg(uint32_t, offset) m3ApiGetArg(uint32_t, length)
        uint8_t *into = range(offset, length);
    if (into == NULL) m3ApiTrap(m3Err_trapOutOfBoundsMemoryAccess);
    if (pool == NULL) {
        for (uint32_t i = 0; i < length; i++) {
            stream = stream * 1664525u + 1013904223u;
            into[i] = stream >> 24;
        }
        m3ApiReturn(0);
    }
    if (length > pool_left) m3ApiReturn(EIO_RESULT);
    memcpy(into, pool + pool_at, length);
    pool_at += length;
    pool_left -= length;
    m3ApiReturn(0);
}

static m3ApiRawFunction(clock_time) {
    m3ApiReturnType(int64_t) m3ApiReturn(clock_seconds);
}

static void link_import(IM3Module module, const char *name, const char *signature, M3RawCall f) {
    M3Result e = m3_LinkRawFunction(module, "hal", name, signature, f);
    if (e != NULL && e != m3Err_functionLookupFailed) // a program need not import it
        fail(name, e);
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) fail(path, "cannot be read");
    long size = ftell(file);
    rewind(file);
    uint8_t *wasm = malloc((size_t)size); // wasm3 keeps pointers into it
    if (wasm == NULL || fread(wasm, 1, (size_t)size, file) != (size_t)size)
        fail(path, "cannot be read");
    fclose(file);
    IM3Module module;
    IM3Environment environment = m3_NewEnvironment();
    runtime = m3_NewRuntime(environment, STACK_BYTES, NULL);
    M3Result e = m3_ParseModule(environment, &module, wasm, (uint32_t)size);
    if (e == NULL) e = m3_LoadModule(runtime, module);
    if (e != NULL) fail(path, e);
    link_import(module, "random_fill", "i(ii)", random_fill);
    link_import(module, "clock_time", "I()", clock_time);
    e = m3_CompileModule(module);
    if (e == NULL) e = m3_RunStart(module);
    if (e != NULL) fail(path, e);
}

static void serve_find(void) {
    char name[256];
    uint32_t length = get_u32();
    if (length >= sizeof name || function_count == MAX_FUNCTIONS)
        fail("find", "name too long or too many functions");
    get(name, length);
    name[length] = 0;
    int32_t index = -1;
    if (m3_FindFunction(&functions[function_count], runtime, name) == NULL)
        index = (int32_t)function_count++;
    put(&index, sizeof index);
}

// The trap and the functions it came through, innermost first.
static void put_trap(const char *why) {
    char text[512];
    uint32_t length = (uint32_t)snprintf(text, sizeof text, "%s in", why);
    IM3BacktraceInfo trace = m3_GetBacktrace(runtime);
    IM3BacktraceFrame frame = trace == NULL ? NULL : trace->frames;
    for (; frame != NULL && frame != M3_BACKTRACE_TRUNCATED; frame = frame->next) {
        const char *name = m3_GetFunctionName(frame->function);
        int n = snprintf(text + length, sizeof text - length, " %s", name);
        if (n < 0 || (size_t)n >= sizeof text - length) break;
        length += (uint32_t)n;
    }
    uint8_t trap = 255;
    put(&trap, 1);
    put(&length, sizeof length);
    put(text, length);
}

static void serve_call(void) {
    uint8_t head[2];
    uint64_t values[MAX_ARGUMENTS], result = 0;
    const void *pointers[MAX_ARGUMENTS];
    get(head, sizeof head);
    if (head[1] > MAX_ARGUMENTS) fail("call", "too many arguments");
    get(values, 8 * (size_t)head[1]);
    for (int i = 0; i < head[1]; i++)
        pointers[i] = &values[i];
    IM3Function f = functions[head[0]];
    M3Result e = m3_Call(f, head[1], pointers);
    const void *into = &result;
    uint8_t type = m3_GetRetCount(f) == 0 ? 0 : (uint8_t)m3_GetRetType(f, 0);
    if (e == NULL && type != 0) e = m3_GetResults(f, 1, &into);
    if (e != NULL) {
        put_trap(e);
        return;
    }
    put(&type, 1);
    put(&result, sizeof result);
}

static void serve_read(void) {
    uint32_t offset = get_u32(), length = get_u32();
    const uint8_t *from = range(offset, length);
    uint8_t outside = from == NULL;
    put(&outside, 1);
    if (!outside) put(from, length);
}

static void serve_write(void) {
    uint32_t offset = get_u32(), length = get_u32();
    uint8_t *into = range(offset, length);
    if (into == NULL) fail("write", "outside the memory");
    get(into, length);
}

static void serve_random(void) {
    uint32_t length = get_u32();
    free(pool);
    pool = NULL;
    pool_at = pool_left = stream = 0;
    if (length == UINT32_MAX) return;
    pool = malloc(length + 1);
    if (pool == NULL) fail("random", "no memory");
    get(pool, length);
    pool_left = length;
}

static void serve_size(void) {
    uint32_t size = m3_GetMemorySize(runtime);
    put(&size, sizeof size);
}

int main(int count, char **arguments) {
    if (count != 2) fail("usage", "wasm3-runner PROGRAM.wasm");
    load(arguments[1]);
    for (;;) {
        uint8_t op;
        get(&op, 1);
        switch (op) {
        case FIND:
            serve_find();
            break;
        case CALL:
            serve_call();
            break;
        case READ:
            serve_read();
            break;
        case WRITE:
            serve_write();
            break;
        case SIZE:
            serve_size();
            break;
        case RANDOM:
            serve_random();
            break;
        case TIME:
            get(&clock_seconds, sizeof clock_seconds);
            break;
        default:
            fail("request", "unknown");
        }
        if (op == FIND || op == CALL || op == READ || op == SIZE) fflush(stdout);
    }
}
