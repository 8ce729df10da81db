/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-checkpoint.h"

/* What parses is written as it was read. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_parse_text (text, NULL);
  g_autofree char *again = checkpoint != NULL ? air_checkpoint_to_text (checkpoint) : NULL;

  if (again != NULL)
    g_assert_cmpstr (again, ==, text);
  return 0;
}
