/* The requests for files: list, get, put in three steps (begin, data, commit), remove.
 *
 * A put goes beside the old file and replaces it at the commit, once its checksum fits. What is
 * known of it is in memory: after a reset it begins again, after a break of the line it goes on.
 *
 * Files of private keys are written and never given out. That guards against a slip (a backup of
 * all files, a screen that others see), not against who has the serial line: docs/serial.md.
 */

#include "crc32.h"
#include "deploy_message.h"
#include "frame.h"
#include "fs_littlefs.h"
#include "hal.h"

#include <string.h>

enum {
    SIZE_FOLDER = 0xffffffff, /* a folder, as FILE_LIST gives its size */
    FIRST_FILE = 1,
};

static struct {
    int file; /* 0: none */
    uint32_t length;
    uint32_t crc;
    uint32_t path_crc;
    uint32_t received;
    uint32_t received_crc;
} put;

static void forget_put(void) {
    if (put.file >= FIRST_FILE) fs_littlefs_put_end(put.file, NULL);
    memset(&put, 0, sizeof put);
}

void deploy_files_start(void) {
    forget_put();
}

/* The last field of a request: a path. False where it is none. */
static bool take_path(struct message *message, char out[FS_PATH_MAX + 1]) {
    message_text(message, out, FS_PATH_MAX + 1);
    return message_is_over(message);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* True for what lies in a folder "private", and where a name of the path ends in ".key": "a.key/"
 * and "a.key/." are the same file as "a.key". */
static bool is_private(const char *path) {
    static const char folder[] = "private";
    static const char ending[] = ".key";
    const size_t tail = sizeof ending - 1;
    while (*path != '\0') {
        path += strspn(path, "/");
        const size_t n = strcspn(path, "/");
        if (n == sizeof folder - 1 && memcmp(path, folder, n) == 0) return true;
        if (n >= tail && memcmp(path + n - tail, ending, tail) == 0) return true;
        path += n;
    }
    return false;
}

/* The result is the length of the name, 0 past the last entry. The name is put behind its folder,
 * so that one buffer holds the whole path. */
static int file_list(struct message *message) {
    char path[FS_PATH_MAX + 1];
    struct fs_littlefs_status status;
    const uint32_t index = message_u32(message);
    if (!take_path(message, path)) return -HAL_EINVAL;
    const size_t folder = strlen(path);
    if (folder >= FS_PATH_MAX) return -HAL_EINVAL;
    char *name = path + folder + 1;
    const int n = fs_list(path, index, name, (uint32_t)(FS_PATH_MAX - folder - 1));
    if (n <= 0) return n;
    path[folder] = '/';
    name[n] = '\0';
    const int e = fs_littlefs_stat(path, &status);
    if (e < 0) return e;
    answer_u32(status.is_folder ? SIZE_FOLDER : status.size);
    answer_bytes((const uint8_t *)name, (uint32_t)n);
    return n;
}

/* The result is the number of bytes, 0 at the end of the file. */
static int file_get(struct message *message) {
    char path[FS_PATH_MAX + 1];
    const uint32_t offset = message_u32(message);
    if (!take_path(message, path) || offset > INT32_MAX) return -HAL_EINVAL;
    if (is_private(path)) return -HAL_EACCES;
    const int file = fs_open(path, FS_READ);
    if (file < 0) return file;
    int n = fs_seek(file, (int32_t)offset, 0);
    if (n >= 0) n = fs_read(file, answer_room(), FRAME_DATA_MAX);
    fs_close(file);
    if (n > 0) answer_filled((uint32_t)n);
    return n;
}

/* --- writing ---------------------------------------------------------------------------------- */

static int file_begin(struct message *message) {
    char path[FS_PATH_MAX + 1];
    const uint32_t length = message_u32(message);
    const uint32_t crc = message_u32(message);
    if (!take_path(message, path)) return -HAL_EINVAL;
    const uint32_t path_crc = crc32_add(0, (const uint8_t *)path, (uint32_t)strlen(path));
    const bool is_same = put.file >= FIRST_FILE && put.length == length && put.crc == crc &&
                         put.path_crc == path_crc;
    if (!is_same) {
        forget_put();
        const int file = fs_littlefs_put_begin();
        if (file < 0) return file;
        put.file = file;
        put.length = length;
        put.crc = crc;
        put.path_crc = path_crc;
    }
    answer_u32(put.received);
    return 0;
}

static int write_all(const uint8_t *bytes, uint32_t length) {
    while (length > 0) {
        const int n = fs_write(put.file, bytes, length);
        if (n <= 0) return n < 0 ? n : -HAL_ENOSPC;
        bytes += n;
        length -= (uint32_t)n;
    }
    return 0;
}

static int file_data(struct message *message) {
    const uint32_t offset = message_u32(message);
    const uint32_t length = message->left;
    const uint8_t *bytes = message_bytes(message, length);
    if (!message_is_over(message) || put.file < FIRST_FILE) return -HAL_EINVAL;
    answer_u32(put.received);
    if (offset > put.received || length > put.length - offset) return -HAL_EINVAL;
    if (offset + length <= put.received) return 0;
    if (offset != put.received) return -HAL_EINVAL;
    const int e = write_all(bytes, length);
    if (e < 0) {
        forget_put();
        return e;
    }
    put.received += length;
    put.received_crc = crc32_add(put.received_crc, bytes, length);
    return 0;
}

static int file_commit(struct message *message) {
    char path[FS_PATH_MAX + 1];
    if (!take_path(message, path) || put.file < FIRST_FILE) return -HAL_EINVAL;
    const uint32_t path_crc = crc32_add(0, (const uint8_t *)path, (uint32_t)strlen(path));
    if (put.received != put.length || path_crc != put.path_crc) return -HAL_EINVAL;
    if (put.received_crc != put.crc) {
        forget_put();
        return -HAL_EIO;
    }
    const int e = fs_littlefs_put_end(put.file, path);
    memset(&put, 0, sizeof put);
    return e;
}

static int file_remove(struct message *message) {
    char path[FS_PATH_MAX + 1];
    struct fs_littlefs_status status;
    if (!take_path(message, path)) return -HAL_EINVAL;
    const int e = fs_littlefs_stat(path, &status);
    if (e < 0) return e;
    return status.is_folder ? fs_littlefs_remove_folder(path) : fs_remove(path);
}

int deploy_files(uint8_t type, struct message *message) {
    switch (type) {
    case DEPLOY_FILE_LIST:
        return file_list(message);
    case DEPLOY_FILE_GET:
        return file_get(message);
    case DEPLOY_FILE_BEGIN:
        return file_begin(message);
    case DEPLOY_FILE_DATA:
        return file_data(message);
    case DEPLOY_FILE_COMMIT:
        return file_commit(message);
    case DEPLOY_FILE_REMOVE:
        return file_remove(message);
    default:
        return -HAL_EINVAL;
    }
}
