/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-sd-jwt.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (AirDisclosure) disclosure = air_sd_parse (text, NULL);
  char digest[AIR_SD_DIGEST_SIZE + 1];

  air_sd_digest (text, digest);
  g_assert_true (air_sd_is_digest (digest));
  if (disclosure != NULL)
    {
      g_assert_nonnull (disclosure->value);
      g_assert_cmpuint (strlen (disclosure->name), >, 0);
    }
  air_sd_is_digest (text);
  return 0;
}
