/* App <-> ssl: the calls of module "ssl", made of the exports of ssl.wasm.
 *
 *   app.wasm  [ range ]  --- copy --->  [ inbox, record buffer, staging block ]  ssl.wasm
 *
 * Stream data goes straight into and out of the connection's own buffers (connection_receive_at and
 * its siblings); other data goes through a block that the bridge allocates in ssl.wasm for the
 * call. An address from ssl.wasm is checked like one from the app, and used before the next call
 * only.
 */

#include "bridge.h"

#include "imports.h"
#include "ssl_wasm.h"

#include <string.h>

enum {
    CONNECTIONS = 16,          /* whose cost is counted */
    STAGE_MAX = 16 * 1024,     /* texts and a peer's certificate */
    AUTHORITY_MAX = 64 * 1024, /* certificates to trust, in one call */
    NUMBER_BYTES_IN = 0,       /* connection_number's */
    WANTS_CONNECTED = 4,       /* connection_wants' bit */
    BAD_HOSTNAME = -0x400 - 8, /* misuse(Misuse.BAD_HOSTNAME) of assembly/base/err.ts */
    BAD_CIPHERS = -0x400 - 9,  /* misuse(Misuse.BAD_CIPHERS) */
};

static struct {
    uint64_t charged_us; /* of the time spent in ssl.wasm: somebody's already */
    uint32_t created;
    struct bridge_connection connections[CONNECTIONS];
    void (*ended)(const struct bridge_connection *);
} bridge;

/* --- what handlers share ---------------------------------------------------------------------- */

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static struct bridge_connection *connection_of(int32_t handle) {
    for (int i = 0; i < CONNECTIONS && handle > 0; i++) {
        if (bridge.connections[i].handle == handle) return &bridge.connections[i];
    }
    return NULL;
}

/* Charges the time that ssl.wasm took since the last call to a connection, or to nobody (NULL). */
static void charge(struct bridge_connection *c) {
    const uint64_t now = ssl_time_us();
    if (c != NULL) c->total.time_us += now - bridge.charged_us;
    bridge.charged_us = now;
}

/* Every handler's way out. A broken ssl.wasm ends the program here, so the app never sees that
 * result. */
static int64_t done(struct vm_call *call, int32_t result) {
    charge(NULL);
    if (ssl_is_broken()) call->stop = vm_end;
    return result;
}

/* The way out of those that worked for a connection. */
static int64_t done_for(struct vm_call *call, int32_t handle, int32_t result) {
    charge(connection_of(handle));
    return done(call, result);
}

/* Calls an export that fills (..., address, capacity) through a block of ssl.wasm, and copies what
 * it gave. */
static int32_t call_out(enum ssl_export e, int32_t a, int32_t what, const struct range *out) {
    const uint32_t capacity = smaller(out->length, STAGE_MAX);
    const int32_t block = ssl_stage(NULL, capacity);
    if (block < 0) return block;
    const int32_t n = e == SSL_connection_text ? ssl_call4(e, a, what, block, (int32_t)capacity)
                                               : ssl_call3(e, a, block, (int32_t)capacity);
    if (n > 0) {
        const uint8_t *p = ssl_bytes(block, smaller((uint32_t)n, capacity));
        if (p != NULL) memcpy(out->bytes, p, smaller((uint32_t)n, capacity));
    }
    ssl_call1(SSL_release, block);
    return n;
}

/* --- contexts --------------------------------------------------------------------------------- */

int64_t ssl_context_new(struct vm_call *call) {
    return done(call, ssl_call1(SSL_context_new, fetch_i32(call, 0)));
}

int64_t ssl_context_free(struct vm_call *call) {
    return done(call, ssl_call1(SSL_context_free, fetch_i32(call, 0)));
}

int64_t ssl_context_set_verify_mode(struct vm_call *call) {
    const int32_t mode = fetch_i32(call, 1);
    return done(call, ssl_call2(SSL_context_set_verify_mode, fetch_i32(call, 0), mode));
}

int64_t ssl_context_receive_buffer(struct vm_call *call) {
    return done(call, ssl_call1(SSL_context_receive_buffer, fetch_i32(call, 0)));
}

int64_t ssl_context_set_receive_buffer(struct vm_call *call) {
    const int32_t bytes = fetch_i32(call, 1);
    return done(call, ssl_call2(SSL_context_set_receive_buffer, fetch_i32(call, 0), bytes));
}

int64_t ssl_context_load_verify_data(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    if (r.length > AUTHORITY_MAX) return -HAL_ENOMEM;
    const int32_t block = ssl_stage(r.bytes, r.length);
    if (block < 0) return done(call, block);
    const int32_t context = fetch_i32(call, 0);
    const int32_t n = ssl_call3(SSL_context_load_verify, context, block, (int32_t)r.length);
    ssl_call1(SSL_release, block);
    return done(call, n);
}

/* Reads an open file to its end into a block of ssl.wasm: the number of bytes, or an error. */
static int32_t read_into(int file, int32_t block, uint32_t capacity) {
    uint32_t filled = 0;
    while (filled < capacity) {
        uint8_t *p = ssl_bytes(block, capacity);
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
    const int32_t block = ssl_stage(NULL, (uint32_t)size);
    if (block < 0) return block;
    int32_t n = read_into(file, block, (uint32_t)size);
    if (n >= 0) n = ssl_call3(SSL_context_load_verify, context, block, n);
    ssl_call1(SSL_release, block);
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
    return done(call, call_out(SSL_context_ciphers, fetch_i32(call, 0), 0, &r));
}

int64_t ssl_context_set_ciphers(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    if (r.length > STAGE_MAX) return BAD_CIPHERS;
    const int32_t block = ssl_stage(r.bytes, r.length);
    if (block < 0) return done(call, block);
    const int32_t context = fetch_i32(call, 0);
    const int32_t e = ssl_call3(SSL_context_set_ciphers, context, block, (int32_t)r.length);
    ssl_call1(SSL_release, block);
    return done(call, e);
}

/* --- connections ------------------------------------------------------------------------------ */

/* Reads the connection's counters into *cost. What that takes is charged to nobody. */
static void count(int32_t handle, struct bridge_cost *cost) {
    uint32_t *const counters[] = {&cost->bytes_in, &cost->bytes_out, &cost->messages_in,
                                  &cost->messages_out};
    for (int32_t i = 0; i < 4; i++) {
        const int32_t n = ssl_call2(SSL_connection_number, handle, NUMBER_BYTES_IN + i);
        *counters[i] = n < 0 ? 0 : (uint32_t)n;
    }
}

/* Counts a new connection's cost, where there is a free place. */
static void watch(int32_t handle) {
    bridge.created++;
    for (int i = 0; i < CONNECTIONS; i++) {
        if (bridge.connections[i].handle != 0) continue;
        bridge.connections[i] =
            (struct bridge_connection){.handle = handle, .number = bridge.created};
        return;
    }
}

/* Tells who watches what the connection has cost, and forgets it. */
static void unwatch(struct bridge_connection *c) {
    count(c->handle, &c->total);
    if (bridge.ended != NULL && !ssl_is_broken()) bridge.ended(c);
    c->handle = 0;
}

int64_t ssl_connection_new(struct vm_call *call) {
    struct range name;
    if (!fetch_range(call, 2, &name)) return HAL_BAD_RANGE;
    if (name.length > STAGE_MAX) return BAD_HOSTNAME;
    const int32_t block = ssl_stage(name.bytes, name.length);
    if (block < 0) return done(call, block);
    const int32_t context = fetch_i32(call, 0);
    const int32_t server_side = fetch_i32(call, 1);
    const int32_t handle =
        ssl_call4(SSL_connection_new, context, server_side, block, (int32_t)name.length);
    ssl_call1(SSL_release, block);
    if (handle > 0) watch(handle);
    return done_for(call, handle, handle);
}

int64_t ssl_connection_free(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct bridge_connection *c = connection_of(handle);
    if (c != NULL) unwatch(c);
    return done(call, ssl_call1(SSL_connection_free, handle));
}

int64_t ssl_connection_wants(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    const int32_t bits = ssl_call1(SSL_connection_wants, handle);
    struct bridge_connection *c = connection_of(handle);
    charge(c);
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
        n = ssl_call1(SSL_connection_receive_room, handle);
        if (n <= 0 || taken == r.length) break;
        const uint32_t size = smaller((uint32_t)n, r.length - taken);
        uint8_t *p = ssl_bytes(ssl_call1(SSL_connection_receive_at, handle), size);
        if (p == NULL) break;
        memcpy(p, r.bytes + taken, size);
        n = ssl_call2(SSL_connection_receive, handle, (int32_t)size);
        if (n > 0) taken += smaller((uint32_t)n, size);
    } while (n > 0);
    /* An error is sticky: after bytes were taken the next call gives it. */
    return done_for(call, handle, taken > 0 || n >= 0 ? (int32_t)taken : n);
}

/* The calls with nothing but a connection. */
static int64_t on_connection(struct vm_call *call, enum ssl_export e) {
    const int32_t handle = fetch_i32(call, 0);
    return done_for(call, handle, ssl_call1(e, handle));
}

int64_t ssl_connection_receive_end(struct vm_call *call) {
    return on_connection(call, SSL_connection_receive_end);
}

int64_t ssl_connection_take(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    uint32_t given = 0;
    int32_t n = 0;
    do {
        n = ssl_call1(SSL_connection_take_size, handle);
        if (n <= 0 || given == r.length) break;
        const uint32_t size = smaller((uint32_t)n, r.length - given);
        const uint8_t *p = ssl_bytes(ssl_call1(SSL_connection_take_at, handle), size);
        if (p == NULL) break;
        memcpy(r.bytes + given, p, size);
        given += size;
        n = ssl_call2(SSL_connection_taken, handle, (int32_t)size);
    } while (n >= 0);
    return done_for(call, handle, given > 0 || n >= 0 ? (int32_t)given : n);
}

/* At most one record's bytes: what comes after them is for the next call. */
int64_t ssl_connection_read(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    const int32_t there = ssl_call1(SSL_connection_read_size, handle);
    const uint32_t size = there <= 0 ? 0 : smaller((uint32_t)there, r.length);
    if (size == 0) return done_for(call, handle, there < 0 ? there : 0);
    const uint8_t *p = ssl_bytes(ssl_call1(SSL_connection_read_at, handle), size);
    if (p == NULL) return done_for(call, handle, -HAL_EIO);
    memcpy(r.bytes, p, size);
    const int32_t e = ssl_call2(SSL_connection_consumed, handle, (int32_t)size);
    return done_for(call, handle, e < 0 ? e : (int32_t)size);
}

/* At most one record. */
int64_t ssl_connection_write(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    const int32_t room = ssl_call1(SSL_connection_write_room, handle);
    if (room < 0) return done_for(call, handle, room);
    if (r.length == 0) return done_for(call, handle, 0);
    if (room == 0) return done_for(call, handle, -HAL_EAGAIN);
    const uint32_t size = smaller((uint32_t)room, r.length);
    uint8_t *p = ssl_bytes(ssl_call1(SSL_connection_write_at, handle), size);
    if (p == NULL) return done_for(call, handle, -HAL_EIO);
    memcpy(p, r.bytes, size);
    const int32_t e = ssl_call2(SSL_connection_written, handle, (int32_t)size);
    return done_for(call, handle, e < 0 ? e : (int32_t)size);
}

int64_t ssl_connection_pending(struct vm_call *call) {
    return on_connection(call, SSL_connection_pending);
}

int64_t ssl_connection_close(struct vm_call *call) {
    return on_connection(call, SSL_connection_close);
}

int64_t ssl_connection_text(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 2, &r)) return HAL_BAD_RANGE;
    const int32_t handle = fetch_i32(call, 0);
    const int32_t what = fetch_i32(call, 1);
    return done_for(call, handle, call_out(SSL_connection_text, handle, what, &r));
}

int64_t ssl_connection_number(struct vm_call *call) {
    const int32_t handle = fetch_i32(call, 0);
    const int32_t what = fetch_i32(call, 1);
    return done_for(call, handle, ssl_call2(SSL_connection_number, handle, what));
}

/* --- errors ----------------------------------------------------------------------------------- */

int64_t ssl_error_number(struct vm_call *call) {
    return done(call, ssl_call1(SSL_error_number, fetch_i32(call, 0)));
}

int64_t ssl_error_text(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    return done(call, call_out(SSL_error_text, fetch_i32(call, 0), 0, &r));
}

int64_t ssl_error_alert(struct vm_call *call) {
    return done(call, ssl_call1(SSL_error_alert, fetch_i32(call, 0)));
}

/* --- figures ---------------------------------------------------------------------------------- */

void bridge_watch(void (*ended)(const struct bridge_connection *connection)) {
    bridge.ended = ended;
}

void bridge_end(void) {
    for (int i = 0; i < CONNECTIONS; i++) {
        if (bridge.connections[i].handle != 0) unwatch(&bridge.connections[i]);
    }
}
