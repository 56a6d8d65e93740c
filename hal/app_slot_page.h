/* The header page of an app's slot, for app_slot.c that reads it and app_receive.c that writes it.
 */

#ifndef HAL_APP_SLOT_PAGE_H
#define HAL_APP_SLOT_PAGE_H

#include "app_slot.h"

/* A page of this kind at the start of a slot makes it valid; one of the second kind, a page later,
 * says what is being received. */
enum app_page { APP_PAGE_HEADER, APP_PAGE_RECEIVING };

/* Where a slot is in flash. */
uint32_t app_slot_offset(int slot);

/* True where the label makes sense: its texts end and have no control characters, its module fits.
 */
bool app_page_is_sound(const struct app_label *label);

/* 0, -HAL_ENOENT where there is no page of this kind, -HAL_EIO where it is damaged. */
int app_page_read(int slot, enum app_page kind, struct app_label *label);

/* Nothing is being received, as far as memory knows. */
void app_receive_forget(void);

/* Into erased flash. 0 or -HAL_EIO. */
int app_page_write(int slot, enum app_page kind, const struct app_label *label);

#endif
