// The WebAssembly program that runner.c serves: interpreted by wasm3 (program_wasm3.c, with the
// translated functions linked in for the tier hybrid) or translated to C (program_native.c).

#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

enum value_type { TYPE_NONE, TYPE_I32, TYPE_I64 };

// Loads and starts the program at `path`; NULL, or what went wrong.
const char *program_load(const char *path);

// -1: no such export.
int32_t program_find(const char *name);

// NULL, or the trap and where it happened (valid until the next call).
const char *program_call(int32_t index, const uint64_t *arguments, uint32_t count,
                         enum value_type *type, uint64_t *result);

uint8_t *program_memory(uint32_t *size);

// What hal.random_fill and hal.clock_time answer; in runner.c. False: outside the memory.
bool runner_random(uint32_t offset, uint32_t length, int32_t *result);
int64_t runner_time(void);

#endif
