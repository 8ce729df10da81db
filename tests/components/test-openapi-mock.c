/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every request that our fixtures make the operation engine build, sent to a server that validates requests against the
 * vendor's own description. AIRAILS_OPENAPI_MOCK_<CONNECTOR> says where it listens ("http://127.0.0.1:4010"); for
 * example `prism mock --errors -p 4010 DESCRIPTION`. A connector without one is skipped. Such a server drops form fields it
 * does not know: test-openapi.c compares the names. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "components/air-pack-replay.h"
#include "components/air-transport.h"
#include "model/air-pack-directory.h"

typedef struct {
  const char *connector;
  const char *address;
  AirTransport *transport;
  GMainLoop *loop;
  GHashTable *tallies; /* operation → Tally */
  AirHttpResponse *response;
  GError *error;
} Drive;

typedef struct {
  guint n_accepted, n_refused;
} Tally;

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Drive *self = user_data;

  self->response = air_transport_send_finish (AIR_TRANSPORT (source), result, &self->error);
  g_main_loop_quit (self->loop);
}

/* The same request, to the mock's address. */
static AirHttpRequest *
redirect (const Drive *self, const AirHttpRequest *request)
{
  const char *path = strchr (strstr (request->url, "://") + strlen ("://"), '/');
  g_autofree char *url = g_strconcat (self->address, path, NULL);
  AirHttpRequest *copy = air_http_request_new (request->method, url);

  for (guint i = 0; i < request->headers->len; i++)
    {
      const AirHttpHeader *header = request->headers->pdata[i];

      air_http_request_add_header (copy, header->name, header->value, header->secret);
    }
  copy->body = request->body != NULL ? g_bytes_ref (request->body) : NULL;
  return copy;
}

static void
request_cb (const AirOperation *operation, const char *fixture, const AirHttpRequest *request, gpointer user_data)
{
  Drive *self = user_data;
  g_autoptr (AirHttpRequest) sent = NULL;
  const char *id = air_operation_get_id (operation), *violations;
  Tally *tally = g_hash_table_lookup (self->tallies, id);

  if (!g_str_has_prefix (id, self->connector) || id[strlen (self->connector)] != '.')
    return;
  if (tally == NULL)
    g_hash_table_insert (self->tallies, g_strdup (id), tally = g_new0 (Tally, 1));
  sent = redirect (self, request);
  air_transport_send_async (self->transport, sent, 10000, NULL, sent_cb, self);
  g_main_loop_run (self->loop);
  g_assert_no_error (self->error);
  violations = air_http_response_get_header (self->response, "sl-violations");
  if (self->response->status >= 200 && self->response->status < 300 && violations == NULL)
    tally->n_accepted++;
  else
    {
      gsize length = 0;
      const char *body = self->response->body != NULL ? g_bytes_get_data (self->response->body, &length) : "";

      tally->n_refused++;
      g_test_message ("%s, %s: %s %s is refused with %d: %s %.*s", id, fixture, sent->method, sent->url,
                      self->response->status, violations != NULL ? violations : "", (int) length, body);
    }
  g_clear_pointer (&self->response, air_http_response_free);
}

static void
test_mock (gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", NULL);
  g_autofree char *upper = g_ascii_strup (data, -1), *variable = g_strconcat ("AIRAILS_OPENAPI_MOCK_", upper, NULL);
  Drive drive = { data, g_getenv (variable) };
  const char *destination = drive.address != NULL ? strstr (drive.address, "://") : NULL;
  const char *destinations[] = { destination != NULL ? destination + strlen ("://") : NULL, NULL };
  g_autoptr (AirEgress) egress = NULL;
  g_autoptr (AirPack) pack = NULL;
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer id, tally;
  guint n, n_refused = 0;

  if (destination == NULL)
    {
      g_autofree char *why = g_strdup_printf ("skipped: %s says of no validating server", variable);

      g_test_skip (why);
      return;
    }
  egress = air_egress_new (destinations, &error);
  g_assert_no_error (error);
  pack = air_pack_load_directory (folder, &error);
  g_assert_no_error (error);
  drive.transport = air_http_transport_new (egress, 2);
  drive.loop = g_main_loop_new (NULL, FALSE);
  drive.tallies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  air_pack_replay (pack, request_cb, &drive, &n, &error);
  g_assert_no_error (error);

  g_hash_table_iter_init (&iter, drive.tallies);
  while (g_hash_table_iter_next (&iter, &id, &tally))
    {
      g_test_message ("%s: %u accepted, %u refused", (char *) id, ((Tally *) tally)->n_accepted,
                      ((Tally *) tally)->n_refused);
      n_refused += ((Tally *) tally)->n_refused;
    }
  g_assert_cmpuint (g_hash_table_size (drive.tallies), >, 0);
  g_hash_table_unref (drive.tallies);
  g_main_loop_unref (drive.loop);
  g_object_unref (drive.transport);
  g_assert_cmpuint (n_refused, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/components/openapi-mock/stripe", "stripe", test_mock);
  g_test_add_data_func ("/components/openapi-mock/zendesk", "zendesk", test_mock);
  g_test_add_data_func ("/components/openapi-mock/shop", "shop", test_mock);
  return g_test_run ();
}
