/* Between the fs_littlefs files: the one mounted file system. */

#ifndef HAL_FS_LITTLEFS_VOLUME_H
#define HAL_FS_LITTLEFS_VOLUME_H

#include "hal.h"

#include <lfs.h>

enum { VOLUME_CACHE = 256 }; /* of the file system, and of each open file */

/* A put's content before it takes its place. */
#define VOLUME_PUT_PATH "/.wassl-put"

/* A path as littlefs is given it: "/" or "/a/b", nothing in it to be interpreted. */
struct volume_path {
    char text[FS_PATH_MAX + 2];
};

/* NULL while nothing is mounted. */
lfs_t *volume(void);

/* Bytes of the region. */
uint32_t volume_size(void);

/* 0 or -HAL_E... for littlefs' result, which may be a count: counts stay. */
int volume_result(int result);

/* -HAL_EIO while nothing is mounted, -HAL_EACCES for a path with "..", -HAL_EINVAL for one that is
 * too long. */
int volume_path(const char *path, struct volume_path *out);

/* fs_littlefs.c: drops every open file without writing. */
void volume_forget_files(void);

/* fs_littlefs_put.c: no put is going on. */
void volume_forget_put(void);

#endif
