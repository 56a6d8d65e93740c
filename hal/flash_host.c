/* A NOR flash as a piece of memory: erased by sectors to ones, programmed by pages, where a bit
 * that is zero stays zero until the sector is erased. Who asks for anything else has a bug, and is
 * told by -HAL_EINVAL.
 */

#include "flash_host.h"

#include "flash.h"
#include "hal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_CUT UINT64_MAX

static struct {
    uint8_t *bytes;
    uint32_t size;
    uint32_t *wear; /* one for each sector */
    bool *is_worn_out;
    uint64_t operations;
    uint64_t cut_at;
    enum flash_host_cut how;
    uint32_t random;
    bool is_off;
} flash = {.cut_at = NO_CUT};

/* --- making it -------------------------------------------------------------------------------- */

static int start(uint8_t *bytes, uint32_t size) {
    flash.bytes = bytes;
    flash.size = size;
    flash.wear = calloc(size / FLASH_SECTOR, sizeof *flash.wear);
    flash.is_worn_out = calloc(size / FLASH_SECTOR, sizeof *flash.is_worn_out);
    flash.operations = 0;
    flash_host_power_on();
    if (flash.wear != NULL && flash.is_worn_out != NULL) return 0;
    flash_host_end();
    return -HAL_ENOMEM;
}

static int map(int fd, uint32_t size) {
    const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    return bytes == MAP_FAILED ? -HAL_ENOMEM : start(bytes, size);
}

int flash_host_memory(uint32_t size) {
    if (size == 0 || size % FLASH_SECTOR != 0) return -HAL_EINVAL;
    flash_host_end();
    const int e = map(-1, size);
    if (e == 0) memset(flash.bytes, 0xff, size);
    return e;
}

/* The size that the file has afterwards; what is new in it is erased. */
static int64_t resize(int fd, uint32_t size) {
    uint8_t erased[FLASH_PAGE];
    struct stat status;
    memset(erased, 0xff, sizeof erased);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return -HAL_EIO;
    if (size == 0) return status.st_size;
    if (ftruncate(fd, size) != 0) return -HAL_EIO;
    for (off_t at = status.st_size; at < (off_t)size; at += sizeof erased) {
        const size_t n = size - at < (off_t)sizeof erased ? (size_t)(size - at) : sizeof erased;
        if (pwrite(fd, erased, n, at) != (ssize_t)n) return -HAL_EIO;
    }
    return size;
}

int flash_host_file(const char *path, uint32_t size) {
    if (size % FLASH_SECTOR != 0) return -HAL_EINVAL;
    flash_host_end();
    const int fd = open(path, O_RDWR | O_CLOEXEC | (size == 0 ? 0 : O_CREAT), 0644);
    if (fd < 0) return -HAL_EIO;
    int64_t length = resize(fd, size);
    if (length >= 0 && (length == 0 || length > UINT32_MAX || length % FLASH_SECTOR != 0))
        length = -HAL_EINVAL;
    const int e = length < 0 ? (int)length : map(fd, (uint32_t)length);
    close(fd);
    return e;
}

uint32_t flash_host_size(void) {
    return flash.size;
}

uint8_t *flash_host_bytes(void) {
    return flash.bytes;
}

void flash_host_end(void) {
    if (flash.bytes != NULL) munmap(flash.bytes, flash.size);
    free(flash.wear);
    free(flash.is_worn_out);
    flash.bytes = NULL;
    flash.wear = NULL;
    flash.is_worn_out = NULL;
    flash.size = 0;
}

/* --- power and wear --------------------------------------------------------------------------- */

uint64_t flash_host_operations(void) {
    return flash.operations;
}

void flash_host_cut_at(uint64_t operation, enum flash_host_cut how, uint32_t seed) {
    flash.cut_at = operation;
    flash.how = how;
    flash.random = seed | 1;
}

bool flash_host_is_off(void) {
    return flash.is_off;
}

void flash_host_power_on(void) {
    flash.is_off = false;
    flash.cut_at = NO_CUT;
}

uint32_t flash_host_wear(uint32_t sector) {
    return flash.wear[sector];
}

void flash_host_wear_out(uint32_t sector) {
    flash.is_worn_out[sector] = true;
}

/* xorshift32 */
static uint32_t next_random(void) {
    flash.random ^= flash.random << 13;
    flash.random ^= flash.random >> 17;
    flash.random ^= flash.random << 5;
    return flash.random;
}

/* A byte on its way: the old one, the new one, or some of its bits changed. */
static uint8_t half_way(uint8_t old, uint8_t new, uint32_t finished) {
    const uint32_t random = next_random();
    if ((random & 0xff) < finished) return new;
    const uint8_t changed = (random & 0x700) == 0 ? (uint8_t)(random >> 16) : 0;
    return (uint8_t)(old ^ ((old ^ new) & changed));
}

/* Changes the flash from `at` on to what the operation makes of it, as far as the power lasts. */
static int change(uint32_t at, const uint8_t *wanted, uint32_t length) {
    uint8_t *bytes = flash.bytes + at;
    const bool cut = flash.operations++ == flash.cut_at;
    if (!cut && flash.is_worn_out[at / FLASH_SECTOR]) return -HAL_EIO;
    if (!cut || flash.how == FLASH_CUT_AFTER) memcpy(bytes, wanted, length);
    if (!cut) return 0;
    flash.is_off = true;
    const uint32_t finished = next_random() & 0xff;
    for (uint32_t i = 0; flash.how == FLASH_CUT_DURING && i < length; i++)
        bytes[i] = half_way(bytes[i], wanted[i], finished);
    return -HAL_EIO;
}

/* --- flash.h ---------------------------------------------------------------------------------- */

static int check(uint32_t offset, uint32_t length, uint32_t unit) {
    if (offset > flash.size || length > flash.size - offset) return -HAL_EINVAL;
    if (offset % unit != 0 || length % unit != 0) return -HAL_EINVAL;
    return flash.is_off ? -HAL_EIO : 0;
}

int flash_read(uint32_t offset, uint8_t *out, uint32_t length) {
    const int e = check(offset, length, 1);
    if (e == 0 && length > 0) memcpy(out, flash.bytes + offset, length);
    return e;
}

int flash_erase(uint32_t offset, uint32_t length) {
    uint8_t erased[FLASH_SECTOR];
    int e = check(offset, length, FLASH_SECTOR);
    memset(erased, 0xff, sizeof erased);
    for (uint32_t at = offset; e == 0 && at < offset + length; at += FLASH_SECTOR) {
        flash.wear[at / FLASH_SECTOR]++;
        e = change(at, erased, FLASH_SECTOR);
    }
    return e;
}

int flash_program(uint32_t offset, const uint8_t *bytes, uint32_t length) {
    int e = check(offset, length, FLASH_PAGE);
    for (uint32_t i = 0; e == 0 && i < length; i++) {
        if ((bytes[i] & ~flash.bytes[offset + i]) != 0) return -HAL_EINVAL;
    }
    for (uint32_t at = 0; e == 0 && at < length; at += FLASH_PAGE)
        e = change(offset + at, bytes + at, FLASH_PAGE);
    return e;
}

const uint8_t *flash_mapped(uint32_t offset) {
    return flash.bytes + offset;
}
