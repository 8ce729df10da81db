/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "base/air-json.h"
#include "ledger/air-checkpoint.h"
#include "engine/air-breaker.h"
#include "runtime/air-host.h"
#include "runtime/air-store-private.h"
#include "runtime/air-timers.h"

/* The host in this process, on a disk that can be full, with a vendor that answers when told. */
typedef struct {
  char *state;
  AirPlan *plan;
  AirPrivateKey *key;
  AirHost *host;
  GPtrArray *asked; /* char *: idempotency keys */
  gboolean strange; /* answers what no ledger can hold */
  guint finished;
  char *outcome;
} Fixture;

static const char *
connector_of (gpointer performer, const char *operation)
{
  return "v";
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
  AirValue *output = air_map_new ();

  g_ptr_array_add (self->asked, g_strdup (call->call.idempotency_key));
  if (self->strange)
    air_map_set_int (output, "receipt", G_MAXINT64);
  else
    air_map_set_string (output, "receipt", "r");
  performed (air_outcome_new_ok (200, output, NULL), user_data);
}

static void
finished_cb (const char *run, const char *outcome, gint64 duration_us, gpointer user_data)
{
  Fixture *self = user_data;

  self->finished++;
  g_set_str (&self->outcome, outcome);
}

static void
open_host (Fixture *self)
{
  AirPerformer performer = { connector_of, perform, self };
  AirHostOptions options = { .plan = self->plan,
                             .performer = &performer,
                             .state = self->state,
                             .origin = "airails.example/test/host",
                             .ledger_key = self->key };
  g_autoptr (GError) error = NULL;

  self->host = air_host_new (&options, &error);
  g_assert_no_error (error);
  air_host_set_finished (self->host, finished_cb, self);
  air_host_start (self->host, &error);
  g_assert_no_error (error);
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
  self->state = g_dir_make_tmp ("host-XXXXXX", &error);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  open_host (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "journal", "lock" };

  g_clear_pointer (&self->host, air_host_free);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->state, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (self->state);
  air_plan_unref (self->plan);
  air_private_key_unref (self->key);
  g_ptr_array_unref (self->asked);
  g_free (self->state);
  g_free (self->outcome);
}

typedef struct {
  gboolean done;
  char *run;
  guint status; /* of the problem */
  gboolean duplicate;
} Answer;

static void
triggered_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  Answer *answer = user_data;
  g_autoptr (AirProblem) problem = take_problem;

  answer->done = TRUE;
  answer->run = g_strdup (run);
  answer->duplicate = duplicate;
  answer->status = problem != NULL ? problem->status : 0;
}

static void
send (Fixture *self, const char *id, const char *key, gint64 amount, Answer *answer)
{
  g_auto (AirTriggerKeys) keys = { 0 };

  memset (answer, 0, sizeof *answer);
  keys.data = air_map_new ();
  air_map_set_string (keys.data, "id", id);
  air_map_set_string (keys.data, "order", key);
  air_map_set_string (keys.data, "who", "airails://test/people/rita");
  air_map_set_int (keys.data, "amount", amount);
  keys.dedup_key = g_strdup (id);
  keys.concurrency_key = g_strdup (key);
  air_host_trigger_keys (self->host, &keys, "airails://test/people/olga", triggered_cb, answer);
}

static void
wait_for (const gboolean *done)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!*done)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, FALSE);
    }
}

static void
wait_finished (Fixture *self, guint n)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (self->finished < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, FALSE);
    }
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
noted_cb (const char *note, const GError *error, gpointer user_data)
{
  char **ret_note = user_data;

  g_assert_no_error (error);
  *ret_note = g_strdup (note);
}

static char *
checkpoint (Fixture *self)
{
  char *note = NULL;
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  air_host_checkpoint (self->host, noted_cb, &note);
  while (note == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, FALSE);
    }
  return note;
}

/* What the journal took stays and goes on; once the store cannot follow, nothing more is begun until it can. */
static void
test_full_disk (Fixture *self, gconstpointer data)
{
  g_autofree char *before = NULL, *during = NULL, *large = g_strnfill (200000, 'x');
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint accepted, asked;
  guint64 size;
  Answer answer;

  g_free (checkpoint (self));
  set_full (self, TRUE);
  send (self, large, "o", 50, &answer);
  wait_for (&answer.done);
  g_assert_cmpuint (answer.status, ==, 0);
  for (accepted = 0; answer.status == 0; accepted++)
    {
      g_autofree char *id = g_strdup_printf ("more-%u", accepted);

      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_free (answer.run);
      send (self, id, id, 50, &answer);
      wait_for (&answer.done);
    }
  g_assert_cmpuint (answer.status, ==, 503);
  size = air_writer_get_size (air_host_get_writer (self->host));
  asked = self->asked->len;
  before = checkpoint (self);
  send (self, "refused", "o", 50, &answer);
  wait_for (&answer.done);
  g_assert_cmpuint (answer.status, ==, 503);
  g_assert_null (answer.run);
  g_assert_cmpuint (air_writer_get_size (air_host_get_writer (self->host)), ==, size);
  g_assert_cmpuint (self->asked->len, ==, asked);
  during = checkpoint (self);
  g_assert_cmpstr (during, ==, before);

  set_full (self, FALSE);
  for (answer.status = 503; answer.status == 503;)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      send (self, "refused", "o", 50, &answer);
      wait_for (&answer.done);
    }
  g_assert_cmpuint (answer.status, ==, 0);
  g_assert_false (answer.duplicate);
  wait_finished (self, accepted + 1);
  g_assert_cmpuint (self->finished, ==, accepted + 1);
  g_assert_cmpstr (self->outcome, ==, "completed");
  g_free (answer.run);
}

/* An answer that no ledger can hold stops that run alone, and says that a person must look: it told that it worked. */
static void
test_unrecordable (Fixture *self, gconstpointer data)
{
  g_autofree char *state = NULL;
  Answer answer, next;

  self->strange = TRUE;
  send (self, "strange", "o", 50, &answer);
  wait_for (&answer.done);
  g_assert_cmpuint (answer.status, ==, 0);
  while (g_strcmp0 (state, "unknown-outcome") != 0)
    {
      AirIndexRow *row;

      g_main_context_iteration (NULL, FALSE);
      row = air_store_find_row (air_host_get_store (self->host), answer.run, NULL);
      g_set_str (&state, row != NULL ? row->state : "");
      g_clear_pointer (&row, air_index_row_free);
    }
  g_assert_cmpuint (self->finished, ==, 0);
  g_assert_cmpuint (self->asked->len, ==, 1);
  self->strange = FALSE;
  send (self, "usual", "o2", 50, &next);
  wait_for (&next.done);
  wait_finished (self, 1);
  g_assert_cmpstr (self->outcome, ==, "completed");
  g_free (answer.run);
  g_free (next.run);
}

static void
test_lines (Fixture *self, gconstpointer data)
{
  Answer answers[4];
  AirIndexRow *row;

  /* The first waits for a person, so the others wait for it. */
  send (self, "a", "one", 500, &answers[0]);
  send (self, "b", "one", 50, &answers[1]);
  send (self, "c", "one", 50, &answers[2]);
  send (self, "d", "two", 50, &answers[3]);
  for (guint i = 0; i < 4; i++)
    {
      wait_for (&answers[i].done);
      g_assert_cmpuint (answers[i].status, ==, 0);
    }
  wait_finished (self, 1);
  g_assert_cmpuint (self->asked->len, ==, 1);

  /* Still so after a restart. */
  g_clear_pointer (&self->host, air_host_free);
  open_host (self);
  row = air_store_find_row (air_host_get_store (self->host), answers[1].run, NULL);
  g_assert_cmpstr (row->state, ==, "received");
  air_index_row_free (row);
  g_assert_cmpuint (self->finished, ==, 1);
  {
    AirRun *run = air_host_open_run (self->host, answers[0].run, NULL);
    AirMessage *message = air_message_new (AIR_EVENT_CANCEL);

    message->actor = g_strdup ("airails://test/people/olga");
    air_host_post (self->host, run, message);
  }
  wait_finished (self, 4);
  g_assert_cmpuint (self->asked->len, ==, 3);
  for (guint i = 0; i < 4; i++)
    g_free (answers[i].run);
}

static void
test_duplicates (Fixture *self, gconstpointer data)
{
  Answer first, second, third;

  send (self, "a", "one", 50, &first);
  send (self, "a", "one", 50, &second); /* before the first is durable */
  wait_for (&first.done);
  wait_for (&second.done);
  g_assert_cmpstr (first.run, ==, second.run);
  g_assert_false (first.duplicate);
  g_assert_true (second.duplicate);
  wait_finished (self, 1);
  send (self, "a", "one", 50, &third);
  wait_for (&third.done);
  g_assert_cmpstr (first.run, ==, third.run);
  g_assert_true (third.duplicate);
  g_free (first.run);
  g_free (second.run);
  g_free (third.run);
}

static void
change (Fixture *self, const char *sql, int expected)
{
  g_autofree char *path = g_build_filename (self->state, "ledger.sqlite", NULL);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, expected);
  sqlite3_close (db);
}

/* Lost, the index is made anew out of the entries. */
static void
test_rebuilt_index (Fixture *self, gconstpointer data)
{
  Answer waits, done, again;
  AirIndexRow *row;

  send (self, "a", "one", 500, &waits);
  send (self, "b", "two", 50, &done);
  wait_for (&waits.done);
  wait_finished (self, 1);
  g_clear_pointer (&self->host, air_host_free);
  change (self, "DELETE FROM instance; UPDATE meta SET value = 0", SQLITE_OK);
  open_host (self);
  row = air_store_find_row (air_host_get_store (self->host), waits.run, NULL);
  g_assert_cmpstr (row->state, ==, "waiting-gate");
  g_assert_cmpstr (row->gate, ==, "approval");
  air_index_row_free (row);
  row = air_store_find_row (air_host_get_store (self->host), done.run, NULL);
  g_assert_cmpstr (row->state, ==, "completed");
  air_index_row_free (row);
  send (self, "b", "two", 50, &again);
  wait_for (&again.done);
  g_assert_cmpstr (again.run, ==, done.run);
  g_free (waits.run);
  g_free (done.run);
  g_free (again.run);
}

/* Entries cannot be changed or taken away by a slip, and a ledger that lost what was signed is not taken up. */
static void
test_rewritten (Fixture *self, gconstpointer data)
{
  AirHostOptions options = {
    .plan = self->plan, .state = self->state, .origin = "airails.example/test/host", .ledger_key = self->key
  };
  AirPerformer performer = { connector_of, perform, self };
  g_autoptr (GError) error = NULL;
  g_autofree char *note = checkpoint (self);

  g_clear_pointer (&self->host, air_host_free);
  change (self, "UPDATE entry SET leaf = x'00' WHERE idx = 0", SQLITE_CONSTRAINT);
  change (self, "DELETE FROM entry", SQLITE_CONSTRAINT);
  change (self,
          "DROP TRIGGER entry_stays; UPDATE entry SET leaf = CAST (replace (CAST (leaf AS TEXT), 'EPOCH_STARTED', "
          "'EPOCH_STARTET') AS BLOB)",
          SQLITE_OK);
  options.performer = &performer;
  self->host = air_host_new (&options, &error);
  g_assert_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER);
  g_assert_null (self->host);
}

/* --- the small parts --- */

static void
fired_cb (const char *run, const char *id, gpointer user_data)
{
  g_string_append_printf (user_data, "%s/%s ", run, id != NULL ? id : "-");
}

static void
test_timers (void)
{
  g_autoptr (GString) fired = g_string_new (NULL);
  g_autoptr (AirTimers) timers = air_timers_new (fired_cb, fired);
  g_autoptr (GPtrArray) except = g_ptr_array_new ();
  gint64 now = g_get_real_time ();
  gint64 until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  air_timers_set (timers, "b", "2", now + 30000);
  air_timers_set (timers, "a", "1", now + 10000);
  air_timers_set (timers, "a", NULL, now + 20000);
  air_timers_set (timers, "c", "3", now + 15000);
  air_timers_set (timers, "d", "4", now + 1000);
  air_timers_set (timers, "d", "4", now + 40000); /* replaced */
  g_ptr_array_add (except, (gpointer) "1");
  g_assert_cmpint (air_timers_next_of (timers, "a", NULL), ==, now + 10000);
  g_assert_cmpint (air_timers_next_of (timers, "a", except), ==, now + 20000);
  g_assert_true (air_timers_cancel (timers, "c", "3"));
  g_assert_false (air_timers_cancel (timers, "c", "3"));
  while (air_timers_get_size (timers) > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpstr (fired->str, ==, "a/1 a/- b/2 d/4 ");
}

/* Those that are not in memory, as an index on disk has them: number i wakes i µs after the first. */
typedef struct {
  AirTimers *timers;
  gint64 first_us;
  guint n, fired, looked_up;
  gboolean broken;
  guint most; /* in the heap at once */
} Sleepers;

static gboolean
load_sleepers_cb (gint64 from_us, gint64 until_us, guint max, gint64 *ret_until_us, gpointer user_data)
{
  Sleepers *self = user_data;
  guint n = 0;

  self->looked_up++;
  if (self->broken)
    {
      self->broken = FALSE;
      return FALSE;
    }
  *ret_until_us = until_us;
  for (guint i = self->fired; i < self->n; i++)
    {
      char name[16];

      if (self->first_us + i < from_us || self->first_us + i >= until_us)
        continue;
      if (n++ >= max)
        {
          *ret_until_us = self->first_us + i;
          break;
        }
      g_snprintf (name, sizeof name, "%u", i);
      air_timers_set (self->timers, name, NULL, self->first_us + i);
    }
  self->most = MAX (self->most, air_timers_get_size (self->timers));
  return TRUE;
}

static void
sleeper_cb (const char *run, const char *id, gpointer user_data)
{
  Sleepers *self = user_data;

  g_assert_null (id);
  g_assert_cmpint (g_ascii_strtoll (run, NULL, 10), ==, self->fired); /* each once, in order */
  self->fired++;
}

/* A great many that wake together: each is woken, once, and few of them are in memory at a time. */
static void
test_many_timers (void)
{
  Sleepers sleepers = { .first_us = g_get_real_time () + 1000, .n = 50000, .broken = TRUE };
  g_autoptr (AirTimers) timers = air_timers_new (sleeper_cb, &sleepers);
  gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  sleepers.timers = timers;
  air_timers_start_loading (timers, load_sleepers_cb, &sleepers);
  while (sleepers.fired < sleepers.n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (sleepers.most, <, 10000);
  g_assert_cmpuint (sleepers.looked_up, <, 40);
  g_assert_cmpuint (air_timers_get_size (timers), ==, 0);

  /* One that leaves the memory is woken if that is soon, and left to the index if it is not. */
  sleepers.n = sleepers.fired;
  air_timers_set (timers, "x", "deadline/x", g_get_real_time () + G_TIME_SPAN_HOUR);
  air_timers_park (timers, "x", g_get_real_time () + G_TIME_SPAN_HOUR);
  g_assert_cmpuint (air_timers_get_size (timers), ==, 0);
  air_timers_park (timers, "50000", g_get_real_time () + 10000);
  g_assert_cmpuint (air_timers_get_size (timers), ==, 1);
  while (sleepers.fired == sleepers.n)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_breaker (void)
{
  AirBreaker breaker = { 0 };
  g_autoptr (AirOutcome) silent = air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, NULL),
                         busy = air_outcome_new (AIR_OUTCOME_RETRY, 429, NULL);
  g_autoptr (AirOutcome) ok = air_outcome_new (AIR_OUTCOME_OK, 200, NULL);

  for (guint i = 0; i < 100; i++)
    air_breaker_record (&breaker, busy, 0);
  g_assert_true (air_breaker_admit (&breaker, 0));
  for (guint i = 0; i < AIR_BREAKER_THRESHOLD; i++)
    air_breaker_record (&breaker, silent, 0);
  g_assert_false (air_breaker_admit (&breaker, 1000));
  g_assert_true (air_breaker_admit (&breaker, 60 * G_USEC_PER_SEC));
  g_assert_false (air_breaker_admit (&breaker, 60 * G_USEC_PER_SEC)); /* one probe at a time */
  air_breaker_record (&breaker, silent, 60 * G_USEC_PER_SEC);
  g_assert_false (air_breaker_admit (&breaker, 60 * G_USEC_PER_SEC + 1000));
  g_assert_true (air_breaker_admit (&breaker, 120 * G_USEC_PER_SEC));
  air_breaker_record (&breaker, ok, 120 * G_USEC_PER_SEC);
  g_assert_true (air_breaker_admit (&breaker, 120 * G_USEC_PER_SEC));
}

static void
test_histogram (void)
{
  AirHistogram histogram = { 0 };

  for (gint64 us = 1; us <= 100000; us++)
    air_histogram_add (&histogram, us);
  g_assert_cmpfloat_with_epsilon (air_histogram_quantile (&histogram, 0.5), 50, 5);
  g_assert_cmpfloat_with_epsilon (air_histogram_quantile (&histogram, 0.99), 99, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/timers", test_timers);
  g_test_add_func ("/runtime/many-timers", test_many_timers);
  g_test_add_func ("/runtime/breaker", test_breaker);
  g_test_add_func ("/runtime/histogram", test_histogram);
  g_test_add ("/runtime/host/duplicates", Fixture, NULL, set_up, test_duplicates, tear_down);
  g_test_add ("/runtime/host/full-disk", Fixture, NULL, set_up, test_full_disk, tear_down);
  g_test_add ("/runtime/host/unrecordable", Fixture, NULL, set_up, test_unrecordable, tear_down);
  g_test_add ("/runtime/host/lines", Fixture, NULL, set_up, test_lines, tear_down);
  g_test_add ("/runtime/host/rebuilt-index", Fixture, NULL, set_up, test_rebuilt_index, tear_down);
  g_test_add ("/runtime/host/rewritten", Fixture, NULL, set_up, test_rewritten, tear_down);
  return g_test_run ();
}
