/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that wait are in the store's index and not in memory: more of them here than memory keeps. */
#include "config.h"

#include <string.h>

#include "lone-host.h"

/* More than the host keeps in memory though nothing happens to them. */
#define MANY 300

static guint64
count (Fixture *self, const char *state)
{
  const guint64 *n = g_hash_table_lookup (air_host_get_states (self->host), state);

  return n != NULL ? *n : 0;
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

static char *
state_of (Fixture *self, const char *run)
{
  g_autoptr (AirRunView) view = air_host_view (self->host, run, FALSE, NULL);

  return g_strdup (view->row->state);
}

static void
wait_for_state (Fixture *self, const char *run, const char *wanted)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *state = state_of (self, run);

      if (strcmp (state, wanted) == 0)
        return;
      g_assert_cmpuint (i, <, 4000);
      lone_host_iterate (5);
    }
}

/* Each is woken when its deadline comes, though none of their timers is in memory. */
static void
test_deadlines (Fixture *self, gconstpointer data)
{
  order_many (self);
  lone_host_wait (&self->finished, MANY);
  g_assert_cmpstr (self->outcome, ==, "completed");
  g_assert_cmpuint (count (self, "waiting-gate"), ==, 0);
  lone_host_iterate (200);
  g_assert_cmpuint (self->finished, ==, MANY);
}

static void
test_deadlines_restart (Fixture *self, gconstpointer data)
{
  order_many (self);
  lone_host_restart (self);
  g_assert_cmpuint (count (self, "waiting-gate") + self->finished, ==, MANY);
  lone_host_wait (&self->finished, MANY);
  lone_host_iterate (200);
  g_assert_cmpuint (self->finished, ==, MANY);
}

static void
control_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  g_assert_null (take_problem);
  *(gboolean *) user_data = TRUE;
}

static void
cancel (Fixture *self, const char *run)
{
  AirMessage *message = air_message_new (AIR_EVENT_CANCEL);
  AirRun *opened = air_host_open_run (self->host, run, NULL);
  gboolean done = FALSE;

  g_assert_nonnull (opened);
  message->actor = g_strdup ("airails://test/people/olga");
  air_message_set_sender (message, control_cb, &done);
  air_host_post (self->host, opened, message);
  while (!done)
    lone_host_iterate (1);
}

/* A concurrency key is held by a run that has long left the memory, and by nobody once that is over. */
static void
test_keys (Fixture *self, gconstpointer data)
{
  g_autofree char *first = lone_host_order (self, &(Order) { .id = "first", .order = "k", .amount = 500 }, NULL);
  g_autofree char *second = NULL, *third = NULL, *fourth = NULL;

  order_many (self);
  second = lone_host_order (self, &(Order) { .id = "second", .order = "k", .amount = 500 }, NULL);
  wait_for_state (self, second, "received");
  lone_host_restart (self);
  third = lone_host_order (self, &(Order) { .id = "third", .order = "k", .amount = 500 }, NULL);
  wait_for_state (self, third, "received");
  wait_for_state (self, second, "received");
  wait_for_state (self, first, "waiting-gate");

  /* One that gives up its place lets nobody pass. */
  cancel (self, second);
  wait_for_state (self, third, "received");
  cancel (self, first);
  wait_for_state (self, third, "waiting-gate");
  cancel (self, third);
  fourth = lone_host_order (self, &(Order) { .id = "fourth", .order = "k" }, NULL);
  wait_for_state (self, fourth, "completed");
}

/* A wave of runs with one key, each begun when the one before is over: nothing is lost and none waits for ever. */
static void
test_line (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      g_free (lone_host_order (self, &(Order) { .id = id, .order = "k" }, NULL));
    }
  lone_host_wait (&self->finished, MANY);
  g_assert_cmpuint (self->asked->len, ==, MANY);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, deadline, test)                                                                                      \
  g_test_add ("/runtime/waiting/" path, Fixture, deadline, lone_host_set_up, test, lone_host_tear_down)
  ADD ("deadlines", "2500", test_deadlines);
  ADD ("deadlines-restart", "2500", test_deadlines_restart);
  ADD ("keys", NULL, test_keys);
  ADD ("line", NULL, test_line);
  return g_test_run ();
}
