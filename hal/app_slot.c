/* Reading the slots: the header page, the module's checksum, which app is the newest.
 *
 * What the flash holds is an allegation: a header counts when its own CRC fits and its fields make
 * sense, a module when its CRC fits its header.
 */

#include "app_slot.h"

#include "app_slot_page.h"
#include "crc32.h"
#include "flash.h"
#include "hal.h"

#include <string.h>

enum {
    FORMAT = 1,
    AT_FORMAT = 8,
    AT_SEQUENCE = 12,
    AT_LENGTH = 16,
    AT_CRC = 20,
    AT_NAME = 32,
    AT_VERSION = 96,
    AT_OWN_CRC = FLASH_PAGE - 4,
    MAGIC_SIZE = 8,
    MODULE_SHORTEST = 8, /* WebAssembly's magic number and version */
};

static const char *const magics[] = {"wasslapp", "wasslnew"};

static struct {
    uint32_t offsets[APP_SLOTS];
    uint32_t size;
    int used;
} slots = {.used = -1};

void app_slot_start(const uint32_t offsets[APP_SLOTS], uint32_t size) {
    memcpy(slots.offsets, offsets, sizeof slots.offsets);
    slots.size = size;
    slots.used = -1;
    app_receive_forget();
}

uint32_t app_slot_offset(int slot) {
    return slots.offsets[slot];
}

uint32_t app_slot_capacity(void) {
    return slots.size - APP_MODULE;
}

const uint8_t *app_slot_module(int slot) {
    return flash_mapped(slots.offsets[slot] + APP_MODULE);
}

void app_slot_use(int slot) {
    slots.used = slot;
}

int app_slot_used(void) {
    return slots.used;
}

/* --- the header page -------------------------------------------------------------------------- */

static uint32_t get_u32(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put_u32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

/* A text that ends inside its field, without control characters: it goes to terminals. */
static bool is_text(const char *text, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '\0') return true;
        if (c < 0x20 || c == 0x7f) return false;
    }
    return false;
}

bool app_page_is_sound(const struct app_label *label) {
    return is_text(label->name, sizeof label->name) &&
           is_text(label->version, sizeof label->version) && label->length >= MODULE_SHORTEST &&
           label->length <= app_slot_capacity();
}

static uint32_t page_offset(int slot, enum app_page kind) {
    return slots.offsets[slot] + (kind == APP_PAGE_HEADER ? 0 : FLASH_PAGE);
}

int app_page_read(int slot, enum app_page kind, struct app_label *label) {
    const uint8_t *page = flash_mapped(page_offset(slot, kind));
    if (memcmp(page, magics[kind], MAGIC_SIZE) != 0) return -HAL_ENOENT;
    if (get_u32(page + AT_OWN_CRC) != crc32_add(0, page, AT_OWN_CRC)) return -HAL_EIO;
    if (get_u32(page + AT_FORMAT) != FORMAT) return -HAL_EIO;
    label->sequence = get_u32(page + AT_SEQUENCE);
    label->length = get_u32(page + AT_LENGTH);
    label->crc = get_u32(page + AT_CRC);
    memcpy(label->name, page + AT_NAME, sizeof label->name);
    memcpy(label->version, page + AT_VERSION, sizeof label->version);
    return app_page_is_sound(label) ? 0 : -HAL_EIO;
}

int app_page_write(int slot, enum app_page kind, const struct app_label *label) {
    static uint8_t page[FLASH_PAGE];
    memset(page, 0, sizeof page);
    memcpy(page, magics[kind], MAGIC_SIZE);
    put_u32(page + AT_FORMAT, FORMAT);
    put_u32(page + AT_SEQUENCE, label->sequence);
    put_u32(page + AT_LENGTH, label->length);
    put_u32(page + AT_CRC, label->crc);
    strcpy((char *)page + AT_NAME, label->name);
    strcpy((char *)page + AT_VERSION, label->version);
    put_u32(page + AT_OWN_CRC, crc32_add(0, page, AT_OWN_CRC));
    return flash_program(page_offset(slot, kind), page, sizeof page);
}

/* --- the slots -------------------------------------------------------------------------------- */

int app_slot_check(int slot, struct app_label *label) {
    const int e = app_page_read(slot, APP_PAGE_HEADER, label);
    if (e < 0) return e;
    const uint32_t crc = crc32_add(0, app_slot_module(slot), label->length);
    return crc == label->crc ? 0 : -HAL_EIO;
}

int app_slot_newest(struct app_label *label) {
    struct app_label other;
    const int first = app_slot_check(0, label);
    const int second = app_slot_check(1, &other);
    if (first < 0 && second < 0) return -HAL_ENOENT;
    if (second < 0) return 0;
    /* By difference, so that it also holds where the numbers start again at 0. */
    if (first == 0 && (int32_t)(other.sequence - label->sequence) <= 0) return 0;
    *label = other;
    return 1;
}
