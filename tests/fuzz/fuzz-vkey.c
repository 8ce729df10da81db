/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fuzz.h"
#include "ledger/air-note.h"

/* A verifier key is written as it was read. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size), *again = NULL;
  g_autoptr (AirVkey) key = air_vkey_parse (text, NULL);

  if (key == NULL)
    return 0;
  again = air_vkey_to_string (key);
  g_assert_cmpstr (again, ==, text);
  return 0;
}
