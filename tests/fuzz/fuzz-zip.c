/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-zip.h"

/* What is read is written again, byte for byte. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size), again = NULL;
  g_autoptr (GPtrArray) files = air_zip_read (bytes, NULL);

  if (files == NULL)
    return 0;
  again = air_zip_write (files, NULL);
  g_assert_nonnull (again);
  g_assert_true (g_bytes_equal (bytes, again));
  return 0;
}
