/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What could leave a run, or the host, standing still: turns that come while a run is paused, an index made anew, a
 * stop amid commits, decisions that no entry can hold, calls that a vendor's rest holds back. */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "lone-host.h"
#include "base/air-json.h"
#include "runtime/air-store-private.h"

/* More than the host keeps in memory though nothing happens to them. */
#define MANY 200

static char *
state_of (Fixture *self, const char *run, char **ret_waiting)
{
  g_autoptr (AirRunView) view = air_host_view (self->host, run, FALSE, NULL);

  if (ret_waiting != NULL)
    *ret_waiting = g_strdup (view->row->waiting);
  return g_strdup (view->row->state);
}

static guint
count_runs (Fixture *self, const char *state)
{
  const guint64 *n = g_hash_table_lookup (air_host_get_states (self->host), state);

  return n != NULL ? *n : 0;
}

static void
wait_for_state (Fixture *self, const char *run, const char *wanted)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *state = state_of (self, run, NULL);

      if (strcmp (state, wanted) == 0)
        return;
      g_assert_cmpuint (i, <, 4000);
      lone_host_iterate (5);
    }
}

static void
order_many (Fixture *self)
{
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      g_free (lone_host_order (self, &(Order) { .id = id, .amount = 500 }, NULL));
    }
}

typedef struct {
  gboolean done;
  guint status;
} Told;

static void
told_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  Told *told = user_data;

  told->done = TRUE;
  told->status = take_problem != NULL ? take_problem->status : 0;
  g_clear_pointer (&take_problem, air_problem_free);
}

/* Returns: the status it was refused with, or 0 */
static guint
tell (Fixture *self, const char *run, AirControl control)
{
  AirMessage *message = air_message_new (AIR_EVENT_CONTROL);
  AirRun *opened = air_host_open_run (self->host, run, NULL);
  Told told = { FALSE, 0 };

  g_assert_nonnull (opened);
  message->control = control;
  message->actor = g_strdup ("airails://test/people/olga");
  message->reason = g_strdup ("as agreed");
  air_message_set_sender (message, told_cb, &told);
  air_host_post (self->host, opened, message);
  while (!told.done)
    lone_host_iterate (1);
  return told.status;
}

/* Its turn comes while it is paused and it leaves the memory: it begins when it is resumed. */
static void
test_paused_in_line (Fixture *self, gconstpointer data)
{
  g_autofree char *first = lone_host_order (self, &(Order) { .id = "first", .order = "k", .amount = 500 }, NULL);
  g_autofree char *second = lone_host_order (self, &(Order) { .id = "second", .order = "k" }, NULL);
  g_autofree char *third = lone_host_order (self, &(Order) { .id = "third", .order = "k" }, NULL);
  g_autofree char *waiting = NULL;

  wait_for_state (self, second, "received");
  g_assert_cmpuint (tell (self, second, AIR_CONTROL_PAUSE), ==, 0);
  g_free (state_of (self, second, &waiting));
  g_assert_nonnull (strstr (waiting, "paused by airails://test/people/olga"));
  g_assert_cmpuint (tell (self, first, AIR_CONTROL_CANCEL), ==, 0);
  lone_host_wait (&self->finished, 1);
  order_many (self);
  wait_for_state (self, third, "received");
  g_assert_cmpuint (tell (self, second, AIR_CONTROL_RESUME), ==, 0);
  wait_for_state (self, second, "completed");
  wait_for_state (self, third, "completed");
}

static gboolean
run_sql (AirStore *store, gpointer user_data, GError **error)
{
  return sqlite3_exec (store->db, user_data, NULL, NULL, NULL) == SQLITE_OK;
}

#define LOSE_A_ROW                                                                                                     \
  ((gpointer) "DELETE FROM instance WHERE id = (SELECT max (id) FROM instance WHERE open);"                            \
              "UPDATE meta SET value = 0 WHERE name = 'indexed'")

static void
count_cb (const char *id, gint64 wake_us, gpointer user_data)
{
  ++*(guint *) user_data;
}

/* How many runs the store says are to be woken by now. */
static guint
count_overdue (Fixture *self)
{
  guint n = 0;
  gint64 until_us;
  g_autoptr (GError) error = NULL;

  air_store_list_wakes (air_host_get_store (self->host), 1, g_get_real_time (), 100000, count_cb, &n, &until_us,
                        &error);
  g_assert_no_error (error);
  return n;
}

/* The index is made anew and wakes every run once; those that wait are not woken again and again after that. */
static void
test_index_anew (Fixture *self, gconstpointer data)
{
  g_autofree char *first = lone_host_order (self, &(Order) { .id = "first", .order = "k", .amount = 500 }, NULL);
  g_autofree char *second = lone_host_order (self, &(Order) { .id = "second", .order = "k", .amount = 500 }, NULL);
  g_autoptr (GPtrArray) entries = NULL;

  order_many (self);
  g_assert_true (air_writer_run (air_host_get_writer (self->host), run_sql, LOSE_A_ROW, NULL));
  lone_host_restart (self);
  for (guint i = 0; count_overdue (self) > 0; i++)
    {
      g_assert_cmpuint (i, <, 2000);
      lone_host_iterate (5);
    }
  g_assert_cmpuint (self->finished, ==, 0);
  /* Who waits for its turn goes on waiting: nothing of it is decided before. */
  lone_host_iterate (50);
  wait_for_state (self, second, "received");
  entries = air_host_read_entries (self->host, second, NULL);
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpuint (tell (self, first, AIR_CONTROL_CANCEL), ==, 0);
  wait_for_state (self, second, "waiting-gate");
}

/* One run cannot be read when the index is made anew: it stops alone, and the others go on. */
static void
test_index_anew_unreadable (Fixture *self, gconstpointer data)
{
  g_autofree char *bad = lone_host_order (self, &(Order) { .id = "bad", .amount = 500 }, NULL);
  g_autofree char *good = lone_host_order (self, &(Order) { .id = "good", .amount = 500 }, NULL);
  g_autofree char *damage = NULL, *again = NULL;
  g_autoptr (AirRunView) view = air_host_view (self->host, bad, FALSE, NULL);
  guint warnings = 0, handler = lone_host_expect_warnings (&warnings);

  damage = g_strdup_printf ("UPDATE entry SET disclosures = X'00' WHERE idx = %" G_GINT64_FORMAT, view->row->head);
  g_assert_true (air_writer_run (air_host_get_writer (self->host), run_sql, damage, NULL));
  g_assert_true (air_writer_run (air_host_get_writer (self->host), run_sql, LOSE_A_ROW, NULL));
  lone_host_restart (self);
  for (guint i = 0; air_host_get_fault (self->host, bad) == NULL; i++)
    {
      g_assert_cmpuint (i, <, 2000);
      lone_host_iterate (1);
    }
  g_assert_cmpuint (air_host_count_faults (self->host), ==, 1);
  /* Its event is known again. */
  again = lone_host_order (self, &(Order) { .id = "bad", .amount = 500 }, NULL);
  g_assert_cmpstr (again, ==, bad);
  g_assert_cmpuint (tell (self, good, AIR_CONTROL_CANCEL), ==, 0);
  wait_for_state (self, good, "cancelled");
  g_assert_cmpuint (warnings, >, 0);
  g_log_remove_handler ("air-runtime", handler);
}

static void
count_durable_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  *(guint *) user_data += take_problem == NULL;
  g_clear_pointer (&take_problem, air_problem_free);
}

/* It is stopped while commits are on their way to the disk, a little later each time: what is durable then counts, and
 * what follows from it is left to the next start. */
static void
test_stop_amid_commits (Fixture *self, gconstpointer data)
{
  guint answered = 0, n = 0;

  for (guint turns = 0; turns < 40; turns++)
    {
      for (guint i = 0; i < 16; i++, n++)
        {
          g_autofree char *text = g_strdup_printf (
              "{\"specversion\":\"1.0\",\"id\":\"%u\",\"source\":\"/t\",\"type\":\"test.order\",\"data\":{\"id\":"
              "\"o-%u\",\"order\":\"k-%u\",\"who\":\"airails://test/people/rita\",\"amount\":50}}",
              n, n, n);
          g_autoptr (AirValue) event = air_json_parse (text, strlen (text), NULL);

          air_host_trigger (self->host, "start", event, "airails://test/systems/shop", count_durable_cb, &answered);
        }
      for (guint i = 0; i < turns / 4; i++)
        g_main_context_iteration (NULL, FALSE);
      lone_host_restart (self);
    }
  /* Who was cut off in every attempt waits for a person; nobody stands without one. */
  for (guint i = 0; count_runs (self, "completed") + count_runs (self, "unknown-outcome") < n; i++)
    {
      g_assert_cmpuint (i, <, 4000);
      if (count_runs (self, "running") + count_runs (self, "waiting-timer") == 0)
        break;
      lone_host_iterate (1);
    }
  g_assert_cmpuint (count_runs (self, "completed") + count_runs (self, "unknown-outcome"), >=, answered);
}

/* What a decision comes to fits into no entry: the run stops and says so, and a person can end it. */
static void
test_no_entry_holds_it (Fixture *self, gconstpointer data)
{
  g_auto (GStrv) authors = g_new0 (char *, 3001);
  g_autofree char *first = NULL, *second = NULL;
  guint warnings = 0, handler;

  for (guint i = 0; i < 3000; i++)
    authors[i] = g_strdup_printf ("airails://test/people/number-%u", i);
  air_plan_set_authors (self->plan, (const char *const *) authors);
  handler = lone_host_expect_warnings (&warnings);
  self->manner = HANG;
  first = lone_host_order (self, &(Order) { .id = "first", .order = "k" }, NULL);
  second = lone_host_order (self, &(Order) { .id = "second", .order = "k", .amount = 500 }, NULL);
  wait_for_state (self, second, "received");
  lone_host_answer (self);
  lone_host_wait (&self->finished, 1);
  for (guint i = 0; air_host_get_fault (self->host, second) == NULL; i++)
    {
      g_assert_cmpuint (i, <, 2000);
      lone_host_iterate (1);
    }
  g_assert_cmpuint (tell (self, second, AIR_CONTROL_PAUSE), ==, 409);
  g_assert_cmpuint (tell (self, second, AIR_CONTROL_CANCEL), ==, 0);
  lone_host_wait (&self->finished, 2);
  g_assert_cmpstr (self->outcome, ==, "cancelled");
  g_assert_null (air_host_get_fault (self->host, second));
  g_assert_cmpuint (warnings, ==, 1);
  g_log_remove_handler ("air-runtime", handler);
}

/* While a vendor rests its calls are held back: one of a run that is cancelled is never sent. */
static void
test_cancel_held_call (Fixture *self, gconstpointer data)
{
  g_autofree char *run = NULL, *held = NULL, *waiting = NULL;
  guint asked;

  self->manner = REFUSE;
  self->failures = G_MAXUINT;
  run = lone_host_order (self, &(Order) { .id = "one" }, NULL);
  g_free (lone_host_order (self, &(Order) { .id = "two" }, NULL));
  for (guint i = 0; (held = air_effects_get_resting (air_host_get_effects (self->host), run)) == NULL; i++)
    {
      g_assert_cmpuint (i, <, 4000);
      lone_host_iterate (1);
    }
  asked = self->asked->len;
  self->manner = ANSWER;
  g_assert_cmpuint (tell (self, run, AIR_CONTROL_CANCEL), ==, 0);
  lone_host_wait (&self->finished, 2);
  for (guint i = asked; i < self->asked->len; i++)
    g_assert_cmpstr (self->asked->pdata[i], !=, self->asked->pdata[0]);
  wait_for_state (self, run, "cancelled");
}

/* One of a run that is paused is not sent until it is resumed. */
static void
test_pause_held_call (Fixture *self, gconstpointer data)
{
  g_autofree char *run = NULL, *other = NULL, *held = NULL;
  guint asked;

  self->manner = REFUSE;
  self->failures = G_MAXUINT;
  run = lone_host_order (self, &(Order) { .id = "one" }, NULL);
  other = lone_host_order (self, &(Order) { .id = "two" }, NULL);
  for (guint i = 0; (held = air_effects_get_resting (air_host_get_effects (self->host), run)) == NULL; i++)
    {
      g_assert_cmpuint (i, <, 4000);
      lone_host_iterate (1);
    }
  g_assert_cmpuint (tell (self, run, AIR_CONTROL_PAUSE), ==, 0);
  asked = self->asked->len;
  self->manner = ANSWER;
  wait_for_state (self, other, "completed");
  lone_host_iterate (20);
  for (guint i = asked; i < self->asked->len; i++)
    g_assert_cmpstr (self->asked->pdata[i], !=, self->asked->pdata[0]);
  g_assert_cmpuint (tell (self, run, AIR_CONTROL_RESUME), ==, 0);
  wait_for_state (self, run, "completed");
}

static void
logged_cb (const GError *failure, gpointer user_data)
{
  g_assert_no_error (failure);
  *(gboolean *) user_data = TRUE;
}

static void
redact (Fixture *self, const char *run)
{
  gboolean done = FALSE;

  g_assert_null (air_host_redact (self->host, run, "airails://test/people/rita", "GDPR Art. 17(1)(a)",
                                  "airails://test/people/adam", logged_cb, &done));
  while (!done)
    lone_host_iterate (1);
}

static gboolean
put_epochs (AirStore *store, gpointer user_data, GError **error)
{
  gboolean done = air_store_begin (store, error);

  for (guint i = 0; done && i < 1100; i++)
    {
      g_autofree char *id = g_strdup_printf ("epoch-7ZZZZZZZZZZZZZZZZZZZZZ%04u", i);
      AirIndexRow row = { .id = id, .count = 1, .state = (char *) "system", .started_us = 1, .updated_us = 1 };

      done = air_store_put_row (store, &row, error);
    }
  return done && air_store_commit (store, error);
}

/* What an epoch says that began more than a thousand starts ago still holds. */
static void
test_many_starts (Fixture *self, gconstpointer data)
{
  g_autofree char *run = lone_host_order (self, &(Order) { .id = "one" }, NULL);

  wait_for_state (self, run, "completed");
  redact (self, run);
  g_assert_true (air_writer_run (air_host_get_writer (self->host), put_epochs, NULL, NULL));
  lone_host_restart (self);
  g_assert_true (air_host_get_redaction (self->host, run, NULL));
}

static gboolean
is_readable (Fixture *self, const char *run)
{
  g_autoptr (AirRunView) view = air_host_view (self->host, run, TRUE, NULL);

  return view != NULL;
}

/* The disk fails while a run is erased: nobody is told that it is gone, and asking again makes it so. */
static void
test_erasure_that_fails (Fixture *self, gconstpointer data)
{
  g_autofree char *run = lone_host_order (self, &(Order) { .id = "one" }, NULL);
  guint warnings = 0, handler;

  wait_for_state (self, run, "completed");
  handler = lone_host_expect_warnings (&warnings);
  g_assert_true (air_writer_run (air_host_get_writer (self->host), run_sql,
                                 (gpointer) "CREATE TEMP TRIGGER fails BEFORE UPDATE OF disclosures ON entry BEGIN "
                                            "SELECT RAISE (ABORT, 'the disk fails'); END",
                                 NULL));
  redact (self, run);
  g_assert_true (air_host_get_redaction (self->host, run, NULL));
  g_assert_false (air_host_is_erased (self->host, run));
  g_assert_cmpuint (warnings, ==, 1);
  g_log_remove_handler ("air-runtime", handler);
  g_assert_true (
      air_writer_run (air_host_get_writer (self->host), run_sql, (gpointer) "DROP TRIGGER temp.fails", NULL));
  redact (self, run);
  g_assert_true (air_host_is_erased (self->host, run));
  g_assert_false (is_readable (self, run));
  lone_host_restart (self);
  g_assert_true (air_host_is_erased (self->host, run));
}

static void
retried_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  g_assert_null (take_problem);
  *(char **) user_data = g_strdup (run);
}

static void
assert_copies (Fixture *self, const char *run, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) copies = air_host_list_copies (self->host, run, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_strjoinv (" ", copies);
  g_assert_cmpstr (text, ==, expected);
}

/* A retry hands the payload on: who erases one run is told of the others. */
static void
test_copies (Fixture *self, gconstpointer data)
{
  char *runs[3] = { NULL };
  g_autofree char *others = NULL;

  runs[0] = lone_host_order (self, &(Order) { .id = "one", .amount = 500 }, NULL);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (tell (self, runs[i], AIR_CONTROL_CANCEL), ==, 0);
      wait_for_state (self, runs[i], "cancelled");
      if (i < 2)
        air_host_retry (self->host, runs[i], "airails://test/people/olga", NULL, NULL, retried_cb, &runs[i + 1]);
      while (i < 2 && runs[i + 1] == NULL)
        lone_host_iterate (1);
    }
  others = g_strjoin (" ", runs[0], runs[2], NULL);
  assert_copies (self, runs[1], others);
  redact (self, runs[1]);
  assert_copies (self, runs[1], others);
  redact (self, runs[0]);
  assert_copies (self, runs[0], runs[2]);
  redact (self, runs[2]);
  assert_copies (self, runs[1], "");
  for (guint i = 0; i < 3; i++)
    g_free (runs[i]);
}

static void
move (Fixture *self, const char *from, const char *to)
{
  g_autofree char *old = g_build_filename (self->state, from, NULL), *new = g_build_filename (self->state, to, NULL);

  g_assert_cmpint (g_rename (old, new), ==, 0);
}

/* What somebody moves away under the running host is written into nowhere: nothing is promised until it is back. */
static void
test_files_moved (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "ledger.sqlite", "journal", "subjects.keys" };
  guint warnings = 0, handler = lone_host_expect_warnings (&warnings), n = 0, status = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      move (self, names[i], "elsewhere");
      do
        {
          g_autofree char *id = g_strdup_printf ("o-%u", n++);

          g_free (lone_host_order (self, &(Order) { .id = id }, &status));
          lone_host_iterate (5);
          g_assert_cmpuint (n, <, 4000);
      } while (status == 0);
      g_assert_cmpuint (status, ==, 503);
      move (self, "elsewhere", names[i]);
      do
        {
          g_autofree char *id = g_strdup_printf ("o-%u", n++);

          g_free (lone_host_order (self, &(Order) { .id = id }, &status));
          lone_host_iterate (5);
          g_assert_cmpuint (n, <, 8000);
      } while (status != 0);
    }
  g_assert_cmpuint (warnings, ==, G_N_ELEMENTS (names));
  g_log_remove_handler ("air-runtime", handler);
}

/* A state directory that lost its ledger does not begin another. */
static void
test_ledger_gone (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_free (lone_host_order (self, &(Order) { .id = "one" }, NULL));
  lone_host_wait (&self->finished, 1);
  g_clear_pointer (&self->host, air_host_free);
  move (self, "ledger.sqlite", "elsewhere");
  g_assert_null (lone_host_try (self, &error));
  g_assert_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER);
  move (self, "elsewhere", "ledger.sqlite");
  lone_host_open (self);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, test)                                                                                                \
  g_test_add ("/runtime/strands/" path, Fixture, NULL, lone_host_set_up, test, lone_host_tear_down)
  ADD ("paused-in-line", test_paused_in_line);
  ADD ("index-anew", test_index_anew);
  ADD ("index-anew/unreadable", test_index_anew_unreadable);
  ADD ("stop-amid-commits", test_stop_amid_commits);
  ADD ("no-entry-holds-it", test_no_entry_holds_it);
  ADD ("cancel-held-call", test_cancel_held_call);
  ADD ("pause-held-call", test_pause_held_call);
  ADD ("many-starts", test_many_starts);
  ADD ("erasure-that-fails", test_erasure_that_fails);
  ADD ("copies", test_copies);
  ADD ("files-moved", test_files_moved);
  ADD ("ledger-gone", test_ledger_gone);
  return g_test_run ();
}
