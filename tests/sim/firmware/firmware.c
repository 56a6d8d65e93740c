#include "firmware.h"

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[];

void reset(void);
void on_hard_fault(uint32_t exception_return, uint32_t *msp, uint32_t *psp);
void on_svc(void);
void on_pendsv(void);
void on_systick(void);
void on_irq(void);

volatile uint32_t irq_count, svc_count, pendsv_count, systick_count;

static void stop(uint32_t *frame) {
    print("fault at pc=", frame[6]);
    drain();
    for (;;)
        __asm volatile("wfi");
}

void (*hard_fault_hook)(uint32_t *frame) = stop;
void (*irq_hook)(void);

void on_hard_fault(uint32_t exception_return, uint32_t *msp, uint32_t *psp) {
    hard_fault_hook((exception_return & 4) != 0 ? psp : msp);
}

void on_svc(void) {
    svc_count++;
}

void on_pendsv(void) {
    pendsv_count++;
}

void on_systick(void) {
    systick_count++;
}

void on_irq(void) {
    irq_count++;
    if (irq_hook != NULL) irq_hook();
}

void release(uint32_t bits) {
    CLEAR(RESETS) = bits;
    while ((REGISTER(RESETS + 8) & bits) != bits)
        continue;
}

void pin(uint32_t number, uint32_t function) {
    REGISTER(0x4001c004 + 4 * number) = 0x56;
    REGISTER(0x40014004 + 8 * number) = function;
}

/* All from the crystal, 12 MHz: the reference, the core, the peripherals, the tick of 1 us. */
static void start_clocks(void) {
    REGISTER(0x40024000) = 0xfabaa0;
    while ((REGISTER(0x40024004) & 1u << 31) == 0)
        continue;
    REGISTER(CLOCKS + 0x30) = 2;
    while (REGISTER(CLOCKS + 0x38) != 1 << 2)
        continue;
    REGISTER(CLOCKS + 0x48) = 1 << 11;
    REGISTER(WATCHDOG + 0x2c) = 1 << 9 | MHZ;
}

static void start_console(void) {
    pin(0, 2);
    pin(1, 2);
    REGISTER(UART0 + 0x24) = 6;
    REGISTER(UART0 + 0x28) = 33;
    REGISTER(UART0 + 0x2c) = 0x70;
    REGISTER(UART0 + 0x30) = 0x301;
}

static void put(char c) {
    while ((REGISTER(UART0 + 0x18) & 1 << 5) != 0)
        continue;
    REGISTER(UART0) = (uint8_t)c;
}

void print(const char *text, uint32_t value) {
    char last = 0;
    for (; *text != 0; text++)
        put(last = *text);
    for (int shift = 28; shift >= 0 && last == '='; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
    put('\n');
}

void drain(void) {
    while ((REGISTER(UART0 + 0x18) & 1 << 3) != 0)
        continue;
}

void *rom_function(char first, char second) {
    uint32_t zero;
    __asm volatile("movs %0, #0" : "=l"(zero)); /* the compiler takes no constant 0 for a pointer */
    const uint16_t *pointers = (const uint16_t *)(zero + 0x14);
    void *(*lookup)(const uint16_t *, uint32_t) = (void *)(uint32_t)pointers[2];
    return lookup((const uint16_t *)(uint32_t)pointers[0], (uint32_t)(second << 8 | first));
}

struct flash_functions flash_functions(void) {
    return (struct flash_functions){
        .connect = rom_function('I', 'F'),
        .exit_xip = rom_function('E', 'X'),
        .erase = rom_function('R', 'E'),
        .program = rom_function('R', 'P'),
        .flush = rom_function('F', 'C'),
        .enter_xip = rom_function('C', 'X'),
    };
}

void reset(void) {
    for (uint32_t *p = data_start, *from = data_load; p < data_end;)
        *p++ = *from++;
    for (uint32_t *p = bss_start; p < bss_end;)
        *p++ = 0;
    release(1 << 5 | 1 << 8 | 1 << 21 | 1 << 22);
    start_clocks();
    start_console();
    main();
    print("end", 0);
    drain();
    for (;;)
        __asm volatile("wfi");
}
