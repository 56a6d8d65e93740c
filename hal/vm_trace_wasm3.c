/* Stacks from wasm3's own records: d_m3RecordBacktraces. */

#include "vm_trace.h"

#include "m3_env.h"

uint32_t vm_trace(struct M3Runtime *runtime, struct vm_frame *frames, uint32_t capacity) {
    const M3BacktraceInfo *trace = m3_GetBacktrace(runtime);
    uint32_t count = 0;
    for (const M3BacktraceFrame *f = trace == NULL ? NULL : trace->frames; f != NULL; f = f->next) {
        if (f->function == NULL) continue; /* wasm3's stub around an import */
        if (count < capacity)
            frames[count] = (struct vm_frame){.function = f->function, .offset = f->moduleOffset};
        count++;
    }
    return count;
}
