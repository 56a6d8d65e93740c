/* Prints SipHash-2-4 of the first 0 to 64 of the bytes 0, 1, 2 ... under the key 0, 1 ... 15, a
 * line each, as the bytes of the little-endian number.
 */

#include "siphash.h"

#include <stdio.h>

enum { LONGEST = 64 };

int main(void) {
    uint8_t bytes[LONGEST];
    for (uint32_t i = 0; i < LONGEST; i++)
        bytes[i] = (uint8_t)i;
    for (uint32_t length = 0; length <= LONGEST; length++) {
        const uint64_t hash = siphash(bytes, bytes, length);
        for (int i = 0; i < 8; i++)
            printf("%02X", (unsigned)(hash >> (8 * i)) & 0xff);
        putchar('\n');
    }
    return 0;
}
