/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define AIR_CRYPTO_ERROR (air_crypto_error_quark ())

/**
 * AirCryptoError:
 * @AIR_CRYPTO_ERROR_BAD_KEY: these bytes are no key
 * @AIR_CRYPTO_ERROR_BAD_SIGNATURE: the signature does not hold
 * @AIR_CRYPTO_ERROR_BAD_CERTIFICATE: this is no certificate, or one that says what it may not
 * @AIR_CRYPTO_ERROR_UNSUPPORTED: a key, but of a kind that is not used here
 * @AIR_CRYPTO_ERROR_FAILED: GnuTLS or the token could not do it
 */
typedef enum {
  AIR_CRYPTO_ERROR_BAD_KEY,
  AIR_CRYPTO_ERROR_BAD_SIGNATURE,
  AIR_CRYPTO_ERROR_BAD_CERTIFICATE,
  AIR_CRYPTO_ERROR_UNSUPPORTED,
  AIR_CRYPTO_ERROR_FAILED,
} AirCryptoError;

GQuark air_crypto_error_quark (void);

/**
 * AirKeyType:
 * @AIR_KEY_ED25519: Ed25519 (RFC 8032)
 * @AIR_KEY_ECDSA_P256: ECDSA over P-256 with SHA-256
 * @AIR_KEY_ECDSA_P384: ECDSA over P-384 with SHA-384
 *
 * The kinds of keys that sign; no others are read.
 */
typedef enum { AIR_KEY_ED25519, AIR_KEY_ECDSA_P256, AIR_KEY_ECDSA_P384 } AirKeyType;

/**
 * AirPrivateKey:
 *
 * A key that signs, in memory or in a token. Immutable and reference counted.
 */
typedef struct _AirPrivateKey AirPrivateKey;

/**
 * AirPublicKey:
 *
 * A key that verifies, with its id made once. Immutable and reference counted.
 */
typedef struct _AirPublicKey  AirPublicKey;

const char    *air_key_type_to_string        (AirKeyType      type);
gboolean       air_key_type_from_string      (const char     *text,
                                              AirKeyType     *ret_type);

AirPrivateKey *air_private_key_generate      (AirKeyType      type,
                                              GError        **error);
AirPrivateKey *air_private_key_new_ed25519   (const guint8    seed[32],
                                              GError        **error);
AirPrivateKey *air_private_key_from_pem      (const char     *pem,
                                              GError        **error);
AirPrivateKey *air_private_key_load          (const char     *path,
                                              GError        **error);
char          *air_private_key_to_pem        (AirPrivateKey  *self);
AirPublicKey  *air_private_key_get_public    (AirPrivateKey  *self);
GBytes        *air_private_key_sign          (AirPrivateKey  *self,
                                              const void     *message,
                                              gsize           length,
                                              GError        **error);
AirPrivateKey *air_private_key_ref           (AirPrivateKey  *self);
void           air_private_key_unref         (AirPrivateKey  *self);

AirPublicKey  *air_public_key_from_pem       (const char     *pem,
                                              GError        **error);
AirPublicKey  *air_public_key_new_ed25519    (const guint8    raw[32],
                                              GError        **error);
char          *air_public_key_to_pem         (AirPublicKey   *self);
GBytes        *air_public_key_get_spki       (AirPublicKey   *self);
const guint8  *air_public_key_get_ed25519    (AirPublicKey   *self);
AirKeyType     air_public_key_get_key_type   (AirPublicKey   *self);
const char    *air_public_key_get_id         (AirPublicKey   *self);
gboolean       air_public_key_verify         (AirPublicKey   *self,
                                              const void     *message,
                                              gsize           length,
                                              const void     *signature,
                                              gsize           signature_length,
                                              GError        **error);
AirPublicKey  *air_public_key_ref            (AirPublicKey   *self);
void           air_public_key_unref          (AirPublicKey   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPrivateKey, air_private_key_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPublicKey, air_public_key_unref)

G_END_DECLS
