/* Power cuts: fs-littlefs-cuts STEPS SEED
 *
 * A workload of STEPS steps (put, replace, append, patch, remove, rename, two files at once) on a
 * small region, so that sectors are used again and again. Each step is done once whole, which says
 * how many pages it programs and sectors it erases; then once for each of those, with the power
 * failing before, during (three different ways) and after it. After each cut the file system must
 * mount, every file must be as before or as after the step, and the step must succeed when it is
 * done again - where every fourth time the power fails once more.
 *
 * Prints how many cuts there were, how many left the old and the new state, how often the power
 * failed a second time and how often a step did not fit; or the first complaint.
 */

#include "flash.h"
#include "flash_host.h"
#include "fs-littlefs-tree.h"
#include "fs_littlefs.h"
#include "hal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGION = 17 * FLASH_SECTOR, DURING = 3 };

enum action { PUT, REPLACE, APPEND, PATCH, REMOVE, RENAME, BOTH, ACTIONS };

struct step {
    enum action action;
    int file;
    int other; /* RENAME: the target; BOTH: what is replaced while the first is appended to */
};

static struct tree before, after;
static uint8_t image[REGION];
static uint32_t random_state;
static struct {
    uint64_t cuts;
    uint64_t olds;
    uint64_t news;
    uint64_t again;
    uint64_t full;
} counts;

static uint32_t below(uint32_t limit) {
    return tree_random(&random_state) % limit;
}

/* --- the steps -------------------------------------------------------------------------------- */

/* Mostly the size of certificates and settings, at times nothing, a few bytes or many sectors. */
static int32_t some_length(void) {
    static const uint32_t limits[] = {1, 200, 300, 2000, 2000, 4200, TREE_LARGEST};
    return (int32_t)below(limits[below(sizeof limits / sizeof limits[0])]);
}

static void fill(int file, int32_t from, int32_t length) {
    for (int32_t i = from; i < from + length; i++)
        after.bytes[file][i] = (uint8_t)tree_random(&random_state);
    if (after.lengths[file] < from + length) after.lengths[file] = from + length;
}

static void plan_append(int file) {
    const int32_t have = after.lengths[file] < 0 ? 0 : after.lengths[file];
    const int32_t room = TREE_LARGEST - have;
    const int32_t length = 1 + (int32_t)below(300);
    fill(file, have, length < room ? length : room);
}

static void plan_replace(int file) {
    after.lengths[file] = 0;
    fill(file, 0, some_length());
}

static void plan_patch(int file) {
    const int32_t at = (int32_t)below((uint32_t)after.lengths[file]);
    const int32_t rest = after.lengths[file] - at;
    fill(file, at, 1 + (int32_t)below((uint32_t)rest));
}

/* Draws the next step, and makes `after` of `before`. */
static struct step plan(void) {
    struct step step = {.file = (int)below(TREE_FILES)};
    const int32_t length = before.lengths[step.file];
    step.other = (step.file + 1 + (int)below(TREE_FILES - 1)) % TREE_FILES;
    step.action = (enum action)below(ACTIONS);
    const bool needs_file = step.action == REMOVE || step.action == RENAME;
    if ((needs_file && length < 0) || (step.action == PATCH && length < 1)) step.action = PUT;

    memcpy(&after, &before, sizeof after);
    if (step.action == PUT || step.action == REPLACE) plan_replace(step.file);
    if (step.action == APPEND || step.action == BOTH) plan_append(step.file);
    if (step.action == PATCH) plan_patch(step.file);
    if (step.action == BOTH) plan_replace(step.other);
    if (step.action == RENAME) {
        after.lengths[step.other] = length;
        memcpy(after.bytes[step.other], before.bytes[step.file], TREE_LARGEST);
    }
    if (needs_file && step.action != PUT) after.lengths[step.file] = -1;
    return step;
}

/* Writes in pieces, as an app does. */
static int write_rest(int file, int which, int32_t from) {
    int e = file;
    for (int32_t at = from; e >= 0 && at < after.lengths[which];) {
        const int32_t rest = after.lengths[which] - at;
        e = fs_write(file, after.bytes[which] + at, (uint32_t)(rest < 1000 ? rest : 1000));
        at += e;
    }
    return e;
}

/* Replaces or appends to a file and closes it. */
static int write_file(int which, uint32_t flags, int32_t from) {
    const int file = fs_open(tree_paths[which], FS_WRITE | FS_CREATE | flags);
    const int e = write_rest(file, which, from);
    const int closed = fs_close(file);
    return e < 0 ? e : closed;
}

static int put(int which) {
    const int file = fs_littlefs_put_begin();
    const int e = write_rest(file, which, 0);
    const int ended = fs_littlefs_put_end(file, e < 0 ? NULL : tree_paths[which]);
    return e < 0 ? e : ended;
}

/* Overwrites the bytes from the first that differs on. */
static int patch(int which) {
    int32_t at = 0;
    while (at < before.lengths[which] && before.bytes[which][at] == after.bytes[which][at])
        at++;
    const int file = fs_open(tree_paths[which], FS_READ | FS_WRITE);
    int e = fs_seek(file, at, 0);
    if (e >= 0) e = write_rest(file, which, at);
    const int closed = fs_close(file);
    return e < 0 ? e : closed;
}

/* One file is appended to while another is replaced; the first is closed last. */
static int write_both(int which, int other) {
    const int32_t from = before.lengths[which] < 0 ? 0 : before.lengths[which];
    const int file = fs_open(tree_paths[which], FS_WRITE | FS_CREATE | FS_APPEND);
    int e = write_rest(file, which, from);
    if (e >= 0) e = write_file(other, FS_TRUNCATE, 0);
    const int closed = fs_close(file);
    return e < 0 ? e : closed;
}

static int make_folders(void) {
    static const char *const folders[] = {"certs", "data", "data/old"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        const int e = fs_littlefs_make_folder(folders[i]);
        if (e < 0 && e != -HAL_EEXIST) return e;
    }
    return 0;
}

static int carry_out(const struct step *step) {
    const char *path = tree_paths[step->file];
    const int32_t length = before.lengths[step->file];
    if (step->action == PUT) return put(step->file);
    const int e = make_folders();
    if (e < 0) return e;
    switch (step->action) {
    case REPLACE:
        return write_file(step->file, FS_TRUNCATE, 0);
    case APPEND:
        return write_file(step->file, FS_APPEND, length < 0 ? 0 : length);
    case PATCH:
        return patch(step->file);
    case REMOVE:
        return fs_remove(path);
    case RENAME:
        return fs_littlefs_rename(path, tree_paths[step->other]);
    default:
        return write_both(step->file, step->other);
    }
}

/* --- cuts ------------------------------------------------------------------------------------- */

static void mount(void) {
    flash_host_power_on();
    const int e = fs_littlefs_mount(0, REGION);
    if (e == 0) return;
    printf("the file system does not mount: %d\n", e);
    exit(EXIT_FAILURE);
}

static struct tree_match check(const struct step *step) {
    const bool creates = step->action != PUT && step->action != REMOVE && step->action != RENAME;
    struct tree_match match = tree_compare(&before, &after, creates);
    const bool is_both = match.olds > 0 && match.news > 0;
    if (is_both && step->action != BOTH) match.complaint = "half of a rename";
    if (match.complaint == NULL) return match;
    printf("action %d, file %s: %s\n", step->action, tree_paths[step->file], match.complaint);
    exit(EXIT_FAILURE);
}

/* The power fails again while the step is done once more. */
static void cut_again(const struct step *step) {
    counts.again++;
    flash_host_cut_at(flash_host_operations() + below(12), FLASH_CUT_DURING, below(1u << 31));
    (void)carry_out(step);
    mount();
    (void)check(step);
}

/* The file system takes writes, more than a sector of them. */
static void probe(void) {
    uint8_t bytes[FLASH_SECTOR + 1] = {0};
    const int file = fs_littlefs_put_begin();
    const int n = fs_write(file, bytes, sizeof bytes);
    const int e = fs_littlefs_put_end(file, NULL);
    if ((n == sizeof bytes || n == -HAL_ENOSPC) && (e == 0 || e == n)) return;
    printf("it cannot be written to: %d %d\n", n, e);
    exit(EXIT_FAILURE);
}

/* Whether nothing of the step is there yet. Otherwise some cannot be done twice, and replacing what
 * is new already takes more room. */
static bool can_repeat(const struct step *step) {
    return check(step).news == 0;
}

/* The step after a cut, where every fourth time the power fails once more. */
static void finish(const struct step *step) {
    if (can_repeat(step) && below(4) == 0) cut_again(step);
    if (!can_repeat(step)) {
        probe();
        return;
    }
    const int e = carry_out(step);
    const struct tree_match end = tree_compare(&after, &after, false);
    if (e >= 0 && end.complaint == NULL) return;
    printf("action %d done again: %d, %s\n", step->action, e, end.complaint);
    exit(EXIT_FAILURE);
}

static void cut(const struct step *step, uint64_t operation, enum flash_host_cut how) {
    memcpy(flash_host_bytes(), image, REGION);
    mount();
    flash_host_cut_at(flash_host_operations() + operation, how, below(1u << 31));
    (void)carry_out(step);
    if (!flash_host_is_off()) {
        printf("the power should have failed\n");
        exit(EXIT_FAILURE);
    }
    mount();
    const struct tree_match match = check(step);
    counts.cuts++;
    counts.olds += match.news == 0;
    counts.news += match.news > 0;
    finish(step);
}

/* Does the step whole: how many operations it took, or -1 where it does not fit. Then nothing has
 * changed, and a file makes room for the next one. */
static int64_t measure(const struct step *step) {
    mount();
    const uint64_t start = flash_host_operations();
    const int e = carry_out(step);
    const int64_t operations = (int64_t)(flash_host_operations() - start);
    const struct tree *least = e < 0 ? &before : &after;
    const struct tree *most = e < 0 && step->action != BOTH ? &before : &after;
    const struct tree_match match = tree_compare(least, most, e < 0 && step->action != PUT);
    if ((e < 0 && e != -HAL_ENOSPC) || match.complaint != NULL) {
        printf("action %d without a cut: %d, %s\n", step->action, e, match.complaint);
        exit(EXIT_FAILURE);
    }
    return e < 0 ? -1 : operations;
}

static void make_room(void) {
    int largest = 0;
    for (int i = 0; i < TREE_FILES; i++) {
        if (before.lengths[i] > before.lengths[largest]) largest = i;
    }
    memcpy(flash_host_bytes(), image, REGION);
    mount();
    if (fs_remove(tree_paths[largest]) < 0) {
        printf("no file can be removed when it is full\n");
        exit(EXIT_FAILURE);
    }
    before.lengths[largest] = -1;
    counts.full++;
}

/* Every cut of one step; at the end it is done. */
static void try_step(const struct step *step) {
    memcpy(image, flash_host_bytes(), REGION);
    const int64_t operations = measure(step);
    if (operations < 0) {
        make_room();
        return;
    }
    for (int64_t i = 0; i < operations; i++) {
        cut(step, (uint64_t)i, FLASH_CUT_BEFORE);
        for (int k = 0; k < DURING; k++)
            cut(step, (uint64_t)i, FLASH_CUT_DURING);
        cut(step, (uint64_t)i, FLASH_CUT_AFTER);
    }
    memcpy(flash_host_bytes(), image, REGION);
    (void)measure(step);
    memcpy(&before, &after, sizeof before);
}

int main(int argc, char **argv) {
    const int steps = argc == 3 ? atoi(argv[1]) : 0;
    if (steps < 1 || flash_host_memory(REGION) < 0) return EXIT_FAILURE;
    random_state = 2 * (uint32_t)atoi(argv[2]) + 1;
    mount();
    for (int i = 0; i < TREE_FILES; i++)
        before.lengths[i] = -1;
    for (int i = 0; i < steps; i++) {
        const struct step step = plan();
        try_step(&step);
    }
    printf("cuts %" PRIu64 ", old %" PRIu64 ", new %" PRIu64 ", cut again %" PRIu64
           ", full %" PRIu64 "\n",
           counts.cuts, counts.olds, counts.news, counts.again, counts.full);
    flash_host_end();
    return EXIT_SUCCESS;
}
