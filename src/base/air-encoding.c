/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <string.h>

#include "air-hash.h"

/* One text for one byte string: the decoders refuse upper-case hex, missing or
 * needless padding and bits that carry nothing, since signed bytes travel through them. */

static const char alphabet_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * air_hex_encode:
 * @data: bytes
 * @length: how many
 *
 * Returns: (transfer full): two lower-case hexadecimal digits a byte
 */
char *
air_hex_encode (const void *data, gsize length)
{
  static const char digits[] = "0123456789abcdef";
  const guint8 *bytes = data;
  char *text = g_malloc (length * 2 + 1);

  for (gsize i = 0; i < length; i++)
    {
      text[i * 2] = digits[bytes[i] >> 4];
      text[i * 2 + 1] = digits[bytes[i] & 15];
    }
  text[length * 2] = '\0';
  return text;
}

static int
hex_digit (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * air_hex_decode:
 * @text: lower-case hexadecimal digits, an even number
 * @ret_length: (out): bytes of the result
 *
 * Returns: (transfer full) (nullable) (array length=ret_length): the bytes, or %NULL, and @ret_length untouched, when
 *   @text is anything else; upper case is refused, so that one value has one text
 */
guint8 *
air_hex_decode (const char *text, gsize *ret_length)
{
  g_autofree guint8 *bytes = NULL;
  gsize length;

  g_return_val_if_fail (text != NULL && ret_length != NULL, NULL);

  length = strlen (text);
  if (length % 2 != 0)
    return NULL;
  bytes = g_malloc (length / 2 + 1);
  for (gsize i = 0; i < length; i += 2)
    {
      int high = hex_digit (text[i]), low = hex_digit (text[i + 1]);

      if (high < 0 || low < 0)
        return NULL;
      bytes[i / 2] = high << 4 | low;
    }
  *ret_length = length / 2;
  return g_steal_pointer (&bytes);
}

/**
 * air_base64url_encode_to:
 * @data: bytes
 * @length: how many
 * @ret_text: (out caller-allocates): room for @length / 3 * 4 + 5 bytes
 *
 * Like air_base64url_encode() into memory of the caller, for hot paths.
 *
 * Returns: characters written, the final NUL not counted
 */
gsize
air_base64url_encode_to (const void *data, gsize length, char *ret_text)
{
  const guint8 *bytes = data;
  char *p = ret_text;

  for (; length >= 3; length -= 3, bytes += 3)
    {
      *p++ = alphabet_url[bytes[0] >> 2];
      *p++ = alphabet_url[(bytes[0] & 3) << 4 | bytes[1] >> 4];
      *p++ = alphabet_url[(bytes[1] & 15) << 2 | bytes[2] >> 6];
      *p++ = alphabet_url[bytes[2] & 63];
    }
  if (length > 0)
    {
      *p++ = alphabet_url[bytes[0] >> 2];
      *p++ = alphabet_url[(bytes[0] & 3) << 4 | (length == 2 ? bytes[1] >> 4 : 0)];
      if (length == 2)
        *p++ = alphabet_url[(bytes[1] & 15) << 2];
    }
  *p = '\0';
  return p - ret_text;
}

/**
 * air_base64url_encode:
 * @data: bytes
 * @length: how many
 *
 * Returns: (transfer full): RFC 4648 §5, without padding
 */
char *
air_base64url_encode (const void *data, gsize length)
{
  char *text = g_malloc (length / 3 * 4 + 5);

  air_base64url_encode_to (data, length, text);
  return text;
}

static int
base64_digit (char c, gboolean url)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == (url ? '-' : '+'))
    return 62;
  return c == (url ? '_' : '/') ? 63 : -1;
}

static guint8 *
decode_base64 (const char *text, gsize length, gboolean url, gsize *ret_length)
{
  g_autofree guint8 *bytes = NULL;
  guint32 bits = 0;
  guint n_bits = 0;
  gsize n = 0;

  if (length % 4 == 1)
    return NULL;
  bytes = g_malloc (length / 4 * 3 + 3);
  for (gsize i = 0; i < length; i++)
    {
      int digit = base64_digit (text[i], url);

      if (digit < 0)
        return NULL;
      bits = bits << 6 | digit;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          bytes[n++] = bits >> n_bits & 0xff;
        }
    }
  if ((bits & ((1u << n_bits) - 1)) != 0)
    return NULL;
  *ret_length = n;
  return g_steal_pointer (&bytes);
}

/**
 * air_base64url_decode:
 * @text: RFC 4648 §5, without padding
 * @length: bytes of @text
 * @ret_length: (out): bytes of the result
 *
 * Returns: (transfer full) (nullable) (array length=ret_length): the bytes, or %NULL when @text is anything else;
 *   stray bits at the end are refused, so that one value has one text
 */
guint8 *
air_base64url_decode (const char *text, gsize length, gsize *ret_length)
{
  g_return_val_if_fail (text != NULL && ret_length != NULL, NULL);

  return decode_base64 (text, length, TRUE, ret_length);
}

/**
 * air_base64_decode:
 * @text: RFC 4648 §4, with its padding
 * @length: bytes of @text
 * @ret_length: (out): bytes of the result
 *
 * Returns: (transfer full) (nullable) (array length=ret_length): the bytes, or %NULL when padding misses, white space
 *   stands in it, or bits are left over
 */
guint8 *
air_base64_decode (const char *text, gsize length, gsize *ret_length)
{
  g_return_val_if_fail (text != NULL && ret_length != NULL, NULL);

  if (length % 4 != 0)
    return NULL;
  for (guint i = 0; i < 2 && length > 0 && text[length - 1] == '='; i++)
    length--;
  return decode_base64 (text, length, FALSE, ret_length);
}

/**
 * air_base32_encode:
 * @data: bytes
 * @length: how many
 *
 * Returns: (transfer full): RFC 4648 §6, but in lower case and without padding
 */
char *
air_base32_encode (const void *data, gsize length)
{
  static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  const guint8 *bytes = data;
  char *text = g_malloc (length / 5 * 8 + 9);
  char *p = text;
  guint32 bits = 0;
  guint n_bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      bits = bits << 8 | bytes[i];
      for (n_bits += 8; n_bits >= 5; n_bits -= 5)
        *p++ = alphabet[bits >> (n_bits - 5) & 31];
    }
  if (n_bits > 0)
    *p++ = alphabet[bits << (5 - n_bits) & 31];
  *p = '\0';
  return text;
}

/**
 * air_base32_decode:
 * @text: as air_base32_encode() writes it
 * @ret_length: (out): bytes of the result
 *
 * Returns: (transfer full) (nullable) (array length=ret_length): the bytes, or %NULL when @text is anything else
 */
guint8 *
air_base32_decode (const char *text, gsize *ret_length)
{
  g_autofree guint8 *bytes = NULL;
  guint32 bits = 0;
  guint n_bits = 0;
  gsize n = 0, length;

  g_return_val_if_fail (text != NULL && ret_length != NULL, NULL);

  length = strlen (text);
  /* 1, 3 and 6 characters past a group of eight end within a byte. */
  if (length % 8 == 1 || length % 8 == 3 || length % 8 == 6)
    return NULL;
  bytes = g_malloc (length / 8 * 5 + 5);
  for (gsize i = 0; i < length; i++)
    {
      int digit = text[i] >= 'a' && text[i] <= 'z'   ? text[i] - 'a'
                  : text[i] >= '2' && text[i] <= '7' ? text[i] - '2' + 26
                                                     : -1;

      if (digit < 0)
        return NULL;
      bits = bits << 5 | digit;
      n_bits += 5;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          bytes[n++] = bits >> n_bits & 0xff;
        }
    }
  if ((bits & ((1u << n_bits) - 1)) != 0)
    return NULL;
  *ret_length = n;
  return g_steal_pointer (&bytes);
}
