/* The serial line, as bytes. Received ones wait in a ring that an interrupt fills; what does not
 * fit there is lost, as on any serial line, and the protocols above notice.
 */

#ifndef HAL_SERIAL_H
#define HAL_SERIAL_H

#include <stdint.h>

/* Takes up to `capacity` received bytes; 0 where none wait. Never blocks. */
uint32_t serial_read(uint8_t *out, uint32_t capacity);

/* Returns when the last byte is in the transmitter. */
void serial_write(const uint8_t *bytes, uint32_t length);

#endif
