/* How littlefs is compiled: every file that includes lfs.h is given
 * -DLFS_DEFINES=fs_littlefs_config.h.
 *
 * No heap, no printing. No assertions either: they would end the program. Damage is found by
 * littlefs' checksums and its checks of what it reads, which stay. A forged image whose checksums
 * fit is another matter; but who can write the flash can replace the firmware in it as well.
 */

#ifndef HAL_FS_LITTLEFS_CONFIG_H
#define HAL_FS_LITTLEFS_CONFIG_H

#define LFS_NO_MALLOC
#define LFS_NO_DEBUG
#define LFS_NO_WARN
#define LFS_NO_ERROR
#define LFS_NO_ASSERT

#endif
