/* Tier hybrid: the translated functions serve as imports of the remaining module. */

#include "ssl_program.h"

#include "aot_report.h"
#include "aot_wasm3.h"

const char ssl_program_tier[] = "hybrid";
const char ssl_program_name[] = "ssl.remainder"; /* its byte offsets are its own */

const char *ssl_join(struct vm *vm) {
    return aot_link(vm->module);
}

void ssl_join_report(void) {
    aot_report();
}
