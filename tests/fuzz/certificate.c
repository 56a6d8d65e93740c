// A certificate in DER; once it parses, everything that is asked of one. Entry: x509.

#include <string.h>

#include "program.h"

enum { ROOM = 1 << 16, OUT = 300 };

static uint32_t certificate, out, name, pair;

static void start(void) {
    if (certificate != 0) return;
    program_start(ROOM);
    const int32_t size = CALL("certificateRecordSize");
    certificate = program_allocate((uint32_t)size);
    out = program_allocate(OUT);
    name = program_allocate(OUT);
    pair = program_allocate(8);
}

static void ask_name(const char *text) {
    const uint32_t size = (uint32_t)strlen(text);
    memcpy(program_at(name, size), text, size);
    CALL("hostnameMatches", certificate, name, size);
}

static void use(uint32_t at, uint32_t size) {
    ask_name("localhost");
    ask_name("127.0.0.1");
    ask_name("::1");
    CALL("subject", certificate, out, 20);
    const int32_t n = CALL("subject", certificate, out, OUT);
    program_require(n <= OUT, "subject is longer than its room");
    CALL("namesAllowed", certificate, certificate, 0);
    CALL("verify", certificate, 0x0403, at, 50, at + size - 72, 72);
    memcpy(program_at(pair, 4), &certificate, 4);
    memcpy(program_at(pair + 4, 4), &certificate, 4);
    CALL("verifyChain", pair, 1, pair + 4, 1, 1800000000, 0, out, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > ROOM) return -1;
    start();
    const uint32_t at = program_put_last(bytes, size);
    if (CALL("parse", certificate, at, (uint32_t)size) >= 0) use(at, (uint32_t)size);
    program_require(CALL("scratchUsed") == 0, "scratch memory was not given back");
    return 0;
}
