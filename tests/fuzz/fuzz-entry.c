/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-entry.h"
#include "ledger/air-sd-jwt.h"

/* An entry, and after a newline a disclosure. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const guint8 *newline = size > 0 ? memchr (data, '\n', size) : NULL;
  gsize length = newline != NULL ? (gsize) (newline - data) : size;
  g_autoptr (GBytes) leaf = g_bytes_new (data, length);
  g_autoptr (AirEntry) entry = air_entry_parse (leaf, NULL);
  AirChainHead head = { 0 };

  if (newline != NULL)
    {
      g_autofree char *text = g_strndup ((const char *) newline + 1, size - length - 1);
      g_autoptr (AirDisclosure) disclosure = air_sd_parse (text, NULL);
      g_autoptr (GPtrArray) disclosures = g_ptr_array_new ();
      g_autoptr (AirValue) opened = NULL;

      g_ptr_array_add (disclosures, text);
      if (entry != NULL && (opened = air_entry_open (entry, disclosures, NULL)) != NULL)
        g_assert_nonnull (disclosure);
    }
  if (entry != NULL)
    air_entry_follows (entry, &head, NULL);
  return 0;
}
