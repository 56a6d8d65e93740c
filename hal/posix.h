/* Settings of the back ends for a POSIX host, made once before the app starts. A device has none:
 * there they are its wiring. The functions give 0 or -HAL_E... like those of hal.h.
 */

#ifndef HAL_POSIX_H
#define HAL_POSIX_H

#include <stdint.h>

/* What the app sees as "/": a folder of the host, or with fs_littlefs_host.c an image of littlefs,
 * which changes with its files. */
int fs_host_root(const char *path);

/* The emulated board's clock starts unset, as after power-on without a battery; these set it. */
void clock_posix_from_system(void);

/* From now on, whoever asks for host:port gets address:port. rule is HOST:PORT:ADDRESS:PORT as
 * curl's --connect-to takes it: an empty HOST or PORT stands for any, IPv6 addresses in brackets,
 * ADDRESS numeric. The string must outlive the program. */
int net_bsd_connect_to(const char *rule);

/* Makes a write to a closed connection an error instead of a signal. */
void net_bsd_start(void);

#endif
