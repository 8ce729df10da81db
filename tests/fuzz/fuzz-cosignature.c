/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-cosignature.h"
#include "ledger/air-tlog-policy.h"

#define WITNESS "w.example/1+f5441831+BPtxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I"
#define LOG     "rails.example/tenant-a+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I"

/* Nobody has the witness's key: nothing is ever cosigned. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirNote) note = air_note_parse ((const char *) data, size, NULL);
  g_autoptr (AirVkey) witness = air_vkey_parse (WITNESS, NULL);
  static const char text[] = "log " LOG "\nwitness w " WITNESS "\nquorum w\n";
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_parse (text, strlen (text), NULL);
  gint64 time;

  g_assert_nonnull (witness);
  g_assert_nonnull (policy);
  g_assert_null (air_tlog_policy_open (policy, (const char *) data, size, NULL));
  if (note != NULL)
    g_assert_false (air_cosignature_verify (note, witness, &time, NULL));
  return 0;
}
