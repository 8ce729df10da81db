/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "air-file.h"
#include "air-hash.h"
#include "air-key-private.h"

#define ED25519_SIZE      32
#define ED25519_SPKI_SIZE 44

struct _AirPublicKey {
  gatomicrefcount ref_count;
  AirKeyType type;
  gnutls_pubkey_t key;
  GBytes *spki;
  char *id;
};

struct _AirPrivateKey {
  gatomicrefcount ref_count;
  gnutls_privkey_t key;
  gnutls_x509_privkey_t x509; /* NULL when a token keeps it */
  AirPublicKey *public_key;
};

G_DEFINE_QUARK (air-crypto-error-quark, air_crypto_error)

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_privkey_t, gnutls_privkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_privkey_t, gnutls_x509_privkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)

/* --- types ---------------------------------------------------------------------- */

static const struct {
  const char *name;
  gnutls_pk_algorithm_t algorithm;
  gnutls_ecc_curve_t curve;
  gnutls_sign_algorithm_t sign;
} types[] = {
  [AIR_KEY_ED25519] = { "ed25519", GNUTLS_PK_EDDSA_ED25519, GNUTLS_ECC_CURVE_ED25519, GNUTLS_SIGN_EDDSA_ED25519 },
  [AIR_KEY_ECDSA_P256] = { "p256", GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_SIGN_ECDSA_SHA256 },
  [AIR_KEY_ECDSA_P384] = { "p384", GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP384R1, GNUTLS_SIGN_ECDSA_SHA384 },
};

/**
 * air_key_type_to_string:
 * @type: a kind of key
 *
 * Returns: (transfer none): "ed25519", "p256" or "p384"; static
 */
const char *
air_key_type_to_string (AirKeyType type)
{
  return types[type].name;
}

/**
 * air_key_type_from_string:
 * @text: (nullable): what air_key_type_to_string() gives
 * @ret_type: (out): the kind
 *
 * Returns: %FALSE, and @ret_type untouched, when no kind is called that
 */
gboolean
air_key_type_from_string (const char *text, AirKeyType *ret_type)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (types[i].name, text) == 0)
      {
        *ret_type = i;
        return TRUE;
      }
  return FALSE;
}

/* --- Ed25519, strictly ------------------------------------------------------- */

/* Little-endian comparison of two 32-byte numbers. */
static int
compare_le (const guint8 *a, const guint8 *b)
{
  for (int i = ED25519_SIZE - 1; i >= 0; i--)
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  return 0;
}

/* Small-order points and y-coordinates past the field make signatures that hold for
 * other messages or in one library only; the list has every y of order 1, 2, 4 and 8. */
static gboolean
ed25519_key_is_sound (const guint8 raw[ED25519_SIZE])
{
  static const guint8 field[ED25519_SIZE] = {
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
  };
  static const guint8 small[][ED25519_SIZE] = {
    { 0 },
    { 1 },
    { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
    { 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
      0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
    { 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
      0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
  };
  guint8 y[ED25519_SIZE];

  memcpy (y, raw, ED25519_SIZE);
  y[ED25519_SIZE - 1] &= 0x7f;
  if (compare_le (y, field) >= 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (small); i++)
    if (memcmp (y, small[i], ED25519_SIZE) == 0)
      return FALSE;
  return TRUE;
}

/* RFC 8032, 5.1.7: S below the group order, or one signature would have many forms. */
static gboolean
ed25519_signature_is_canonical (const guint8 *signature, gsize length)
{
  static const guint8 order[ED25519_SIZE] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
  };

  return length == 2 * ED25519_SIZE && compare_le (signature + ED25519_SIZE, order) < 0;
}

/* --- ECDSA, strictly ----------------------------------------------------------- */

/* X.690: positive, and in as few bytes as can be. */
static gboolean
take_integer (const guint8 **bytes, const guint8 *end)
{
  const guint8 *at = *bytes;
  gsize length;

  if (end - at < 3 || at[0] != 0x02 || at[1] == 0 || at[1] > end - at - 2)
    return FALSE;
  length = at[1];
  if ((at[2] & 0x80) != 0 || (length > 1 && at[2] == 0 && (at[3] & 0x80) == 0))
    return FALSE;
  *bytes = at + 2 + length;
  return TRUE;
}

/* SEQUENCE { r INTEGER, s INTEGER } in DER, and no byte besides. GnuTLS lets other forms pass (BER, a sign bit that
 * lacks its zero), and then one signature would have many. Both numbers of our curves fit the short form of lengths. */
static gboolean
ecdsa_signature_is_der (const guint8 *signature, gsize length)
{
  const guint8 *at = signature + 2, *end = signature + length;

  return length >= 8 && length < 2 + 0x80 && signature[0] == 0x30 && signature[1] == length - 2
         && take_integer (&at, end) && take_integer (&at, end) && at == end;
}

/* --- public keys -------------------------------------------------------------- */

/* Takes @key, also on failure. */
static AirPublicKey *
public_key_new (gnutls_pubkey_t key, GError **error)
{
  g_autoptr (AirPublicKey) self = g_new0 (AirPublicKey, 1);
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  gnutls_datum_t der = { NULL, 0 };
  unsigned int bits;
  AirDigest digest;
  int algorithm, r;
  guint type = 0;

  g_atomic_ref_count_init (&self->ref_count);
  self->key = key;
  algorithm = gnutls_pubkey_get_pk_algorithm (key, &bits);
  if (algorithm == GNUTLS_PK_EDDSA_ED25519)
    curve = GNUTLS_ECC_CURVE_ED25519;
  else if (algorithm == GNUTLS_PK_ECDSA)
    (void) gnutls_pubkey_export_ecc_raw2 (key, &curve, NULL, NULL, 0);
  while (type < G_N_ELEMENTS (types) && (types[type].algorithm != algorithm || types[type].curve != curve))
    type++;
  self->type = type;
  if (type == G_N_ELEMENTS (types))
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_UNSUPPORTED,
                   "a key of type %s%s%s; use Ed25519 or ECDSA P-256 or P-384 (airailsctl key generate)",
                   gnutls_pk_get_name (algorithm), curve != GNUTLS_ECC_CURVE_INVALID ? " " : "",
                   curve != GNUTLS_ECC_CURVE_INVALID ? gnutls_ecc_curve_get_name (curve) : "");
      return NULL;
    }

  r = gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &der);
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY, "a public key cannot be encoded: %s",
                   gnutls_strerror (r));
      return NULL;
    }
  self->spki = g_bytes_new (der.data, der.size);
  digest = air_sha256 (der.data, der.size);
  self->id = air_digest_to_hex (&digest);
  gnutls_free (der.data);

  if (self->type == AIR_KEY_ED25519
      && (g_bytes_get_size (self->spki) != ED25519_SPKI_SIZE
          || !ed25519_key_is_sound (air_public_key_get_ed25519 (self))))
    {
      g_set_error_literal (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY,
                           "an Ed25519 public key is of small order or not canonical; make a new key");
      return NULL;
    }
  return g_steal_pointer (&self);
}

static gboolean
import_pem (gnutls_pubkey_t key, const char *pem, GError **error)
{
  const gnutls_datum_t datum = { (unsigned char *) pem, strlen (pem) };
  int r;

  if (strstr (pem, "-----BEGIN CERTIFICATE-----") != NULL)
    {
      g_auto (gnutls_x509_crt_t) certificate = NULL;

      r = gnutls_x509_crt_init (&certificate);
      if (r >= 0)
        r = gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_PEM);
      if (r >= 0)
        r = gnutls_pubkey_import_x509 (key, certificate, 0);
    }
  else
    r = gnutls_pubkey_import (key, &datum, GNUTLS_X509_FMT_PEM);
  if (r < 0)
    g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY,
                 "no public key in this text (%s); give a PEM block \"PUBLIC KEY\" or \"CERTIFICATE\"",
                 gnutls_strerror (r));
  return r >= 0;
}

/**
 * air_public_key_from_pem:
 * @pem: a PEM block "PUBLIC KEY" or "CERTIFICATE"
 *
 * Returns: (transfer full): the key, or %NULL with %AIR_CRYPTO_ERROR_BAD_KEY or %AIR_CRYPTO_ERROR_UNSUPPORTED
 */
AirPublicKey *
air_public_key_from_pem (const char *pem, GError **error)
{
  g_auto (gnutls_pubkey_t) key = NULL;

  g_return_val_if_fail (pem != NULL, NULL);

  if (gnutls_pubkey_init (&key) < 0)
    g_error ("out of memory");
  if (!import_pem (key, pem, error))
    return NULL;
  return public_key_new (g_steal_pointer (&key), error);
}

/**
 * air_public_key_new_ed25519:
 * @raw: 32 bytes (RFC 8032 §5.1.2)
 *
 * Returns: (transfer full): the key, or %NULL with %AIR_CRYPTO_ERROR_BAD_KEY
 */
AirPublicKey *
air_public_key_new_ed25519 (const guint8 raw[32], GError **error)
{
  const gnutls_datum_t x = { (unsigned char *) raw, ED25519_SIZE };
  g_auto (gnutls_pubkey_t) key = NULL;
  int r;

  if (gnutls_pubkey_init (&key) < 0)
    g_error ("out of memory");
  r = gnutls_pubkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_ED25519, &x, NULL);
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY, "no Ed25519 public key: %s", gnutls_strerror (r));
      return NULL;
    }
  return public_key_new (g_steal_pointer (&key), error);
}

/**
 * air_public_key_to_pem:
 * @self: a key
 *
 * Returns: (transfer full): its SubjectPublicKeyInfo (RFC 5280) as a PEM block "PUBLIC KEY"
 */
char *
air_public_key_to_pem (AirPublicKey *self)
{
  gnutls_datum_t pem = { NULL, 0 };
  char *text;

  g_return_val_if_fail (self != NULL, NULL);

  if (gnutls_pubkey_export2 (self->key, GNUTLS_X509_FMT_PEM, &pem) < 0)
    g_error ("a public key that was read cannot be written");
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

/**
 * air_public_key_get_spki:
 * @self: a key
 *
 * Returns: (transfer none): its SubjectPublicKeyInfo in DER
 */
GBytes *
air_public_key_get_spki (AirPublicKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->spki;
}

/**
 * air_public_key_get_ed25519:
 * @self: a key
 *
 * Returns: (transfer none) (nullable): its 32 raw bytes, valid as long as @self; %NULL when it is of another kind
 */
const guint8 *
air_public_key_get_ed25519 (AirPublicKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  /* RFC 8410: the key is what the SPKI ends with. */
  if (self->type != AIR_KEY_ED25519)
    return NULL;
  return (const guint8 *) g_bytes_get_data (self->spki, NULL) + ED25519_SPKI_SIZE - ED25519_SIZE;
}

/**
 * air_public_key_get_key_type:
 * @self: a key
 *
 * Returns: its kind, which says how a signature is read
 */
AirKeyType
air_public_key_get_key_type (AirPublicKey *self)
{
  g_return_val_if_fail (self != NULL, AIR_KEY_ED25519);

  return self->type;
}

/**
 * air_public_key_get_id:
 * @self: a key
 *
 * Returns: (transfer none): hexadecimal SHA-256 of its SubjectPublicKeyInfo: the name of a key everywhere, "keyid" in
 *   DSSE
 */
const char *
air_public_key_get_id (AirPublicKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->id;
}

gnutls_pubkey_t
air_public_key_get_gnutls (AirPublicKey *self)
{
  return self->key;
}

/**
 * air_public_key_verify:
 * @self: a key
 * @message: what was signed
 * @length: bytes of @message
 * @signature: from anybody
 * @signature_length: bytes of @signature
 *
 * Checks Ed25519 (RFC 8032, strictly) over the message, or ECDSA in DER (X.690, strictly): P-256 with SHA-256, P-384
 * with SHA-384.
 *
 * Returns: %FALSE with %AIR_CRYPTO_ERROR_BAD_SIGNATURE when the signature is not this key's over this message
 */
gboolean
air_public_key_verify (AirPublicKey *self,
                       const void *message,
                       gsize length,
                       const void *signature,
                       gsize signature_length,
                       GError **error)
{
  const gnutls_datum_t data = { (unsigned char *) message, length };
  const gnutls_datum_t blob = { (unsigned char *) signature, signature_length };

  g_return_val_if_fail (self != NULL, FALSE);

  if (length > G_MAXUINT || signature_length > 1024
      || !(self->type == AIR_KEY_ED25519 ? ed25519_signature_is_canonical (signature, signature_length)
                                         : ecdsa_signature_is_der (signature, signature_length))
      || gnutls_pubkey_verify_data2 (self->key, types[self->type].sign, 0, &data, &blob) < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_SIGNATURE,
                   "the signature is not by key %.16s… over these bytes", self->id);
      return FALSE;
    }
  return TRUE;
}

AirPublicKey *
air_public_key_ref (AirPublicKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_public_key_unref (AirPublicKey *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  gnutls_pubkey_deinit (self->key);
  g_clear_pointer (&self->spki, g_bytes_unref);
  g_free (self->id);
  g_free (self);
}

/* --- private keys ------------------------------------------------------------- */

/* Takes @x509, also on failure. */
static AirPrivateKey *
private_key_new (gnutls_x509_privkey_t x509, GError **error)
{
  g_autoptr (AirPrivateKey) self = g_new0 (AirPrivateKey, 1);
  g_auto (gnutls_pubkey_t) public_key = NULL;
  int r;

  g_atomic_ref_count_init (&self->ref_count);
  self->x509 = x509;
  if (gnutls_privkey_init (&self->key) < 0 || gnutls_pubkey_init (&public_key) < 0)
    g_error ("out of memory");
  r = gnutls_privkey_import_x509 (self->key, x509, GNUTLS_PRIVKEY_IMPORT_COPY);
  if (r >= 0)
    r = gnutls_pubkey_import_privkey (public_key, self->key, 0, 0);
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY, "a private key cannot be used: %s",
                   gnutls_strerror (r));
      return NULL;
    }
  self->public_key = public_key_new (g_steal_pointer (&public_key), error);
  return self->public_key != NULL ? g_steal_pointer (&self) : NULL;
}

AirPrivateKey *
air_private_key_new_abstract (gnutls_privkey_t key, gnutls_pubkey_t public_key, GError **error)
{
  g_autoptr (AirPrivateKey) self = g_new0 (AirPrivateKey, 1);
  g_auto (gnutls_pubkey_t) told = public_key;
  int r = 0;

  g_atomic_ref_count_init (&self->ref_count);
  self->key = key;
  if (told == NULL)
    {
      if (gnutls_pubkey_init (&told) < 0)
        g_error ("out of memory");
      r = gnutls_pubkey_import_privkey (told, key, 0, 0);
    }
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY, "the public half of a key is not told: %s",
                   gnutls_strerror (r));
      return NULL;
    }
  self->public_key = public_key_new (g_steal_pointer (&told), error);
  return self->public_key != NULL ? g_steal_pointer (&self) : NULL;
}

static gnutls_x509_privkey_t
new_x509_key (void)
{
  gnutls_x509_privkey_t key;

  if (gnutls_x509_privkey_init (&key) < 0)
    g_error ("out of memory");
  return key;
}

/**
 * air_private_key_generate:
 * @type: which kind
 *
 * Makes a key from the system's randomness, through GnuTLS and not through an #AirRandom.
 *
 * Returns: (transfer full): the key, or %NULL with %AIR_CRYPTO_ERROR_FAILED
 */
AirPrivateKey *
air_private_key_generate (AirKeyType type, GError **error)
{
  g_auto (gnutls_x509_privkey_t) key = new_x509_key ();
  int r;

  r = gnutls_x509_privkey_generate (key, types[type].algorithm, GNUTLS_CURVE_TO_BITS (types[type].curve), 0);
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_FAILED, "no key could be made: %s", gnutls_strerror (r));
      return NULL;
    }
  return private_key_new (g_steal_pointer (&key), error);
}

/**
 * air_private_key_new_ed25519:
 * @seed: 32 bytes, the secret of RFC 8032 §5.1.5; the caller overwrites them
 *
 * Returns: (transfer full): the key, or %NULL with %AIR_CRYPTO_ERROR_BAD_KEY
 */
AirPrivateKey *
air_private_key_new_ed25519 (const guint8 seed[32], GError **error)
{
  /* RFC 8410, section 7: everything of a PKCS#8 Ed25519 key before the seed. */
  guint8 der[48] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
  const gnutls_datum_t datum = { der, sizeof der };
  g_auto (gnutls_x509_privkey_t) key = new_x509_key ();
  int r;

  memcpy (der + 16, seed, 32);
  r = gnutls_x509_privkey_import_pkcs8 (key, &datum, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN);
  gnutls_memset (der, 0, sizeof der);
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY, "no Ed25519 seed: %s", gnutls_strerror (r));
      return NULL;
    }
  return private_key_new (g_steal_pointer (&key), error);
}

/**
 * air_private_key_from_pem:
 * @pem: a PEM block "PRIVATE KEY" (PKCS#8, unencrypted) or "EC PRIVATE KEY"
 *
 * Returns: (transfer full): the key, or %NULL with %AIR_CRYPTO_ERROR_BAD_KEY or %AIR_CRYPTO_ERROR_UNSUPPORTED
 */
AirPrivateKey *
air_private_key_from_pem (const char *pem, GError **error)
{
  const gnutls_datum_t datum = { (unsigned char *) pem, pem != NULL ? strlen (pem) : 0 };
  g_auto (gnutls_x509_privkey_t) key = new_x509_key ();
  int r;

  g_return_val_if_fail (pem != NULL, NULL);

  r = gnutls_x509_privkey_import (key, &datum, GNUTLS_X509_FMT_PEM);
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_KEY,
                   "no private key in this text (%s); give an unencrypted PEM block \"PRIVATE KEY\"",
                   gnutls_strerror (r));
      return NULL;
    }
  return private_key_new (g_steal_pointer (&key), error);
}

/**
 * air_private_key_load:
 * @path: a PEM file, read as air_private_key_from_pem() does; file systems block
 *
 * Messages begin with @path, and none quotes the file.
 *
 * Returns: (transfer full): the key, or %NULL with %AIR_CRYPTO_ERROR_BAD_KEY, %AIR_CRYPTO_ERROR_UNSUPPORTED or a
 *   %G_FILE_ERROR
 */
AirPrivateKey *
air_private_key_load (const char *path, GError **error)
{
  g_autofree char *pem = NULL;
  AirPrivateKey *self;
  gsize length;

  if (!air_file_load (path, &pem, &length, error))
    return NULL;
  self = air_private_key_from_pem (pem, error);
  gnutls_memset (pem, 0, length);
  if (self == NULL)
    g_prefix_error (error, "%s: ", path);
  return self;
}

/**
 * air_private_key_to_pem:
 * @self: a key
 *
 * The caller overwrites the text before freeing it.
 *
 * Returns: (transfer full) (nullable): PKCS#8 (RFC 5958), not encrypted; %NULL when a token keeps the key
 */
char *
air_private_key_to_pem (AirPrivateKey *self)
{
  gnutls_datum_t pem = { NULL, 0 };
  char *text;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->x509 == NULL)
    return NULL;
  if (gnutls_x509_privkey_export2_pkcs8 (self->x509, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem) < 0)
    g_error ("a private key that was read cannot be written");
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_memset (pem.data, 0, pem.size);
  gnutls_free (pem.data);
  return text;
}

/**
 * air_private_key_get_public:
 * @self: a key
 *
 * Returns: (transfer none): its public half, valid as long as @self
 */
AirPublicKey *
air_private_key_get_public (AirPrivateKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->public_key;
}

gnutls_privkey_t
air_private_key_get_gnutls (AirPrivateKey *self)
{
  return self->key;
}

/**
 * air_private_key_sign:
 * @self: a key
 * @message: what to sign; hashed as the kind of key wants
 * @length: bytes of @message
 *
 * The same key and message give the same bytes: Ed25519 by its nature, ECDSA by RFC 6979 (unless a token keeps the key).
 *
 * Returns: (transfer full): the signature, or %NULL with %AIR_CRYPTO_ERROR_FAILED
 */
GBytes *
air_private_key_sign (AirPrivateKey *self, const void *message, gsize length, GError **error)
{
  const gnutls_datum_t data = { (unsigned char *) message, length };
  gnutls_datum_t signature = { NULL, 0 };
  AirKeyType type;
  GBytes *bytes;
  int r;

  g_return_val_if_fail (self != NULL && length <= G_MAXUINT, NULL);

  type = self->public_key->type;

  /* A token takes its own randomness. */
  r = gnutls_privkey_sign_data2 (self->key, types[type].sign,
                                 type != AIR_KEY_ED25519 && self->x509 != NULL ? GNUTLS_PRIVKEY_FLAG_REPRODUCIBLE : 0,
                                 &data, &signature);
  if (r < 0)
    {
      g_set_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_FAILED, "signing failed: %s", gnutls_strerror (r));
      return NULL;
    }
  bytes = g_bytes_new (signature.data, signature.size);
  gnutls_free (signature.data);
  return bytes;
}

AirPrivateKey *
air_private_key_ref (AirPrivateKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_private_key_unref (AirPrivateKey *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  gnutls_privkey_deinit (self->key);
  if (self->x509 != NULL)
    gnutls_x509_privkey_deinit (self->x509);
  g_clear_pointer (&self->public_key, air_public_key_unref);
  g_free (self);
}
