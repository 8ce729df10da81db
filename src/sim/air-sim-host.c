/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process that runs instances, under the contract of the runtime's host: one
 * thread, nothing starts or is acknowledged before it is durable, a commit
 * that fails takes its instances back to what the journal says. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-private.h"

#define MS       G_GINT64_CONSTANT (1000)
#define RETRY_US (500 * MS)

typedef struct {
  grefcount references;
  AirSimHost *host; /* NULL once it is gone */
} Ticket;

typedef struct {
  Ticket *ticket;
  void (*run) (AirSimHost *self, gpointer data);
  gpointer data;
  GDestroyNotify destroy;
} Task;

typedef struct {
  AirSimRun *run;
  GPtrArray *records;
  GPtrArray *stored; /* AirSimStored */
  gint64 time_us;
  AirChainHead before;
} Commit;

typedef struct {
  char *holder;
  GQueue held; /* char * */
} Line;

typedef struct {
  Ticket *ticket;
  AirQueuedCall *call;
} Asked;

struct _AirSimHost {
  AirSim *sim;
  Ticket *ticket;
  GHashTable *runs;    /* id → AirSimRun */
  GHashTable *dedup;   /* key → run id, or "" while it is not durable */
  GHashTable *lines;   /* concurrency key → Line */
  GQueue ready;        /* AirSimRun */
  GPtrArray *submitted; /* Commit */
  GPtrArray *batch;    /* Commit, being written */
  AirEffectQueue *effects;
  AirTimerHeap *timers;
  gint64 sync_us;      /* how long the disk takes, as a rule */
  gint64 woken_us;     /* when the queue of effects is asked again, at the latest */
  gint64 armed_us;     /* when the timers are looked at, of the wall clock */
  gboolean dead, pumping, retrying;
};

static void schedule (AirSimHost *self, AirSimRun *run);
static void start_write (AirSimHost *self);
static void pump_effects (AirSimHost *self);

/* --- messages and runs --- */

AirSimMessage *
air_sim_message_new (AirEventKind kind)
{
  AirSimMessage *self = g_new0 (AirSimMessage, 1);

  self->kind = kind;
  return self;
}

void
air_sim_message_free (AirSimMessage *self)
{
  g_clear_pointer (&self->data, air_value_unref);
  g_clear_pointer (&self->outcome, air_outcome_free);
  g_free (self->actor);
  g_free (self->dedup);
  g_free (self->key);
  g_free (self->requester);
  g_free (self->node);
  g_free (self->timer);
  g_free (self->key_id);
  g_free (self->role);
  g_free (self->reason);
  g_free (self->envelope);
  g_free (self);
}

static AirEvent
to_event (const AirSimMessage *self)
{
  AirEvent event = { .kind = self->kind };

  switch (self->kind)
    {
    case AIR_EVENT_TRIGGER:
      event.trigger.data = self->data;
      event.trigger.actor = self->actor;
      event.trigger.dedup_key = self->dedup;
      event.trigger.concurrency_key = self->key;
      event.trigger.requester = self->requester;
      break;
    case AIR_EVENT_OUTCOME:
      event.outcome.node = self->node;
      event.outcome.attempt = self->attempt;
      event.outcome.purpose = self->purpose;
      event.outcome.outcome = self->outcome;
      break;
    case AIR_EVENT_TIMER:
      event.timer.id = self->timer;
      break;
    case AIR_EVENT_DECISION:
      event.decision.node = self->node;
      event.decision.approve = self->approve;
      event.decision.actor = self->actor;
      event.decision.key = self->key_id;
      event.decision.role = self->role;
      event.decision.reason = self->reason;
      event.decision.envelope = self->envelope;
      break;
    case AIR_EVENT_CANCEL:
      event.cancel.actor = self->actor;
      event.cancel.reason = self->reason;
      break;
    default:
      break;
    }
  return event;
}

static void
reply (AirSimMessage *message, AirSimAnswerKind kind, const char *run)
{
  AirSimReplied replied = g_steal_pointer (&message->replied);

  if (replied != NULL)
    replied (kind, run, message->user_data);
}

static AirSimRun *
run_new (const char *id)
{
  AirSimRun *self = g_new0 (AirSimRun, 1);

  self->id = g_strdup (id);
  self->stored = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_stored_free);
  return self;
}

static void
run_free (AirSimRun *self)
{
  g_queue_clear_full (&self->inbox, (GDestroyNotify) air_sim_message_free);
  g_clear_pointer (&self->current, air_sim_message_free);
  g_clear_pointer (&self->instance, air_instance_free);
  g_clear_pointer (&self->effects, g_ptr_array_unref);
  g_ptr_array_unref (self->stored);
  g_free (self->key);
  g_free (self->id);
  g_free (self);
}

static void
commit_free (Commit *self)
{
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->stored, g_ptr_array_unref);
  g_free (self);
}

static void
line_free (Line *self)
{
  g_free (self->holder);
  g_queue_clear_full (&self->held, g_free);
  g_free (self);
}

/* --- tasks that end with the process --- */

static Ticket *
ticket_ref (Ticket *ticket)
{
  g_ref_count_inc (&ticket->references);
  return ticket;
}

static void
ticket_unref (Ticket *ticket)
{
  if (g_ref_count_dec (&ticket->references))
    g_free (ticket);
}

static void
task_free (gpointer data)
{
  Task *task = data;

  if (task->destroy != NULL)
    g_clear_pointer (&task->data, task->destroy);
  ticket_unref (task->ticket);
  g_free (task);
}

static void
task_cb (gpointer data)
{
  Task *task = data;
  AirSimHost *self = task->ticket->host;

  if (self != NULL && !self->dead)
    task->run (self, task->data);
}

static void
plan (AirSimHost *self, gint64 in_us, void (*run) (AirSimHost *, gpointer), gpointer data, GDestroyNotify destroy)
{
  Task *task = g_new (Task, 1);

  *task = (Task) { ticket_ref (self->ticket), run, data, destroy };
  air_sim_world_plan (self->sim->world, in_us, task_cb, task, task_free);
}

/* --- timers --- */

static void look_at_timers (AirSimHost *self, gpointer data);

static void
arm (AirSimHost *self)
{
  gint64 at_us, now = air_sim_world_wall (self->sim->world);

  if (!air_timer_heap_peek (self->timers, &at_us) || (self->armed_us != 0 && self->armed_us <= at_us))
    return;
  self->armed_us = at_us;
  plan (self, at_us - now, look_at_timers, NULL, NULL);
}

static void
look_at_timers (AirSimHost *self, gpointer data)
{
  gint64 now = air_sim_world_wall (self->sim->world);

  self->armed_us = 0;
  for (;;)
    {
      g_autofree char *id = NULL, *timer = NULL;
      AirSimMessage *message;

      if (!air_timer_heap_pop (self->timers, now, &id, &timer))
        break;
      message = air_sim_message_new (AIR_EVENT_TIMER);
      message->timer = g_steal_pointer (&timer);
      air_sim_host_post (self, id, message);
    }
  arm (self);
}

void
air_sim_host_clock_set (AirSimHost *self)
{
  self->armed_us = 0;
  arm (self);
}

gboolean
air_sim_host_has_timer (AirSimHost *self, const char *run)
{
  return air_timer_heap_next_of (self->timers, run, NULL) != 0;
}

/* --- calls --- */

static void
asked_free (gpointer data)
{
  Asked *asked = data;

  ticket_unref (asked->ticket);
  g_free (asked);
}

typedef struct {
  char *run;
  AirSimMessage *message;
} Again;

static void
again_free (gpointer data)
{
  Again *again = data;

  g_clear_pointer (&again->message, air_sim_message_free);
  g_free (again->run);
  g_free (again);
}

static void
post_again (AirSimHost *self, gpointer data)
{
  Again *again = data;

  air_sim_host_post (self, again->run, g_steal_pointer (&again->message));
}

static AirSimMessage *
outcome_message (const AirEffect *call, const AirOutcome *outcome)
{
  AirSimMessage *message = air_sim_message_new (AIR_EVENT_OUTCOME);

  message->node = g_strdup (call->node);
  message->attempt = call->call.attempt;
  message->purpose = call->call.purpose;
  message->outcome = air_outcome_copy (outcome);
  return message;
}

/* The answer comes a second time, now or much later. */
static void
maybe_repeat (AirSimHost *self, const char *run, const AirEffect *call, const AirOutcome *outcome)
{
  AirSim *sim = self->sim;
  Again *again;

  if (!sim->chaos || !air_sim_random_chance (&sim->chance, 4 * sim->wildness))
    return;
  again = g_new (Again, 1);
  *again = (Again) { g_strdup (run), outcome_message (call, outcome) };
  plan (self, air_sim_random_skewed (&sim->chance, 200 * MS), post_again, again, again_free);
}

static void
answered_cb (AirOutcome *take_outcome, gpointer user_data)
{
  Asked *asked = user_data;
  AirSimHost *self = asked->ticket->host;
  g_autoptr (AirOutcome) outcome = take_outcome;
  AirQueuedCall *call = asked->call;

  asked_free (asked);
  if (self == NULL || self->dead)
    return;
  if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_FORGET_UNKNOWN) && outcome->outcome_class == AIR_OUTCOME_UNKNOWN)
    {
      g_clear_pointer (&outcome, air_outcome_free);
      outcome = air_outcome_new (AIR_OUTCOME_RETRY, 0, "no answer");
    }
  air_sim_trace (self->sim, "answer %s %s %s/%u: %s %d", call->run, call->call->node,
                 air_purpose_to_string (call->call->call.purpose), call->call->call.attempt,
                 air_outcome_class_to_string (outcome->outcome_class), outcome->status);
  air_sim_checker_ended (self->sim->checker);
  if (!(air_sim_has_fault (self->sim, AIR_SIM_FAULT_DROP_OUTCOME) && air_sim_random_chance (&self->sim->chance, 200)))
    air_sim_host_post (self, call->run, outcome_message (call->call, outcome));
  maybe_repeat (self, call->run, call->call, outcome);
  air_effect_queue_settle (self->effects, call, outcome, air_sim_world_now (self->sim->world));
  pump_effects (self);
}

static void
wake_effects (AirSimHost *self, gpointer data)
{
  self->woken_us = 0;
  pump_effects (self);
}

static void
start_call (AirSimHost *self, AirQueuedCall *call)
{
  AirSim *sim = self->sim;
  AirEffect *effect = call->call;
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked) { ticket_ref (self->ticket), call };
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_NEW_KEY) && effect->call.attempt > 1
      && effect->call.purpose != AIR_PURPOSE_RECONCILE)
    {
      g_free ((char *) effect->call.idempotency_key);
      effect->call.idempotency_key = g_strdup_printf ("new-%u", effect->call.attempt);
    }
  air_sim_trace (sim, "send   %s %s %s/%u %s key %.8s", call->run, effect->node,
                 air_purpose_to_string (effect->call.purpose), effect->call.attempt, effect->call.operation,
                 effect->call.idempotency_key);
  air_sim_checker_started (sim->checker, call->run, effect);
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_SKIP_UNDO) && effect->call.purpose == AIR_PURPOSE_COMPENSATE)
    answered_cb (air_outcome_new_ok (200, air_map_new (), NULL), asked);
  else
    air_sim_vendors_send (sim->vendors, call->run, effect, answered_cb, asked);
}

static void
pump_effects (AirSimHost *self)
{
  gint64 now = air_sim_world_now (self->sim->world), wake;
  AirQueuedCall *call;

  if (self->pumping || self->dead)
    return;
  self->pumping = TRUE;
  while (!self->dead && (call = air_effect_queue_next (self->effects, now)) != NULL)
    {
      start_call (self, call);
      if (air_sim_may_crash (self->sim, "between two calls"))
        break;
    }
  self->pumping = FALSE;
  if (self->dead)
    return;
  wake = air_effect_queue_get_wake (self->effects, now);
  if (wake > 0 && (self->woken_us == 0 || wake < self->woken_us))
    {
      self->woken_us = wake;
      plan (self, wake - now, wake_effects, NULL, NULL);
    }
}

/* --- concurrency keys --- */

static gboolean
enter_line (AirSimHost *self, const char *key, const char *id)
{
  Line *line = g_hash_table_lookup (self->lines, key);

  if (line != NULL)
    {
      g_queue_push_tail (&line->held, g_strdup (id));
      return FALSE;
    }
  line = g_new0 (Line, 1);
  line->holder = g_strdup (id);
  g_hash_table_insert (self->lines, g_strdup (key), line);
  return TRUE;
}

static void
leave_line (AirSimHost *self, const char *key, const char *id)
{
  Line *line = g_hash_table_lookup (self->lines, key);

  if (line == NULL)
    return;
  if (g_strcmp0 (line->holder, id) != 0)
    {
      GList *link = g_queue_find_custom (&line->held, id, (GCompareFunc) g_strcmp0);

      if (link != NULL)
        {
          g_free (link->data);
          g_queue_delete_link (&line->held, link);
        }
      return;
    }
  g_free (line->holder);
  line->holder = g_queue_pop_head (&line->held);
  if (line->holder == NULL)
    g_hash_table_remove (self->lines, key);
  else
    {
      AirSimRun *next = g_hash_table_lookup (self->runs, line->holder);

      g_return_if_fail (next != NULL);
      next->held = FALSE;
      air_sim_host_post (self, next->id, air_sim_message_new (AIR_EVENT_RECOVERED));
    }
}

static void
drop_run (AirSimHost *self, AirSimRun *run)
{
  g_autofree char *key = g_steal_pointer (&run->key), *id = g_strdup (run->id);

  if (run->queued)
    g_queue_remove (&self->ready, run);
  g_hash_table_remove (self->runs, id);
  if (key != NULL)
    leave_line (self, key, id);
}

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
      air_effect_queue_add (self->effects, run->id, connector, g_steal_pointer (&effect));
      pump_effects (self);
      break;
    case AIR_EFFECT_TIMER:
      if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_LOSE_TIMER) && air_sim_random_chance (&self->sim->chance, 300))
        break;
      air_timer_heap_set (self->timers, run->id, effect->timer.id, effect->timer.at_us);
      arm (self);
      break;
    case AIR_EFFECT_TIMER_CANCEL:
      air_timer_heap_cancel (self->timers, run->id, effect->timer.id);
      break;
    case AIR_EFFECT_GATE_OPENED:
      air_sim_people_ask (self->sim->people, run->id, effect->node);
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
      AirSimMessage *message = g_queue_pop_head (&run->inbox);

      reply (message, AIR_SIM_REFUSED, run->id);
      air_sim_message_free (message);
    }
  drop_run (self, run);
}

static void
double_decision (AirSimHost *self, AirSimRun *run, const AirSimMessage *message)
{
  AirSimMessage *again = air_sim_message_new (AIR_EVENT_DECISION);

  again->node = g_strdup (message->node);
  again->approve = TRUE;
  again->actor = g_strdup ("airails://sim/people/nobody");
  again->key_id = g_strdup (message->key_id);
  again->role = g_strdup (message->role);
  again->envelope = g_strdup (message->envelope);
  air_sim_host_post (self, run->id, again);
}

/* FALSE when the process ended on the way. */
static gboolean
commit_done (AirSimHost *self, Commit *commit)
{
  AirSimRun *run = commit->run;
  AirSimMessage *message;

  run->committing = FALSE;
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
  else if (message->kind == AIR_EVENT_DECISION && message->replied != NULL)
    {
      air_sim_checker_decided (self->sim->checker, run->id, message->node, message->envelope);
      if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_DOUBLE_DECISION))
        double_decision (self, run, message);
    }
  reply (message, AIR_SIM_ACCEPTED, run->id);
  air_sim_message_free (message);
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

static void
retry_cb (AirSimHost *self, gpointer data)
{
  GHashTableIter iter;
  gpointer run;

  self->retrying = FALSE;
  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    schedule (self, run);
  start_write (self);
}

static void
commit_failed (AirSimHost *self, Commit *commit)
{
  AirSimRun *run = commit->run;
  AirSimMessage *message = g_steal_pointer (&run->current);

  run->head = commit->before;
  run->committing = run->ahead = FALSE;
  g_clear_pointer (&run->instance, air_instance_free);
  g_clear_pointer (&run->effects, g_ptr_array_unref);
  if (message->kind == AIR_EVENT_TRIGGER)
    {
      if (message->dedup != NULL)
        g_hash_table_remove (self->dedup, message->dedup);
      reply (message, AIR_SIM_TRY_AGAIN, NULL);
      air_sim_message_free (message);
      drop_run (self, run);
      return;
    }
  if (message->replied != NULL)
    {
      reply (message, AIR_SIM_TRY_AGAIN, NULL);
      air_sim_message_free (message);
    }
  else
    g_queue_push_head (&run->inbox, message);
  schedule (self, run);
}

/* --- the journal --- */

static gboolean
seal (AirSimHost *self, Commit *commit)
{
  AirSimRun *run = commit->run;
  AirRandom salts = air_sim_random_source (&self->sim->salts);

  commit->before = run->head;
  commit->stored = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_stored_free);
  for (guint i = 0; i < commit->records->len; i++)
    {
      const AirRecord *record = commit->records->pdata[i];
      g_autoptr (AirSealedEntry) sealed = NULL;
      g_autoptr (GError) error = NULL;

      if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_SKIP_SEQ) && air_sim_random_chance (&self->sim->chance, 50))
        run->head.seq++;
      sealed = air_entry_seal (&run->head, run->id, record->type, record->members, record->disclosed, commit->time_us,
                               &salts, &error);
      if (sealed == NULL)
        {
          air_sim_violate (self->sim, AIR_SIM_CHAIN, "run %s: an entry cannot be sealed: %s", run->id, error->message);
          return FALSE;
        }
      g_ptr_array_add (commit->stored, air_sim_stored_new (sealed->leaf, sealed->disclosures));
    }
  return TRUE;
}

static GPtrArray *
all_stored (GPtrArray *batch)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < batch->len; i++)
    g_ptr_array_extend (all, ((Commit *) batch->pdata[i])->stored, NULL, NULL);
  return all;
}

static void
synced_cb (AirSimHost *self, gpointer data)
{
  g_autoptr (GPtrArray) batch = NULL, stored = NULL;

  if (air_sim_may_crash (self->sim, "before the sync is done"))
    return;
  batch = g_steal_pointer (&self->batch);
  stored = all_stored (batch);
  air_sim_disk_sync (self->sim->disk);
  air_sim_checker_durable (self->sim->checker, stored);
  if (air_sim_may_crash (self->sim, "after the sync, before anybody knows"))
    return;
  for (guint i = 0; i < batch->len; i++)
    if (!commit_done (self, batch->pdata[i]))
      return;
  start_write (self);
}

static void
write_failed (AirSimHost *self)
{
  g_autoptr (GPtrArray) batch = g_steal_pointer (&self->batch);

  air_sim_trace (self->sim, "the disk is full");
  self->sim->report->full++;
  if (!self->retrying)
    {
      self->retrying = TRUE;
      plan (self, RETRY_US, retry_cb, NULL, NULL);
    }
  for (guint i = 0; i < batch->len; i++)
    commit_failed (self, batch->pdata[i]);
}

static void
start_write (AirSimHost *self)
{
  g_autoptr (GPtrArray) stored = NULL;
  g_autoptr (GBytes) transaction = NULL;

  if (self->batch != NULL || self->submitted->len == 0 || self->dead)
    return;
  self->batch = g_steal_pointer (&self->submitted);
  self->submitted = g_ptr_array_new_with_free_func ((GDestroyNotify) commit_free);
  if (air_sim_may_crash (self->sim, "before a journal write"))
    return;
  for (guint i = 0; i < self->batch->len; i++)
    if (!seal (self, self->batch->pdata[i]))
      {
        self->dead = TRUE;
        return;
      }
  stored = all_stored (self->batch);
  transaction = air_sim_journal_encode (stored);
  if (!air_sim_disk_write (self->sim->disk, transaction, NULL))
    {
      write_failed (self);
      return;
    }
  if (air_sim_may_crash (self->sim, "after a journal write, before its sync"))
    return;
  plan (self, air_sim_random_skewed (&self->sim->world_chance, self->sync_us), synced_cb, NULL, NULL);
}

/* --- deciding --- */

static gboolean
fold (AirSimHost *self, AirSimRun *run)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = air_sim_journal_open (run->stored, times, &error);
  g_autoptr (AirInstance) instance = air_instance_new (self->sim->plan, run->id);

  for (guint i = 0; records != NULL && i < records->len; i++)
    if (!air_instance_apply (instance, records->pdata[i], g_array_index (times, gint64, i), &error))
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

/* Decides what follows from one message; NULL when there is nothing to commit. */
static Commit *
advance (AirSimHost *self, AirSimRun *run, AirSimMessage *take_message)
{
  AirSimMessage *message = take_message;
  AirSim *sim = self->sim;
  g_auto (AirTransition) transition = { 0 };
  g_autoptr (GError) error = NULL;
  AirRandom random = air_sim_random_source (&sim->salts);
  gint64 now = air_sim_world_wall (sim->world);
  AirSimAnswerKind kind = AIR_SIM_REFUSED;
  AirEvent event;
  Commit *commit;

  if (run->instance == NULL && run->stored->len == 0)
    run->instance = air_instance_new (sim->plan, run->id);
  else if (run->instance == NULL && !fold (self, run))
    {
      self->dead = TRUE;
      air_sim_message_free (message);
      return NULL;
    }
  if (message->kind == AIR_EVENT_DECISION && message->replied != NULL
      && !air_sim_gate_admit (sim, run, message, &kind))
    {
      reply (message, kind, run->id);
      air_sim_message_free (message);
      return NULL;
    }
  event = to_event (message);
  if (!air_instance_advance (run->instance, &event, now, &random, &transition, &error))
    {
      air_sim_trace (sim, "refuse %s: %s", run->id, error->message);
      reply (message, AIR_SIM_REFUSED, run->id);
      air_sim_message_free (message);
      return NULL;
    }
  if (transition.records->len == 0)
    {
      gboolean alive = perform_all (self, run, g_steal_pointer (&transition.effects));

      if (alive)
        reply (message, AIR_SIM_DUPLICATE, run->id);
      air_sim_message_free (message);
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
  if (run->held)
    {
      /* Of a run that must wait for its turn the trigger alone is written. */
      g_ptr_array_set_size (transition.records, 1);
      g_ptr_array_set_size (transition.effects, 0);
      run->ahead = TRUE;
    }
  commit = g_new0 (Commit, 1);
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
      Commit *commit = NULL;

      run->queued = FALSE;
      while (commit == NULL && run->inbox.length > 0 && !run->finished && !self->dead)
        commit = advance (self, run, g_queue_pop_head (&run->inbox));
      if (commit != NULL)
        g_ptr_array_add (self->submitted, commit);
      else if (run->stored->len == 0 && run->inbox.length == 0 && !self->dead)
        drop_run (self, run); /* its trigger was refused */
    }
  start_write (self);
}

static void
schedule (AirSimHost *self, AirSimRun *run)
{
  if (run->queued || run->committing || run->inbox.length == 0 || self->retrying || self->dead)
    return;
  run->queued = TRUE;
  g_queue_push_tail (&self->ready, run);
  if (self->ready.length == 1)
    plan (self, 0, turn, NULL, NULL);
}

gboolean
air_sim_host_post (AirSimHost *self, const char *id, AirSimMessage *take_message)
{
  AirSimRun *run = g_hash_table_lookup (self->runs, id);

  if (run == NULL || self->dead)
    {
      reply (take_message, AIR_SIM_REFUSED, id);
      air_sim_message_free (take_message);
      return FALSE;
    }
  if (take_message->kind == AIR_EVENT_DECISION && take_message->replied != NULL
      && air_sim_has_fault (self->sim, AIR_SIM_FAULT_LOSE_DECISION) && air_sim_random_chance (&self->sim->chance, 300))
    {
      air_sim_checker_decided (self->sim->checker, id, take_message->node, take_message->envelope);
      reply (take_message, AIR_SIM_ACCEPTED, id);
      air_sim_message_free (take_message);
      return TRUE;
    }
  g_queue_push_tail (&run->inbox, take_message);
  schedule (self, run);
  return TRUE;
}

void
air_sim_host_trigger (AirSimHost *self, AirSimMessage *take_message)
{
  const char *before = take_message->dedup != NULL ? g_hash_table_lookup (self->dedup, take_message->dedup) : NULL;
  AirRandom salts = air_sim_random_source (&self->sim->salts);
  g_autofree char *id = NULL;
  AirSimRun *run;

  if (before != NULL)
    {
      reply (take_message, *before != '\0' ? AIR_SIM_DUPLICATE : AIR_SIM_TRY_AGAIN, before);
      air_sim_message_free (take_message);
      return;
    }
  id = air_id_new (air_sim_world_wall (self->sim->world), &salts);
  run = run_new (id);
  run->key = g_strdup (take_message->key);
  if (run->key != NULL)
    run->held = !enter_line (self, run->key, id);
  if (take_message->dedup != NULL)
    g_hash_table_insert (self->dedup, g_strdup (take_message->dedup), g_strdup (""));
  g_hash_table_insert (self->runs, run->id, run);
  air_sim_host_post (self, id, take_message);
}

/* --- starting --- */

/* Groups what the disk holds by run, each in the order of its first entry. */
static gboolean
read_runs (AirSimHost *self, GPtrArray *stored, GPtrArray *order)
{
  for (guint i = 0; i < stored->len; i++)
    {
      const AirSimStored *entry = stored->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (AirEntry) parsed = air_entry_parse (entry->leaf, &error);
      AirSimRun *run;

      if (parsed == NULL)
        {
          air_sim_violate (self->sim, AIR_SIM_CHAIN, "entry %u cannot be read: %s", i, error->message);
          return FALSE;
        }
      run = g_hash_table_lookup (self->runs, air_entry_get_instance (parsed));
      if (run == NULL)
        {
          run = run_new (air_entry_get_instance (parsed));
          g_hash_table_insert (self->runs, run->id, run);
          g_ptr_array_add (order, run);
        }
      run->head.seq = air_entry_get_seq (parsed) + 1;
      run->head.prev = *air_entry_get_hash (parsed);
      g_ptr_array_add (run->stored, air_sim_stored_new (entry->leaf, entry->disclosures));
    }
  return TRUE;
}

/* Takes up what was open: first those at work, then those that wait for their turn, by arrival. */
static void
take_up (AirSimHost *self, GPtrArray *order)
{
  for (guint i = 0; i < order->len; i++)
    {
      AirSimRun *run = order->pdata[i];

      if (!fold (self, run))
        {
          self->dead = TRUE;
          return;
        }
      if (air_instance_get_dedup_key (run->instance) != NULL)
        g_hash_table_insert (self->dedup, g_strdup (air_instance_get_dedup_key (run->instance)), g_strdup (run->id));
      if (air_instance_is_finished (run->instance))
        {
          g_hash_table_remove (self->runs, run->id);
          order->pdata[i] = NULL;
          continue;
        }
      run->key = g_strdup (air_instance_get_concurrency_key (run->instance));
      run->held = run->stored->len == 1;
      if (!run->held && run->key != NULL)
        enter_line (self, run->key, run->id);
    }
  for (guint i = 0; i < order->len; i++)
    {
      AirSimRun *run = order->pdata[i];

      if (run == NULL)
        continue;
      if (run->held && (run->key == NULL || enter_line (self, run->key, run->id)))
        run->held = FALSE;
      g_clear_pointer (&run->instance, air_instance_free);
      if (!run->held)
        air_sim_host_post (self, run->id, air_sim_message_new (AIR_EVENT_RECOVERED));
    }
}

AirSimHost *
air_sim_host_new (AirSim *sim)
{
  AirSimHost *self = g_new0 (AirSimHost, 1);
  g_autoptr (GPtrArray) transactions = air_sim_disk_read (sim->disk);
  g_autoptr (GPtrArray) stored = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_stored_free);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  gint64 now = air_sim_world_now (sim->world);
  guint max = sim->report->most_in_flight;

  self->sim = sim;
  self->ticket = g_new0 (Ticket, 1);
  g_ref_count_init (&self->ticket->references);
  self->ticket->host = self;
  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) run_free);
  self->dedup = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) line_free);
  self->submitted = g_ptr_array_new_with_free_func ((GDestroyNotify) commit_free);
  self->effects =
      air_effect_queue_new (max, air_sim_has_fault (sim, AIR_SIM_FAULT_NO_RAMP) ? now - G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC : now);
  self->timers = air_timer_heap_new ();
  self->sync_us = air_sim_random_between (&sim->world_chance, 200, 12000);
  for (guint i = 0; i < transactions->len; i++)
    air_sim_journal_decode (transactions->pdata[i], stored);
  air_sim_checker_recovered (sim->checker, stored);
  air_sim_checker_booted (sim->checker);
  if (read_runs (self, stored, order))
    take_up (self, order);
  else
    self->dead = TRUE;
  return self;
}

void
air_sim_host_free (AirSimHost *self)
{
  self->ticket->host = NULL;
  ticket_unref (self->ticket);
  g_queue_clear (&self->ready);
  g_clear_pointer (&self->batch, g_ptr_array_unref);
  g_ptr_array_unref (self->submitted);
  g_hash_table_unref (self->runs);
  g_hash_table_unref (self->dedup);
  g_hash_table_unref (self->lines);
  air_effect_queue_free (self->effects);
  air_timer_heap_free (self->timers);
  g_free (self);
}

gboolean
air_sim_host_is_dead (AirSimHost *self)
{
  return self->dead;
}

void
air_sim_host_kill (AirSimHost *self)
{
  self->dead = TRUE;
}

AirSimRun *
air_sim_host_find (AirSimHost *self, const char *run)
{
  return g_hash_table_lookup (self->runs, run);
}

GHashTable *
air_sim_host_get_runs (AirSimHost *self)
{
  return self->runs;
}

AirSim *
air_sim_host_get_sim (AirSimHost *self)
{
  return self->sim;
}
