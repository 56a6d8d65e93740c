/* The firmware's random source on a host, over bits from standard input ('0' and '1').
 *
 *   random-driver sha256          the digest of standard input
 *   random-driver health          how many bits pass the health tests, then "failed" or "passed"
 *   random-driver fill N...       random_start's result, then for each N random_fill's and its
 * bytes
 *
 * `x` before the bits of fill's input: the source says of itself that it does not run.
 */

#include "hal.h"
#include "random_conditioned.h"
#include "random_health.h"
#include "random_source.h"
#include "sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILL_MAX = 4096, OUT_OF_BITS = 3 };

static bool runs = true;

bool random_source_runs(void) {
    return runs;
}

uint32_t random_source_bit(void) {
    const int c = getchar();
    if (c == EOF) exit(OUT_OF_BITS);
    return c == '1';
}

uint64_t clock_ticks_us(void) {
    return UINT64_C(0x0102030405060708);
}

static void print_hex(const uint8_t *bytes, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        printf("%02x", bytes[i]);
    printf("\n");
}

/* In pieces of changing length, so that every way through sha256_take is taken. */
static int digest(void) {
    uint8_t piece[200];
    uint8_t out[SHA256_BYTES];
    struct sha256 s;
    sha256_start(&s);
    for (size_t i = 1, n; (n = fread(piece, 1, 1 + i * 37 % sizeof piece, stdin)) > 0; i++)
        sha256_take(&s, piece, (uint32_t)n);
    sha256_end(&s, out);
    print_hex(out, sizeof out);
    return 0;
}

static int health(void) {
    struct random_health h = {0};
    unsigned count = 0;
    for (int c; (c = getchar()) != EOF; count++) {
        if (!random_health_take(&h, c == '1')) break;
    }
    printf("%u %s\n", count, h.has_failed ? "failed" : "passed");
    return 0;
}

static int fill(int count, char **lengths) {
    static uint8_t out[FILL_MAX];
    const int first = getchar();
    runs = first != 'x';
    if (runs) ungetc(first, stdin);
    printf("%d\n", random_start());
    for (int i = 0; i < count; i++) {
        const uint32_t n = (uint32_t)atoi(lengths[i]);
        if (n > sizeof out) return 2;
        memset(out, 0xaa, sizeof out);
        printf("%d ", random_fill(out, n));
        print_hex(out, n);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "sha256") == 0) return digest();
    if (argc == 2 && strcmp(argv[1], "health") == 0) return health();
    if (argc > 1 && strcmp(argv[1], "fill") == 0) return fill(argc - 2, argv + 2);
    return 2;
}
