/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "base/air-json.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-verifier.h"
#include "runtime/air-config.h"
#include "runtime/air-ledger-check.h"
#include "site.h"

/* The runtime among those who vouch for it: a real witness (airailsctl), a real timestamp authority (openssl ts) behind
 * a small HTTP server, and people who want their data gone. */

#define ORIGIN "airails.example/test/orders"

typedef struct {
  Site *site;
  GSubprocess *witness;
  char *witness_key;
  SoupServer *tsa;
  char *log_key;
} Outside;

static void
sh (Outside *self, const char *script)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_cwd (launcher, self->site->directory);
  process = g_subprocess_launcher_spawn (launcher, &error, "sh", "-euc", script, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

static void
put (Outside *self, const char *name, const char *text, gssize length)
{
  g_autofree char *path = site_file (self->site, name);

  g_assert_true (g_file_set_contents (path, text, length, NULL));
}

static void
stamp_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Outside *self = user_data;
  g_autoptr (GBytes) body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autofree char *file = site_file (self->site, "answer.tsr"), *answer = NULL;
  gsize length;

  put (self, "request.tsq", g_bytes_get_data (body, NULL), (gssize) g_bytes_get_size (body));
  sh (self, "openssl ts -reply -queryfile request.tsq -config tsa.cnf -section t -signer tsa.pem -inkey tsa.key -out "
            "answer.tsr");
  g_assert_true (g_file_get_contents (file, &answer, &length, NULL));
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/timestamp-reply", SOUP_MEMORY_COPY, answer, length);
}

static guint
start_tsa (Outside *self)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;
  guint port;

  put (self, "tsa.cnf",
       "[t]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n"
       "ess_cert_id_alg = sha256\n[req]\ndistinguished_name = dn\n[dn]\n[ca]\nbasicConstraints = critical,CA:TRUE\n"
       "keyUsage = critical,keyCertSign\n[tsa]\nkeyUsage = critical,digitalSignature\n"
       "extendedKeyUsage = critical,timeStamping\n",
       -1);
  sh (self, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=tsa-ca -days 30 -config "
            "tsa.cnf -extensions ca -keyout tsa-ca.key -out tsa-ca.pem\n"
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=tsa -config tsa.cnf -keyout "
            "tsa.key -out tsa.csr\n"
            "openssl x509 -req -in tsa.csr -CA tsa-ca.pem -CAkey tsa-ca.key -set_serial 7 -days 20 -extfile tsa.cnf "
            "-extensions tsa -out tsa.pem\necho 01 > serial");
  self->tsa = g_object_new (SOUP_TYPE_SERVER, NULL);
  soup_server_add_handler (self->tsa, "/tsa", stamp_cb, self, NULL);
  soup_server_listen_local (self->tsa, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->tsa);
  port = (guint) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return port;
}

/* Its address; its key goes into @self. */
static char *
start_witness (Outside *self)
{
  g_autofree char *state = site_file (self->site, "witness"), *key = site_file (self->site, "witness.key"),
                  *address = g_build_filename (state, "address", NULL), *text = NULL;
  gint64 until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;

  g_unlink (address);
  self->witness = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, AIRAILSCTL, "ledger", "witness", state,
                                    "--name", "witness.example/w1", "--key", key, "--log", self->log_key, NULL);
  g_assert_no_error (error);
  while (!g_file_get_contents (address, &text, NULL, NULL))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (5000);
    }
  return g_steal_pointer (&text);
}

static void
stop_witness (Outside *self)
{
  g_subprocess_send_signal (self->witness, SIGTERM);
  g_subprocess_wait (self->witness, NULL, NULL);
  g_clear_object (&self->witness);
}

static char *
make_key (Outside *self, const char *name, const char *file, AirNoteKeyType type)
{
  g_autofree char *path = site_file (self->site, file), *pem = NULL;
  g_autoptr (AirPrivateKey) key = g_file_test (path, G_FILE_TEST_EXISTS)
                                      ? air_private_key_load (path, NULL)
                                      : air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_autoptr (AirVkey) vkey = air_vkey_new (name, type, air_private_key_get_public (key), NULL);

  pem = air_private_key_to_pem (key);
  put (self, file, pem, -1);
  return air_vkey_to_string (vkey);
}

static void
configure (Outside *self, const char *witness_address, guint tsa_port)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) config = NULL;
  AirValue *witnesses = air_list_new (), *witness = air_map_new (), *stamps = air_map_new ();
  g_autofree char *url = g_strdup_printf ("http://%s", witness_address);
  g_autofree char *tsa = g_strdup_printf ("http://127.0.0.1:%u/tsa", tsa_port);

  config = air_json_load_file (self->site->config, &error);
  g_assert_no_error (error);
  air_map_set_string (witness, "url", url);
  air_map_set_string (witness, "key", self->witness_key);
  air_list_append (witnesses, witness);
  air_map_set (config, "witnesses", witnesses);
  air_map_set_string (stamps, "url", tsa);
  air_map_set_string (stamps, "authorities", "tsa-ca.pem");
  air_map_set_int (stamps, "interval_s", 1);
  air_map_set (config, "timestamps", stamps);
  text = air_json_write_pretty (config, &error);
  put (self, "runtime.json", text, -1);
}

static Outside *
outside_new (const char *const *edits)
{
  Outside *self = g_new0 (Outside, 1);

  self->site = site_new_edited (edits);
  self->log_key = make_key (self, ORIGIN, "ledger.key", AIR_NOTE_KEY_ED25519);
  self->witness_key = make_key (self, "witness.example/w1", "witness.key", AIR_NOTE_KEY_COSIGNATURE);
  return self;
}

static void
outside_free (Outside *self)
{
  if (self->witness != NULL)
    stop_witness (self);
  site_free (self->site);
  if (self->tsa != NULL)
    soup_server_disconnect (self->tsa);
  g_clear_object (&self->tsa);
  g_free (self->witness_key);
  g_free (self->log_key);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outside, outside_free)

static GBytes *export (Outside *self, const char *run)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/bundle", run);
  GBytes *bundle = NULL;
  guint status;
  AirValue *none = site_request (self->site, SITE_AUDE, "GET", path, NULL, NULL, &status, &bundle);

  g_clear_pointer (&none, air_value_unref);
  g_assert_cmpuint (status, ==, 200);
  return bundle;
}

static AirReport *
verify (Outside *self, GBytes *bundle, const char *quorum)
{
  g_autoptr (AirVerifierTrust) trust = air_verifier_trust_new ();
  g_autofree char *pem_path = site_file (self->site, "tsa-ca.pem"), *pem = NULL;
  g_autofree char *policy =
      g_strdup_printf ("log %s\nwitness w %s\nquorum %s\n", self->log_key, self->witness_key, quorum);
  g_autoptr (GError) error = NULL;
  gsize length;

  air_verifier_trust_set_policy (trust, policy, strlen (policy), &error);
  g_assert_no_error (error);
  if (g_file_get_contents (pem_path, &pem, &length, NULL))
    air_verifier_trust_set_timestamps (trust, air_timestamp_trust_new (pem, length, NULL));
  return air_verifier_check_zip (bundle, trust);
}

static void
expect (const AirReport *report, AirFindingKind kind, const char *file, const char *words)
{
  g_autofree char *text = air_report_to_text (report);

  for (guint i = 0; i < report->findings->len; i++)
    {
      const AirFinding *finding = report->findings->pdata[i];

      if (finding->kind == kind && g_str_has_prefix (finding->file, file) && strstr (finding->words, words) != NULL)
        return;
    }
  g_error ("nothing at %s says \"%s\":\n%s", file, words, text);
}

static void
test_vouched (void)
{
  g_autoptr (Outside) self = outside_new (NULL);
  g_autofree char *address = start_witness (self), *run = NULL, *second = NULL, *third = NULL, *folder = NULL;
  guint port = start_tsa (self), status;
  g_autoptr (AirValue) done = NULL, again = NULL, once_more = NULL;
  g_autoptr (GBytes) bundle = NULL, alone = NULL, later = NULL, cosigned = NULL;
  g_autoptr (AirReport) report = NULL, without = NULL, back = NULL;

  configure (self, address, port);
  site_start (self->site);
  run = site_order (self->site, "one", 50);
  done = site_wait (self->site, run, "completed");
  bundle = export (self, run);
  report = verify (self, bundle, "w");
  expect (report, AIR_FINDING_OK, "checkpoint", "the largest consistent tree this witness had seen");
  expect (report, AIR_FINDING_OK, "checkpoint.tsr", "CN=tsa stamped the checkpoint");
  g_assert_true (air_report_passed (report));

  {
    AirValue *none = site_request (self->site, SITE_AUDE, "GET", "/v1/ledger/checkpoint?cosigned=true", NULL, NULL,
                                   &status, &cosigned);

    g_clear_pointer (&none, air_value_unref);
  }
  g_assert_cmpuint (status, ==, 200);
  g_assert_nonnull (
      g_strstr_len (g_bytes_get_data (cosigned, NULL), (gssize) g_bytes_get_size (cosigned), "witness.example/w1 "));

  /* A witness that is away costs its cosignature, and nothing else. */
  stop_witness (self);
  second = site_order (self->site, "two", 50);
  again = site_wait (self->site, second, "completed");
  alone = export (self, second);
  without = verify (self, alone, "none");
  g_assert_true (air_report_passed (without));
  {
    g_autoptr (AirReport) demanding = verify (self, alone, "w");

    expect (demanding, AIR_FINDING_FAULT, "checkpoint", "have not all cosigned it");
  }

  /* It comes back and remembers; the runtime was started anew and does not know what it knows. */
  site_stop (self->site);
  g_free (address);
  address = start_witness (self);
  configure (self, address, port);
  site_start (self->site);
  third = site_order (self->site, "three", 50);
  once_more = site_wait (self->site, third, "completed");
  later = export (self, third);
  back = verify (self, later, "w");
  g_assert_true (air_report_passed (back));

  folder = site_file (self->site, "state/timestamps");
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  site_stop (self->site);
}

/* An old copy of the state directory runs, as it must be able to after a disaster; but not unnoticed. */
static void
test_restored (void)
{
  g_autoptr (Outside) self = outside_new (NULL);
  g_autofree char *address = start_witness (self), *first = NULL, *second = NULL;
  guint port = start_tsa (self);
  g_autoptr (GBytes) bundle = NULL;
  g_autoptr (AirReport) report = NULL;
  g_autoptr (AirValue) before = NULL, after = NULL;

  configure (self, address, port);
  site_start (self->site);
  first = site_order (self->site, "one", 50);
  air_value_unref (site_wait (self->site, first, "completed"));
  site_stop (self->site);
  sh (self, "cp -a state old");
  site_start (self->site);
  second = site_order (self->site, "two", 50);
  air_value_unref (site_wait (self->site, second, "completed"));
  g_bytes_unref (export (self, second));
  before = site_get (self->site, SITE_AUDE, "/v1/stats");
  g_assert_cmpint (air_map_get_int (before, "alarms", -1), ==, 0);
  site_stop (self->site);

  sh (self, "rm -rf state; mv old state");
  site_start (self->site);
  bundle = export (self, first);
  after = site_get (self->site, SITE_AUDE, "/v1/stats");
  g_assert_cmpint (air_map_get_int (after, "alarms", 0), >, 0);
  report = verify (self, bundle, "w");
  g_assert_false (air_report_passed (report));
  site_stop (self->site);
}

/* --- erasure ------------------------------------------------------------------------------ */

/* Whether any file of the folder holds these bytes. */
static gboolean
holds (const char *folder, const char *marker)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
      g_autofree char *encoded = g_base64_encode ((const guchar *) marker, strlen (marker) / 3 * 3);
      gsize length;

      if (g_file_test (path, G_FILE_TEST_IS_DIR) || !g_file_get_contents (path, &data, &length, NULL))
        continue;
      if (memmem (data, length, marker, strlen (marker)) != NULL
          || memmem (data, length, encoded, strlen (encoded)) != NULL)
        {
          g_test_message ("%s holds it", name);
          return TRUE;
        }
    }
  return FALSE;
}

static guint
redact (Outside *self, SitePerson person, const char *run, const char *subject, const char *basis)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/redactions", run);
  g_autofree char *body = g_strdup_printf ("{\"subject\":\"%s\",\"legal_basis\":\"%s\"}", subject, basis);
  guint status;
  AirValue *answer = site_request (self->site, person, "POST", path, "application/json", body, &status, NULL);

  g_clear_pointer (&answer, air_value_unref);
  return status;
}

#define BASIS "GDPR Art. 17(1)(a)"

static void
test_erased (void)
{
  g_autoptr (Outside) self = outside_new (NULL);
  g_autofree char *run = NULL, *kept = NULL, *state = site_file (self->site, "state"), *path = NULL, *approval = NULL,
                  *text = NULL, *again = NULL;
  g_autoptr (AirValue) waiting = NULL, done = NULL, other = NULL, view = NULL, decided = NULL;
  g_autoptr (GBytes) before = NULL, after = NULL;
  g_autoptr (AirReport) was = NULL, is = NULL;
  g_autoptr (AirFsckReport) fsck = NULL;
  g_autoptr (AirTlogPolicy) policy = NULL;
  g_autoptr (GError) error = NULL;
  guint status;

  site_start (self->site);
  kept = site_order (self->site, "keptdata4712", 50);
  other = site_wait (self->site, kept, "completed");
  run = site_order (self->site, "erasedata4711", 500);
  waiting = site_wait (self->site, run, "waiting-gate");
  g_assert_cmpuint (redact (self, SITE_ADAM, run, site_uri (SITE_REQUESTER), BASIS), ==, 409); /* still open */
  approval = site_envelope (self->site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  decided = site_decide (self->site, SITE_ANA, run, approval, &status);
  g_assert_cmpuint (status, ==, 200);
  done = site_wait (self->site, run, "completed");
  before = export (self, run);
  was = verify (self, before, "none");
  g_assert_true (air_report_passed (was));

  g_assert_cmpuint (redact (self, SITE_OLGA, run, site_uri (SITE_REQUESTER), BASIS), ==, 403);
  g_assert_cmpuint (redact (self, SITE_AUDE, run, site_uri (SITE_REQUESTER), BASIS), ==, 403);
  g_assert_cmpuint (redact (self, SITE_ADAM, run, "somebody else", BASIS), ==, 409);
  g_assert_cmpuint (redact (self, SITE_ADAM, run, site_uri (SITE_REQUESTER), "she <b>asked</b>"), ==, 400);
  g_assert_cmpuint (redact (self, SITE_ADAM, "nobody", site_uri (SITE_REQUESTER), BASIS), ==, 404);
  g_assert_cmpuint (redact (self, SITE_ADAM, run, site_uri (SITE_REQUESTER), BASIS), ==, 200);
  g_assert_cmpuint (redact (self, SITE_ADAM, run, site_uri (SITE_REQUESTER), BASIS), ==, 200); /* twice is once */
  g_assert_false (holds (state, "erasedata4711"));

  /* The same event still starts nothing new. */
  again = site_order (self->site, "erasedata4711", 500);
  g_assert_cmpstr (again, ==, run);
  path = g_strdup_printf ("/v1/runs/%s", run);
  view = site_get (self->site, SITE_AUDE, path);
  g_assert_cmpstr (air_map_get_string (view, "state"), ==, "completed");
  g_assert_nonnull (air_map_get_map (view, "redacted"));

  after = export (self, run);
  is = verify (self, after, "none");
  text = air_report_to_text (is);
  g_test_message ("%s", text);
  g_assert_true (air_report_passed (is));
  expect (is, AIR_FINDING_NOTE, "entries/", "redacted, committed");
  expect (is, AIR_FINDING_NOTE, "entries/", BASIS);
  expect (is, AIR_FINDING_NOTE, "decisions/", "signed \"approve\"");
  g_assert_false (g_strstr_len (g_bytes_get_data (after, NULL), (gssize) g_bytes_get_size (after), "erasedata4711")
                  != NULL);

  site_stop (self->site);
  g_assert_false (holds (state, "erasedata4711"));
  {
    g_autofree char *lines = g_strdup_printf ("log %s\nquorum none\n", self->log_key);

    policy = air_tlog_policy_parse (lines, strlen (lines), &error);
    g_assert_no_error (error);
    fsck = air_ledger_check (state, policy, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < fsck->faults->len; i++)
      g_test_message ("%s", ((AirFsckFault *) fsck->faults->pdata[i])->words);
    g_assert_cmpuint (fsck->faults->len, ==, 0);
    g_assert_cmpuint (fsck->n_redacted, >, 5);
  }
  site_start (self->site);
  site_stop (self->site);
}

/* A crash between the entry and the erasure: the next start carries it out. */
static void
test_resumed (void)
{
  g_autoptr (Outside) self = outside_new (NULL);
  g_autofree char *run = NULL, *state = site_file (self->site, "state"), *copy = NULL;
  g_autoptr (AirValue) done = NULL;

  site_start (self->site);
  run = site_order (self->site, "erasedata4713", 50);
  done = site_wait (self->site, run, "completed");
  site_stop (self->site);
  /* As it would be if everything but the entry were lost: the old keys and the old rows, and the new entry. */
  sh (self, "cp state/subjects.keys keys.before");
  site_start (self->site);
  g_assert_cmpuint (redact (self, SITE_ADAM, run, site_uri (SITE_REQUESTER), BASIS), ==, 200);
  site_stop (self->site);
  sh (self, "sqlite3 state/ledger.sqlite \"UPDATE entry SET disclosures = x'01aabbccddeeff00112233445566778899aa' "
            "WHERE disclosures IS NULL AND leaf LIKE '%TRIGGER_RECEIVED%'\"");
  site_start (self->site);
  site_stop (self->site);
  copy = site_file (self->site, "left");
  sh (self, "test -z \"$(sqlite3 state/ledger.sqlite \"SELECT idx FROM entry WHERE disclosures IS NOT NULL AND leaf "
            "LIKE '%TRIGGER_RECEIVED%'\")\"");
}

/* --- a data subject ----------------------------------------------------------------------- */

static const char *const with_subject[] = { "\"requester\": \"event.data.who\"",
                                            "\"requester\": \"event.data.who\", \"subject\": \"event.data.who\"",
                                            NULL };

#define CAROL "carolcustomer4714"
#define DAVID "davidcustomer4715"

static char *
order_of (Outside *self, const char *who, const char *id, guint amount)
{
  g_autofree char *body = g_strdup_printf ("{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"test\",\"type\":"
                                           "\"test.order\",\"data\":{\"id\":\"%s\",\"order\":\"o-%s\",\"who\":\"%s\","
                                           "\"amount\":%u}}",
                                           id, id, id, who, amount);
  guint status;
  g_autoptr (AirValue) answer = site_request (self->site, SITE_OLGA, "POST", "/v1/triggers/start",
                                              "application/cloudevents+json", body, &status, NULL);

  g_assert_cmpuint (status, ==, 202);
  return g_strdup (air_map_get_string (answer, "run"));
}

/* How many runs were erased; the status, where it was refused. */
static guint
redact_subject (Outside *self, SitePerson person, const char *subject, const char *basis, guint expected)
{
  g_autofree char *body = g_strdup_printf ("{\"subject\":\"%s\",\"legal_basis\":\"%s\"}", subject, basis);
  guint status;
  g_autoptr (AirValue) answer =
      site_request (self->site, person, "POST", "/v1/redactions", "application/json", body, &status, NULL);

  if (status != expected)
    g_error ("%s: %u and not %u: %s", body, status, expected, air_map_get_string (answer, "detail"));
  return status == 200 ? air_list_get_size (air_map_get_list (answer, "runs")) : 0;
}

static void
assert_readable (Outside *self, const char *run, gboolean readable)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s", run);
  g_autoptr (AirValue) view = site_get (self->site, SITE_AUDE, path);

  g_assert_true ((air_map_get_map (view, "input") != NULL) == readable);
  g_assert_true ((air_map_get_map (view, "redacted") == NULL) == readable);
}

static void
assert_erased (Outside *self, const char *run)
{
  g_autoptr (GBytes) bundle = export (self, run);
  g_autoptr (AirReport) report = verify (self, bundle, "none");

  assert_readable (self, run, FALSE);
  g_assert_true (air_report_passed (report));
  expect (report, AIR_FINDING_NOTE, "entries/", "redacted, committed");
  expect (report, AIR_FINDING_NOTE, "entries/", BASIS);
}

static void
approve (Outside *self, const char *run)
{
  g_autofree char *envelope = site_envelope (self->site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  guint status;

  air_value_unref (site_decide (self->site, SITE_ANA, run, envelope, &status));
  g_assert_cmpuint (status, ==, 200);
}

static void
assert_sound (Outside *self)
{
  g_autofree char *state = site_file (self->site, "state");
  g_autofree char *lines = g_strdup_printf ("log %s\nquorum none\n", self->log_key);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_parse (lines, strlen (lines), &error);
  g_autoptr (AirFsckReport) fsck = air_ledger_check (state, policy, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < fsck->faults->len; i++)
    g_test_message ("%s", ((AirFsckFault *) fsck->faults->pdata[i])->words);
  g_assert_cmpuint (fsck->faults->len, ==, 0);
}

static void
test_subject (void)
{
  g_autoptr (Outside) self = outside_new (with_subject);
  g_autofree char *first = NULL, *second = NULL, *open = NULL, *other = NULL, *later = NULL, *again = NULL,
                  *state = site_file (self->site, "state");

  site_start (self->site);
  first = order_of (self, CAROL, "c-1", 50);
  air_value_unref (site_wait (self->site, first, "completed"));
  second = order_of (self, CAROL, "c-2", 50);
  air_value_unref (site_wait (self->site, second, "completed"));
  other = order_of (self, DAVID, "d-1", 50);
  air_value_unref (site_wait (self->site, other, "completed"));
  /* One that has left the memory and comes back seals under the same keys. */
  open = order_of (self, CAROL, "c-3", 500);
  air_value_unref (site_wait (self->site, open, "waiting-gate"));
  site_kill (self->site);
  site_start (self->site);

  redact_subject (self, SITE_ADAM, CAROL, BASIS, 409); /* still at work */
  approve (self, open);
  air_value_unref (site_wait (self->site, open, "completed"));
  redact_subject (self, SITE_OLGA, CAROL, BASIS, 403);
  redact_subject (self, SITE_ADAM, CAROL, "she <b>asked</b>", 400);
  redact_subject (self, SITE_ADAM, "carol", BASIS, 404);
  sh (self, "sqlite3 state/ledger.sqlite \"SELECT DISTINCT key FROM subject WHERE digest = (SELECT digest FROM subject "
            "GROUP BY digest HAVING count (*) = 3)\" > key; test $(wc -l < key) = 1");

  /* One run alone, and the others stay. */
  g_assert_cmpuint (redact (self, SITE_ADAM, first, CAROL, BASIS), ==, 200);
  assert_erased (self, first);
  assert_readable (self, second, TRUE);
  assert_readable (self, open, TRUE);

  /* Then all of hers, and nobody else's. */
  g_assert_cmpuint (redact_subject (self, SITE_ADAM, CAROL, BASIS, 200), ==, 2);
  assert_erased (self, first);
  assert_erased (self, second);
  assert_erased (self, open);
  assert_readable (self, other, TRUE);
  redact_subject (self, SITE_ADAM, CAROL, BASIS, 404);
  g_assert_false (holds (state, CAROL));
  sh (self, "test $(sqlite3 state/ledger.sqlite 'SELECT count (*) FROM subject') = 1");
  sh (self, "cmp -n 32 -i $(( ($(cat key) - 1) * 32 )):0 state/subjects.keys /dev/zero");

  /* The same event starts nothing; a new one does, under a new key. */
  again = order_of (self, CAROL, "c-2", 50);
  g_assert_cmpstr (again, ==, second);
  later = order_of (self, CAROL, "c-4", 50);
  air_value_unref (site_wait (self->site, later, "completed"));
  assert_readable (self, later, TRUE);
  site_kill (self->site);
  assert_sound (self);

  /* Whose runs they are is told by the entries: an index that is lost is made anew. */
  sh (self, "sqlite3 state/ledger.sqlite \"DELETE FROM meta WHERE name = 'indexed'; DELETE FROM subject\"");
  site_start (self->site);
  assert_readable (self, other, TRUE);
  g_assert_cmpuint (redact_subject (self, SITE_ADAM, DAVID, BASIS, 200), ==, 1);
  assert_erased (self, other);
  assert_erased (self, first);
  g_assert_cmpuint (redact_subject (self, SITE_ADAM, CAROL, BASIS, 200), ==, 1);
  assert_erased (self, later);
  site_stop (self->site);
  assert_sound (self);
}

/* Where nobody says whose data it is, there is nobody to erase. */
static void
test_no_subject (void)
{
  g_autoptr (Outside) self = outside_new (NULL);

  site_start (self->site);
  redact_subject (self, SITE_ADAM, CAROL, BASIS, 409);
  site_stop (self->site);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/runtime/outside/vouched", test_vouched);
  g_test_add_func ("/runtime/outside/restored", test_restored);
  g_test_add_func ("/runtime/outside/erased", test_erased);
  g_test_add_func ("/runtime/outside/resumed", test_resumed);
  g_test_add_func ("/runtime/outside/subject", test_subject);
  g_test_add_func ("/runtime/outside/no-subject", test_no_subject);

  return g_test_run ();
}
