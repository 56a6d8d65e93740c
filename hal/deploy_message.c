/* The two payloads of a request and its answer. */

#include "deploy_message.h"

#include <string.h>

static bool has(struct message *message, uint32_t length) {
    if (message->is_bad || length > message->left) message->is_bad = true;
    return !message->is_bad;
}

const uint8_t *message_bytes(struct message *message, uint32_t length) {
    if (!has(message, length)) return NULL;
    const uint8_t *bytes = message->bytes;
    message->bytes += length;
    message->left -= length;
    return bytes;
}

uint32_t message_u8(struct message *message) {
    const uint8_t *byte = message_bytes(message, 1);
    return byte == NULL ? 0 : byte[0];
}

uint32_t message_u32(struct message *message) {
    const uint8_t *b = message_bytes(message, 4);
    if (b == NULL) return 0;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

void message_text(struct message *message, char *out, uint32_t capacity) {
    const uint32_t length = message_u8(message);
    const uint8_t *bytes = message_bytes(message, length);
    memset(out, 0, capacity);
    if (bytes == NULL) return;
    if (length >= capacity || memchr(bytes, 0, length) != NULL)
        message->is_bad = true;
    else
        memcpy(out, bytes, length);
}

bool message_is_over(const struct message *message) {
    return !message->is_bad && message->left == 0;
}
