/* How wasm3 gets from one operation to the next, on machines where its own way does not work.
 *
 * wasm3 wants each operation to end in a tail call of the next. A compiler without tail calls (GCC
 * for Cortex-M0+) makes ordinary calls of them, so that straight-line code nests one frame for each
 * operation: a few hundred bytes of WebAssembly fill 16 KB of stack. Here an operation returns, and
 * wasm3_run calls the next one. What operations hand on in arguments is in one static place; calls
 * and loops of WebAssembly, which need the result, run a nested wasm3_run that leaves the caller's
 * registers as they were.
 *
 * Put in the place of m3_exec_defs.h, whose include guard this is, by -include: a file of wasm3
 * 0.5.0 that only defines how operations look and call each other.
 */

#ifndef m3_exec_defs_h
#define m3_exec_defs_h

#include "m3_core.h"

struct wasm3_registers {
    pc_t pc; /* of the next operation, after one has returned WASM3_NEXT */
    M3MemoryHeader *memory;
    m3reg_t r0;
#if d_m3HasFloat
    f64 fp0;
#endif
};
extern struct wasm3_registers wasm3_registers;

/* An operation's result: go on. Others are what wasm3 has: m3Err_none at the end of a function, a
 * trap's text, the place of the loop to continue. */
#define WASM3_NEXT ((m3ret_t)1)

typedef m3ret_t (*IM3Operation)(pc_t pc, m3stack_t sp);

/* The calls that the last trap has ended, innermost first: where their code starts. */
enum { WASM3_TRACE_MAX = 24 };
struct wasm3_trace {
    uint32_t count; /* also of those for which there was no room */
    pc_t calls[WASM3_TRACE_MAX];
};
extern struct wasm3_trace wasm3_trace;

/* Runs operations until one ends the function, the loop or the program. */
m3ret_t wasm3_run(pc_t pc, m3stack_t sp);

/* The same for a call: the caller finds its registers as they were. */
m3ret_t wasm3_call(pc_t pc, m3stack_t sp);

/* The same for a call by the host. */
m3ret_t wasm3_enter(pc_t pc, m3stack_t sp, M3MemoryHeader *memory);

/* What wasm3's operations are written with. */
#define _mem (wasm3_registers.memory)
#define _r0  (wasm3_registers.r0)
#if d_m3HasFloat
#define _fp0 (wasm3_registers.fp0)
#define d_m3ClearRegisters                                                                         \
    _r0 = 0;                                                                                       \
    _fp0 = 0;
#else
#define d_m3ClearRegisters _r0 = 0;
#endif

#define m3MemData(mem)    ((u8 *)((M3MemoryHeader *)(mem) + 1))
#define m3MemRuntime(mem) (((M3MemoryHeader *)(mem))->runtime)
#define m3MemInfo(mem)    (&((M3MemoryHeader *)(mem))->runtime->memory)

#define d_m3Op(NAME)     static m3ret_t op_##NAME(pc_t _pc, m3stack_t _sp)
#define nextOpImpl()     wasm3_run(_pc, _sp)
#define nextOpDirect()   return wasm3_next(_pc, _sp, wasm3_is_called)
#define jumpOpDirect(PC) return wasm3_next((pc_t)(PC), _sp, wasm3_is_called)

/* wasm3 has one function that is written like an operation but called for its result: Call. Its
 * last parameter hides the constant below, which all operations see. */
enum { wasm3_is_called = 0 };
#define d_m3RetSig        static inline m3ret_t
#define d_m3OpSig         pc_t _pc, m3stack_t _sp, M3MemoryHeader *wasm3_memory, int wasm3_is_called
#define d_m3OpDefaultArgs 1

static inline m3ret_t wasm3_next(pc_t pc, m3stack_t sp, int is_called) {
    if (is_called) return wasm3_call(pc, sp);
    wasm3_registers.pc = pc;
    return WASM3_NEXT;
}

#define RunCode(pc, sp, memory, is_called) wasm3_enter(pc, sp, memory)

#endif
