/* Hosts number their errors differently, apps know one set: the table between them. Errors of the
 * host that apps do not know are given as the nearest one they do.
 */

#include "errno_posix.h"

#include "hal.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    int host;
    int ours;
} numbers[] = {
    {ENOENT, HAL_ENOENT},
    {ENOTDIR, HAL_ENOENT},
    {EBADF, HAL_EBADF},
    {EAGAIN, HAL_EAGAIN},
    {EWOULDBLOCK, HAL_EAGAIN},
    {ENOMEM, HAL_ENOMEM},
    {ENOBUFS, HAL_ENOMEM},
    {EACCES, HAL_EACCES},
    {EPERM, HAL_EACCES},
    {EROFS, HAL_EACCES},
    {ELOOP, HAL_EACCES}, /* O_NOFOLLOW met a symbolic link */
    {ENXIO, HAL_EACCES}, /* a pipe that nobody reads */
    {EEXIST, HAL_EEXIST},
    {EISDIR, HAL_EISDIR},
    {EINVAL, HAL_EINVAL},
    {ENAMETOOLONG, HAL_EINVAL},
    {EAFNOSUPPORT, HAL_EINVAL},
    {EPROTONOSUPPORT, HAL_EINVAL},
    {EADDRNOTAVAIL, HAL_EINVAL},
    {EDESTADDRREQ, HAL_EINVAL},
    {EMSGSIZE, HAL_EINVAL},
    {EOPNOTSUPP, HAL_EINVAL},
    {EMFILE, HAL_ENFILE},
    {ENFILE, HAL_ENFILE},
    {ENOSPC, HAL_ENOSPC},
    {EADDRINUSE, HAL_EADDRINUSE},
    {ENETUNREACH, HAL_ENETUNREACH},
    {ENETDOWN, HAL_ENETUNREACH},
    {ECONNABORTED, HAL_ECONNABORTED},
    {ECONNRESET, HAL_ECONNRESET},
    {EPIPE, HAL_ECONNRESET},
    {ENOTCONN, HAL_ENOTCONN},
    {ETIMEDOUT, HAL_ETIMEDOUT},
    {ECONNREFUSED, HAL_ECONNREFUSED},
    {EHOSTUNREACH, HAL_EHOSTUNREACH},
    {EINPROGRESS, HAL_EINPROGRESS},
    {EALREADY, HAL_EINPROGRESS},
};

int hal_error(int host_errno) {
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].host == host_errno) return -numbers[i].ours;
    }
    return -HAL_EIO;
}
