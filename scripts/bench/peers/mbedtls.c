/* mbedTLS's primitives (2.28, as Debian has it): the calls that its own TLS makes. */
#include <mbedtls/aes.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <mbedtls/rsa.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>
#include <string.h>

#include "peers.h"

/* For the blinding of points; it decides no result. */
static int random_bytes(void *state, unsigned char *into, size_t n) {
    static uint32_t stream = 1;
    (void)state;
    for (size_t i = 0; i < n; i++) {
        stream = stream * 1664525u + 1013904223u;
        into[i] = (unsigned char)(stream >> 24);
    }
    return 0;
}

static int sha256_block(struct job *j) {
    mbedtls_sha256_context state;
    mbedtls_sha256_init(&state);
    mbedtls_sha256_starts_ret(&state, 0);
    mbedtls_internal_sha256_process(&state, j->in[0].at);
    memcpy(j->out, state.state, 32);
    return 1;
}

static int sha256(struct job *j) {
    return mbedtls_sha256_ret(j->in[0].at, j->in[0].size, j->out, 0) == 0;
}

static int sha512(struct job *j) {
    return mbedtls_sha512_ret(j->in[0].at, j->in[0].size, j->out, 0) == 0;
}

static int hmac(struct job *j) {
    const mbedtls_md_info_t *hash = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    return mbedtls_md_hmac(hash, j->in[0].at, j->in[0].size, j->in[1].at, j->in[1].size, j->out) ==
           0;
}

static int hkdf(struct job *j) {
    const mbedtls_md_info_t *hash = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    return mbedtls_hkdf(hash, j->in[1].at, j->in[1].size, j->in[0].at, j->in[0].size, j->in[2].at,
                        j->in[2].size, j->out, j->out_size) == 0;
}

static int aes128gcm(struct job *j) {
    const size_t n = j->in[3].size;
    mbedtls_gcm_context state;
    mbedtls_gcm_init(&state);
    const int good = mbedtls_gcm_setkey(&state, MBEDTLS_CIPHER_ID_AES, j->in[0].at, 128) == 0 &&
                     mbedtls_gcm_crypt_and_tag(&state, MBEDTLS_GCM_ENCRYPT, n, j->in[1].at,
                                               j->in[1].size, j->in[2].at, j->in[2].size,
                                               j->in[3].at, j->out, 16, j->out + n) == 0;
    mbedtls_gcm_free(&state);
    return good;
}

static int chachapoly(struct job *j) {
    const size_t n = j->in[3].size;
    mbedtls_chachapoly_context state;
    mbedtls_chachapoly_init(&state);
    const int good =
        mbedtls_chachapoly_setkey(&state, j->in[0].at) == 0 &&
        mbedtls_chachapoly_encrypt_and_tag(&state, n, j->in[1].at, j->in[2].at, j->in[2].size,
                                           j->in[3].at, j->out, j->out + n) == 0;
    mbedtls_chachapoly_free(&state);
    return good;
}

/* Of a record of AES-128-CBC and HMAC-SHA-256, encrypt-then-MAC: over the header, the length and n
 * bytes of IV and ciphertext. in[]: the keys of the cipher and of the MAC, header, record. */
static int cbc_mac(const struct job *j, const uint8_t *record, size_t n, uint8_t *mac) {
    const uint8_t length[2] = {(uint8_t)(n >> 8), (uint8_t)n};
    mbedtls_md_context_t state;
    mbedtls_md_init(&state);
    const int good =
        mbedtls_md_setup(&state, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1) == 0 &&
        mbedtls_md_hmac_starts(&state, j->in[1].at, j->in[1].size) == 0 &&
        mbedtls_md_hmac_update(&state, j->in[2].at, j->in[2].size) == 0 &&
        mbedtls_md_hmac_update(&state, length, sizeof length) == 0 &&
        mbedtls_md_hmac_update(&state, record, n) == 0 && mbedtls_md_hmac_finish(&state, mac) == 0;
    mbedtls_md_free(&state);
    return good;
}

static int cbc_seal(struct job *j) {
    const struct bytes *plain = &j->in[3];
    const size_t padding = 16 - plain->size % 16, n = plain->size + padding;
    uint8_t iv[16];
    mbedtls_aes_context state;
    memcpy(iv, plain->at, sizeof iv);
    memcpy(j->out, plain->at, plain->size);
    memset(j->out + plain->size, (int)padding - 1, padding);
    mbedtls_aes_init(&state);
    const int good = mbedtls_aes_setkey_enc(&state, j->in[0].at, 128) == 0 &&
                     mbedtls_aes_crypt_cbc(&state, MBEDTLS_AES_ENCRYPT, n - 16, iv, j->out + 16,
                                           j->out + 16) == 0 &&
                     cbc_mac(j, j->out, n, j->out + n);
    mbedtls_aes_free(&state);
    return good;
}

/* The output ends where the text does: the padding is decrypted apart. */
static int cbc_open(struct job *j) {
    const struct bytes *sealed = &j->in[3];
    const size_t n = sealed->size - 32, text = j->out_size - 16;
    uint8_t iv[16], mac[32], padding[16];
    mbedtls_aes_context state;
    memcpy(iv, sealed->at, sizeof iv);
    memcpy(j->out, sealed->at, sizeof iv);
    mbedtls_aes_init(&state);
    const int good = cbc_mac(j, sealed->at, n, mac) && memcmp(mac, sealed->at + n, 32) == 0 &&
                     mbedtls_aes_setkey_dec(&state, j->in[0].at, 128) == 0 &&
                     mbedtls_aes_crypt_cbc(&state, MBEDTLS_AES_DECRYPT, text, iv, sealed->at + 16,
                                           j->out + 16) == 0 &&
                     mbedtls_aes_crypt_cbc(&state, MBEDTLS_AES_DECRYPT, 16, iv,
                                           sealed->at + 16 + text, padding) == 0;
    mbedtls_aes_free(&state);
    return good && padding[15] == 15;
}

/* X25519's scalar as mbedTLS wants it: clamped already (RFC 7748, 5). */
static void clamp(struct bytes *scalar) {
    scalar->at[0] &= 248;
    scalar->at[31] = (uint8_t)((scalar->at[31] & 127) | 64);
}

/* The peer's point times the scalar, or the base point where there is no peer. */
static int multiply(struct job *j, mbedtls_ecp_group_id curve, const struct bytes *peer,
                    int whole) {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi scalar;
    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&point);
    mbedtls_mpi_init(&scalar);
    const int montgomery = curve == MBEDTLS_ECP_DP_CURVE25519;
    int good = mbedtls_ecp_group_load(&group, curve) == 0;
    good = good && (montgomery ? mbedtls_mpi_read_binary_le(&scalar, j->in[0].at, 32)
                               : mbedtls_mpi_read_binary(&scalar, j->in[0].at, j->in[0].size)) == 0;
    if (good && peer != NULL)
        good = mbedtls_ecp_point_read_binary(&group, &point, peer->at, peer->size) == 0 &&
               mbedtls_ecp_check_pubkey(&group, &point) == 0;
    good = good && mbedtls_ecp_mul(&group, &point, &scalar, peer == NULL ? &group.G : &point,
                                   random_bytes, NULL) == 0;
    size_t size = 0;
    if (whole)
        good = good && mbedtls_ecp_point_write_binary(&group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED,
                                                      &size, j->out, j->out_size) == 0;
    else
        good = good && mbedtls_mpi_write_binary(&point.X, j->out, j->out_size) == 0;
    mbedtls_mpi_free(&scalar);
    mbedtls_ecp_point_free(&point);
    mbedtls_ecp_group_free(&group);
    return good;
}

static int x25519_keypair(struct job *j) {
    clamp(&j->in[0]);
    return multiply(j, MBEDTLS_ECP_DP_CURVE25519, NULL, 1);
}

static int x25519_shared(struct job *j) {
    clamp(&j->in[0]);
    if (!multiply(j, MBEDTLS_ECP_DP_CURVE25519, &j->in[1], 0)) return 0;
    for (int i = 0; i < 16; i++) { /* big-endian here */
        const uint8_t byte = j->out[i];
        j->out[i] = j->out[31 - i];
        j->out[31 - i] = byte;
    }
    return 1;
}

static int p256_keypair(struct job *j) {
    return multiply(j, MBEDTLS_ECP_DP_SECP256R1, NULL, 1);
}

static int p256_shared(struct job *j) {
    return multiply(j, MBEDTLS_ECP_DP_SECP256R1, &j->in[1], 0);
}

static int p384_keypair(struct job *j) {
    return multiply(j, MBEDTLS_ECP_DP_SECP384R1, NULL, 1);
}

static int p384_shared(struct job *j) {
    return multiply(j, MBEDTLS_ECP_DP_SECP384R1, &j->in[1], 0);
}

/* With the nonce of RFC 6979. */
static int ecdsa_sign(struct job *j, mbedtls_ecp_group_id curve, mbedtls_md_type_t hash) {
    const size_t half = j->out_size / 2;
    mbedtls_ecp_group group;
    mbedtls_mpi d, r, s;
    mbedtls_ecp_group_init(&group);
    mbedtls_mpi_init(&d);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    const int good = mbedtls_ecp_group_load(&group, curve) == 0 &&
                     mbedtls_mpi_read_binary(&d, j->in[0].at, j->in[0].size) == 0 &&
                     mbedtls_ecdsa_sign_det_ext(&group, &r, &s, &d, j->in[1].at, j->in[1].size,
                                                hash, random_bytes, NULL) == 0 &&
                     mbedtls_mpi_write_binary(&r, j->out, half) == 0 &&
                     mbedtls_mpi_write_binary(&s, j->out + half, half) == 0;
    mbedtls_mpi_free(&s);
    mbedtls_mpi_free(&r);
    mbedtls_mpi_free(&d);
    mbedtls_ecp_group_free(&group);
    return good;
}

static int ecdsa_p256_sign(struct job *j) {
    return ecdsa_sign(j, MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_MD_SHA256);
}

static int ecdsa_p384_sign(struct job *j) {
    return ecdsa_sign(j, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_MD_SHA384);
}

static int ecdsa_verify(struct job *j, mbedtls_ecp_group_id curve) {
    const struct bytes *digest = &j->in[1], *rs = &j->in[2];
    const size_t half = rs->size / 2;
    mbedtls_ecp_group group;
    mbedtls_ecp_point key;
    mbedtls_mpi r, s;
    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&key);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    const int good = mbedtls_ecp_group_load(&group, curve) == 0 &&
                     mbedtls_ecp_point_read_binary(&group, &key, j->in[0].at, j->in[0].size) == 0 &&
                     mbedtls_ecp_check_pubkey(&group, &key) == 0 &&
                     mbedtls_mpi_read_binary(&r, rs->at, half) == 0 &&
                     mbedtls_mpi_read_binary(&s, rs->at + half, half) == 0 &&
                     mbedtls_ecdsa_verify(&group, digest->at, digest->size, &key, &r, &s) == 0;
    mbedtls_mpi_free(&s);
    mbedtls_mpi_free(&r);
    mbedtls_ecp_point_free(&key);
    mbedtls_ecp_group_free(&group);
    return good;
}

static int ecdsa_p256_verify(struct job *j) {
    return ecdsa_verify(j, MBEDTLS_ECP_DP_SECP256R1);
}

static int ecdsa_p384_verify(struct job *j) {
    return ecdsa_verify(j, MBEDTLS_ECP_DP_SECP384R1);
}

static int ecdsa_p521_verify(struct job *j) {
    return ecdsa_verify(j, MBEDTLS_ECP_DP_SECP521R1);
}

static int rsa_verify(struct job *j, int padding) {
    const struct bytes *n = &j->in[2], *e = &j->in[3];
    mbedtls_rsa_context key;
    mbedtls_rsa_init(&key, padding, MBEDTLS_MD_SHA256);
    const int good =
        mbedtls_rsa_import_raw(&key, n->at, n->size, NULL, 0, NULL, 0, NULL, 0, e->at, e->size) ==
            0 &&
        mbedtls_rsa_complete(&key) == 0 &&
        mbedtls_rsa_pkcs1_verify(&key, NULL, NULL, MBEDTLS_RSA_PUBLIC, MBEDTLS_MD_SHA256,
                                 (unsigned)j->in[0].size, j->in[0].at, j->in[1].at) == 0;
    mbedtls_rsa_free(&key);
    return good;
}

static int rsa_pkcs1(struct job *j) {
    return rsa_verify(j, MBEDTLS_RSA_PKCS_V15);
}

static int rsa_pss(struct job *j) {
    return rsa_verify(j, MBEDTLS_RSA_PKCS_V21);
}

/* n, e, d, p, q and three more stand in in[0], their lengths in in[1]. */
static int rsa_sign(struct job *j) {
    struct bytes part[RSA_PARTS];
    mbedtls_rsa_context key;
    split_rsa_key(j, part);
    mbedtls_rsa_init(&key, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_SHA256);
    const int good =
        mbedtls_rsa_import_raw(&key, part[0].at, part[0].size, part[3].at, part[3].size, part[4].at,
                               part[4].size, part[2].at, part[2].size, part[1].at,
                               part[1].size) == 0 &&
        mbedtls_rsa_complete(&key) == 0 &&
        mbedtls_rsa_pkcs1_sign(&key, random_bytes, NULL, MBEDTLS_RSA_PRIVATE, MBEDTLS_MD_SHA256,
                               (unsigned)j->in[2].size, j->in[2].at, j->out) == 0;
    mbedtls_rsa_free(&key);
    return good;
}

const struct peer_primitive mbedtls_primitives[] = {
    {"sha256-byte", sha256_block},
    {"sha256-1k", sha256},
    {"sha512-1k", sha512},
    {"hmac-sha256", hmac},
    {"hkdf-sha256", hkdf},
    {"aes128gcm-1k", aes128gcm},
    {"aes128gcm-16k", aes128gcm},
    {"chachapoly-1k", chachapoly},
    {"chachapoly-16k", chachapoly},
    {"aes128cbc-sha256-16k", cbc_seal},
    {"aes128cbc-sha256-16k-open", cbc_open},
    {"x25519-keypair", x25519_keypair},
    {"x25519-shared", x25519_shared},
    {"p256-keypair", p256_keypair},
    {"p256-shared", p256_shared},
    {"p384-keypair", p384_keypair},
    {"p384-shared", p384_shared},
    {"ecdsa-p256-sign", ecdsa_p256_sign},
    {"ecdsa-p384-sign", ecdsa_p384_sign},
    {"ecdsa-p256-verify", ecdsa_p256_verify},
    {"ecdsa-p384-verify", ecdsa_p384_verify},
    {"ecdsa-p521-verify", ecdsa_p521_verify},
    {"rsa2048-sign", rsa_sign},
    {"rsa2048-pkcs1-verify", rsa_pkcs1},
    {"rsa3072-pkcs1-verify", rsa_pkcs1},
    {"rsa4096-pkcs1-verify", rsa_pkcs1},
    {"rsa2048-pss-verify", rsa_pss},
    {NULL, NULL},
};
