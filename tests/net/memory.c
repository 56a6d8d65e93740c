/* lwIP's pools and heap for tests, instead of core/memp.c and core/mem.c: the same limits and
 * counts, but every piece is a block of malloc's, so that AddressSanitizer sees a use after free or
 * beyond the end; and any request may fail.
 */

#include "memory.h"

#include "lwip/arch.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/stats.h"
#include "lwip/timeouts.h"

/* What the list of pools sizes its elements with. */
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"
#include "netif/ppp/ppp_opts.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    size_t size;
    int most;
} pools[MEMP_MAX] = {
#define LWIP_MEMPOOL(name, num, size, desc) {(size), (num)},
#include "lwip/priv/memp_std.h"
};

static struct stats_mem counts[MEMP_MAX];
static bool (*may_fail)(void);

/* A block of the heap, behind its size. */
struct block {
    size_t size;
    max_align_t bytes[];
};

void memory_may_fail(bool (*now)(void)) {
    may_fail = now;
}

static bool fails(void) {
    return may_fail != NULL && may_fail();
}

void memp_init(void) {
    for (int i = 0; i < MEMP_MAX; i++) {
        counts[i].avail = (mem_size_t)pools[i].most;
        lwip_stats.memp[i] = &counts[i];
    }
}

void *memp_malloc(memp_t type) {
    struct stats_mem *c = &counts[type];
    /* There are as many timeouts as can ever be needed. */
    if (c->used == c->avail || (type != MEMP_SYS_TIMEOUT && fails())) return NULL;
    c->used++;
    if (c->used > c->max) c->max = c->used;
    return malloc(LWIP_MEM_ALIGN_SIZE(pools[type].size));
}

void memp_free(memp_t type, void *mem) {
    if (mem == NULL) return;
    counts[type].used--;
    free(mem);
}

void mem_init(void) {
    lwip_stats.mem.avail = MEM_SIZE;
}

void *mem_malloc(mem_size_t size) {
    struct stats_mem *c = &lwip_stats.mem;
    if (c->used + size > c->avail || fails()) return NULL;
    struct block *b = malloc(sizeof *b + size);
    if (b == NULL) abort();
    b->size = size;
    c->used = (mem_size_t)(c->used + size);
    if (c->used > c->max) c->max = c->used;
    return b->bytes;
}

void *mem_calloc(mem_size_t count, mem_size_t size) {
    void *p = mem_malloc((mem_size_t)(count * size));
    return p == NULL ? NULL : memset(p, 0, count * size);
}

/* Blocks do not shrink: what follows them would be legal to touch. */
void *mem_trim(void *mem, mem_size_t size) {
    (void)size;
    return mem;
}

void mem_free(void *mem) {
    if (mem == NULL) return;
    struct block *b = (struct block *)((uint8_t *)mem - sizeof *b);
    lwip_stats.mem.used = (mem_size_t)(lwip_stats.mem.used - b->size);
    free(b);
}
