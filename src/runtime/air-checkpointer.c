/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#include "ledger/air-checkpoint.h"

typedef struct {
  AirCheckpointReady ready;
  gpointer user_data;
} Waiter;

/* Signs the head when somebody asks and once a second. A size is signed once: what was signed is stored before it is shown. */
struct _AirCheckpointer {
  AirHost *host;
  char *note;        /* the last one that is durable; nullable */
  guint64 size;      /* its size */
  guint64 told;      /* the size watchers know */
  AirCommit *commit; /* under way */
  GQueue waiting;    /* Waiter, for a later one */
  GQueue served;     /* Waiter, for the one under way */
  AirTreeEdge edge;
};

static void sign (AirCheckpointer *self);

AirCheckpointer *
air_checkpointer_new (AirHost *host)
{
  AirCheckpointer *self = g_new0 (AirCheckpointer, 1);

  self->host = host;
  return self;
}

static void
serve (GQueue *queue, const char *note, const GError *error)
{
  Waiter *waiter;

  while ((waiter = g_queue_pop_head (queue)) != NULL)
    {
      waiter->ready (note, error, waiter->user_data);
      g_free (waiter);
    }
}

static void
committed_cb (AirCommit *commit, const GError *error, gpointer user_data)
{
  AirCheckpointer *self = user_data;

  self->commit = NULL;
  if (error == NULL)
    {
      g_set_str (&self->note, commit->note);
      self->size = commit->checkpoint;
    }
  serve (&self->served, self->note, self->note == NULL ? error : NULL);
  if (self->waiting.length > 0 && error == NULL)
    sign (self);
  else
    serve (&self->waiting, self->note, self->note == NULL ? error : NULL);
}

static void
sign (AirCheckpointer *self)
{
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *note = NULL;
  AirDigest root;

  air_writer_peek_edge (self->host->writer, &self->edge);
  if (self->note != NULL && self->edge.tree.size == self->size)
    {
      serve (&self->waiting, self->note, NULL);
      return;
    }
  root = air_tree_root (&self->edge.tree);
  checkpoint = air_checkpoint_new (self->host->origin, self->edge.tree.size, &root);
  note = air_checkpoint_sign (checkpoint, self->host->ledger_key, &error);
  if (note == NULL)
    {
      g_warning ("the head cannot be signed: %s", error->message);
      serve (&self->waiting, NULL, error);
      return;
    }
  while (self->waiting.length > 0)
    g_queue_push_tail (&self->served, g_queue_pop_head (&self->waiting));
  self->commit = air_commit_new (NULL, NULL, 0, committed_cb, self);
  self->commit->checkpoint = self->edge.tree.size;
  self->commit->note = g_steal_pointer (&note);
  air_writer_submit (self->host->writer, self->commit);
}

/**
 * air_host_checkpoint:
 * @self: a host
 * @ready: called with a signed note of a tree at least as large as the present one; with the last
 *   one there is when the ledger cannot be written; with an error when there is none
 */
void
air_host_checkpoint (AirHost *self, AirCheckpointReady ready, gpointer user_data)
{
  AirCheckpointer *checkpointer = self->checkpointer;
  Waiter *waiter;

  if (checkpointer->note != NULL && air_writer_get_size (self->writer) == checkpointer->size)
    {
      ready (checkpointer->note, NULL, user_data);
      return;
    }
  waiter = g_new0 (Waiter, 1);
  waiter->ready = ready;
  waiter->user_data = user_data;
  g_queue_push_tail (&checkpointer->waiting, waiter);
  if (checkpointer->commit == NULL)
    sign (checkpointer);
}

/**
 * air_host_set_published:
 * @self: a host
 * @published: (nullable): called for each head; at once with the last one there is
 * @user_data: for @published
 */
void
air_host_set_published (AirHost *self, AirPublished published, gpointer user_data)
{
  self->published = published;
  self->published_data = user_data;
  if (published != NULL && self->checkpointer->note != NULL)
    published (self->checkpointer->note, user_data);
}

void
air_checkpointer_tick (AirCheckpointer *self)
{
  guint64 size = air_writer_get_size (self->host->writer);

  if (self->commit == NULL && (self->note == NULL || size != self->size))
    sign (self);
  if (self->host->published != NULL && self->note != NULL)
    self->host->published (self->note, self->host->published_data);
  if (self->host->listener != NULL && self->told != self->size)
    {
      g_autoptr (AirValue) data = air_map_new ();

      self->told = self->size;
      air_map_set_int (data, "size", self->size);
      self->host->listener ("head", data, self->host->listener_data);
    }
}

/**
 * air_checkpointer_check:
 *
 * What was signed must still be so: the last checkpoint's root is computed anew.
 *
 * Returns: FALSE with AIR_HOST_ERROR_LEDGER
 */
gboolean
air_checkpointer_check (AirCheckpointer *self, GError **error)
{
  g_autofree char *note = NULL;
  g_autoptr (AirVkey) key = NULL;
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree AirTreeView *view = g_new (AirTreeView, 1);
  AirHashReader reader;
  AirDigest root;
  guint64 size;

  note = air_store_read_checkpoint (self->host->store, G_MAXINT64, &size, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (note == NULL)
    return TRUE;

  air_tree_view_init (view, self->host->store);
  air_writer_get_edge (self->host->writer, &view->edge);
  reader = air_tree_view_get_reader (view);
  key = air_vkey_new (self->host->origin, AIR_NOTE_KEY_ED25519, air_private_key_get_public (self->host->ledger_key),
                      error);
  if (key == NULL)
    return FALSE;
  checkpoint = air_checkpoint_open (note, strlen (note), key, NULL, &local);
  if (checkpoint == NULL)
    {
      g_set_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER,
                   "the ledger's last checkpoint is not by this origin and key: %s; give the ones it began with, or a "
                   "new state directory",
                   local->message);
      return FALSE;
    }
  if (checkpoint->size > view->edge.tree.size || !air_tree_root_at (&reader, checkpoint->size, &root, &local)
      || !air_digest_equal (&root, &checkpoint->root))
    {
      g_set_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER,
                   "a head of %" G_GUINT64_FORMAT " entries was signed, and the %" G_GUINT64_FORMAT
                   " entries here are not those%s%s; restore the volume, nothing is written to this one",
                   checkpoint->size, view->edge.tree.size, local != NULL ? ": " : "",
                   local != NULL ? local->message : "");
      return FALSE;
    }
  self->note = g_steal_pointer (&note);
  self->size = checkpoint->size;
  return TRUE;
}

void
air_checkpointer_free (AirCheckpointer *self)
{
  g_queue_clear_full (&self->waiting, g_free);
  g_queue_clear_full (&self->served, g_free);
  g_free (self->note);
  g_free (self);
}
