/* Tiers wasm3 and hybrid: ssl.wasm, or what remains of it, in wasm3. */

#include "ssl_program.h"

#include "imports.h"

#include <stddef.h>

static struct vm vm;

const bool ssl_program_has_module = true;

const char *ssl_program_load(const uint8_t *wasm, uint32_t size, uint32_t memory_limit) {
    const char *wrong = vm_load(&vm, ssl_program_name, wasm, size, memory_limit);
    if (wrong == NULL) wrong = ssl_join(&vm);
    if (wrong == NULL && !imports_link_ssl(&vm)) wrong = "it has an import that no board serves";
    return wrong;
}

const struct ssl_function *ssl_program_find(const char *name, uint32_t argument_count) {
    return (const struct ssl_function *)vm_find(&vm, name, argument_count);
}

enum vm_outcome ssl_program_run(const struct ssl_function *function, const uint32_t *arguments,
                                int32_t *result) {
    return vm_run(&vm, (struct M3Function *)function, arguments, result);
}

uint8_t *ssl_program_range(uint32_t offset, uint32_t length) {
    return vm_range(&vm, offset, length);
}

void ssl_program_report(void) {
    ssl_join_report();
    vm_report(&vm);
}

struct vm_figures ssl_program_figures(void) {
    return vm_figures(&vm);
}

void ssl_program_free(void) {
    vm_free(&vm);
}
