/* The memory that lwIP gets in tests. */

#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

/* Asked at every request whether it fails; NULL: only where memory is used up. */
void memory_may_fail(bool (*now)(void));

#endif
