/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <gnutls/crypto.h>
#include <nettle/sha2.h>
#include <string.h>

#include "air-hash.h"

/* Nettle is what GnuTLS hashes with; asked directly, a hash of a few hundred bytes costs half. */

/**
 * air_sha256:
 * @data: (nullable): what to hash; may be %NULL when @length is 0
 * @length: bytes of @data
 *
 * Returns: the SHA-256 (FIPS 180-4)
 */
AirDigest
air_sha256 (const void *data, gsize length)
{
  return air_sha256_parts (data, length, NULL, 0, NULL, 0);
}

/**
 * air_sha256_parts:
 * @a: (nullable): the first part
 * @a_length: its bytes, 0 for none
 * @b: (nullable): the second part
 * @b_length: its bytes, 0 for none
 * @c: (nullable): the third part
 * @c_length: its bytes, 0 for none
 *
 * Hashes up to three parts one after the other, without copying them together.
 *
 * Returns: the SHA-256 of their concatenation
 */
AirDigest
air_sha256_parts (const void *a, gsize a_length, const void *b, gsize b_length, const void *c, gsize c_length)
{
  struct sha256_ctx context;
  AirDigest digest;

  sha256_init (&context);
  if (a_length > 0)
    sha256_update (&context, a_length, a);
  if (b_length > 0)
    sha256_update (&context, b_length, b);
  if (c_length > 0)
    sha256_update (&context, c_length, c);
  sha256_digest (&context, sizeof digest.bytes, digest.bytes);
  return digest;
}

/**
 * air_sha384:
 * @data: (nullable): what to hash; may be %NULL when @length is 0
 * @length: bytes of @data
 * @ret: (out): 48 bytes
 */
void
air_sha384 (const void *data, gsize length, guint8 ret[48])
{
  if (gnutls_hash_fast (GNUTLS_DIG_SHA384, length > 0 ? data : "", length, ret) < 0)
    g_error ("SHA-384 is not available in GnuTLS");
}

/**
 * air_sha512:
 * @data: (nullable): what to hash; may be %NULL when @length is 0
 * @length: bytes of @data
 * @ret: (out): 64 bytes
 */
void
air_sha512 (const void *data, gsize length, guint8 ret[64])
{
  if (gnutls_hash_fast (GNUTLS_DIG_SHA512, length > 0 ? data : "", length, ret) < 0)
    g_error ("SHA-512 is not available in GnuTLS");
}

/**
 * air_digest_equal:
 * @a: a digest
 * @b: another
 *
 * Not in constant time: for digests that are public.
 *
 * Returns: whether they are the same
 */
gboolean
air_digest_equal (const AirDigest *a, const AirDigest *b)
{
  return memcmp (a->bytes, b->bytes, AIR_SHA256_SIZE) == 0;
}

/**
 * air_digest_to_hex:
 * @self: a digest
 *
 * Returns: (transfer full): 64 lower-case hexadecimal digits
 */
char *
air_digest_to_hex (const AirDigest *self)
{
  return air_hex_encode (self->bytes, AIR_SHA256_SIZE);
}

/**
 * air_digest_from_hex:
 * @hex: 64 lower-case hexadecimal digits
 * @ret_digest: (out): the digest
 *
 * Returns: %FALSE, and @ret_digest untouched, when @hex is anything else
 */
gboolean
air_digest_from_hex (const char *hex, AirDigest *ret_digest)
{
  g_autofree guint8 *bytes = NULL;
  gsize length;

  bytes = air_hex_decode (hex, &length);
  if (bytes == NULL || length != AIR_SHA256_SIZE)
    return FALSE;
  memcpy (ret_digest->bytes, bytes, AIR_SHA256_SIZE);
  return TRUE;
}
