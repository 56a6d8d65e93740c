// Calls every export of a translated random program with three sets of arguments and prints what
// happens; tests/aot/fuzz.test.ts does the same in V8 and compares the text.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aot_api.h"

enum { ROUNDS = 3, MAX_SLOTS = 64 };

_Noreturn void aot_trap(enum aot_trap_kind kind, uint32_t site);

static uint8_t *resize(uint8_t *old, uint32_t kept, uint32_t bytes) {
    uint8_t *memory = calloc(bytes == 0 ? 1 : bytes, 1);
    if (memory == NULL) return NULL;
    if (kept != 0) memcpy(memory, old, kept);
    free(old);
    return memory;
}

// NaN payloads are left open by the specification.
static void print_value(char type, uint64_t bits) {
    float f;
    double d;
    const uint32_t low = (uint32_t)bits;
    memcpy(&f, &low, sizeof f);
    memcpy(&d, &bits, sizeof d);
    if ((type == 'f' && f != f) || (type == 'F' && d != d))
        puts(" nan");
    else if (type == 'i' || type == 'f')
        printf(" %u\n", low);
    else
        printf(" %llu\n", (unsigned long long)bits);
}

static void print_log(char type, uint64_t bits) {
    printf("log %c", type);
    print_value(type, bits);
}

void import_fuzzing_support_log_i32(uint32_t x);
void import_fuzzing_support_log_i32(uint32_t x) {
    print_log('i', x);
}

void import_fuzzing_support_log_i64(uint64_t x);
void import_fuzzing_support_log_i64(uint64_t x) {
    print_log('I', x);
}

void import_fuzzing_support_log_f32(float x);
void import_fuzzing_support_log_f32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    print_log('f', bits);
}

void import_fuzzing_support_log_f64(double x);
void import_fuzzing_support_log_f64(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    print_log('F', bits);
}

// The host of the fuzzer's other imports refuses.
void import_fuzzing_support_call_export(uint32_t index, uint32_t flags);
void import_fuzzing_support_call_export(uint32_t index, uint32_t flags) {
    (void)index;
    (void)flags;
    aot_trap(AOT_UNREACHABLE, 0);
}

uint32_t import_fuzzing_support_call_export_catch(uint32_t index);
uint32_t import_fuzzing_support_call_export_catch(uint32_t index) {
    (void)index;
    aot_trap(AOT_UNREACHABLE, 0);
}

uint32_t import_fuzzing_support_sleep(uint32_t ms, uint32_t id);
uint32_t import_fuzzing_support_sleep(uint32_t ms, uint32_t id) {
    (void)ms;
    return id;
}

static uint64_t argument(char type, int round) {
    static const uint64_t patterns[ROUNDS] = {0, 0x40490fdb, 0xfffffff7};
    const uint64_t pattern = patterns[round];
    uint64_t bits = pattern;
    const double d = (double)pattern;
    if (type == 'F') memcpy(&bits, &d, sizeof bits);
    if (type == 'I') bits = pattern * 0x9e3779b97f4a7c15u;
    // Finite: V8 hands a NaN on with its payload or without, and programs may look at its bits.
    if (type == 'f') bits = pattern & 0xff7fffff;
    return bits;
}

static void call(const struct aot_function *f, int round) {
    uint64_t slots[MAX_SLOTS] = {0};
    int at = f->signature[0] == 'v' ? 0 : 1;
    for (const char *type = f->signature + 2; *type != ')'; type++)
        slots[at++] = argument(*type, round);
    aot.trap = AOT_NO_TRAP; // the comparison goes on after a trap
    aot.depth = 0;
    const enum aot_trap_kind trap = aot_call(f, slots);
    printf("%s", f->name);
    if (trap != AOT_NO_TRAP)
        puts(" trap");
    else if (f->signature[0] == 'v')
        puts("");
    else
        print_value(f->signature[0], slots[0]);
}

int main(void) {
    if (aot_start(resize) != AOT_NO_TRAP) {
        puts("start trap");
        return 0;
    }
    for (uint32_t i = 0; i < aot_program.function_count; i++) {
        for (int round = 0; round < ROUNDS; round++)
            call(&aot_program.functions[i], round);
    }
    return 0;
}
