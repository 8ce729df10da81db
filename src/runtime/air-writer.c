/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-writer.h"

#include <string.h>
#include <unistd.h>

#include "engine/air-record.h"

/* The heads of the instance index are written behind, this many entries at most: what a restart must read again. */
#define MAX_BEHIND 8192
/* What one transaction holds at most, so that the first in line do not wait for the last. */
#define MAX_BATCH 1024

typedef struct {
  gint64 head;
  gint64 count;
  AirDigest hash;
} BehindHead;

typedef struct {
  gboolean (*func) (AirStore *store, gpointer user_data, GError **error);
  gpointer user_data;
  GError **error;
  gboolean result;
  gboolean done;
} Task;

struct _AirWriter {
  AirStore *store; /* the thread's own */
  const AirRandom *random;
  AirTreeEdge edge;   /* the thread's own: with what is being written */
  AirTreeEdge before; /* the thread's own: of the last commit */
  GHashTable *behind; /* the thread's own: id → BehindHead, rows whose head lags */
  guint64 indexed;    /* the thread's own */
  GThread *thread;
  GSource *source;

  GMutex lock;
  GCond wake;
  GCond idle;
  AirCommit *first, **tail; /* submitted */
  AirCommit *done_first, **done_tail;
  Task *task;
  gboolean stop;
  gboolean busy; /* a batch is being written */
  AirTreeEdge durable;
  AirWriterCounters counters;
};

typedef struct {
  GSource parent;
  AirWriter *writer;
} DoneSource;

/* --- the thread --- */

/* Seals the records; a commit that cannot be sealed leaves its chain as it was. */
static gboolean
seal_commit (AirWriter *self, AirCommit *commit, GError **error)
{
  AirChain *chain = commit->chain;

  if (chain == NULL || commit->sealed != NULL)
    return TRUE;
  commit->head_before = chain->head;
  commit->last_before = chain->last;
  commit->sealed = g_ptr_array_new_full (commit->records->len, (GDestroyNotify) air_sealed_entry_free);
  for (guint i = 0; i < commit->records->len; i++)
    {
      const AirRecord *record = commit->records->pdata[i];
      AirSealedEntry *sealed = air_entry_seal (&chain->head, chain->id, record->type, record->members,
                                               record->disclosed, commit->time_us, self->random, error);

      if (sealed == NULL)
        {
          chain->head = commit->head_before;
          return FALSE;
        }
      g_ptr_array_add (commit->sealed, sealed);
    }
  return TRUE;
}

/* What a person decided stays readable as long as the ledger: it is the proof, and not about the run's subject. */
static guint64 *
subject_of (const AirCommit *commit, guint i)
{
  const AirRecord *record = commit->records->pdata[i];

  return strcmp (record->type, AIR_ENTRY_HUMAN_GATE_DECISIONED) != 0 ? &commit->chain->subject : NULL;
}

static gboolean
write_entries (AirWriter *self, AirCommit *commit, GError **error)
{
  AirChain *chain = commit->chain;

  commit->first = self->edge.tree.size;
  commit->n_entries = commit->sealed->len;
  for (guint i = 0; i < commit->sealed->len; i++)
    {
      const AirSealedEntry *sealed = commit->sealed->pdata[i];
      guint64 index = self->edge.tree.size;

      if (!air_store_put_entry (self->store, index, chain->last, sealed->leaf, sealed->disclosures,
                                subject_of (commit, i), error)
          || !air_tree_edge_append (&self->edge, self->store, &sealed->hash, error))
        return FALSE;
      chain->last = index;
    }
  return TRUE;
}

static gboolean
write_commit (AirWriter *self, AirCommit *commit, GError **error)
{
  AirChain *chain = commit->chain;

  if (chain != NULL && !write_entries (self, commit, error))
    return FALSE;
  if (commit->row != NULL)
    {
      commit->row->head = chain->last;
      commit->row->count = chain->head.seq;
      commit->row->hash = chain->head.prev;
      if (!air_store_put_row (self->store, commit->row, error))
        return FALSE;
    }
  return commit->note == NULL || air_store_put_checkpoint (self->store, commit->checkpoint, commit->note, error);
}

/* Every now and then the heads that lag are written: those of earlier transactions, which are durable. */
static gboolean
catch_up (AirWriter *self, GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->behind);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      BehindHead *head = value;

      if (!air_store_put_head (self->store, id, head->head, head->count, &head->hash, error))
        return FALSE;
    }
  return air_store_set_indexed (self->store, self->before.tree.size, error);
}

static void
note_heads (AirWriter *self, AirCommit *batch)
{
  for (AirCommit *commit = batch; commit != NULL; commit = commit->next)
    {
      BehindHead *head;

      if (commit->chain == NULL || commit->failure != NULL)
        continue;
      if (commit->row != NULL || commit->forget)
        {
          g_hash_table_remove (self->behind, commit->chain->id);
          continue;
        }
      head = g_hash_table_lookup (self->behind, commit->chain->id);
      if (head == NULL)
        {
          head = g_new (BehindHead, 1);
          g_hash_table_insert (self->behind, g_strdup (commit->chain->id), head);
        }
      head->head = commit->chain->last;
      head->count = commit->chain->head.seq;
      head->hash = commit->chain->head.prev;
    }
}

static gboolean
write_batch (AirWriter *self, AirCommit *batch, GError **error)
{
  gboolean behind = self->before.tree.size - self->indexed >= MAX_BEHIND;
  gboolean done = air_store_begin (self->store, error) && (!behind || catch_up (self, error));

  for (AirCommit *commit = batch; done && commit != NULL; commit = commit->next)
    if (commit->failure == NULL)
      done = write_commit (self, commit, error);
  if (done && air_store_commit (self->store, error))
    {
      if (behind)
        {
          g_hash_table_remove_all (self->behind);
          self->indexed = self->before.tree.size;
        }
      note_heads (self, batch);
      return TRUE;
    }

  air_store_rollback (self->store);
  air_tree_edge_copy (&self->edge, &self->before);
  for (AirCommit *commit = batch; commit != NULL; commit = commit->next)
    if (commit->chain != NULL && commit->failure == NULL)
      {
        commit->chain->head = commit->head_before;
        commit->chain->last = commit->last_before;
      }
  return FALSE;
}

/* Counts what was written, and lets go of what was made in this thread: memory is best freed where it came from. */
static void
finish_batch (AirCommit *batch, gboolean written, AirWriterCounters *counters)
{
  for (AirCommit *commit = batch; commit != NULL; commit = commit->next)
    {
      for (guint i = 0; written && commit->failure == NULL && commit->sealed != NULL && i < commit->sealed->len; i++)
        {
          const AirSealedEntry *sealed = commit->sealed->pdata[i];

          counters->entries++;
          counters->leaf_bytes += g_bytes_get_size (sealed->leaf);
          for (guint j = 0; sealed->disclosures != NULL && j < sealed->disclosures->len; j++)
            counters->disclosure_bytes += strlen (sealed->disclosures->pdata[j]);
        }
      if (!commit->early)
        g_clear_pointer (&commit->sealed, g_ptr_array_unref);
    }
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

  g_mutex_lock (&self->lock);
  for (;;)
    {
      AirCommit *batch, *last;
      AirWriterCounters counters = { 0 };
      GError *error = NULL;
      gboolean done;

      while (self->first == NULL && self->task == NULL && !self->stop)
        g_cond_wait (&self->wake, &self->lock);
      if (self->task != NULL)
        {
          g_mutex_unlock (&self->lock);
          self->task->result = self->task->func (self->store, self->task->user_data, self->task->error);
          g_mutex_lock (&self->lock);
          self->task->done = TRUE;
          self->task = NULL;
          g_cond_broadcast (&self->idle);
          continue;
        }
      if (self->first == NULL)
        break;

      batch = take_batch (self);
      self->busy = TRUE;
      g_mutex_unlock (&self->lock);
      for (AirCommit *commit = batch; commit != NULL; commit = commit->next)
        seal_commit (self, commit, &commit->failure);
      done = write_batch (self, batch, &error);
      if (done)
        air_tree_edge_copy (&self->before, &self->edge);
      else
        stop_if_untrustworthy (error);
      finish_batch (batch, done, &counters);
      g_mutex_lock (&self->lock);

      self->busy = FALSE;
      if (done)
        {
          air_tree_edge_copy (&self->durable, &self->edge);
          self->counters.commits++;
          self->counters.entries += counters.entries;
          self->counters.leaf_bytes += counters.leaf_bytes;
          self->counters.disclosure_bytes += counters.disclosure_bytes;
        }
      else
        self->counters.failures++;
      for (last = batch;; last = last->next)
        {
          if (error != NULL && last->failure == NULL)
            last->failure = g_error_copy (error);
          if (last->next == NULL)
            break;
        }
      g_clear_error (&error);
      *self->done_tail = batch;
      self->done_tail = &last->next;
      g_source_set_ready_time (self->source, 0);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* --- the main context --- */

static void
dispatch_done (AirWriter *self)
{
  AirCommit *commit;

  g_mutex_lock (&self->lock);
  commit = self->done_first;
  self->done_first = NULL;
  self->done_tail = &self->done_first;
  g_mutex_unlock (&self->lock);

  while (commit != NULL)
    {
      AirCommit *next = commit->next;

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
 * Opens the ledger and loads the right edge of its tree.
 *
 * Returns: (transfer full): a writer, or NULL with AIR_STORE_ERROR
 */
AirWriter *
air_writer_new (const char *path, const AirRandom *random, GError **error)
{
  AirStore *store = air_store_open (path, FALSE, error);
  AirWriter *self;

  if (store == NULL)
    return NULL;
  self = g_new0 (AirWriter, 1);
  self->store = store;
  self->random = random;
  self->tail = &self->first;
  self->done_tail = &self->done_first;
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  g_cond_init (&self->idle);
  self->behind = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->source = g_source_new (&done_source_funcs, sizeof (DoneSource));
  ((DoneSource *) self->source)->writer = self;
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  if (!air_tree_edge_load (&self->edge, store, error))
    {
      air_writer_free (self);
      return NULL;
    }
  air_tree_edge_copy (&self->before, &self->edge);
  air_tree_edge_copy (&self->durable, &self->edge);
  self->indexed = self->edge.tree.size; /* the caller sees to what lags before it submits anything */
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
  gboolean busy;

  while (last->next != NULL)
    last = last->next;
  g_mutex_lock (&self->lock);
  busy = self->busy || self->first != NULL;
  g_mutex_unlock (&self->lock);
  /* While the writer is at work sealing costs no time here that would not be waited anyway. */
  for (AirCommit *commit = take_first; busy && commit != NULL; commit = commit->next)
    commit->early = seal_commit (self, commit, &commit->failure);
  g_mutex_lock (&self->lock);
  *self->tail = take_first;
  self->tail = &last->next;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

void
air_writer_get_edge (AirWriter *self, AirTreeEdge *ret_edge)
{
  g_mutex_lock (&self->lock);
  air_tree_edge_copy (ret_edge, &self->durable);
  g_mutex_unlock (&self->lock);
}

guint64
air_writer_get_size (AirWriter *self)
{
  guint64 size;

  g_mutex_lock (&self->lock);
  size = self->durable.tree.size;
  g_mutex_unlock (&self->lock);
  return size;
}

void
air_writer_get_counters (AirWriter *self, AirWriterCounters *ret_counters)
{
  g_mutex_lock (&self->lock);
  *ret_counters = self->counters;
  g_mutex_unlock (&self->lock);
}

gboolean
air_writer_run (AirWriter *self, gboolean (*func) (AirStore *, gpointer, GError **), gpointer user_data, GError **error)
{
  Task task = { func, user_data, error, FALSE, FALSE };

  g_mutex_lock (&self->lock);
  while (self->task != NULL)
    g_cond_wait (&self->idle, &self->lock);
  self->task = &task;
  g_cond_signal (&self->wake);
  while (!task.done)
    g_cond_wait (&self->idle, &self->lock);
  g_mutex_unlock (&self->lock);
  return task.result;
}

void
air_writer_free (AirWriter *self)
{
  if (self->thread != NULL)
    {
      g_mutex_lock (&self->lock);
      self->stop = TRUE;
      g_cond_signal (&self->wake);
      g_mutex_unlock (&self->lock);
      g_thread_join (self->thread);
      dispatch_done (self);
    }
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_hash_table_unref (self->behind);
  air_store_free (self->store);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  g_cond_clear (&self->idle);
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
