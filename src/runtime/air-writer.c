/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-writer.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "hosting/air-records.h"
#include "runtime/air-applier.h"
#include "runtime/air-vault.h"

/* What one sync holds at most, so that the first in line do not wait for the last. */
#define MAX_BATCH 1024
#define MAX_FRAME (1u << 20)
/* A disk slower than this is never waited for in the main context. */
#define QUICK_US 1000

/* Commits the store may not show yet, by what they are asked for. */
typedef struct {
  GHashTable *ids;   /* set of instances */
  GHashTable *dedup; /* key → instance */
  guint64 last;      /* frame */
} Recent;

struct _AirWriter {
  AirApplier *applier;
  const AirRandom *random;
  GThread *thread;
  GSource *source;
  Recent recent[2]; /* the main context's: those being gathered, and those before them */

  /* Of the thread that writes: the one that set busy. */
  AirJournal *journal;
  AirVault *vault;
  AirTreeEdge edge;   /* with what is being written */
  AirTreeEdge before; /* of the last frame */
  gint64 pace_us;     /* what a sync takes, lately */

  /* Plain POSIX, see AirApplier. */
  pthread_mutex_t lock;
  pthread_cond_t wake;
  pthread_cond_t rest;
  AirCommit *first, **tail; /* submitted */
  AirCommit *done_first, **done_tail;
  gboolean stop;
  gboolean stopped; /* of the main context: the thread has gone */
  gboolean busy;    /* a batch is being written */
  GError *halted;   /* every commit fails with it; nullable */
  AirTreeEdge durable;
  AirWriterCounters counters;
};

typedef struct {
  GSource parent;
  AirWriter *writer;
} DoneSource;

/* --- writing --- */

/* Seals the records; a commit that cannot be sealed leaves its chain as it was. */
static gboolean
seal_commit (AirWriter *self, AirCommit *commit, GError **error)
{
  AirChain *chain = commit->chain;

  if (chain == NULL)
    return TRUE;
  commit->head_before = chain->head;
  commit->last_before = chain->last;
  commit->begun = TRUE;
  commit->sealed = air_records_seal (commit->records, &chain->head, chain->id, commit->time_us, self->random, error);
  return commit->sealed != NULL;
}

/* What a person decided stays readable as long as the ledger: it is the proof, and not about the run's subject. An edit
 * is: it says the action anew, input and all. */
static gboolean
is_proof (const AirCommit *commit, guint i)
{
  const AirRecord *record = commit->records->pdata[i];

  return strcmp (record->type, AIR_ENTRY_HUMAN_GATE_DECISIONED) == 0
         && g_strcmp0 (air_map_get_string (record->members, "decision"), "edit") != 0;
}

typedef struct {
  AirWriter *writer;
  AirCommit *commit;
} Keys;

/* What the entry's disclosures are sealed under; none where it has none, or they are proof. */
static gboolean
find_key (gpointer user_data, guint i, AirSealKey *ret_key, GError **error)
{
  Keys *keys = user_data;
  AirCommit *commit = keys->commit;
  const AirSealedEntry *sealed = commit->sealed->pdata[i];

  *ret_key = (AirSealKey) { 0, 0 };
  if (sealed->disclosures == NULL || sealed->disclosures->len == 0 || is_proof (commit, i))
    return TRUE;
  if (commit->chain->key.run == 0)
    commit->chain->key.run = air_vault_take (keys->writer->vault, error);
  *ret_key = commit->chain->key;
  return ret_key->run != 0;
}

static gboolean
put_chain (AirWriter *self, AirFrame *frame, AirCommit *commit, GError **error)
{
  AirChain *chain = commit->chain;
  AirFrameChain end = { chain->id, chain->last, &chain->head, commit->row != NULL || commit->forget };
  Keys keys = { self, commit };

  commit->first = self->edge.tree.size;
  commit->n_entries = commit->sealed->len;
  if (!air_frame_put_chain (frame, &self->edge, &end, commit->sealed, find_key, &keys, error))
    return FALSE;
  chain->last = end.last;
  return TRUE;
}

static gboolean
put_commit (AirWriter *self, AirFrame *frame, AirCommit *commit, GError **error)
{
  AirChain *chain = commit->chain;

  if (chain != NULL && !put_chain (self, frame, commit, error))
    return FALSE;
  if (commit->row != NULL)
    {
      commit->row->head = chain->last;
      commit->row->count = chain->head.seq;
      commit->row->hash = chain->head.prev;
      air_frame_put_row (frame, commit->row);
    }
  if (commit->subject != NULL)
    air_frame_put_subject (frame, commit->subject, chain->id, chain->key.subject);
  if (commit->note != NULL)
    air_frame_put_note (frame, commit->checkpoint, commit->note);
  return TRUE;
}

/* Makes the frame durable, in the journal or, when it is too large for that, in the store. */
static gboolean
write_frame (AirWriter *self, AirFrame *take_frame, guint64 *ret_seq, GError **error)
{
  g_autoptr (AirFrame) frame = take_frame;
  gint64 start = g_get_monotonic_time ();
  guint64 blocked;

  frame->entries = self->edge.tree.size;
  *ret_seq = frame->seq = air_journal_get_seq (self->journal);
  if (!air_journal_fits (self->journal, frame))
    {
      if (!air_applier_put (self->applier, frame, error))
        return FALSE;
      air_journal_begin (self->journal, frame->seq + 1);
      return TRUE;
    }
  blocked = air_journal_blocked (self->journal, frame);
  if (blocked != 0)
    {
      GError *failure;

      air_applier_wait_free (self->applier, blocked);
      if (air_journal_blocked (self->journal, frame) != 0)
        {
          failure = air_applier_get_failure (self->applier);
          g_propagate_error (error, failure != NULL ? failure
                                                    : g_error_new_literal (AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY,
                                                                           "the ledger's store lags behind"));
          return FALSE;
        }
    }
  if (!air_journal_append (self->journal, frame, error))
    return FALSE;
  self->pace_us = (7 * self->pace_us + g_get_monotonic_time () - start) / 8;
  air_applier_push (self->applier, g_steal_pointer (&frame));
  return TRUE;
}

/* A failed sync says nothing about what is on the disk: only a fresh start that reads it can tell. */
static void
stop_if_untrustworthy (const GError *error)
{
  if (!g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO))
    return;
  g_message ("%s; the disk can no longer be trusted, so this process ends and a restart recovers", error->message);
  _exit (75);
}

/* Of @first up to but without @end, which did not become durable. */
static void
undo (AirWriter *self, AirCommit *first, AirCommit *end, const GError *error)
{
  air_tree_edge_copy (&self->edge, &self->before);
  for (AirCommit *commit = first; commit != end; commit = commit->next)
    {
      if (commit->failure != NULL)
        continue;
      if (commit->begun)
        {
          commit->chain->head = commit->head_before;
          commit->chain->last = commit->last_before;
        }
      commit->failure = g_error_copy (error);
    }
}

static void
count_commit (const AirCommit *commit, AirWriterCounters *counters)
{
  for (guint i = 0; commit->sealed != NULL && i < commit->sealed->len; i++)
    {
      const AirSealedEntry *sealed = commit->sealed->pdata[i];

      counters->entries++;
      counters->leaf_bytes += g_bytes_get_size (sealed->leaf);
      counters->disclosure_bytes += sealed->packed != NULL ? sealed->packed->len : 0;
    }
}

/* Takes as many commits as one frame is to hold; returns the first that is left. */
static AirCommit *
write_some (AirWriter *self, AirCommit *first, AirWriterCounters *counters, GError **error)
{
  AirFrame *frame = air_frame_new ();
  AirCommit *end = first;
  gboolean done = TRUE;
  guint64 seq = 0;

  /* One after the other, so that the same few pieces of memory serve them all. */
  for (; done && end != NULL && frame->len < MAX_FRAME; end = end->next)
    {
      if (seal_commit (self, end, &end->failure))
        {
          done = put_commit (self, frame, end, error);
          count_commit (end, counters);
        }
      g_clear_pointer (&end->sealed, g_ptr_array_unref);
    }
  if (!done || frame->len == AIR_FRAME_HEADER)
    air_frame_free (frame);
  else
    done = write_frame (self, frame, &seq, error);
  if (!done)
    {
      stop_if_untrustworthy (*error);
      undo (self, first, NULL, *error);
      counters->failures++;
      return NULL;
    }
  for (AirCommit *commit = first; commit != end; commit = commit->next)
    commit->frame = seq;
  air_tree_edge_copy (&self->before, &self->edge);
  counters->commits += seq != 0;
  return end;
}

/* Why nothing can be written now, or NULL. */
static GError *
get_failure (AirWriter *self)
{
  GError *failure;

  pthread_mutex_lock (&self->lock);
  failure = self->halted != NULL ? g_error_copy (self->halted) : NULL;
  pthread_mutex_unlock (&self->lock);
  return failure != NULL ? failure : air_applier_get_failure (self->applier);
}

/* Seals and writes; to be called by the one that set busy. Leaves the batch among those done. */
static void
write_batch (AirWriter *self, AirCommit *batch)
{
  AirWriterCounters counters = { 0 };
  GError *error = get_failure (self);
  AirCommit *last = batch;

  if (error != NULL)
    {
      undo (self, batch, NULL, error);
      counters.failures++;
    }
  for (AirCommit *left = batch; error == NULL && left != NULL;)
    left = write_some (self, left, &counters, &error);
  g_clear_error (&error);
  while (last->next != NULL)
    last = last->next;

  pthread_mutex_lock (&self->lock);
  self->busy = FALSE;
  air_tree_edge_copy (&self->durable, &self->edge);
  self->counters.commits += counters.commits;
  self->counters.entries += counters.entries;
  self->counters.leaf_bytes += counters.leaf_bytes;
  self->counters.disclosure_bytes += counters.disclosure_bytes;
  self->counters.failures += counters.failures;
  *self->done_tail = batch;
  self->done_tail = &last->next;
  pthread_cond_broadcast (&self->rest);
  pthread_mutex_unlock (&self->lock);
}

static AirCommit *
take_batch (AirWriter *self)
{
  AirCommit *batch = self->first, *last = batch;

  for (guint n = 1; n < MAX_BATCH && last->next != NULL; n++)
    last = last->next;
  self->first = last->next;
  if (self->first == NULL)
    self->tail = &self->first;
  last->next = NULL;
  return batch;
}

static gpointer
writer_thread (gpointer data)
{
  AirWriter *self = data;

  for (;;)
    {
      AirCommit *batch;

      pthread_mutex_lock (&self->lock);
      while (self->first == NULL && !self->stop)
        pthread_cond_wait (&self->wake, &self->lock);
      if (self->first == NULL)
        break;
      batch = take_batch (self);
      self->busy = TRUE;
      pthread_mutex_unlock (&self->lock);
      write_batch (self, batch);
      g_source_set_ready_time (self->source, 0);
    }
  pthread_mutex_unlock (&self->lock);
  return NULL;
}

/* Once the thread has gone: what was submitted since, in the order of its coming. */
static void
write_rest (AirWriter *self)
{
  pthread_mutex_lock (&self->lock);
  while (self->first != NULL)
    {
      AirCommit *batch = take_batch (self);

      self->busy = TRUE;
      pthread_mutex_unlock (&self->lock);
      write_batch (self, batch);
      pthread_mutex_lock (&self->lock);
    }
  pthread_mutex_unlock (&self->lock);
}

/* --- the main context --- */

static void
recent_clear (Recent *recent)
{
  g_hash_table_remove_all (recent->ids);
  g_hash_table_remove_all (recent->dedup);
}

static void
note_recent (AirWriter *self, const AirCommit *commit)
{
  Recent *young = &self->recent[0], *old = &self->recent[1];

  if (commit->failure != NULL || commit->row == NULL)
    return;
  if (old->last <= air_applier_get_applied (self->applier, NULL))
    {
      Recent emptied = *old;

      recent_clear (&emptied);
      *old = *young;
      *young = emptied;
    }
  young->last = commit->frame;
  g_hash_table_add (young->ids, g_strdup (commit->row->id));
  if (commit->row->dedup != NULL)
    g_hash_table_insert (young->dedup, g_strdup (commit->row->dedup), g_strdup (commit->row->id));
}

static void
dispatch_done (AirWriter *self)
{
  AirCommit *commit;

  pthread_mutex_lock (&self->lock);
  commit = self->done_first;
  self->done_first = NULL;
  self->done_tail = &self->done_first;
  pthread_mutex_unlock (&self->lock);

  while (commit != NULL)
    {
      AirCommit *next = commit->next;

      note_recent (self, commit);
      if (commit->done != NULL)
        commit->done (commit, commit->failure, commit->user_data);
      air_commit_free (commit);
      commit = next;
    }
}

static gboolean
done_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  dispatch_done (((DoneSource *) source)->writer);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs done_source_funcs = { .dispatch = done_source_dispatch };

/**
 * air_writer_new:
 * @path: ledger.sqlite
 * @random: for salts; called in the thread that submits and in the writer's
 *
 * Opens the ledger, takes up what only its journal holds, and loads the right edge of its tree.
 *
 * Returns: (transfer full): a writer, or NULL with AIR_STORE_ERROR
 */
AirWriter *
air_writer_new (const char *path, const AirRandom *random, GError **error)
{
  AirApplier *applier = air_applier_new (path, error);
  g_autofree char *folder = g_path_get_dirname (path), *keys = g_build_filename (folder, "subjects.keys", NULL);
  AirWriter *self;

  if (applier == NULL)
    return NULL;
  self = g_new0 (AirWriter, 1);
  self->applier = applier;
  self->journal = air_applier_get_journal (applier);
  self->random = random;
  self->tail = &self->first;
  self->done_tail = &self->done_first;
  for (guint i = 0; i < 2; i++)
    {
      self->recent[i].ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      self->recent[i].dedup = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    }
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->wake, NULL);
  pthread_cond_init (&self->rest, NULL);
  self->source = g_source_new (&done_source_funcs, sizeof (DoneSource));
  ((DoneSource *) self->source)->writer = self;
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  self->vault = air_vault_open (keys, FALSE, error);
  if (self->vault == NULL || !air_tree_edge_load (&self->edge, air_applier_get_store (applier), error))
    {
      air_writer_free (self);
      return NULL;
    }
  air_tree_edge_copy (&self->before, &self->edge);
  air_tree_edge_copy (&self->durable, &self->edge);
  air_applier_start (applier);
  self->thread = g_thread_new ("ledger", writer_thread, self);
  return self;
}

void
air_writer_submit (AirWriter *self, AirCommit *take_commit)
{
  take_commit->next = NULL;
  air_writer_submit_list (self, take_commit);
}

void
air_writer_submit_list (AirWriter *self, AirCommit *take_first)
{
  AirCommit *last = take_first;

  while (last->next != NULL)
    last = last->next;
  pthread_mutex_lock (&self->lock);
  *self->tail = take_first;
  self->tail = &last->next;
  pthread_cond_signal (&self->wake);
  pthread_mutex_unlock (&self->lock);
}

gboolean
air_writer_write_here (AirWriter *self, AirCommit *take_first)
{
  gboolean here;

  pthread_mutex_lock (&self->lock);
  here = !self->busy && self->first == NULL && self->pace_us < QUICK_US;
  if (here)
    self->busy = TRUE;
  pthread_mutex_unlock (&self->lock);
  if (!here)
    {
      air_writer_submit_list (self, take_first);
      return FALSE;
    }
  write_batch (self, take_first);
  dispatch_done (self);
  return TRUE;
}

gboolean
air_writer_settle (AirWriter *self)
{
  return air_applier_settle (self->applier);
}

gboolean
air_writer_settle_run (AirWriter *self, const char *id)
{
  return (!g_hash_table_contains (self->recent[0].ids, id) && !g_hash_table_contains (self->recent[1].ids, id))
         || air_applier_settle (self->applier);
}

gboolean
air_writer_settle_entry (AirWriter *self, guint64 index)
{
  guint64 entries;

  air_applier_get_applied (self->applier, &entries);
  return index < entries || air_applier_settle (self->applier);
}

const char *
air_writer_find_recent (AirWriter *self, const char *dedup)
{
  const char *id = g_hash_table_lookup (self->recent[0].dedup, dedup);

  return id != NULL ? id : g_hash_table_lookup (self->recent[1].dedup, dedup);
}

/**
 * air_writer_halt:
 * @self: the writer
 * @why: (nullable): what every commit fails with from now on; %NULL: they are written again
 */
void
air_writer_halt (AirWriter *self, const GError *why)
{
  pthread_mutex_lock (&self->lock);
  g_clear_error (&self->halted);
  self->halted = why != NULL ? g_error_copy (why) : NULL;
  pthread_mutex_unlock (&self->lock);
}

/**
 * air_writer_forget_recent:
 * @self: the writer
 *
 * Forgets what air_writer_find_recent() knows where the store shows all that was durable when last asked.
 */
void
air_writer_forget_recent (AirWriter *self)
{
  guint64 applied = air_applier_get_applied (self->applier, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (self->recent); i++)
    if (self->recent[i].last <= applied)
      recent_clear (&self->recent[i]);
}

/**
 * air_writer_get_applied:
 * @self: the writer
 *
 * Returns: how many entries the store shows
 */
guint64
air_writer_get_applied (AirWriter *self)
{
  guint64 entries;

  air_applier_get_applied (self->applier, &entries);
  return entries;
}

void
air_writer_get_edge (AirWriter *self, AirTreeEdge *ret_edge)
{
  air_writer_peek_edge (self, ret_edge);
  air_applier_settle (self->applier);
}

void
air_writer_peek_edge (AirWriter *self, AirTreeEdge *ret_edge)
{
  pthread_mutex_lock (&self->lock);
  air_tree_edge_copy (ret_edge, &self->durable);
  pthread_mutex_unlock (&self->lock);
}

guint64
air_writer_get_size (AirWriter *self)
{
  guint64 size;

  pthread_mutex_lock (&self->lock);
  size = self->durable.tree.size;
  pthread_mutex_unlock (&self->lock);
  return size;
}

void
air_writer_get_counters (AirWriter *self, AirWriterCounters *ret_counters)
{
  pthread_mutex_lock (&self->lock);
  *ret_counters = self->counters;
  pthread_mutex_unlock (&self->lock);
}

gboolean
air_writer_run (AirWriter *self, gboolean (*func) (AirStore *, gpointer, GError **), gpointer user_data, GError **error)
{
  return air_applier_run (self->applier, func, user_data, error);
}

static gboolean
sync_cb (AirStore *store, gpointer user_data, GError **error)
{
  return air_store_sync (store, error);
}

gboolean
air_writer_scrub (AirWriter *self, GError **error)
{
  gboolean done;

  if (self->stopped)
    write_rest (self);
  pthread_mutex_lock (&self->lock);
  while (self->busy || self->first != NULL)
    pthread_cond_wait (&self->rest, &self->lock);
  self->busy = TRUE;
  pthread_mutex_unlock (&self->lock);
  done = air_applier_settle (self->applier) && air_applier_run (self->applier, sync_cb, NULL, error);
  if (!done && error != NULL && *error == NULL)
    *error = air_applier_get_failure (self->applier);
  if (done)
    {
      done = air_journal_scrub (self->journal, error);
      air_journal_begin (self->journal, air_journal_get_seq (self->journal));
    }
  pthread_mutex_lock (&self->lock);
  self->busy = FALSE;
  pthread_mutex_unlock (&self->lock);
  return done;
}

void
air_writer_free (AirWriter *self)
{
  if (self->thread != NULL)
    {
      pthread_mutex_lock (&self->lock);
      self->stop = TRUE;
      pthread_cond_signal (&self->wake);
      pthread_mutex_unlock (&self->lock);
      g_thread_join (self->thread);
      self->stopped = TRUE;
      for (dispatch_done (self); self->first != NULL; dispatch_done (self))
        write_rest (self);
    }
  g_source_destroy (self->source);
  g_source_unref (self->source);
  air_applier_free (self->applier);
  air_vault_free (self->vault);
  for (guint i = 0; i < 2; i++)
    {
      g_hash_table_unref (self->recent[i].ids);
      g_hash_table_unref (self->recent[i].dedup);
    }
  pthread_mutex_destroy (&self->lock);
  pthread_cond_destroy (&self->wake);
  pthread_cond_destroy (&self->rest);
  g_clear_error (&self->halted);
  g_free (self);
}

AirCommit *
air_commit_new (AirChain *chain, GPtrArray *take_records, gint64 time_us, AirCommitDone done, gpointer user_data)
{
  AirCommit *self = g_new0 (AirCommit, 1);

  self->chain = chain;
  self->records = take_records;
  self->time_us = time_us;
  self->done = done;
  self->user_data = user_data;
  return self;
}

void
air_commit_free (AirCommit *self)
{
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->sealed, g_ptr_array_unref);
  g_clear_pointer (&self->row, air_index_row_free);
  g_clear_error (&self->failure);
  g_free (self->subject);
  g_free (self->note);
  g_free (self);
}

AirChain *
air_chain_new (const char *id)
{
  AirChain *self = g_new0 (AirChain, 1);

  self->id = g_strdup (id);
  self->last = -1;
  return self;
}

void
air_chain_free (AirChain *self)
{
  g_free (self->id);
  g_free (self);
}
