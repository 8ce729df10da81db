/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other engines got wrong, one test each. The host is in this process; its disk and its vendor do as they are
 * told. Those that need people and a daemon that is killed are in test-control.c. */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "lone-host.h"
#include "runtime/air-store-private.h"

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

/* --- the tests --- */

static void
test_storage (Fixture *self, gconstpointer data)
{
  self->manner = HANG;
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      g_free (lone_host_order (self, &(Order) { .id = id }, NULL));
    }
  lone_host_wait (&self->asked->len, 3);

  /* Again and again it goes away while the runs are being taken up, each time a little later. */
  self->manner = HANG;
  for (guint turns = 0; turns < 4; turns++)
    {
      lone_host_restart (self);
      for (guint i = 0; i < 2 * turns; i++)
        g_main_context_iteration (NULL, FALSE);
    }
  self->manner = ANSWER;
  lone_host_restart (self);
  set_full (self, TRUE);
  lone_host_iterate (100);
  set_full (self, FALSE);
  lone_host_wait (&self->finished, 3);
  lone_host_iterate (50);
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
  g_free (lone_host_order (self, &(Order) { .id = "good" }, NULL));
  lone_host_wait (&self->asked->len, 1);
  g_assert_true (air_writer_run (air_host_get_writer (self->host), put_bad_row, NULL, NULL));

  self->manner = ANSWER;
  handler = lone_host_expect_warnings (&warnings);
  lone_host_restart (self);
  lone_host_wait (&self->finished, 1);
  lone_host_iterate (50);
  g_assert_cmpuint (warnings, >, 0);
  before = warnings;
  g_assert_nonnull (air_host_get_fault (self->host, "01BADBADBADBADBADBADBADBAD"));
  g_assert_cmpuint (air_host_count_faults (self->host), ==, 1);
  alarms = air_host_get_stats (self->host)->alarms;
  lone_host_iterate (2500);
  g_assert_cmpuint (warnings, ==, before);
  g_assert_cmpuint (air_host_get_stats (self->host)->alarms, ==, alarms);
  g_log_remove_handler ("air-runtime", handler);
}

static void
test_stale_claim (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->manner = HANG;
  g_free (lone_host_order (self, &(Order) { .id = "one" }, NULL));
  lone_host_wait (&self->asked->len, 1);
  /* A second runtime on this ledger is refused outright. */
  g_assert_null (lone_host_try (self, &error));
  g_assert_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_IN_USE);

  /* What the first one asked for is answered when the run belongs to another: it counts for nothing. */
  g_clear_pointer (&self->host, air_host_free);
  self->manner = ANSWER;
  lone_host_open (self);
  lone_host_answer (self);
  lone_host_wait (&self->finished, 1);
  g_assert_cmpuint (self->asked->len, ==, 2);
  g_assert_cmpstr (self->asked->pdata[0], ==, self->asked->pdata[1]);
  lone_host_iterate (50);
  g_assert_cmpuint (self->finished, ==, 1);
}

static void
test_unfinished_step (Fixture *self, gconstpointer data)
{
  g_autofree char *run = NULL;
  g_autoptr (AirRunView) view = NULL;

  self->manner = FAIL;
  self->failures = 2;
  run = lone_host_order (self, &(Order) { .id = "one" }, NULL);
  lone_host_wait (&self->asked->len, 1);
  lone_host_iterate (5);
  /* It waits for the next attempt of its own step, and for nobody who could wake it. */
  lone_host_restart (self);
  lone_host_restart (self);
  lone_host_wait (&self->finished, 1);
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
      g_free (lone_host_order (self, &(Order) { .id = id, .note = large }, &status));
    }
  accepted--;
  g_assert_cmpuint (status, ==, 503);
  set_full (self, FALSE);
  for (guint i = 0; status != 0; i++)
    {
      g_assert_cmpuint (i, <, 200);
      lone_host_iterate (50);
      g_free (lone_host_order (self, &(Order) { .id = "after" }, &status));
    }
  lone_host_wait (&self->finished, accepted + 1);
  g_assert_cmpstr (self->outcome, ==, "completed");
}

static void
told_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  g_assert_null (take_problem);
  *(gboolean *) user_data = TRUE;
}

static void
tell (Fixture *self, const char *run, AirControl control, const char *reason)
{
  AirMessage *message = air_message_new (AIR_EVENT_CONTROL);
  AirRun *opened = air_host_open_run (self->host, run, NULL);
  gboolean done = FALSE;

  g_assert_nonnull (opened);
  message->control = control;
  message->actor = g_strdup ("airails://test/people/olga");
  message->reason = g_strdup (reason);
  air_message_set_sender (message, told_cb, &done);
  air_host_post (self->host, opened, message);
  while (!done)
    lone_host_iterate (1);
}

/* An answer that says it worked and is too large for any entry: nobody knows what happened, and a person ends it. */
static void
test_oversized (Fixture *self, gconstpointer data)
{
  g_autofree char *run = NULL, *state = NULL;
  g_autoptr (AirRunView) view = NULL;

  self->manner = FLOOD;
  run = lone_host_order (self, &(Order) { .id = "one" }, NULL);
  while (g_strcmp0 (state, "unknown-outcome") != 0)
    {
      g_autoptr (AirRunView) now = air_host_view (self->host, run, FALSE, NULL);

      g_set_str (&state, now->row->state);
      lone_host_iterate (1);
    }
  g_assert_cmpuint (self->finished, ==, 0);
  tell (self, run, AIR_CONTROL_CANCEL, "seen in the vendor's books");
  lone_host_wait (&self->finished, 1);
  g_assert_cmpstr (self->outcome, ==, "cancelled");
  view = air_host_view (self->host, run, TRUE, NULL);
  g_assert_false (view->row->open);
  g_assert_true (air_instance_is_finished (view->instance));
}

/* However long its history is: it is taken up after a restart, and can be ended. */
static void
test_long_history (Fixture *self, gconstpointer data)
{
  g_autofree char *run = lone_host_order (self, &(Order) { .id = "one", .amount = 500 }, NULL);
  g_autofree char *reason = g_strnfill (16000, 'r');
  g_autoptr (AirRunView) view = NULL;

  for (guint i = 0; i < 600; i++)
    {
      tell (self, run, AIR_CONTROL_PAUSE, reason);
      tell (self, run, AIR_CONTROL_RESUME, reason);
    }
  lone_host_restart (self);
  tell (self, run, AIR_CONTROL_CANCEL, reason);
  lone_host_wait (&self->finished, 1);
  g_assert_cmpstr (self->outcome, ==, "cancelled");
  view = air_host_view (self->host, run, TRUE, NULL);
  g_assert_cmpuint (air_instance_get_entries (view->instance), >, 1200);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, test)                                                                                                \
  g_test_add ("/runtime/regressions/" path, Fixture, NULL, lone_host_set_up, test, lone_host_tear_down)
  ADD ("storage-restarts-during-recovery-and-strands-runs", test_storage);
  ADD ("a-bad-id-is-run-again-on-every-recovery-pass", test_bad_id);
  ADD ("a-stale-recovery-claim-runs-work-it-no-longer-owns", test_stale_claim);
  ADD ("a-run-suspended-on-its-own-unfinished-step-never-wakes", test_unfinished_step);
  ADD ("a-full-disk-does-not-heal-when-space-returns", test_full_disk);
  ADD ("an-oversized-run-cannot-be-ended", test_oversized);
  ADD ("an-oversized-run-cannot-be-ended/by-its-history", test_long_history);
  return g_test_run ();
}
