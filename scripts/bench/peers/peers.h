/* What others do with the same inputs: native OpenSSL and mbedTLS, for scripts/bench/peers.ts. */
#ifndef PEERS_H
#define PEERS_H

#include <stddef.h>
#include <stdint.h>

enum { MAXIMUM_INPUTS = 6 };

struct bytes {
    uint8_t *at;
    size_t size;
};

/* One call of a primitive of scripts/bench/primitives.ts: its inputs, then the text to seal where
 * it has one. */
struct job {
    struct bytes in[MAXIMUM_INPUTS];
    uint8_t *out;
    size_t out_size;
};

/* The numbers of an RSA key in the order of RFC 8017, A.1.2: n, e, d, p, q, dp, dq, qInv. They
 * stand in in[0] one after the other, their lengths in in[1] as words of 32 bits, little-endian. */
enum { RSA_PARTS = 8 };
void split_rsa_key(const struct job *job, struct bytes part[RSA_PARTS]);

/* False: the library refuses. */
typedef int (*primitive)(struct job *job);

struct peer_primitive {
    const char *name;
    primitive run;
};

/* Both end with a null name. */
extern const struct peer_primitive openssl_primitives[], mbedtls_primitives[];

#endif
