/* Settings of the back ends for a POSIX host, made once before the app starts. A device has none:
 * there they are its wiring. The functions give 0 or -HAL_E... like those of hal.h.
 */

#ifndef HAL_POSIX_H
#define HAL_POSIX_H

#include "hal.h"

#include <stdbool.h>
#include <stdint.h>

/* What the app sees as "/": a folder of the host, or with fs_littlefs_host.c an image of littlefs,
 * which changes with its files. */
int fs_host_root(const char *path);

/* The emulated board's clock starts unset, as after power-on without a battery; these set it. */
void clock_posix_from_system(void);

/* From now on, whoever asks for host:port gets address:port. rule is HOST:PORT:ADDRESS:PORT as
 * curl's --connect-to takes it: an empty HOST or PORT stands for any, IPv6 addresses in brackets,
 * ADDRESS numeric. */
int connect_to_add(const char *rule);

/* What the rules say. */
bool connect_to_find(const char *host, uint16_t port, struct net_address *out);

/* Starts the network. `frames` is for net_lwip_host.c: the descriptor that is its cable, -1 for
 * none; net_bsd.c uses the host's network and takes only -1. */
int net_host_start(int frames);

/* Lets connections that the app has closed, or left, finish. */
void net_host_end(void);

#endif
