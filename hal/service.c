/* Distributes the bytes of the serial line: text to the console, frames to deploy.c.
 */

#include "service.h"

#include "console.h"
#include "deploy.h"
#include "frame.h"
#include "hal.h"
#include "serial.h"
#include "service_state.h"

#include <stddef.h>

enum {
    CHUNK = 64,
    /* A frame that stops in the middle is given up, so that text is text again. */
    SILENCE_US = 500000,
};

const struct service_config *service_config;

static struct {
    struct frame_receiver receiver;
    uint64_t heard_us; /* when the last byte came */
    enum service_app app;
    bool interrupted;
    bool restarts;
    bool starts_app;
} service;

static void take(uint8_t byte) {
    const enum frame_event event = frame_take(&service.receiver, byte);
    if (event == FRAME_TEXT) console_take(byte);
    if (event == FRAME_READY) deploy_take(service.receiver.bytes, service.receiver.length);
}

/* What has come before the start may be the rest of a frame, to the device before its reset. */
static void drop_rest(void) {
    uint8_t byte;
    if (serial_read(&byte, 1) == 0) return;
    frame_skip(&service.receiver);
    service.heard_us = clock_ticks_us();
    take(byte);
}

void service_start(const struct service_config *config) {
    service_config = config;
    service.receiver.state = 0;
    service.interrupted = false;
    service.restarts = false;
    deploy_start();
    console_start();
    drop_rest();
}

void service_poll(void) {
    uint8_t bytes[CHUNK];
    if (service_config == NULL) return; /* the device is still starting */
    const uint64_t now = clock_ticks_us();
    const uint32_t n = serial_read(bytes, sizeof bytes);
    if (n > 0)
        service.heard_us = now;
    else if (now - service.heard_us > SILENCE_US)
        frame_abandon(&service.receiver);
    for (uint32_t i = 0; i < n && !service.restarts; i++)
        take(bytes[i]);
    if (service.restarts) service_config->restart(service.starts_app);
}

/* --- the app and the device ------------------------------------------------------------------- */

void service_app_is(enum service_app state) {
    service.app = state;
    service.interrupted = false;
    console_app_changed();
}

enum service_app service_app_state(void) {
    return service.app;
}

const char *service_app_word(void) {
    static const char *const words[] = {"none", "running", "ended", "held"};
    return words[service.app];
}

bool service_is_interrupted(void) {
    return service.interrupted;
}

bool service_interrupt(void) {
    if (service.app != SERVICE_APP_RUNS) return false;
    service.interrupted = true;
    return true;
}

void service_restart_later(bool start_app) {
    service.restarts = true;
    service.starts_app = start_app;
}
