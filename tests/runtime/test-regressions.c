/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other engines got wrong, one test each. The host is in this process; its disk and its vendor do as they are
 * told. Those that need people and a daemon that is killed are in test-control.c. */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "base/air-json.h"
#include "runtime/air-host.h"
#include "runtime/air-store-private.h"

typedef enum { ANSWER, HANG, FAIL, FLOOD } Manner;

typedef struct {
  AirPerformed performed;
  gpointer user_data;
} Held;

typedef struct {
  char *state;
  AirPlan *plan;
  AirPrivateKey *key;
  AirHost *host;
  GPtrArray *asked; /* char *: idempotency keys */
  GArray *held;     /* Held: calls that were never answered */
  Manner manner;
  guint failures; /* left, with FAIL */
  guint finished;
  char *outcome;
} Fixture;

static const char *
connector_of (gpointer performer, const char *operation)
{
  return "v";
}

static AirOutcome *
new_receipt (gsize length)
{
  g_autofree char *text = g_strnfill (length, 'r');
  AirValue *output = air_map_new ();

  air_map_set_string (output, "receipt", text);
  return air_outcome_new_ok (200, output, NULL);
}

static void
perform (gpointer performer,
         const char *run,
         const AirEffect *call,
         GCancellable *cancellable,
         AirPerformed performed,
         gpointer user_data)
{
  Fixture *self = performer;
  const Held held = { performed, user_data };

  g_ptr_array_add (self->asked, g_strdup (call->call.idempotency_key));
  if (self->manner == HANG)
    g_array_append_val (self->held, held);
  else if (self->manner == FAIL && self->failures > 0)
    {
      self->failures--;
      performed (air_outcome_new (AIR_OUTCOME_RETRY, 503, "not now"), user_data);
    }
  else
    performed (new_receipt (self->manner == FLOOD ? 8 * 1024 * 1024 : 1), user_data);
}

static void
finished_cb (const char *run, const char *outcome, gint64 duration_us, gpointer user_data)
{
  Fixture *self = user_data;

  self->finished++;
  g_set_str (&self->outcome, outcome);
}

static AirHost *
try_host (Fixture *self, GError **error)
{
  AirPerformer performer = { connector_of, perform, self };
  AirHostOptions options = { .plan = self->plan,
                             .performer = &performer,
                             .state = self->state,
                             .origin = "airails.example/test/host",
                             .ledger_key = self->key };

  return air_host_new (&options, error);
}

static void
open_host (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  self->host = try_host (self, &error);
  g_assert_no_error (error);
  air_host_set_finished (self->host, finished_cb, self);
  air_host_start (self->host, &error);
  g_assert_no_error (error);
}

static void
restart (Fixture *self)
{
  g_clear_pointer (&self->host, air_host_free);
  open_host (self);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "runtime", "plan.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) document = air_json_load_file (path, &error);

  g_assert_no_error (error);
  self->plan =
      air_plan_load (document, "sha256:00000000000000000000000000000000000000000000000000000000000000aa", &error);
  g_assert_no_error (error);
  self->key = air_private_key_generate (AIR_KEY_ED25519, &error);
  self->state = g_dir_make_tmp ("regressions-XXXXXX", &error);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  self->held = g_array_new (FALSE, FALSE, sizeof (Held));
  open_host (self);
}

static void
answer_held (Fixture *self)
{
  for (guint i = 0; i < self->held->len; i++)
    {
      Held *held = &g_array_index (self->held, Held, i);

      held->performed (new_receipt (1), held->user_data);
    }
  g_array_set_size (self->held, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  GDir *dir;
  const char *name;

  g_clear_pointer (&self->host, air_host_free);
  answer_held (self);
  dir = g_dir_open (self->state, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->state, name, NULL);

      g_unlink (path);
    }
  g_dir_close (dir);
  g_rmdir (self->state);
  air_plan_unref (self->plan);
  air_private_key_unref (self->key);
  g_ptr_array_unref (self->asked);
  g_array_unref (self->held);
  g_free (self->state);
  g_free (self->outcome);
}

typedef struct {
  gboolean done;
  char *run;
  guint status;
} Answer;

static void
triggered_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  Answer *answer = user_data;

  answer->done = TRUE;
  answer->run = g_strdup (run);
  answer->status = take_problem != NULL ? take_problem->status : 0;
  g_clear_pointer (&take_problem, air_problem_free);
}

static void
iterate (guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);

  while (g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static void
wait_for_count (const guint *count, guint n)
{
  for (guint i = 0; *count < n; i++)
    {
      g_assert_cmpuint (i, <, 4000);
      iterate (5);
    }
}

static char *
order_with (Fixture *self, const char *id, const char *note, guint *ret_status)
{
  g_autofree char *text = g_strdup_printf (
      "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/t\",\"type\":\"test.order\",\"data\":{\"id\":\"%s\","
      "\"order\":\"%s\",\"who\":\"airails://test/people/rita\",\"amount\":50,\"note\":\"%s\"}}",
      id, id, id, note);
  g_autoptr (AirValue) event = air_json_parse (text, strlen (text), NULL);
  Answer answer = { 0 };

  air_host_trigger (self->host, "start", event, "airails://test/systems/shop", triggered_cb, &answer);
  for (guint i = 0; !answer.done; i++)
    {
      g_assert_cmpuint (i, <, 4000);
      iterate (5);
    }
  if (ret_status != NULL)
    *ret_status = answer.status;
  else
    g_assert_cmpuint (answer.status, ==, 0);
  return answer.run;
}

static char *
order (Fixture *self, const char *id, guint *ret_status)
{
  return order_with (self, id, "", ret_status);
}

/* As many pages as there are, and not one more: what a full disk does to SQLite. */
static gboolean
limit_pages (AirStore *store, gpointer user_data, GError **error)
{
  return sqlite3_exec (store->db, user_data, NULL, NULL, NULL) == SQLITE_OK;
}

static void
set_full (Fixture *self, gboolean full)
{
  g_assert_true (air_writer_run (air_host_get_writer (self->host), limit_pages,
                                 (gpointer) (full ? "PRAGMA max_page_count = 1" : "PRAGMA max_page_count = 1000000"),
                                 NULL));
}

static void
count_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  ++*(guint *) user_data;
}

static gboolean
not_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  return FALSE;
}

/* Warnings that are part of the story; the next test sees them as faults again. */
static guint
expect_warnings (guint *count)
{
  g_test_log_set_fatal_handler (not_fatal, NULL);
  return g_log_set_handler ("air-runtime", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, count_warning, count);
}

/* --- the tests --- */

static void
test_storage (Fixture *self, gconstpointer data)
{
  self->manner = HANG;
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      g_free (order (self, id, NULL));
    }
  wait_for_count (&self->asked->len, 3);

  /* Again and again it goes away while the runs are being taken up, each time a little later. */
  self->manner = HANG;
  for (guint turns = 0; turns < 4; turns++)
    {
      restart (self);
      for (guint i = 0; i < 2 * turns; i++)
        g_main_context_iteration (NULL, FALSE);
    }
  self->manner = ANSWER;
  restart (self);
  set_full (self, TRUE);
  iterate (100);
  set_full (self, FALSE);
  wait_for_count (&self->finished, 3);
  iterate (50);
  g_assert_cmpuint (self->finished, ==, 3);
}

static gboolean
put_bad_row (AirStore *store, gpointer user_data, GError **error)
{
  AirIndexRow row = { .id = (char *) "01BADBADBADBADBADBADBADBAD",
                      .head = 0,
                      .count = 1,
                      .state = (char *) "running",
                      .open = TRUE,
                      .started_us = 1,
                      .updated_us = 1 };

  return air_store_begin (store, error) && air_store_put_row (store, &row, error) && air_store_commit (store, error);
}

static void
test_bad_id (Fixture *self, gconstpointer data)
{
  guint64 alarms;
  guint warnings = 0, before, handler;

  self->manner = HANG;
  g_free (order (self, "good", NULL));
  wait_for_count (&self->asked->len, 1);
  g_assert_true (air_writer_run (air_host_get_writer (self->host), put_bad_row, NULL, NULL));

  self->manner = ANSWER;
  handler = expect_warnings (&warnings);
  restart (self);
  wait_for_count (&self->finished, 1);
  iterate (50);
  g_assert_cmpuint (warnings, >, 0);
  before = warnings;
  g_assert_nonnull (air_host_get_fault (self->host, "01BADBADBADBADBADBADBADBAD"));
  g_assert_cmpuint (air_host_count_faults (self->host), ==, 1);
  alarms = air_host_get_stats (self->host)->alarms;
  iterate (2500);
  g_assert_cmpuint (warnings, ==, before);
  g_assert_cmpuint (air_host_get_stats (self->host)->alarms, ==, alarms);
  g_log_remove_handler ("air-runtime", handler);
}

static void
test_stale_claim (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->manner = HANG;
  g_free (order (self, "one", NULL));
  wait_for_count (&self->asked->len, 1);
  /* A second runtime on this ledger is refused outright. */
  g_assert_null (try_host (self, &error));
  g_assert_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_IN_USE);

  /* What the first one asked for is answered when the run belongs to another: it counts for nothing. */
  g_clear_pointer (&self->host, air_host_free);
  self->manner = ANSWER;
  open_host (self);
  answer_held (self);
  wait_for_count (&self->finished, 1);
  g_assert_cmpuint (self->asked->len, ==, 2);
  g_assert_cmpstr (self->asked->pdata[0], ==, self->asked->pdata[1]);
  iterate (50);
  g_assert_cmpuint (self->finished, ==, 1);
}

static void
test_unfinished_step (Fixture *self, gconstpointer data)
{
  g_autofree char *run = NULL;
  g_autoptr (AirRunView) view = NULL;

  self->manner = FAIL;
  self->failures = 2;
  run = order (self, "one", NULL);
  wait_for_count (&self->asked->len, 1);
  iterate (5);
  /* It waits for the next attempt of its own step, and for nobody who could wake it. */
  restart (self);
  restart (self);
  wait_for_count (&self->finished, 1);
  g_assert_cmpstr (self->outcome, ==, "completed");
  g_assert_cmpuint (self->asked->len, >=, 3);
}

static void
test_full_disk (Fixture *self, gconstpointer data)
{
  g_autofree char *large = g_strnfill (200000, 'x');
  guint status = 0, accepted = 0;

  set_full (self, TRUE);
  for (; status == 0; accepted++)
    {
      g_autofree char *id = g_strdup_printf ("during-%u", accepted);

      g_assert_cmpuint (accepted, <, 10000);
      g_free (order_with (self, id, large, &status));
    }
  accepted--;
  g_assert_cmpuint (status, ==, 503);
  set_full (self, FALSE);
  for (guint i = 0; status != 0; i++)
    {
      g_assert_cmpuint (i, <, 200);
      iterate (50);
      g_free (order (self, "after", &status));
    }
  wait_for_count (&self->finished, accepted + 1);
  g_assert_cmpstr (self->outcome, ==, "completed");
}

static void
test_oversized (Fixture *self, gconstpointer data)
{
  g_autofree char *run = NULL;
  g_autoptr (AirRunView) view = NULL;

  self->manner = FLOOD;
  run = order (self, "one", NULL);
  wait_for_count (&self->finished, 1);
  g_assert_cmpstr (self->outcome, ==, "failed");
  view = air_host_view (self->host, run, TRUE, NULL);
  g_assert_false (view->row->open);
  g_assert_true (air_instance_is_finished (view->instance));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, test) g_test_add ("/runtime/regressions/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("storage-restarts-during-recovery-and-strands-runs", test_storage);
  ADD ("a-bad-id-is-run-again-on-every-recovery-pass", test_bad_id);
  ADD ("a-stale-recovery-claim-runs-work-it-no-longer-owns", test_stale_claim);
  ADD ("a-run-suspended-on-its-own-unfinished-step-never-wakes", test_unfinished_step);
  ADD ("a-full-disk-does-not-heal-when-space-returns", test_full_disk);
  ADD ("an-oversized-run-cannot-be-ended", test_oversized);
  return g_test_run ();
}
