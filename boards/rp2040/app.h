/* Running the app in flash: wasm3, ssl.wasm, and what comes of it. */

#ifndef RP2040_APP_H
#define RP2040_APP_H

#include "settings.h"

/* Runs the app of a slot to its end and reports how it ended. */
void app_run(int slot, const struct settings *settings);

/* For the console: what app and ssl.wasm use. */
void app_status(void (*line)(const char *text));

#endif
