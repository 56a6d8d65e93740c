/* Who speaks, and what becomes of the frames on their way; packets.c says them. */

#include "hostile.h"

#include "packets.h"

#include <string.h>

enum { WAITING = 32, CONNECTIONS = 16 };

struct frame {
    uint8_t bytes[HOSTILE_FRAME];
    size_t length;
};

static struct frame waiting[WAITING];
static size_t first, count;
static uint64_t state;
static bool is_silent, is_well = true;

/* What the device's segments have shown: enough to continue its connections. */
static struct segment known[CONNECTIONS];
static size_t known_count;

/* --- chance ----------------------------------------------------------------------------------- */

void hostile_seed(uint64_t seed) {
    state = seed * 0x9e3779b97f4a7c15 + 1;
}

uint32_t hostile_below(uint32_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return limit == 0 ? 0 : (uint32_t)(state >> 16) % limit;
}

static bool chance(uint32_t percent) {
    return hostile_below(100) < percent;
}

/* --- the way ---------------------------------------------------------------------------------- */

static void damage(struct frame *f) {
    const uint32_t kind = hostile_below(4);
    if (kind == 0) f->length = hostile_below((uint32_t)f->length + 1);
    if (kind == 1) f->length += hostile_below((uint32_t)(HOSTILE_FRAME - f->length));
    for (uint32_t i = hostile_below(4); i > 0 && f->length > 0; i--) {
        /* Headers are more interesting than what is behind them. */
        const uint32_t most = chance(80) && f->length > 70 ? 70 : (uint32_t)f->length;
        f->bytes[hostile_below(most)] ^= (uint8_t)(1u << hostile_below(8));
    }
    if (chance(70)) packet_fix(f->bytes, f->length);
}

static void put(const struct frame *f) {
    if (count == WAITING) return;
    const size_t at = chance(15) ? hostile_below((uint32_t)count + 1) : count;
    for (size_t i = count; i > at; i--)
        waiting[(first + i) % WAITING] = waiting[(first + i - 1) % WAITING];
    waiting[(first + at) % WAITING] = *f;
    count++;
}

static void send(struct frame *f) {
    if (is_silent) return;
    if (!is_well && chance(10)) return;
    if (!is_well && chance(15)) damage(f);
    put(f);
    if (!is_well && chance(5)) put(f);
}

size_t hostile_next(uint8_t out[HOSTILE_FRAME]) {
    if (count == 0) return 0;
    const struct frame *f = &waiting[first];
    memcpy(out, f->bytes, f->length);
    const size_t length = f->length;
    first = (first + 1) % WAITING;
    count--;
    return length;
}

void hostile_silence(void) {
    is_silent = true;
    count = 0;
}

void hostile_behave(bool well) {
    is_well = well;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void remember(const struct segment *s) {
    for (size_t i = 0; i < known_count; i++) {
        if (known[i].to_port != s->to_port || known[i].from_port != s->from_port) continue;
        known[i] = *s;
        return;
    }
    const size_t i = known_count < CONNECTIONS ? known_count++ : hostile_below(CONNECTIONS);
    known[i] = *s;
}

static uint8_t *data(void) {
    static uint8_t bytes[TCP_DATA];
    for (uint32_t i = 0; i < 8; i++)
        bytes[hostile_below(TCP_DATA)] = (uint8_t)hostile_below(256);
    return bytes;
}

static uint32_t data_length(void) {
    static const uint32_t usual[] = {0, 0, 0, 1, 1, 9, 100, 536, 1459, 1460};
    return usual[hostile_below(sizeof usual / sizeof usual[0])];
}

static uint32_t window(void) {
    static const uint32_t usual[] = {0, 1, 2, 9, 300, 3000, 8000, 8000, 8000, 65535};
    return usual[hostile_below(sizeof usual / sizeof usual[0])];
}

/* Continues a connection, as one may: what the last segment of the device calls for. */
static void answer_tcp(const struct segment *s) {
    struct frame f;
    uint32_t flags = FLAG_ACK;
    if ((s->flags & FLAG_RST) != 0) return;
    if ((s->flags & FLAG_SYN) != 0 && (s->flags & FLAG_ACK) == 0) {
        flags = chance(80) ? FLAG_SYN | FLAG_ACK : FLAG_RST | FLAG_ACK;
    } else if (chance(5)) {
        flags = FLAG_RST | FLAG_ACK;
    } else if (chance(15)) {
        flags |= FLAG_FIN;
    }
    const uint32_t length = (flags & (FLAG_SYN | FLAG_RST)) == 0 ? data_length() : 0;
    if (length == 0 && s->length == 0 && (s->flags & (FLAG_SYN | FLAG_FIN)) == 0 && chance(90)) {
        return; /* an acknowledgement is not acknowledged */
    }
    f.length = packet_tcp(f.bytes, s, flags, data(), length, window());
    send(&f);
}

/* Anything at all for a connection. */
static void disturb_tcp(const struct segment *s) {
    struct frame f;
    struct segment near = *s;
    near.acknowledgement += hostile_below(4) == 0 ? 1u << 31 : hostile_below(4000) - 1000;
    near.next += chance(50) ? 0 : hostile_below(4000) - 2000;
    f.length =
        packet_tcp(f.bytes, &near, hostile_below(256), data(), data_length(), hostile_below(65536));
    send(&f);
}

void hostile_hear(const uint8_t *frame, size_t length) {
    struct frame f;
    struct segment s;
    if (packet_read_tcp(frame, length, &s)) {
        remember(&s);
        answer_tcp(&s);
        return;
    }
    f.length = packet_answer(f.bytes, frame, length);
    if (f.length > 0) send(&f);
}

void hostile_act(void) {
    struct frame f;
    const uint32_t kind = hostile_below(8);
    if (known_count > 0 && kind < 3) {
        disturb_tcp(&known[hostile_below((uint32_t)known_count)]);
        return;
    }
    if (kind == 3) {
        struct segment syn = {.from_port = (uint16_t)(1 + hostile_below(4)),
                              .to_port = (uint16_t)(40000 + hostile_below(50)),
                              .acknowledgement = hostile_below(1u << 31)};
        f.length = packet_tcp(f.bytes, &syn, FLAG_SYN, NULL, 0, 8000);
    } else if (kind == 4) {
        f.length = packet_udp(f.bytes, (uint16_t)hostile_below(65536),
                              (uint16_t)(1 + hostile_below(4)), data(), data_length());
    } else {
        f.length = packet_unasked(f.bytes, kind);
    }
    send(&f);
}
