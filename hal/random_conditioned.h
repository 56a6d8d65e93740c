/* random_fill of hal.h from a board's noise source: tested as SP 800-90B says, then conditioned. */

#ifndef HAL_RANDOM_CONDITIONED_H
#define HAL_RANDOM_CONDITIONED_H

/* The start-up test, over bits that are thrown away. 0, or -HAL_EIO: then, and after any later
 * failure, random_fill gives -HAL_EIO until the board restarts. */
int random_start(void);

#endif
