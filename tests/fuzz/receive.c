// What a client receives. The input is a conversation's other side: first a byte with the size of
// the pieces in which it arrives (0: whole records), then records of
//
//   type u8 | length u16 | content
//
// in the clear. Once the client has keys each content is sealed with them, as a server that knows
// them would, so that inputs reach what only an authentic peer can send. Types from 0x80 on are
// sent as they are, without keys. The client's random numbers are always the same; therefore a
// recorded flight (tests/fuzz/seeds.ts) ends in a finished handshake. Entry: fuzz.

#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { HEADER = 5, MAX_TEXT = 1 << 14, EXPANSION = 256, UNSEALED = 0x80, CONNECTED = 4 };

static uint32_t context, record;
static int32_t handle, used_before;

static void start(void) {
    if (handle != 0) {
        program_restore();
        return;
    }
    static const char name[] = "localhost";
    const uint32_t length = sizeof name - 1;
    program_start(0);
    used_before = CALL("memory_used");
    context = (uint32_t)CALL("context_new", 0);
    CALL("context_set_verify_mode", context, 0);
    const uint32_t at = program_allocate(length);
    memcpy(program_at(at, length), name, length);
    handle = CALL("connection_new", context, 0, at, length);
    CALL("release", at);
    record = program_allocate(HEADER + MAX_TEXT + EXPANSION);
    program_require(handle > 0, "no connection");
    program_save();
}

// What an app would do between two pieces: send and read all there is. False: the connection ended.
static int pump(void) {
    const int32_t out = CALL("connection_take_size", (uint32_t)handle);
    if (out > 0) {
        const int32_t at = CALL("connection_take_at", (uint32_t)handle);
        program_at((uint32_t)at, (uint32_t)out);
        CALL("connection_taken", (uint32_t)handle, (uint32_t)out);
    }
    for (;;) {
        const int32_t size = CALL("connection_read_size", (uint32_t)handle);
        if (size <= 0) break;
        const int32_t at = CALL("connection_read_at", (uint32_t)handle);
        program_at((uint32_t)at, (uint32_t)size);
        CALL("connection_consumed", (uint32_t)handle, (uint32_t)size);
    }
    return CALL("connection_wants", (uint32_t)handle) >= 0;
}

static int deliver(const uint8_t *bytes, uint32_t size, uint32_t piece) {
    while (size > 0) {
        const int32_t room = CALL("connection_receive_room", (uint32_t)handle);
        if (room <= 0) return 0;
        uint32_t n = size < (uint32_t)room ? size : (uint32_t)room;
        if (piece != 0 && n > piece) n = piece;
        const int32_t at = CALL("connection_receive_at", (uint32_t)handle);
        memcpy(program_at((uint32_t)at, n), bytes, n);
        const int32_t taken = CALL("connection_receive", (uint32_t)handle, n);
        program_require(taken < 0 || taken == (int32_t)n, "receive took another number of bytes");
        if (!pump() || taken < 0) return 0;
        bytes += n;
        size -= n;
    }
    return 1;
}

static uint32_t protect(uint8_t type, const uint8_t *content, uint32_t size) {
    memcpy(program_at(record + HEADER, size), content, size);
    if (type < UNSEALED) return (uint32_t)CALL("seal", (uint32_t)handle, type, record, size);
    const uint8_t header[HEADER] = {type - UNSEALED, 3, 3, (uint8_t)(size >> 8), (uint8_t)size};
    memcpy(program_at(record, HEADER), header, HEADER);
    return HEADER + size;
}

static void finish(void) {
    const int32_t first = CALL("connection_wants", (uint32_t)handle);
    // set for recorded conversations: otherwise fuzzing would start from nowhere
    if (getenv("FUZZ_CONNECTED") != NULL) program_require(first > 0 && (first & CONNECTED), "seed");
    CALL("connection_receive_end", (uint32_t)handle);
    if (first < 0) {
        const int32_t again = CALL("connection_read_size", (uint32_t)handle);
        program_require(again == first, "the first error is not the last");
    }
    CALL("connection_close", (uint32_t)handle);
    CALL("connection_free", (uint32_t)handle);
    CALL("context_free", context);
    CALL("release", record);
    program_require(CALL("memory_used") == used_before, "memory was not given back");
    program_require(CALL("scratch_used") == 0, "scratch memory was not given back");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size == 0) return -1;
    start();
    const uint32_t piece = *bytes++;
    int open = pump();
    for (size--; open && size >= 3;) {
        uint32_t n = (uint32_t)bytes[1] << 8 | bytes[2];
        if (n > size - 3) n = (uint32_t)size - 3;
        if (n > MAX_TEXT) n = MAX_TEXT;
        static uint8_t copy[HEADER + MAX_TEXT + EXPANSION];
        const uint32_t whole = protect(bytes[0], bytes + 3, n);
        memcpy(copy, program_at(record, whole), whole);
        open = deliver(copy, whole, piece);
        bytes += 3 + n;
        size -= 3 + n;
    }
    finish();
    return 0;
}
