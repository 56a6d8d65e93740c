/* Pins of a board that is only a chip: chip.c. */

#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#define BOARD_W5500_HZ        31250000
#define BOARD_W5500_MISO      1
#define BOARD_W5500_SELECT    2
#define BOARD_W5500_CLOCK     3
#define BOARD_W5500_MOSI      4
#define BOARD_W5500_RESET     5
#define BOARD_W5500_INTERRUPT 6

#endif
