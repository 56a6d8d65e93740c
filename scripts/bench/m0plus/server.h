/* What server.c needs of the engine that runs the WebAssembly program. */
#ifndef SERVER_H
#define SERVER_H

#include <stdint.h>

/* Loads and starts the program; null, or what went wrong. */
const char *engine_start(void);

/* Calls an export: slots as in hal/aot_api.h. Null, or what went wrong. */
const char *engine_call(const char *name, uint64_t *slots, uint32_t results, uint32_t arguments);

/* The program's memory now. */
uint8_t *engine_memory(uint32_t *size);

#endif
