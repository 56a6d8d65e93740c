/* Randomness of a POSIX host: the kernel's generator, which blocks until it was seeded once.
 *
 * getentropy gives all bytes or none, at most 256 in one call.
 */

#include "hal.h"

#include <string.h>
#include <unistd.h>

enum { LARGEST = 256 };

int random_fill(uint8_t *out, uint32_t length) {
    for (uint32_t done = 0; done < length;) {
        const uint32_t n = length - done < LARGEST ? length - done : LARGEST;
        if (getentropy(out + done, n) != 0) {
            memset(out, 0, length);
            return -HAL_EIO;
        }
        done += n;
    }
    return 0;
}
