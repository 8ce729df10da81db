/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-key.h"
#include "base/air-x509.h"
#include "fuzz.h"

/* A certificate names somebody or is refused; a server's own is issued to nobody by what is no authority's. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static AirPrivateKey *key;
  g_autofree char *text = g_strndup ((const char *) data, size), *uri = NULL, *issued = NULL;
  g_autoptr (GError) error = NULL, refused = NULL;

  if (key == NULL)
    key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  uri = air_x509_get_uri (text, &error);
  g_assert_true ((uri == NULL) == (error != NULL));
  if (uri != NULL)
    g_assert_true (g_utf8_validate (uri, -1, NULL));
  issued = air_x509_issue_leaf (key, text, air_private_key_get_public (key), "x", "airails://x/y", NULL, 1795339800,
                                1795340000, &refused);
  g_assert_true ((issued == NULL) == (refused != NULL));
  return 0;
}
