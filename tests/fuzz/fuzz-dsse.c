/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-decision.h"

/* An envelope that parses is written and read as the same; so is a decision in it. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirDsse) envelope = air_dsse_parse ((const char *) data, size, NULL);
  g_autoptr (AirDsse) again = NULL;
  g_autoptr (AirDecision) decision = NULL;
  g_autofree char *text = NULL;

  if (envelope == NULL)
    return 0;
  text = air_dsse_write (envelope);
  again = air_dsse_parse (text, strlen (text), NULL);
  g_assert_nonnull (again);
  g_assert_true (g_bytes_equal (again->payload, envelope->payload));
  decision = air_decision_parse (envelope->payload, NULL);
  if (decision != NULL)
    {
      g_autoptr (GBytes) statement = air_decision_to_statement (decision, NULL);

      g_assert_true (g_bytes_equal (statement, envelope->payload));
    }
  return 0;
}
