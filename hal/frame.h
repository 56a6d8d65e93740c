/* Frames on the serial line, which a console shares: SLIP (RFC 1055) around a CRC-32.
 *
 *     END  MARKER  version  type  sequence:2  payload  CRC-32:4  END        numbers little-endian
 *
 * The CRC covers version to payload. END and MARKER never occur in UTF-8, so text and frames can
 * follow each other in any order, and a receiver is in step again at the next frame whatever was
 * lost. Beside END and ESC, the byte of Ctrl-C is escaped too: where it stands on the line as it
 * is, somebody has pressed it, even in the middle of a frame. scripts/lib/serial/frame.ts is the
 * other end.
 */

#ifndef HAL_FRAME_H
#define HAL_FRAME_H

#include <stdint.h>

enum {
    FRAME_VERSION = 1,
    FRAME_DATA_MAX = 512,                   /* bytes of an app or a file in one frame */
    FRAME_PAYLOAD_MAX = 4 + FRAME_DATA_MAX, /* with their offset */
    FRAME_HEAD = 4,
    FRAME_MAX = FRAME_HEAD + FRAME_PAYLOAD_MAX + 4,
    FRAME_CTRL_C = 0x03,
    FRAME_END = 0xc0,
};

enum frame_event {
    FRAME_NOTHING,
    FRAME_TEXT,  /* the byte belongs to the console */
    FRAME_READY, /* bytes[] is a frame whose CRC fits */
};

struct frame_receiver {
    uint8_t bytes[FRAME_MAX]; /* version, type, sequence, payload */
    uint16_t length;          /* without the CRC once the frame is ready */
    uint8_t state;            /* 0 at the start */
};

/* Takes the next byte of the line. */
enum frame_event frame_take(struct frame_receiver *receiver, uint8_t byte);

/* What comes is the rest of something whose beginning is unknown: it is dropped. */
void frame_skip(struct frame_receiver *receiver);

/* Gives up the frame that has begun, if one has, and what is being dropped: text again. */
void frame_abandon(struct frame_receiver *receiver);

/* Sends one frame with this payload to the serial line. */
void frame_send(uint8_t type, uint16_t sequence, const uint8_t *payload, uint32_t length);

#endif
