/* Power cuts while an app is installed: at each sector erased and each page programmed, before,
 * during and after it, with no app, with an old one, with an old one that runs, and while an
 * earlier installation is replaced. After each cut the newest app must be the old or the new one,
 * whole; then the installation must go on where it was and end with the new one.
 */

#include "deploy-driver.h"

#include "app_slot.h"
#include "crc32.h"
#include "flash.h"
#include "flash_host.h"
#include "hal.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LENGTH = 9000, STEP = 512, HOWS = 3, SITUATIONS = 4 };

static uint8_t modules[3][LENGTH];
static struct app_label labels[3];
static uint8_t image[DRIVER_FLASH];
static struct {
    unsigned cuts;
    unsigned olds;
    unsigned news;
    unsigned resumed;
} counts;

/* Lengths and contents differ; the second has erased-looking pages inside. */
static void make_modules(void) {
    static const uint8_t magic[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    for (int i = 0; i < 3; i++) {
        for (uint32_t at = 0; at < LENGTH; at++)
            modules[i][at] = (uint8_t)(at * (uint32_t)(7 + i) >> 3);
        memcpy(modules[i], magic, sizeof magic);
        labels[i].length = LENGTH - (uint32_t)i * 100;
        snprintf(labels[i].name, sizeof labels[i].name, "app%d", i);
    }
    memset(modules[1] + 4096, 0xff, 3000);
    for (int i = 0; i < 3; i++)
        labels[i].crc = crc32_add(0, modules[i], labels[i].length);
}

/* Until `end` bytes are there, or to the commit: 0, or the first error. */
static int install(int app, uint32_t end) {
    uint32_t at;
    uint32_t crc;
    int e;
    do
        e = app_receive_begin(&labels[app], false, &at, &crc);
    while (e == -HAL_EAGAIN);
    if (e != 0) return e;
    driver_expect(crc == crc32_add(0, modules[app], at), "what is there is what was sent");
    if (at > 0) counts.resumed++;
    while (at < end && at < labels[app].length) {
        const uint32_t left = labels[app].length - at;
        const uint32_t part = left < STEP ? left : STEP;
        e = app_receive_write(at, modules[app] + at, part);
        if (e < 0) return e;
        at += part;
    }
    return at < labels[app].length ? 0 : app_receive_commit();
}

/* Which app is the newest; -1 for none. */
static int newest(void) {
    struct app_label label;
    if (app_slot_newest(&label) < 0) return -1;
    for (int i = 0; i < 3; i++) {
        if (strcmp(label.name, labels[i].name) == 0) return i;
    }
    driver_expect(0, "the newest app is one of ours");
    return -1;
}

/* The flash before the installation of app 1: nothing; an old app; the same, running; an old one,
 * and a broken-off third. */
static void prepare(int situation) {
    memset(flash_host_bytes(), 0xff, DRIVER_FLASH);
    driver_slots();
    if (situation > 0) driver_expect(install(0, LENGTH) == 0, "the old app is installed");
    if (situation == 3) driver_expect(install(2, 5000) == 0, "a third is begun");
    memcpy(image, flash_host_bytes(), sizeof image);
}

static void start(int situation) {
    driver_slots();
    if (situation == 2) app_slot_use(0);
}

static void check_after_cut(int situation) {
    flash_host_power_on();
    start(situation);
    const int app = newest();
    driver_expect(app == 1 || app == (situation > 0 ? 0 : -1), "the old app or the new one");
    if (app == 1)
        counts.news++;
    else
        counts.olds++;
    if (situation == 2) {
        struct app_label label;
        driver_expect(app_slot_check(0, &label) == 0, "the running app is untouched");
    }
    const int e = install(1, LENGTH);
    driver_expect(e == 0 || (e == 1 && app == 1), "the installation goes on");
    driver_expect(newest() == 1, "the new app is there in the end");
}

int cuts_main(void) {
    make_modules();
    driver_expect(flash_host_memory(DRIVER_FLASH) == 0, "there is memory");
    for (int situation = 0; situation < SITUATIONS; situation++) {
        prepare(situation);
        start(situation);
        const uint64_t before = flash_host_operations();
        driver_expect(install(1, LENGTH) == 0, "the app is installed");
        const uint64_t operations = flash_host_operations() - before;
        for (uint64_t at = 0; at < operations * HOWS; at++) {
            memcpy(flash_host_bytes(), image, sizeof image);
            start(situation);
            const uint64_t when = flash_host_operations() + at / HOWS;
            flash_host_cut_at(when, (enum flash_host_cut)(at % HOWS), (uint32_t)at);
            driver_expect(install(1, LENGTH) < 0, "the power cut is noticed");
            counts.cuts++;
            check_after_cut(situation);
        }
    }
    printf("cuts %u olds %u news %u resumed %u\n", counts.cuts, counts.olds, counts.news,
           counts.resumed);
    return 0;
}
