/* sockets.c over the host's own network. */

#include "posix.h"
#include "sockets.h"

int sockets_start(int frames) {
    (void)frames;
    return net_host_start(-1);
}

void sockets_stats(void) {
}

void sockets_end(void) {
    net_host_end();
}
