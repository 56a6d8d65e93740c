/* ssl.wasm as C calls it: its exports by number, its memory by checked ranges.
 *
 * A trap in ssl.wasm, or an address outside its memory, is a fault of ours whatever the app and the
 * peer did. It is reported once; from then on every call gives -HAL_EIO without entering ssl.wasm,
 * and the program must end.
 */

#ifndef HAL_SSL_WASM_H
#define HAL_SSL_WASM_H

#include "ssl_program.h"

/* Name and number of arguments; all are i32, as are the results. assembly/ssl/exports.ts describes
 * them. */
#define SSL_EXPORTS(X)                                                                             \
    X(alloc, 1)                                                                                    \
    X(release, 1)                                                                                  \
    X(context_new, 1)                                                                              \
    X(context_free, 1)                                                                             \
    X(context_set_verify_mode, 2)                                                                  \
    X(context_receive_buffer, 1)                                                                   \
    X(context_set_receive_buffer, 2)                                                               \
    X(context_load_verify, 3)                                                                      \
    X(context_ciphers, 3)                                                                          \
    X(context_set_ciphers, 3)                                                                      \
    X(connection_new, 4)                                                                           \
    X(connection_free, 1)                                                                          \
    X(connection_wants, 1)                                                                         \
    X(connection_receive_at, 1)                                                                    \
    X(connection_receive_room, 1)                                                                  \
    X(connection_receive, 2)                                                                       \
    X(connection_receive_end, 1)                                                                   \
    X(connection_take_at, 1)                                                                       \
    X(connection_take_size, 1)                                                                     \
    X(connection_taken, 2)                                                                         \
    X(connection_read_at, 1)                                                                       \
    X(connection_read_size, 1)                                                                     \
    X(connection_consumed, 2)                                                                      \
    X(connection_write_at, 1)                                                                      \
    X(connection_write_room, 1)                                                                    \
    X(connection_written, 2)                                                                       \
    X(connection_pending, 1)                                                                       \
    X(connection_close, 1)                                                                         \
    X(connection_text, 4)                                                                          \
    X(connection_number, 2)                                                                        \
    X(error_number, 1)                                                                             \
    X(error_text, 3)                                                                               \
    X(error_alert, 1)                                                                              \
    X(memory_end, 0)                                                                               \
    X(memory_limit, 1)                                                                             \
    X(receive_buffer_default, 1)                                                                   \
    X(memory_peak, 0)                                                                              \
    X(scratch_peak, 0)

enum ssl_export {
#define X(name, arguments) SSL_##name,
    SSL_EXPORTS(X)
#undef X
        SSL_EXPORT_COUNT
};

struct ssl_figures {
    uint32_t heap_end; /* the first address that was never allocated */
    uint32_t heap_peak;
    uint32_t scratch_peak;
};

/* Binds to a loaded ssl.wasm, and tells it the limit of memory that it was loaded with and the
 * receive buffer of connections (ssl_limits.h). NULL, or the name of an export that is missing or
 * has another signature. */
const char *ssl_start(uint32_t memory_limit, uint32_t receive_buffer);

bool ssl_is_broken(void);

/* Calls an export with as many arguments as it has. */
int32_t ssl_call1(enum ssl_export e, int32_t a);
int32_t ssl_call2(enum ssl_export e, int32_t a, int32_t b);
int32_t ssl_call3(enum ssl_export e, int32_t a, int32_t b, int32_t c);
int32_t ssl_call4(enum ssl_export e, int32_t a, int32_t b, int32_t c, int32_t d);

/* `length` bytes at an address that ssl.wasm gave; NULL where it is broken. Not valid after the
 * next call, which may grow, and so move, the memory. */
uint8_t *ssl_bytes(int32_t address, uint32_t length);

/* Allocates a block in ssl.wasm, with a copy of n bytes in it where `bytes` is not NULL: its
 * address, or an error. The caller releases it with SSL_release. */
int32_t ssl_stage(const uint8_t *bytes, uint32_t n);

/* The time spent in ssl.wasm so far. */
uint64_t ssl_time_us(void);

/* Zeros where it is broken. */
struct ssl_figures ssl_figures(void);

#endif
