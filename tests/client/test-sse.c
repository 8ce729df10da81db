/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "client/air-sse.h"

static void
collect (const char *event, const char *data, const char *id, gpointer user_data)
{
  g_string_append_printf (user_data, "[%s|%s|%s]", event, data, id);
}

static const struct {
  const char *input;
  const char *expected;
} cases[] = {
  { "data: a\n\n", "[message|a|]" },
  { "event: run\ndata: {\"id\":\"1\"}\n\n", "[run|{\"id\":\"1\"}|]" },
  { "data: a\ndata: b\n\n", "[message|a\nb|]" },
  { "data\n\ndata\ndata\n\n", "[message||][message|\n|]" },
  { ": a comment\n\ndata:x\n\n", "[message|x|]" },
  { "data: a\r\n\r\ndata: b\r\rdata: c\n\n", "[message|a|][message|b|][message|c|]" },
  { "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "[message|a|7][message|b|7][message|c|]" },
  { "event: gate\n\ndata: x\n\n", "[message|x|]" },
  { "data: no end\n", "" },
  { "\xef\xbb\xbf"
    "data: bom\n\n",
    "[message|bom|]" },
  { "retry: 1500\nretry: soon\ndata: x\n\n", "[message|x|]" },
  { "data:  two spaces\n\n", "[message| two spaces|]" },
};

/* Whatever the pieces the bytes come in. */
static void
test_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize piece = 1; piece <= strlen (cases[i].input); piece++)
      {
        g_autoptr (GString) seen = g_string_new (NULL);
        g_autoptr (AirSseParser) parser = air_sse_parser_new (collect, seen);
        gsize length = strlen (cases[i].input);

        for (gsize at = 0; at < length; at += piece)
          g_assert_true (air_sse_parser_feed (parser, cases[i].input + at, MIN (piece, length - at)));
        g_assert_cmpstr (seen->str, ==, cases[i].expected);
      }
}

static void
test_retry_and_id (void)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (AirSseParser) parser = air_sse_parser_new (collect, seen);
  const char *text = "retry: 2500\nid: 41\ndata: x\n\ndata: half";

  g_assert_cmpint (air_sse_parser_get_retry_ms (parser), ==, -1);
  g_assert_true (air_sse_parser_feed (parser, text, strlen (text)));
  g_assert_cmpint (air_sse_parser_get_retry_ms (parser), ==, 2500);
  g_assert_cmpstr (air_sse_parser_get_last_id (parser), ==, "41");
  /* A new connection: the half event is void, the id stays. */
  air_sse_parser_reset (parser);
  g_assert_true (air_sse_parser_feed (parser, "\n\ndata: y\n\n", 11));
  g_assert_cmpstr (seen->str, ==, "[message|x|41][message|y|41]");
}

static void
test_too_long (void)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (AirSseParser) parser = air_sse_parser_new (collect, seen);
  g_autofree char *block = g_strnfill (65536, 'x');
  gboolean ok = TRUE;

  for (int i = 0; ok && i < 40; i++)
    ok = air_sse_parser_feed (parser, block, 65536);
  g_assert_false (ok);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/sse/cases", test_cases);
  g_test_add_func ("/sse/retry-and-id", test_retry_and_id);
  g_test_add_func ("/sse/too-long", test_too_long);
  return g_test_run ();
}
