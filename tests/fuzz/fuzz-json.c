/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "fuzz.h"

/* What parses and can be written as JCS comes back as itself; but for doubles between
 * 2^53 and 10^21, which JCS writes as digits that a strict reader takes for integers
 * out of range (the ledger seals no such number). */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) value = air_json_parse ((const char *) data, size, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *once = NULL, *twice = NULL;
  g_autoptr (AirValue) again = NULL;
  gsize once_length, twice_length;

  if (value == NULL || (once = air_jcs_write (value, &once_length, NULL)) == NULL)
    return 0;
  again = air_json_parse (once, once_length, &error);
  if (g_error_matches (error, AIR_JSON_ERROR, AIR_JSON_ERROR_NUMBER))
    return 0;
  g_assert_nonnull (again);
  twice = air_jcs_write (again, &twice_length, NULL);
  if (twice == NULL)
    return 0;
  g_assert_cmpmem (once, once_length, twice, twice_length);
  return 0;
}
