/* A bare program for engine.test.ts: code of many kinds, disturbed by two interrupts whose handlers
 * note where they came in and when, so that an interrupt taken one instruction too late shows. It
 * ends with BKPT, with WFI every now and then on the way. */
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define TIMER_ALARM0      REGISTER(0x40054010)
#define TIMER_RAW_LOW     REGISTER(0x40054028)
#define TIMER_INTR        REGISTER(0x40054034)
#define TIMER_INTE        REGISTER(0x40054038)
#define SYSTICK_CONTROL   REGISTER(0xe000e010)
#define SYSTICK_RELOAD    REGISTER(0xe000e014)
#define SYSTICK_CURRENT   REGISTER(0xe000e018)
#define NVIC_ENABLE       REGISTER(0xe000e100)

enum { ROUNDS = 16, NOTES = 1024, WORDS = 96, SYSTICK_CYCLES = 1237, ALARM_STEP = 7 };

static uint32_t notes[NOTES], note_count;
static uint32_t words[WORDS], result;
static volatile uint32_t alarms, ticks;
static uint32_t seed = 1;

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];
void reset(void);
void on_systick(const uint32_t *frame);
void on_alarm(const uint32_t *frame);
uint32_t changing(uint32_t x);
uint32_t marked(uint32_t x);

/* What the interrupt has stacked: r0-r3, r12, lr, pc, psr. */
static void note(const uint32_t *frame) {
    for (int i = 0; i < 8; i++)
        notes[note_count++ % NOTES] ^= frame[i] + TIMER_RAW_LOW;
}

void on_systick(const uint32_t *frame) {
    ticks++;
    note(frame);
}

void on_alarm(const uint32_t *frame) {
    TIMER_INTR = 1;
    alarms++;
    TIMER_ALARM0 = TIMER_RAW_LOW + 3 + alarms % ALARM_STEP;
    note(frame);
}

__attribute__((naked)) static void systick_vector(void) {
    __asm volatile("mov r0, sp\nldr r1, =on_systick\nbx r1\n.ltorg");
}

__attribute__((naked)) static void alarm_vector(void) {
    __asm volatile("mov r0, sp\nldr r1, =on_alarm\nbx r1\n.ltorg");
}

static void fault(void) {
    for (;;)
        __asm volatile("bkpt #1");
}

__attribute__((section(".vectors"), used)) static const void *const vectors[48] = {
    [0] = stack_top,
    [1] = (const void *)reset,
    [2] = (const void *)fault,
    [3] = (const void *)fault,
    [15] = (const void *)systick_vector,
    [16] = (const void *)alarm_vector,
};

static uint32_t next(void) {
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

/* The test makes another number of the 1. */
__attribute__((noinline)) uint32_t changing(uint32_t x) {
    return x * 3 + 1;
}

__attribute__((noinline)) uint32_t marked(uint32_t x) {
    return (x >> 3 | x << 29) ^ 0x5bd1e995;
}

/* lsls r1, r0, #5; subs r0, r1, r0; bx lr - in RAM, where nothing is translated. */
static uint16_t ram_code[] = {0x0141, 0x1a08, 0x4770};

static uint32_t in_ram(uint32_t x) {
    uint32_t (*function)(uint32_t) = (uint32_t(*)(uint32_t))((uintptr_t)ram_code | 1);
    return function(x);
}

static uint32_t fibonacci(uint32_t n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static void sort(void) {
    for (int i = 1; i < WORDS; i++) {
        uint32_t x = words[i];
        int j = i;
        for (; j > 0 && (int32_t)words[j - 1] > (int32_t)x; j--)
            words[j] = words[j - 1];
        words[j] = x;
    }
}

/* N and Z at once exist only this way. */
static uint32_t odd_flags(uint32_t x) {
    uint32_t flags;
    __asm volatile(".syntax unified\n"
                   "msr apsr_nzcvq, %1\n"
                   "movs %0, #0\n"
                   "msr apsr_nzcvq, %1\n"
                   "bne 1f\n"
                   "bpl 1f\n"
                   "bgt 1f\n"
                   "bls 2f\n"
                   "1: adds %0, #1\n"
                   "2: mrs %0, apsr"
                   : "=&l"(flags)
                   : "l"(x << 28)
                   : "cc");
    return flags;
}

static uint32_t by_case(uint32_t x) {
    switch (x % 9) {
    case 0:
        return x + 1;
    case 1:
        return x ^ 0xff00ff;
    case 2:
        return changing(x);
    case 3:
        return (uint32_t)__builtin_bswap32(x);
    case 4:
        return fibonacci(x % 8);
    case 5:
        return marked(x);
    case 6:
        return in_ram(x);
    case 7:
        return (uint32_t)((int32_t)x >> (x & 31)) - (x < 5000);
    default:
        return ~x ^ odd_flags(x);
    }
}

static int64_t wide(int64_t a, int64_t b) {
    int64_t c = a * b + (a << (b & 63)) - (b >> (a & 63));
    return c < a ? c / (b | 1) : c % (a | 1);
}

static void bytes(void) {
    uint8_t *to = (uint8_t *)words;
    const uint16_t *from = (const uint16_t *)vectors;
    for (int i = 0; i < WORDS; i++) {
        to[i] = (uint8_t)(to[i] + from[i]);
        result += (uint32_t)((int8_t *)words)[WORDS - i] + (uint32_t)((int16_t *)words)[i];
    }
}

static void start_interrupts(void) {
    SYSTICK_RELOAD = SYSTICK_CYCLES;
    SYSTICK_CURRENT = 0;
    SYSTICK_CONTROL = 7;
    TIMER_INTE = 1;
    NVIC_ENABLE = 1;
    TIMER_ALARM0 = TIMER_RAW_LOW + ALARM_STEP;
}

void reset(void) {
    for (uint32_t *to = data_start, *from = data_load; to < data_end;)
        *to++ = *from++;
    for (uint32_t *p = bss_start; p < bss_end;)
        *p++ = 0;
    start_interrupts();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WORDS; i++)
            words[i] = by_case(next()) + (uint32_t)wide(next(), -(int64_t)next());
        sort();
        bytes();
        __asm volatile("cpsid i" ::: "memory");
        result = result * 31 + words[round] + odd_flags(next());
        __asm volatile("cpsie i" ::: "memory");
        if (round % 4 == 3) __asm volatile("wfi");
    }
    for (;;)
        __asm volatile("bkpt #0");
}
