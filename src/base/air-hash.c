/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "air-hash.h"

/* Up to this many bytes, joining the parts on the stack is cheaper than a hash handle. */
#define JOIN_MAX 4096

AirDigest
air_sha256 (const void *data, gsize length)
{
  AirDigest digest;

  /* Only a broken library or a refused algorithm gets here; no proof could be made then. */
  if (gnutls_hash_fast (GNUTLS_DIG_SHA256, length > 0 ? data : "", length, digest.bytes) < 0)
    g_error ("SHA-256 is not available in GnuTLS");
  return digest;
}

AirDigest
air_sha256_parts (const void *a, gsize a_length, const void *b, gsize b_length, const void *c, gsize c_length)
{
  const void *parts[] = { a, b, c };
  const gsize lengths[] = { a_length, b_length, c_length };
  gnutls_hash_hd_t handle;
  AirDigest digest;

  if (a_length <= JOIN_MAX && b_length <= JOIN_MAX && c_length <= JOIN_MAX
      && a_length + b_length + c_length <= JOIN_MAX)
    {
      guint8 joined[JOIN_MAX];
      gsize n = 0;

      for (guint i = 0; i < 3; i++)
        if (lengths[i] > 0)
          {
            memcpy (joined + n, parts[i], lengths[i]);
            n += lengths[i];
          }
      return air_sha256 (joined, n);
    }

  if (gnutls_hash_init (&handle, GNUTLS_DIG_SHA256) < 0)
    g_error ("SHA-256 is not available in GnuTLS");
  for (guint i = 0; i < 3; i++)
    if (lengths[i] > 0 && gnutls_hash (handle, parts[i], lengths[i]) < 0)
      g_error ("SHA-256 failed in GnuTLS");
  gnutls_hash_deinit (handle, digest.bytes);
  return digest;
}

void
air_sha384 (const void *data, gsize length, guint8 ret[48])
{
  if (gnutls_hash_fast (GNUTLS_DIG_SHA384, length > 0 ? data : "", length, ret) < 0)
    g_error ("SHA-384 is not available in GnuTLS");
}

void
air_sha512 (const void *data, gsize length, guint8 ret[64])
{
  if (gnutls_hash_fast (GNUTLS_DIG_SHA512, length > 0 ? data : "", length, ret) < 0)
    g_error ("SHA-512 is not available in GnuTLS");
}

gboolean
air_digest_equal (const AirDigest *a, const AirDigest *b)
{
  return memcmp (a->bytes, b->bytes, AIR_SHA256_SIZE) == 0;
}

char *
air_digest_to_hex (const AirDigest *self)
{
  return air_hex_encode (self->bytes, AIR_SHA256_SIZE);
}

/**
 * air_digest_from_hex:
 * @hex: 64 lower-case hexadecimal digits
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
