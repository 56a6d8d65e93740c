/* The file system in its region of the flash: how littlefs reaches the flash, mounting, formatting.
 *
 * littlefs is told of a bad sector where erasing or programming fails, so that it takes another; it
 * never reaches outside the region, whatever a damaged image makes it ask for.
 */

#include "fs_littlefs_volume.h"

#include "flash.h"
#include "fs_littlefs.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
    READ_SIZE = 16,
    LOOKAHEAD = 40,     /* a bit for each of 320 sectors; a larger region is searched in parts */
    BLOCK_CYCLES = 500, /* erases of a folder's sectors before it moves to others */
    ROOT_SECTORS = 2,   /* the root folder's pair is where every mount starts: 0 and 1 */
};

static uint32_t region_offset;
static bool mounted;
static lfs_t lfs;

/* --- littlefs' way to the flash --------------------------------------------------------------- */

static bool is_in_region(const struct lfs_config *c, lfs_block_t block, lfs_off_t at,
                         lfs_size_t size) {
    return block < c->block_count && at <= FLASH_SECTOR && size <= FLASH_SECTOR - at;
}

static int read_block(const struct lfs_config *c, lfs_block_t block, lfs_off_t at, void *out,
                      lfs_size_t size) {
    if (!is_in_region(c, block, at, size)) return LFS_ERR_CORRUPT;
    return flash_read(region_offset + block * FLASH_SECTOR + at, out, size) < 0 ? LFS_ERR_IO : 0;
}

static int program_block(const struct lfs_config *c, lfs_block_t block, lfs_off_t at,
                         const void *bytes, lfs_size_t size) {
    if (!is_in_region(c, block, at, size)) return LFS_ERR_CORRUPT;
    const int e = flash_program(region_offset + block * FLASH_SECTOR + at, bytes, size);
    return e < 0 ? LFS_ERR_CORRUPT : 0;
}

static int erase_block(const struct lfs_config *c, lfs_block_t block) {
    if (!is_in_region(c, block, 0, FLASH_SECTOR)) return LFS_ERR_CORRUPT;
    return flash_erase(region_offset + block * FLASH_SECTOR, FLASH_SECTOR) < 0 ? LFS_ERR_CORRUPT
                                                                               : 0;
}

/* flash_program returns when the bytes are in the flash. */
static int sync_blocks(const struct lfs_config *c) {
    (void)c;
    return 0;
}

static uint8_t read_buffer[VOLUME_CACHE];
static uint8_t program_buffer[VOLUME_CACHE];
static uint8_t lookahead_buffer[LOOKAHEAD];

static struct lfs_config config = {
    .read = read_block,
    .prog = program_block,
    .erase = erase_block,
    .sync = sync_blocks,
    .read_size = READ_SIZE,
    .prog_size = FLASH_PAGE,
    .block_size = FLASH_SECTOR,
    .block_cycles = BLOCK_CYCLES,
    .cache_size = VOLUME_CACHE,
    .lookahead_size = LOOKAHEAD,
    .read_buffer = read_buffer,
    .prog_buffer = program_buffer,
    .lookahead_buffer = lookahead_buffer,
};

lfs_t *volume(void) {
    return mounted ? &lfs : NULL;
}

uint32_t volume_size(void) {
    return config.block_count * FLASH_SECTOR;
}

/* --- errors and paths ------------------------------------------------------------------------- */

int volume_result(int result) {
    static const struct {
        int theirs;
        int ours;
    } numbers[] = {
        {LFS_ERR_NOENT, HAL_ENOENT}, {LFS_ERR_NOTDIR, HAL_ENOENT},
        {LFS_ERR_EXIST, HAL_EEXIST}, {LFS_ERR_NOTEMPTY, HAL_EEXIST},
        {LFS_ERR_ISDIR, HAL_EISDIR}, {LFS_ERR_BADF, HAL_EBADF},
        {LFS_ERR_INVAL, HAL_EINVAL}, {LFS_ERR_NAMETOOLONG, HAL_EINVAL},
        {LFS_ERR_NOSPC, HAL_ENOSPC}, {LFS_ERR_FBIG, HAL_ENOSPC},
        {LFS_ERR_NOMEM, HAL_ENOMEM},
    };
    if (result >= 0) return result;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].theirs == result) return -numbers[i].ours;
    }
    return -HAL_EIO;
}

int volume_path(const char *path, struct volume_path *out) {
    size_t length = 0;
    if (!mounted) return -HAL_EIO;
    for (;;) {
        path += strspn(path, "/");
        const size_t n = strcspn(path, "/");
        if (n == 0) break;
        const char *name = path;
        path += n;
        if (n == 1 && name[0] == '.') continue;
        if (n == 2 && memcmp(name, "..", 2) == 0) return -HAL_EACCES;
        if (n > FS_PATH_MAX - length) return -HAL_EINVAL;
        out->text[length++] = '/';
        memcpy(out->text + length, name, n);
        length += n;
    }
    if (length == 0) out->text[length++] = '/';
    out->text[length] = '\0';
    return 0;
}

/* --- mounting and formatting ------------------------------------------------------------------ */

static int use_region(uint32_t offset, uint32_t size) {
    fs_littlefs_unmount();
    if (offset % FLASH_SECTOR != 0 || size % FLASH_SECTOR != 0) return -HAL_EINVAL;
    if (size / FLASH_SECTOR <= ROOT_SECTORS) return -HAL_EINVAL;
    region_offset = offset;
    config.block_count = size / FLASH_SECTOR;
    return 0;
}

/* Whether a sector reads as erased: 1 or 0, or an error. */
static int is_erased(lfs_block_t block) {
    uint8_t bytes[64];
    for (uint32_t at = 0; at < FLASH_SECTOR; at += sizeof bytes) {
        const uint32_t offset = region_offset + block * FLASH_SECTOR + at;
        const int e = flash_read(offset, bytes, sizeof bytes);
        if (e < 0) return e;
        for (size_t i = 0; i < sizeof bytes; i++) {
            if (bytes[i] != 0xff) return 0;
        }
    }
    return 1;
}

/* Whether no formatting of this region has ever ended: a finished one has written both sectors of
 * the root folder, and files come later still. */
static int is_unformatted(void) {
    int written = 0;
    for (lfs_block_t block = 0; block < config.block_count; block++) {
        const int erased = is_erased(block);
        if (erased < 0) return erased;
        if (erased == 0 && block >= ROOT_SECTORS) return 0;
        written += erased == 0;
    }
    return written < ROOT_SECTORS;
}

static int start(void) {
    const int e = lfs_mount(&lfs, &config);
    mounted = e >= 0;
    return e < 0 ? -HAL_EIO : 0;
}

int fs_littlefs_mount(uint32_t offset, uint32_t size) {
    int e = use_region(offset, size);
    if (e < 0) return e;
    e = start();
    if (e < 0 && is_unformatted() == 1) {
        e = volume_result(lfs_format(&lfs, &config));
        if (e >= 0) e = start();
    }
    /* What an interrupted put left behind. Where it cannot be removed it only takes its room. */
    if (e >= 0) (void)lfs_remove(&lfs, VOLUME_PUT_PATH);
    return e;
}

int fs_littlefs_format(uint32_t offset, uint32_t size) {
    int e = use_region(offset, size);
    if (e < 0) return e;
    /* In this order: without its first two sectors nothing can be mounted that is half erased. */
    for (lfs_block_t block = 0; block < config.block_count; block++) {
        const int erased = is_erased(block);
        if (erased < 0) return erased;
        if (erased == 1) continue;
        e = flash_erase(region_offset + block * FLASH_SECTOR, FLASH_SECTOR);
        if (e < 0) return e;
    }
    e = volume_result(lfs_format(&lfs, &config));
    return e < 0 ? e : start();
}

void fs_littlefs_unmount(void) {
    mounted = false;
    volume_forget_files();
    volume_forget_put();
}

int fs_littlefs_space(uint32_t *total, uint32_t *available) {
    if (!mounted) return -HAL_EIO;
    const lfs_ssize_t used = lfs_fs_size(&lfs);
    if (used < 0) return volume_result(used);
    const uint32_t taken = (uint32_t)used * FLASH_SECTOR;
    *total = volume_size();
    *available = taken < *total ? *total - taken : 0;
    return 0;
}
