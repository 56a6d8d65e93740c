/* The link table, generated from surface.def, and the handlers that lead to the device. Those of
 * the "ssl" module are in bridge.c.
 *
 * Each handler fetches its arguments, checks them and calls one function of hal.h: what a device
 * does is not decided here.
 */

#include "imports.h"

#include <stdio.h>
#include <string.h>

enum {
    ADDRESS_SIZE = 20, /* struct net_address as surface.def lays it out */
    ADDRESSES_MAX = 8,
    ABORT_TEXT_MAX = 400,
};

#define CALL(module, name, signature, handler) {module, name, signature, handler},
static const struct vm_import surface[] = {
#include "surface.def"
};
#undef CALL

static int exit_status;

int imports_exit_status(void) {
    return exit_status;
}

static bool link_one(struct vm *vm, const struct vm_import *import) {
    char line[160];
    const char *wrong = vm_link(vm, import);
    if (wrong == NULL) return true;
    snprintf(line, sizeof line, "%s.wasm: import %s.%s: %s", vm->name, import->module, import->name,
             wrong);
    log_report(line);
    return false;
}

static bool all_linked(const struct vm *vm) {
    char name[80];
    char line[160];
    if (vm_is_linked(vm, name, sizeof name)) return true;
    snprintf(line, sizeof line, "%s.wasm: imports %s, which is not offered here", vm->name, name);
    log_report(line);
    return false;
}

bool imports_link_app(struct vm *app) {
    for (size_t i = 0; i < sizeof surface / sizeof surface[0]; i++) {
        if (!link_one(app, &surface[i])) return false;
    }
    return all_linked(app);
}

/* The first two rows of surface.def, and nothing else: ssl.wasm has no socket, no file and no
 * console. */
bool imports_link_ssl(struct vm *ssl) {
    return link_one(ssl, &surface[0]) && link_one(ssl, &surface[1]) && all_linked(ssl);
}

/* --- arguments -------------------------------------------------------------------------------- */

int32_t fetch_i32(const struct vm_call *call, uint32_t index) {
    int32_t value;
    memcpy(&value, call->arguments + 8 * (size_t)index, sizeof value);
    return value;
}

int64_t fetch_i64(const struct vm_call *call, uint32_t index) {
    int64_t value;
    memcpy(&value, call->arguments + 8 * (size_t)index, sizeof value);
    return value;
}

/* Written so that no sum can overflow: the length is compared with what is left above the offset.
 */
static bool fetch_bytes(const struct vm_call *call, uint32_t offset, uint32_t length,
                        uint8_t **out) {
    if (offset > call->memory_size || length > call->memory_size - offset) return false;
    *out = call->memory + offset;
    return true;
}

bool fetch_range(const struct vm_call *call, uint32_t index, struct range *out) {
    out->length = (uint32_t)fetch_i32(call, index + 1);
    return fetch_bytes(call, (uint32_t)fetch_i32(call, index), out->length, &out->bytes);
}

int fetch_string(const struct vm_call *call, uint32_t index, char *out, uint32_t capacity) {
    struct range r;
    if (!fetch_range(call, index, &r)) return HAL_BAD_RANGE;
    if (r.length >= capacity || memchr(r.bytes, 0, r.length) != NULL) return -HAL_EINVAL;
    memcpy(out, r.bytes, r.length);
    out[r.length] = '\0';
    return 0;
}

static int fetch_path(const struct vm_call *call, uint32_t index, char path[FS_PATH_MAX + 1]) {
    return fetch_string(call, index, path, FS_PATH_MAX + 1);
}

static bool fetch_address_at(const struct vm_call *call, uint32_t index, uint8_t **out) {
    return fetch_bytes(call, (uint32_t)fetch_i32(call, index), ADDRESS_SIZE, out);
}

/* The address that an argument points to. 0, -HAL_EINVAL or HAL_BAD_RANGE. */
static int fetch_address(const struct vm_call *call, uint32_t index, struct net_address *out) {
    uint8_t *p;
    if (!fetch_address_at(call, index, &p)) return HAL_BAD_RANGE;
    out->version = (uint16_t)(p[0] | p[1] << 8);
    out->port = (uint16_t)(p[2] | p[3] << 8);
    memcpy(out->ip, p + 4, sizeof out->ip);
    return out->version == 4 || out->version == 6 ? 0 : -HAL_EINVAL;
}

static void store_address(uint8_t *p, const struct net_address *a) {
    p[0] = (uint8_t)a->version;
    p[1] = (uint8_t)(a->version >> 8);
    p[2] = (uint8_t)a->port;
    p[3] = (uint8_t)(a->port >> 8);
    memcpy(p + 4, a->ip, sizeof a->ip);
}

/* --- the program itself ----------------------------------------------------------------------- */

int64_t app_exit(struct vm_call *call) {
    exit_status = fetch_i32(call, 0);
    call->stop = vm_end;
    return 0;
}

/* Appends one code point of the string as UTF-8; line feeds stay, other control characters become
 * '?'. */
static size_t append_utf8(char *out, uint32_t c) {
    if ((c < 0x20 && c != '\n') || c == 0x7f) c = '?';
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    const size_t n = c < 0x10000 ? 3 : 4;
    out[0] = (char)(n == 3 ? 0xe0 | c >> 12 : 0xf0 | c >> 18);
    for (size_t i = 1; i < n; i++)
        out[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
    return n;
}

/* An AssemblyScript string (UTF-16, its length in bytes in the word below it) as UTF-8, cut to the
 * capacity. A lone surrogate becomes U+FFFD; a pointer that is none gives an empty text. */
static void fetch_text(const struct vm_call *call, uint32_t index, char *out, size_t capacity) {
    const uint32_t at = (uint32_t)fetch_i32(call, index);
    uint8_t *p;
    size_t n = 0;
    out[0] = '\0';
    if (at < 4 || !fetch_bytes(call, at - 4, 4, &p)) return;
    const uint32_t length =
        p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    if (!fetch_bytes(call, at, length, &p)) return;
    for (uint32_t i = 0; i + 1 < length && n + 5 <= capacity; i += 2) {
        uint32_t c = p[i] | (uint32_t)p[i + 1] << 8;
        const bool pair = c >> 10 == 0xd800 >> 10 && i + 3 < length && p[i + 3] >> 2 == 0xdc >> 2;
        if (pair) {
            const uint32_t low = p[i + 2] | (uint32_t)p[i + 3] << 8;
            c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
            i += 2;
        } else if (c >> 11 == 0xd800 >> 11) {
            c = 0xfffd;
        }
        n += append_utf8(out + n, c);
    }
    out[n] = '\0';
}

/* AssemblyScript's abort(message, file, line, column): an uncaught exception. */
int64_t app_abort(struct vm_call *call) {
    char message[ABORT_TEXT_MAX];
    char file[ABORT_TEXT_MAX];
    char line[2 * ABORT_TEXT_MAX + 64];
    fetch_text(call, 0, message, sizeof message);
    fetch_text(call, 1, file, sizeof file);
    snprintf(line, sizeof line, "abort: %s", message[0] == '\0' ? "(no message)" : message);
    log_report(line);
    if (file[0] != '\0') {
        const unsigned row = (unsigned)fetch_i32(call, 2);
        const unsigned column = (unsigned)fetch_i32(call, 3);
        snprintf(line, sizeof line, "    in %s:%u:%u", file, row, column);
        log_report(line);
    }
    call->stop = "abort";
    return 0;
}

int64_t app_log_write(struct vm_call *call) {
    struct range r;
    if (fetch_range(call, 0, &r))
        log_write(r.bytes, r.length);
    else
        call->stop = "log_write of a range outside the memory"; /* it has no result to say so */
    return 0;
}

/* memory.size counts whole pages, of which a device may cut the last one. */
int64_t app_memory_size(struct vm_call *call) {
    return call->memory_size;
}

/* --- random and clock ------------------------------------------------------------------------- */

int64_t hal_random_fill(struct vm_call *call) {
    struct range r;
    return fetch_range(call, 0, &r) ? random_fill(r.bytes, r.length) : HAL_BAD_RANGE;
}

int64_t hal_clock_time(struct vm_call *call) {
    (void)call;
    return clock_time();
}

int64_t app_clock_set(struct vm_call *call) {
    return clock_set(fetch_i64(call, 0));
}

/* MicroPython's ticks wrap at 2^30, so that they stay small integers. */
static int64_t wrap_ticks(uint64_t ticks) {
    return (int64_t)(ticks & 0x3fffffff);
}

int64_t app_clock_ticks_ms(struct vm_call *call) {
    (void)call;
    return wrap_ticks(clock_ticks_us() / 1000);
}

int64_t app_clock_ticks_us(struct vm_call *call) {
    (void)call;
    return wrap_ticks(clock_ticks_us());
}

int64_t app_clock_sleep_ms(struct vm_call *call) {
    const int32_t milliseconds = fetch_i32(call, 0);
    if (milliseconds > 0) clock_sleep_ms((uint32_t)milliseconds);
    return 0;
}

/* --- fs --------------------------------------------------------------------------------------- */

int64_t app_fs_open(struct vm_call *call) {
    char path[FS_PATH_MAX + 1];
    const int e = fetch_path(call, 0, path);
    return e < 0 ? e : fs_open(path, (uint32_t)fetch_i32(call, 2));
}

int64_t app_fs_read(struct vm_call *call) {
    struct range r;
    return fetch_range(call, 1, &r) ? fs_read(fetch_i32(call, 0), r.bytes, r.length)
                                    : HAL_BAD_RANGE;
}

int64_t app_fs_write(struct vm_call *call) {
    struct range r;
    return fetch_range(call, 1, &r) ? fs_write(fetch_i32(call, 0), r.bytes, r.length)
                                    : HAL_BAD_RANGE;
}

int64_t app_fs_seek(struct vm_call *call) {
    return fs_seek(fetch_i32(call, 0), fetch_i32(call, 1), fetch_i32(call, 2));
}

int64_t app_fs_close(struct vm_call *call) {
    return fs_close(fetch_i32(call, 0));
}

int64_t app_fs_remove(struct vm_call *call) {
    char path[FS_PATH_MAX + 1];
    const int e = fetch_path(call, 0, path);
    return e < 0 ? e : fs_remove(path);
}

int64_t app_fs_list(struct vm_call *call) {
    char path[FS_PATH_MAX + 1];
    struct range out;
    const int e = fetch_path(call, 0, path);
    const int32_t index = fetch_i32(call, 2);
    if (e < 0) return e;
    if (!fetch_range(call, 3, &out)) return HAL_BAD_RANGE;
    return index < 0 ? -HAL_EINVAL : fs_list(path, (uint32_t)index, (char *)out.bytes, out.length);
}

/* --- net -------------------------------------------------------------------------------------- */

int64_t app_net_getaddrinfo(struct vm_call *call) {
    char host[NET_HOST_MAX + 1];
    struct net_address found[ADDRESSES_MAX];
    struct range out;
    const int e = fetch_string(call, 0, host, sizeof host);
    const int32_t port = fetch_i32(call, 2);
    if (e < 0) return e;
    if (!fetch_range(call, 3, &out)) return HAL_BAD_RANGE;
    if (port < 0 || port > 0xffff) return -HAL_EINVAL;
    uint32_t capacity = out.length / ADDRESS_SIZE;
    if (capacity > ADDRESSES_MAX) capacity = ADDRESSES_MAX;
    const int count = net_getaddrinfo(host, (uint16_t)port, found, capacity);
    for (int i = 0; i < count; i++)
        store_address(out.bytes + ADDRESS_SIZE * i, &found[i]);
    return count;
}

int64_t app_net_socket(struct vm_call *call) {
    return net_socket(fetch_i32(call, 0), fetch_i32(call, 1));
}

int64_t app_net_connect(struct vm_call *call) {
    struct net_address peer;
    const int e = fetch_address(call, 1, &peer);
    return e < 0 ? e : net_connect(fetch_i32(call, 0), &peer);
}

int64_t app_net_bind(struct vm_call *call) {
    struct net_address local;
    const int e = fetch_address(call, 1, &local);
    return e < 0 ? e : net_bind(fetch_i32(call, 0), &local);
}

int64_t app_net_listen(struct vm_call *call) {
    return net_listen(fetch_i32(call, 0), fetch_i32(call, 1));
}

int64_t app_net_accept(struct vm_call *call) {
    struct net_address peer;
    uint8_t *out;
    if (!fetch_address_at(call, 1, &out)) return HAL_BAD_RANGE;
    const int socket = net_accept(fetch_i32(call, 0), &peer);
    if (socket > 0) store_address(out, &peer);
    return socket;
}

int64_t app_net_send(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    return net_send(fetch_i32(call, 0), r.bytes, r.length, NULL);
}

int64_t app_net_recv(struct vm_call *call) {
    struct range r;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    return net_recv(fetch_i32(call, 0), r.bytes, r.length, (uint32_t)fetch_i32(call, 3), NULL);
}

int64_t app_net_sendto(struct vm_call *call) {
    struct net_address to;
    struct range r;
    const int e = fetch_address(call, 3, &to);
    if (e < 0) return e;
    if (!fetch_range(call, 1, &r)) return HAL_BAD_RANGE;
    return net_send(fetch_i32(call, 0), r.bytes, r.length, &to);
}

int64_t app_net_recvfrom(struct vm_call *call) {
    struct net_address from = {0};
    struct range r;
    uint8_t *out;
    if (!fetch_range(call, 1, &r) || !fetch_address_at(call, 4, &out)) return HAL_BAD_RANGE;
    const uint32_t flags = (uint32_t)fetch_i32(call, 3);
    const int n = net_recv(fetch_i32(call, 0), r.bytes, r.length, flags, &from);
    if (n >= 0) store_address(out, &from);
    return n;
}

int64_t app_net_setsockopt(struct vm_call *call) {
    return net_setsockopt(fetch_i32(call, 0), fetch_i32(call, 1), fetch_i32(call, 2),
                          fetch_i32(call, 3));
}

int64_t app_net_settimeout(struct vm_call *call) {
    return net_settimeout(fetch_i32(call, 0), fetch_i32(call, 1));
}

int64_t app_net_close(struct vm_call *call) {
    return net_close(fetch_i32(call, 0));
}
