/* The app's files: a folder of the host, and nothing outside it.
 *
 * A path is never given to the kernel whole. It is walked component by component, each opened
 * relative to the folder before it and never through a symbolic link, and ".." is refused before
 * the kernel sees it. So there is no moment between a check and a use at which somebody could swap
 * a folder for a link, and it needs no system call that only some hosts have.
 */

#include "errno_posix.h"
#include "hal.h"
#include "posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int root = -1;
static int open_files[FS_FILES]; /* descriptor + 1, so that 0 is free */

int fs_host_root(const char *folder) {
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root < 0 ? hal_error(errno) : 0;
}

/* --- paths ------------------------------------------------------------------------------------ */

/* Where a path leads: the folder, opened, and the name in it, "." for the root itself. */
struct place {
    int folder;
    char name[FS_PATH_MAX + 1];
};

/* Steps from the folder into place->name. The old descriptor is closed in any case. */
static int descend(struct place *place) {
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const int next = openat(place->folder, place->name, flags);
    const int e = next < 0 ? hal_error(errno) : 0;
    close(place->folder);
    place->folder = next;
    return e;
}

/* Takes the next component of *path as place->name: 1, 0 where there is none, -HAL_EACCES for "..".
 */
static int next_name(const char **path, char name[FS_PATH_MAX + 1]) {
    for (;;) {
        *path += strspn(*path, "/");
        const size_t n = strcspn(*path, "/");
        if (n == 0) return 0;
        const char *component = *path;
        *path += n;
        if (n == 1 && component[0] == '.') continue;
        if (n == 2 && memcmp(component, "..", 2) == 0) return -HAL_EACCES;
        if (n > FS_PATH_MAX) return -HAL_EINVAL;
        memcpy(name, component, n);
        name[n] = '\0';
        return 1;
    }
}

/* Walks to the last component. On success the caller closes place->folder. */
static int find(const char *path, struct place *place) {
    strcpy(place->name, ".");
    place->folder = fcntl(root, F_DUPFD_CLOEXEC, 0);
    if (place->folder < 0) return hal_error(errno);

    char name[FS_PATH_MAX + 1];
    int more = next_name(&path, name);
    while (more > 0) {
        strcpy(place->name, name);
        more = next_name(&path, name);
        if (more <= 0) break;
        const int e = descend(place);
        if (e < 0) return e;
    }
    if (more < 0) close(place->folder);
    return more;
}

/* --- files ------------------------------------------------------------------------------------ */

static int descriptor_of(int file) {
    if (file < 1 || file > FS_FILES) return -1;
    return open_files[file - 1] - 1;
}

/* The host's flags, or an error where the combination makes no sense. */
static int host_flags(uint32_t flags) {
    const uint32_t known = FS_READ | FS_WRITE | FS_CREATE | FS_TRUNCATE | FS_APPEND;
    const bool writes = (flags & FS_WRITE) != 0;
    if ((flags & ~known) != 0 || (flags & (FS_READ | FS_WRITE)) == 0) return -HAL_EINVAL;
    if (!writes && (flags & (FS_CREATE | FS_TRUNCATE | FS_APPEND)) != 0) return -HAL_EINVAL;
    int host = (flags & FS_READ) == 0 ? O_WRONLY : writes ? O_RDWR : O_RDONLY;
    if (flags & FS_CREATE) host |= O_CREAT;
    if (flags & FS_TRUNCATE) host |= O_TRUNC;
    if (flags & FS_APPEND) host |= O_APPEND;
    return host;
}

/* Folders, pipes and devices are no files: a pipe could block for ever. */
static int check_regular(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) return hal_error(errno);
    if (S_ISREG(status.st_mode)) return 0;
    return S_ISDIR(status.st_mode) ? -HAL_EISDIR : -HAL_EACCES;
}

/* Opens a regular file, in the free slot. */
static int open_in(int slot, const struct place *place, int flags) {
    const int safe = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const int fd = openat(place->folder, place->name, flags | safe, 0644);
    if (fd < 0) return hal_error(errno);
    const int e = check_regular(fd);
    if (e < 0) {
        close(fd);
        return e;
    }
    open_files[slot] = fd + 1;
    return slot + 1;
}

int fs_open(const char *path, uint32_t flags) {
    struct place place;
    const int host = host_flags(flags);
    if (host < 0) return host;
    int slot = 0;
    while (slot < FS_FILES && open_files[slot] != 0)
        slot++;
    if (slot == FS_FILES) return -HAL_ENFILE;

    int e = find(path, &place);
    if (e < 0) return e;
    e = open_in(slot, &place, host);
    close(place.folder);
    return e;
}

int fs_read(int file, uint8_t *out, uint32_t length) {
    const int fd = descriptor_of(file);
    ssize_t n;
    do
        n = read(fd, out, length);
    while (n < 0 && errno == EINTR);
    return n < 0 ? hal_error(errno) : (int)n;
}

int fs_write(int file, const uint8_t *bytes, uint32_t length) {
    const int fd = descriptor_of(file);
    ssize_t n;
    do
        n = write(fd, bytes, length);
    while (n < 0 && errno == EINTR);
    return n < 0 ? hal_error(errno) : (int)n;
}

int fs_seek(int file, int32_t offset, int whence) {
    static const int host[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    if (whence < 0 || whence > 2) return -HAL_EINVAL;
    const off_t at = lseek(descriptor_of(file), offset, host[whence]);
    if (at < 0) return hal_error(errno);
    return at > INT_MAX ? -HAL_EINVAL : (int)at;
}

int fs_close(int file) {
    const int fd = descriptor_of(file);
    if (fd < 0) return -HAL_EBADF;
    open_files[file - 1] = 0;
    return close(fd) == 0 ? 0 : hal_error(errno);
}

int fs_remove(const char *path) {
    struct place place;
    const int e = find(path, &place);
    if (e < 0) return e;
    const int result = unlinkat(place.folder, place.name, 0) == 0 ? 0 : hal_error(errno);
    close(place.folder);
    return result;
}

/* --- folders ---------------------------------------------------------------------------------- */

/* Copies the name of entry `index`. */
static int name_of(DIR *folder, uint32_t index, char *out, uint32_t capacity) {
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) return errno == 0 ? 0 : hal_error(errno);
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        if (index-- > 0) continue;
        const size_t n = strlen(name);
        if (n > capacity) return -HAL_EINVAL;
        memcpy(out, name, n);
        return (int)n;
    }
}

int fs_list(const char *path, uint32_t index, char *out, uint32_t capacity) {
    struct place place;
    int e = find(path, &place);
    if (e < 0) return e;
    e = descend(&place);
    if (e < 0) return e;
    DIR *folder = fdopendir(place.folder);
    if (folder == NULL) {
        e = hal_error(errno);
        close(place.folder);
        return e;
    }
    e = name_of(folder, index, out, capacity);
    closedir(folder); /* closes place.folder too */
    return e;
}
