/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "fuzz.h"
#include "policy/air-usage.h"

/* The entries of a ledger, as [{"type", "members", "disclosed", "s"}]: what they use is folded, and taken back to the
 * last byte; what is left after all owners let go is nothing. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) list = air_json_parse ((const char *) data, size, NULL), before = NULL, after = NULL;
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  GArray *journal = NULL;
  gsize n = list != NULL && air_value_get_kind (list) == AIR_VALUE_LIST ? air_list_get_size (list) : 0;
  gint64 at_us = 0;
  guint kept = 0;

  for (gsize i = 0; i < n; i++)
    {
      const AirValue *item = air_list_get (list, i);
      const char *type = air_map_get_string (item, "type");
      const AirValue *members = air_map_get_map (item, "members");

      at_us = CLAMP (air_map_get_int (item, "s", 0), 0, G_GINT64_CONSTANT (4000000000)) * G_USEC_PER_SEC;
      if (i == n / 2)
        {
          before = air_usage_book_describe (book, "l", 60 * G_USEC_PER_SEC, at_us, 100);
          kept = air_usage_book_get_size (book);
          journal = air_usage_journal_new ();
          air_usage_book_set_journal (book, journal);
        }
      if (type != NULL && members != NULL)
        air_usage_book_apply (book, type, members, air_map_get_map (item, "disclosed"), at_us);
      if (i == n / 2)
        {
          const AirUsageReader *reader = air_usage_book_get_reader (book);
          AirUsage usage;

          reader->read (reader->user_data, "l", "k", "o", 60 * G_USEC_PER_SEC, at_us, &usage);
          reader->fits_at (reader->user_data, "l", "k", "o", 60 * G_USEC_PER_SEC, 100, 1, at_us);
          air_usage_book_set_journal (book, NULL);
          air_usage_book_revert (book, journal);
          after = air_usage_book_describe (book, "l", 60 * G_USEC_PER_SEC, at_us, 100);
          g_assert_true (air_value_equal (before, after));
          g_assert_cmpuint (air_usage_book_get_size (book), ==, kept);
        }
    }
  air_usage_book_expire (book, "l", 60 * G_USEC_PER_SEC, at_us);
  return 0;
}
