// Feeds a translated program for all targets; program.h tells what the functions promise.

#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aot_api.h"

enum { MAX_SLOTS = 17, MAX_NAMES = 64, MAX_GLOBALS = 32 };

// Copies the program's mutable globals; tests/fuzz/targets.ts writes these two.
uint32_t program_globals_to(uint64_t *to);
void program_globals_from(const uint64_t *from);

struct state {
    uint8_t *memory;
    uint32_t size, stream;
    uint64_t globals[MAX_GLOBALS];
};
static struct state saved;

static uint32_t stream; // of the random numbers: the same ones after every start

static void give_up(const char *text, const char *where) {
    fprintf(stderr, "%s in %s\n", text, where);
    abort();
}

static uint8_t *resize(uint8_t *old, uint32_t kept, uint32_t bytes) {
    uint8_t *memory = aligned_alloc(16, bytes);
    if (memory == NULL) return NULL;
    if (kept != 0) memcpy(memory, old, kept);
    memset(memory + kept, 0, bytes - kept);
    free(old);
    return memory;
}

void program_start(uint32_t room) {
    free(aot.memory);
    stream = 0;
    if (aot_start(resize) != AOT_NO_TRAP) give_up(aot_trap_text(aot.trap), "start");
    if (room != 0) aot_grow((room + 0xffff) >> 16);
}

uint32_t program_allocate(uint32_t size) {
    const uint32_t at = (uint32_t)CALL("alloc", size);
    program_require(at != 0, "no memory");
    return at;
}

void program_save(void) {
    free(saved.memory);
    saved.memory = malloc(aot.size);
    program_require(saved.memory != NULL, "no memory");
    memcpy(saved.memory, aot.memory, aot.size);
    saved.size = aot.size;
    saved.stream = stream;
    program_require(program_globals_to(saved.globals) <= MAX_GLOBALS, "too many globals");
}

void program_restore(void) {
    if (aot.size != saved.size) {
        free(aot.memory);
        aot.memory = resize(NULL, 0, saved.size);
        program_require(aot.memory != NULL, "no memory");
    }
    memcpy(aot.memory, saved.memory, saved.size);
    aot.size = saved.size;
    stream = saved.stream;
    program_globals_from(saved.globals);
}

// By the literal's address: comparing names would show them to libFuzzer, which takes what is
// compared for hints.
static const struct aot_function *find(const char *name) {
    static struct {
        const char *name;
        const struct aot_function *f;
    } known[MAX_NAMES];
    size_t i = 0;
    while (i < MAX_NAMES - 1 && known[i].name != name && known[i].name != NULL)
        i++;
    if (known[i].name != name) {
        known[i].name = name;
        known[i].f = aot_find(name);
    }
    if (known[i].f == NULL) give_up("no such export", name);
    return known[i].f;
}

int32_t program_call(const char *name, const uint32_t *arguments, size_t count) {
    const struct aot_function *f = find(name);
    uint64_t slots[MAX_SLOTS] = {0};
    program_require(count <= MAX_SLOTS, "too many arguments");
    const size_t first = f->signature[0] == 'v' ? 0 : 1;
    for (size_t i = 1; i < count; i++)
        slots[first + i - 1] = arguments[i];
    const enum aot_trap_kind trap = aot_call(f, slots);
    if (trap != AOT_NO_TRAP) give_up(aot_trap_text(trap), aot_function_at(aot.trap_site));
    return (int32_t)slots[0];
}

uint32_t program_put_last(const uint8_t *bytes, size_t size) {
    const uint32_t at = aot.size - (uint32_t)size;
    if (size != 0) memcpy(aot.memory + at, bytes, size);
    return at;
}

uint8_t *program_at(uint32_t address, uint32_t size) {
    program_require(address <= aot.size && size <= aot.size - address, "outside the memory");
    return aot.memory + address;
}

void program_require(int holds, const char *text) {
    if (!holds) give_up(text, "the target");
}

// What ssl.wasm imports. The stream is that of tests/harness/instance.ts: recorded conversations
// depend on it.
uint32_t import_hal_random_fill(uint32_t offset, uint32_t length);
uint32_t import_hal_random_fill(uint32_t offset, uint32_t length) {
    uint8_t *into = program_at(offset, length);
    for (uint32_t i = 0; i < length; i++) {
        stream = stream * 1664525u + 1013904223u;
        into[i] = (uint8_t)(stream >> 24);
    }
    return 0;
}

uint64_t import_hal_clock_time(void);
uint64_t import_hal_clock_time(void) {
    return 1767225600; // 2026-01-01T00:00:00Z
}
