/* The "ssl" module of the app, served by ssl.wasm: bridge.c has the handlers of surface.def whose
 * names begin with ssl_.
 *
 * The two programs share no memory. Bytes cross here, by copying from one checked range to the
 * other; keys and secrets never do. A trap in ssl.wasm is a bug of ours: it is reported as such and
 * ends the program.
 */

#ifndef HAL_BRIDGE_H
#define HAL_BRIDGE_H

#include "vm.h"

/* What a connection has cost so far; time is that spent in ssl.wasm. */
struct bridge_cost {
    uint32_t bytes_in; /* ciphertext */
    uint32_t bytes_out;
    uint32_t messages_in; /* of the handshake */
    uint32_t messages_out;
    uint64_t time_us;
};

struct bridge_connection {
    int32_t handle;  /* 0: no connection */
    uint32_t number; /* from 1, in the order of creation */
    bool is_connected;
    struct bridge_cost handshake; /* as it was when the connection was first seen connected */
    struct bridge_cost total;
};

/* Calls `ended` with each connection before it is freed, and with those that still exist at
 * bridge_end. */
void bridge_watch(void (*ended)(const struct bridge_connection *connection));
void bridge_end(void);

#endif
