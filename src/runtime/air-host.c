/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/air-gatekeeper.h"

#define MAX_RESIDENT 128
#define RETRY_MS     500
/* Commits handed to the writer at once, half of those at work: it writes one half while the other is advanced. */
#define LEAST_CHUNK      4
#define MOST_CHUNK       32
#define MAX_STEPS_A_TURN 256
/* After this long the rest of the main context has its turn. */
#define TURN_US (5 * 1000)

G_DEFINE_QUARK (air-host-error-quark, air_host_error)

typedef struct {
  GSource parent;
  AirHost *host;
} PumpSource;

/* --- telling --- */

void
air_host_count_state (AirHost *self, const char *state, int by)
{
  guint64 *count = g_hash_table_lookup (self->states, state);

  if (count == NULL)
    {
      count = g_new0 (guint64, 1);
      g_hash_table_insert (self->states, g_strdup (state), count);
    }
  *count += by;
}

static void
tell (AirHost *self, const char *event, AirValue *take_data)
{
  g_autoptr (AirValue) data = take_data;

  self->listener (event, data, self->listener_data);
}

void
air_host_tell_run (AirHost *self, AirRun *run)
{
  AirValue *data;
  g_autofree char *updated = NULL, *started = NULL;

  if (self->listener == NULL || run->row == NULL)
    return;
  data = air_map_new ();
  started = air_time_format (run->row->started_us);
  updated = air_time_format (run->row->updated_us);
  air_map_set_string (data, "id", run->chain->id);
  air_map_set_string (data, "state", run->row->state);
  if (run->row->waiting != NULL)
    air_map_set_string (data, "waiting_on", run->row->waiting);
  if (run->row->outcome != NULL)
    air_map_set_string (data, "outcome", run->row->outcome);
  air_map_set_string (data, "started", started);
  air_map_set_string (data, "updated", updated);
  tell (self, "run", data);
}

/* Which nodes changed: what a drawing of the running workflow shows. */
static void
tell_node (AirHost *self, AirRun *run, const char *node)
{
  AirValue *data;
  guint index;

  if (self->listener == NULL || node == NULL || !air_plan_find_node (self->plan, node, &index))
    return;
  data = air_map_new ();
  air_map_set_string (data, "id", run->chain->id);
  air_map_set_string (data, "state", run->row != NULL ? run->row->state : "running");
  if (run->row != NULL && run->row->waiting != NULL)
    air_map_set_string (data, "waiting_on", run->row->waiting);
  air_map_set_string (data, "node", node);
  air_map_set_string (data, "node_state",
                      air_node_state_to_string (air_instance_get_node_state (run->instance, index, NULL)));
  tell (self, "run", data);
}

static void
tell_gate (AirHost *self, AirRun *run, const char *node)
{
  g_auto (AirGateFacts) facts = { 0 };
  g_autofree char *deadline = NULL;
  AirValue *data;
  guint index;

  if (self->listener == NULL || !air_instance_get_gate (run->instance, node, &facts)
      || !air_plan_find_node (self->plan, node, &index))
    return;
  data = air_map_new ();
  air_map_set_string (data, "gate", facts.gate);
  air_map_set_string (data, "run", run->chain->id);
  air_map_set_string (data, "node", node);
  air_map_set_string (data, "title", air_plan_get_node_title (self->plan, index));
  air_map_set_string (data, "state", facts.outcome);
  air_map_set_int (data, "counted", facts.counted);
  air_map_set_int (data, "quorum", facts.quorum);
  if (facts.deadline_us > 0)
    {
      deadline = air_time_format (facts.deadline_us);
      air_map_set_string (data, "deadline", deadline);
    }
  tell (self, "gate", data);
}

/* --- runs in memory --- */

static void
not_resident (AirHost *self, AirRun *run)
{
  if (run->resident.next != NULL || run->resident.prev != NULL || self->resident.head == &run->resident)
    g_queue_unlink (&self->resident, &run->resident);
}

void
air_host_drop_run (AirHost *self, AirRun *run)
{
  not_resident (self, run);
  if (run->queued)
    air_run_lanes_remove (&self->ready, run);
  g_hash_table_remove (self->runs, run->chain->id);
  air_run_free (run);
}

/* A run to which nothing happens may leave the memory: its row and its entries say all. */
static void
park (AirHost *self, AirRun *run)
{
  not_resident (self, run);
  if (run->committing || run->queued || run->inbox.length > 0 || run->in_flight > 0 || run->row == NULL
      || run->row->head != run->chain->last || strcmp (run->row->state, "running") == 0
      || strcmp (run->row->state, "compensating") == 0)
    return;
  g_queue_push_tail_link (&self->resident, &run->resident);
  while (self->resident.length > MAX_RESIDENT)
    air_host_drop_run (self, self->resident.head->data);
}

AirRun *
air_host_open_run (AirHost *self, const char *id, GError **error)
{
  AirRun *run = g_hash_table_lookup (self->runs, id);
  AirIndexRow *row;

  if (run != NULL)
    return run;
  if (!air_writer_settle_run (self->writer, id))
    {
      g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY,
                           "the ledger's file cannot follow its journal now; make space on the volume of the state "
                           "directory");
      return NULL;
    }
  row = air_store_find_row (self->store, id, error);
  if (row == NULL || !row->open)
    {
      g_clear_pointer (&row, air_index_row_free);
      return NULL;
    }
  run = air_run_new (id);
  run->durable = run->chain->last = row->head;
  run->chain->head.seq = row->count;
  run->chain->head.prev = row->hash;
  run->key = g_strdup (row->key);
  run->held = strcmp (row->state, "received") == 0;
  run->latency = self->latency;
  run->row = row;
  g_hash_table_insert (self->runs, run->chain->id, run);
  /* The first time after a restart its timers are set anew, before anything else happens to it. */
  if (air_timers_cancel (self->timers, id, NULL))
    g_queue_push_tail (&run->inbox, air_message_new (AIR_EVENT_RECOVERED));
  return run;
}

void
air_host_schedule (AirHost *self, AirRun *run)
{
  not_resident (self, run);
  if (run->queued || run->committing || run->inbox.length == 0 || self->retry != 0)
    return;
  run->queued = TRUE;
  air_run_lanes_push (&self->ready, run);
  g_source_set_ready_time (self->pump, 0);
}

void
air_host_post (AirHost *self, AirRun *run, AirMessage *take_message)
{
  g_queue_push_tail (&run->inbox, take_message);
  air_host_schedule (self, run);
}

/* --- effects, once they may be --- */

static void
perform (AirHost *self, AirRun *run, AirEffect *take_effect)
{
  g_autoptr (AirEffect) effect = take_effect;

  switch (effect->kind)
    {
    case AIR_EFFECT_CALL:
      run->in_flight++;
      if (effect->call.purpose == AIR_PURPOSE_EXECUTE && effect->call.attempt > 1)
        self->stats.retries++;
      tell_node (self, run, effect->node);
      air_effects_add (self->effects, run->chain->id, g_steal_pointer (&effect));
      break;
    case AIR_EFFECT_TIMER:
      air_timers_set (self->timers, run->chain->id, effect->timer.id, effect->timer.at_us);
      break;
    case AIR_EFFECT_TIMER_CANCEL:
      air_timers_cancel (self->timers, run->chain->id, effect->timer.id);
      break;
    case AIR_EFFECT_GATE_OPENED:
    case AIR_EFFECT_GATE_CLOSED:
      tell_gate (self, run, effect->node);
      break;
    case AIR_EFFECT_FINISHED:
      run->finished = TRUE;
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
perform_all (AirHost *self, AirRun *run, GPtrArray *take_effects)
{
  for (guint i = 0; take_effects != NULL && i < take_effects->len; i++)
    perform (self, run, g_steal_pointer (&take_effects->pdata[i]));
  g_clear_pointer (&take_effects, g_ptr_array_unref);
}

static void
finish_run (AirHost *self, AirRun *run)
{
  g_autofree char *key = g_steal_pointer (&run->key), *id = g_strdup (run->chain->id);

  self->stats.finished++;
  air_histogram_add (&self->stats.runs, run->row->updated_us - run->row->started_us);
  air_timers_forget (self->timers, id);
  if (self->finished != NULL)
    self->finished (id, run->row->outcome, run->began_us != 0 ? g_get_monotonic_time () - run->began_us : 0,
                    self->finished_data);
  while (run->inbox.length > 0)
    {
      g_autoptr (AirMessage) message = g_queue_pop_head (&run->inbox);

      if (message->answered != NULL)
        message->answered (run, NULL, air_problem_new (409, "finished", NULL, "run %s has come to its end", id),
                           message->user_data);
    }
  air_host_drop_run (self, run);
  if (key != NULL)
    air_host_leave_line (self, key, id);
}

static void
performed_cb (const char *id, const AirEffect *call, AirOutcome *take_outcome, gpointer user_data)
{
  AirHost *self = user_data;
  AirRun *run = g_hash_table_lookup (self->runs, id);
  AirMessage *message;

  self->stats.steps++;
  if (take_outcome->outcome_class == AIR_OUTCOME_UNKNOWN)
    self->stats.unknowns++;
  else if (call->call.purpose == AIR_PURPOSE_RECONCILE && take_outcome->outcome_class != AIR_OUTCOME_RETRY)
    self->stats.reconciled++;
  if (call->call.purpose == AIR_PURPOSE_COMPENSATE && take_outcome->outcome_class == AIR_OUTCOME_OK)
    self->stats.compensations++;
  if (take_outcome->alarm != NULL)
    {
      self->stats.alarms++;
      g_warning ("alarm %s: run %s, node %s", take_outcome->alarm, id, call->node);
    }
  if (run == NULL)
    {
      air_outcome_free (take_outcome);
      return;
    }
  run->in_flight--;
  message = air_message_new (AIR_EVENT_OUTCOME);
  message->node = g_strdup (call->node);
  message->attempt = call->call.attempt;
  message->purpose = call->call.purpose;
  message->outcome = take_outcome;
  air_host_post (self, run, message);
}

static void
timer_cb (const char *id, const char *timer, gpointer user_data)
{
  AirHost *self = user_data;
  g_autoptr (GError) error = NULL;
  AirRun *run;
  AirMessage *message;

  if (g_strcmp0 (timer, AIR_TIMER_BEGIN) == 0)
    {
      air_host_let_begin (self, id);
      return;
    }
  run = air_host_open_run (self, id, &error);
  if (run == NULL)
    {
      if (g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY))
        air_timers_set (self->timers, id, timer, g_get_real_time () + G_USEC_PER_SEC);
      else if (error != NULL)
        air_host_give_up (self, id, error);
      return;
    }
  message = air_message_new (timer != NULL ? AIR_EVENT_TIMER : AIR_EVENT_RECOVERED);
  message->timer = g_strdup (timer);
  air_host_post (self, run, message);
}

/* --- committing --- */

static AirProblem *
store_problem (const GError *error)
{
  AirProblem *problem;

  if (error->domain != AIR_STORE_ERROR)
    return air_problem_new_error (422, "not-recordable", error);
  problem = air_problem_new (503, "not-stored", "send it again a little later",
                             "the ledger cannot be written now, so nothing was done");
  problem->retry_after_s = 2;
  return problem;
}

static gboolean
retry_cb (gpointer user_data)
{
  AirHost *self = user_data;
  GHashTableIter iter;
  gpointer run;

  self->retry = 0;
  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    air_host_schedule (self, run);
  g_source_set_ready_time (self->pump, 0);
  return G_SOURCE_REMOVE;
}

/* An answer that cannot be written down, say for a number past 2^53, is a fault of the one who gave it. */
static AirMessage *
unrecordable (AirMessage *take_message, const GError *error)
{
  g_autofree char *words = g_strdup_printf ("the answer cannot be recorded: %s", error->message);

  air_outcome_free (take_message->outcome);
  take_message->outcome = air_outcome_new (AIR_OUTCOME_FATAL, 0, words);
  return take_message;
}

static void
retry_later (AirHost *self, const GError *error)
{
  if (self->retry != 0)
    return;
  g_message ("%s; the batch is tried again", error->message);
  self->retry = g_timeout_add (RETRY_MS, retry_cb, self);
}

/* Back to what the ledger says; what the world told us stays to be said again. */
static void
commit_failed (AirHost *self, AirRun *run, const GError *error)
{
  g_autoptr (AirMessage) message = g_steal_pointer (&run->current);
  gboolean store = error->domain == AIR_STORE_ERROR;

  g_clear_pointer (&run->instance, air_instance_free);
  g_clear_pointer (&run->effects, g_ptr_array_unref);
  air_host_revert_usage (self, run);
  run->ahead = FALSE;
  if (store)
    retry_later (self, error);

  if (message->kind == AIR_EVENT_TRIGGER)
    {
      g_autofree char *key = g_steal_pointer (&run->key), *id = g_strdup (run->chain->id);

      if (message->dedup != NULL)
        g_hash_table_remove (self->dedup, message->dedup);
      message->answered (run, NULL, store_problem (error), message->user_data);
      air_host_drop_run (self, run);
      if (key != NULL)
        air_host_leave_line (self, key, id);
      return;
    }
  if (message->answered != NULL)
    message->answered (run, NULL, store_problem (error), message->user_data);
  else if (store)
    g_queue_push_head (&run->inbox, g_steal_pointer (&message));
  else if (message->kind == AIR_EVENT_OUTCOME && message->outcome->outcome_class != AIR_OUTCOME_FATAL)
    g_queue_push_head (&run->inbox, unrecordable (g_steal_pointer (&message), error));
  else
    g_warning ("run %s cannot go on: %s", run->chain->id, error->message);
  air_host_schedule (self, run);
}

static void
take_row (AirHost *self, AirRun *run, AirCommit *commit)
{
  if (commit->row == NULL)
    return;
  if (run->row != NULL)
    air_host_count_state (self, run->row->state, -1);
  air_host_count_state (self, commit->row->state, 1);
  g_clear_pointer (&run->row, air_index_row_free);
  run->row = g_steal_pointer (&commit->row);
}

static void
commit_done_cb (AirCommit *commit, const GError *error, gpointer user_data)
{
  AirRun *run = user_data;
  AirHost *self = commit->owner;
  g_autoptr (AirMessage) message = NULL;
  gboolean row = commit->row != NULL;

  run->committing = FALSE;
  self->committing--;
  if (error != NULL)
    {
      commit_failed (self, run, error);
      return;
    }

  message = g_steal_pointer (&run->current);
  g_clear_pointer (&run->journal, g_array_unref);
  run->durable = run->chain->last;
  take_row (self, run, commit);
  if (message->kind == AIR_EVENT_TRIGGER)
    {
      self->stats.triggers++;
      if (message->dedup != NULL)
        g_hash_table_remove (self->dedup, message->dedup);
    }
  air_histogram_add (&self->stats.commits, g_get_real_time () - commit->time_us);
  perform_all (self, run, g_steal_pointer (&run->effects));
  if (self->listener != NULL && message->kind == AIR_EVENT_OUTCOME)
    tell_node (self, run, message->node);
  if (self->listener != NULL && message->kind == AIR_EVENT_DECISION)
    tell_gate (self, run, message->node);
  if (row)
    air_host_tell_run (self, run);
  if (message->answered != NULL)
    message->answered (run, commit, NULL, message->user_data);

  if (run->ahead)
    {
      g_clear_pointer (&run->instance, air_instance_free);
      run->ahead = FALSE;
    }

  if (run->finished)
    finish_run (self, run);
  else if (run->inbox.length > 0)
    air_host_schedule (self, run);
  else
    park (self, run);
}

/* Of a run that must wait for its turn, the trigger alone is written; the rest is decided when it begins. */
static void
hold_back (AirRun *run, AirTransition *transition)
{
  g_ptr_array_set_size (transition->records, 1);
  g_ptr_array_set_size (transition->effects, 0);
  run->ahead = TRUE;
}

static void
refuse (AirHost *self, AirRun *run, AirMessage *message, const GError *error)
{
  if (message->kind == AIR_EVENT_TRIGGER)
    {
      if (message->dedup != NULL)
        g_hash_table_remove (self->dedup, message->dedup);
    }
  if (message->answered != NULL)
    message->answered (
        run, NULL,
        air_problem_new_error (g_error_matches (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_GATE_EXPIRED) ? 410 : 409,
                               "not-possible", error),
        message->user_data);
  else
    g_warning ("run %s: %s", run->chain->id, error->message);
}

/* Decides what follows from one message; NULL when there is nothing to commit. */
static AirCommit *
advance (AirHost *self, AirRun *run, AirMessage *take_message)
{
  g_autoptr (AirMessage) message = take_message;
  g_auto (AirTransition) transition = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time ();
  AirEvent event;
  AirCommit *commit;

  if (air_host_get_fault (self, run->chain->id) != NULL)
    {
      error = g_error_new (AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER, "the run is stopped: %s; check the ledger with fsck",
                           air_host_get_fault (self, run->chain->id));
      if (message->answered != NULL)
        refuse (self, run, message, error);
      return NULL;
    }
  if (run->instance == NULL && run->chain->last < 0)
    {
      run->instance = air_instance_new (self->plan, run->chain->id);
      air_instance_set_usage (run->instance, self->usage);
    }
  else if (run->instance == NULL
           && (run->instance = air_host_fold (self, run->chain->id, run->chain->last, &error)) == NULL)
    {
      if (message->answered == NULL && g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY))
        {
          g_queue_push_head (&run->inbox, g_steal_pointer (&message));
          retry_later (self, error);
          return NULL;
        }
      if (!g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY))
        air_host_give_up (self, run->chain->id, error);
      refuse (self, run, message, error);
      return NULL;
    }
  if (message->kind == AIR_EVENT_DECISION && !air_gatekeeper_admit (self, run, message))
    return NULL;
  if (message->kind == AIR_EVENT_CONTROL && !air_host_admit_control (self, run, message))
    return NULL;

  event = air_message_to_event (message, self->session);
  air_host_watch_usage (self, run);
  if (!air_instance_advance (run->instance, &event, now, self->random, &transition, &error))
    {
      air_host_revert_usage (self, run);
      refuse (self, run, message, error);
      return NULL;
    }
  if (self->usage != NULL)
    air_usage_book_set_journal (self->usage, NULL);
  if (transition.records->len == 0)
    {
      g_clear_pointer (&run->journal, g_array_unref);
      perform_all (self, run, g_steal_pointer (&transition.effects));
      if (message->answered != NULL)
        message->answered (run, NULL, NULL, message->user_data);
      return NULL;
    }
  /* One that is cancelled before its turn came is over. */
  if (run->held && !air_instance_is_finished (run->instance))
    {
      hold_back (run, &transition);
      air_host_revert_usage (self, run);
    }

  commit = air_commit_new (run->chain, g_steal_pointer (&transition.records), now, commit_done_cb, run);
  commit->owner = self;
  commit->row = air_host_make_row (self, run, transition.effects);
  run->effects = g_steal_pointer (&transition.effects);
  run->current = g_steal_pointer (&message);
  run->committing = TRUE;
  self->committing++;
  return commit;
}

/* The commits of what is ready, up to @max of them. */
static AirCommit *
take_commits (AirHost *self, guint max, guint *ret_n)
{
  AirCommit *first = NULL, **tail = &first;

  for (*ret_n = 0; self->ready.length > 0 && self->retry == 0 && *ret_n < max;)
    {
      AirRun *run = air_run_lanes_pop (&self->ready);
      AirCommit *commit = NULL;

      run->queued = FALSE;
      while (commit == NULL && run->inbox.length > 0 && !run->finished && self->retry == 0)
        commit = advance (self, run, g_queue_pop_head (&run->inbox));
      if (commit == NULL)
        {
          if (run->chain->last < 0)
            {
              g_autofree char *key = g_steal_pointer (&run->key), *id = g_strdup (run->chain->id);

              air_host_drop_run (self, run);
              if (key != NULL)
                air_host_leave_line (self, key, id);
            }
          else
            park (self, run);
          continue;
        }
      *tail = commit;
      tail = &commit->next;
      ++*ret_n;
    }
  return first;
}

/* With few at work, nothing is won by handing over to the writer and waiting for it. */
static gboolean
pump_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  AirHost *self = ((PumpSource *) source)->host;
  gint64 until = g_get_monotonic_time () + TURN_US;
  guint steps = 0;

  g_source_set_ready_time (source, -1);
  while (self->ready.length > 0 && self->retry == 0 && steps < MAX_STEPS_A_TURN)
    {
      guint chunk = CLAMP ((self->ready.length + self->committing + 1) / 2, LEAST_CHUNK, MOST_CHUNK), n;
      AirCommit *commits = take_commits (self, chunk, &n);

      if (commits == NULL)
        break;
      steps += n;
      if (self->ready.length > 0 || self->committing > n || n >= LEAST_CHUNK || g_get_monotonic_time () >= until)
        air_writer_submit_list (self->writer, commits);
      else
        air_writer_write_here (self->writer, commits);
    }
  if (self->ready.length > 0 && self->retry == 0)
    g_source_set_ready_time (source, 0);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs pump_funcs = { .dispatch = pump_dispatch };

/* --- life --- */

static gboolean
tick_cb (gpointer user_data)
{
  AirHost *self = user_data;

  air_stats_tick (&self->stats, g_get_monotonic_time ());
  air_checkpointer_tick (self->checkpointer);
  air_host_expire_usage (self);
  return G_SOURCE_CONTINUE;
}

/* One runtime to one state: two would write two ledgers under one name. */
static gboolean
take_lock (AirHost *self, const char *state, GError **error)
{
  g_autofree char *path = g_build_filename (state, "lock", NULL);

  if (g_mkdir_with_parents (state, 0700) != 0 || (self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   "%s: %s; check the state directory and its permissions", path, g_strerror (errno));
      return FALSE;
    }
  if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  g_set_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_IN_USE,
               "%s is in use by another runtime; stop that one or give another state directory", state);
  return FALSE;
}

/**
 * air_host_new:
 *
 * Opens the ledger of a state directory, brings its index up to date and checks it against the last checkpoint.
 *
 * Returns: (transfer full): a host that runs nothing yet, or %NULL with an %AIR_HOST_ERROR, %AIR_STORE_ERROR or
 *   %AIR_LEDGER_ERROR
 */
AirHost *
air_host_new (const AirHostOptions *options, GError **error)
{
  g_autoptr (AirHost) self = g_new0 (AirHost, 1);
  g_autofree char *path = g_build_filename (options->state, "ledger.sqlite", NULL);

  self->lock = -1;
  self->plan = air_plan_ref (options->plan);
  self->trust = options->trust;
  self->random = options->random != NULL ? options->random : air_random_system ();
  self->ledger_key = air_private_key_ref (options->ledger_key);
  self->origin = g_strdup (options->origin);
  self->policy = g_strdup (options->policy);
  self->latency = AIR_LATENCY_NORMAL;
  air_latency_class_from_string (options->latency_class, &self->latency);
  self->faults = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->max_open = options->max_open > 0 ? options->max_open : 65536;
  self->runs = g_hash_table_new (g_str_hash, g_str_equal);
  self->dedup = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_key_line_free);
  self->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->timers = air_timers_new (timer_cb, self);
  self->effects = air_effects_new (options->performer, options->max_effects > 0 ? options->max_effects : 128,
                                   &self->stats.actions, performed_cb, self);
  self->pump = g_source_new (&pump_funcs, sizeof (PumpSource));
  ((PumpSource *) self->pump)->host = self;
  g_source_attach (self->pump, g_main_context_get_thread_default ());
  self->stats.started_us = g_get_real_time ();
  self->stats.window_start_us = g_get_monotonic_time ();

  if (!take_lock (self, options->state, error) || (self->writer = air_writer_new (path, self->random, error)) == NULL
      || (self->store = air_store_open (path, TRUE, error)) == NULL)
    return NULL;
  self->checkpointer = air_checkpointer_new (self);
  if (!air_checkpointer_check (self->checkpointer, error) || !air_host_recover_index (self, error)
      || !air_store_count_states (self->store, self->states, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
air_host_start (AirHost *self, GError **error)
{
  if (!air_host_fold_usage (self, error) || !air_host_start_epoch (self, error) || !air_host_recover_runs (self, error))
    return FALSE;
  self->tick = g_timeout_add (1000, tick_cb, self);
  return TRUE;
}

void
air_host_drain (AirHost *self)
{
  self->draining = TRUE;
  air_effects_drain (self->effects);
}

/* Nothing is being committed and no vendor is asked: a stop now leaves nothing unknown. */
gboolean
air_host_is_idle (AirHost *self)
{
  return self->committing == 0 && (self->ready.length == 0 || self->retry != 0)
         && air_effects_get_in_flight (self->effects) == 0;
}

void
air_host_free (AirHost *self)
{
  GHashTableIter iter;
  gpointer run;

  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_handle_id (&self->retry, g_source_remove);
  self->listener = NULL;
  air_effects_drain (self->effects);
  g_clear_pointer (&self->writer, air_writer_free); /* completes what is under way */
  g_clear_handle_id (&self->retry, g_source_remove);
  air_effects_free (self->effects);
  air_timers_free (self->timers);
  g_source_destroy (self->pump);
  g_source_unref (self->pump);
  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    air_run_free (run);
  g_hash_table_unref (self->runs);
  g_hash_table_unref (self->faults);
  g_hash_table_unref (self->dedup);
  g_hash_table_unref (self->keys);
  g_hash_table_unref (self->states);
  g_clear_pointer (&self->usage, air_usage_book_free);
  g_clear_pointer (&self->checkpointer, air_checkpointer_free);
  g_clear_pointer (&self->system, air_system_chain_free);
  g_clear_pointer (&self->store, air_store_free);
  air_plan_unref (self->plan);
  air_private_key_unref (self->ledger_key);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->origin);
  g_free (self->policy);
  g_free (self->session);
  g_free (self);
}
