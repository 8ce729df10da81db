/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process that runs instances, under the contract of the runtime's host: one
 * thread, nothing starts or is acknowledged before it is durable, a commit
 * that fails takes its instances back to what the journal says. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-host-private.h"

static void schedule (AirSimHost *self, AirSimRun *run);

/* --- what follows a commit --- */

static void
perform (AirSimHost *self, AirSimRun *run, AirEffect *take_effect)
{
  g_autoptr (AirEffect) effect = take_effect;
  const char *connector;

  switch (effect->kind)
    {
    case AIR_EFFECT_CALL:
      connector = air_sim_vendors_connector_of (self->sim->vendors, effect->call.operation);
      air_sim_checker_queued (self->sim->checker, run->id, run->latency, effect);
      air_effect_queue_add_classed (
          self->effects, air_sim_has_fault (self->sim, AIR_SIM_FAULT_NO_LANES) ? AIR_LATENCY_NORMAL : run->latency,
          run->id, connector, g_steal_pointer (&effect));
      air_sim_host_pump_calls (self);
      break;
    case AIR_EFFECT_TIMER:
      if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_LOSE_TIMER) && air_sim_random_chance (&self->sim->chance, 300))
        break;
      if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_LOSE_REMINDER)
          && (g_str_has_prefix (effect->timer.id, "reminder/") || g_str_has_prefix (effect->timer.id, "escalation/")))
        break;
      air_timer_heap_set (self->timers, run->id, effect->timer.id, effect->timer.at_us);
      air_sim_host_arm (self);
      break;
    case AIR_EFFECT_TIMER_CANCEL:
      air_timer_heap_cancel (self->timers, run->id, effect->timer.id);
      break;
    case AIR_EFFECT_GATE_OPENED:
      air_sim_approvers_ask (self->sim->approvers, run->id, effect->node);
      break;
    case AIR_EFFECT_FINISHED:
      run->finished = TRUE;
      break;
    case AIR_EFFECT_GATE_CLOSED:
    default:
      break;
    }
}

/* FALSE when the process ended on the way. */
static gboolean
perform_all (AirSimHost *self, AirSimRun *run, GPtrArray *take_effects)
{
  g_autoptr (GPtrArray) effects = take_effects;

  for (guint i = 0; effects != NULL && i < effects->len; i++)
    {
      perform (self, run, g_steal_pointer (&effects->pdata[i]));
      if (self->dead || air_sim_may_crash (self->sim, "between two effects"))
        return FALSE;
    }
  return TRUE;
}

static void
finish_run (AirSimHost *self, AirSimRun *run)
{
  air_sim_trace (self->sim, "end    %s %s", run->id, air_instance_get_outcome (run->instance));
  air_timer_heap_forget (self->timers, run->id);
  while (run->inbox.length > 0)
    {
      AirMessage *message = g_queue_pop_head (&run->inbox);

      air_sim_message_reply (message, AIR_SIM_REFUSED, run->id);
      air_message_free (message);
    }
  air_sim_host_drop_run (self, run);
}

static void
double_decision (AirSimHost *self, AirSimRun *run, const AirMessage *message)
{
  AirMessage *again = air_message_new (AIR_EVENT_DECISION);

  again->node = g_strdup (message->node);
  again->approve = TRUE;
  again->actor = g_strdup ("airails://sim/people/nobody");
  again->key_id = g_strdup (message->key_id);
  again->role = g_strdup (message->role);
  again->envelope = g_strdup (message->envelope);
  air_sim_host_post (self, run->id, again);
}

/* The faults of a host that does not do as it was told. */
static void
controlled_wrongly (AirSimHost *self, AirSimRun *run, const AirMessage *message, const AirSimStored *stored)
{
  g_autoptr (AirEntry) entry = NULL;
  g_autofree char *step = NULL;

  if (message->control == AIR_CONTROL_PAUSE && air_sim_has_fault (self->sim, AIR_SIM_FAULT_IGNORE_PAUSE))
    g_clear_pointer (&run->instance, air_instance_free);
  if (message->control != AIR_CONTROL_SKIP || !air_sim_has_fault (self->sim, AIR_SIM_FAULT_ACT_SKIPPED))
    return;
  entry = air_entry_parse (stored->leaf, NULL);
  step = entry != NULL ? air_sim_journal_dup_step (entry) : NULL;
  if (step != NULL)
    air_sim_host_act_anyway (self, run->id, step);
}

/* FALSE when the process ended on the way. */
gboolean
air_sim_host_commit_done (AirSimHost *self, AirSimCommit *commit)
{
  AirSimRun *run = commit->run;
  AirMessage *message;

  run->committing = FALSE;
  g_clear_pointer (&run->journal, g_array_unref);
  for (guint i = 0; i < commit->stored->len; i++)
    {
      const AirSimStored *stored = commit->stored->pdata[i];

      g_ptr_array_add (run->stored, air_sim_stored_new (stored->leaf, stored->disclosures));
    }
  if (run->current->kind == AIR_EVENT_TRIGGER && run->current->dedup != NULL)
    g_hash_table_insert (self->dedup, g_strdup (run->current->dedup), g_strdup (run->id));
  if (!perform_all (self, run, g_steal_pointer (&run->effects)))
    return FALSE;
  message = g_steal_pointer (&run->current);
  if (message->kind == AIR_EVENT_TRIGGER)
    air_sim_checker_triggered (self->sim->checker, run->id);
  else if (message->kind == AIR_EVENT_DECISION && message->sender != NULL)
    {
      air_sim_checker_decided (self->sim->checker, run->id, message->node, message->envelope);
      if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_DOUBLE_DECISION))
        double_decision (self, run, message);
    }
  else if (message->sender != NULL)
    air_sim_checker_told (self->sim->checker, run->id, message);
  if (message->kind == AIR_EVENT_CONTROL)
    controlled_wrongly (self, run, message, commit->stored->pdata[0]);
  air_sim_message_reply (message, AIR_SIM_ACCEPTED, run->id);
  air_message_free (message);
  if (run->ahead)
    {
      g_clear_pointer (&run->instance, air_instance_free);
      run->ahead = FALSE;
    }
  if (run->finished)
    finish_run (self, run);
  else
    schedule (self, run);
  return TRUE;
}

void
air_sim_host_schedule_all (AirSimHost *self)
{
  GHashTableIter iter;
  gpointer run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    schedule (self, run);
}

/* What a decision claims of limits is noted, so that it can be taken back. */
static void
watch_usage (AirSimHost *self, AirSimRun *run)
{
  run->journal = air_usage_journal_new ();
  air_usage_book_set_journal (self->usage, run->journal);
}

static void
revert_usage (AirSimHost *self, AirSimRun *run)
{
  if (run->journal != NULL)
    air_usage_book_revert (self->usage, g_steal_pointer (&run->journal));
}

/* The run is as if it had not been decided; a message nobody waits for is decided again. */
void
air_sim_host_commit_failed (AirSimHost *self, AirSimCommit *commit)
{
  AirSimRun *run = commit->run;
  AirMessage *message = g_steal_pointer (&run->current);

  if (commit->begun)
    {
      run->head = commit->head_before;
      run->last = commit->last_before;
    }
  run->committing = run->ahead = FALSE;
  revert_usage (self, run);
  g_clear_pointer (&run->instance, air_instance_free);
  g_clear_pointer (&run->effects, g_ptr_array_unref);
  if (message->kind == AIR_EVENT_TRIGGER)
    {
      if (message->dedup != NULL)
        g_hash_table_remove (self->dedup, message->dedup);
      air_sim_message_reply (message, AIR_SIM_TRY_AGAIN, NULL);
      air_message_free (message);
      air_sim_host_drop_run (self, run);
      return;
    }
  if (message->sender != NULL)
    {
      air_sim_message_reply (message, AIR_SIM_TRY_AGAIN, NULL);
      air_message_free (message);
    }
  else
    g_queue_push_head (&run->inbox, message);
  schedule (self, run);
}

/* --- deciding --- */

static gboolean
is_pause (const AirRecord *record)
{
  const char *action = air_map_get_string (record->members, "action");

  return strcmp (record->type, AIR_RECORD_RUN_CONTROLLED) == 0
         && (g_strcmp0 (action, "pause") == 0 || g_strcmp0 (action, "resume") == 0);
}

gboolean
air_sim_host_fold (AirSimHost *self, AirSimRun *run)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = air_sim_journal_open (run->stored, times, &error);
  g_autoptr (AirInstance) instance = air_instance_new (self->sim->plan, run->id);

  air_instance_set_usage (instance, self->usage);
  for (guint i = 0; records != NULL && i < records->len; i++)
    if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_IGNORE_PAUSE) && is_pause (records->pdata[i]))
      continue;
    else if (!air_instance_apply (instance, records->pdata[i], g_array_index (times, gint64, i), &error))
      break;
  if (error != NULL)
    {
      air_sim_violate (self->sim, AIR_SIM_CHAIN, "run %s cannot be folded from its entries: %s", run->id,
                       error->message);
      return FALSE;
    }
  run->instance = g_steal_pointer (&instance);
  return TRUE;
}

static void
alter (AirTransition *transition)
{
  for (guint i = 0; i < transition->records->len; i++)
    {
      AirRecord *record = transition->records->pdata[i];

      if (strcmp (record->type, AIR_RECORD_TOOL_ACTION_STARTED) == 0 && record->disclosed != NULL)
        {
          AirValue *input = air_map_copy (air_map_get (record->disclosed, "input"));
          AirValue *disclosed = air_map_copy (record->disclosed);

          air_map_set_string (input, "altered", "yes");
          air_map_set (disclosed, "input", input);
          air_value_unref (record->disclosed);
          record->disclosed = disclosed;
        }
    }
}

static void
send_early (AirSimHost *self, AirSimRun *run, AirTransition *transition)
{
  for (guint i = 0; i < transition->effects->len; i++)
    if (((AirEffect *) transition->effects->pdata[i])->kind == AIR_EFFECT_CALL)
      perform (self, run, g_ptr_array_steal_index (transition->effects, i--));
}

/* Less is allowed wherever anything is. */
static void
alter_edits (AirMessage *message)
{
  AirValue *edits = air_list_new (), *edit = air_map_copy (air_list_get (message->edits, 0));

  air_map_set_int (edit, "value", air_map_get_int (edit, "value", 0) - 1);
  air_list_append (edits, edit);
  air_value_unref (message->edits);
  message->edits = edits;
}

static gboolean
is_signed (const AirMessage *message)
{
  return message->kind == AIR_EVENT_DECISION
         || (message->kind == AIR_EVENT_CONTROL && message->control == AIR_CONTROL_CONFIRM);
}

/* Whom the judgement admits the engine does not turn away, unless the run has gone on meanwhile. */
static void
check_heard (AirSimHost *self, AirSimRun *run, const AirMessage *message, const GError *error)
{
  if (message->kind == AIR_EVENT_DECISION && message->sender != NULL
      && !g_error_matches (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_GATE_CLOSED)
      && !g_error_matches (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_FINISHED))
    air_sim_violate (self->sim, AIR_SIM_HEARD, "run %s: what may count at '%s' was admitted, and then refused: %s",
                     run->id, message->node, error->message);
}

/* Decides what follows from one message; NULL when there is nothing to commit. */
static AirSimCommit *
advance (AirSimHost *self, AirSimRun *run, AirMessage *take_message)
{
  AirMessage *message = take_message;
  AirSim *sim = self->sim;
  g_auto (AirTransition) transition = { 0 };
  g_autoptr (GError) error = NULL;
  AirRandom random = air_sim_random_source (&sim->salts);
  gint64 now = air_sim_world_wall (sim->world);
  AirSimAnswerKind kind = AIR_SIM_REFUSED;
  AirEvent event;
  AirSimCommit *commit;

  if (run->instance == NULL && run->stored->len == 0)
    {
      run->instance = air_instance_new (sim->plan, run->id);
      air_instance_set_usage (run->instance, self->usage);
    }
  else if (run->instance == NULL && !air_sim_host_fold (self, run))
    {
      self->dead = TRUE;
      air_message_free (message);
      return NULL;
    }
  if (is_signed (message) && message->sender != NULL && !air_sim_gate_admit (sim, run, message, &kind))
    {
      air_sim_message_reply (message, kind, run->id);
      air_message_free (message);
      return NULL;
    }
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_FORGET_ORDER))
    g_clear_pointer (&message->id, g_free);
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_ALTER_EDIT) && message->edits != NULL)
    alter_edits (message);
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_LOSE_ROLE) && is_signed (message))
    g_set_str (&message->role, "nobody");
  event = air_message_to_event (message, NULL);
  watch_usage (self, run);
  if (!air_instance_advance (run->instance, &event, now, &random, &transition, &error))
    {
      revert_usage (self, run);
      check_heard (self, run, message, error);
      air_sim_trace (sim, "refuse %s: %s", run->id, error->message);
      air_sim_message_reply (message,
                             g_error_matches (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE) ? AIR_SIM_DUPLICATE
                                                                                                   : AIR_SIM_REFUSED,
                             run->id);
      air_message_free (message);
      return NULL;
    }
  air_usage_book_set_journal (self->usage, NULL);
  if (transition.records->len == 0)
    {
      gboolean alive;

      g_clear_pointer (&run->journal, g_array_unref);
      alive = perform_all (self, run, g_steal_pointer (&transition.effects));
      if (alive)
        air_sim_message_reply (message, AIR_SIM_DUPLICATE, run->id);
      air_message_free (message);
      return NULL;
    }
  for (guint i = 0; i < transition.records->len; i++)
    {
      const AirRecord *record = transition.records->pdata[i];
      const char *node = air_map_get_string (record->members, "node");

      air_sim_trace (sim, "decide %s %s %s", run->id, record->type, node != NULL ? node : "");
    }
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_ALTER_RECORD))
    alter (&transition);
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_SEND_EARLY))
    send_early (self, run, &transition);
  if (run->held && !air_instance_is_finished (run->instance))
    {
      /* Of a run that must wait for its turn only what came from outside is written. */
      g_ptr_array_set_size (transition.records, 1);
      g_ptr_array_set_size (transition.effects, 0);
      revert_usage (self, run);
      run->ahead = TRUE;
    }
  commit = g_new0 (AirSimCommit, 1);
  commit->run = run;
  commit->records = g_steal_pointer (&transition.records);
  commit->time_us = now;
  run->effects = g_steal_pointer (&transition.effects);
  run->current = message;
  run->committing = TRUE;
  return commit;
}

static void
turn (AirSimHost *self, gpointer data)
{
  while (self->ready.length > 0 && !self->dead)
    {
      AirSimRun *run = g_queue_pop_head (&self->ready);
      AirSimCommit *commit = NULL;

      run->queued = FALSE;
      while (commit == NULL && run->inbox.length > 0 && !run->finished && !self->dead)
        commit = advance (self, run, g_queue_pop_head (&run->inbox));
      if (commit != NULL)
        g_ptr_array_add (self->submitted, commit);
      else if (run->stored->len == 0 && run->inbox.length == 0 && !self->dead)
        air_sim_host_drop_run (self, run); /* its trigger was refused */
    }
  air_sim_host_write (self);
}

static void
schedule (AirSimHost *self, AirSimRun *run)
{
  if (run->queued || run->committing || run->inbox.length == 0 || self->retrying || self->dead)
    return;
  run->queued = TRUE;
  g_queue_push_tail (&self->ready, run);
  if (self->ready.length == 1)
    air_sim_host_plan (self, 0, turn, NULL, NULL);
}

gboolean
air_sim_host_post (AirSimHost *self, const char *id, AirMessage *take_message)
{
  AirSimRun *run = g_hash_table_lookup (self->runs, id);

  if (run == NULL || self->dead)
    {
      air_sim_message_reply (take_message, AIR_SIM_REFUSED, id);
      air_message_free (take_message);
      return FALSE;
    }
  if ((take_message->kind == AIR_EVENT_SIGNAL || take_message->kind == AIR_EVENT_CONTROL)
      && air_sim_has_fault (self->sim, AIR_SIM_FAULT_LOSE_ORDER) && air_sim_random_chance (&self->sim->chance, 200))
    {
      air_sim_checker_told (self->sim->checker, id, take_message);
      air_sim_message_reply (take_message, AIR_SIM_ACCEPTED, id);
      air_message_free (take_message);
      return TRUE;
    }
  if (take_message->kind == AIR_EVENT_DECISION && take_message->sender != NULL
      && air_sim_has_fault (self->sim, AIR_SIM_FAULT_LOSE_DECISION) && air_sim_random_chance (&self->sim->chance, 300))
    {
      air_sim_checker_decided (self->sim->checker, id, take_message->node, take_message->envelope);
      air_sim_message_reply (take_message, AIR_SIM_ACCEPTED, id);
      air_message_free (take_message);
      return TRUE;
    }
  g_queue_push_tail (&run->inbox, take_message);
  schedule (self, run);
  return TRUE;
}

void
air_sim_host_trigger (AirSimHost *self, AirMessage *take_message)
{
  const char *before = take_message->dedup != NULL ? g_hash_table_lookup (self->dedup, take_message->dedup) : NULL;
  AirRandom salts = air_sim_random_source (&self->sim->salts);
  g_autofree char *id = NULL;
  AirSimRun *run;

  if (before != NULL)
    {
      air_sim_message_reply (take_message, *before != '\0' ? AIR_SIM_DUPLICATE : AIR_SIM_TRY_AGAIN, before);
      air_message_free (take_message);
      return;
    }
  id = air_id_new (air_sim_world_wall (self->sim->world), &salts);
  run = air_sim_run_new (id);
  air_latency_class_from_string (take_message->latency, &run->latency);
  run->key = g_strdup (take_message->key);
  if (run->key != NULL)
    run->held = !air_sim_lines_enter (self->lines, run->key, id);
  if (take_message->dedup != NULL)
    g_hash_table_insert (self->dedup, g_strdup (take_message->dedup), g_strdup (""));
  g_hash_table_insert (self->runs, run->id, run);
  air_sim_host_post (self, id, take_message);
}
