/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client/air-sse.h"
#include "fuzz.h"

static void
note_cb (const char *event, const char *data, const char *id, gpointer user_data)
{
  g_string_append_printf (user_data, "%s|%s|%s\n", event, data, id);
}

/* A stream says the same in one piece as byte by byte. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GString) whole = g_string_new (NULL), single = g_string_new (NULL);
  g_autoptr (AirSseParser) parser = air_sse_parser_new (note_cb, whole), bytes = air_sse_parser_new (note_cb, single);
  gboolean good = air_sse_parser_feed (parser, (const char *) data, size), fed = TRUE;

  for (gsize i = 0; fed && i < size; i++)
    fed = air_sse_parser_feed (bytes, (const char *) data + i, 1);
  g_assert_cmpint (good, ==, fed);
  g_assert_cmpstr (whole->str, ==, single->str);
  g_assert_cmpstr (air_sse_parser_get_last_id (parser), ==, air_sse_parser_get_last_id (bytes));
  g_assert_cmpint (air_sse_parser_get_retry_ms (parser), ==, air_sse_parser_get_retry_ms (bytes));
  air_sse_parser_reset (parser);
  return 0;
}
