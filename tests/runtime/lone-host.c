/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lone-host.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/air-json.h"

typedef struct {
  AirPerformed performed;
  gpointer user_data;
} Held;

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
  else if ((self->manner == FAIL || self->manner == REFUSE) && self->failures > 0)
    {
      self->failures--;
      performed (air_outcome_new (AIR_OUTCOME_RETRY, self->manner == FAIL ? 503 : 0, "not now"), user_data);
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

AirHost *
lone_host_try (Fixture *self, GError **error)
{
  AirPerformer performer = { connector_of, perform, self };
  AirHostOptions options = { .plan = self->plan,
                             .performer = &performer,
                             .state = self->state,
                             .origin = "airails.example/test/host",
                             .ledger_key = self->key,
                             .max_open = self->max_open };

  return air_host_new (&options, error);
}

void
lone_host_open (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  self->host = lone_host_try (self, &error);
  g_assert_no_error (error);
  air_host_set_finished (self->host, finished_cb, self);
  air_host_start (self->host, &error);
  g_assert_no_error (error);
}

void
lone_host_restart (Fixture *self)
{
  g_clear_pointer (&self->host, air_host_free);
  lone_host_open (self);
}

void
lone_host_set_up (Fixture *self, gconstpointer deadline_ms)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "runtime", "plan.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) document = air_json_load_file (path, &error);

  g_assert_no_error (error);
  if (deadline_ms != NULL)
    air_map_set_int (air_map_get_map (air_map_get_map (air_map_get_map (document, "policies"), "quorum"), "gate"),
                     "deadline_ms", g_ascii_strtoll (deadline_ms, NULL, 10));
  self->plan =
      air_plan_load (document, "sha256:00000000000000000000000000000000000000000000000000000000000000aa", &error);
  g_assert_no_error (error);
  self->key = air_private_key_generate (AIR_KEY_ED25519, &error);
  self->state = g_dir_make_tmp ("regressions-XXXXXX", &error);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  self->held = g_array_new (FALSE, FALSE, sizeof (Held));
  lone_host_open (self);
}

void
lone_host_answer (Fixture *self)
{
  for (guint i = 0; i < self->held->len; i++)
    {
      Held *held = &g_array_index (self->held, Held, i);

      held->performed (new_receipt (1), held->user_data);
    }
  g_array_set_size (self->held, 0);
}

void
lone_host_tear_down (Fixture *self, gconstpointer data)
{
  GDir *dir;
  const char *name;

  g_clear_pointer (&self->host, air_host_free);
  lone_host_answer (self);
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
count_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  ++*(guint *) user_data;
}

static gboolean
not_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  return FALSE;
}

guint
lone_host_expect_warnings (guint *count)
{
  g_test_log_set_fatal_handler (not_fatal, NULL);
  return g_log_set_handler ("air-runtime", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, count_warning, count);
}

void
lone_host_iterate (guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);

  while (g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

void
lone_host_wait (const guint *count, guint n)
{
  guint before = *count, still = 0;

  /* However slow the machine, it must not stand still. */
  while (*count < n)
    {
      still = *count == before ? still + 1 : 0;
      before = *count;
      g_assert_cmpuint (still, <, 4000);
      lone_host_iterate (5);
    }
}

char *
lone_host_order (Fixture *self, const Order *order, guint *ret_status)
{
  g_autofree char *text = g_strdup_printf (
      "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/t\",\"type\":\"test.order\",\"data\":{\"id\":\"%s\","
      "\"order\":\"%s\",\"who\":\"airails://test/people/rita\",\"amount\":%d,\"note\":\"%s\"}}",
      order->id, order->id, order->order != NULL ? order->order : order->id, order->amount > 0 ? order->amount : 50,
      order->note != NULL ? order->note : "");
  g_autoptr (AirValue) event = air_json_parse (text, strlen (text), NULL);
  Answer answer = { 0 };

  air_host_trigger (self->host, "start", event, "airails://test/systems/shop", triggered_cb, &answer);
  for (guint i = 0; !answer.done; i++)
    {
      g_assert_cmpuint (i, <, 20000);
      lone_host_iterate (1);
    }
  if (ret_status != NULL)
    *ret_status = answer.status;
  else
    g_assert_cmpuint (answer.status, ==, 0);
  return answer.run;
}
