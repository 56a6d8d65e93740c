/* --stats: plain lines of names and numbers. Bytes are those on the wire; time is that spent in
 * ssl.wasm, on this machine; wasm3's code is made of pointers, so that a 32-bit board needs half as
 * much.
 */

#include "stats.h"

#include "ssl_wasm.h"

#include <inttypes.h>
#include <stdio.h>

static void print_cost(uint32_t number, const char *phase, const struct bridge_cost *cost) {
    fprintf(stderr,
            "stats: connection %u %s: bytes in %u out %u, messages in %u out %u, ms in ssl.wasm "
            "%.3f\n",
            number, phase, cost->bytes_in, cost->bytes_out, cost->messages_in, cost->messages_out,
            (double)cost->time_us / 1000);
}

void stats_connection(const struct bridge_connection *connection) {
    if (connection->is_connected) {
        print_cost(connection->number, "handshake", &connection->handshake);
    }
    print_cost(connection->number, "total", &connection->total);
}

static void print_module(const char *name, const struct vm_figures *f) {
    fprintf(stderr, "stats: %s: memory %u, wasm3 code %u of %u, wasm3 stack %u", name, f->memory,
            f->code_used, f->code_pages, f->stack);
}

void stats_modules(const struct vm *app) {
    const struct vm_figures of_ssl = ssl_program_figures();
    const struct vm_figures of_app = vm_figures(app);
    const uint64_t time_us = ssl_time_us();
    const struct ssl_figures f = ssl_figures();
    print_module("ssl.wasm", &of_ssl);
    fprintf(stderr, ", heap end %u, heap peak %u, scratch peak %u, ms %.3f\n", f.heap_end,
            f.heap_peak, f.scratch_peak, (double)time_us / 1000);
    print_module("app.wasm", &of_app);
    fputc('\n', stderr);
}
