/* For the drivers of fs_littlefs: a small set of files, what is expected in them, and the
 * comparison with what the file system holds.
 */

#ifndef TESTS_FS_LITTLEFS_TREE_H
#define TESTS_FS_LITTLEFS_TREE_H

#include <stdbool.h>
#include <stdint.h>

enum { TREE_FILES = 10, TREE_LARGEST = 12 * 1024 };

struct tree {
    int32_t lengths[TREE_FILES]; /* -1: there is no such file */
    uint8_t bytes[TREE_FILES][TREE_LARGEST];
};

extern const char *const tree_paths[TREE_FILES];

/* How the files stand to two states. */
struct tree_match {
    const char *complaint; /* NULL: each file is as in one of them, and there are no others */
    int olds;              /* files that are as in the first state alone */
    int news;              /* files that are as in the second state alone */
};

/* With may_be_empty, a file that the first state has not may also be there without content. */
struct tree_match tree_compare(const struct tree *before, const struct tree *after,
                               bool may_be_empty);

/* xorshift32; the state is not 0. */
uint32_t tree_random(uint32_t *state);

#endif
