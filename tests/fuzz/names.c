// Small formats, chosen by the first byte: elements of DER, times, host names, patterns, addresses.
// Entry: x509.

#include "program.h"

enum { ROOM = 1 << 16, ELEMENTS = 7 };

static uint32_t out;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size == 0 || size > ROOM) return -1;
    if (out == 0) {
        program_start(ROOM);
        out = program_allocate(64);
    }
    const uint32_t n = (uint32_t)size - 1, at = program_put_last(bytes + 1, n);
    const uint32_t half = n / 2, what = bytes[0] % (ELEMENTS + 3);
    if (what < ELEMENTS) {
        CALL("wellFormed", what, at, n);
    } else if (what == ELEMENTS) {
        CALL("timeOf", at, n);
    } else if (what == ELEMENTS + 1) {
        CALL("parseAddress", at, n, out);
    } else {
        CALL("isHostname", at, n);
        CALL("isPattern", at, n);
        CALL("matchesPattern", at, half, at + half, n - half);
    }
    program_require(CALL("scratchUsed") == 0, "scratch memory was not given back");
    return 0;
}
