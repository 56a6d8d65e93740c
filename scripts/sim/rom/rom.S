/* Vectors and tables of the boot ROM, where the datasheet (2.8.3) says that they are: all pointers
 * in them are 16 bits wide. */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .section .header, "a"
    .word 0x20041f00                    /* the stack, below the second stage */
    .word rom_reset
    .word rom_dead
    .word rom_dead
    .byte 'M', 'u', 1, 3                /* the version of the layout, and of the ROM */
    .hword functions
    .hword data
    .hword rom_lookup + 1

    .macro entry first, second, symbol
    .byte \first, \second
    .hword \symbol + 1
    .endm

    .balign 4
functions:
    entry 'I', 'F', flash_connect
    entry 'E', 'X', flash_exit_xip
    entry 'R', 'E', flash_range_erase
    entry 'R', 'P', flash_range_program
    entry 'F', 'C', flash_flush_cache
    entry 'C', 'X', flash_enter_xip
    entry 'U', 'B', usb_boot
    entry 'M', 'S', rom_memset
    entry 'S', '4', rom_memset4
    entry 'M', 'C', rom_memcpy
    entry 'C', '4', rom_memcpy4
    entry 'P', '3', rom_popcount
    entry 'R', '3', rom_reverse
    entry 'L', '3', rom_clz
    entry 'T', '3', rom_ctz
data:
    .hword 0, 0

    .text
    .thumb_func
    .type rom_reset, %function
rom_reset:
    bl rom_boot                         /* returns when nothing can be booted */
    movs r0, #0
    movs r1, #0
    bl usb_boot

    .thumb_func
    .type rom_dead, %function
rom_dead:
    wfi
    b rom_dead

    /* usb_boot(pins, interfaces): would become a USB drive; the emulated board reports that */
    .global usb_boot
    .thumb_func
    .type usb_boot, %function
usb_boot:
    bkpt #1
    b rom_dead

    /* rom_enter(address): the second stage; it finds 0 in lr, and starts the firmware by itself */
    .global rom_enter
    .thumb_func
    .type rom_enter, %function
rom_enter:
    movs r1, #0
    mov lr, r1
    adds r0, #1
    bx r0
