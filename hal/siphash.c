/* SipHash-2-4, in the letters of the paper "SipHash: a fast short-input PRF". */

#include "siphash.h"

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

/* `n` bytes, little-endian, at most 8. */
static uint64_t load(const uint8_t *bytes, uint32_t n) {
    uint64_t x = 0;
    for (uint32_t i = 0; i < n; i++)
        x |= (uint64_t)bytes[i] << (8 * i);
    return x;
}

static void rounds(struct state *s, int count) {
    for (int i = 0; i < count; i++) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 = rotate(s->v0, 32) + s->v3;
        s->v2 += s->v1;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 = rotate(s->v2, 32);
    }
}

static void compress(struct state *s, uint64_t m) {
    s->v3 ^= m;
    rounds(s, 2);
    s->v0 ^= m;
}

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const uint8_t *bytes, uint32_t length) {
    const uint64_t k0 = load(key, 8);
    const uint64_t k1 = load(key + 8, 8);
    struct state s = {
        k0 ^ 0x736f6d6570736575,
        k1 ^ 0x646f72616e646f6d,
        k0 ^ 0x6c7967656e657261,
        k1 ^ 0x7465646279746573,
    };
    uint32_t done = 0;
    for (; length - done >= 8; done += 8)
        compress(&s, load(bytes + done, 8));
    compress(&s, load(bytes + done, length - done) | (uint64_t)length << 56);
    s.v2 ^= 0xff;
    rounds(&s, 4);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
