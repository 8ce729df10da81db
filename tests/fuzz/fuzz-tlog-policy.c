/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-tlog-policy.h"

/* A policy that parses is written in a form that parses to the same. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_parse ((const char *) data, size, NULL);
  g_autoptr (AirTlogPolicy) again = NULL;
  g_autofree char *once = NULL, *twice = NULL;

  if (policy == NULL)
    return 0;
  once = air_tlog_policy_write (policy);
  again = air_tlog_policy_parse (once, strlen (once), NULL);
  g_assert_nonnull (again);
  twice = air_tlog_policy_write (again);
  g_assert_cmpstr (once, ==, twice);
  return 0;
}
