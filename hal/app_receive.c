/* Writing a new app into the slot that is neither in use nor the newest.
 *
 *   erase the header, so that nothing half-erased counts -> erase the rest, a few sectors per call
 *   -> note what is coming -> data -> check the whole -> header
 *
 * After a reset the note tells that the data belongs to the same app. The last sector that was
 * written to may be damaged by a power cut and is erased; the sender compares the checksum of what
 * remains before it goes on.
 */

#include "app_slot.h"

#include "app_slot_page.h"
#include "crc32.h"
#include "flash.h"
#include "hal.h"

#include <string.h>

enum { ERASED_PER_CALL = 4 };

static struct {
    bool active;
    int slot;
    struct app_label label;
    uint32_t length; /* received */
} receiving;

void app_receive_forget(void) {
    receiving.active = false;
}

static bool is_same(const struct app_label *a, const struct app_label *b) {
    return a->length == b->length && a->crc == b->crc && strcmp(a->name, b->name) == 0 &&
           strcmp(a->version, b->version) == 0;
}

/* The slot that may be lost. */
static int choose_slot(void) {
    struct app_label label;
    const int kept = app_slot_used() >= 0 ? app_slot_used() : app_slot_newest(&label);
    return kept == 0 ? 1 : 0;
}

/* --- erasing ---------------------------------------------------------------------------------- */

static bool is_blank(uint32_t offset, uint32_t length) {
    const uint8_t *bytes = flash_mapped(offset);
    for (uint32_t i = 0; i < length; i++) {
        if (bytes[i] != 0xff) return false;
    }
    return true;
}

/* From the first sector, which holds the header. 0 when all of the slot is blank. */
static int erase_some(int slot) {
    const uint32_t start = app_slot_offset(slot);
    const uint32_t end = start + APP_MODULE + app_slot_capacity();
    int erased = 0;
    for (uint32_t at = start; at < end; at += FLASH_SECTOR) {
        if (is_blank(at, FLASH_SECTOR)) continue;
        if (erased++ == ERASED_PER_CALL) return -HAL_EAGAIN;
        if (flash_erase(at, FLASH_SECTOR) < 0 || !is_blank(at, FLASH_SECTOR)) return -HAL_EIO;
    }
    return 0;
}

/* --- beginning -------------------------------------------------------------------------------- */

/* What remains of an attempt before a reset: whole sectors below the last one that was written to.
 */
static int find_received(void) {
    const uint32_t data = app_slot_offset(receiving.slot) + APP_MODULE;
    uint32_t at = (receiving.label.length - 1) / FLASH_SECTOR * FLASH_SECTOR;
    while (at > 0 && is_blank(data + at, FLASH_SECTOR))
        at -= FLASH_SECTOR;
    receiving.length = at;
    if (is_blank(data + at, FLASH_SECTOR)) return 0;
    return flash_erase(data + at, FLASH_SECTOR);
}

static int begin_anew(const struct app_label *label) {
    const int e = erase_some(receiving.slot);
    if (e < 0) return e;
    receiving.label = *label;
    receiving.label.sequence = 0;
    receiving.length = 0;
    return app_page_write(receiving.slot, APP_PAGE_RECEIVING, &receiving.label);
}

/* Goes on with what memory or, after a reset, the flash knows of this app, or begins anew. */
static int begin_or_resume(const struct app_label *label, bool fresh) {
    struct app_label noted;
    const int slot = choose_slot();
    const bool known = receiving.active && receiving.slot == slot;
    const bool is_noted = is_blank(app_slot_offset(slot), FLASH_PAGE) &&
                          app_page_read(slot, APP_PAGE_RECEIVING, &noted) == 0 &&
                          is_same(&noted, label);
    receiving.slot = slot;
    receiving.active = false;
    if (!is_noted || fresh) return begin_anew(label);
    if (known && is_same(&receiving.label, label)) return 0;
    receiving.label = *label;
    return find_received();
}

int app_receive_begin(const struct app_label *label, bool fresh, uint32_t *resume, uint32_t *crc) {
    struct app_label newest;
    *resume = 0;
    *crc = 0;
    if (label->length > app_slot_capacity()) return -HAL_ENOSPC;
    if (!app_page_is_sound(label)) return -HAL_EINVAL;
    if (app_slot_newest(&newest) >= 0 && is_same(&newest, label)) return 1;

    const int e = begin_or_resume(label, fresh);
    if (e < 0) return e;
    receiving.active = true;
    *resume = receiving.length;
    *crc = crc32_add(0, app_slot_module(receiving.slot), receiving.length);
    return 0;
}

/* --- data ------------------------------------------------------------------------------------- */

static bool is_wasm(const uint8_t *bytes, uint32_t length) {
    static const uint8_t magic[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    return length >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

/* One page, padded where it is the last. */
static int write_page(uint32_t offset, const uint8_t *bytes, uint32_t length) {
    static uint8_t page[FLASH_PAGE];
    memset(page, 0xff, sizeof page);
    memcpy(page, bytes, length);
    const uint32_t at = app_slot_offset(receiving.slot) + APP_MODULE + offset;
    if (flash_program(at, page, sizeof page) < 0) return -HAL_EIO;
    return memcmp(flash_mapped(at), page, sizeof page) == 0 ? 0 : -HAL_EIO;
}

int app_receive_write(uint32_t offset, const uint8_t *bytes, uint32_t length) {
    const uint32_t total = receiving.label.length;
    if (!receiving.active || offset > receiving.length) return -HAL_EINVAL;
    if (length > total - offset) return -HAL_EINVAL;
    const uint32_t end = offset + length;
    if (end <= receiving.length) return 0;
    if (offset != receiving.length) return -HAL_EINVAL;
    if (end != total && length % FLASH_PAGE != 0) return -HAL_EINVAL;
    if (offset == 0 && !is_wasm(bytes, length)) return -HAL_EINVAL;

    while (receiving.length < end) {
        const uint32_t left = end - receiving.length;
        const uint32_t part = left < FLASH_PAGE ? left : FLASH_PAGE;
        const int e = write_page(receiving.length, bytes, part);
        if (e < 0) {
            receiving.active = false;
            return e;
        }
        receiving.length += part;
        bytes += part;
    }
    return 0;
}

uint32_t app_receive_length(void) {
    return receiving.active ? receiving.length : 0;
}

int app_receive_commit(void) {
    struct app_label label;
    if (!receiving.active || receiving.length != receiving.label.length) return -HAL_EINVAL;
    const int slot = receiving.slot;
    receiving.active = false;
    const uint32_t crc = crc32_add(0, app_slot_module(slot), receiving.length);
    if (crc != receiving.label.crc) {
        flash_erase(app_slot_offset(slot), FLASH_SECTOR); /* the note; the rest at the next begin */
        return -HAL_EIO;
    }
    const bool is_first = app_slot_newest(&label) < 0;
    receiving.label.sequence = is_first ? 1 : label.sequence + 1;
    const int e = app_page_write(slot, APP_PAGE_HEADER, &receiving.label);
    if (e < 0) return e;
    return app_slot_check(slot, &label);
}
