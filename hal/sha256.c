/* SHA-256 as FIPS 180-4, 6.2 has it, names included; small before fast. */

#include "sha256.h"

#include "wipe.h"

#include <string.h>

enum { LENGTH_AT = SHA256_BLOCK - 8 };

/* FIPS 180-4, 4.2.2 */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, uint32_t n) {
    return x >> n | x << (32 - n);
}

static void schedule(uint32_t w[64], const uint8_t *p) {
    for (uint32_t t = 0; t < 16; t++, p += 4)
        w[t] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    for (uint32_t t = 16; t < 64; t++) {
        const uint32_t a = w[t - 15];
        const uint32_t b = w[t - 2];
        w[t] = (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10) + w[t - 7] +
               (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[t - 16];
    }
}

static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK]) {
    uint32_t w[64];
    uint32_t v[8]; /* a to h */
    schedule(w, block);
    memcpy(v, state, sizeof v);
    for (uint32_t t = 0; t < 64; t++) {
        const uint32_t ch = (v[4] & v[5]) ^ (~v[4] & v[6]);
        const uint32_t maj = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        const uint32_t t1 =
            v[7] + (rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25)) + ch + K[t] + w[t];
        const uint32_t t2 = (rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22)) + maj;
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (uint32_t i = 0; i < 8; i++)
        state[i] += v[i];
    wipe(w, sizeof w); /* the block */
}

void sha256_start(struct sha256 *s) {
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->state, initial, sizeof s->state);
    s->length = 0;
}

void sha256_take(struct sha256 *s, const void *bytes, uint32_t length) {
    const uint8_t *p = bytes;
    while (length > 0) {
        const uint32_t at = (uint32_t)(s->length % SHA256_BLOCK);
        const uint32_t n = length < SHA256_BLOCK - at ? length : SHA256_BLOCK - at;
        memcpy(s->block + at, p, n);
        s->length += n;
        p += n;
        length -= n;
        if (at + n == SHA256_BLOCK) compress(s->state, s->block);
    }
}

void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES]) {
    static const uint8_t padding[SHA256_BLOCK] = {0x80};
    const uint64_t bits = s->length * 8;
    uint8_t length[8];
    for (uint32_t i = 0; i < sizeof length; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    const uint32_t at = (uint32_t)(s->length % SHA256_BLOCK);
    sha256_take(s, padding, at < LENGTH_AT ? LENGTH_AT - at : LENGTH_AT + SHA256_BLOCK - at);
    sha256_take(s, length, sizeof length);
    for (uint32_t i = 0; i < SHA256_BYTES; i++)
        out[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
    wipe(s, sizeof *s);
}
