/* What sockets.c needs of the network behind it. */

#ifndef SOCKETS_H
#define SOCKETS_H

#include "hal.h"

#include <stdbool.h>

/* `frames` is the descriptor of the cable, where there is one. 0 or -HAL_E... */
int sockets_start(int frames);

/* Prints what the network holds, in one line without its end. */
void sockets_stats(void);

void sockets_end(void);

#endif
