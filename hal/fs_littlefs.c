/* The app's files in littlefs: hal.h's contract.
 *
 * Buffers are static, one for each file number. littlefs keeps no order between several file
 * numbers of one file, and the blocks of a removed file may hold another's bytes soon. So a file
 * number whose file was removed, replaced or changed through another number is refused from then
 * on, and a file that failed to be written is never half taken over: its close reports the failure.
 */

#include "fs_littlefs_volume.h"

#include <stdbool.h>
#include <string.h>

struct slot {
    bool is_open;
    bool is_overtaken; /* another number has changed the file */
    bool is_changed;
    uint8_t flags; /* FS_READ ... */
    int failure;   /* of the first write that failed */
    lfs_file_t file;
    struct lfs_file_config config;
    uint8_t cache[VOLUME_CACHE];
};

static struct slot slots[FS_FILES];

void volume_forget_files(void) {
    for (int i = 0; i < FS_FILES; i++)
        slots[i].is_open = false;
}

/* NULL for a number that stands for no file. */
static struct slot *slot_of(int file) {
    if (file < 1 || file > FS_FILES || !slots[file - 1].is_open) return NULL;
    return &slots[file - 1];
}

/* --- several numbers of one file -------------------------------------------------------------- */

static bool is_removed(const lfs_file_t *file) {
    return file->m.pair[0] == (lfs_block_t)-1;
}

/* An entry is known by its folder's two blocks, in any order, and its place in there. */
static bool is_same_file(const lfs_file_t *a, const lfs_file_t *b) {
    const lfs_block_t *p = a->m.pair;
    const lfs_block_t *q = b->m.pair;
    if (is_removed(a) || is_removed(b) || a->id != b->id) return false;
    return (p[0] == q[0] && p[1] == q[1]) || (p[0] == q[1] && p[1] == q[0]);
}

static void overtake_others(const struct slot *slot) {
    for (int i = 0; i < FS_FILES; i++) {
        struct slot *other = &slots[i];
        if (other == slot || !other->is_open) continue;
        if (is_same_file(&other->file, &slot->file)) other->is_overtaken = true;
    }
}

/* The slot of a file number that may be used for `use`, FS_READ or FS_WRITE or 0 for either. */
static int usable(int file, uint32_t use, struct slot **out) {
    struct slot *slot = slot_of(file);
    if (slot == NULL || (slot->flags & use) != use) return -HAL_EBADF;
    if (slot->is_overtaken || is_removed(&slot->file)) return -HAL_EBADF;
    *out = slot;
    return slot->failure;
}

/* Keeps the failure of a call that may have written; a seek to nowhere is none. */
static int result_of(struct slot *slot, int result) {
    const int e = volume_result(result);
    if (e < 0 && e != -HAL_EINVAL && slot->is_changed) slot->failure = e;
    return e;
}

/* --- files ------------------------------------------------------------------------------------ */

/* littlefs' flags, or an error where the combination makes no sense. */
static int lfs_flags(uint32_t flags) {
    const uint32_t known = FS_READ | FS_WRITE | FS_CREATE | FS_TRUNCATE | FS_APPEND;
    const bool writes = (flags & FS_WRITE) != 0;
    if ((flags & ~known) != 0 || (flags & (FS_READ | FS_WRITE)) == 0) return -HAL_EINVAL;
    if (!writes && (flags & (FS_CREATE | FS_TRUNCATE | FS_APPEND)) != 0) return -HAL_EINVAL;
    int theirs = (flags & FS_READ) == 0 ? LFS_O_WRONLY : writes ? LFS_O_RDWR : LFS_O_RDONLY;
    if (flags & FS_CREATE) theirs |= LFS_O_CREAT;
    if (flags & FS_TRUNCATE) theirs |= LFS_O_TRUNC;
    if (flags & FS_APPEND) theirs |= LFS_O_APPEND;
    return theirs;
}

int fs_open(const char *path, uint32_t flags) {
    struct volume_path clean;
    const int theirs = lfs_flags(flags);
    if (theirs < 0) return theirs;
    int number = 0;
    while (number < FS_FILES && slots[number].is_open)
        number++;
    if (number == FS_FILES) return -HAL_ENFILE;

    int e = volume_path(path, &clean);
    if (e < 0) return e;
    struct slot *slot = &slots[number];
    memset(slot, 0, sizeof *slot);
    slot->config.buffer = slot->cache;
    e = lfs_file_opencfg(volume(), &slot->file, clean.text, theirs, &slot->config);
    if (e < 0) return volume_result(e);
    slot->is_open = true;
    slot->is_changed = (flags & FS_TRUNCATE) != 0;
    slot->flags = (uint8_t)flags;
    return number + 1;
}

int fs_read(int file, uint8_t *out, uint32_t length) {
    struct slot *slot;
    const int e = usable(file, FS_READ, &slot);
    return e < 0 ? e : result_of(slot, lfs_file_read(volume(), &slot->file, out, length));
}

int fs_write(int file, const uint8_t *bytes, uint32_t length) {
    struct slot *slot;
    const int e = usable(file, FS_WRITE, &slot);
    if (e < 0) return e;
    slot->is_changed = true;
    return result_of(slot, lfs_file_write(volume(), &slot->file, bytes, length));
}

int fs_seek(int file, int32_t offset, int whence) {
    static const int theirs[] = {LFS_SEEK_SET, LFS_SEEK_CUR, LFS_SEEK_END};
    struct slot *slot;
    if (whence < 0 || whence > 2) return -HAL_EINVAL;
    const int e = usable(file, 0, &slot);
    if (e < 0) return e;
    const lfs_soff_t old = lfs_file_tell(volume(), &slot->file);
    const lfs_soff_t at = lfs_file_seek(volume(), &slot->file, offset, theirs[whence]);
    if (at <= 0 || (uint32_t)at <= volume_size()) return result_of(slot, at);
    /* No file can be that long: a write there would fill the flash with zeros before it fails. */
    (void)lfs_file_seek(volume(), &slot->file, old, LFS_SEEK_SET);
    return -HAL_EINVAL;
}

int fs_close(int file) {
    struct slot *slot = slot_of(file);
    if (slot == NULL) return -HAL_EBADF;
    int e = slot->failure;
    if (slot->is_overtaken && slot->is_changed && e == 0) e = -HAL_EBADF;
    if (e < 0 || slot->is_overtaken) slot->file.flags |= LFS_F_ERRED; /* closes without writing */
    const int closed = volume_result(lfs_file_close(volume(), &slot->file));
    slot->is_open = false;
    if (e < 0 || closed < 0) return e < 0 ? e : closed;
    if (slot->is_changed) overtake_others(slot);
    return 0;
}

int fs_remove(const char *path) {
    struct volume_path clean;
    struct lfs_info info;
    int e = volume_path(path, &clean);
    if (e < 0) return e;
    e = lfs_stat(volume(), clean.text, &info);
    if (e >= 0 && info.type == LFS_TYPE_DIR) return -HAL_EISDIR;
    return volume_result(e < 0 ? e : lfs_remove(volume(), clean.text));
}

/* --- folders ---------------------------------------------------------------------------------- */

/* Reads up to entry `index`: 1, or 0 where there are fewer. */
static int find_entry(lfs_dir_t *folder, uint32_t index, struct lfs_info *info) {
    for (;;) {
        const int more = lfs_dir_read(volume(), folder, info);
        if (more <= 0) return more;
        if (strcmp(info->name, ".") == 0 || strcmp(info->name, "..") == 0) continue;
        if (index-- == 0) return 1;
    }
}

int fs_list(const char *path, uint32_t index, char *out, uint32_t capacity) {
    struct volume_path clean;
    struct lfs_info info;
    lfs_dir_t folder;
    int e = volume_path(path, &clean);
    if (e < 0) return e;
    e = lfs_dir_open(volume(), &folder, clean.text);
    if (e < 0) return volume_result(e);
    e = find_entry(&folder, index, &info);
    lfs_dir_close(volume(), &folder);
    if (e <= 0) return volume_result(e);
    const size_t n = strlen(info.name);
    if (n > capacity) return -HAL_EINVAL;
    memcpy(out, info.name, n);
    return (int)n;
}
