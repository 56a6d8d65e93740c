/* SipHash-2-4 (Aumasson, Bernstein 2012): a keyed function of short inputs that nobody without the
 * key can predict. For hash tables, sequence numbers and ids, not for signatures.
 */

#ifndef SIPHASH_H
#define SIPHASH_H

#include <stdint.h>

enum { SIPHASH_KEY = 16 };

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const uint8_t *bytes, uint32_t length);

#endif
