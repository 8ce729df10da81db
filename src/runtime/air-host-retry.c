/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retry of a run that has ended. Its chain is closed and stays so: the work is done again by a new run, whose first
 * entry names the old one, with the same payload and the same concurrency key, at most once: the old run's id makes
 * the new one's deduplication key. What an ended run did was reversed; one of which something stands, or may stand,
 * is not done again, since that would be a second effect. Whoever brought the old run or asks for the new one is a
 * trigger of it, and decides no gate that excludes those. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

static char *
key_of (const char *run)
{
  return g_strconcat (AIR_RETRY_KEY_PREFIX, run, NULL);
}

/* The first of what stands, in words. */
static char *
describe_standing (const AirInstance *instance)
{
  g_autoptr (AirValue) manual = air_instance_get_manual (instance);
  gsize n = air_list_get_size (manual);
  const AirValue *first = n > 0 ? air_list_get (manual, 0) : NULL;
  const char *outcome, *words;

  if (first == NULL)
    return NULL;
  outcome = air_map_get_string (first, "outcome");
  words = strcmp (outcome, "unknown") == 0 ? "may have happened, nobody knows" : "stands: it was not reversed";
  if (n == 1)
    return g_strdup_printf ("\"%s\" (%s) %s", air_map_get_string (first, "node"),
                            air_map_get_string (first, "operation"), words);
  return g_strdup_printf ("\"%s\" (%s) %s, and %" G_GSIZE_FORMAT " more", air_map_get_string (first, "node"),
                          air_map_get_string (first, "operation"), words, n - 1);
}

/* NULL: it may be done again. */
static AirProblem *
check (AirHost *self, const char *id, const AirRunView *view, const GError *error)
{
  g_autofree char *standing = NULL;

  if (air_host_get_redaction (self, id, NULL))
    return air_problem_new (409, "erased", "trigger it anew", "the payload of run %s was erased", id);
  if (view == NULL)
    return error != NULL
               ? air_problem_new_error (503, "not-readable", error)
               : air_problem_new (404, "no-such-run", "list the runs with GET /v1/runs", "there is no run \"%s\"", id);
  if (view->row->open)
    return air_problem_new (409, "run-open", "retry a step of it, or cancel it first", "run %s has not ended", id);
  if (strcmp (view->row->state, "completed") == 0)
    return air_problem_new (409, "run-completed", "trigger it again, with another key of the event, to do it anew",
                            "run %s has completed: nothing is left to be done", id);
  standing = describe_standing (view->instance);
  if (standing != NULL)
    return air_problem_new (409, "effects-stand",
                            "look after it by hand, then trigger what is left, with another key of the event",
                            "run %s cannot be done again without doing something twice: %s", id, standing);
  return NULL;
}

typedef struct {
  char *run;
  AirTriggered triggered;
  gpointer user_data;
} Retry;

static void
triggered_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  g_autofree Retry *retry = user_data;
  g_autofree char *of = retry->run;

  if (take_problem == NULL && !duplicate)
    g_message ("run %s does the work of run %s again", run, of);
  retry->triggered (run, duplicate, take_problem, retry->user_data);
}

/**
 * air_host_retry:
 * @self: a host
 * @run: one that failed or was cancelled
 * @actor: who asks
 * @reason: why; it is disclosed in the new run's first entry
 * @selection: the order this is a part of; such runs are batches
 * @triggered: called once: the new run, a duplicate when it was retried before, or why not
 */
void
air_host_retry (AirHost *self,
                const char *run,
                const char *actor,
                const char *reason,
                const char *selection,
                AirTriggered triggered,
                gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean erased = air_host_get_redaction (self, run, NULL);
  g_autoptr (AirRunView) view = !erased ? air_host_view (self, run, TRUE, &error) : NULL;
  AirProblem *problem = check (self, run, view, error);
  AirLatencyClass latency = self->latency;
  AirMessage *message;
  Retry *retry;

  if (problem != NULL)
    {
      triggered (NULL, FALSE, problem, user_data);
      return;
    }
  message = air_message_new (AIR_EVENT_TRIGGER);
  message->data = air_value_ref (air_instance_get_input (view->instance));
  message->actor = g_strdup (actor);
  message->dedup = key_of (run);
  message->key = g_strdup (air_instance_get_concurrency_key (view->instance));
  message->requester = g_strdup (air_instance_get_requester (view->instance));
  message->subject = g_strdup (air_instance_get_subject (view->instance));
  message->latency = g_strdup (selection != NULL ? air_latency_class_to_string (AIR_LATENCY_BATCH)
                                                 : air_instance_get_latency_class (view->instance));
  air_latency_class_from_string (message->latency, &latency);
  message->retry_of = g_strdup (run);
  message->triggered_by = air_instance_dup_triggered_by (view->instance);
  message->reason = g_strdup (reason);
  message->selection = g_strdup (selection);
  retry = g_new (Retry, 1);
  *retry = (Retry) { g_strdup (run), triggered, user_data };
  air_host_begin (self, message, latency, triggered_cb, retry);
}

/**
 * air_host_find_retry:
 * @self: a host
 * @run: a run's id
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the run that does @run's work again; %NULL without an error when none does, or
 *   with an %AIR_STORE_ERROR
 */
char *
air_host_find_retry (AirHost *self, const char *run, GError **error)
{
  g_autofree char *key = key_of (run);
  const char *recent = air_writer_find_recent (self->writer, key);
  g_autoptr (AirIndexRow) row = recent == NULL ? air_store_find_dedup (self->store, key, error) : NULL;

  return g_strdup (row != NULL ? row->id : recent);
}
