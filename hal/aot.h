/* The runtime under C that scripts/aot translated from WebAssembly: memory, traps, and the
 * operations that C spells differently or leaves undefined. One program, one instance: the state is
 * static, because on Cortex-M0+ an instance pointer in every call costs more than it gives.
 *
 * Included by the generated file only; that file defines the functions declared in aot_api.h. */
#ifndef WASSL_AOT_H
#define WASSL_AOT_H

#include <math.h>
#include <string.h>

#include "aot_api.h"

#define AOT_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* A trap leaves through longjmp and ends the instance; see aot_call(). */
_Noreturn void aot_trap(enum aot_trap_kind kind, uint32_t site);

/* The address and `extent` bytes behind it lie inside the memory. n is the memory's size, at least
 * the program's memory_floor. */
#define BOUNDS(address, extent, site)                                                              \
    do {                                                                                           \
        if (AOT_UNLIKELY((address) > n - (extent))) aot_trap(AOT_OUT_OF_BOUNDS, site);             \
    } while (0)

/* The same for extents beyond the size that the memory has at least. */
#define BOUNDS_FAR(address, extent, site)                                                          \
    do {                                                                                           \
        if (AOT_UNLIKELY((uint64_t)(address) + (extent) > n)) aot_trap(AOT_OUT_OF_BOUNDS, site);   \
    } while (0)

/* --- loads and stores: m + at was checked; little-endian hosts only --------------------------- */

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "WebAssembly memory is little-endian; so must the machine be"
#endif

/* A pointer that the compiler knows nothing about: it would fold it into constant addresses again,
 * each of which Cortex-M0 and M0+ load from beside the code, while offsets are free. */
#if defined(__thumb__) && !defined(__thumb2__)
static inline uint8_t *aot_near(uint8_t *p) {
    __asm__("" : "+r"(p));
    return p;
}
#define AOT_NEAR(p) aot_near(p)
#else
#define AOT_NEAR(p) (p)
#endif

/* Debug builds say with each access what the module promises of its address, and check it. */
#ifdef AOT_CHECK_ALIGNMENT
#define AOT_HINT , uint32_t hint, uint32_t site
#define AOT_CHECK_HINT                                                                             \
    if (AOT_UNLIKELY(at % hint != 0)) aot_trap(AOT_MISALIGNED, site)
#else
#define AOT_HINT
#define AOT_CHECK_HINT (void)0
#endif

/* What is loaded is never narrower than 32 bits: C would compute with it as a signed int. */
#define AOT_ACCESS(bits, loaded, suffix, alignment)                                                \
    static inline loaded aot_load##bits##suffix(const uint8_t *m, uint32_t at AOT_HINT) {          \
        uint##bits##_t v;                                                                          \
        AOT_CHECK_HINT;                                                                            \
        memcpy(&v, __builtin_assume_aligned(m + at, alignment), sizeof v);                         \
        return v;                                                                                  \
    }                                                                                              \
    static inline void aot_store##bits##suffix(uint8_t *m, uint32_t at,                            \
                                               uint##bits##_t v AOT_HINT) {                        \
        AOT_CHECK_HINT;                                                                            \
        memcpy(__builtin_assume_aligned(m + at, alignment), &v, sizeof v);                         \
    }

AOT_ACCESS(16, uint32_t, , 2)
AOT_ACCESS(32, uint32_t, , 4)
AOT_ACCESS(64, uint64_t, , 8)
AOT_ACCESS(16, uint32_t, _unaligned, 1)
AOT_ACCESS(32, uint32_t, _unaligned, 1)
AOT_ACCESS(64, uint64_t, _unaligned, 1)

static inline uint32_t aot_load8(const uint8_t *m, uint32_t at AOT_HINT) {
    AOT_CHECK_HINT;
    return m[at];
}

static inline void aot_store8(uint8_t *m, uint32_t at, uint32_t v AOT_HINT) {
    AOT_CHECK_HINT;
    m[at] = (uint8_t)v;
}

static inline void aot_memory_copy(uint32_t to, uint32_t from, uint32_t length, uint32_t site) {
    const uint32_t n = aot.size;
    if (AOT_UNLIKELY(length > n || to > n - length || from > n - length))
        aot_trap(AOT_OUT_OF_BOUNDS, site);
    memmove(aot.memory + to, aot.memory + from, length);
}

static inline void aot_memory_fill(uint32_t to, uint32_t byte, uint32_t length, uint32_t site) {
    const uint32_t n = aot.size;
    if (AOT_UNLIKELY(length > n || to > n - length)) aot_trap(AOT_OUT_OF_BOUNDS, site);
    memset(aot.memory + to, (int)(byte & 0xff), length);
}

static inline uint32_t aot_pages(void) {
    return (uint32_t)(((uint64_t)aot.size + 0xffff) >> 16);
}

/* --- integers --------------------------------------------------------------------------------- */

#define AOT_INTEGERS(bits, clz_builtin, ctz_builtin, popcount_builtin)                             \
    static inline uint##bits##_t aot_clz##bits(uint##bits##_t x) {                                 \
        return x == 0 ? bits : (uint##bits##_t)clz_builtin(x);                                     \
    }                                                                                              \
    static inline uint##bits##_t aot_ctz##bits(uint##bits##_t x) {                                 \
        return x == 0 ? bits : (uint##bits##_t)ctz_builtin(x);                                     \
    }                                                                                              \
    static inline uint##bits##_t aot_popcnt##bits(uint##bits##_t x) {                              \
        return (uint##bits##_t)popcount_builtin(x);                                                \
    }                                                                                              \
    static inline uint##bits##_t aot_rotl##bits(uint##bits##_t x, uint##bits##_t by) {             \
        return x << (by & (bits - 1)) | x >> (-by & (bits - 1));                                   \
    }                                                                                              \
    static inline uint##bits##_t aot_rotr##bits(uint##bits##_t x, uint##bits##_t by) {             \
        return x >> (by & (bits - 1)) | x << (-by & (bits - 1));                                   \
    }                                                                                              \
    static inline uint##bits##_t aot_div_u##bits(uint##bits##_t a, uint##bits##_t b,               \
                                                 uint32_t site) {                                  \
        if (AOT_UNLIKELY(b == 0)) aot_trap(AOT_DIVIDE_BY_ZERO, site);                              \
        return a / b;                                                                              \
    }                                                                                              \
    static inline uint##bits##_t aot_rem_u##bits(uint##bits##_t a, uint##bits##_t b,               \
                                                 uint32_t site) {                                  \
        if (AOT_UNLIKELY(b == 0)) aot_trap(AOT_DIVIDE_BY_ZERO, site);                              \
        return a % b;                                                                              \
    }                                                                                              \
    static inline uint##bits##_t aot_div_s##bits(uint##bits##_t a, uint##bits##_t b,               \
                                                 uint32_t site) {                                  \
        if (AOT_UNLIKELY(b == 0)) aot_trap(AOT_DIVIDE_BY_ZERO, site);                              \
        if (AOT_UNLIKELY((int##bits##_t)a == INT##bits##_MIN && (int##bits##_t)b == -1))           \
            aot_trap(AOT_INTEGER_OVERFLOW, site);                                                  \
        return (uint##bits##_t)((int##bits##_t)a / (int##bits##_t)b);                              \
    }                                                                                              \
    static inline uint##bits##_t aot_rem_s##bits(uint##bits##_t a, uint##bits##_t b,               \
                                                 uint32_t site) {                                  \
        if (AOT_UNLIKELY(b == 0)) aot_trap(AOT_DIVIDE_BY_ZERO, site);                              \
        if ((int##bits##_t)b == -1) return 0;                                                      \
        return (uint##bits##_t)((int##bits##_t)a % (int##bits##_t)b);                              \
    }

AOT_INTEGERS(32, __builtin_clz, __builtin_ctz, __builtin_popcount)
AOT_INTEGERS(64, __builtin_clzll, __builtin_ctzll, __builtin_popcountll)

/* --- floating point: bits, and where WebAssembly says more than C ----------------------------- */

static inline float aot_f32(uint32_t bits) {
    float v;
    memcpy(&v, &bits, 4);
    return v;
}

static inline double aot_f64(uint64_t bits) {
    double v;
    memcpy(&v, &bits, 8);
    return v;
}

static inline uint32_t aot_bits_f32(float v) {
    uint32_t bits;
    memcpy(&bits, &v, 4);
    return bits;
}

static inline uint64_t aot_bits_f64(double v) {
    uint64_t bits;
    memcpy(&bits, &v, 8);
    return bits;
}

#define AOT_FLOATS(type, c, bits, sign, quiet, suffix)                                             \
    static inline c aot_abs_##type(c x) {                                                          \
        return aot_##type(aot_bits_##type(x) & ~(sign));                                           \
    }                                                                                              \
    static inline c aot_neg_##type(c x) {                                                          \
        return aot_##type(aot_bits_##type(x) ^ (sign));                                            \
    }                                                                                              \
    static inline c aot_copysign_##type(c x, c y) {                                                \
        return aot_##type((aot_bits_##type(x) & ~(sign)) | (aot_bits_##type(y) & (sign)));         \
    }                                                                                              \
    /* a signalling NaN goes in, a quiet one comes out */                                          \
    static inline c aot_quiet_##type(c x) {                                                        \
        return aot_##type(aot_bits_##type(x) | (quiet));                                           \
    }                                                                                              \
    static inline c aot_ceil_##type(c x) {                                                         \
        return x != x ? aot_quiet_##type(x) : ceil##suffix(x);                                     \
    }                                                                                              \
    static inline c aot_floor_##type(c x) {                                                        \
        return x != x ? aot_quiet_##type(x) : floor##suffix(x);                                    \
    }                                                                                              \
    static inline c aot_trunc_##type(c x) {                                                        \
        return x != x ? aot_quiet_##type(x) : trunc##suffix(x);                                    \
    }                                                                                              \
    static inline c aot_nearest_##type(c x) {                                                      \
        return x != x ? aot_quiet_##type(x) : rint##suffix(x);                                     \
    }                                                                                              \
    static inline c aot_sqrt_##type(c x) {                                                         \
        return x != x ? aot_quiet_##type(x) : sqrt##suffix(x);                                     \
    }                                                                                              \
    static inline c aot_min_##type(c x, c y) {                                                     \
        if (x != x) return aot_quiet_##type(x);                                                    \
        if (y != y) return aot_quiet_##type(y);                                                    \
        if (x == y) return aot_##type(aot_bits_##type(x) | aot_bits_##type(y));                    \
        return x < y ? x : y;                                                                      \
    }                                                                                              \
    static inline c aot_max_##type(c x, c y) {                                                     \
        if (x != x) return aot_quiet_##type(x);                                                    \
        if (y != y) return aot_quiet_##type(y);                                                    \
        if (x == y) return aot_##type(aot_bits_##type(x) & aot_bits_##type(y));                    \
        return x > y ? x : y;                                                                      \
    }

AOT_FLOATS(f32, float, 32, UINT32_C(0x80000000), UINT32_C(0x00400000), f)
AOT_FLOATS(f64, double, 64, UINT64_C(0x8000000000000000), UINT64_C(0x0008000000000000), )

/* low < x < high are the values whose truncation fits. */
#define AOT_TRUNCATE(from, c, to, sign, integer, unsigned_c, low_text, high_text, minimum,         \
                     maximum)                                                                      \
    static inline unsigned_c aot_trunc_##from##_##to##_##sign(c x, uint32_t site) {                \
        if (x != x) aot_trap(AOT_INVALID_CONVERSION, site);                                        \
        if (!(x > (low_text) && x < (high_text))) aot_trap(AOT_INTEGER_OVERFLOW, site);            \
        return (unsigned_c)(integer)x;                                                             \
    }                                                                                              \
    static inline unsigned_c aot_trunc_sat_##from##_##to##_##sign(c x) {                           \
        if (x != x) return 0;                                                                      \
        if (!(x > (low_text))) return (unsigned_c)(minimum);                                       \
        if (!(x < (high_text))) return (unsigned_c)(maximum);                                      \
        return (unsigned_c)(integer)x;                                                             \
    }

AOT_TRUNCATE(f32, float, i32, s, int32_t, uint32_t, -2147483904.0f, 2147483648.0f, INT32_MIN,
             INT32_MAX)
AOT_TRUNCATE(f32, float, i32, u, uint32_t, uint32_t, -1.0f, 4294967296.0f, 0, UINT32_MAX)
AOT_TRUNCATE(f64, double, i32, s, int32_t, uint32_t, -2147483649.0, 2147483648.0, INT32_MIN,
             INT32_MAX)
AOT_TRUNCATE(f64, double, i32, u, uint32_t, uint32_t, -1.0, 4294967296.0, 0, UINT32_MAX)
AOT_TRUNCATE(f32, float, i64, s, int64_t, uint64_t, -9223373136366403584.0f, 9223372036854775808.0f,
             INT64_MIN, INT64_MAX)
AOT_TRUNCATE(f32, float, i64, u, uint64_t, uint64_t, -1.0f, 18446744073709551616.0f, 0, UINT64_MAX)
AOT_TRUNCATE(f64, double, i64, s, int64_t, uint64_t, -9223372036854777856.0, 9223372036854775808.0,
             INT64_MIN, INT64_MAX)
AOT_TRUNCATE(f64, double, i64, u, uint64_t, uint64_t, -1.0, 18446744073709551616.0, 0, UINT64_MAX)

#endif
