/* Damaged images: fs-littlefs-damage all|reading ROUNDS SEED
 *
 * Each round takes a sound image with folders and files of all kinds, damages it (bits, bytes,
 * words that littlefs might take for sizes and block numbers, whole pages and sectors) and does
 * with it all that hal.h and fs_littlefs.h offer, or only what reads. Any result will do, but each
 * call must come back, within the memory that is its own: the sanitizers and an alarm watch.
 * What reads is also tried with a littlefs that takes every checksum for right.
 *
 * Prints how many of the damaged images were mounted and how many refused.
 */

#include "flash.h"
#include "flash_host.h"
#include "fs-littlefs-tree.h"
#include "fs_littlefs.h"
#include "hal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REGION = 32 * FLASH_SECTOR,
    LONGEST_ROUND_S = 20,
    ENTRIES_MAX = 200,
    DEPTH_MAX = 6,
};

static uint8_t image[REGION];
static uint32_t random_state;
static bool only_reading;
static uint8_t buffer[TREE_LARGEST];

static uint32_t below(uint32_t limit) {
    return tree_random(&random_state) % limit;
}

/* --- the sound image -------------------------------------------------------------------------- */

static void write_file(const char *path, uint32_t length, uint32_t flags) {
    const int file = fs_open(path, FS_WRITE | FS_CREATE | flags);
    for (uint32_t i = 0; i < length; i++)
        buffer[i] = (uint8_t)below(256);
    const int n = fs_write(file, buffer, length);
    if (n == (int)length && fs_close(file) == 0) return;
    printf("cannot make the image\n");
    exit(EXIT_FAILURE);
}

static void make_image(void) {
    fs_littlefs_mount(0, REGION);
    fs_littlefs_make_folder("certs");
    fs_littlefs_make_folder("data");
    fs_littlefs_make_folder("data/old");
    for (uint32_t i = 0; i < TREE_FILES; i++)
        write_file(tree_paths[i], i * 1100, 0);
    for (int i = 0; i < 12; i++) /* history, in the logs of folders */
        write_file(tree_paths[below(TREE_FILES)], below(250), FS_TRUNCATE);
    write_file("log.txt", 5000, FS_APPEND);
    fs_littlefs_unmount();
    memcpy(image, flash_host_bytes(), REGION);
}

/* --- damage ----------------------------------------------------------------------------------- */

/* A place that holds something, mostly in the sectors that are folders. */
static uint32_t some_place(void) {
    const uint8_t *bytes = flash_host_bytes();
    uint32_t at = 0;
    for (int tries = 0; tries < 200; tries++) {
        at = below(8) < 3 ? below(2 * FLASH_SECTOR) : below(REGION);
        if (bytes[at] != 0xff) break;
    }
    return at;
}

static void damage_word(uint32_t at) {
    static const uint32_t words[] = {0, 1, 2, 31, 32, 0x3fe, 0x3ff, 0x7fffffff, 0xfffffffe};
    uint8_t *bytes = flash_host_bytes();
    const uint32_t word = words[below(sizeof words / sizeof words[0])];
    const bool is_big_endian = below(2) == 0;
    for (uint32_t i = 0; i < 4 && at + i < REGION; i++)
        bytes[at + i] = (uint8_t)(word >> (is_big_endian ? 24 - 8 * i : 8 * i));
}

static void damage_block(uint32_t at) {
    uint8_t *bytes = flash_host_bytes();
    const uint32_t unit = below(2) == 0 ? FLASH_PAGE : FLASH_SECTOR;
    uint8_t *to = bytes + at / unit * unit;
    if (below(2) == 0) {
        memset(to, below(2) == 0 ? 0 : 0xff, unit);
    } else {
        memmove(to, bytes + some_place() / unit * unit, unit);
    }
}

static void damage(void) {
    uint8_t *bytes = flash_host_bytes();
    const int times = 1 + (int)below(below(4) == 0 ? 40 : 4);
    for (int i = 0; i < times; i++) {
        const uint32_t at = some_place();
        const uint32_t how = below(16);
        if (how < 8) {
            bytes[at] ^= (uint8_t)(1u << below(8));
        } else if (how < 11) {
            bytes[at] = (uint8_t)below(256);
        } else if (how < 15) {
            damage_word(at);
        } else {
            damage_block(at);
        }
    }
}

/* --- use -------------------------------------------------------------------------------------- */

static int entries;

static void use_file(const char *path) {
    const bool writes = !only_reading && below(2) == 0;
    const int file = fs_open(path, FS_READ | (writes ? FS_WRITE : 0));
    (void)fs_seek(file, -(int32_t)below(100), 2);
    (void)fs_read(file, buffer, sizeof buffer);
    (void)fs_seek(file, (int32_t)below(3000), 0);
    (void)fs_read(file, buffer, sizeof buffer);
    if (writes) (void)fs_write(file, buffer, below(600));
    (void)fs_close(file);
}

static void use_folder(const char *folder, int depth) {
    char path[2 * FS_PATH_MAX + 2];
    char name[FS_PATH_MAX];
    for (uint32_t i = 0; entries < ENTRIES_MAX && depth < DEPTH_MAX; i++, entries++) {
        struct fs_littlefs_status status = {0};
        const int n = fs_list(folder, i, name, sizeof name);
        if (n <= 0) return;
        snprintf(path, sizeof path, "%s/%.*s", folder, n, name);
        if (fs_littlefs_stat(path, &status) == 0 && status.is_folder) {
            use_folder(path, depth + 1);
        } else {
            use_file(path);
        }
    }
}

static void change_something(void) {
    const char *path = tree_paths[below(TREE_FILES)];
    const int appended = fs_open(path, FS_WRITE | FS_CREATE | FS_APPEND);
    (void)fs_write(appended, buffer, below(3000));
    const int file = fs_littlefs_put_begin();
    (void)fs_write(file, buffer, below(6000));
    (void)fs_littlefs_put_end(file, below(4) == 0 ? NULL : tree_paths[below(TREE_FILES)]);
    (void)fs_close(appended);
    (void)fs_remove(tree_paths[below(TREE_FILES)]);
    (void)fs_littlefs_rename(path, tree_paths[below(TREE_FILES)]);
    (void)fs_littlefs_make_folder("data/new");
    (void)fs_littlefs_remove_folder(below(2) == 0 ? "data/new" : "data/old");
}

/* Whether the damaged image was mounted. */
static bool try_one(void) {
    uint32_t total, available;
    alarm(LONGEST_ROUND_S);
    memcpy(flash_host_bytes(), image, REGION);
    damage();
    if (fs_littlefs_mount(0, REGION) < 0) return false;
    entries = 0;
    use_folder("", 0);
    (void)fs_littlefs_space(&total, &available);
    for (uint32_t times = only_reading ? 0 : 1 + below(3); times > 0; times--)
        change_something();
    return true;
}

int main(int argc, char **argv) {
    const int rounds = argc == 4 ? atoi(argv[2]) : 0;
    if (rounds < 1 || flash_host_memory(REGION) < 0) return EXIT_FAILURE;
    only_reading = strcmp(argv[1], "reading") == 0;
    random_state = 2 * (uint32_t)atoi(argv[3]) + 1;
    make_image();
    int mounted = 0;
    for (int i = 0; i < rounds; i++)
        mounted += try_one();
    printf("damaged %d, mounted %d, refused %d\n", rounds, mounted, rounds - mounted);
    fs_littlefs_unmount();
    flash_host_end();
    return EXIT_SUCCESS;
}
