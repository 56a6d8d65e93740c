/* littlefs behind hal.h's fs_...: what a board and its console need besides.
 *
 * A power cut at any moment leaves each file as it was or as it was to become. A file changes when
 * it is closed; one created by fs_open is there, empty, from then on. Paths and errors are those of
 * hal.h. littlefs checks its own structures, not the contents of files: who must know that those
 * are undamaged keeps a checksum in them.
 */

#ifndef HAL_FS_LITTLEFS_H
#define HAL_FS_LITTLEFS_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the file system in this region of the flash, whole sectors, into use. An erased region, or
 * one whose first formatting was interrupted, is formatted first. Anything else that is no sound
 * file system is left as it is: -HAL_EIO, and so is every call of fs_... from then on. */
int fs_littlefs_mount(uint32_t offset, uint32_t size);

/* Erases every file, including what old ones left behind, and mounts the empty file system. */
int fs_littlefs_format(uint32_t offset, uint32_t size);

/* Leaves the flash alone from now on. Open files are lost, with what was not closed. */
void fs_littlefs_unmount(void);

struct fs_littlefs_status {
    bool is_folder;
    uint32_t size; /* bytes of a file, 0 for a folder */
};

int fs_littlefs_stat(const char *path, struct fs_littlefs_status *out);

/* Creates a folder whose parent exists. */
int fs_littlefs_make_folder(const char *path);

/* Removes an empty folder; -HAL_EEXIST where it is not empty. */
int fs_littlefs_remove_folder(const char *path);

/* The target, a file, is replaced at once; a power cut leaves it old or new. */
int fs_littlefs_rename(const char *from, const char *to);

/* Replacing a whole file: put_begin gives a file number to write to, put_end puts what was written
 * in the place of `path`, or forgets it where path is NULL. Missing parent folders are created. A
 * put that was not ended, because the power failed or nobody came back, has changed nothing. One at
 * a time: another begin forgets the first. */
int fs_littlefs_put_begin(void);
int fs_littlefs_put_end(int file, const char *path);

/* Bytes in all, and those that no file or folder uses. */
int fs_littlefs_space(uint32_t *total, uint32_t *available);

#endif
