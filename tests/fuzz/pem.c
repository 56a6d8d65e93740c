// A file of trust anchors: PEM, or DER one after the other. Entry: x509.

#include "program.h"

enum { ROOM = 1 << 16 };

static uint32_t out;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > ROOM) return -1;
    if (out == 0) {
        program_start(ROOM);
        out = program_allocate(ROOM);
    }
    const uint32_t at = program_put_last(bytes, size);
    const int32_t written = CALL("readCertificates", at, (uint32_t)size, out);
    program_require(written <= (int32_t)size, "DER is longer than its file");
    CALL("countCertificates", at, (uint32_t)size);
    program_require(CALL("scratchUsed") == 0, "scratch memory was not given back");
    return 0;
}
