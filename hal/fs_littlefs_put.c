/* What a console does with files besides opening them: folders, sizes, renaming, and the put, which
 * replaces a whole file at once.
 */

#include "fs_littlefs.h"

#include "fs_littlefs_volume.h"

#include <stddef.h>
#include <string.h>

static int put_file; /* 0 while there is none */

int fs_littlefs_stat(const char *path, struct fs_littlefs_status *out) {
    struct volume_path clean;
    struct lfs_info info;
    int e = volume_path(path, &clean);
    if (e >= 0) e = volume_result(lfs_stat(volume(), clean.text, &info));
    if (e < 0) return e;
    out->is_folder = info.type == LFS_TYPE_DIR;
    out->size = out->is_folder ? 0 : info.size;
    return 0;
}

int fs_littlefs_make_folder(const char *path) {
    struct volume_path clean;
    const int e = volume_path(path, &clean);
    return e < 0 ? e : volume_result(lfs_mkdir(volume(), clean.text));
}

int fs_littlefs_remove_folder(const char *path) {
    struct volume_path clean;
    struct fs_littlefs_status status;
    int e = volume_path(path, &clean);
    if (e >= 0) e = fs_littlefs_stat(path, &status);
    if (e < 0) return e;
    if (!status.is_folder) return -HAL_ENOENT;
    return volume_result(lfs_remove(volume(), clean.text));
}

/* littlefs would also replace an empty folder by a folder; here targets are files. */
static int rename_clean(const char *from, const char *to) {
    struct lfs_info info;
    const int e = lfs_stat(volume(), to, &info);
    if (e >= 0 && info.type == LFS_TYPE_DIR) return -HAL_EISDIR;
    if (e < 0 && e != LFS_ERR_NOENT) return volume_result(e);
    return volume_result(lfs_rename(volume(), from, to));
}

int fs_littlefs_rename(const char *from, const char *to) {
    struct volume_path clean_from;
    struct volume_path clean_to;
    int e = volume_path(from, &clean_from);
    if (e >= 0) e = volume_path(to, &clean_to);
    return e < 0 ? e : rename_clean(clean_from.text, clean_to.text);
}

/* --- put -------------------------------------------------------------------------------------- */

/* Creates what is missing of the folders that lead to a file. */
static int make_parents(struct volume_path *path) {
    for (char *p = path->text + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        const int e = lfs_mkdir(volume(), path->text);
        *p = '/';
        if (e < 0 && e != LFS_ERR_EXIST) return volume_result(e);
    }
    return 0;
}

static int take_place(const char *path) {
    struct volume_path clean;
    int e = volume_path(path, &clean);
    if (e >= 0) e = make_parents(&clean);
    return e < 0 ? e : rename_clean(VOLUME_PUT_PATH, clean.text);
}

void volume_forget_put(void) {
    put_file = 0;
}

int fs_littlefs_put_begin(void) {
    if (put_file != 0) (void)fs_littlefs_put_end(put_file, NULL);
    const int file = fs_open(VOLUME_PUT_PATH, FS_WRITE | FS_CREATE | FS_TRUNCATE);
    if (file > 0) put_file = file;
    return file;
}

int fs_littlefs_put_end(int file, const char *path) {
    if (file < 1 || file != put_file) return -HAL_EBADF;
    put_file = 0;
    int e = fs_close(file);
    if (e >= 0 && path != NULL) e = take_place(path);
    if (e >= 0 && path != NULL) return 0;
    const int removed = fs_remove(VOLUME_PUT_PATH);
    return e < 0 ? e : removed;
}
