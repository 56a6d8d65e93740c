/* How this firmware executes ssl.wasm: the tier, chosen by the build.
 *
 *   wasm3    ssl_program_vm.c, ssl_join_none.c    all of it in wasm3
 *   hybrid   ssl_program_vm.c, ssl_join_aot.c     what is self-contained as C, the rest in wasm3
 *   native   ssl_program_native.c                 all of it as C; no module is loaded
 *
 * There is one ssl.wasm in a firmware, so there is no handle. After a trap nothing is called again.
 */

#ifndef HAL_SSL_PROGRAM_H
#define HAL_SSL_PROGRAM_H

#include "vm.h"

extern const char ssl_program_tier[];

/* The module's name in reports: its byte offsets are those of <name>.wasm. */
extern const char ssl_program_name[];

/* The module must be given to ssl_program_load; else it is in the firmware already. */
extern const bool ssl_program_has_module;

/* Starts it, imports linked. The bytes (ignored where it has no module) must outlive it. NULL, or
 * what is wrong (valid until the next call). memory_limit in bytes. */
const char *ssl_program_load(const uint8_t *wasm, uint32_t size, uint32_t memory_limit);

struct ssl_function;

/* The exported function with that many i32 arguments and an i32 result or none, or NULL. */
const struct ssl_function *ssl_program_find(const char *name, uint32_t argument_count);

enum vm_outcome ssl_program_run(const struct ssl_function *function, const uint32_t *arguments,
                                int32_t *result);

/* `length` bytes of its memory, or NULL where they are not all inside. Not valid after the next
 * call. */
uint8_t *ssl_program_range(uint32_t offset, uint32_t length);

/* Reports the last trap as vm_report does. */
void ssl_program_report(void);

struct vm_figures ssl_program_figures(void);

/* Erases its memory, where the keys are, and frees all. */
void ssl_program_free(void);

/* For ssl_program_vm.c: joins the translated functions to the loaded module, NULL or what is wrong;
 * and reports where in them the last trap was, if it was there. */
const char *ssl_join(struct vm *vm);
void ssl_join_report(void);

#endif
