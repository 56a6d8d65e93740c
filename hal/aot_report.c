/* A trap in translated code, told like one in wasm3: the byte offset is that of the instruction in
 * ssl.wasm, and leads through the source map to the line in TypeScript. */

#include "aot_report.h"

#include "aot_api.h"
#include "hal.h"

#include <stdio.h>

enum { LINE_MAX_BYTES = 256 };

void aot_report(void) {
    char line[LINE_MAX_BYTES];
    if (aot.trap == AOT_NO_TRAP) return;
    snprintf(line, sizeof line, "ssl.wasm: trap: %s", aot_trap_text(aot.trap));
    log_report(line);
    snprintf(line, sizeof line, "    at %.180s (ssl.wasm+0x%x)", aot_function_at(aot.trap_site),
             (unsigned)aot.trap_site);
    log_report(line);
}
