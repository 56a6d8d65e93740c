/* See fs-littlefs-tree.h. */

#include "fs-littlefs-tree.h"

#include "fs_littlefs.h"
#include "hal.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 4 };

const char *const tree_paths[TREE_FILES] = {
    "settings.json",    "log.txt",          "certs/ca.pem",
    "certs/client.pem", "certs/client.key", "data/1.bin",
    "data/2.bin",       "data/old/3.bin",   "empty",
    "boot.cfg",
};

uint32_t tree_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* --- what is there ---------------------------------------------------------------------------- */

static struct {
    struct tree tree;
    const char *complaint;
} found;

static void complain(const char *what) {
    if (found.complaint == NULL) found.complaint = what;
}

static void read_file(const char *path, uint32_t size) {
    int i = 0;
    while (i < TREE_FILES && strcmp(path, tree_paths[i]) != 0)
        i++;
    if (i == TREE_FILES) {
        complain("a file that nobody made");
        return;
    }
    const int file = fs_open(path, FS_READ);
    const int n = fs_read(file, found.tree.bytes[i], TREE_LARGEST);
    if (file < 0 || n < 0 || (uint32_t)n != size) complain("a file that cannot be read");
    if (fs_read(file, found.tree.bytes[i], 1) > 0) complain("a file that is too long");
    if (fs_close(file) < 0) complain("a file that cannot be closed");
    found.tree.lengths[i] = n;
}

static void read_folder(const char *folder, int depth) {
    char path[2 * FS_PATH_MAX + 2];
    char name[FS_PATH_MAX];
    for (uint32_t i = 0;; i++) {
        struct fs_littlefs_status status;
        const int n = fs_list(folder, i, name, sizeof name);
        if (n == 0) return;
        if (n < 0 || depth == DEPTH_MAX) {
            complain("a folder that cannot be listed");
            return;
        }
        snprintf(path, sizeof path, "%s%s%.*s", folder, *folder == '\0' ? "" : "/", n, name);
        if (fs_littlefs_stat(path, &status) < 0) {
            complain("an entry that cannot be looked at");
        } else if (status.is_folder) {
            read_folder(path, depth + 1);
        } else {
            read_file(path, status.size);
        }
    }
}

/* --- comparing -------------------------------------------------------------------------------- */

static bool is_as_in(const struct tree *tree, int i) {
    const int32_t length = found.tree.lengths[i];
    if (length != tree->lengths[i]) return false;
    return length <= 0 || memcmp(found.tree.bytes[i], tree->bytes[i], (size_t)length) == 0;
}

struct tree_match tree_compare(const struct tree *before, const struct tree *after,
                               bool may_be_empty) {
    struct tree_match match = {0};
    found.complaint = NULL;
    for (int i = 0; i < TREE_FILES; i++)
        found.tree.lengths[i] = -1;
    read_folder("", 0);
    for (int i = 0; i < TREE_FILES; i++) {
        const bool is_old = is_as_in(before, i);
        const bool is_new = is_as_in(after, i);
        const bool is_empty = may_be_empty && before->lengths[i] < 0 && found.tree.lengths[i] == 0;
        match.olds += is_old && !is_new;
        match.news += is_new && !is_old;
        if (!is_old && !is_new && !is_empty) complain(tree_paths[i]);
    }
    match.complaint = found.complaint;
    return match;
}
