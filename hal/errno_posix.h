/* The host's error numbers as ours, for all back ends of a POSIX host. */

#ifndef HAL_ERRNO_POSIX_H
#define HAL_ERRNO_POSIX_H

/* -HAL_E... for an errno of the host; -HAL_EIO for one that has no number of ours. */
int hal_error(int host_errno);

#endif
