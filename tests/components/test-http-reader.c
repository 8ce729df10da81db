/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers as they come over the wire: whole, in single bytes, and not as they should be. */
#include "config.h"

#include <string.h>

#include "components/air-http-reader.h"
#include "components/air-transport.h"

typedef struct {
  const char *wire;
  int status; /* 0: refused */
  const char *body;
  gboolean keeps;
  gboolean at_end; /* only the end of the connection ends it */
  guint seconds;
} Case;

static const Case cases[] = {
  { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", TRUE },
  { "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", TRUE },
  { "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", 200, "{}", TRUE },
  { "HTTP/1.1 204 No Content\r\n\r\n", 204, "", TRUE },
  { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: max=5, timeout=7\r\n\r\n", 200, "", TRUE, FALSE, 7 },
  { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 201 "
    "Created\r\nContent-Length: 1\r\n\r\nx",
    201, "x", TRUE },
  { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\n{}", 200, "{}", FALSE },
  { "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", FALSE },
  { "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}", 200, "{}", TRUE },
  { "HTTP/1.1 200 OK\r\n\r\nabc", 200, "abc", FALSE, TRUE },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
    200, "abc0123456789", TRUE },
  { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n", 200, "{}", FALSE },
  { "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 200, "x", TRUE },
  /* Nothing that two readers could read differently. */
  { "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx" },
  { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}" },
  { "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}" },
  { "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}" },
  { "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\n{}" },
  { "HTTP/1.1 200 OK\r\nno colon\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\nA: \001\r\n\r\n" },
  { "HTTP/1.1 20 OK\r\n\r\n" },
  { "HTTP/1.1 2000 OK\r\n\r\n" },
  { "HTTP/2 200\r\n\r\n" },
  { "ICY 200 OK\r\n\r\n" },
  { "HTTP/1.1 101 Switching Protocols\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n" },
  /* Cut off. */
  { "" },
  { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" },
  { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n" },
  { "HTTP/1.1 100 Continue\r\n\r\n" },
};

static void
read_case (const Case *item, guint step)
{
  g_autoptr (AirHttpReader) reader = air_http_reader_new ("GET", 100);
  g_autoptr (AirHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = strlen (item->wire);
  gboolean ok = TRUE;
  guint seconds;

  for (gsize at = 0; ok && at < length; at += step)
    ok = air_http_reader_push (reader, (const guint8 *) item->wire + at, MIN (step, length - at), &error);
  if (ok && item->status != 0 && !item->at_end)
    {
      g_assert_true (air_http_reader_is_done (reader));
      g_assert_cmpint (air_http_reader_keeps_open (reader, &seconds), ==, item->keeps);
      g_assert_cmpuint (seconds, ==, item->seconds);
    }
  ok = ok && air_http_reader_end (reader, &error);
  if (item->status == 0)
    {
      if (ok)
        g_error ("taken: %s", item->wire);
      g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN);
      return;
    }
  g_assert_no_error (error);
  g_assert_false (air_http_reader_keeps_open (reader, &seconds));
  response = air_http_reader_finish (reader);
  g_assert_cmpint (response->status, ==, item->status);
  g_assert_cmpmem (g_bytes_get_data (response->body, NULL), g_bytes_get_size (response->body), item->body,
                   strlen (item->body));
}

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint step = 1; step <= 1000; step *= 10)
      read_case (&cases[i], step);
}

static void
push_repeated (AirHttpReader *reader, const char *text, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (!air_http_reader_push (reader, (const guint8 *) text, strlen (text), error))
      return;
}

static void
test_limits (void)
{
  static const struct {
    const char *start, *repeated;
    AirTransportError code;
  } floods[] = {
    { "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "", AIR_TRANSPORT_ERROR_TOO_LARGE },
    { "HTTP/1.1 200 OK\r\n\r\n", "x", AIR_TRANSPORT_ERROR_TOO_LARGE },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", AIR_TRANSPORT_ERROR_TOO_LARGE },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x", AIR_TRANSPORT_ERROR_UNKNOWN },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n", AIR_TRANSPORT_ERROR_UNKNOWN },
    { "HTTP/1.1 200 OK\r\n", "A: b\r\n", AIR_TRANSPORT_ERROR_UNKNOWN },
    { "", "x", AIR_TRANSPORT_ERROR_UNKNOWN },
    { "", "HTTP/1.1 100 Continue\r\n\r\n", AIR_TRANSPORT_ERROR_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    {
      g_autoptr (AirHttpReader) reader = air_http_reader_new ("GET", 100);
      g_autoptr (GError) error = NULL;

      push_repeated (reader, floods[i].start, 1, &error);
      if (error == NULL)
        push_repeated (reader, floods[i].repeated, 70000, &error);
      g_assert_error (error, AIR_TRANSPORT_ERROR, (int) floods[i].code);
    }
}

static void
test_head (void)
{
  static const char wire[] = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nX-A: \xe9\r\n\r\n";
  g_autoptr (AirHttpReader) reader = air_http_reader_new ("HEAD", 10);
  g_autoptr (AirHttpResponse) response = NULL;

  g_assert_true (air_http_reader_push (reader, (const guint8 *) wire, strlen (wire), NULL));
  g_assert_true (air_http_reader_is_done (reader));
  response = air_http_reader_finish (reader);
  g_assert_cmpuint (g_bytes_get_size (response->body), ==, 0);
  g_assert_true (g_utf8_validate (air_http_response_get_header (response, "x-a"), -1, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/components/http-reader/cases", test_cases);
  g_test_add_func ("/components/http-reader/limits", test_limits);
  g_test_add_func ("/components/http-reader/head", test_head);
  return g_test_run ();
}
