/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

typedef struct {
  AirHost *host;
  AirTriggered triggered;
  gpointer user_data;
  GPtrArray *also; /* Waiter: the same event came again before the first was durable */
} Pending;

typedef struct {
  AirTriggered triggered;
  gpointer user_data;
} Waiter;

static void
pending_free (Pending *self)
{
  g_clear_pointer (&self->also, g_ptr_array_unref);
  g_free (self);
}

static void
answered_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  Pending *pending = user_data;
  g_autoptr (AirProblem) problem = take_problem;
  const char *id = problem == NULL ? run->chain->id : NULL;

  for (guint i = 0; pending->also != NULL && i < pending->also->len; i++)
    {
      Waiter *waiter = pending->also->pdata[i];

      waiter->triggered (id, TRUE,
                         problem != NULL
                             ? air_problem_new (problem->status, "not-stored", problem->mend, "%s", problem->detail)
                             : NULL,
                         waiter->user_data);
    }
  pending->triggered (id, FALSE, g_steal_pointer (&problem), pending->user_data);
  pending_free (pending);
}

/* TRUE when the event is here before, or that cannot be told; then it is answered. */
static gboolean
answer_duplicate (AirHost *self, const char *dedup, AirTriggered triggered, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirIndexRow) row = NULL;
  AirRun *run = g_hash_table_lookup (self->dedup, dedup);
  const char *recent;

  if (run != NULL)
    {
      AirMessage *message = run->current != NULL ? run->current : g_queue_peek_head (&run->inbox);
      Pending *pending = ((AirSender *) message->sender)->user_data;
      Waiter *waiter = g_new0 (Waiter, 1);

      self->stats.duplicates++;
      waiter->triggered = triggered;
      waiter->user_data = user_data;
      if (pending->also == NULL)
        pending->also = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (pending->also, waiter);
      return TRUE;
    }
  recent = air_writer_find_recent (self->writer, dedup);
  if (recent != NULL)
    {
      self->stats.duplicates++;
      triggered (recent, TRUE, NULL, user_data);
      return TRUE;
    }
  row = air_store_find_dedup (self->store, dedup, &error);
  if (error != NULL)
    {
      triggered (NULL, FALSE, air_problem_new_error (503, "not-readable", error), user_data);
      return TRUE;
    }
  if (row == NULL)
    return FALSE;
  self->stats.duplicates++;
  triggered (row->id, TRUE, NULL, user_data);
  return TRUE;
}

static AirProblem *
busy_problem (const char *slug, const char *detail)
{
  AirProblem *problem = air_problem_new (429, slug, "send it again a little later", "%s", detail);

  problem->retry_after_s = 1;
  return problem;
}

/* Batches fill half of what there is; what is interactive finds room beyond what is normal. */
static guint
room_for (AirHost *self, AirLatencyClass latency)
{
  switch (latency)
    {
    case AIR_LATENCY_INTERACTIVE:
      return self->max_open + self->max_open / 8;
    case AIR_LATENCY_BATCH:
      return MAX (self->max_open / 2, 1);
    case AIR_LATENCY_NORMAL:
    case AIR_N_LATENCY_CLASSES:
    default:
      return self->max_open;
    }
}

/**
 * air_host_trigger_keys:
 * @self: a host
 * @keys: what air_plan_read_trigger() gave; what it holds is taken
 * @actor: URI of who brings it
 * @triggered: called when it is durable or refused
 * @user_data: for @triggered
 *
 * As air_host_trigger() with the keys read before.
 */
void
air_host_begin (AirHost *self,
                AirMessage *take_message,
                AirLatencyClass latency,
                AirTriggered triggered,
                gpointer user_data)
{
  g_autoptr (AirMessage) message = take_message;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  Pending *pending;
  AirRun *run;

  if (message->dedup != NULL && answer_duplicate (self, message->dedup, triggered, user_data))
    return;
  if (self->draining)
    {
      AirProblem *problem =
          air_problem_new (503, "stopping", "send it again a little later", "the runtime is stopping");

      problem->retry_after_s = 2;
      triggered (NULL, FALSE, problem, user_data);
      return;
    }
  if (g_hash_table_size (self->runs) >= room_for (self, latency))
    {
      triggered (NULL, FALSE, busy_problem ("too-many-runs", "as many runs as allowed are at work"), user_data);
      return;
    }

  id = air_id_new (g_get_real_time (), self->random);
  run = air_run_new (id);
  run->began_us = g_get_monotonic_time ();
  run->latency = latency;
  run->key = g_strdup (message->key);
  if ((message->subject != NULL && !air_host_assign_subject (self, run, message->subject, &error))
      || (run->key != NULL && !air_host_enter_line (self, run->key, id, &run->held, &error)))
    {
      triggered (NULL, FALSE, air_problem_new_error (503, "not-stored", error), user_data);
      air_run_free (run);
      return;
    }
  pending = g_new0 (Pending, 1);
  pending->host = self;
  pending->triggered = triggered;
  pending->user_data = user_data;
  air_message_set_sender (message, answered_cb, pending);
  g_hash_table_insert (self->runs, run->chain->id, run);
  if (message->dedup != NULL)
    g_hash_table_insert (self->dedup, g_strdup (message->dedup), run);
  air_host_post (self, run, g_steal_pointer (&message));
}

void
air_host_trigger_keys (AirHost *self,
                       AirTriggerKeys *keys,
                       const char *actor,
                       AirTriggered triggered,
                       gpointer user_data)
{
  AirLatencyClass latency = self->latency;
  AirMessage *message;

  if (keys->latency_class != NULL && !air_latency_class_from_string (keys->latency_class, &latency))
    {
      triggered (NULL, FALSE,
                 air_problem_new (422, "bad-event", "send interactive, normal or batch, or leave it out",
                                  "the event's latencyclass is \"%s\"", keys->latency_class),
                 user_data);
      return;
    }
  message = air_message_new (AIR_EVENT_TRIGGER);
  message->data = g_steal_pointer (&keys->data);
  message->actor = g_strdup (actor);
  message->dedup = g_steal_pointer (&keys->dedup_key);
  message->key = g_steal_pointer (&keys->concurrency_key);
  message->requester = g_steal_pointer (&keys->requester);
  message->subject = g_steal_pointer (&keys->subject);
  message->latency = g_steal_pointer (&keys->latency_class);
  air_host_begin (self, message, latency, triggered, user_data);
}

/**
 * air_host_trigger:
 * @self: a host
 * @node: the trigger's node
 * @cloud_event: what came
 * @actor: URI of who brings it
 * @triggered: called once, when the run is durable or refused
 *
 * Starts a run, or finds the one the same event started before.
 */
void
air_host_trigger (AirHost *self,
                  const char *node,
                  const AirValue *cloud_event,
                  const char *actor,
                  AirTriggered triggered,
                  gpointer user_data)
{
  g_auto (AirTriggerKeys) keys = { 0 };
  g_autoptr (GError) error = NULL;
  guint index;

  if (!air_plan_find_node (self->plan, node, &index) || air_plan_get_node_kind (self->plan, index) != AIR_NODE_TRIGGER)
    {
      triggered (NULL, FALSE,
                 air_problem_new (404, "no-such-trigger", "see GET /v1/workflow for its trigger",
                                  "the workflow has no trigger \"%s\"", node),
                 user_data);
      return;
    }
  if (!air_plan_read_trigger (self->plan, node, cloud_event, &keys, &error))
    {
      triggered (NULL, FALSE, air_problem_new_error (422, "bad-event", error), user_data);
      return;
    }
  air_host_trigger_keys (self, &keys, actor, triggered, user_data);
}
