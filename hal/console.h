/* The console: lines typed by a human at any terminal program, and what they do. */

#ifndef HAL_CONSOLE_H
#define HAL_CONSOLE_H

#include <stdint.h>

void console_start(void);

/* The next byte of text from the serial line. */
void console_take(uint8_t byte);

/* The app's state is another one. */
void console_app_changed(void);

#endif
