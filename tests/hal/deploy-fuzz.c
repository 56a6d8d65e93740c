/* Random bytes, random requests and damaged good ones, at the serial line of a device whose memory
 * the sanitizers watch. Whatever comes: the device answers afterwards, and the app that runs is
 * whole.
 */

#include "deploy-driver.h"

#include "app_slot.h"
#include "crc32.h"
#include "deploy_message.h"
#include "flash_host.h"
#include "frame.h"
#include "fs_littlefs.h"
#include "hal.h"
#include "service.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { INPUT_MAX = 4096, ROUNDS_PER_HELLO = 16, APP_LENGTH = 700 };

/* To the device. */
static struct {
    uint8_t bytes[INPUT_MAX];
    uint32_t length;
    uint32_t read;
    bool is_composed; /* what is written is a request of ours, not the device's */
} input;

/* From it. */
static struct {
    struct frame_receiver receiver;
    uint32_t good; /* answers whose result is no error */
    uint32_t all;
    uint8_t last; /* type */
} output;

static uint32_t random_state;
static uint16_t sequence;
static uint8_t module[1024] = {0, 'a', 's', 'm', 1, 0, 0, 0};

static uint32_t below(uint32_t limit) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

/* --- the line --------------------------------------------------------------------------------- */

static uint32_t line_read(uint8_t *out, uint32_t capacity) {
    const uint32_t left = input.length - input.read;
    const uint32_t n = left < capacity ? left : capacity;
    memcpy(out, input.bytes + input.read, n);
    input.read += n;
    return n;
}

static void take_answer(void) {
    const uint8_t *bytes = output.receiver.bytes;
    output.last = bytes[1];
    output.all++;
    if (output.receiver.length >= FRAME_HEAD + 4 && bytes[FRAME_HEAD + 3] < 0x80) output.good++;
}

static void line_write(const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        if (!input.is_composed) {
            if (frame_take(&output.receiver, bytes[i]) == FRAME_READY) take_answer();
        } else if (input.length < INPUT_MAX) {
            input.bytes[input.length++] = bytes[i];
        }
    }
}

static void deliver(void) {
    while (input.read < input.length)
        service_poll();
    input.read = 0;
    input.length = 0;
}

/* --- requests --------------------------------------------------------------------------------- */

static void compose(uint8_t type, const uint8_t *payload, uint32_t length) {
    input.is_composed = true;
    frame_send(type, sequence++, payload, length);
    input.is_composed = false;
}

static uint32_t put_u32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (8 * i));
    return 4;
}

static uint32_t put_path(uint8_t *out) {
    static const char *const paths[] = {"/",     "a.txt",       "certs/ca.der", "private/x",
                                        "b.key", "../a.txt",    "certs",        "",
                                        "//a",   "very/deep/x", "a.txt/b"};
    /* Mostly one that can be written, so that there is something to read. */
    const uint32_t other = below((uint32_t)(sizeof paths / sizeof paths[0]));
    const char *path = paths[below(3) > 0 ? 1 : other];
    out[0] = (uint8_t)strlen(path);
    memcpy(out + 1, path, out[0]);
    return 1 + (uint32_t)out[0];
}

/* A request as the command line sends it, with small numbers. */
static uint32_t some_request(uint8_t type, uint8_t *out) {
    uint32_t n = 0;
    switch (type) {
    case DEPLOY_APP_BEGIN:
        n += put_u32(out, APP_LENGTH);
        n += put_u32(out + n, crc32_add(0, module, APP_LENGTH));
        out[n++] = (uint8_t)below(2);
        memcpy(out + n, "\3app\1", 5);
        out[n + 5] = (uint8_t)('0' + below(3));
        return n + 6;
    case DEPLOY_APP_DATA:
        n += put_u32(out, below(2) * 512);
        memcpy(out + n, module + (out[1] == 2 ? 512 : 0), 512); /* the rest is never sent */
        return n + (out[1] == 2 ? APP_LENGTH - 512 : 512);
    case DEPLOY_FILE_BEGIN:
        n += put_u32(out, 10);
        n += put_u32(out + n, crc32_add(0, module, 10));
        return n + put_path(out + n);
    case DEPLOY_FILE_DATA:
        n += put_u32(out, below(3) * 5);
        memcpy(out + n, module + out[0], 5);
        return n + 5;
    case DEPLOY_FILE_LIST:
    case DEPLOY_FILE_GET:
        n += put_u32(out, below(4));
        return n + put_path(out + n);
    case DEPLOY_FILE_COMMIT:
    case DEPLOY_FILE_REMOVE:
        return put_path(out);
    case DEPLOY_FORMAT:
        memcpy(out, "FORMAT", 6);
        return 6;
    case DEPLOY_CLOCK_SET:
        return put_u32(out, below(1000)) + put_u32(out + 4, below(2));
    case DEPLOY_RESTART:
        out[0] = (uint8_t)below(3);
        return 1;
    default:
        return 0;
    }
}

static uint8_t some_type(void) {
    static const uint8_t types[] = {
        DEPLOY_HELLO,      DEPLOY_RESTART,     DEPLOY_STOP,        DEPLOY_APP_BEGIN,
        DEPLOY_APP_DATA,   DEPLOY_APP_COMMIT,  DEPLOY_FILE_LIST,   DEPLOY_FILE_GET,
        DEPLOY_FILE_BEGIN, DEPLOY_FILE_DATA,   DEPLOY_FILE_COMMIT, DEPLOY_FILE_REMOVE,
        DEPLOY_FORMAT,     DEPLOY_CLOCK_GET,   DEPLOY_CLOCK_SET,   DEPLOY_APP_DATA,
        DEPLOY_FILE_DATA,  DEPLOY_FILE_COMMIT,
    };
    return types[below(sizeof types)];
}

/* A good request, at times with bytes changed, or cut, in its payload. */
static void send_request(bool is_mutated) {
    uint8_t payload[FRAME_PAYLOAD_MAX] = {0};
    const uint8_t type = some_type();
    uint32_t length = some_request(type, payload);
    if (is_mutated) {
        for (uint32_t i = below(4); i > 0 && length > 0; i--)
            payload[below(length)] = (uint8_t)below(256);
        if (below(4) == 0) length = below(length + 1);
        if (below(8) == 0) length = below(FRAME_PAYLOAD_MAX + 1);
    }
    compose(type, payload, length);
}

static void damage(void) {
    for (uint32_t i = 1 + below(4); i > 0; i--)
        input.bytes[below(input.length)] = (uint8_t)below(256);
}

static void send_noise(void) {
    static const uint8_t special[] = {0xc0, 0xdb, 0xfe, 0xdc, 0x03, '\r', '\n', 0x1b, '[', 0x7f};
    const uint32_t length = below(700);
    for (uint32_t i = 0; i < length; i++) {
        const bool is_special = below(3) == 0;
        input.bytes[i] = (uint8_t)(is_special ? special[below(sizeof special)] : below(256));
    }
    input.length = length;
}

static void send_line(void) {
    static const char *const lines[] = {"help\r",   "status\r", "apps\r", "files\n",     "stop\r",
                                        "format\r", "xyz\r\n",  "\b\b\r", "format yes\r"};
    const char *line = lines[below(sizeof lines / sizeof lines[0])];
    input.length = (uint32_t)strlen(line);
    memcpy(input.bytes, line, input.length);
}

static void one_round(void) {
    const uint32_t kind = below(10);
    if (kind == 0)
        send_noise();
    else if (kind == 1)
        send_line();
    else
        send_request(kind < 5);
    if (kind == 9 && input.length > 0) damage();
    deliver();
}

/* --- the device ------------------------------------------------------------------------------- */

static const struct service_config config;

static void restart(bool start_app) {
    (void)start_app;
    driver_slots();
    app_slot_use(0);
    service_start(&config);
}

static int format(void) {
    return fs_littlefs_format(DRIVER_FILES, DRIVER_FILES_SIZE);
}

static const struct service_config config = {"fuzz", "0", restart, format, NULL};

static void install_app(void) {
    struct app_label label = {.length = APP_LENGTH, .name = "first"};
    uint32_t at;
    uint32_t crc;
    label.crc = crc32_add(0, module, APP_LENGTH);
    driver_expect(app_receive_begin(&label, false, &at, &crc) == 0, "an installation begins");
    driver_expect(app_receive_write(0, module, 512) == 0, "it goes on");
    driver_expect(app_receive_write(512, module + 512, APP_LENGTH - 512) == 0, "and on");
    driver_expect(app_receive_commit() == 0, "and ends");
    app_slot_use(0);
}

static void expect_hello(void) {
    output.last = 0;
    compose(DEPLOY_HELLO, NULL, 0);
    deliver();
    driver_expect(output.last == (DEPLOY_HELLO | DEPLOY_ANSWER), "the device answers");
}

int fuzz_main(uint32_t rounds, uint32_t seed) {
    struct app_label label;
    random_state = seed * 2 + 1;
    driver_line = (struct driver_line){line_read, line_write};
    driver_expect(flash_host_memory(DRIVER_FLASH) == 0, "there is memory");
    driver_expect(fs_littlefs_mount(DRIVER_FILES, DRIVER_FILES_SIZE) == 0, "the files mount");
    driver_slots();
    install_app();
    service_start(&config);
    for (uint32_t i = 0; i < rounds; i++) {
        if (below(32) == 0) service_app_is(below(2) == 0 ? SERVICE_APP_RUNS : SERVICE_APP_ENDED);
        one_round();
        if (i % ROUNDS_PER_HELLO == 0) expect_hello();
    }
    driver_expect(app_slot_check(0, &label) == 0, "the app that runs is whole");
    driver_expect(strcmp(label.name, "first") == 0, "and the same");
    fs_littlefs_unmount();
    driver_expect(fs_littlefs_mount(DRIVER_FILES, DRIVER_FILES_SIZE) == 0, "the files mount again");
    printf("answers %u good %u\n", output.all, output.good);
    return 0;
}
