/* Calling ssl.wasm: the one place that enters it, measures it, and decides what a failure of it
 * means. */

#include "ssl_wasm.h"

#include "hal.h"

#include <string.h>

static const struct {
    const char *name;
    uint32_t arguments;
} exports[] = {
#define X(name, arguments) {#name, arguments},
    SSL_EXPORTS(X)
#undef X
};

static struct {
    const struct ssl_function *functions[SSL_EXPORT_COUNT];
    bool is_broken;
    uint64_t time_us;
} ssl;

const char *ssl_start(uint32_t memory_limit, uint32_t receive_buffer) {
    for (int i = 0; i < SSL_EXPORT_COUNT; i++) {
        ssl.functions[i] = ssl_program_find(exports[i].name, exports[i].arguments);
        if (ssl.functions[i] == NULL) return exports[i].name;
    }
    ssl_call1(SSL_memory_limit, (int32_t)memory_limit);
    ssl_call1(SSL_receive_buffer_default, (int32_t)receive_buffer);
    return NULL;
}

bool ssl_is_broken(void) {
    return ssl.is_broken;
}

static void fail(void) {
    ssl.is_broken = true;
    log_report("this is a fault of the ssl module, not of the app");
}

int32_t ssl_call4(enum ssl_export e, int32_t a, int32_t b, int32_t c, int32_t d) {
    if (ssl.is_broken) return -HAL_EIO;
    const uint32_t arguments[] = {(uint32_t)a, (uint32_t)b, (uint32_t)c, (uint32_t)d};
    int32_t result = 0;
    const uint64_t start = clock_ticks_us();
    const enum vm_outcome outcome = ssl_program_run(ssl.functions[e], arguments, &result);
    ssl.time_us += clock_ticks_us() - start;
    if (outcome == VM_DONE) return result;
    if (outcome == VM_TRAP) {
        ssl_program_report();
        fail();
    }
    ssl.is_broken = true; /* also where the app was interrupted: the call came to no end */
    return -HAL_EIO;
}

int32_t ssl_call1(enum ssl_export e, int32_t a) {
    return ssl_call4(e, a, 0, 0, 0);
}

int32_t ssl_call2(enum ssl_export e, int32_t a, int32_t b) {
    return ssl_call4(e, a, b, 0, 0);
}

int32_t ssl_call3(enum ssl_export e, int32_t a, int32_t b, int32_t c) {
    return ssl_call4(e, a, b, c, 0);
}

uint8_t *ssl_bytes(int32_t address, uint32_t length) {
    if (ssl.is_broken) return NULL;
    uint8_t *p = ssl_program_range((uint32_t)address, length);
    if (p != NULL) return p;
    log_report("ssl.wasm: gave an address outside its memory");
    fail();
    return NULL;
}

int32_t ssl_stage(const uint8_t *bytes, uint32_t n) {
    const int32_t address = ssl_call1(SSL_alloc, (int32_t)n);
    if (address == 0) return -HAL_ENOMEM;
    uint8_t *p = ssl_bytes(address, n);
    if (p == NULL) return -HAL_EIO;
    if (bytes != NULL) memcpy(p, bytes, n);
    return address;
}

uint64_t ssl_time_us(void) {
    return ssl.time_us;
}

struct ssl_figures ssl_figures(void) {
    struct ssl_figures f = {
        .heap_end = (uint32_t)ssl_call1(SSL_memory_end, 0),
        .heap_peak = (uint32_t)ssl_call1(SSL_memory_peak, 0),
        .scratch_peak = (uint32_t)ssl_call1(SSL_scratch_peak, 0),
    };
    return ssl.is_broken ? (struct ssl_figures){0} : f;
}
