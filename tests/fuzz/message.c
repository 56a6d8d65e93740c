// The body of one handshake message behind its type. Entry: fuzz.

#include "program.h"

enum { ROOM = 1 << 16 };

static int started;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size == 0 || size > ROOM) return -1;
    if (!started) {
        program_start(ROOM);
        started = 1;
    }
    const uint32_t n = (uint32_t)size - 1;
    CALL("decode", bytes[0], program_put_last(bytes + 1, n), n);
    program_require(CALL("scratch_used") == 0, "scratch memory was not given back");
    return 0;
}
