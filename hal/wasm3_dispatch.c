/* The loop over wasm3's operations: wasm3_dispatch.h. */

#include "wasm3_dispatch.h"

struct wasm3_registers wasm3_registers;
struct wasm3_trace wasm3_trace;

static void note(pc_t pc) {
    if (wasm3_trace.count < WASM3_TRACE_MAX) wasm3_trace.calls[wasm3_trace.count] = pc;
    wasm3_trace.count++;
}

m3ret_t wasm3_run(pc_t pc, m3stack_t sp) {
    for (;;) {
        const m3ret_t result = ((IM3Operation)*pc)(pc + 1, sp);
        if (result != WASM3_NEXT) return result;
        pc = wasm3_registers.pc;
    }
}

/* The memory's place is the caller's to look up again: the call may have moved it. */
m3ret_t wasm3_call(pc_t pc, m3stack_t sp) {
    const struct wasm3_registers before = wasm3_registers;
    const m3ret_t result = wasm3_run(pc, sp);
    if (result != m3Err_none) note(pc);
    _r0 = before.r0;
#if d_m3HasFloat
    _fp0 = before.fp0;
#endif
    return result;
}

m3ret_t wasm3_enter(pc_t pc, m3stack_t sp, M3MemoryHeader *memory) {
    _mem = memory;
    wasm3_trace.count = 0;
    const m3ret_t result = wasm3_run(pc, sp);
    if (result != m3Err_none) note(pc);
    return result;
}
