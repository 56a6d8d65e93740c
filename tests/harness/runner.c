// Runs one WebAssembly program for the tests: requests on standard input, answers on standard
// output.
//
//   Find    name                        -> i32 index, -1: no such export
//   Call    index, count, 8 bytes each  -> type 0 none 1 i32 2 i64, 8 bytes of result;
//                                          or 255, the trap's text
//   Read    offset, length              -> 0, the bytes; or 1: outside the memory
//   Write   offset, length, bytes          no answer
//   Random  length (-1: endless), pool     no answer
//   Size                                -> u32
//   Time    i64                            no answer
//   Secret  offset, length, u8: yes or no  no answer
//   Tainted offset, length              -> u32 bytes that depend on secrets
//   Errors                              -> u32 errors that valgrind has reported
//
// The last three mean something under valgrind only (tests/harness/memcheck.ts): a secret is memory
// that memcheck takes for undefined. What leaves the runner - a result, bytes that were read - is
// public from then on.
//
// Numbers are little-endian, as on every machine this runs on. It is trusted by and trusts only
// tests/harness/runner.ts.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "program.h"

enum { FIND = 1, CALL, READ, WRITE, SIZE, RANDOM, TIME, SECRET, TAINTED, ERRORS };
enum { MAX_ARGUMENTS = 16, EIO_RESULT = -5, TRAP = 255 };

static uint8_t *pool; // NULL: the endless stream
static uint32_t pool_left, pool_at, stream;
static int64_t clock_seconds;

static void fail(const char *what, const char *why) {
    fprintf(stderr, "runner: %s: %s\n", what, why);
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
    uint8_t *memory = program_memory(&size);
    return offset <= size && length <= size - offset ? memory + offset : NULL;
}

bool runner_random(uint32_t offset, uint32_t length, int32_t *result) {
    uint8_t *into = range(offset, length);
    *result = 0;
    if (into == NULL) return false;
    if (pool == NULL) {
        for (uint32_t i = 0; i < length; i++) {
            stream = stream * 1664525u + 1013904223u;
            into[i] = (uint8_t)(stream >> 24);
        }
        return true;
    }
    if (length > pool_left) {
        *result = EIO_RESULT;
        return true;
    }
    memcpy(into, pool + pool_at, length);
    pool_at += length;
    pool_left -= length;
    return true;
}

int64_t runner_time(void) {
    return clock_seconds;
}

static void serve_find(void) {
    char name[256];
    uint32_t length = get_u32();
    if (length >= sizeof name) fail("find", "name too long");
    get(name, length);
    name[length] = 0;
    int32_t index = program_find(name);
    put(&index, sizeof index);
}

static void put_trap(const char *why) {
    uint8_t trap = TRAP;
    uint32_t length = (uint32_t)strlen(why);
    put(&trap, 1);
    put(&length, sizeof length);
    put(why, length);
}

static void serve_call(void) {
    uint64_t values[MAX_ARGUMENTS], result = 0;
    enum value_type type;
    int32_t index = (int32_t)get_u32();
    uint32_t count = get_u32();
    if (count > MAX_ARGUMENTS) fail("call", "too many arguments");
    get(values, 8 * (size_t)count);
    const char *trap = program_call(index, values, count, &type, &result);
    if (trap != NULL) {
        put_trap(trap);
        return;
    }
    uint8_t code = (uint8_t)type;
    (void)VALGRIND_MAKE_MEM_DEFINED(&result, sizeof result);
    put(&code, 1);
    put(&result, sizeof result);
}

static void serve_read(void) {
    uint32_t offset = get_u32(), length = get_u32();
    const uint8_t *from = range(offset, length);
    uint8_t outside = from == NULL;
    put(&outside, 1);
    if (outside) return;
    (void)VALGRIND_MAKE_MEM_DEFINED(from, length);
    put(from, length);
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

static void serve_secret(void) {
    uint32_t offset = get_u32(), length = get_u32();
    uint8_t *at = range(offset, length), secret;
    if (at == NULL) fail("secret", "outside the memory");
    get(&secret, 1);
    if (secret)
        (void)VALGRIND_MAKE_MEM_UNDEFINED(at, length);
    else
        (void)VALGRIND_MAKE_MEM_DEFINED(at, length);
}

static void serve_tainted(void) {
    uint32_t offset = get_u32(), length = get_u32(), tainted = 0;
    const uint8_t *at = range(offset, length);
    if (at == NULL) fail("tainted", "outside the memory");
    for (uint32_t i = 0; i < length; i++) {
        uint8_t undefined_bits = 0;
        (void)VALGRIND_GET_VBITS(at + i, &undefined_bits, 1);
        tainted += undefined_bits != 0;
    }
    put(&tainted, sizeof tainted);
}

static void serve_errors(void) {
    uint32_t errors = VALGRIND_COUNT_ERRORS;
    put(&errors, sizeof errors);
}

static void serve_size(void) {
    uint32_t size;
    program_memory(&size);
    put(&size, sizeof size);
}

static bool answers(uint8_t op) {
    return op == FIND || op == CALL || op == READ || op == SIZE || op == TAINTED || op == ERRORS;
}

int main(int count, char **arguments) {
    if (count != 2) fail("usage", "runner PROGRAM.wasm");
    const char *wrong = program_load(arguments[1]);
    if (wrong != NULL) fail(arguments[1], wrong);
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
        case SECRET:
            serve_secret();
            break;
        case TAINTED:
            serve_tainted();
            break;
        case ERRORS:
            serve_errors();
            break;
        default:
            fail("request", "unknown");
        }
        if (answers(op)) fflush(stdout);
    }
}
