/* OpenSSL's primitives. The old low-level calls where they exist: they are the arithmetic without
 * the search for a provider, which would be most of a short call. */
#define OPENSSL_API_COMPAT 0x10101000L
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <string.h>

#include "peers.h"

static int sha256_block(struct job *j) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Transform(&state, j->in[0].at);
    memcpy(j->out, state.h, 32);
    return 1;
}

static int sha256(struct job *j) {
    SHA256_CTX state;
    return SHA256_Init(&state) && SHA256_Update(&state, j->in[0].at, j->in[0].size) &&
           SHA256_Final(j->out, &state);
}

static int sha384(struct job *j) {
    SHA512_CTX state;
    return SHA384_Init(&state) && SHA384_Update(&state, j->in[0].at, j->in[0].size) &&
           SHA384_Final(j->out, &state);
}

static int hmac(struct job *j) {
    unsigned size;
    HMAC_CTX *state = HMAC_CTX_new();
    const int good = HMAC_Init_ex(state, j->in[0].at, (int)j->in[0].size, EVP_sha256(), NULL) &&
                     HMAC_Update(state, j->in[1].at, j->in[1].size) &&
                     HMAC_Final(state, j->out, &size);
    HMAC_CTX_free(state);
    return good;
}

static int hkdf(struct job *j) {
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *state = EVP_KDF_CTX_new(kdf);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, j->in[0].at, j->in[0].size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, j->in[1].at, j->in[1].size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, j->in[2].at, j->in[2].size),
        OSSL_PARAM_construct_end(),
    };
    const int good = EVP_KDF_derive(state, j->out, j->out_size, parameters) > 0;
    EVP_KDF_CTX_free(state);
    EVP_KDF_free(kdf);
    return good;
}

static int seal(struct job *j, const EVP_CIPHER *cipher) {
    const int n = (int)j->in[3].size;
    int done;
    EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
    const int good = EVP_EncryptInit_ex(state, cipher, NULL, j->in[0].at, j->in[1].at) &&
                     EVP_EncryptUpdate(state, NULL, &done, j->in[2].at, (int)j->in[2].size) &&
                     EVP_EncryptUpdate(state, j->out, &done, j->in[3].at, n) &&
                     EVP_EncryptFinal_ex(state, j->out + done, &done) &&
                     EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_AEAD_GET_TAG, 16, j->out + n);
    EVP_CIPHER_CTX_free(state);
    return good;
}

static int aes128gcm(struct job *j) {
    return seal(j, EVP_aes_128_gcm());
}

static int chachapoly(struct job *j) {
    return seal(j, EVP_chacha20_poly1305());
}

static int x25519_keypair(struct job *j) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, j->in[0].at, 32);
    const int good = EVP_PKEY_get_raw_public_key(key, j->out, &j->out_size) > 0;
    EVP_PKEY_free(key);
    return good;
}

/* Making a private key computes its public key as well, so it is made in the first call only. */
static int x25519_shared(struct job *j) {
    static EVP_PKEY *key;
    if (key == NULL) key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, j->in[0].at, 32);
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, j->in[1].at, 32);
    EVP_PKEY_CTX *state = EVP_PKEY_CTX_new(key, NULL);
    const int good = EVP_PKEY_derive_init(state) > 0 && EVP_PKEY_derive_set_peer(state, peer) > 0 &&
                     EVP_PKEY_derive(state, j->out, &j->out_size) > 0;
    EVP_PKEY_CTX_free(state);
    EVP_PKEY_free(peer);
    return good;
}

/* The peer's point times the scalar, or the base point where there is no peer. */
static int multiply(struct job *j, const struct bytes *peer, point_conversion_form_t form) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *scalar = BN_bin2bn(j->in[0].at, 32, NULL);
    uint8_t encoded[65];
    BN_set_flags(scalar, BN_FLG_CONSTTIME);
    int good = 1;
    if (peer == NULL)
        good = EC_POINT_mul(group, point, scalar, NULL, NULL, NULL);
    else
        good = EC_POINT_oct2point(group, point, peer->at, peer->size, NULL) &&
               EC_POINT_mul(group, point, NULL, point, scalar, NULL);
    const size_t size = EC_POINT_point2oct(group, point, form, encoded, sizeof encoded, NULL);
    memcpy(j->out, encoded + (size > j->out_size ? 1 : 0), j->out_size);
    BN_clear_free(scalar);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return good;
}

static int p256_keypair(struct job *j) {
    return multiply(j, NULL, POINT_CONVERSION_UNCOMPRESSED);
}

static int p256_shared(struct job *j) {
    return multiply(j, &j->in[1], POINT_CONVERSION_COMPRESSED);
}

static int ecdsa_verify(struct job *j, int curve) {
    const struct bytes *digest = &j->in[1], *rs = &j->in[2];
    const int half = (int)rs->size / 2;
    EC_KEY *key = EC_KEY_new_by_curve_name(curve);
    ECDSA_SIG *signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(rs->at, half, NULL), BN_bin2bn(rs->at + half, half, NULL));
    const int good = EC_KEY_oct2key(key, j->in[0].at, j->in[0].size, NULL) &&
                     ECDSA_do_verify(digest->at, (int)digest->size, signature, key) == 1;
    ECDSA_SIG_free(signature);
    EC_KEY_free(key);
    return good;
}

static int ecdsa_p256_verify(struct job *j) {
    return ecdsa_verify(j, NID_X9_62_prime256v1);
}

static int ecdsa_p384_verify(struct job *j) {
    return ecdsa_verify(j, NID_secp384r1);
}

static RSA *rsa_key(const struct job *j) {
    RSA *key = RSA_new();
    RSA_set0_key(key, BN_bin2bn(j->in[2].at, (int)j->in[2].size, NULL),
                 BN_bin2bn(j->in[3].at, (int)j->in[3].size, NULL), NULL);
    return key;
}

static int rsa_pkcs1(struct job *j) {
    RSA *key = rsa_key(j);
    const struct bytes *digest = &j->in[0], *signature = &j->in[1];
    const int good = RSA_verify(NID_sha256, digest->at, (unsigned)digest->size, signature->at,
                                (unsigned)signature->size, key);
    RSA_free(key);
    return good;
}

static int rsa_pss(struct job *j) {
    uint8_t encoded[256];
    RSA *key = rsa_key(j);
    const int good =
        RSA_public_decrypt((int)j->in[1].size, j->in[1].at, encoded, key, RSA_NO_PADDING) > 0 &&
        RSA_verify_PKCS1_PSS(key, j->in[0].at, EVP_sha256(), encoded, RSA_PSS_SALTLEN_AUTO) == 1;
    RSA_free(key);
    return good;
}

const struct peer_primitive openssl_primitives[] = {
    {"sha256-block", sha256_block},
    {"sha256-1k", sha256},
    {"sha384-1k", sha384},
    {"hmac-sha256", hmac},
    {"hkdf-sha256", hkdf},
    {"aes128gcm-1k", aes128gcm},
    {"aes128gcm-16k", aes128gcm},
    {"chachapoly-1k", chachapoly},
    {"chachapoly-16k", chachapoly},
    {"x25519-keypair", x25519_keypair},
    {"x25519-shared", x25519_shared},
    {"p256-keypair", p256_keypair},
    {"p256-shared", p256_shared},
    {"ecdsa-p256-verify", ecdsa_p256_verify},
    {"ecdsa-p384-verify", ecdsa_p384_verify},
    {"rsa2048-pkcs1-verify", rsa_pkcs1},
    {"rsa2048-pss-verify", rsa_pss},
    {NULL, NULL},
};
