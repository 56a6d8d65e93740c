/* wasm3 behind vm.h: loading, linking, calling, and the report of a trap.
 *
 * Three things that wasm3 0.5 leaves open are closed here. Its linear memory has no ceiling of its
 * own. Its check for a stack overflow counts the wasm stack only, while calls and loops nest on the
 * native one as well, by how much the compiler decides: m3_Yield, which wasm3 calls at every call,
 * watches that. And a missing import would show only when it is called: vm_is_linked says it first.
 */

#include "vm.h"

#include "hal.h"
#include "vm_trace.h"
#include "wipe.h"

#include <stdio.h>
#include <string.h>

#include "m3_env.h"
#include "wasm3.h"

/* The stack of interpreted code, for its locals and operands. */
#ifndef VM_STACK_SIZE
#define VM_STACK_SIZE (64 * 1024)
#endif

enum {
    STACK_SIZE = VM_STACK_SIZE,
    CALLS_BETWEEN = 64, /* calls of vm_on_calls' function */
    MEMORY_MAX = 64 * 1024 * 1024,
    PAGE = 64 * 1024,
    FRAMES_SHOWN = 24,
    ARGUMENTS_MAX = 4,
    LINE_MAX_BYTES = 256,
};

const char vm_end[] = "the program ended";

static const char *stack_lowest;

void vm_native_stack(const void *lowest) {
    stack_lowest = lowest;
}

static bool (*on_calls)(void);
static uint32_t calls;

void vm_on_calls(bool (*go_on)(void)) {
    on_calls = go_on;
}

/* wasm3's hook, called at every call of a function. */
M3Result m3_Yield(void) {
    const char *here = __builtin_frame_address(0);
    if (here < stack_lowest) return m3Err_trapStackOverflow;
    if (++calls % CALLS_BETWEEN != 0 || on_calls == NULL) return m3Err_none;
    return on_calls() ? m3Err_none : vm_end;
}

/* Bounds the memory before any of it is allocated. wasm3 counts in whole pages, and cuts the last
 * one at memoryLimit. */
static const char *limit_memory(struct vm *vm, uint32_t limit) {
    M3MemoryInfo *info = &vm->module->memoryInfo;
    if (limit > MEMORY_MAX) limit = MEMORY_MAX;
    const uint32_t pages = (limit + PAGE - 1) / PAGE;
    if (vm->module->memoryImported) return "imports its memory";
    if (info->initPages == 0) return "has no memory";
    if (info->initPages > pages) return "needs more memory than it may have";
    if (info->maxPages == 0 || info->maxPages > pages) info->maxPages = pages;
    vm->runtime->memoryLimit = limit;
    return NULL;
}

const char *vm_load(struct vm *vm, const char *name, const uint8_t *wasm, uint32_t size,
                    uint32_t memory_limit) {
    *vm = (struct vm){.name = name};
    vm->environment = m3_NewEnvironment();
    if (vm->environment == NULL) return m3Err_mallocFailed;
    vm->runtime = m3_NewRuntime(vm->environment, STACK_SIZE, vm);
    if (vm->runtime == NULL) return m3Err_mallocFailed;

    const char *wrong = m3_ParseModule(vm->environment, &vm->module, wasm, size);
    if (wrong == NULL) wrong = limit_memory(vm, memory_limit);
    if (wrong == NULL) wrong = m3_LoadModule(vm->runtime, vm->module);
    if (wrong != NULL) {
        m3_FreeModule(vm->module); /* the runtime owns it only once it is loaded */
        vm->module = NULL;
    }
    return wrong;
}

/* Received pages and passwords, and the keys of an interpreted ssl.wasm. */
static void wipe_program(IM3Runtime runtime) {
    uint32_t size = 0;
    if (runtime == NULL) return;
    if (runtime->memory.mallocated != NULL) {
        uint8_t *memory = m3_GetMemory(runtime, &size, 0);
        if (memory != NULL) wipe(memory, size);
    }
    if (runtime->stack != NULL) wipe(runtime->stack, STACK_SIZE);
}

void vm_free(struct vm *vm) {
    wipe_program(vm->runtime);
    m3_FreeRuntime(vm->runtime);
    m3_FreeEnvironment(vm->environment);
    *vm = (struct vm){0};
}

/* Every import arrives here: fetches what the handler needs, stores its result, turns `stop` into a
 * trap. */
static const void *dispatch(IM3Runtime runtime, IM3ImportContext context, uint64_t *sp,
                            void *memory) {
    const struct vm_import *import = context->userdata;
    const M3ValueType type = m3_GetRetType(context->function, 0);
    struct vm_call call = {.vm = m3_GetUserData(runtime), .memory = memory};
    call.memory_size = m3_GetMemorySize(runtime);
    call.arguments = (const uint8_t *)sp + (type == c_m3Type_none ? 0 : sizeof(uint64_t));

    const int64_t result = import->handler(&call);
    if (call.stop != NULL) return call.stop;
    if (on_calls != NULL && !on_calls()) return vm_end;
    const int32_t narrow = (int32_t)result;
    if (type == c_m3Type_i32) memcpy(sp, &narrow, sizeof narrow); /* sp is aligned to 4 only */
    if (type == c_m3Type_i64) memcpy(sp, &result, sizeof result);
    return m3Err_none;
}

const char *vm_link(struct vm *vm, const struct vm_import *import) {
    const char *wrong = m3_LinkRawFunctionEx(vm->module, import->module, import->name,
                                             import->signature, dispatch, import);
    return wrong == m3Err_functionLookupFailed ? NULL : wrong;
}

bool vm_is_linked(const struct vm *vm, char *out, uint32_t capacity) {
    for (uint32_t i = 0; i < vm->module->numFuncImports; i++) {
        const M3Function *f = &vm->module->functions[i];
        if (f->compiled != NULL) continue;
        snprintf(out, capacity, "%s.%s", f->import.moduleUtf8, f->import.fieldUtf8);
        return false;
    }
    return true;
}

struct M3Function *vm_find(struct vm *vm, const char *name, uint32_t argument_count) {
    IM3Function function = NULL;
    if (m3_FindFunction(&function, vm->runtime, name) != m3Err_none) return NULL;
    if (m3_GetArgCount(function) != argument_count || argument_count > ARGUMENTS_MAX) return NULL;
    for (uint32_t i = 0; i < argument_count; i++) {
        if (m3_GetArgType(function, i) != c_m3Type_i32) return NULL;
    }
    if (m3_GetRetCount(function) > 1) return NULL;
    const M3ValueType type = m3_GetRetType(function, 0);
    return type == c_m3Type_none || type == c_m3Type_i32 ? function : NULL;
}

enum vm_outcome vm_run(struct vm *vm, struct M3Function *function, const uint32_t *arguments,
                       int32_t *result) {
    const void *pointers[ARGUMENTS_MAX] = {0};
    const uint32_t count = m3_GetArgCount(function);
    for (uint32_t i = 0; i < count; i++)
        pointers[i] = &arguments[i];

    m3_ResetErrorInfo(vm->runtime);
    const char *trap = m3_Call(function, count, pointers);
    vm->trap = trap;
    if (trap == vm_end) return VM_ENDED;
    if (trap != m3Err_none) return VM_TRAP;
    if (m3_GetRetCount(function) == 1) {
        const void *results[] = {result};
        m3_GetResults(function, 1, results);
    }
    return VM_DONE;
}

uint8_t *vm_range(const struct vm *vm, uint32_t offset, uint32_t length) {
    uint32_t size = 0;
    uint8_t *memory = m3_GetMemory(vm->runtime, &size, 0);
    if (offset > size || length > size - offset) return NULL;
    return memory + offset;
}

/* One line of the stack. Function names come from the module's name section, as the compiler wrote
 * them. */
static void report_frame(const struct vm *vm, const struct vm_frame *frame) {
    char line[LINE_MAX_BYTES];
    char number[24];
    const M3Function *f = frame->function;
    const char *name = number;
    snprintf(number, sizeof number, "function[%d]", (int)(f - vm->module->functions));
    if (f->numNames > 0) name = m3_GetFunctionName(frame->function);
    if (frame->end == 0) {
        snprintf(line, sizeof line, "    at %.180s (%s.wasm+0x%x)", name, vm->name,
                 (unsigned)frame->offset);
    } else {
        snprintf(line, sizeof line, "    in %.180s (%s.wasm+0x%x-0x%x)", name, vm->name,
                 (unsigned)frame->offset, (unsigned)frame->end);
    }
    log_report(line);
}

void vm_report(const struct vm *vm) {
    static const char prefix[] = "[trap] ";
    char line[LINE_MAX_BYTES];
    M3ErrorInfo info;
    m3_GetErrorInfo(vm->runtime, &info);
    const char *what = vm->trap == NULL ? "no trap" : vm->trap;
    if (strncmp(what, prefix, sizeof prefix - 1) == 0) what += sizeof prefix - 1;
    const bool has_detail = info.result != NULL && info.message[0] != '\0';
    snprintf(line, sizeof line, "%s.wasm: trap: %.120s%s%.100s", vm->name, what,
             has_detail ? ": " : "", has_detail ? info.message : "");
    log_report(line);

    struct vm_frame frames[FRAMES_SHOWN];
    const uint32_t count = vm_trace(vm->runtime, frames, FRAMES_SHOWN);
    for (uint32_t i = 0; i < count && i < FRAMES_SHOWN; i++)
        report_frame(vm, &frames[i]);
    if (count <= FRAMES_SHOWN) return;
    snprintf(line, sizeof line, "    ... and %u more", (unsigned)(count - FRAMES_SHOWN));
    log_report(line);
}

static void add_pages(struct vm_figures *figures, const M3CodePage *page) {
    for (; page != NULL; page = page->info.next) {
        figures->code_used += page->info.lineIndex * (uint32_t)sizeof(code_t);
        figures->code_pages += page->info.numLines * (uint32_t)sizeof(code_t);
    }
}

struct vm_figures vm_figures(const struct vm *vm) {
    struct vm_figures figures = {.memory = m3_GetMemorySize(vm->runtime), .stack = STACK_SIZE};
    add_pages(&figures, vm->runtime->pagesOpen);
    add_pages(&figures, vm->runtime->pagesFull);
    return figures;
}
