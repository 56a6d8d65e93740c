/* A WebAssembly program that was translated to C ahead of time, as the firmware sees it
 * (hal/aot.c): start it, call its exports, learn of a trap. In the tier `native` the program is the
 * whole of ssl.wasm on a memory of its own; in `hybrid` it is a set of functions that serve as
 * imports of the remaining module, on wasm3's memory and globals. */
#ifndef WASSL_AOT_API_H
#define WASSL_AOT_API_H

#include <stdint.h>

enum aot_trap_kind {
    AOT_NO_TRAP,
    AOT_UNREACHABLE,
    AOT_OUT_OF_BOUNDS,
    AOT_DIVIDE_BY_ZERO,
    AOT_INTEGER_OVERFLOW,
    AOT_INVALID_CONVERSION,
    AOT_UNDEFINED_ELEMENT,
    AOT_INDIRECT_TYPE,
    AOT_STACK_EXHAUSTED,
    AOT_MISALIGNED, /* debug builds: an access is less aligned than the module promised */
};

/* The running instance. `memory` is aligned to 8; `size` never shrinks. */
struct aot_state {
    uint8_t *memory;
    uint32_t size;
    uint32_t depth; /* of recursive functions */
    enum aot_trap_kind trap;
    uint32_t trap_site; /* byte offset in the module of the instruction that trapped */
};
extern struct aot_state aot;

/* One callable function. slots: the result (where there is one), then the arguments, 64 bits each,
 * as wasm3 lays them out. The signature is wasm3's too: "i(iI)". */
struct aot_function {
    const char *name;
    const char *signature;
    void (*call)(uint64_t *slots);
};

/* A global of the remaining module that translated functions use through a pointer; tier `hybrid`
 * only. */
struct aot_shared_global {
    const char *name; /* the remaining module exports it under this name */
    void **cell;
};

/* Where a function of the module begins, for reports. */
struct aot_place {
    uint32_t offset;
    const char *function;
};

struct aot_program {
    const char *name;
    const struct aot_place *places; /* by ascending offset */
    uint32_t place_count;
    uint32_t memory_floor; /* the least memory that the code can be run with, in bytes */
    uint32_t initial_pages;
    uint32_t maximum_pages;
    const struct aot_function *functions;
    uint32_t function_count;
    const struct aot_shared_global *globals;
    uint32_t global_count;
    /* Sets the globals, copies the data segments, runs the start function; null in tier `hybrid`.
     */
    void (*initialise)(void);
};
extern const struct aot_program aot_program;

/* Makes a memory of `bytes` bytes, the first `kept` of them those of `old`, the rest zero; null:
 * none left. */
typedef uint8_t *(*aot_resize)(uint8_t *old, uint32_t kept, uint32_t bytes);

/* Bounds the memory from the next start on, in the middle of its last page if need be: memory.size
 * still counts whole pages, and what is beyond traps. */
void aot_limit(uint32_t bytes);

/* Starts the program on a fresh memory. AOT_OUT_OF_BOUNDS also where it may have too little. A trap
 * in its start is reported like one in a call. */
enum aot_trap_kind aot_start(aot_resize resize);

/* Calls a function. Anything but AOT_NO_TRAP has ended the instance: aot.trap_site says where. Not
 * reentrant. */
enum aot_trap_kind aot_call(const struct aot_function *f, uint64_t *slots);

const struct aot_function *aot_find(const char *name);
const char *aot_trap_text(enum aot_trap_kind kind);

/* The name of the function that holds the instruction at that byte offset of the module. */
const char *aot_function_at(uint32_t offset);

/* For the translated code. */
uint32_t aot_grow(uint32_t pages);
void aot_enter(uint32_t site);

#endif
