/* The app in flash: two slots, of which the newest valid one starts.
 *
 * A slot begins with a header page (length and CRC-32 of the module, name, version, sequence
 * number, CRC-32 of the header), then at APP_MODULE the module, which wasm3 reads in place;
 * scripts/lib/app-slot.ts lays out the same for images. A new app is received into the slot that
 * neither runs nor would start, its header is written last: whenever the power goes, the old app or
 * the new one is there, whole.
 */

#ifndef HAL_APP_SLOT_H
#define HAL_APP_SLOT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    APP_SLOTS = 2,
    APP_MODULE = 4096, /* where the module starts in a slot */
    APP_NAME_MAX = 63, /* bytes of UTF-8 without NUL */
    APP_VERSION_MAX = 31,
};

struct app_label {
    uint32_t sequence; /* higher is newer */
    uint32_t length;   /* of the module, in bytes */
    uint32_t crc;
    char name[APP_NAME_MAX + 1];
    char version[APP_VERSION_MAX + 1];
};

/* Where the slots are in flash: offsets and size in whole sectors. Before anything else. */
void app_slot_start(const uint32_t offsets[APP_SLOTS], uint32_t size);

/* The longest module that fits. */
uint32_t app_slot_capacity(void);

/* What a slot holds: 0; -HAL_ENOENT where it has no header; -HAL_EIO where header or module are
 * damaged. */
int app_slot_check(int slot, struct app_label *label);

/* The slot that starts next, or -HAL_ENOENT. */
int app_slot_newest(struct app_label *label);

/* The module of a slot, in place, of the length that its label says. */
const uint8_t *app_slot_module(int slot);

/* The slot whose module is in use, so that it is not written to; -1 for none. */
void app_slot_use(int slot);
int app_slot_used(void);

/* --- receiving -------------------------------------------------------------------------------- */

/* Prepares for an app; sequence is not looked at. 0: *resume bytes of it are in flash already, with
 * CRC-32 *crc, and the next write starts there; `fresh` throws them away. 1: this very app is
 * installed. -HAL_EAGAIN: a part of the slot has been erased (at most 0.2 s), ask again.
 * -HAL_EINVAL or -HAL_ENOSPC: no such app can be; -HAL_EIO: the flash is at fault. */
int app_receive_begin(const struct app_label *label, bool fresh, uint32_t *resume, uint32_t *crc);

/* The next bytes, whole pages but for the last ones. Bytes that are there already are skipped.
 * -HAL_EINVAL where there is a gap before them, where they are too many, not whole pages or, at
 * offset 0, not a WebAssembly module. */
int app_receive_write(uint32_t offset, const uint8_t *bytes, uint32_t length);

/* How many bytes are there. */
uint32_t app_receive_length(void);

/* Checks the whole and makes it the newest app. -HAL_EIO: not what the label promised, all of it is
 * thrown away. */
int app_receive_commit(void);

#endif
