/* CRC-32 as Ethernet, zip and zlib have it (polynomial 0xEDB88320, reflected).
 *
 * It finds damage by lines, flash and power cuts; it proves nothing about who wrote the bytes.
 */

#ifndef HAL_CRC32_H
#define HAL_CRC32_H

#include <stdint.h>

/* The CRC of what was summed before, 0 for nothing, followed by these bytes. */
uint32_t crc32_add(uint32_t crc, const uint8_t *bytes, uint32_t length);

#endif
