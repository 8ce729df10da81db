/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-hash.h"
#include "base/air-key.h"
#include "fuzz.h"

/* One text for one byte string: what a decoder takes, the encoder gives back. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  gsize length = strlen (text), n;
  g_autofree guint8 *url = air_base64url_decode (text, length, &n);
  g_autoptr (AirPublicKey) public_key = NULL;
  g_autoptr (AirPrivateKey) private_key = NULL;
  gint64 us;

  if (url != NULL)
    {
      g_autofree char *again = air_base64url_encode (url, n);

      g_assert_cmpstr (again, ==, text);
    }
  {
    g_autofree guint8 *plain = air_base64_decode (text, length, &n);
    g_autofree char *again = plain != NULL ? g_base64_encode (plain, n) : NULL;

    if (plain != NULL)
      g_assert_cmpstr (again, ==, text);
  }
  {
    g_autofree guint8 *bytes = air_base32_decode (text, &n);
    g_autofree char *again = bytes != NULL ? air_base32_encode (bytes, n) : NULL;

    if (bytes != NULL)
      g_assert_cmpstr (again, ==, text);
  }
  {
    g_autofree guint8 *bytes = air_hex_decode (text, &n);
    g_autofree char *again = bytes != NULL ? air_hex_encode (bytes, n) : NULL;

    if (bytes != NULL)
      g_assert_cmpstr (again, ==, text);
  }
  if (air_time_parse (text, &us))
    {
      g_autofree char *again = air_time_format (us);
      gint64 back;

      /* Milliseconds are written. */
      g_assert_true (air_time_parse (again, &back));
      g_assert_cmpint (ABS (us - back), <, 1000);
    }
  public_key = air_public_key_from_pem (text, NULL);
  if (public_key != NULL)
    {
      g_autofree char *pem = air_public_key_to_pem (public_key);
      g_autoptr (AirPublicKey) again = air_public_key_from_pem (pem, NULL);

      g_assert_cmpstr (air_public_key_get_id (again), ==, air_public_key_get_id (public_key));
    }
  private_key = air_private_key_from_pem (text, NULL);
  return 0;
}
