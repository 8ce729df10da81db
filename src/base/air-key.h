/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define AIR_CRYPTO_ERROR (air_crypto_error_quark ())

typedef enum {
  AIR_CRYPTO_ERROR_BAD_KEY,
  AIR_CRYPTO_ERROR_BAD_SIGNATURE,
  AIR_CRYPTO_ERROR_BAD_CERTIFICATE,
  AIR_CRYPTO_ERROR_UNSUPPORTED,
  AIR_CRYPTO_ERROR_FAILED,
} AirCryptoError;

GQuark air_crypto_error_quark (void);

typedef enum { AIR_KEY_ED25519, AIR_KEY_ECDSA_P256, AIR_KEY_ECDSA_P384 } AirKeyType;

/* Both immutable and reference counted. */
typedef struct _AirPrivateKey AirPrivateKey;
typedef struct _AirPublicKey  AirPublicKey;

const char    *air_key_type_to_string        (AirKeyType      type); /* "ed25519", "p256", "p384" */
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
char          *air_private_key_to_pem        (AirPrivateKey  *self); /* PKCS#8, unencrypted; NULL when a token keeps it */
AirPublicKey  *air_private_key_get_public    (AirPrivateKey  *self); /* borrowed */
/* Ed25519 over the message, or ECDSA (P-256 with SHA-256, P-384 with SHA-384) as ASN.1 DER. */
GBytes        *air_private_key_sign          (AirPrivateKey  *self,
                                              const void     *message,
                                              gsize           length,
                                              GError        **error);
AirPrivateKey *air_private_key_ref           (AirPrivateKey  *self);
void           air_private_key_unref         (AirPrivateKey  *self);

AirPublicKey  *air_public_key_from_pem       (const char     *pem,
                                              GError        **error); /* SPKI or a certificate */
AirPublicKey  *air_public_key_new_ed25519    (const guint8    raw[32],
                                              GError        **error);
char          *air_public_key_to_pem         (AirPublicKey   *self);  /* SPKI */
GBytes        *air_public_key_get_spki       (AirPublicKey   *self);  /* DER, borrowed */
const guint8  *air_public_key_get_ed25519    (AirPublicKey   *self);  /* 32 bytes, or NULL */
AirKeyType     air_public_key_get_key_type   (AirPublicKey   *self);
const char    *air_public_key_get_id         (AirPublicKey   *self);  /* hex SHA-256 of the SPKI */
/* Ed25519: strict RFC 8032 (S < L, no small-order or non-canonical key). */
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
