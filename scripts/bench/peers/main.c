/* Runs primitives of native libraries under callgrind. One request a line on standard input:
 *
 *   library primitive size-of-output input input ...      inputs in hexadecimal
 *
 * The answer is a line: the output in hexadecimal behind a dash, or "refused". Each primitive runs
 * twice - the first call loads tables and providers - and both runs are calls of measured(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"

enum { LINE_BYTES = 1 << 16 };

/* Callgrind counts what happens inside it. */
__attribute__((noinline)) static int measured(primitive run, struct job *job) {
    const int result = run(job);
    __asm volatile("" ::: "memory");
    return result;
}

void split_rsa_key(const struct job *job, struct bytes part[RSA_PARTS]) {
    const uint8_t *lengths = job->in[1].at;
    uint8_t *at = job->in[0].at;
    for (int i = 0; i < RSA_PARTS; i++, lengths += 4) {
        part[i].at = at;
        part[i].size = lengths[0] | (size_t)lengths[1] << 8;
        at += part[i].size;
    }
}

static primitive find(const char *library, const char *name) {
    const int ours = strcmp(library, "openssl") == 0;
    const struct peer_primitive *p = ours ? openssl_primitives : mbedtls_primitives;
    for (; p->name != NULL; p++)
        if (strcmp(p->name, name) == 0) return p->run;
    fprintf(stderr, "peers: %s has no %s\n", library, name);
    exit(1);
}

static void decode(struct bytes *bytes, const char *hex) {
    bytes->size = strlen(hex) / 2;
    bytes->at = malloc(bytes->size + 1);
    for (size_t i = 0; i < bytes->size; i++) {
        unsigned value;
        sscanf(hex + 2 * i, "%2x", &value);
        bytes->at[i] = (uint8_t)value;
    }
}

static void answer(int good, const struct job *job) {
    if (!good) {
        puts("refused");
        return;
    }
    putchar('-');
    for (size_t i = 0; i < job->out_size; i++)
        printf("%02x", job->out[i]);
    putchar('\n');
}

static void serve(char *line) {
    const char *library = strtok(line, " \n");
    const char *name = strtok(NULL, " \n");
    const char *size = strtok(NULL, " \n");
    if (size == NULL) return;
    struct job job = {.out_size = strtoul(size, NULL, 10)};
    job.out = calloc(1, job.out_size + 1);
    int count = 0;
    for (const char *hex; count < MAXIMUM_INPUTS && (hex = strtok(NULL, " \n")) != NULL; count++)
        decode(&job.in[count], hex);
    const primitive run = find(library, name);
    measured(run, &job);
    answer(measured(run, &job), &job);
    for (int i = 0; i < count; i++)
        free(job.in[i].at);
    free(job.out);
}

int main(void) {
    static char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL)
        serve(line);
    return 0;
}
