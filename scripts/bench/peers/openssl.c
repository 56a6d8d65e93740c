/* OpenSSL's primitives. The old low-level calls where they exist: they are the arithmetic without
 * the search for a provider, which would be most of a short call. */
#define OPENSSL_API_COMPAT 0x10101000L
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <string.h>

#include "peers.h"

enum { RECORD_MAX = 1 << 15 };

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

static int sha512(struct job *j) {
    SHA512_CTX state;
    return SHA512_Init(&state) && SHA512_Update(&state, j->in[0].at, j->in[0].size) &&
           SHA512_Final(j->out, &state);
}

static int sha3_256(struct job *j) {
    return EVP_Digest(j->in[0].at, j->in[0].size, j->out, NULL, EVP_sha3_256(), NULL);
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

/* Of a record of AES-128-CBC and HMAC-SHA-256, encrypt-then-MAC: over the header, the length and n
 * bytes of IV and ciphertext. in[]: the keys of the cipher and of the MAC, header, record. */
static int cbc_mac(const struct job *j, const uint8_t *record, size_t n, uint8_t *mac) {
    const uint8_t length[2] = {(uint8_t)(n >> 8), (uint8_t)n};
    unsigned size;
    HMAC_CTX *state = HMAC_CTX_new();
    const int good = HMAC_Init_ex(state, j->in[1].at, (int)j->in[1].size, EVP_sha256(), NULL) &&
                     HMAC_Update(state, j->in[2].at, j->in[2].size) &&
                     HMAC_Update(state, length, sizeof length) && HMAC_Update(state, record, n) &&
                     HMAC_Final(state, mac, &size);
    HMAC_CTX_free(state);
    return good;
}

/* n bytes behind the IV, in one direction. */
static int cbc_cipher(const struct job *j, const uint8_t *record, uint8_t *out, int n,
                      int encrypts) {
    int done;
    EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
    const int good =
        EVP_CipherInit_ex(state, EVP_aes_128_cbc(), NULL, j->in[0].at, record, encrypts) &&
        EVP_CIPHER_CTX_set_padding(state, 0) &&
        EVP_CipherUpdate(state, out, &done, record + 16, n) && done == n;
    EVP_CIPHER_CTX_free(state);
    return good;
}

static int cbc_seal(struct job *j) {
    const struct bytes *plain = &j->in[3];
    const size_t padding = 16 - plain->size % 16, n = plain->size + padding;
    memcpy(j->out, plain->at, plain->size);
    memset(j->out + plain->size, (int)padding - 1, padding);
    return cbc_cipher(j, j->out, j->out + 16, (int)n - 16, 1) && cbc_mac(j, j->out, n, j->out + n);
}

/* The output ends where the text does: the padding is decrypted elsewhere. */
static int cbc_open(struct job *j) {
    static uint8_t text[RECORD_MAX];
    const struct bytes *sealed = &j->in[3];
    const size_t n = sealed->size - 32;
    uint8_t mac[32];
    if (n - 16 > sizeof text || !cbc_mac(j, sealed->at, n, mac)) return 0;
    if (CRYPTO_memcmp(mac, sealed->at + n, 32) != 0) return 0;
    if (!cbc_cipher(j, sealed->at, text, (int)n - 16, 0) || text[n - 17] != 15) return 0;
    memcpy(j->out, sealed->at, 16);
    memcpy(j->out + 16, text, j->out_size - 16);
    return 1;
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
static int multiply(struct job *j, int curve, const struct bytes *peer,
                    point_conversion_form_t form) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *scalar = BN_bin2bn(j->in[0].at, (int)j->in[0].size, NULL);
    uint8_t encoded[97];
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
    return multiply(j, NID_X9_62_prime256v1, NULL, POINT_CONVERSION_UNCOMPRESSED);
}

static int p256_shared(struct job *j) {
    return multiply(j, NID_X9_62_prime256v1, &j->in[1], POINT_CONVERSION_COMPRESSED);
}

static int p384_keypair(struct job *j) {
    return multiply(j, NID_secp384r1, NULL, POINT_CONVERSION_UNCOMPRESSED);
}

static int p384_shared(struct job *j) {
    return multiply(j, NID_secp384r1, &j->in[1], POINT_CONVERSION_COMPRESSED);
}

/* The nonce is random. */
static int ecdsa_sign(struct job *j, int curve) {
    const int half = (int)j->out_size / 2;
    EC_KEY *key = EC_KEY_new_by_curve_name(curve);
    BIGNUM *d = BN_bin2bn(j->in[0].at, (int)j->in[0].size, NULL);
    EC_KEY_set_private_key(key, d);
    ECDSA_SIG *signature = ECDSA_do_sign(j->in[1].at, (int)j->in[1].size, key);
    const int good = signature != NULL &&
                     BN_bn2binpad(ECDSA_SIG_get0_r(signature), j->out, half) == half &&
                     BN_bn2binpad(ECDSA_SIG_get0_s(signature), j->out + half, half) == half;
    ECDSA_SIG_free(signature);
    BN_clear_free(d);
    EC_KEY_free(key);
    return good;
}

static int ecdsa_p256_sign(struct job *j) {
    return ecdsa_sign(j, NID_X9_62_prime256v1);
}

static int ecdsa_p384_sign(struct job *j) {
    return ecdsa_sign(j, NID_secp384r1);
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

static int ed25519_sign(struct job *j) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, j->in[0].at, 32);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    const int good = EVP_DigestSignInit(state, NULL, NULL, NULL, key) > 0 &&
                     EVP_DigestSign(state, j->out, &j->out_size, j->in[1].at, j->in[1].size) > 0;
    EVP_MD_CTX_free(state);
    EVP_PKEY_free(key);
    return good;
}

static int ed25519_verify(struct job *j) {
    const struct bytes *message = &j->in[1], *signature = &j->in[2];
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, j->in[0].at, 32);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    const int good =
        EVP_DigestVerifyInit(state, NULL, NULL, NULL, key) > 0 &&
        EVP_DigestVerify(state, signature->at, signature->size, message->at, message->size) > 0;
    EVP_MD_CTX_free(state);
    EVP_PKEY_free(key);
    return good;
}

static int ecdsa_p521_verify(struct job *j) {
    return ecdsa_verify(j, NID_secp521r1);
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

static int rsa_sign(struct job *j) {
    struct bytes part[RSA_PARTS];
    BIGNUM *number[RSA_PARTS];
    unsigned size;
    split_rsa_key(j, part);
    for (int i = 0; i < RSA_PARTS; i++)
        number[i] = BN_bin2bn(part[i].at, (int)part[i].size, NULL);
    RSA *key = RSA_new();
    RSA_set0_key(key, number[0], number[1], number[2]);
    RSA_set0_factors(key, number[3], number[4]);
    RSA_set0_crt_params(key, number[5], number[6], number[7]);
    const int good =
        RSA_sign(NID_sha256, j->in[2].at, (unsigned)j->in[2].size, j->out, &size, key) == 1;
    RSA_free(key);
    return good;
}

const struct peer_primitive openssl_primitives[] = {
    {"sha256-byte", sha256_block},
    {"sha256-1k", sha256},
    {"sha512-1k", sha512},
    {"sha3-256-1k", sha3_256},
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
    {"ed25519-sign", ed25519_sign},
    {"ed25519-verify", ed25519_verify},
    {"ecdsa-p521-verify", ecdsa_p521_verify},
    {"rsa2048-sign", rsa_sign},
    {"rsa2048-pkcs1-verify", rsa_pkcs1},
    {"rsa3072-pkcs1-verify", rsa_pkcs1},
    {"rsa4096-pkcs1-verify", rsa_pkcs1},
    {"rsa2048-pss-verify", rsa_pss},
    {NULL, NULL},
};
