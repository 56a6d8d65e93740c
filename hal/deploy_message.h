/* Reading a request's payload and composing an answer's, for deploy.c and deploy_files.c.
 *
 * The reader is sticky: what is read past the end is 0 and makes the whole request bad, which one
 * check at the end finds.
 */

#ifndef HAL_DEPLOY_MESSAGE_H
#define HAL_DEPLOY_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

enum deploy_type {
    DEPLOY_HELLO = 0x01,
    DEPLOY_RESTART = 0x02,
    DEPLOY_STOP = 0x03,
    DEPLOY_APP_BEGIN = 0x10,
    DEPLOY_APP_DATA = 0x11,
    DEPLOY_APP_COMMIT = 0x12,
    DEPLOY_FILE_LIST = 0x20,
    DEPLOY_FILE_GET = 0x21,
    DEPLOY_FILE_BEGIN = 0x22,
    DEPLOY_FILE_DATA = 0x23,
    DEPLOY_FILE_COMMIT = 0x24,
    DEPLOY_FILE_REMOVE = 0x25,
    DEPLOY_FORMAT = 0x26,
    DEPLOY_CLOCK_GET = 0x30,
    DEPLOY_CLOCK_SET = 0x31,
    DEPLOY_ANSWER = 0x80,  /* added to the request's type */
    DEPLOY_VERSION = 0xff, /* the answer to a frame of another version */
};

struct message {
    const uint8_t *bytes;
    uint32_t left;
    bool is_bad;
};

uint32_t message_u8(struct message *message);
uint32_t message_u32(struct message *message);

/* The next bytes, in place; NULL where there are fewer. */
const uint8_t *message_bytes(struct message *message, uint32_t length);

/* A text behind its length in a byte, as out[capacity] with NUL. A NUL inside is bad. */
void message_text(struct message *message, char *out, uint32_t capacity);

/* True where all of it was read and nothing was missing. */
bool message_is_over(const struct message *message);

/* Adds to the answer; what does not fit is left out. */
void answer_u32(uint32_t value);
void answer_bytes(const uint8_t *bytes, uint32_t length);

/* Room for up to FRAME_DATA_MAX bytes that go straight into the answer, then how many there are.
 * Only where nothing else was added. */
uint8_t *answer_room(void);
void answer_filled(uint32_t length);

/* The result of a request for files, its data added to the answer. */
int deploy_files(uint8_t type, struct message *message);
void deploy_files_start(void);

#endif
