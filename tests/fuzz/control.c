// Feeds a parser that reads too far, as the other targets feed theirs. Entry: fuzz-control.

#include "program.h"

enum { ROOM = 1 << 16 };

static int started;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > ROOM) return -1;
    if (!started) program_start(ROOM);
    started = 1;
    CALL("parse", program_put_last(bytes, size), (uint32_t)size);
    return 0;
}
