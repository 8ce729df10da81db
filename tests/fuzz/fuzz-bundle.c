/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fuzz.h"
#include "ledger/air-verifier.h"

/* A zip that is read is written as the same bytes; the verifier always comes to a report. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) zip = g_bytes_new (data, size);
  g_autoptr (GPtrArray) files = air_zip_read (zip, NULL);
  g_autoptr (AirReport) report = air_verifier_check_zip (zip, NULL);
  g_autofree char *text = air_report_to_text (report);

  if (files != NULL)
    {
      g_autoptr (GBytes) again = air_zip_write (files, NULL);

      g_assert_true (g_bytes_equal (again, zip));
    }
  return 0;
}
