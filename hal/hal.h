/* hal.h: the whole contract between wassl and a device.
 *
 * A port implements these functions, one file per noun and back end (net_bsd.c, fs_posix.c, ...),
 * and the build chooses the files. Nothing here knows WebAssembly: pointers are the caller's, valid
 * during the call only and already checked, lengths are bytes and below 64 MB, strings end with
 * NUL. Where a result is an int, it is a count or 0 on success and -HAL_E... on failure; the
 * numbers are ours, a back end translates its system's. Calls come from one thread.
 */

#ifndef HAL_H
#define HAL_H

#include <stdint.h>

/* The same numbers as Errno in assembly/base/err.ts; tests/hal/surface.test.ts compares them. */
enum hal_errno {
    HAL_ENOENT = 2,
    HAL_EIO = 5,
    HAL_EBADF = 9,
    HAL_EAGAIN = 11,
    HAL_ENOMEM = 12,
    HAL_EACCES = 13,
    HAL_EEXIST = 17,
    HAL_EISDIR = 21,
    HAL_EINVAL = 22,
    HAL_ENFILE = 23,
    HAL_ENOSPC = 28,
    HAL_EADDRINUSE = 98,
    HAL_ENETUNREACH = 101,
    HAL_ECONNABORTED = 103,
    HAL_ECONNRESET = 104,
    HAL_ENOTCONN = 107,
    HAL_ETIMEDOUT = 110,
    HAL_ECONNREFUSED = 111,
    HAL_EHOSTUNREACH = 113,
    HAL_EINPROGRESS = 115,
};

/* A range outside the caller's memory: misuse(Misuse.BAD_RANGE) of assembly/base/err.ts. */
#define HAL_BAD_RANGE (-0x400 - 13)

/* --- log: the console ------------------------------------------------------------------------- */

/* The app's output, bytes as they are. Output that cannot be delivered is lost. */
void log_write(const uint8_t *bytes, uint32_t length);

/* One line of our own (a trap, a failure to start), without its line end. May go to another place
 * than the app's output. */
void log_report(const char *line);

/* --- random ----------------------------------------------------------------------------------- */

/* Fills out with bytes fit for keys. 0, or -HAL_EIO where the device has no entropy: never weaker
 * bytes, never some. */
int random_fill(uint8_t *out, uint32_t length);

/* --- clock ------------------------------------------------------------------------------------ */

/* Seconds since 1970-01-01 00:00 UTC, or -1 while the clock was never set. */
int64_t clock_time(void);

/* Sets the clock. 0, or -HAL_EINVAL for a time before 1970 or later than the clock can hold: the
 * year 4095 or more. */
int clock_set(int64_t seconds);

/* Microseconds since any moment; never goes back, not even when the clock is set. */
uint64_t clock_ticks_us(void);

/* Returns after at least that time. */
void clock_sleep_ms(uint32_t milliseconds);

/* --- fs: the app's files ---------------------------------------------------------------------- */

enum {
    FS_READ = 1,
    FS_WRITE = 2,
    FS_CREATE = 4,
    FS_TRUNCATE = 8,
    FS_APPEND = 16,
    FS_PATH_MAX = 255, /* bytes of a path without its NUL */
    FS_FILES = 16,     /* open at once; one more is -HAL_ENFILE */
};

/* Paths are relative to the app's root, with or without a leading '/', and never lead out of it:
 * ".." and links are refused with -HAL_EACCES. */

/* A file number from 1, or an error. FS_CREATE, FS_TRUNCATE and FS_APPEND need FS_WRITE. A file may
 * be open more than once; as soon as it was changed through one number, removed or replaced, the
 * others may be -HAL_EBADF. */
int fs_open(const char *path, uint32_t flags);

/* Bytes read, 0 at the end of the file. */
int fs_read(int file, uint8_t *out, uint32_t length);

/* Bytes written, which may be fewer than given. */
int fs_write(int file, const uint8_t *bytes, uint32_t length);

/* Moves to offset from the start (whence 0), the position (1) or the end (2); gives the new
 * position. */
int fs_seek(int file, int32_t offset, int whence);

/* What was written is in the file from now on at the latest; after a failure it may be lost. */
int fs_close(int file);

/* Removes a file, not a folder. */
int fs_remove(const char *path);

/* The name of entry `index` of a folder, without NUL: its length, 0 past the last. The order is the
 * file system's and stays the same while nothing is added or removed. */
int fs_list(const char *path, uint32_t index, char *out, uint32_t capacity);

/* --- net: TCP and UDP ------------------------------------------------------------------------- */

enum {
    NET_INET = 2,
    NET_INET6 = 10,
    NET_STREAM = 1,
    NET_DATAGRAM = 2,
    NET_PEEK = 2,       /* flag: leave the bytes in the queue */
    NET_HOST_MAX = 255, /* bytes of a host name without its NUL */
    NET_SOCKETS = 16,   /* open at once; one more is -HAL_ENFILE */
};

/* Port in host byte order; version 4 uses the first 4 bytes of ip. No scope: link-local IPv6 is out
 * of reach. */
struct net_address {
    uint16_t version; /* 4 or 6 */
    uint16_t port;
    uint8_t ip[16];
};

/* Up to `capacity` addresses of a name or a numeric address, in the resolver's order of preference:
 * how many. -HAL_ENOENT where the name does not exist, -HAL_EHOSTUNREACH where nobody could be
 * asked. Blocks. */
int net_getaddrinfo(const char *host, uint16_t port, struct net_address *out, uint32_t capacity);

/* A socket number from 1, blocking. The other calls wait as net_settimeout says: -HAL_ETIMEDOUT
 * after the time, -HAL_EAGAIN at once (-HAL_EINPROGRESS from net_connect) where the socket never
 * blocks. */
int net_socket(int family, int type);

/* Connects, or sets a datagram socket's peer. Asked again while in progress it goes on waiting,
 * afterwards it gives 0. */
int net_connect(int socket, const struct net_address *peer);

int net_bind(int socket, const struct net_address *local);
int net_listen(int socket, int backlog);

/* The new socket, blocking; *peer is filled in. */
int net_accept(int socket, struct net_address *peer);

/* Bytes taken. A peer that is gone is -HAL_ECONNRESET, never a signal. `to` NULL: the connected
 * peer. */
int net_send(int socket, const uint8_t *bytes, uint32_t length, const struct net_address *to);

/* Bytes received, 0 at the end of a stream. A longer datagram is cut. `from` may be NULL. */
int net_recv(int socket, uint8_t *out, uint32_t length, uint32_t flags, struct net_address *from);

/* Level and option are Linux's numbers: (1, 2) SO_REUSEADDR, (1, 6) SO_BROADCAST, (1, 9)
 * SO_KEEPALIVE, (6, 1) TCP_NODELAY. Others are -HAL_EINVAL. */
int net_setsockopt(int socket, int level, int option, int value);

/* How long calls wait: milliseconds, 0 not at all, -1 without end. */
int net_settimeout(int socket, int milliseconds);

int net_close(int socket);

#endif
