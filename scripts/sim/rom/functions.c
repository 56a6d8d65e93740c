/* The small functions of the boot ROM (datasheet, 2.8.3.1): memory and bits. */
#include "rom.h"

uint8_t *rom_memset(uint8_t *out, uint8_t value, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        out[i] = value;
    return out;
}

uint32_t *rom_memset4(uint32_t *out, uint8_t value, uint32_t count) {
    for (uint32_t i = 0; i < count / 4; i++)
        out[i] = value * 0x01010101u;
    return out;
}

uint8_t *rom_memcpy(uint8_t *out, const uint8_t *from, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        out[i] = from[i];
    return out;
}

uint32_t *rom_memcpy4(uint32_t *out, const uint32_t *from, uint32_t count) {
    for (uint32_t i = 0; i < count / 4; i++)
        out[i] = from[i];
    return out;
}

uint32_t rom_popcount(uint32_t value) {
    uint32_t ones = 0;
    for (; value != 0; value &= value - 1)
        ones++;
    return ones;
}

uint32_t rom_reverse(uint32_t value) {
    uint32_t reversed = 0;
    for (int bit = 0; bit < 32; bit++, value >>= 1)
        reversed = reversed << 1 | (value & 1);
    return reversed;
}

uint32_t rom_clz(uint32_t value) {
    uint32_t zeros = 32;
    for (; value != 0; value >>= 1)
        zeros--;
    return zeros;
}

uint32_t rom_ctz(uint32_t value) {
    return value == 0 ? 32 : 31 - rom_clz(value & -value);
}
