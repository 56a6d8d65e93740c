/* littlefs-image: makes and reads images of a board's file system, with the code that the board
 * runs. The image is the region of the flash byte by byte.
 *
 * Exit status: 0 done; 1 it could not be done, with a line that says why; 64 wrong usage.
 */

#include "flash_host.h"
#include "fs_littlefs.h"
#include "hal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATUS_FAILED = 1,
    STATUS_USAGE = 64,
    ENTRIES_MAX = 100000, /* a damaged image may hold folders that contain themselves */
};

static const char help[] =
    "usage: littlefs-image format IMAGE SIZE\n"
    "       littlefs-image put IMAGE [PATH FILE]...   FILE - makes a folder\n"
    "       littlefs-image list IMAGE\n"
    "       littlefs-image get IMAGE PATH FILE\n"
    "\n"
    "list writes records 'file SIZE PATH' and 'folder 0 PATH', each ended\n"
    "by a NUL byte; get copies PATH of the image to FILE.\n";

/* Says what failed, and why: the number is hal.h's. */
static int failed(const char *what, int e) {
    const char *why = e == -HAL_ENOSPC   ? "it does not fit"
                      : e == -HAL_ENOENT ? "there is no such file or folder"
                      : e == -HAL_EISDIR ? "it is a folder"
                      : e == -HAL_EEXIST ? "it is there already"
                      : e == -HAL_EACCES ? "the path leads out of the image"
                      : e == -HAL_EINVAL ? "the size or the name is not possible"
                                         : "the image is damaged, or cannot be read";
    fprintf(stderr, "littlefs-image: %s: %s\n", what, why);
    return STATUS_FAILED;
}

/* --- format, put ------------------------------------------------------------------------------ */

static int format(const char *image, const char *size) {
    char *end;
    const unsigned long bytes = strtoul(size, &end, 0);
    if (*size < '0' || *size > '9' || *end != '\0' || bytes > UINT32_MAX)
        return failed(size, -HAL_EINVAL);
    int e = flash_host_file(image, (uint32_t)bytes);
    if (e == 0) e = fs_littlefs_format(0, flash_host_size());
    return e < 0 ? failed(image, e) : 0;
}

static int copy_in(FILE *source, int file) {
    uint8_t bytes[4096];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, source)) > 0) {
        const int e = fs_write(file, bytes, (uint32_t)n);
        if (e < 0) return e;
    }
    return ferror(source) ? -HAL_EIO : 0;
}

static int put_file(const char *path, const char *name) {
    FILE *source = fopen(name, "rb");
    if (source == NULL) {
        fprintf(stderr, "littlefs-image: %s: %s\n", name, strerror(errno));
        return STATUS_FAILED;
    }
    const int file = fs_littlefs_put_begin();
    int e = file < 0 ? file : copy_in(source, file);
    fclose(source);
    if (file > 0) {
        const int ended = fs_littlefs_put_end(file, e < 0 ? NULL : path);
        if (e == 0) e = ended;
    }
    return e < 0 ? failed(path, e) : 0;
}

static int put(char **pairs) {
    for (; pairs[0] != NULL; pairs += 2) {
        int status = 0;
        if (strcmp(pairs[1], "-") == 0) {
            const int e = fs_littlefs_make_folder(pairs[0]);
            if (e < 0) status = failed(pairs[0], e);
        } else {
            status = put_file(pairs[0], pairs[1]);
        }
        if (status != 0) return status;
    }
    return 0;
}

/* --- list, get -------------------------------------------------------------------------------- */

static int list(const char *folder);

/* `path` is an entry: its record, and those below it. */
static int list_entry(const char *path) {
    static int entries;
    struct fs_littlefs_status status;
    const int e = fs_littlefs_stat(path, &status);
    if (e < 0) return failed(path, e);
    if (++entries > ENTRIES_MAX) return failed("too many entries", -HAL_EIO);
    printf("%s %u %s", status.is_folder ? "folder" : "file", status.size, path);
    putchar('\0');
    return status.is_folder ? list(path) : 0;
}

static int list(const char *folder) {
    char path[2 * FS_PATH_MAX + 2];
    char name[FS_PATH_MAX];
    for (uint32_t i = 0;; i++) {
        const int n = fs_list(folder, i, name, sizeof name);
        if (n < 0) return failed(folder, n);
        if (n == 0) return 0;
        const char *slash = folder[0] == '\0' ? "" : "/";
        snprintf(path, sizeof path, "%s%s%.*s", folder, slash, n, name);
        const int status = list_entry(path);
        if (status != 0) return status;
    }
}

static int copy_out(int file, FILE *target) {
    uint8_t bytes[4096];
    for (;;) {
        const int n = fs_read(file, bytes, sizeof bytes);
        if (n <= 0) return n;
        if (fwrite(bytes, 1, (size_t)n, target) != (size_t)n) return 0; /* ferror tells */
    }
}

static int get(const char *path, const char *name) {
    const int file = fs_open(path, FS_READ);
    if (file < 0) return failed(path, file);
    FILE *target = fopen(name, "wb");
    const int e = target == NULL ? 0 : copy_out(file, target);
    const int is_bad = target == NULL || ferror(target) | fclose(target);
    fs_close(file);
    if (e < 0) return failed(path, e);
    if (is_bad) fprintf(stderr, "littlefs-image: cannot write %s: %s\n", name, strerror(errno));
    return is_bad ? STATUS_FAILED : 0;
}

/* --- the command line ------------------------------------------------------------------------- */

static int run(int count, char **words) {
    if (count == 4 && strcmp(words[1], "format") == 0) return format(words[2], words[3]);
    const int e = flash_host_file(words[2], 0);
    const int mounted = e < 0 ? e : fs_littlefs_mount(0, flash_host_size());
    if (mounted < 0) return failed(words[2], mounted);
    if (strcmp(words[1], "put") == 0) return put(words + 3);
    return strcmp(words[1], "list") == 0 ? list("") : get(words[3], words[4]);
}

static int is_usage(int count, char **words) {
    if (count < 3) return 0;
    if (strcmp(words[1], "put") == 0) return count % 2 == 1;
    if (strcmp(words[1], "list") == 0) return count == 3;
    if (strcmp(words[1], "get") == 0) return count == 5;
    return strcmp(words[1], "format") == 0 && count == 4;
}

int main(int argc, char **argv) {
    if (!is_usage(argc, argv)) {
        fputs(help, stderr);
        return STATUS_USAGE;
    }
    const int status = run(argc, argv);
    fs_littlefs_unmount();
    flash_host_end();
    if (fflush(stdout) == 0) return status;
    fprintf(stderr, "littlefs-image: cannot write: %s\n", strerror(errno));
    return STATUS_FAILED;
}
