/* The second stage of the boot: the ROM copies the first 256 bytes of the flash to SRAM, checks
 * their CRC-32 (the last word, put there by scripts/lib/rp2040-image.ts) and jumps to them. They
 * set the flash interface up so that the flash can be read in place, and enter the firmware behind.
 *
 * Reads are plain 03h commands with one data line: every serial NOR flash has them, without a mode
 * to be set or left again, up to 50 MHz on a W25Q16. Position independent: flash.c runs a copy from
 * SRAM after each erase and program, with a return address in lr; the ROM enters with lr = 0.
 */

#include "board_config.h"

    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .equ SSI, 0x18000000
    .equ SSI_CTRLR0, 0x00
    .equ SSI_CTRLR1, 0x04
    .equ SSI_SSIENR, 0x08
    .equ SSI_BAUDR, 0x14
    .equ SSI_SPI_CTRLR0, 0xf4

    /* EEPROM read (send command and address, then receive) with one data line, 32 bits a frame */
    .equ CTRLR0, 31 << 16 | 3 << 8
    /* command 03h of 2 x 4 bits, address of 6 x 4 bits, both on one line */
    .equ SPI_CTRLR0, 0x03 << 24 | 2 << 8 | 6 << 2

    .equ VECTORS, 0x10000100
    .equ SCB_VTOR, 0xe000ed08

    .section .boot2, "ax"
    .global boot2
    .thumb_func
boot2:
    ldr r3, =SSI
    movs r1, #0
    str r1, [r3, #SSI_SSIENR]
    movs r2, #BOARD_FLASH_CLOCK_DIVIDER
    str r2, [r3, #SSI_BAUDR]
    ldr r2, =CTRLR0
    str r2, [r3, #SSI_CTRLR0]
    str r1, [r3, #SSI_CTRLR1]           /* one frame a read */
    ldr r2, =SPI_CTRLR0
    movs r0, r3
    adds r0, #SSI_SPI_CTRLR0
    str r2, [r0]
    movs r1, #1
    str r1, [r3, #SSI_SSIENR]

    mov r0, lr
    cmp r0, #0
    beq enter
    bx lr

enter:
    ldr r0, =VECTORS
    ldr r1, =SCB_VTOR
    str r0, [r1]
    ldr r1, [r0, #0]
    msr msp, r1
    ldr r1, [r0, #4]
    bx r1

    .pool
