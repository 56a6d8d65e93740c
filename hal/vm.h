/* One WebAssembly module in a wasm3 runtime and a memory of its own. vm.c is the only file that
 * sees wasm3.
 *
 * A module that traps is not called again. wasm3 does not validate: only modules that Binaryen has
 * validated, and that the device's owner has put there, may come here.
 */

#ifndef HAL_VM_H
#define HAL_VM_H

#include <stdbool.h>
#include <stdint.h>

struct M3Environment;
struct M3Runtime;
struct M3Module;
struct M3Function;

struct vm {
    const char *name; /* as reports show it: "app", "ssl" */
    struct M3Environment *environment;
    struct M3Runtime *runtime;
    struct M3Module *module;
    const char *trap; /* why the last call ended, while it was VM_TRAP */
};

/* A call from WebAssembly to the host, as its handler sees it. */
struct vm_call {
    struct vm *vm;
    const uint8_t *arguments; /* 8 bytes each, of any alignment */
    uint8_t *memory;          /* the caller's, valid until the handler returns */
    uint32_t memory_size;
    const char *stop; /* set by the handler: vm_end, or the reason of a trap */
};

/* Gives the result; ignored where the signature has none. */
typedef int64_t (*vm_handler)(struct vm_call *call);

struct vm_import {
    const char *module;
    const char *name;
    const char *signature; /* wasm3's: "i(ii)" */
    vm_handler handler;
};

enum vm_outcome {
    VM_DONE,
    VM_ENDED, /* a handler ended the program */
    VM_TRAP,
};

/* What wasm3 and the module use, in bytes. */
struct vm_figures {
    uint32_t memory;
    uint32_t code_used;
    uint32_t code_pages;
    uint32_t stack;
};

/* For vm_call.stop: the program is over, without a fault. */
extern const char vm_end[];

/* Loads a module; the bytes must outlive it. memory_limit in bytes, at most 64 MB. NULL, or what is
 * wrong. */
const char *vm_load(struct vm *vm, const char *name, const uint8_t *wasm, uint32_t size,
                    uint32_t memory_limit);

/* Serves an import; nothing happens where the module does not have it. NULL, or what is wrong. The
 * vm and the table entry must outlive the module. */
const char *vm_link(struct vm *vm, const struct vm_import *import);

/* After linking: writes "module.name" of an import that nobody serves into out, and gives false if
 * there is one. */
bool vm_is_linked(const struct vm *vm, char *out, uint32_t capacity);

/* The exported function with that many i32 arguments and an i32 result or none, or NULL. */
struct M3Function *vm_find(struct vm *vm, const char *name, uint32_t argument_count);

/* Calls it; *result is set where it is VM_DONE and the function has one. */
enum vm_outcome vm_run(struct vm *vm, struct M3Function *function, const uint32_t *arguments,
                       int32_t *result);

/* `length` bytes of the module's memory, or NULL where they are not all inside. Not valid after the
 * next call. */
uint8_t *vm_range(const struct vm *vm, uint32_t offset, uint32_t length);

/* What goes on beside interpreted code: called from time to time while it runs, at every so many
 * calls of functions and after each import. False ends the program as vm_end does. */
void vm_on_calls(bool (*go_on)(void));

/* Reports the last trap: what, then the stack, innermost first, as "    at <function>
 * (<module>.wasm+0x<offset>)" or, where only the function is known, "    in <function>
 * (<module>.wasm+0x<start>-0x<end>)". */
void vm_report(const struct vm *vm);

struct vm_figures vm_figures(const struct vm *vm);

/* The lowest address that interpreted code may reach on the native stack; below it a call is a
 * stack overflow trap. */
void vm_native_stack(const void *lowest);

/* Erases the program's memory and stack, and frees all. */
void vm_free(struct vm *vm);

#endif
