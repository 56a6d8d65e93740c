/* App <-> ssl: the calls of module "ssl", made of the exports of ssl.wasm.
 *
 *   app.wasm  [ range ]  --- copy --->  [ inbox, record buffer, staging block ]  ssl.wasm
 *
 * Stream data goes straight into and out of the connection's own buffers (connection_receive_at and
 * its siblings); other data goes through a block that the bridge allocates in ssl.wasm for the
 * call. An address from ssl.wasm is checked like one from the app, and used before the next call
 * only: a call may grow, and so move, the memory.
 */

#include "bridge.h"

#include "imports.h"

#include <stdio.h>
#include <string.h>

enum {
    CONNECTIONS = 16,          /* whose cost is counted */
    STAGE_MAX = 16 * 1024,     /* texts and a peer's certificate */
    AUTHORITY_MAX = 64 * 1024, /* certificates to trust, in one call */
    NUMBER_BYTES_IN = 0,       /* connection_number's */
    WANTS_CONNECTED = 4,       /* connection_wants' bit */
    BAD_CIPHERS = -0x400 - 9,  /* misuse(Misuse.BAD_CIPHERS) of assembly/base/err.ts */
    BAD_HOSTNAME = -0x400 - 8,
};

/* The exports of ssl.wasm: name, number of arguments, and whether the first is a connection. */
#define EXPORTS(X)                                                                                 \
    X(alloc, 1, false)                                                                             \
    X(release, 1, false)                                                                           \
    X(context_new, 1, false)                                                                       \
    X(context_free, 1, false)                                                                      \
    X(context_set_verify_mode, 2, false)                                                           \
    X(context_load_verify, 3, false)                                                               \
    X(context_ciphers, 3, false)                                                                   \
    X(context_set_ciphers, 3, false)                                                               \
    X(connection_new, 4, false)                                                                    \
    X(connection_free, 1, true)                                                                    \
    X(connection_wants, 1, true)                                                                   \
    X(connection_receive_at, 1, true)                                                              \
    X(connection_receive_room, 1, true)                                                            \
    X(connection_receive, 2, true)                                                                 \
    X(connection_receive_end, 1, true)                                                             \
    X(connection_take_at, 1, true)                                                                 \
    X(connection_take_size, 1, true)                                                               \
    X(connection_taken, 2, true)                                                                   \
    X(connection_read_at, 1, true)                                                                 \
    X(connection_read_size, 1, true)                                                               \
    X(connection_consumed, 2, true)                                                                \
    X(connection_write_at, 1, true)                                                                \
    X(connection_write_room, 1, true)                                                              \
    X(connection_written, 2, true)                                                                 \
    X(connection_pending, 1, true)                                                                 \
    X(connection_close, 1, true)                                                                   \
    X(connection_text, 4, true)                                                                    \
    X(connection_number, 2, true)                                                                  \
    X(error_number, 1, false)                                                                      \
    X(error_text, 3, false)                                                                        \
    X(error_alert, 1, false)                                                                       \
    X(memory_end, 0, false)                                                                        \
    X(memory_peak, 0, false)                                                                       \
    X(scratch_peak, 0, false)

enum export {
#define X(name, arguments, on_connection) EXPORT_##name,
    EXPORTS(X)
#undef X
        EXPORT_COUNT
};

static const struct {
    const char *name;
    uint32_t arguments;
    bool on_connection;
} exports[] = {
#define X(name, arguments, on_connection) {#name, arguments, on_connection},
    EXPORTS(X)
#undef X
};

static struct {
    struct vm *vm;
    struct M3Function *functions[EXPORT_COUNT];
    bool is_broken;
    uint64_t time_us;
    uint32_t created;
    struct bridge_connection connections[CONNECTIONS];
    void (*ended)(const struct bridge_connection *);
} ssl;

const char *bridge_start(struct vm *vm) {
    ssl.vm = vm;
    for (int i = 0; i < EXPORT_COUNT; i++) {
        ssl.functions[i] = vm_find(vm, exports[i].name, exports[i].arguments);
        if (ssl.functions[i] == NULL) return exports[i].name;
    }
    return NULL;
}

bool bridge_is_broken(void) {
    return ssl.is_broken;
}

/* --- calling ssl.wasm ------------------------------------------------------------------------- */

static struct bridge_connection *connection_of(int32_t handle) {
    for (int i = 0; i < CONNECTIONS && handle > 0; i++) {
        if (ssl.connections[i].handle == handle) return &ssl.connections[i];
    }
    return NULL;
}

/* Our bug, whatever the app and the peer did. */
static void fail(const char *what) {
    ssl.is_broken = true;
    log_report(what);
    log_report("this is a fault of the ssl module, not of the app");
}

/* Calls an export and counts its time. Once ssl.wasm has failed it is not called any more:
 * everything gives -HAL_EIO, which the app does not see because its own call ends the program (see
 * done). */
static int32_t call4(enum export e, int32_t a, int32_t b, int32_t c, int32_t d) {
    if (ssl.is_broken) return -HAL_EIO;
    const uint32_t arguments[] = {(uint32_t)a, (uint32_t)b, (uint32_t)c, (uint32_t)d};
    int32_t result = 0;
    const uint64_t start = clock_ticks_us();
    const enum vm_outcome outcome = vm_run(ssl.vm, ssl.functions[e], arguments, &result);
    const uint64_t spent = clock_ticks_us() - start;

    ssl.time_us += spent;
    struct bridge_connection *connection = exports[e].on_connection ? connection_of(a) : NULL;
    if (connection != NULL) connection->total.time_us += spent;
    if (outcome == VM_DONE) return result;
    vm_report(ssl.vm);
    fail("ssl.wasm trapped");
    return -HAL_EIO;
}

static int32_t call1(enum export e, int32_t a) {
    return call4(e, a, 0, 0, 0);
}

static int32_t call2(enum export e, int32_t a, int32_t b) {
    return call4(e, a, b, 0, 0);
}

static int32_t call3(enum export e, int32_t a, int32_t b, int32_t c) {
    return call4(e, a, b, c, 0);
}

/* Every handler's way out. */
static int64_t done(struct vm_call *call, int32_t result) {
    if (ssl.is_broken) call->stop = vm_end;
    return result;
}

/* `length` bytes of ssl.wasm's memory at an address it gave; NULL ends the program. */
static uint8_t *bytes_at(int32_t address, uint32_t length) {
    if (ssl.is_broken) return NULL;
    uint8_t *p = vm_range(ssl.vm, (uint32_t)address, length);
    if (p == NULL) fail("ssl.wasm gave an address outside its memory");
    return p;
}

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* A block of ssl.wasm for one call, holding a copy of n bytes where `bytes` is not NULL: its
 * address, or an error. */
static int32_t stage(const uint8_t *bytes, uint32_t n) {
    const int32_t address = call1(EXPORT_alloc, (int32_t)n);
    if (address == 0) return -HAL_ENOMEM;
    uint8_t *p = bytes_at(address, n);
    if (p == NULL) return -HAL_EIO;
    if (bytes != NULL) memcpy(p, bytes, n);
    return address;
}

/* Calls an export that fills (..., address, capacity) through a block of ssl.wasm, and copies what
 * it gave. */
static int32_t call_out(enum export e, int32_t a, int32_t what, const struct range *out) {
    const uint32_t capacity = smaller(out->length, STAGE_MAX);
    const int32_t block = stage(NULL, capacity);
    if (block < 0) return block;
    const int32_t n = e == EXPORT_connection_text ? call4(e, a, what, block, (int32_t)capacity)
                                                  : call3(e, a, block, (int32_t)capacity);
    if (n > 0) {
        const uint8_t *p = bytes_at(block, smaller((uint32_t)n, capacity));
        if (p != NULL) memcpy(out->bytes, p, smaller((uint32_t)n, capacity));
    }
    call1(EXPORT_release, block);
    return n;
}

/* --- contexts --------------------------------------------------------------------------------- */

int64_t ssl_context_new(struct vm_call *call) {
    return done(call, call1(EXPORT_context_new, fetch_i32(call, 0)));
}

int64_t ssl_context_free(struct vm_call *call) {
    return done(call, call1(EXPORT_context_free, fetch_i32(call, 0)));
}

int64_t ssl_context_set_verify_mode(struct vm_call *call) {
    const int32_t mode = fetch_i32(call, 1);
    return done(call, call2(EXPORT_context_set_verify_mode, fetch_i32(call, 0), mode));
}

int64_t ssl_context_load_verify_data(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    if (r.length > AUTHORITY_MAX) return -HAL_ENOMEM;
    const int32_t block = stage(r.bytes, r.length);
    if (block < 0) return done(call, block);
    const int32_t context = fetch_i32(call, 0);
    const int32_t n = call3(EXPORT_context_load_verify, context, block, (int32_t)r.length);
    call1(EXPORT_release, block);
    return done(call, n);
}

/* Reads an open file to its end into a block of ssl.wasm: the number of bytes, or an error. */
static int32_t read_into(int file, int32_t block, uint32_t capacity) {
    uint32_t filled = 0;
    while (filled < capacity) {
        uint8_t *p = bytes_at(block, capacity);
        if (p == NULL) return -HAL_EIO;
        const int n = fs_read(file, p + filled, capacity - filled);
        if (n < 0) return n;
        if (n == 0) break;
        filled += (uint32_t)n;
    }
    return (int32_t)filled;
}

/* The file's bytes go to ssl.wasm without passing through the app. */
static int32_t load_file(int32_t context, int file) {
    const int size = fs_seek(file, 0, 2);
    const int start = fs_seek(file, 0, 0);
    if (size < 0 || start < 0) return size < 0 ? size : start;
    if (size > AUTHORITY_MAX) return -HAL_ENOMEM;
    const int32_t block = stage(NULL, (uint32_t)size);
    if (block < 0) return block;
    int32_t n = read_into(file, block, (uint32_t)size);
    if (n >= 0) n = call3(EXPORT_context_load_verify, context, block, n);
    call1(EXPORT_release, block);
    return n;
}

int64_t ssl_context_load_verify_file(struct vm_call *call) {
    char path[FS_PATH_MAX + 1];
    const int e = fetch_string(call, 1, path, sizeof path);
    if (e < 0) return e;
    const int file = fs_open(path, FS_READ);
    if (file < 0) return file;
    const int32_t n = load_file(fetch_i32(call, 0), file);
    fs_close(file);
    return done(call, n);
}

int64_t ssl_context_ciphers(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    return done(call, call_out(EXPORT_context_ciphers, fetch_i32(call, 0), 0, &r));
}

int64_t ssl_context_set_ciphers(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    if (r.length > STAGE_MAX) return BAD_CIPHERS;
    const int32_t block = stage(r.bytes, r.length);
    if (block < 0) return done(call, block);
    const int32_t context = fetch_i32(call, 0);
    const int32_t e = call3(EXPORT_context_set_ciphers, context, block, (int32_t)r.length);
    call1(EXPORT_release, block);
    return done(call, e);
}

/* --- connections ------------------------------------------------------------------------------ */

/* Reads the connection's counters into *cost; its time is already there. */
static void count(int32_t handle, struct bridge_cost *cost) {
    uint32_t *const counters[] = {&cost->bytes_in, &cost->bytes_out, &cost->messages_in,
                                  &cost->messages_out};
    for (int32_t i = 0; i < 4; i++) {
        const int32_t n = call2(EXPORT_connection_number, handle, NUMBER_BYTES_IN + i);
        *counters[i] = n < 0 ? 0 : (uint32_t)n;
    }
}

/* Counts a new connection's cost, where there is a free place. */
static void watch(int32_t handle, uint64_t time_us) {
    ssl.created++;
    for (int i = 0; i < CONNECTIONS; i++) {
        if (ssl.connections[i].handle != 0) continue;
        ssl.connections[i] = (struct bridge_connection){
            .handle = handle, .number = ssl.created, .total.time_us = time_us};
        return;
    }
}

/* Tells who watches what the connection has cost, and forgets it. */
static void unwatch(struct bridge_connection *c) {
    if (c == NULL) return;
    const uint64_t time_us = c->total.time_us; /* without what the counting itself takes */
    count(c->handle, &c->total);
    c->total.time_us = time_us;
    if (ssl.ended != NULL) ssl.ended(c);
    c->handle = 0;
}

int64_t ssl_connection_new(struct vm_call *call) {
    struct range name;
    if (!fetch_range(call, 2, &name)) return HAL_BAD_RANGE;
    if (name.length > STAGE_MAX) return BAD_HOSTNAME;
    const uint64_t before = ssl.time_us;
    const int32_t block = stage(name.bytes, name.length);
    if (block < 0) return done(call, block);
    const int32_t context = fetch_i32(call, 0);
    const int32_t server_side = fetch_i32(call, 1);
    const int32_t handle =
        call4(EXPORT_connection_new, context, server_side, block, (int32_t)name.length);
    call1(EXPORT_release, block);
    if (handle > 0) watch(handle, ssl.time_us - before);
    return done(call, handle);
}

int64_t ssl_connection_free(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    unwatch(connection_of(handle));
    return done(call, call1(EXPORT_connection_free, handle));
}

int64_t ssl_connection_wants(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    const int32_t bits = call1(EXPORT_connection_wants, handle);
    struct bridge_connection *c = connection_of(handle);
    if (c != NULL && !c->is_connected && bits > 0 && (bits & WANTS_CONNECTED) != 0) {
        c->is_connected = true;
        c->handshake.time_us = c->total.time_us;
        count(handle, &c->handshake);
    }
    return done(call, bits);
}

int64_t ssl_connection_receive(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    uint32_t taken = 0;
    int32_t n = 0;
    do {
        n = call1(EXPORT_connection_receive_room, handle);
        if (n <= 0 || taken == r.length) break;
        const uint32_t size = smaller((uint32_t)n, r.length - taken);
        uint8_t *p = bytes_at(call1(EXPORT_connection_receive_at, handle), size);
        if (p == NULL) break;
        memcpy(p, r.bytes + taken, size);
        n = call2(EXPORT_connection_receive, handle, (int32_t)size);
        if (n > 0) taken += smaller((uint32_t)n, size);
    } while (n > 0);
    /* An error is sticky: after bytes were taken the next call gives it. */
    return done(call, taken > 0 || n >= 0 ? (int32_t)taken : n);
}

int64_t ssl_connection_receive_end(struct vm_call *call) {
    return done(call, call1(EXPORT_connection_receive_end, fetch_i32(call, 0)));
}

int64_t ssl_connection_take(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    uint32_t given = 0;
    int32_t n = 0;
    do {
        n = call1(EXPORT_connection_take_size, handle);
        if (n <= 0 || given == r.length) break;
        const uint32_t size = smaller((uint32_t)n, r.length - given);
        const uint8_t *p = bytes_at(call1(EXPORT_connection_take_at, handle), size);
        if (p == NULL) break;
        memcpy(r.bytes + given, p, size);
        given += size;
        n = call2(EXPORT_connection_taken, handle, (int32_t)size);
    } while (n >= 0);
    return done(call, given > 0 || n >= 0 ? (int32_t)given : n);
}

/* At most one record's bytes: what comes after them is for the next call. */
int64_t ssl_connection_read(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    const int32_t there = call1(EXPORT_connection_read_size, handle);
    const uint32_t size = there <= 0 ? 0 : smaller((uint32_t)there, r.length);
    if (size == 0) return done(call, there < 0 ? there : 0);
    const uint8_t *p = bytes_at(call1(EXPORT_connection_read_at, handle), size);
    if (p == NULL) return done(call, -HAL_EIO);
    memcpy(r.bytes, p, size);
    const int32_t e = call2(EXPORT_connection_consumed, handle, (int32_t)size);
    return done(call, e < 0 ? e : (int32_t)size);
}

/* At most one record. */
int64_t ssl_connection_write(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    const int32_t room = call1(EXPORT_connection_write_room, handle);
    if (room < 0) return done(call, room);
    if (r.length == 0) return done(call, 0);
    if (room == 0) return done(call, -HAL_EAGAIN);
    const uint32_t size = smaller((uint32_t)room, r.length);
    uint8_t *p = bytes_at(call1(EXPORT_connection_write_at, handle), size);
    if (p == NULL) return done(call, -HAL_EIO);
    memcpy(p, r.bytes, size);
    const int32_t e = call2(EXPORT_connection_written, handle, (int32_t)size);
    return done(call, e < 0 ? e : (int32_t)size);
}

int64_t ssl_connection_pending(struct vm_call *call) {
    return done(call, call1(EXPORT_connection_pending, fetch_i32(call, 0)));
}

int64_t ssl_connection_close(struct vm_call *call) {
    return done(call, call1(EXPORT_connection_close, fetch_i32(call, 0)));
}

int64_t ssl_connection_text(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 2, &r)) return HAL_BAD_RANGE;
    const int32_t what = fetch_i32(call, 1);
    return done(call, call_out(EXPORT_connection_text, fetch_i32(call, 0), what, &r));
}

int64_t ssl_connection_number(struct vm_call *call) {
    const int32_t what = fetch_i32(call, 1);
    return done(call, call2(EXPORT_connection_number, fetch_i32(call, 0), what));
}

/* --- errors ----------------------------------------------------------------------------------- */

int64_t ssl_error_number(struct vm_call *call) {
    return done(call, call1(EXPORT_error_number, fetch_i32(call, 0)));
}

int64_t ssl_error_text(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    return done(call, call_out(EXPORT_error_text, fetch_i32(call, 0), 0, &r));
}

int64_t ssl_error_alert(struct vm_call *call) {
    return done(call, call1(EXPORT_error_alert, fetch_i32(call, 0)));
}

/* --- figures ---------------------------------------------------------------------------------- */

void bridge_watch(void (*ended)(const struct bridge_connection *connection)) {
    ssl.ended = ended;
}

void bridge_end(void) {
    for (int i = 0; i < CONNECTIONS; i++) {
        if (ssl.connections[i].handle != 0) unwatch(&ssl.connections[i]);
    }
}

struct bridge_figures bridge_figures(void) {
    const uint64_t time_us = ssl.time_us; /* before the calls below add to it */
    return (struct bridge_figures){
        .heap_end = (uint32_t)call1(EXPORT_memory_end, 0),
        .heap_peak = (uint32_t)call1(EXPORT_memory_peak, 0),
        .scratch_peak = (uint32_t)call1(EXPORT_scratch_peak, 0),
        .time_us = time_us,
    };
}
