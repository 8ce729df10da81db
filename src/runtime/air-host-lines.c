/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Concurrency keys: of the runs with the same key one is at work, the others wait for their turn. Who holds a key is in
 * the store's index; a line is kept here while somebody stands behind, while the holder is in memory, and until the
 * store is sure to show how it stands. So runs that wait at a gate hold their keys without costing memory. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

typedef struct {
  char *key;
  guint64 entries; /* when it came to rest; its line may have moved since */
} Resting;

void
air_key_line_free (AirKeyLine *self)
{
  g_free (self->holder);
  g_queue_clear_full (&self->held, g_free);
  g_free (self);
}

static void
resting_free (gpointer data)
{
  Resting *resting = data;

  g_free (resting->key);
  g_free (resting);
}

void
air_host_clear_lines (AirHost *self)
{
  g_hash_table_unref (self->keys);
  g_queue_clear_full (&self->resting, resting_free);
}

static AirKeyLine *
add_line (AirHost *self, const char *key, const char *holder)
{
  AirKeyLine *line = g_new0 (AirKeyLine, 1);

  line->holder = g_strdup (holder);
  g_hash_table_insert (self->keys, g_strdup (key), line);
  return line;
}

void
air_host_sweep_lines (AirHost *self)
{
  guint64 applied = air_writer_get_applied (self->writer);
  Resting *resting;

  while ((resting = g_queue_peek_head (&self->resting)) != NULL && resting->entries <= applied)
    {
      AirKeyLine *line = g_hash_table_lookup (self->keys, resting->key);

      /* Who came and left since rests on entries of their own: until the store shows those it says they are open. */
      if (line != NULL && --line->rests == 0 && line->held.length == 0
          && (line->holder == NULL || !g_hash_table_contains (self->runs, line->holder)))
        g_hash_table_remove (self->keys, resting->key);
      resting_free (g_queue_pop_head (&self->resting));
    }
}

void
air_host_rest_line (AirHost *self, const char *key)
{
  AirKeyLine *line = g_hash_table_lookup (self->keys, key);
  Resting *resting;

  if (line == NULL)
    return;
  line->rests++;
  resting = g_new (Resting, 1);
  *resting = (Resting) { g_strdup (key), air_writer_get_size (self->writer) };
  g_queue_push_tail (&self->resting, resting);
  air_host_sweep_lines (self);
}

gboolean
air_host_enter_line (AirHost *self, const char *key, const char *id, gboolean *ret_held, GError **error)
{
  AirKeyLine *line = g_hash_table_lookup (self->keys, key);
  GError *failure = NULL;

  if (line == NULL)
    {
      g_autofree char *holder = air_store_find_holder (self->store, key, &failure);

      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      line = add_line (self, key, holder != NULL ? holder : id);
    }
  else if (line->holder == NULL)
    line->holder = g_strdup (id);
  *ret_held = g_strcmp0 (line->holder, id) != 0;
  if (*ret_held)
    g_queue_push_tail (&line->held, g_strdup (id));
  return TRUE;
}

/* One that has begun comes back into memory. */
void
air_host_hold_line (AirHost *self, const char *key, const char *id)
{
  AirKeyLine *line = g_hash_table_lookup (self->keys, key);

  if (line == NULL)
    add_line (self, key, id);
  else if (line->holder == NULL)
    line->holder = g_strdup (id);
}

void
air_host_let_begin (AirHost *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  AirRun *run = air_host_open_run (self, id, &error);

  if (run == NULL)
    {
      /* Those behind it wait for it, so it is not let go. */
      if (air_host_passes (error))
        air_timers_set (self->timers, id, AIR_TIMER_BEGIN, g_get_real_time () + G_USEC_PER_SEC);
      else if (error != NULL)
        air_host_give_up (self, id, error);
      return;
    }
  run->held = FALSE;
  /* Its trigger is still to be decided, and then all of it is: nothing was held back. */
  if (!run->committing && run->chain->last < 0)
    return;
  /* Its trigger alone is durable; recovering from that is beginning. */
  air_host_post (self, run, air_message_new (AIR_EVENT_RECOVERED));
}

void
air_host_leave_line (AirHost *self, const char *key, const char *id)
{
  AirKeyLine *line = g_hash_table_lookup (self->keys, key);

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
      if (line->held.length == 0)
        air_host_rest_line (self, key);
      return;
    }
  g_free (line->holder);
  line->holder = g_queue_pop_head (&line->held);
  if (line->holder == NULL)
    air_host_rest_line (self, key);
  else
    {
      g_autofree char *next = g_strdup (line->holder);

      air_host_let_begin (self, next);
    }
}
