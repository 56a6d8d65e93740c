/* SLIP in both directions. What comes in may be anything: a frame that is too long, too short or
 * damaged is dropped without an answer, and its sender sends it again.
 *
 * Nor does any of it become text, since the console obeys that, and a file may hold the words of a
 * command: where a frame was not whole, or its beginning was lost, everything up to the next frame
 * is dropped, or up to Ctrl-C or a silence (frame_abandon).
 */

#include "frame.h"

#include "crc32.h"
#include "serial.h"

#include <stdbool.h>
#include <string.h>

enum {
    MARKER = 0xfe,
    ESC = 0xdb,
    ESC_END = 0xdc,
    ESC_ESC = 0xdd,
    ESC_CTRL_C = 0xde,
    CRC_SIZE = 4,
    FIRST_NEVER_UTF8 = 0xf8,
    CHUNK = 32, /* encoded bytes given to the line at once */
};

/* RESTART is the START behind something that was no frame. */
enum { STATE_TEXT, STATE_START, STATE_RESTART, STATE_BODY, STATE_ESCAPE, STATE_SKIP };

static uint32_t get_u32(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* --- receiving -------------------------------------------------------------------------------- */

/* At the END of a frame. One that is not whole may have lost its END: then this one begins the
 * next. */
static enum frame_event end_frame(struct frame_receiver *receiver) {
    receiver->state = receiver->length == 0 ? STATE_START : STATE_RESTART;
    if (receiver->length < FRAME_HEAD + CRC_SIZE) return FRAME_NOTHING;
    const uint16_t length = receiver->length - CRC_SIZE;
    if (crc32_add(0, receiver->bytes, length) != get_u32(receiver->bytes + length))
        return FRAME_NOTHING;
    receiver->state = STATE_TEXT;
    receiver->length = length;
    return FRAME_READY;
}

static void add(struct frame_receiver *receiver, uint8_t byte) {
    receiver->state = STATE_BODY;
    if (receiver->length == FRAME_MAX)
        receiver->state = STATE_SKIP;
    else
        receiver->bytes[receiver->length++] = byte;
}

static void add_escaped(struct frame_receiver *receiver, uint8_t code) {
    if (code == ESC_END)
        add(receiver, FRAME_END);
    else if (code == ESC_ESC)
        add(receiver, ESC);
    else if (code == ESC_CTRL_C)
        add(receiver, FRAME_CTRL_C);
    else
        receiver->state = STATE_SKIP;
}

/* Whether a key may have sent it. A version, which no key sends, begins every frame; so does what
 * is left of one whose first bytes were lost. */
static bool is_text(uint8_t byte) {
    static const char controls[] = "\b\t\n\r\x15\x1b"; /* 15: Ctrl-U */
    if (byte < ' ') return byte != 0 && strchr(controls, byte) != NULL;
    return byte < FIRST_NEVER_UTF8;
}

static enum frame_event take_text(struct frame_receiver *receiver, uint8_t byte) {
    const bool is_good = is_text(byte);
    receiver->state = is_good ? STATE_TEXT : STATE_SKIP;
    return is_good ? FRAME_TEXT : FRAME_NOTHING;
}

/* The byte after END, which is not another END: a frame, or text again. */
static enum frame_event begin(struct frame_receiver *receiver, uint8_t byte) {
    const bool was_frame = receiver->state == STATE_START;
    receiver->length = 0;
    receiver->state = byte == MARKER ? STATE_BODY : STATE_SKIP;
    return byte != MARKER && was_frame ? take_text(receiver, byte) : FRAME_NOTHING;
}

enum frame_event frame_take(struct frame_receiver *receiver, uint8_t byte) {
    if (byte == FRAME_CTRL_C) {
        receiver->state = STATE_TEXT;
        return FRAME_TEXT;
    }
    if (byte == FRAME_END) {
        if (receiver->state == STATE_BODY) return end_frame(receiver);
        receiver->state = receiver->state <= STATE_START ? STATE_START : STATE_RESTART;
        return FRAME_NOTHING;
    }
    switch (receiver->state) {
    case STATE_START:
    case STATE_RESTART:
        return begin(receiver, byte);
    case STATE_BODY:
        if (byte == ESC)
            receiver->state = STATE_ESCAPE;
        else
            add(receiver, byte);
        return FRAME_NOTHING;
    case STATE_ESCAPE:
        add_escaped(receiver, byte);
        return FRAME_NOTHING;
    case STATE_SKIP:
        return FRAME_NOTHING;
    default:
        return take_text(receiver, byte);
    }
}

void frame_skip(struct frame_receiver *receiver) {
    receiver->state = STATE_SKIP;
}

void frame_abandon(struct frame_receiver *receiver) {
    receiver->state = STATE_TEXT;
}

/* --- sending ---------------------------------------------------------------------------------- */

struct encoder {
    uint8_t bytes[CHUNK];
    uint32_t used;
};

static void put(struct encoder *encoder, uint8_t byte) {
    if (encoder->used == CHUNK) {
        serial_write(encoder->bytes, CHUNK);
        encoder->used = 0;
    }
    encoder->bytes[encoder->used++] = byte;
}

static void put_escaped(struct encoder *encoder, const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        const uint8_t byte = bytes[i];
        const uint8_t code = byte == FRAME_END      ? ESC_END
                             : byte == ESC          ? ESC_ESC
                             : byte == FRAME_CTRL_C ? ESC_CTRL_C
                                                    : 0;
        if (code != 0) put(encoder, ESC);
        put(encoder, code != 0 ? code : byte);
    }
}

void frame_send(uint8_t type, uint16_t sequence, const uint8_t *payload, uint32_t length) {
    const uint8_t head[FRAME_HEAD] = {FRAME_VERSION, type, (uint8_t)sequence,
                                      (uint8_t)(sequence >> 8)};
    const uint32_t crc = crc32_add(crc32_add(0, head, sizeof head), payload, length);
    const uint8_t tail[CRC_SIZE] = {(uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16),
                                    (uint8_t)(crc >> 24)};
    struct encoder encoder = {.used = 0};
    put(&encoder, FRAME_END);
    put(&encoder, MARKER);
    put_escaped(&encoder, head, sizeof head);
    put_escaped(&encoder, payload, length);
    put_escaped(&encoder, tail, sizeof tail);
    put(&encoder, FRAME_END);
    serial_write(encoder.bytes, encoder.used);
}
