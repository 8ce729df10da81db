/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retry of a run that has ended: what the store knows of it, and who is told. The rules are in hosting/air-retry.c. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "hosting/air-retry.h"
#include "runtime/air-host-private.h"

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
  switch (air_retry_judge (view->instance, &standing))
    {
    case AIR_RETRY_OPEN:
      return air_problem_new (409, "run-open", "retry a step of it, or cancel it first", "run %s has not ended", id);
    case AIR_RETRY_COMPLETED:
      return air_problem_new (409, "run-completed", "trigger it again, with another key of the event, to do it anew",
                              "run %s has completed: nothing is left to be done", id);
    case AIR_RETRY_STANDS:
      return air_problem_new (409, "effects-stand",
                              "look after it by hand, then trigger what is left, with another key of the event",
                              "run %s cannot be done again without doing something twice: %s", id, standing);
    case AIR_RETRY_MAY:
      return NULL;
    }
  g_return_val_if_reached (NULL);
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
  message = air_retry_new_message (view->instance, run, actor, reason, selection);
  air_latency_class_from_string (message->latency, &latency);
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
  g_autofree char *key = air_retry_make_key (run);
  const char *recent = air_writer_find_recent (self->writer, key);
  g_autoptr (AirIndexRow) row = recent == NULL ? air_store_find_dedup (self->store, key, error) : NULL;

  return g_strdup (row != NULL ? row->id : recent);
}
