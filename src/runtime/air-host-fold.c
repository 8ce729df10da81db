/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#include "hosting/air-records.h"

/* Of a long history only so much is held at once; of the rest the places, eight bytes each. */
#define MOST_HELD 1024

/* The entries of an instance, the newest first: those held, then where the others are. */
static gboolean
read_back (AirStore *store, gint64 head, GPtrArray *held, GArray *places, GError **error)
{
  for (gint64 index = head; index >= 0;)
    {
      g_autoptr (GError) local = NULL;
      AirStoredEntry *entry = air_store_read_entry (store, index, &local);

      if (entry == NULL || entry->prev >= index)
        {
          g_clear_pointer (&entry, air_stored_entry_free);
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          else
            g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                         "entry %" G_GINT64_FORMAT " is missing or points forward; check the ledger with fsck", index);
          return FALSE;
        }
      if (held->len < MOST_HELD)
        g_ptr_array_add (held, entry);
      else
        g_array_append_val (places, index);
      index = entry->prev;
      if (places->len > 0)
        air_stored_entry_free (entry);
    }
  return TRUE;
}

static gboolean
apply_entry (AirInstance *instance, const AirStoredEntry *stored, AirSealKey *key, GError **error)
{
  if (stored->key.run != 0)
    *key = stored->key;
  if (air_instance_apply_entry (instance, stored->leaf, stored->disclosures, error))
    return TRUE;
  g_prefix_error (error, "entry %" G_GUINT64_FORMAT " of run %s: ", stored->index, air_instance_get_id (instance));
  return FALSE;
}

/**
 * air_host_fold:
 * @head: index of the instance's last entry
 * @ret_key: (nullable): what its disclosures are sealed under; untouched where there are none
 *
 * Makes an instance anew from its entries, which is all that it is. However long its history, a thousand of them
 * are held in memory at once.
 *
 * Returns: (transfer full): the instance, or NULL with AIR_STORE_ERROR, AIR_LEDGER_ERROR or AIR_ENGINE_ERROR
 */
AirInstance *
air_host_fold (AirHost *self, const char *id, gint64 head, AirSealKey *ret_key, GError **error)
{
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) air_stored_entry_free);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (AirInstance) instance = NULL;
  AirSealKey key = { 0, 0 };

  if (!air_writer_settle_entry (self->writer, head))
    {
      g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY,
                           "the ledger's file cannot follow its journal now; make space on the volume of the state "
                           "directory");
      return NULL;
    }
  if (!read_back (self->store, head, held, places, error))
    return NULL;
  instance = air_instance_new (self->plan, id);
  air_instance_set_usage (instance, self->usage);
  for (guint i = places->len; i > 0; i--)
    {
      g_autoptr (AirStoredEntry) stored =
          air_store_read_entry (self->store, g_array_index (places, gint64, i - 1), error);

      if (stored == NULL || !apply_entry (instance, stored, &key, error))
        return NULL;
    }
  for (guint i = held->len; i > 0; i--)
    if (!apply_entry (instance, held->pdata[i - 1], &key, error))
      return NULL;
  if (ret_key != NULL && key.run != 0)
    *ret_key = key;
  return g_steal_pointer (&instance);
}

/* The earliest time the run wakes by itself, once @effects are carried out. */
static gint64
wake_after (AirHost *self, AirRun *run, GPtrArray *effects)
{
  g_autoptr (GPtrArray) changed = NULL;
  gint64 wake = 0, kept;

  /* Of several about the same timer the last one holds. */
  for (guint i = effects != NULL ? effects->len : 0; i > 0; i--)
    {
      const AirEffect *effect = effects->pdata[i - 1];

      if (effect->kind != AIR_EFFECT_TIMER && effect->kind != AIR_EFFECT_TIMER_CANCEL)
        continue;
      if (changed == NULL)
        changed = g_ptr_array_new ();
      if (g_ptr_array_find_with_equal_func (changed, effect->timer.id, g_str_equal, NULL))
        continue;
      g_ptr_array_add (changed, effect->timer.id);
      if (effect->kind == AIR_EFFECT_TIMER && (wake == 0 || effect->timer.at_us < wake))
        wake = effect->timer.at_us;
    }
  kept = air_timers_next_of (self->timers, run->chain->id, changed);
  return wake == 0 || (kept != 0 && kept < wake) ? kept : wake;
}

/* All that wait, one after the other: a run with several branches may ask more than once. */
static char *
waiting_gates (AirInstance *instance)
{
  g_auto (GStrv) gates = air_instance_dup_waiting_gates (instance);

  return gates[0] != NULL ? g_strjoinv (" ", gates) : NULL;
}

/* Nothing happens to it until its time has come or somebody from outside does something. */
static gboolean
parks (AirInstanceState state)
{
  return state == AIR_INSTANCE_WAITING_GATE || state == AIR_INSTANCE_WAITING_TIMER
         || state == AIR_INSTANCE_WAITING_SIGNAL || state == AIR_INSTANCE_UNKNOWN_OUTCOME
         || state == AIR_INSTANCE_PAUSED;
}

static char *
wait_in_line (AirInstance *instance)
{
  g_autofree char *paused = air_instance_is_paused (instance) ? air_instance_get_waiting_on (instance) : NULL;

  return g_strconcat ("its turn: another run has the same concurrency key", paused != NULL ? "; then " : NULL, paused,
                      NULL);
}

/**
 * air_host_make_row:
 * @effects: what follows once the transition is durable
 *
 * The index row for the state the instance has now; NULL when the one that is
 * stored says the same, which it does for most steps.
 */
AirIndexRow *
air_host_make_row (AirHost *self, AirRun *run, GPtrArray *effects)
{
  AirInstance *instance = run->instance;
  AirInstanceState state = air_instance_get_state (instance);
  const char *name = run->held ? "received" : air_instance_state_to_string (state);
  gboolean finished = air_instance_is_finished (instance);
  AirIndexRow *row;

  if (run->row != NULL && !finished && !run->held && !parks (state) && strcmp (run->row->state, name) == 0)
    return NULL;
  row = g_new0 (AirIndexRow, 1);
  row->id = g_strdup (run->chain->id);
  row->state = g_strdup (name);
  row->open = !finished;
  row->started_us = air_instance_get_started (instance);
  row->updated_us = air_instance_get_updated (instance);
  if (run->held)
    row->waiting = wait_in_line (instance);
  else if (!finished && state != AIR_INSTANCE_RUNNING)
    row->waiting = air_instance_get_waiting_on (instance);
  if (state == AIR_INSTANCE_WAITING_GATE)
    row->gate = waiting_gates (instance);
  row->outcome = g_strdup (air_instance_get_outcome (instance));
  row->dedup = g_strdup (air_instance_get_dedup_key (instance));
  row->key = g_strdup (run->key);
  if (!finished && !run->held)
    row->wake_us = wake_after (self, run, effects);
  /* Beside what it waits for something is in flight: a restart must not leave that to the next timer. */
  if (!finished && !run->held && parks (state) && air_instance_is_at_work (instance))
    row->wake_us = 1;
  return row;
}

/**
 * air_host_mend_row:
 * @now_us: microseconds since the Unix epoch
 *
 * Nothing was decided, though by the row it was time: a row that says so for good has the run woken again and again.
 *
 * Returns: (transfer full) (nullable): what the row should say; %NULL when it is right
 */
AirIndexRow *
air_host_mend_row (AirHost *self, AirRun *run, gint64 now_us)
{
  g_autoptr (AirIndexRow) row = NULL;

  if (run->row == NULL || run->held || run->row->wake_us == 0 || run->row->wake_us > now_us)
    return NULL;
  row = air_host_make_row (self, run, NULL);
  return row != NULL && row->wake_us != run->row->wake_us ? g_steal_pointer (&row) : NULL;
}
