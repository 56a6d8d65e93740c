/* Single cases of fs_littlefs, each a line "name number" on standard output; fs-littlefs.test.ts
 * says which number is right.
 */

#include "flash.h"
#include "flash_host.h"
#include "fs_littlefs.h"
#include "hal.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGION = 24 * FLASH_SECTOR };

static uint8_t image[REGION];
static uint8_t bytes[REGION];

static void say(const char *name, long number) {
    printf("%s %ld\n", name, number);
}

static void start_erased(void) {
    if (flash_host_memory(REGION) < 0) exit(EXIT_FAILURE);
}

static void start_empty(void) {
    start_erased();
    if (fs_littlefs_mount(0, REGION) < 0) exit(EXIT_FAILURE);
}

/* Replaces a file by `length` bytes of one value: what closing it gives, or the first error. */
static int write_file(const char *path, int value, uint32_t length) {
    const int file = fs_open(path, FS_WRITE | FS_CREATE | FS_TRUNCATE);
    memset(bytes, value, length);
    const int n = fs_write(file, bytes, length);
    const int e = fs_close(file);
    return n < 0 ? n : e;
}

/* How many bytes a file has where all are this value, else -1. */
static long read_file(const char *path, int value) {
    const int file = fs_open(path, FS_READ);
    const int n = fs_read(file, bytes, sizeof bytes);
    fs_close(file);
    for (int i = 0; i < n; i++) {
        if (bytes[i] != (uint8_t)value) return -1;
    }
    return n;
}

static long available(void) {
    uint32_t total;
    uint32_t left = 0;
    const int e = fs_littlefs_space(&total, &left);
    return e < 0 ? e : (long)(left / FLASH_SECTOR);
}

/* --- mounting and formatting ------------------------------------------------------------------ */

static void mounting(void) {
    start_erased();
    say("not mounted: open", fs_open("a", FS_READ));
    say("not mounted: list", fs_list("/", 0, (char *)bytes, 255));
    say("not mounted: space", available());
    say("erased region", fs_littlefs_mount(0, REGION));
    say("sectors left", available());
    say("mounted again", write_file("a", 1, 1000) + fs_littlefs_mount(0, REGION));
    say("file from before", read_file("a", 1));
    say("another size", fs_littlefs_mount(0, REGION - FLASH_SECTOR));
    say("no whole sectors", fs_littlefs_mount(0, REGION - 1));
    say("odd start", fs_littlefs_mount(256, FLASH_SECTOR * 8));
    say("two sectors", fs_littlefs_mount(0, FLASH_SECTOR * 2));
    say("outside the flash", fs_littlefs_mount(REGION, REGION));
}

static void damage_root(void) {
    memset(flash_host_bytes() + 8, 0, 8);
    memset(flash_host_bytes() + FLASH_SECTOR + 8, 0, 8);
}

/* Both sectors of the root folder damaged: reported, and nothing written. */
static void damaged(void) {
    start_empty();
    write_file("a", 1, 1000);
    damage_root();
    memcpy(image, flash_host_bytes(), REGION);
    say("damaged", fs_littlefs_mount(0, REGION));
    say("damaged: open", fs_open("a", FS_WRITE | FS_CREATE));
    say("damaged: left alone", memcmp(image, flash_host_bytes(), REGION) == 0);
    start_empty();
    write_file("all there is", 1, 100);
    damage_root();
    say("damaged, with a small file", fs_littlefs_mount(0, REGION));
    memset(flash_host_bytes(), 'x', REGION);
    say("something else", fs_littlefs_mount(0, REGION));
    say("formatted", fs_littlefs_format(0, REGION));
    say("usable", write_file("b", 2, 9000));
}

/* The power fails at every operation of the first mount: the next one must succeed. */
static void cut_first_mount(void) {
    int wrong = 0;
    start_empty();
    const uint64_t operations = flash_host_operations();
    for (uint64_t i = 0; i < 3 * operations; i++) {
        start_erased();
        flash_host_cut_at(i / 3, (enum flash_host_cut)(i % 3), (uint32_t)i);
        (void)fs_littlefs_mount(0, REGION);
        flash_host_power_on();
        wrong += fs_littlefs_mount(0, REGION) < 0 || write_file("a", 1, 5000) < 0;
    }
    say("first mount: operations", (long)operations);
    say("first mount: wrong", wrong);
}

/* ... and at every operation of formatting a used region: it holds all its files, or none, or says
 * that it is damaged and can be formatted. */
static void cut_format(void) {
    int wrong = 0;
    int refused = 0;
    start_empty();
    for (char name[] = "a"; name[0] < 'f'; name[0]++)
        write_file(name, name[0], 5000);
    memcpy(image, flash_host_bytes(), REGION);
    const uint64_t start = flash_host_operations();
    (void)fs_littlefs_format(0, REGION);
    const uint64_t operations = flash_host_operations() - start;
    for (uint64_t i = 0; i < 3 * operations; i++) {
        memcpy(flash_host_bytes(), image, REGION);
        flash_host_cut_at(flash_host_operations() + i / 3, (enum flash_host_cut)(i % 3),
                          (uint32_t)i);
        (void)fs_littlefs_format(0, REGION);
        flash_host_power_on();
        const int e = fs_littlefs_mount(0, REGION);
        refused += e < 0;
        if (e < 0 && fs_littlefs_format(0, REGION) < 0) wrong++;
        const long first = read_file("a", 'a');
        wrong += first != read_file("e", 'e') || (first != 5000 && first != -HAL_EBADF);
    }
    say("format: refused", refused > 0);
    say("format: wrong", wrong);
}

/* Nothing of a file is left in the flash when it was formatted. */
static void secrets(void) {
    start_empty();
    write_file("key", 0x5a, 3000);
    write_file("key", 0x5a, 200);
    say("secret is there", memchr(flash_host_bytes(), 0x5a, REGION) != NULL);
    fs_littlefs_format(0, REGION);
    long left = 0;
    for (int i = 0; i < REGION; i++)
        left += flash_host_bytes()[i] == 0x5a;
    say("secret bytes left", left);
}

/* --- no room ---------------------------------------------------------------------------------- */

static void full(void) {
    char name[8] = "a";
    start_empty();
    write_file("small", 7, 100);
    write_file("large", 8, 9000);
    while (write_file(name, 1, 4000) >= 0)
        name[0]++;
    say("files", name[0] - 'a');
    fs_remove(name);
    const int file = fs_open("small", FS_WRITE | FS_APPEND);
    memset(bytes, 9, REGION);
    say("full: write", fs_write(file, bytes, 2 * FLASH_SECTOR));
    say("full: write after", fs_write(file, bytes, 1));
    say("full: seek after", fs_seek(file, 0, 0));
    say("full: close", fs_close(file));
    say("full: old content", read_file("small", 7));
    const int far = fs_open("small", FS_WRITE);
    say("full: beyond any file", fs_seek(far, REGION + 1, 0));
    say("full: position", fs_seek(far, 0, 1));
    say("full: far away", fs_seek(far, REGION - 1, 0));
    say("full: write there", fs_write(far, bytes, 1));
    say("full: close that", fs_close(far));
    say("full: replace", write_file("large", 3, 3 * FLASH_SECTOR));
    say("full: large", read_file("large", 8));
    say("full: remove", fs_remove("large"));
    say("full: sectors left", available());
    say("full: again", write_file("large", 3, 9000));
}

/* --- several numbers of one file -------------------------------------------------------------- */

static void overtaken(void) {
    start_empty();
    write_file("a", 1, 6000);
    const int reader = fs_open("a", FS_READ);
    const int writer = fs_open("a", FS_WRITE | FS_APPEND);
    const int late = fs_open("a", FS_READ | FS_WRITE);
    say("reader", fs_read(reader, bytes, 100));
    say("writer", fs_write(writer, (const uint8_t *)"\1", 1));
    say("reader before the close", fs_read(reader, bytes, 100));
    say("late writer", fs_write(late, (const uint8_t *)"x", 1));
    say("writer closes", fs_close(writer));
    say("reader after the close", fs_read(reader, bytes, 100));
    say("reader seeks", fs_seek(reader, 0, 0));
    say("reader closes", fs_close(reader));
    say("late write", fs_write(late, (const uint8_t *)"x", 1));
    say("late close", fs_close(late));
    say("content", read_file("a", 1));

    const int removed = fs_open("a", FS_READ | FS_WRITE);
    say("remove", fs_remove("a"));
    say("removed: read", fs_read(removed, bytes, 1));
    say("removed: write", fs_write(removed, bytes, 1));
    say("removed: close", fs_close(removed));
    say("removed: gone", fs_open("a", FS_READ));

    write_file("b", 2, 6000);
    write_file("c", 3, 300);
    const int replaced = fs_open("b", FS_READ);
    const int moved = fs_open("c", FS_READ);
    say("rename", fs_littlefs_rename("c", "b"));
    say("replaced: read", fs_read(replaced, bytes, 1));
    say("moved: read", fs_read(moved, bytes, 1));
    say("replaced: close", fs_close(replaced) + fs_close(moved));
    say("renamed", read_file("b", 3));
}

/* Numbers of other files in the same folder stay good, whatever happens there. */
static void neighbours(void) {
    char name[8];
    int numbers[8];
    long wrong = 0;
    start_empty();
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "f%d", i);
        write_file(name, i, 700);
        numbers[i] = fs_open(name, FS_READ);
    }
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "%c", 'a' + i % 26);
        wrong += write_file(name, 0xee, (uint32_t)i) < 0;
        if (i % 3 == 0) wrong += fs_remove(name) < 0;
    }
    for (int i = 0; i < 8; i++) {
        wrong += fs_read(numbers[i], bytes, 700) != 700 || bytes[0] != i || bytes[699] != i;
        wrong += fs_close(numbers[i]) < 0;
    }
    say("neighbours: wrong", wrong);
}

/* --- folders and puts ------------------------------------------------------------------------- */

static void folders(void) {
    start_empty();
    say("folder", fs_littlefs_make_folder("one"));
    say("folder again", fs_littlefs_make_folder("/one/"));
    say("folder without parent", fs_littlefs_make_folder("two/three"));
    say("folder outside", fs_littlefs_make_folder("../four"));
    write_file("one/a", 1, 10);
    say("folder in use", fs_littlefs_remove_folder("one"));
    say("remove a folder as a file", fs_remove("one"));
    say("remove a file as a folder", fs_littlefs_remove_folder("one/a"));
    say("rename to a folder", fs_littlefs_rename("one/a", "one"));
    say("rename outside", fs_littlefs_rename("one/a", "one/../b"));
    say("rename nothing", fs_littlefs_rename("missing", "b"));
    say("root", fs_littlefs_remove_folder("/"));
    say("empty folder", fs_remove("one/a") + fs_littlefs_remove_folder("one"));
    say("sectors left afterwards", available());
}

static void puts_of_files(void) {
    struct fs_littlefs_status status;
    start_empty();
    write_file("a", 1, 500);
    int file = fs_littlefs_put_begin();
    fs_write(file, bytes, 300);
    say("put: while it goes on", read_file("a", 1));
    say("put: forgotten", fs_littlefs_put_end(file, NULL));
    say("put: still there", read_file("a", 1));
    const int first = fs_littlefs_put_begin();
    file = fs_littlefs_put_begin();
    memset(bytes, 2, 300);
    fs_write(file, bytes, 300);
    say("put: parents", fs_littlefs_put_end(file, "certs/own/ca.pem"));
    say("put: content", read_file("certs/own/ca.pem", 2));
    say("put: ended", fs_littlefs_put_end(first, "b"));
    say("put: onto a folder", fs_littlefs_put_end(fs_littlefs_put_begin(), "certs"));
    say("put: below a file", fs_littlefs_put_end(fs_littlefs_put_begin(), "a/b"));
    say("put: outside", fs_littlefs_put_end(fs_littlefs_put_begin(), "../a"));
    say("put: nothing left", fs_littlefs_stat(".wassl-put", &status));
    file = fs_littlefs_put_begin();
    fs_write(file, bytes, 300);
    say("put: mounted meanwhile", fs_littlefs_mount(0, REGION));
    say("put: old number", fs_littlefs_put_end(file, "c"));
    say("put: nothing left either", fs_littlefs_stat(".wassl-put", &status));
    say("put: new one", fs_littlefs_put_end(fs_littlefs_put_begin(), "a"));
    say("put: empty", read_file("a", 0));
}

/* --- wear ------------------------------------------------------------------------------------- */

/* Settings saved often: no sector may be erased far more often than the others. */
static void wear(void) {
    long wrong = 0;
    uint32_t most = 0;
    uint32_t sum = 0;
    start_empty();
    write_file("ca.pem", 1, 2000);
    for (int i = 0; i < 20000; i++)
        wrong += write_file("settings", i, 1000) < 0;
    for (uint32_t i = 0; i < REGION / FLASH_SECTOR; i++) {
        const uint32_t erased = flash_host_wear(i);
        if (erased > most) most = erased;
        sum += erased;
    }
    say("wear: wrong", wrong);
    say("wear: in all", sum);
    say("wear: most", most);
}

/* Sectors fail one after the other, but not those of the root folder. */
static void worn_out(void) {
    long wrong = 0;
    start_empty();
    write_file("kept", 1, 5000);
    for (uint32_t sector = 2; sector < 12; sector++) {
        flash_host_wear_out(sector * 2 % 22 + 2);
        for (int i = 0; i < 30; i++)
            wrong += write_file("changing", i, 4000) < 0 || read_file("changing", i) != 4000;
        wrong += fs_littlefs_mount(0, REGION) < 0;
    }
    say("worn out: wrong", wrong);
    say("worn out: kept", read_file("kept", 1));
    flash_host_wear_out(0);
    flash_host_wear_out(1);
    for (int i = 0; i < 30 && wrong == 0; i++)
        wrong = write_file("changing", 99, 10);
    say("worn out: root folder", wrong);
    say("worn out: kept then", read_file("kept", 1));
}

int main(void) {
    mounting();
    damaged();
    cut_first_mount();
    cut_format();
    secrets();
    full();
    overtaken();
    neighbours();
    folders();
    puts_of_files();
    wear();
    worn_out();
    fs_littlefs_unmount();
    flash_host_end();
    return EXIT_SUCCESS;
}
