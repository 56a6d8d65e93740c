/* How littlefs is compiled: every file that includes lfs.h is given
 * -DLFS_DEFINES=fs_littlefs_config.h.
 *
 * No heap, no printing. Its assertions stay on, because what they doubt may be a damaged image: one
 * that fails ends the call and unmounts, instead of the program.
 */

#ifndef HAL_FS_LITTLEFS_CONFIG_H
#define HAL_FS_LITTLEFS_CONFIG_H

#define LFS_NO_MALLOC
#define LFS_NO_DEBUG
#define LFS_NO_WARN
#define LFS_NO_ERROR
#define LFS_NO_ASSERT

#endif
