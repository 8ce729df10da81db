/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-decision.h"

/* A statement that parses is written as it was read; the same bytes as an envelope are only looked at. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size), again = NULL;
  g_autoptr (AirDecision) decision = air_decision_parse (bytes, NULL), peeked = NULL;
  g_autofree char *key_id = NULL;

  peeked = air_decision_peek ((const char *) data, size, &key_id, NULL);
  if (decision == NULL)
    return 0;
  again = air_decision_to_statement (decision, NULL);
  g_assert_nonnull (again);
  g_assert_true (g_bytes_equal (bytes, again));
  return 0;
}
