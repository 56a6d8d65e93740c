/* Limits of ssl.wasm that settings and options are checked against before it runs: those of
 * assembly/tls/record-limit.ts. tests/hal/surface.test.ts compares them.
 */

#ifndef HAL_SSL_LIMITS_H
#define HAL_SSL_LIMITS_H

enum {
    SSL_RECEIVE_BUFFER_MIN = 1024, /* plaintext of a record to us, in bytes */
    SSL_RECEIVE_BUFFER_MAX = 16384,
};

#endif
