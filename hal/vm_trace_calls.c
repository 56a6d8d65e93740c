/* Stacks from the calls that wasm3_dispatch.c saw end in the trap: a function is known by where its
 * code starts.
 */

#include "vm_trace.h"

#include "wasm3_dispatch.h" /* before wasm3's own definitions of the same */

#include "m3_env.h"

static M3Function *function_at(const M3Module *module, pc_t pc) {
    for (uint32_t i = module->numFuncImports; i < module->numFunctions; i++) {
        if (module->functions[i].compiled == pc) return &module->functions[i];
    }
    return NULL;
}

uint32_t vm_trace(struct M3Runtime *runtime, struct vm_frame *frames, uint32_t capacity) {
    const M3Module *module = runtime->modules;
    uint32_t count = 0;
    for (uint32_t i = 0; i < wasm3_trace.count; i++) {
        M3Function *f = i < WASM3_TRACE_MAX ? function_at(module, wasm3_trace.calls[i]) : NULL;
        if (i < WASM3_TRACE_MAX && f == NULL) continue; /* an import */
        if (count < capacity && f != NULL) {
            frames[count] = (struct vm_frame){
                .function = f,
                .offset = (uint32_t)(f->wasm - module->wasmStart),
                .end = (uint32_t)(f->wasmEnd - module->wasmStart),
            };
        }
        count++;
    }
    return count;
}
