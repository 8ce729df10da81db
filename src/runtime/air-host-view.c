/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include "ledger/air-entry.h"

/**
 * air_host_get_plan:
 * @self: a host
 *
 * Returns: (transfer none): the plan it runs
 */
AirPlan *
air_host_get_plan (AirHost *self)
{
  return self->plan;
}

/**
 * air_host_get_trust:
 * @self: a host
 *
 * Returns: (transfer none) (nullable): the trust roots
 */
AirTrust *
air_host_get_trust (AirHost *self)
{
  return self->trust;
}

/**
 * air_host_get_store:
 * @self: a host
 *
 * Waits until the store shows all that is durable.
 *
 * Returns: (transfer none): its connection for reading
 */
AirStore *
air_host_get_store (AirHost *self)
{
  air_writer_settle (self->writer);
  return self->store;
}

/**
 * air_host_get_writer:
 * @self: a host
 *
 * Returns: (transfer none): the one writer of its ledger
 */
AirWriter *
air_host_get_writer (AirHost *self)
{
  return self->writer;
}

/**
 * air_host_get_stats:
 * @self: a host
 *
 * Returns: (transfer none): what it counts since its start
 */
AirStats *
air_host_get_stats (AirHost *self)
{
  return &self->stats;
}

/**
 * air_host_get_effects:
 * @self: a host
 *
 * Returns: (transfer none): the calls that are durable and not answered
 */
AirEffects *
air_host_get_effects (AirHost *self)
{
  return self->effects;
}

/**
 * air_host_get_key:
 * @self: a host
 *
 * Returns: (transfer none): what heads are signed with
 */
AirPrivateKey *
air_host_get_key (AirHost *self)
{
  return self->ledger_key;
}

/**
 * air_host_get_origin:
 * @self: a host
 *
 * Returns: (transfer none): the ledger's name
 */
const char *
air_host_get_origin (AirHost *self)
{
  return self->origin;
}

/**
 * air_host_get_states:
 * @self: a host
 *
 * Returns: (transfer none) (element-type utf8 guint64): how many runs are in each state
 */
GHashTable *
air_host_get_states (AirHost *self)
{
  return self->states;
}

/**
 * air_host_set_listener:
 * @self: a host
 * @listener: (nullable): who tells the watchers; one
 * @user_data: for @listener
 */
void
air_host_set_listener (AirHost *self, AirHostListener listener, gpointer user_data)
{
  self->listener = listener;
  self->listener_data = user_data;
}

/**
 * air_host_set_finished:
 * @self: a host
 * @finished: (nullable): called for each run that has ended; one
 * @user_data: for @finished
 */
void
air_host_set_finished (AirHost *self, AirFinished finished, gpointer user_data)
{
  self->finished = finished;
  self->finished_data = user_data;
}

/* What is durable of a run that is at work: its chain belongs to the writer while a commit is under way. */
static gboolean
durable_head (AirHost *self, const char *id, gint64 *ret_head, GError **error)
{
  AirRun *run = g_hash_table_lookup (self->runs, id);
  g_autoptr (AirIndexRow) row = NULL;

  if (run != NULL)
    {
      *ret_head = run->durable;
      return TRUE;
    }
  air_writer_settle_run (self->writer, id);
  row = air_store_find_row (self->store, id, error);
  if (row == NULL)
    return FALSE;
  *ret_head = row->head;
  return TRUE;
}

/**
 * air_host_view:
 * @self: a host
 * @id: a run's id
 * @fold: whether the instance itself is wanted
 * @error: return location
 *
 * Returns: (transfer full) (nullable): a run, open or closed, as it is durable; %NULL without an error when there is
 *   none, or with an %AIR_STORE_ERROR, %AIR_LEDGER_ERROR or %AIR_ENGINE_ERROR
 */
AirRunView *
air_host_view (AirHost *self, const char *id, gboolean fold, GError **error)
{
  AirRun *run = g_hash_table_lookup (self->runs, id);
  AirRunView *view;
  gint64 head;

  if (run != NULL && run->durable < 0)
    return NULL;
  view = g_new0 (AirRunView, 1);
  view->row = run != NULL && run->row != NULL ? air_index_row_copy (run->row)
                                              : air_store_find_row (air_host_get_store (self), id, error);
  if (view->row == NULL || g_strcmp0 (view->row->state, "system") == 0)
    {
      air_run_view_free (view);
      return NULL;
    }
  if (!fold)
    return view;
  if (run != NULL && run->instance != NULL && !run->committing)
    {
      view->instance = run->instance;
      return view;
    }
  view->owned = TRUE;
  if (!durable_head (self, id, &head, error) || (view->instance = air_host_fold (self, id, head, NULL, error)) == NULL)
    {
      air_run_view_free (view);
      return NULL;
    }
  return view;
}

void
air_run_view_free (AirRunView *self)
{
  if (self->owned)
    g_clear_pointer (&self->instance, air_instance_free);
  g_clear_pointer (&self->row, air_index_row_free);
  g_free (self);
}

/**
 * air_host_read_entries:
 * @self: a host
 * @id: a run's id
 * @error: return location
 *
 * Returns: (transfer full) (nullable) (element-type AirStoredEntry): the run's entries, oldest first, exact at the
 *   last commit; %NULL without an error when there are none, or with an %AIR_STORE_ERROR
 */
GPtrArray *
air_host_read_entries (AirHost *self, const char *id, GError **error)
{
  gint64 head;

  if (!durable_head (self, id, &head, error) || head < 0)
    return NULL;
  air_writer_settle_entry (self->writer, head);
  return air_store_read_instance (self->store, head, error);
}

/**
 * air_host_open_store:
 * @self: a host
 * @error: return location
 *
 * Returns: (transfer full): a connection of its own for reading, for another thread; or %NULL with an %AIR_STORE_ERROR
 */
AirStore *
air_host_open_store (AirHost *self, GError **error)
{
  return air_store_open (self->ledger, TRUE, error);
}

/**
 * air_host_get_span:
 * @self: a host
 * @id: a run's id
 * @ret_head: (out): its last entry that is durable
 * @ret_from_us: (out): the time of its first entry, in microseconds since the Unix epoch
 * @ret_to_us: (out): the time of that last one
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR or %AIR_LEDGER_ERROR
 */
gboolean
air_host_get_span (AirHost *self,
                   const char *id,
                   gint64 *ret_head,
                   gint64 *ret_from_us,
                   gint64 *ret_to_us,
                   GError **error)
{
  g_autoptr (AirRunView) view = air_host_view (self, id, FALSE, error);
  g_autoptr (AirStoredEntry) stored = NULL;
  g_autoptr (AirEntry) entry = NULL;

  if (view == NULL || !durable_head (self, id, ret_head, error))
    return FALSE;
  air_writer_settle_entry (self->writer, *ret_head);
  stored = air_store_read_entry (self->store, *ret_head, error);
  entry = stored != NULL ? air_entry_parse (stored->leaf, error) : NULL;
  if (entry == NULL)
    return FALSE;
  *ret_from_us = view->row->started_us;
  *ret_to_us = air_entry_get_time_us (entry);
  return TRUE;
}
