/* The calls that were under way when a program trapped. Two back ends: vm_trace_wasm3.c has the
 * very instructions, from records that take more RAM than the code itself; vm_trace_calls.c, over
 * wasm3_dispatch.c, only the functions, for nothing.
 */

#ifndef HAL_VM_TRACE_H
#define HAL_VM_TRACE_H

#include <stdint.h>

struct M3Function;
struct M3Runtime;

struct vm_frame {
    struct M3Function *function;
    uint32_t offset; /* of an instruction in the module, or where the function's code starts */
    uint32_t end;    /* where it ends; 0: the offset is exact */
};

/* Up to `capacity` calls of the last trap, innermost first; how many there were. */
uint32_t vm_trace(struct M3Runtime *runtime, struct vm_frame *frames, uint32_t capacity);

#endif
