/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-applier.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "runtime/air-journal-file.h"

/* Of the journal. */
#define HALF_SIZE (16u << 20)
/* Frames are gathered this long, or until they are this many bytes: a transaction costs the same for one as for many. */
#define GATHER_US    (20 * 1000)
#define GATHER_BYTES (256u << 10)
#define MOST_BYTES   (4u << 20)
#define RETRY_US     (250 * 1000)
/* After a rush in which as much was waiting its memory goes back to the system. */
#define RUSH_BYTES (4u << 20)
#define KEPT_BYTES (1u << 20)
/* The heads of the instance index are written behind, this many entries at most: what a restart must read again. */
#define MAX_BEHIND 8192

typedef struct {
  AirApplierTask func;
  gpointer user_data;
  GError **error;
  gboolean result;
  gboolean done;
} Task;

/* Waits are plain POSIX: ThreadSanitizer sees through them, and through GLib's own only where GLib is built for it. */
struct _AirApplier {
  AirStore *store; /* the thread's own */
  AirJournalFile *file;
  AirJournal *journal;
  char *path;
  GHashTable *behind; /* the thread's own: id → AirFrameHead, rows whose head lags */
  GPtrArray *pending; /* the thread's own: of the transaction under way, AirFrameHead with its id */
  guint64 indexed;    /* the thread's own */
  guint64 indexable;  /* the thread's own: entries as of the last transaction */
  GThread *thread;

  pthread_mutex_t lock;
  pthread_cond_t wake;
  pthread_cond_t moved;
  AirFrame *first, **tail;
  gsize bytes;
  gsize most_bytes; /* since it last had nothing to do */
  gint64 since_us;  /* when the first of them came */
  guint64 pushed;
  guint64 applied;
  guint64 released;
  guint64 wanted; /* somebody waits for the release of this frame */
  gboolean urgent;
  gboolean stop;
  Task *task;
  GError *failure;
  _Atomic guint64 entries;
};

typedef struct {
  char *id;
  AirFrameHead head;
  gboolean forget;
} PendingHead;

static void
pending_free (gpointer data)
{
  PendingHead *pending = data;

  g_free (pending->id);
  g_free (pending);
}

/* --- one transaction --- */

static gboolean
apply_entry (gpointer user_data,
             guint64 index,
             gint64 prev,
             const void *leaf,
             gsize leaf_len,
             const AirDigest *hash,
             const void *packed,
             gsize packed_len,
             AirSealKey key,
             GError **error)
{
  AirApplier *self = user_data;

  return air_store_put_packed (self->store, index, prev, leaf, leaf_len, hash, packed, packed_len, key, error);
}

static gboolean
apply_head (gpointer user_data, const char *id, const AirFrameHead *head, gboolean forget, GError **error)
{
  AirApplier *self = user_data;
  PendingHead *pending = g_new (PendingHead, 1);

  pending->id = g_strdup (id);
  pending->head = *head;
  pending->forget = forget;
  g_ptr_array_add (self->pending, pending);
  return TRUE;
}

static gboolean
apply_row (gpointer user_data, const AirIndexRow *row, GError **error)
{
  return air_store_put_row (((AirApplier *) user_data)->store, row, error);
}

static gboolean
apply_subject (gpointer user_data, const char *digest, const char *run, guint64 key, GError **error)
{
  return air_store_put_subject (((AirApplier *) user_data)->store, digest, run, key, error);
}

static gboolean
apply_tile (gpointer user_data, guint level, guint64 index, const AirDigest hashes[256], GError **error)
{
  return air_store_put_tile (((AirApplier *) user_data)->store, level, index, hashes, error);
}

static gboolean
apply_note (gpointer user_data, guint64 size, const char *note, GError **error)
{
  return air_store_put_checkpoint (((AirApplier *) user_data)->store, size, note, error);
}

static const AirFrameReader reader = { apply_entry, apply_head, apply_row, apply_subject, apply_tile, apply_note };

/* Every now and then the heads that lag are written: those of earlier transactions. */
static gboolean
catch_up (AirApplier *self, GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->behind);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      AirFrameHead *head = value;

      if (!air_store_put_head (self->store, id, head->last, head->count, &head->hash, error))
        return FALSE;
    }
  return air_store_set_number (self->store, "indexed", self->indexable, error);
}

static void
note_heads (AirApplier *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    {
      PendingHead *pending = self->pending->pdata[i];

      if (pending->forget)
        g_hash_table_remove (self->behind, pending->id);
      else
        g_hash_table_replace (self->behind, g_steal_pointer (&pending->id),
                              g_memdup2 (&pending->head, sizeof pending->head));
    }
}

static gboolean
apply (AirApplier *self, const AirFrame *first, GError **error)
{
  gboolean behind = self->indexable - self->indexed >= MAX_BEHIND;
  const AirFrame *last = NULL;
  gboolean done = air_store_begin (self->store, error) && (!behind || catch_up (self, error));

  g_ptr_array_set_size (self->pending, 0);
  for (const AirFrame *frame = first; done && frame != NULL; frame = frame->next)
    {
      done = air_frame_read (frame, &reader, self, error);
      last = frame;
    }
  if (done && air_store_set_number (self->store, "applied", last->seq, error) && air_store_commit (self->store, error))
    {
      if (behind)
        {
          g_hash_table_remove_all (self->behind);
          self->indexed = self->indexable;
        }
      note_heads (self);
      self->indexable = last->entries;
      return TRUE;
    }
  air_store_rollback (self->store);
  return FALSE;
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

/* --- the thread --- */

static AirFrame *
take_frames (AirApplier *self)
{
  AirFrame *first = self->first, *last = first;
  gsize bytes = first->len;

  for (; last->next != NULL && bytes + last->next->len <= MOST_BYTES; last = last->next)
    bytes += last->next->len;
  self->first = last->next;
  if (self->first == NULL)
    self->tail = &self->first;
  last->next = NULL;
  self->bytes -= bytes;
  return first;
}

static void
give_back (AirApplier *self, AirFrame *first)
{
  AirFrame *last = first;

  for (self->bytes += last->len; last->next != NULL; last = last->next)
    self->bytes += last->next->len;
  last->next = self->first;
  if (self->first == NULL)
    self->tail = &last->next;
  self->first = first;
}

static void
wait_until (AirApplier *self, gint64 until_us)
{
  struct timespec until = { until_us / G_USEC_PER_SEC, until_us % G_USEC_PER_SEC * 1000 };

  pthread_cond_timedwait (&self->wake, &self->lock, &until);
}

static void
apply_some (AirApplier *self)
{
  AirFrame *frames = take_frames (self);
  GError *error = NULL;
  gboolean done;

  pthread_mutex_unlock (&self->lock);
  done = apply (self, frames, &error);
  stop_if_untrustworthy (error);
  pthread_mutex_lock (&self->lock);
  g_clear_error (&self->failure);
  if (!done)
    {
      g_message ("%s; what is durable in the journal is tried again", error->message);
      self->failure = error;
      give_back (self, frames);
      pthread_cond_broadcast (&self->moved);
      if (!self->stop)
        wait_until (self, g_get_monotonic_time () + RETRY_US);
      return;
    }
  while (frames != NULL)
    {
      AirFrame *next = frames->next;

      self->applied = frames->seq;
      atomic_store (&self->entries, frames->entries);
      air_frame_free (frames);
      frames = next;
    }
  self->since_us = g_get_monotonic_time ();
  pthread_cond_broadcast (&self->moved);
}

/* Has the store hold durably what was applied. */
static void
release (AirApplier *self)
{
  guint64 applied = self->applied;
  GError *error = NULL;

  pthread_mutex_unlock (&self->lock);
  if (!air_store_sync (self->store, &error))
    stop_if_untrustworthy (error);
  pthread_mutex_lock (&self->lock);
  self->released = applied;
  air_journal_release (self->journal, applied);
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
  /* For want of space, say: the log goes on growing until there is some. */
  if (!air_store_checkpoint (self->store, &error))
    {
      stop_if_untrustworthy (error);
      g_clear_error (&error);
    }
  pthread_mutex_lock (&self->lock);
}

static void
run_task (AirApplier *self)
{
  Task *task = self->task;

  pthread_mutex_unlock (&self->lock);
  task->result = task->func (self->store, task->user_data, task->error);
  pthread_mutex_lock (&self->lock);
  task->done = TRUE;
  self->task = NULL;
  pthread_cond_broadcast (&self->moved);
}

/* Nothing to do until something comes. */
static void
rest (AirApplier *self)
{
  self->urgent = FALSE;
  if (self->most_bytes < RUSH_BYTES)
    {
      self->most_bytes = 0;
      pthread_cond_wait (&self->wake, &self->lock);
      return;
    }
  self->most_bytes = 0;
  pthread_mutex_unlock (&self->lock);
  malloc_trim (KEPT_BYTES);
  pthread_mutex_lock (&self->lock);
}

static gpointer
applier_thread (gpointer data)
{
  AirApplier *self = data;

  pthread_mutex_lock (&self->lock);
  for (;;)
    {
      gint64 now = g_get_monotonic_time ();

      if (self->first != NULL
          && (self->urgent || self->stop || self->task != NULL || self->wanted > self->applied
              || self->bytes >= GATHER_BYTES || now >= self->since_us + GATHER_US))
        {
          apply_some (self);
          if (self->failure != NULL && self->stop)
            break;
          if (self->failure != NULL && self->task != NULL)
            run_task (self);
        }
      else if (self->task != NULL)
        run_task (self);
      else if (self->wanted > self->released && self->applied >= self->wanted)
        release (self);
      else if (self->first != NULL)
        wait_until (self, self->since_us + GATHER_US);
      else if (self->stop)
        break;
      else
        rest (self);
    }
  pthread_mutex_unlock (&self->lock);
  return NULL;
}

/* --- others --- */

/**
 * air_applier_push:
 * @self: an applier
 * @take_frame: (transfer full): durable in the journal
 *
 * Does not wait. Frames come in the order of their numbers.
 */
void
air_applier_push (AirApplier *self, AirFrame *take_frame)
{
  guint64 old = air_journal_get_old (self->journal);
  gboolean was_empty, enough;

  take_frame->next = NULL;
  pthread_mutex_lock (&self->lock);
  was_empty = self->first == NULL;
  if (was_empty)
    self->since_us = g_get_monotonic_time ();
  *self->tail = take_frame;
  self->tail = &take_frame->next;
  enough = self->bytes < GATHER_BYTES && self->bytes + take_frame->len >= GATHER_BYTES;
  self->bytes += take_frame->len;
  self->most_bytes = MAX (self->most_bytes, self->bytes);
  self->pushed = take_frame->seq;
  /* The journal has begun on its other half: soon it wants this one back. */
  if (old > self->wanted)
    {
      self->wanted = old;
      enough = TRUE;
    }
  if (was_empty || enough)
    pthread_cond_signal (&self->wake);
  pthread_mutex_unlock (&self->lock);
}

typedef struct {
  AirApplier *applier;
  AirFrame *frame;
} Put;

static gboolean
put_cb (AirStore *store, gpointer user_data, GError **error)
{
  Put *put = user_data;

  return apply (put->applier, put->frame, error);
}

/**
 * air_applier_put:
 * @self: an applier
 * @frame: too large for the journal, its number set
 * @error: return location
 *
 * Waits until it is durable in the store.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR, and nothing stored
 */
gboolean
air_applier_put (AirApplier *self, AirFrame *frame, GError **error)
{
  Put put = { self, frame };

  frame->next = NULL;
  if (!air_applier_settle (self))
    {
      g_propagate_error (error, air_applier_get_failure (self));
      return FALSE;
    }
  if (!air_applier_run (self, put_cb, &put, error))
    return FALSE;
  pthread_mutex_lock (&self->lock);
  self->pushed = self->applied = self->released = frame->seq;
  pthread_mutex_unlock (&self->lock);
  atomic_store (&self->entries, frame->entries);
  return TRUE;
}

/**
 * air_applier_wait_free:
 * @self: an applier
 * @seq: number of a frame
 *
 * Waits until the journal may write over it.
 */
void
air_applier_wait_free (AirApplier *self, guint64 seq)
{
  pthread_mutex_lock (&self->lock);
  self->wanted = MAX (self->wanted, seq);
  pthread_cond_signal (&self->wake);
  while (self->released < seq && self->failure == NULL)
    pthread_cond_wait (&self->moved, &self->lock);
  pthread_mutex_unlock (&self->lock);
}

/**
 * air_applier_settle:
 * @self: an applier
 *
 * Waits until the store holds all that was pushed. From any thread.
 *
 * Returns: %FALSE when it cannot take it; air_applier_get_failure() says why
 */
gboolean
air_applier_settle (AirApplier *self)
{
  gboolean settled;
  guint64 pushed;

  pthread_mutex_lock (&self->lock);
  for (pushed = self->pushed; self->applied < pushed && self->failure == NULL;)
    {
      self->urgent = TRUE;
      pthread_cond_signal (&self->wake);
      pthread_cond_wait (&self->moved, &self->lock);
    }
  settled = self->applied >= pushed;
  pthread_mutex_unlock (&self->lock);
  return settled;
}

/**
 * air_applier_get_applied:
 * @self: an applier
 * @ret_entries: (out) (optional): how many entries the store has
 *
 * Returns: the number of the last frame the store has; from any thread
 */
guint64
air_applier_get_applied (AirApplier *self, guint64 *ret_entries)
{
  guint64 applied;

  if (ret_entries != NULL)
    *ret_entries = atomic_load (&self->entries);
  pthread_mutex_lock (&self->lock);
  applied = self->applied;
  pthread_mutex_unlock (&self->lock);
  return applied;
}

/**
 * air_applier_get_failure:
 * @self: an applier
 *
 * Returns: (transfer full) (nullable): why the store takes no more at the moment; %NULL while all is well
 */
GError *
air_applier_get_failure (AirApplier *self)
{
  GError *failure;

  pthread_mutex_lock (&self->lock);
  failure = self->failure != NULL ? g_error_copy (self->failure) : NULL;
  pthread_mutex_unlock (&self->lock);
  return failure;
}

typedef struct {
  AirApplierTask func;
  gpointer user_data;
} Synced;

static gboolean
synced_cb (AirStore *store, gpointer user_data, GError **error)
{
  Synced *synced = user_data;

  return air_store_set_synced (store, TRUE, error) && synced->func (store, synced->user_data, error);
}

static gboolean
unsynced_cb (AirStore *store, gpointer user_data, GError **error)
{
  return air_store_set_synced (store, FALSE, error);
}

static gboolean
run_in_thread (AirApplier *self, AirApplierTask func, gpointer user_data, GError **error)
{
  Task task = { func, user_data, error, FALSE, FALSE };

  pthread_mutex_lock (&self->lock);
  while (self->task != NULL)
    pthread_cond_wait (&self->moved, &self->lock);
  self->task = &task;
  pthread_cond_signal (&self->wake);
  while (!task.done)
    pthread_cond_wait (&self->moved, &self->lock);
  pthread_mutex_unlock (&self->lock);
  return task.result;
}

/**
 * air_applier_run:
 * @self: an applier
 * @func: what to do
 * @user_data: for @func
 * @error: return location
 *
 * Runs @func on the store's writing connection, after all that was pushed, and waits; what it writes is durable then.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR or what @func failed with
 */
gboolean
air_applier_run (AirApplier *self, AirApplierTask func, gpointer user_data, GError **error)
{
  Synced synced = { func, user_data };
  gboolean done = run_in_thread (self, synced_cb, &synced, error);
  g_autoptr (GError) slow = NULL;

  /* What was done stands: to call it failed would have its frame's number used again. */
  if (!run_in_thread (self, unsynced_cb, NULL, &slow))
    g_message ("%s; each transaction is synced by itself until the next start", slow->message);
  return done;
}

/**
 * air_applier_get_store:
 * @self: an applier into which nothing was pushed yet
 *
 * Returns: (transfer none): its connection, for the writer at a start only
 */
AirStore *
air_applier_get_store (AirApplier *self)
{
  return self->store;
}

/**
 * air_applier_get_journal:
 * @self: an applier
 *
 * Returns: (transfer none): the journal; the writer's from now on
 */
AirJournal *
air_applier_get_journal (AirApplier *self)
{
  return self->journal;
}

static gboolean
recover_cb (const AirFrame *frame, gpointer user_data, GError **error)
{
  AirApplier *self = user_data;

  if (!apply (self, frame, error))
    return FALSE;
  self->applied = frame->seq;
  return TRUE;
}

static gboolean
resumed_cb (gpointer user_data, GError **error)
{
  return air_store_sync (((AirApplier *) user_data)->store, error);
}

/* The ledger's own number, which its journal carries too. */
static gboolean
get_name (AirStore *store, guint64 *ret_name, GError **error)
{
  if (!air_store_get_number (store, "journal", 0, ret_name, error))
    return FALSE;
  if (*ret_name != 0)
    return TRUE;
  *ret_name = ((guint64) g_random_int () << 31 | g_random_int () >> 1) | 1;
  return air_store_set_number (store, "journal", *ret_name, error);
}

static gboolean
open_both (AirApplier *self, const char *path, GError **error)
{
  guint64 name, before;

  self->store = air_store_open (path, FALSE, error);
  if (self->store == NULL || !get_name (self->store, &name, error)
      || !air_store_get_number (self->store, "applied", 0, &self->applied, error)
      || !air_store_get_size (self->store, &self->indexable, error))
    return FALSE;
  before = self->applied;
  self->indexed = self->indexable; /* the caller sees to what lags before it submits anything */
  self->file = air_journal_file_open (self->path, error);
  if (self->file != NULL)
    self->journal = air_journal_open (air_journal_file_get (self->file), HALF_SIZE, name, error);
  if (self->journal == NULL || !air_journal_resume (self->journal, before, recover_cb, resumed_cb, self, error)
      || !air_store_set_synced (self->store, FALSE, error))
    return FALSE;
  if (self->applied > before)
    g_message ("%" G_GUINT64_FORMAT " commits were in the journal alone and are in the ledger again",
               self->applied - before);
  self->indexed = self->indexable;
  g_hash_table_remove_all (self->behind);
  self->pushed = self->released = self->applied;
  atomic_store (&self->entries, self->indexable);
  return TRUE;
}

/**
 * air_applier_new:
 * @path: of the store; the journal lies beside it
 * @error: return location
 *
 * Opens both and takes up what only the journal holds. Blocks.
 *
 * Returns: (transfer full): an applier that does not run yet, or %NULL with an %AIR_STORE_ERROR
 */
AirApplier *
air_applier_new (const char *path, GError **error)
{
  AirApplier *self = g_new0 (AirApplier, 1);
  g_autofree char *folder = g_path_get_dirname (path);
  pthread_condattr_t clock;

  self->path = g_build_filename (folder, "journal", NULL);
  self->behind = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->pending = g_ptr_array_new_with_free_func (pending_free);
  self->tail = &self->first;
  pthread_condattr_init (&clock);
  pthread_condattr_setclock (&clock, CLOCK_MONOTONIC);
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->wake, &clock);
  pthread_cond_init (&self->moved, NULL);
  pthread_condattr_destroy (&clock);
  if (open_both (self, path, error))
    return self;
  air_applier_free (self);
  return NULL;
}

/**
 * air_applier_start:
 * @self: an applier
 *
 * Starts its thread.
 */
void
air_applier_start (AirApplier *self)
{
  self->thread = g_thread_new ("store", applier_thread, self);
}

void
air_applier_free (AirApplier *self)
{
  gboolean all = FALSE;

  if (self->thread != NULL)
    {
      pthread_mutex_lock (&self->lock);
      self->stop = TRUE;
      pthread_cond_signal (&self->wake);
      pthread_mutex_unlock (&self->lock);
      g_thread_join (self->thread);
      all = self->first == NULL && air_store_sync (self->store, NULL);
    }
  while (self->first != NULL)
    {
      AirFrame *next = self->first->next;

      air_frame_free (self->first);
      self->first = next;
    }
  g_clear_pointer (&self->journal, air_journal_free);
  if (self->file != NULL)
    air_journal_file_free (self->file, all);
  g_clear_pointer (&self->store, air_store_free);
  g_hash_table_unref (self->behind);
  g_ptr_array_unref (self->pending);
  pthread_mutex_destroy (&self->lock);
  pthread_cond_destroy (&self->wake);
  pthread_cond_destroy (&self->moved);
  g_clear_error (&self->failure);
  g_free (self->path);
  g_free (self);
}
