/* Tier wasm3: nothing is translated. */

#include "ssl_program.h"

#include <stddef.h>

const char ssl_program_tier[] = "wasm3";
const char ssl_program_name[] = "ssl";

const char *ssl_join(struct vm *vm) {
    (void)vm;
    return NULL;
}

void ssl_join_report(void) {
}
