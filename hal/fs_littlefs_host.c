/* littlefs on a host: the whole flash is one file, and the file system all of it. */

#include "flash_host.h"
#include "fs_littlefs.h"
#include "posix.h"

int fs_host_root(const char *path) {
    const int e = flash_host_file(path, 0);
    return e < 0 ? e : fs_littlefs_mount(0, flash_host_size());
}
