/* The requests for the app, the device and its clock; those for files are in deploy_files.c.
 *
 * Every field is checked before it is used, and every request is checked to its end before anything
 * is done. No request waits: erasing a slot is done in parts, for which the host asks again and
 * again, so that the app and the network go on between them.
 */

#include "deploy.h"

#include "app_slot.h"
#include "crc32.h"
#include "deploy_message.h"
#include "frame.h"
#include "hal.h"
#include "service_state.h"

#include <stdio.h>
#include <string.h>

enum {
    RESULT_SIZE = 4,
    LINE_MAX_BYTES = 120,
    FLAG_FRESH = 1,
};

static struct {
    uint8_t payload[RESULT_SIZE + FRAME_DATA_MAX];
    uint32_t length;
    uint8_t type;
    uint16_t sequence;
    uint32_t request_crc; /* of the request that it answers */
    bool is_valid;
} answer;

void deploy_start(void) {
    answer.is_valid = false;
    deploy_files_start();
}

/* --- the answer ------------------------------------------------------------------------------- */

void answer_bytes(const uint8_t *bytes, uint32_t length) {
    if (length > sizeof answer.payload - answer.length) return;
    memcpy(answer.payload + answer.length, bytes, length);
    answer.length += length;
}

void answer_u32(uint32_t value) {
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 24)};
    answer_bytes(bytes, sizeof bytes);
}

uint8_t *answer_room(void) {
    return answer.payload + RESULT_SIZE;
}

void answer_filled(uint32_t length) {
    answer.length = RESULT_SIZE + length;
}

static void answer_line(const char *name, const char *text) {
    char line[LINE_MAX_BYTES];
    const int n = snprintf(line, sizeof line, "%s=%s\n", name, text);
    if (n > 0 && n < (int)sizeof line) answer_bytes((const uint8_t *)line, (uint32_t)n);
}

static void answer_number(const char *name, uint32_t value) {
    char text[12];
    snprintf(text, sizeof text, "%u", (unsigned)value);
    answer_line(name, text);
}

/* --- the device ------------------------------------------------------------------------------- */

/* Lines "name=value", so that later firmware can say more. The payload is anything that makes the
 * request unlike an earlier one. */
static int hello(struct message *message) {
    struct app_label label;
    message_bytes(message, message->left);
    answer_line("board", service_config->board);
    answer_line("firmware", service_config->firmware);
    answer_number("uptime", (uint32_t)(clock_ticks_us() / 1000));
    answer_number("capacity", app_slot_capacity());
    answer_line("app", service_app_word());
    if (app_slot_newest(&label) < 0) return 0;
    answer_line("name", label.name);
    answer_line("version", label.version);
    answer_number("length", label.length);
    answer_number("crc", label.crc);
    return 0;
}

static int restart(struct message *message) {
    const uint32_t start_app = message_u8(message);
    if (!message_is_over(message) || start_app > 1) return -HAL_EINVAL;
    service_restart_later(start_app == 1);
    return 0;
}

static int stop(struct message *message) {
    return message_is_over(message) ? service_interrupt() : -HAL_EINVAL;
}

static int clock_get(struct message *message) {
    if (!message_is_over(message)) return -HAL_EINVAL;
    const int64_t now = clock_time();
    answer_u32((uint32_t)now);
    answer_u32((uint32_t)((uint64_t)now >> 32));
    return 0;
}

static int clock_put(struct message *message) {
    const uint64_t low = message_u32(message);
    const uint64_t high = message_u32(message);
    return message_is_over(message) ? clock_set((int64_t)(high << 32 | low)) : -HAL_EINVAL;
}

static int format(struct message *message) {
    static const char word[] = "FORMAT";
    const uint8_t *bytes = message_bytes(message, sizeof word - 1);
    if (!message_is_over(message) || memcmp(bytes, word, sizeof word - 1) != 0) return -HAL_EINVAL;
    if (service_app_state() == SERVICE_APP_RUNS) return -HAL_EACCES;
    deploy_files_start();
    return service_config->format();
}

/* --- the app ---------------------------------------------------------------------------------- */

static int app_begin(struct message *message) {
    struct app_label label = {0};
    uint32_t resume;
    uint32_t crc;
    label.length = message_u32(message);
    label.crc = message_u32(message);
    const uint32_t flags = message_u8(message);
    message_text(message, label.name, sizeof label.name);
    message_text(message, label.version, sizeof label.version);
    if (!message_is_over(message) || (flags & ~(uint32_t)FLAG_FRESH) != 0) return -HAL_EINVAL;
    const int e = app_receive_begin(&label, (flags & FLAG_FRESH) != 0, &resume, &crc);
    answer_u32(resume);
    answer_u32(crc);
    return e;
}

static int app_data(struct message *message) {
    const uint32_t offset = message_u32(message);
    const uint32_t length = message->left;
    const uint8_t *bytes = message_bytes(message, length);
    if (!message_is_over(message) || length == 0) return -HAL_EINVAL;
    const int e = app_receive_write(offset, bytes, length);
    answer_u32(app_receive_length());
    return e;
}

static int app_commit(struct message *message) {
    return message_is_over(message) ? app_receive_commit() : -HAL_EINVAL;
}

/* --- dispatch --------------------------------------------------------------------------------- */

static int carry_out(uint8_t type, struct message *message) {
    switch (type) {
    case DEPLOY_HELLO:
        return hello(message);
    case DEPLOY_RESTART:
        return restart(message);
    case DEPLOY_STOP:
        return stop(message);
    case DEPLOY_APP_BEGIN:
        return app_begin(message);
    case DEPLOY_APP_DATA:
        return app_data(message);
    case DEPLOY_APP_COMMIT:
        return app_commit(message);
    case DEPLOY_FORMAT:
        return format(message);
    case DEPLOY_CLOCK_GET:
        return clock_get(message);
    case DEPLOY_CLOCK_SET:
        return clock_put(message);
    default:
        return deploy_files(type, message);
    }
}

static void compose(const uint8_t *frame, uint32_t length) {
    struct message message = {frame + FRAME_HEAD, length - FRAME_HEAD, false};
    answer.length = RESULT_SIZE;
    const uint32_t result = (uint32_t)carry_out(frame[1], &message);
    const uint32_t end = answer.length;
    answer.length = 0;
    answer_u32(result);
    answer.length = end;
}

void deploy_take(const uint8_t *frame, uint32_t length) {
    const uint16_t sequence = (uint16_t)(frame[2] | frame[3] << 8);
    if (frame[0] != FRAME_VERSION) {
        frame_send(DEPLOY_VERSION, sequence, NULL, 0);
        return;
    }
    if (frame[1] >= DEPLOY_ANSWER) return; /* an echo of our own */
    const uint32_t crc = crc32_add(0, frame, length);
    const bool is_known =
        answer.is_valid && answer.sequence == sequence && answer.request_crc == crc;
    if (!is_known) compose(frame, length);
    answer.is_valid = true;
    answer.sequence = sequence;
    answer.request_crc = crc;
    answer.type = (uint8_t)(frame[1] | DEPLOY_ANSWER);
    frame_send(answer.type, sequence, answer.payload, answer.length);
}
