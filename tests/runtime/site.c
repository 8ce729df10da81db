/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "site.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "artifact/air-artifact.h"
#include "base/air-clock.h"
#include "base/air-json.h"
#include "base/air-x509.h"
#include "ledger/air-decision.h"
#include "ledger/air-entry.h"
#include "policy/air-permission.h"
#include "wire/air-tls.h"

static const struct {
  const char *name;
  const char *role;
} people[SITE_N_PEOPLE] = {
  { "dora", "designer" }, { "olga", "operator" }, { "ana", "approver" }, { "bo", "approver" },
  { "aude", "auditor" },  { "rita", "approver" }, { "adam", "admin" },
};

const char *
site_uri (SitePerson person)
{
  static const char *const uris[SITE_N_PEOPLE] = { "airails://test/people/dora", "airails://test/people/olga",
                                                   "airails://test/people/ana",  "airails://test/people/bo",
                                                   "airails://test/people/aude", "airails://test/people/rita",
                                                   "airails://test/people/adam" };

  return uris[person];
}

guint
site_roles (SitePerson person)
{
  return air_role_from_string (people[person].role);
}

char *
site_file (Site *self, const char *name)
{
  return g_build_filename (self->directory, name, NULL);
}

static void
write_file (Site *self, const char *name, const char *text)
{
  g_autofree char *path = site_file (self, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* --- papers --- */

static void
issue (Site *self, AirPrivateKey *ca_key, const char *ca, const char *file, const char *uri, gboolean server)
{
  static const char *const names[] = { "127.0.0.1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *pem = air_x509_issue_leaf (ca_key, ca, air_private_key_get_public (key), file, uri,
                                              server ? names : NULL, now - 60, now + 3600, &error);
  g_autofree char *key_pem = air_private_key_to_pem (key), *crt_name = g_strconcat (file, ".crt", NULL),
                  *key_name = g_strconcat (file, ".key", NULL);

  g_assert_no_error (error);
  write_file (self, crt_name, pem);
  write_file (self, key_name, key_pem);
}

static void
add_person (AirValue *list, const char *uri, const char *role, AirPrivateKey *key)
{
  AirValue *person = air_map_new (), *roles = air_list_new ();
  g_autofree char *pem = air_public_key_to_pem (air_private_key_get_public (key));

  air_map_set_string (person, "uri", uri);
  air_list_append (roles, air_value_new_string (role));
  air_map_set (person, "roles", roles);
  air_map_set_string (person, "key", pem);
  air_list_append (list, person);
}

static void
make_papers (Site *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) trust = air_map_new ();
  g_autoptr (AirPrivateKey) other = air_private_key_generate (AIR_KEY_ECDSA_P256, &error),
                            ledger = air_private_key_generate (AIR_KEY_ED25519, &error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *other_ca = NULL, *text = NULL, *ledger_pem = air_private_key_to_pem (ledger);
  AirValue *signers = air_list_new (), *list = air_list_new ();

  self->ca_key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  self->designer = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  self->stranger = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  self->ca = air_x509_issue_ca (self->ca_key, "Test", now - 60, now + 3600, &error);
  other_ca = air_x509_issue_ca (other, "Other", now - 60, now + 3600, &error);
  g_assert_no_error (error);
  issue (self, self->ca_key, self->ca, "server", NULL, TRUE);
  issue (self, other, other_ca, "other", site_uri (SITE_OLGA), FALSE);
  for (guint i = 0; i < SITE_N_PEOPLE; i++)
    {
      issue (self, self->ca_key, self->ca, people[i].name, site_uri (i), FALSE);
      self->decision_keys[i] = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
      add_person (list, site_uri (i), people[i].role, self->decision_keys[i]);
    }
  issue (self, self->ca_key, self->ca, "nobody", "airails://test/people/nobody", FALSE);
  add_person (signers, site_uri (SITE_DORA), "designer", self->designer);
  air_map_set_int (trust, "v", 1);
  air_map_set_string (trust, "tenant", "test");
  air_map_set_string (trust, "ca", self->ca);
  air_map_set (trust, "signers", signers);
  air_map_set (trust, "people", list);
  text = air_json_write_pretty (trust, &error);
  g_assert_no_error (error);
  write_file (self, "trust.json", text);
  write_file (self, "ledger.key", ledger_pem);
  write_file (self, "v.token", "secret-of-v\n");
}

void
site_sign_artifact (Site *self, AirPrivateKey *key)
{
  g_autofree char *path = site_file (self, "plan.json"), *text = NULL, *layout = site_file (self, "artifact");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (AirValue) document = air_json_load_file (path, &error);
  const char *manifest = self->manifest != NULL ? self->manifest : "{}";
  g_autoptr (GBytes) config = g_bytes_new_static (manifest, strlen (manifest)), none = g_bytes_new_static ("{}", 2);
  g_autoptr (GBytes) plan = air_jcs_write_bytes (document, &error);
  GBytes *const layers[AIR_N_LAYERS] = { plan, none, none, none, none };

  g_assert_no_error (error);
  artifact = air_artifact_pack ("orders", "1.0.0", config, layers, &error);
  g_assert_no_error (error);
  if (key != NULL)
    air_artifact_sign (artifact, key, &error);
  g_assert_no_error (error);
  air_artifact_write (artifact, layout, &error);
  g_assert_no_error (error);
  g_set_str (&self->artifact_digest, artifact->digest);
}

/* --- the vendor --- */

static void
note_asked (Site *self, SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (AirValue) input = air_json_parse (body->data, body->length, NULL);

  g_ptr_array_add (self->asked, g_strdup (input != NULL ? air_map_get_string (input, "order") : NULL));
}

static void
act_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Site *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *key = soup_message_headers_get_one (headers, "Idempotency-Key");
  g_autofree char *answer = NULL;

  g_assert_cmpstr (soup_message_headers_get_one (headers, "Authorization"), ==, "Bearer secret-of-v");
  g_assert_nonnull (key);
  note_asked (self, message);
  if (self->refuse > 0)
    {
      self->refuse--;
      soup_server_message_set_status (message, self->refusal > 0 ? self->refusal : 503, NULL);
      return;
    }
  g_hash_table_replace (self->acted, g_strdup (key),
                        GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (self->acted, key)) + 1));
  if (self->silent)
    {
      g_signal_connect_swapped (message, "finished", G_CALLBACK (g_object_unref), g_object_ref (message));
      soup_server_message_pause (message);
      return;
    }
  answer = g_strdup_printf ("{\"receipt\":\"r-%s\"}", key);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, answer, strlen (answer));
}

static guint
start_vendor (Site *self)
{
  SoupServer *server = soup_server_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  GSList *uris;
  guint port;

  self->vendor = G_OBJECT (server);
  self->acted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  soup_server_add_handler (server, "/act", act_cb, self, NULL);
  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (server);
  port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return port;
}

guint
site_get_acted (Site *self)
{
  return g_hash_table_size (self->acted);
}

/* --- the place --- */

/**
 * site_new:
 * @deadline_ms: (nullable): how long a gate waits
 */
Site *
site_new (const char *deadline_ms)
{
  const char *const edits[] = { "60000", deadline_ms, NULL };

  return site_new_edited (deadline_ms != NULL ? edits : NULL);
}

Site *
site_new_edited (const char *const *edits)
{
  Site *self = g_new0 (Site, 1);
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "runtime", "plan.json", NULL), *text = NULL,
                  *config = NULL;
  g_autoptr (GString) plan = NULL;
  g_autoptr (GError) error = NULL;
  guint port = start_vendor (self);

  self->gate = "approval";
  self->directory = g_dir_make_tmp ("runtime-XXXXXX", &error);
  g_assert_no_error (error);
  g_file_get_contents (source, &text, NULL, &error);
  g_assert_no_error (error);
  plan = g_string_new (text);
  for (guint i = 0; edits != NULL && edits[i] != NULL; i += 2)
    if (g_string_replace (plan, edits[i], edits[i + 1], 1) == 0)
      g_error ("the plan holds no \"%s\"", edits[i]);
  write_file (self, "plan.json", plan->str);
  make_papers (self);
  site_sign_artifact (self, self->designer);
  config = g_strdup_printf (
      "{\"v\":1,\"artifact\":\"artifact\",\"trust\":\"trust.json\",\"state\":\"state\",\"listen\":\"127.0.0.1:0\","
      "\"certificate\":\"server.crt\",\"private_key\":\"server.key\",\"origin\":\"airails.example/test/orders\","
      "\"ledger_key\":\"ledger.key\",\"connectors\":{\"v\":{\"base_url\":\"http://"
      "127.0.0.1:%u\",\"secret_file\":\"v.token\"}},"
      "\"egress\":[\"127.0.0.1:%u\"]}",
      port, port);
  write_file (self, "runtime.json", config);
  self->config = site_file (self, "runtime.json");
  return self;
}

void
site_configure (Site *self, const char *members)
{
  g_autofree char *text = NULL, *longer = NULL;

  g_assert_true (g_file_get_contents (self->config, &text, NULL, NULL));
  longer = g_strdup_printf ("{%s,%s", members, text + 1);
  write_file (self, "runtime.json", longer);
}

static GSubprocess *
spawn (Site *self, GSubprocessFlags flags)
{
  const char *program = g_getenv ("AIRAILS_RUNTIME");
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_assert_nonnull (program);
  process = g_subprocess_new (flags, &error, program, "--config", self->config, NULL);
  g_assert_no_error (error);
  return process;
}

void
site_start (Site *self)
{
  g_autofree char *path = site_file (self, "state/address");
  gint64 until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  g_unlink (path);
  self->daemon = spawn (self, G_SUBPROCESS_FLAGS_STDERR_SILENCE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_clear_pointer (&self->address, g_free);
  while (!g_file_get_contents (path, &self->address, NULL, NULL))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (5000);
    }
}

static void
end (Site *self, int signum)
{
  g_autoptr (GError) error = NULL;

  if (self->daemon == NULL)
    return;
  g_subprocess_send_signal (self->daemon, signum);
  g_subprocess_wait (self->daemon, NULL, &error);
  g_assert_no_error (error);
  if (signum == SIGTERM)
    {
      g_assert_true (g_subprocess_get_if_exited (self->daemon));
      g_assert_cmpint (g_subprocess_get_exit_status (self->daemon), ==, 0);
    }
  g_clear_object (&self->daemon);
}

void
site_kill (Site *self)
{
  end (self, SIGKILL);
}

void
site_stop (Site *self)
{
  end (self, SIGTERM);
}

int
site_run_refused (Site *self, char **ret_words)
{
  g_autoptr (GSubprocess) process = spawn (self, G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, ret_words, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  return g_subprocess_get_exit_status (process);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

void
site_free (Site *self)
{
  end (self, SIGKILL);
  soup_server_disconnect (SOUP_SERVER (self->vendor));
  g_object_unref (self->vendor);
  g_hash_table_unref (self->acted);
  g_ptr_array_unref (self->asked);
  remove_all (self->directory);
  for (guint i = 0; i < SITE_N_PEOPLE; i++)
    air_private_key_unref (self->decision_keys[i]);
  air_private_key_unref (self->ca_key);
  air_private_key_unref (self->designer);
  air_private_key_unref (self->stranger);
  g_free (self->directory);
  g_free (self->ca);
  g_free (self->config);
  g_free (self->artifact_digest);
  g_free (self->address);
  g_free (self);
}

/* --- asking --- */

typedef struct {
  gboolean done;
  GBytes *bytes;
  GError *error;
} Reply;

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reply *reply = user_data;

  reply->bytes = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &reply->error);
  reply->done = TRUE;
}

AirValue *
site_request (Site *self,
              int person,
              const char *method,
              const char *path,
              const char *type,
              const char *body,
              guint *ret_status,
              GBytes **ret_bytes)
{
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;
  const char *name = person == -2 ? "other" : person == -3 ? "nobody" : person >= 0 ? people[person].name : NULL;
  g_autofree char *url = g_strdup_printf ("https://%s%s", self->address, path);
  Reply reply = { 0 };
  AirValue *value;

  database = air_tls_database_new (self->ca, &error);
  g_assert_no_error (error);
  session = g_object_new (SOUP_TYPE_SESSION, "proxy-resolver", NULL, NULL);
  soup_session_set_tls_database (session, database);
  message = soup_message_new (method, url);
  if (name != NULL)
    {
      g_autofree char *crt_name = g_strconcat (name, ".crt", NULL), *key_name = g_strconcat (name, ".key", NULL);
      g_autofree char *crt = site_file (self, crt_name), *key = site_file (self, key_name);

      certificate = air_tls_certificate_load (crt, key, &error);
      g_assert_no_error (error);
      soup_message_set_tls_client_certificate (message, certificate);
    }
  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, type, bytes);
    }
  if (self->order_key != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Idempotency-Key", self->order_key);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, replied_cb, &reply);
  while (!reply.done)
    g_main_context_iteration (NULL, TRUE);
  soup_session_abort (session);
  {
    const char *after = soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");

    self->retry_after_s = after != NULL ? g_ascii_strtoull (after, NULL, 10) : 0;
  }
  if (reply.error != NULL)
    {
      *ret_status = 0;
      g_clear_error (&reply.error);
      return NULL;
    }
  *ret_status = soup_message_get_status (message);
  value = air_json_parse_bytes (reply.bytes, NULL);
  if (ret_bytes != NULL)
    *ret_bytes = g_bytes_ref (reply.bytes);
  g_bytes_unref (reply.bytes);
  return value;
}

AirValue *
site_get (Site *self, SitePerson person, const char *path)
{
  guint status;
  AirValue *value = site_request (self, person, "GET", path, NULL, NULL, &status, NULL);

  g_assert_cmpuint (status, ==, 200);
  g_assert_nonnull (value);
  return value;
}

char *
site_order (Site *self, const char *id, gint64 amount)
{
  g_autofree char *body =
      g_strdup_printf ("{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"test\",\"type\":\"test.order\",\"data\":"
                       "{\"id\":\"%s\",\"order\":\"o-%s\",\"who\":\"%s\",\"amount\":%" G_GINT64_FORMAT "}}",
                       id, id, id, site_uri (SITE_REQUESTER), amount);
  guint status;
  g_autoptr (AirValue) answer =
      site_request (self, SITE_OLGA, "POST", "/v1/triggers/start", "application/cloudevents+json", body, &status, NULL);

  g_assert_cmpuint (status, ==, 202);
  return g_strdup (air_map_get_string (answer, "run"));
}

AirValue *
site_wait (Site *self, const char *run, const char *state)
{
  g_autofree char *path = g_strconcat ("/v1/runs/", run, NULL);
  gint64 until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr (AirValue) answer = site_get (self, SITE_AUDE, path);

      if (g_strcmp0 (air_map_get_string (answer, "state"), state) == 0)
        return g_steal_pointer (&answer);
      if (g_get_monotonic_time () > until)
        g_error ("run %s is %s and not %s", run, air_map_get_string (answer, "state"), state);
      for (guint i = 0; i < 10; i++)
        {
          while (g_main_context_iteration (NULL, FALSE))
            ;
          g_usleep (2000);
        }
    }
}

/* --- deciding --- */

char *
site_envelope (Site *self, SitePerson person, const char *run, const char *decision, const char *role, SiteWrong wrong)
{
  g_autofree char *path = g_strdup_printf ("/v1/gates/%s/%s", run, self->gate);
  g_autoptr (AirValue) gate = site_get (self, person, path);
  g_autoptr (AirDecision) made = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time ();
  AirDigest request;
  char *envelope;

  g_assert_true (air_digest_from_hex (air_map_get_string (air_map_get_map (gate, "requested"), "leaf_hash"), &request));
  if (wrong == SITE_OTHER_SUBJECT)
    request.bytes[0] ^= 1;
  made = air_decision_new (decision, air_map_get_string (gate, "gate"), &request, air_map_get_string (gate, "artifact"),
                           wrong == SITE_OTHER_DIGEST ? "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                                      : air_map_get_string (gate, "action_digest"),
                           "Looked at it", role, wrong == SITE_EXPIRED ? now - 1 * G_USEC_PER_SEC : now,
                           wrong == SITE_EXPIRED ? now - 1000 : now + 600 * G_USEC_PER_SEC, air_random_system ());
  envelope = air_decision_sign (made, wrong == SITE_WRONG_KEY ? self->stranger : self->decision_keys[person], &error);
  g_assert_no_error (error);
  if (wrong == SITE_TAMPERED)
    {
      char *sig = strstr (envelope, "\"sig\":\"") + 20;

      *sig = *sig == 'A' ? 'B' : 'A';
    }
  return envelope;
}

AirValue *
site_decide (Site *self, SitePerson person, const char *run, const char *envelope, guint *ret_status)
{
  g_autofree char *path = g_strdup_printf ("/v1/gates/%s/%s/decisions", run, self->gate);

  return site_request (self, person, "POST", path, "application/json", envelope, ret_status, NULL);
}

/* Reads the ledger as anybody may: by its tiles. */
guint
site_count_entries (Site *self, const char *wanted)
{
  g_autoptr (GBytes) note = NULL;
  guint status, n = 0;
  guint64 size;
  g_auto (GStrv) lines = NULL;

  {
    AirValue *none = site_request (self, SITE_AUDE, "GET", "/v1/ledger/checkpoint", NULL, NULL, &status, &note);

    g_clear_pointer (&none, air_value_unref);
  }
  g_assert_cmpuint (status, ==, 200);
  lines = g_strsplit (g_bytes_get_data (note, NULL), "\n", 4);
  size = g_ascii_strtoull (lines[1], NULL, 10);
  for (guint64 first = 0; first < size; first += 256)
    {
      guint width = MIN (256, size - first);
      g_autofree char *path =
          width == 256 ? g_strdup_printf ("/v1/ledger/tile/entries/%03" G_GUINT64_FORMAT, first / 256)
                       : g_strdup_printf ("/v1/ledger/tile/entries/%03" G_GUINT64_FORMAT ".p/%u", first / 256, width);
      g_autoptr (GBytes) tile = NULL;
      AirValue *none = site_request (self, SITE_AUDE, "GET", path, NULL, NULL, &status, &tile);
      const char *data, *found;
      gsize length;

      g_clear_pointer (&none, air_value_unref);
      g_assert_cmpuint (status, ==, 200);
      data = g_bytes_get_data (tile, &length);
      while ((found = memmem (data, length, wanted, strlen (wanted))) != NULL)
        {
          n++;
          length -= found + 1 - data;
          data = found + 1;
        }
    }
  return n;
}

guint
site_count_refused (Site *self, const char *rule)
{
  g_autofree char *wanted = g_strdup_printf ("\"rule\":\"%s\"", rule);

  return site_count_entries (self, wanted);
}
