/* A second stage that sets up plain 03h reads, and the vectors of a test's firmware. */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .section .boot2, "ax"
    ldr r3, =0x18000000
    movs r1, #0
    str r1, [r3, #0x08]                 /* SSIENR */
    movs r2, #2
    str r2, [r3, #0x14]                 /* BAUDR */
    ldr r2, =31 << 16 | 3 << 8
    str r2, [r3]                        /* CTRLR0: EEPROM read, 32 bits */
    ldr r2, =0x03 << 24 | 2 << 8 | 6 << 2
    movs r0, #0xf4
    adds r0, r3
    str r2, [r0]                        /* SPI_CTRLR0: 03h, 24 bits of address */
    movs r1, #1
    str r1, [r3, #0x08]
    ldr r0, =0x10000100
    ldr r1, =0xe000ed08                 /* VTOR */
    str r0, [r1]
    ldr r1, [r0]
    mov sp, r1
    ldr r1, [r0, #4]
    bx r1
    .pool

    .section .vectors, "a"
    .word 0x20042000
    .word reset
    .word hard_fault_entry              /* NMI */
    .word hard_fault_entry
    .fill 7, 4, 0
    .word on_svc
    .fill 2, 4, 0
    .word on_pendsv
    .word on_systick
    .word on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq
    .word on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq
    .word on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq
    .word on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq, on_irq

    .text
    .thumb_func
    .type hard_fault_entry, %function
hard_fault_entry:
    mov r0, lr
    mrs r1, msp
    mrs r2, psp
    ldr r3, =on_hard_fault
    bx r3
    .pool
