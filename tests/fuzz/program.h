// The translated program that a fuzz target feeds. A trap in it is a bug: the process aborts, which
// libFuzzer reports together with the input.

#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

// Starts the program anew, on a zeroed memory; `room` bytes at its end are beyond all that it uses.
void program_start(uint32_t room);

// Remembers the program as it is now; restores it as often as wanted.
void program_save(void);
void program_restore(void);

// Calls an export with i32 arguments: CALL("parse", at, 10). Gives its result. The name is a
// literal (found once for each), and no argument is itself a CALL.
#define CALL(name, ...)                                                                            \
    program_call(name, (const uint32_t[]){0, ##__VA_ARGS__},                                       \
                 sizeof((const uint32_t[]){0, ##__VA_ARGS__}) / sizeof(uint32_t))
int32_t program_call(const char *name, const uint32_t *one_and_arguments, size_t count);

// `size` zeroed bytes of the program's heap.
uint32_t program_allocate(uint32_t size);

// Puts bytes where the linear memory ends, so that the first byte read too far is a trap.
uint32_t program_put_last(const uint8_t *bytes, size_t size);

// `size` bytes at an address of the program's own; aborts where they are outside the memory.
uint8_t *program_at(uint32_t address, uint32_t size);

// Aborts with this text: a property does not hold.
void program_require(int holds, const char *text);

#endif
