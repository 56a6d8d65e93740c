/* The call surface of surface.def: linking it, and how its handlers fetch their arguments.
 *
 * An (offset, length) from WebAssembly is an allegation. fetch_range is the only way to a pointer,
 * and it checks before it gives one; what does not lie wholly inside the caller's memory never
 * becomes a pointer.
 */

#ifndef HAL_IMPORTS_H
#define HAL_IMPORTS_H

#include "hal.h"
#include "vm.h"

#define CALL(module, name, signature, handler) int64_t handler(struct vm_call *call);
#include "surface.def"
#undef CALL

struct range {
    uint8_t *bytes; /* never NULL after fetch_range gave true */
    uint32_t length;
};

/* Links what an app may import, or only what ssl.wasm may. False after reporting what is wrong. */
bool imports_link_app(struct vm *app);
bool imports_link_ssl(struct vm *ssl);

/* The status of hal.exit, once the app has called it. */
int imports_exit_status(void);

/* Argument `index`, a 32-bit or 64-bit integer. */
int32_t fetch_i32(const struct vm_call *call, uint32_t index);
int64_t fetch_i64(const struct vm_call *call, uint32_t index);

/* Arguments `index` and `index` + 1 as a byte range; false where it is not inside the caller's
 * memory. */
bool fetch_range(const struct vm_call *call, uint32_t index, struct range *out);

/* The same range as a string without NUL inside, copied to out[capacity]. 0, -HAL_EINVAL or
 * HAL_BAD_RANGE. */
int fetch_string(const struct vm_call *call, uint32_t index, char *out, uint32_t capacity);

#endif
