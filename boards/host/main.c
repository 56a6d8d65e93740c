/* wassl-host: a board that is a process. Runs an app with ssl.wasm on wasm3, over the back ends for
 * POSIX.
 *
 * Exit status: 0 the app ended, or what it gave to hal.exit; 1 the app trapped or aborted; 64 wrong
 * usage; 66 a module that cannot be read or does not fit; 70 a fault of ssl.wasm.
 */

#include "bridge.h"
#include "imports.h"
#include "posix.h"
#include "ssl_limits.h"
#include "ssl_wasm.h"
#include "stats.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef WASSL_VERSION
#define WASSL_VERSION "0.0.0"
#endif

enum {
    STATUS_TRAP = 1,
    STATUS_USAGE = 64,
    STATUS_NO_MODULE = 66,
    STATUS_OUR_FAULT = 70,
};

enum {
    MEMORY_DEFAULT = 16 * 1024 * 1024,
    MODULE_MAX = 16 * 1024 * 1024,
    /* Interpreted code nests C calls. The upper part of the stack is for code between two calls,
       which nothing checks. */
    NATIVE_STACK = 16 * 1024 * 1024,
    NATIVE_STACK_RESERVE = 4 * 1024 * 1024,
    NATIVE_STACK_GUARD = 1024 * 1024,
};

#define MODULES "[SSL.wasm] APP.wasm"

static const char help[] =
    "usage: wassl-host [options] " MODULES "\n"
    "\n"
    "Runs APP.wasm with SSL.wasm on wasm3. Both must have been validated: wasm3 does not.\n"
    "In the tier native SSL.wasm is compiled in and not given.\n"
    "\n"
    "  --root DIR         the folder that the app sees as its file system (default: .);\n"
    "                     in a build with littlefs the image of one, a file\n"
    "  --clock WHEN       system (default), unset, or seconds since 1970-01-01 UTC\n"
    "  --connect-to HOST:PORT:ADDRESS:PORT\n"
    "                     who asks for HOST:PORT gets ADDRESS:PORT; an empty HOST or PORT\n"
    "                     stands for any; may be given up to 16 times\n"
    "  --frames FD        in a build with lwIP, the descriptor of its cable: frames of Ethernet,\n"
    "                     each behind its length in 4 bytes, big-endian\n"
    "  --memory-limit MODULE=BYTES\n"
    "                     the most linear memory of MODULE, ssl or app (default: 16777216)\n"
    "  --receive-buffer BYTES\n"
    "                     the most plaintext of a record to the app, 1024 to 16384 (default)\n"
    "  --stats            at the end, on standard error, what it has cost\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 or what the app gave to exit; 1 the app trapped or aborted; 64 wrong usage;\n"
    "66 a module that cannot be read or does not fit; 70 a fault of SSL.wasm.\n";

static struct {
    const char *root;
    const char *ssl;
    const char *app;
    uint32_t ssl_memory;
    uint32_t app_memory;
    uint32_t receive_buffer;
    int frames;
    bool stats;
} options = {
    .root = ".",
    .ssl_memory = MEMORY_DEFAULT,
    .app_memory = MEMORY_DEFAULT,
    .receive_buffer = SSL_RECEIVE_BUFFER_MAX,
    .frames = -1,
};

/* --- options ---------------------------------------------------------------------------------- */

/* A decimal number without sign, up to `largest`; false for anything else. */
static bool parse_number(const char *text, int64_t largest, int64_t *out) {
    char *end;
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    const long long n = strtoll(text, &end, 10);
    *out = n;
    return errno == 0 && *end == '\0' && n <= largest;
}

static bool set_clock(const char *when) {
    int64_t seconds;
    if (strcmp(when, "unset") == 0) return true;
    if (strcmp(when, "system") == 0) {
        clock_posix_from_system();
        return true;
    }
    return parse_number(when, INT64_MAX, &seconds) && clock_set(seconds) == 0;
}

static bool set_memory_limit(const char *text) {
    int64_t bytes;
    uint32_t *limit = strncmp(text, "ssl=", 4) == 0   ? &options.ssl_memory
                      : strncmp(text, "app=", 4) == 0 ? &options.app_memory
                                                      : NULL;
    if (limit == NULL || !parse_number(text + 4, INT_MAX, &bytes)) return false;
    *limit = (uint32_t)bytes;
    return true;
}

static bool set_receive_buffer(const char *text) {
    int64_t bytes;
    if (!parse_number(text, SSL_RECEIVE_BUFFER_MAX, &bytes)) return false;
    if (bytes < SSL_RECEIVE_BUFFER_MIN) return false;
    options.receive_buffer = (uint32_t)bytes;
    return true;
}

static bool set_frames(const char *text) {
    int64_t fd;
    if (!parse_number(text, INT_MAX, &fd)) return false;
    options.frames = (int)fd;
    return true;
}

static int usage(const char *what, const char *value) {
    fprintf(stderr, "wassl-host: %s%s%s\nTry 'wassl-host --help'.\n", what, value ? ": " : "",
            value ? value : "");
    return STATUS_USAGE;
}

static const struct option long_options[] = {
    {"root", required_argument, NULL, 'r'},
    {"clock", required_argument, NULL, 'c'},
    {"connect-to", required_argument, NULL, 't'},
    {"frames", required_argument, NULL, 'f'},
    {"memory-limit", required_argument, NULL, 'm'},
    {"receive-buffer", required_argument, NULL, 'b'},
    {"stats", no_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

/* -1 to go on, else the exit status. */
static int parse_options(int argc, char **argv) {
    const char *clock = "system";
    for (int o; (o = getopt_long(argc, argv, "+", long_options, NULL)) != -1;) {
        if (o == 'r')
            options.root = optarg;
        else if (o == 'c')
            clock = optarg;
        else if (o == 's')
            options.stats = true;
        else if (o == 't') {
            if (connect_to_add(optarg) < 0) return usage("bad --connect-to", optarg);
        } else if (o == 'f') {
            if (!set_frames(optarg)) return usage("bad --frames", optarg);
        } else if (o == 'm') {
            if (!set_memory_limit(optarg)) return usage("bad --memory-limit", optarg);
        } else if (o == 'b') {
            if (!set_receive_buffer(optarg)) return usage("bad --receive-buffer", optarg);
        } else if (o == 'h') {
            fputs(help, stdout);
            return 0;
        } else if (o == 'v') {
            printf("wassl-host " WASSL_VERSION " (%s)\n", ssl_program_tier);
            return 0;
        } else {
            return usage("see above", NULL);
        }
    }
    if (!set_clock(clock)) return usage("bad --clock", clock);
    const int modules = ssl_program_has_module ? 2 : 1;
    if (argc - optind != modules) return usage("expected " MODULES, NULL);
    if (fs_host_root(options.root) < 0) return usage("cannot open --root", options.root);
    options.ssl = ssl_program_has_module ? argv[optind] : "ssl.wasm";
    options.app = argv[optind + modules - 1];
    return -1;
}

/* --- modules ---------------------------------------------------------------------------------- */

/* The whole file, for the life of the program; NULL after reporting why not. */
static const uint8_t *read_module(const char *path, uint32_t *size) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = file == NULL ? NULL : malloc(MODULE_MAX);
    size_t n = 0;
    if (bytes != NULL) n = fread(bytes, 1, MODULE_MAX, file);
    const bool whole = bytes != NULL && !ferror(file) && n < MODULE_MAX;
    if (!whole) {
        fprintf(stderr, "wassl-host: cannot read %s: %s\n", path,
                n == MODULE_MAX ? "too large" : strerror(errno));
    }
    if (file != NULL) fclose(file);
    if (!whole) {
        free(bytes);
        return NULL;
    }
    uint8_t *fitting = realloc(bytes, n + 1); /* a smaller block, one byte more than none */
    *size = (uint32_t)n;
    return fitting == NULL ? bytes : fitting;
}

static bool fits(const char *path, const char *wrong) {
    if (wrong == NULL) return true;
    fprintf(stderr, "wassl-host: %s: %s\n", path, wrong);
    return false;
}

/* The bytes belong to *bytes also after a failure. */
static bool load_ssl(const uint8_t **bytes) {
    uint32_t size = 0;
    if (ssl_program_has_module) {
        *bytes = read_module(options.ssl, &size);
        if (*bytes == NULL) return false;
    }
    return fits(options.ssl, ssl_program_load(*bytes, size, options.ssl_memory));
}

static bool load_app(struct vm *app, const uint8_t **bytes) {
    uint32_t size;
    *bytes = read_module(options.app, &size);
    if (*bytes == NULL) return false;
    return fits(options.app, vm_load(app, "app", *bytes, size, options.app_memory));
}

static int run_app(struct vm *app, struct M3Function *start) {
    const enum vm_outcome outcome = vm_run(app, start, NULL, NULL);
    if (ssl_is_broken()) return STATUS_OUR_FAULT;
    if (outcome == VM_DONE) return 0;
    if (outcome == VM_ENDED) return imports_exit_status() & 0xff;
    vm_report(app);
    return STATUS_TRAP;
}

static int run_modules(struct vm *app) {
    if (!imports_link_app(app)) return STATUS_NO_MODULE;
    const char *missing = ssl_start(options.ssl_memory, options.receive_buffer);
    if (missing != NULL) {
        fprintf(stderr, "wassl-host: %s: no fitting export %s\n", options.ssl, missing);
        return STATUS_NO_MODULE;
    }
    struct M3Function *start = vm_find(app, "_start", 0);
    if (start == NULL) {
        fprintf(stderr, "wassl-host: %s: no fitting export _start\n", options.app);
        return STATUS_NO_MODULE;
    }
    if (options.stats) bridge_watch(stats_connection);
    int status = run_app(app, start);
    bridge_end();
    if (options.stats) stats_modules(app);
    if (ssl_is_broken()) status = STATUS_OUR_FAULT;
    return status;
}

static int run(void) {
    static struct vm app;
    const uint8_t *ssl_bytes = NULL;
    const uint8_t *app_bytes = NULL;
    int status = STATUS_NO_MODULE;
    if (net_host_start(options.frames) < 0) {
        fputs("wassl-host: the network cannot be started\n", stderr);
        return STATUS_OUR_FAULT;
    }
    if (load_ssl(&ssl_bytes) && load_app(&app, &app_bytes)) status = run_modules(&app);
    net_host_end();
    vm_free(&app);
    ssl_program_free();
    free((void *)app_bytes);
    free((void *)ssl_bytes);
    return status;
}

/* --- the native stack ------------------------------------------------------------------------- */

static int status;

static void *run_on_own_stack(void *lowest) {
    vm_native_stack((const char *)lowest + NATIVE_STACK_RESERVE);
    status = run();
    return NULL;
}

/* A stack of known size and place; the pages below it fault. NULL where there is no memory. */
static void *make_stack(void) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    char *guard = mmap(NULL, NATIVE_STACK_GUARD + NATIVE_STACK, PROT_NONE, flags, -1, 0);
    if (guard == MAP_FAILED) return NULL;
    char *stack = guard + NATIVE_STACK_GUARD;
    return mprotect(stack, NATIVE_STACK, PROT_READ | PROT_WRITE) == 0 ? stack : NULL;
}

int main(int argc, char **argv) {
    const int parsed = parse_options(argc, argv);
    if (parsed >= 0) return parsed;

    void *stack = make_stack();
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    const bool started = stack != NULL &&
                         pthread_attr_setstack(&attributes, stack, NATIVE_STACK) == 0 &&
                         pthread_create(&thread, &attributes, run_on_own_stack, stack) == 0;
    if (!started) {
        fputs("wassl-host: no memory for the stack\n", stderr);
        return STATUS_OUR_FAULT;
    }
    pthread_join(thread, NULL);
    return status;
}
