/* The serial line's two tenants, a console for humans and frames for the command line, and what
 * they may do with the device. Works from service_poll alone, which board_poll calls: before the
 * app runs, while it waits or computes, and after it.
 *
 * Whoever has the serial line owns the device, as with MicroPython's prompt: docs/serial.md.
 */

#ifndef HAL_SERVICE_H
#define HAL_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

struct service_config {
    const char *board;    /* "w5500_evb_pico" */
    const char *firmware; /* its version */

    /* Restarts the device, after the last byte has left the line; the app starts then unless told
     * not to. Does not return. */
    void (*restart)(bool start_app);

    /* Makes the file system new and empty: 0 or an error. Called while no app runs. */
    int (*format)(void);

    /* Gives further lines of the console's `status`, one per call of `line`. NULL: none. */
    void (*status)(void (*line)(const char *text));
};

enum service_app {
    SERVICE_APP_NONE, /* no valid app */
    SERVICE_APP_RUNS,
    SERVICE_APP_ENDED,
    SERVICE_APP_HELD, /* not started: asked not to, or it crashed again and again */
};

/* After app_slot_start. The config must stay. */
void service_start(const struct service_config *config);

/* Handles what has come in. Uses up to about 600 bytes of stack, and fs_*'s. */
void service_poll(void);

/* What the app is doing from now on; the console says it, except that it has started. */
void service_app_is(enum service_app state);

/* True once somebody asked to end the app, until service_app_is says something else: for
 * board_is_interrupted. */
bool service_is_interrupted(void);

#endif
