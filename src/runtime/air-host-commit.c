/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From messages to commits: what is ready is decided, handed to the writer, and told when it is durable. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include "runtime/air-gatekeeper.h"

#define RETRY_MS 500
/* Commits handed to the writer at once, half of those at work: it writes one half while the other is advanced. */
#define LEAST_CHUNK      4
#define MOST_CHUNK       32
#define MAX_STEPS_A_TURN 256
/* After this long the rest of the main context has its turn. */
#define TURN_US (5 * 1000)

typedef struct {
  GSource parent;
  AirHost *host;
} PumpSource;

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
  int status = take_message->outcome->status;

  /* The vendor's status stays: one that says it worked is no sign that nothing happened. */
  air_outcome_free (take_message->outcome);
  take_message->outcome = air_outcome_new (AIR_OUTCOME_FATAL, status, words);
  take_message->outcome->alarm = g_strdup ("unrecordable");
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
      air_message_answer (message, run, NULL, store_problem (error));
      air_host_drop_run (self, run);
      if (key != NULL)
        air_host_leave_line (self, key, id);
      return;
    }
  if (message->sender != NULL)
    air_message_answer (message, run, NULL, store_problem (error));
  else if (store)
    g_queue_push_head (&run->inbox, g_steal_pointer (&message));
  else if (message->kind == AIR_EVENT_OUTCOME && message->outcome->outcome_class != AIR_OUTCOME_FATAL)
    g_queue_push_head (&run->inbox, unrecordable (g_steal_pointer (&message), error));
  else
    air_host_give_up_unwritable (self, run->chain->id, error);
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
  air_host_perform_all (self, run, g_steal_pointer (&run->effects));
  if (self->listener != NULL && message->kind == AIR_EVENT_OUTCOME)
    air_host_tell_node (self, run, message->node);
  if (self->listener != NULL && message->kind == AIR_EVENT_DECISION)
    air_host_tell_gate (self, run, message->node);
  if (row)
    air_host_tell_run (self, run);
  air_message_answer (message, run, commit, NULL);
  /* Answers that came while it was stopped are lost: what is in flight is now unknown. */
  if (air_host_forget_fault (self, run->chain->id) && !run->finished)
    g_queue_push_tail (&run->inbox, air_message_new (AIR_EVENT_RECOVERED));
  if (row && g_str_equal (run->row->state, "compensating"))
    air_host_withdraw (self, run);
  if (message->kind == AIR_EVENT_CONTROL || message->kind == AIR_EVENT_CANCEL)
    air_effects_set_paused (self->effects, run->chain->id, air_instance_is_paused (run->instance));

  if (run->ahead)
    {
      g_clear_pointer (&run->instance, air_instance_free);
      run->ahead = FALSE;
    }

  if (run->finished)
    air_host_finish_run (self, run);
  else if (run->inbox.length > 0)
    air_host_schedule (self, run);
  else
    air_host_park (self, run);
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
  /* An order that has come before is carried out already. */
  if (message->kind == AIR_EVENT_CONTROL && g_error_matches (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE))
    air_message_answer (message, run, NULL, NULL);
  else if (message->sender != NULL)
    air_message_answer (
        message, run, NULL,
        air_problem_new_error (g_error_matches (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_GATE_EXPIRED) ? 410 : 409,
                               "not-possible", error));
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
  g_autoptr (AirIndexRow) row = NULL;
  gint64 now = g_get_real_time ();
  AirEvent event;
  AirCommit *commit;

  if (!air_host_admit_faulty (self, run->chain->id, message))
    {
      error = g_error_new (AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER, "the run is stopped: %s",
                           air_host_get_fault (self, run->chain->id));
      if (message->sender != NULL)
        refuse (self, run, message, error);
      return NULL;
    }
  if (run->instance == NULL && run->chain->last < 0)
    {
      run->instance = air_instance_new (self->plan, run->chain->id);
      air_instance_set_usage (run->instance, self->usage);
    }
  else if (run->instance == NULL
           && (run->instance = air_host_fold (self, run->chain->id, run->chain->last, &run->chain->key, &error))
                  == NULL)
    {
      if (!air_host_passes (error))
        {
          air_host_give_up (self, run->chain->id, error);
          refuse (self, run, message, error);
        }
      else if (message->sender != NULL)
        air_message_answer (message, run, NULL, store_problem (error));
      else
        {
          g_queue_push_head (&run->inbox, g_steal_pointer (&message));
          retry_later (self, error);
        }
      return NULL;
    }
  /* Before its turn nothing of it is to be recovered. */
  if (run->held && message->kind == AIR_EVENT_RECOVERED)
    return NULL;
  air_latency_class_from_string (air_instance_get_latency_class (run->instance), &run->latency);
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
      if (message->kind == AIR_EVENT_RECOVERED)
        air_host_set_timers (self, run, g_steal_pointer (&transition.effects));
      else
        air_host_perform_all (self, run, g_steal_pointer (&transition.effects));
      row = message->sender == NULL ? air_host_mend_row (self, run, now) : NULL;
      if (row == NULL)
        {
          air_message_answer (message, run, NULL, NULL);
          return NULL;
        }
    }
  /* One that is cancelled before its turn came is over. */
  if (run->held && !air_instance_is_finished (run->instance))
    {
      hold_back (run, &transition);
      air_host_revert_usage (self, run);
    }

  commit = air_commit_new (run->chain, g_steal_pointer (&transition.records), now, commit_done_cb, run);
  commit->owner = self;
  commit->row = row != NULL ? g_steal_pointer (&row) : air_host_make_row (self, run, transition.effects);
  commit->subject = g_steal_pointer (&run->subject);
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
            air_host_park (self, run);
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

/* Decides and commits while something is ready; its ready time says so. */
GSource *
air_host_pump_new (AirHost *self)
{
  GSource *source = g_source_new (&pump_funcs, sizeof (PumpSource));

  ((PumpSource *) source)->host = self;
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}
