/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that cannot be followed: their entries are damaged, or speak of what
 * this plan does not hold, or what follows fits into no entry. Such a run stops
 * with a reason, once; nothing tries it again until the runtime starts anew. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

typedef struct {
  char *words;
  gboolean endable;
} Fault;

void
air_host_fault_free (gpointer data)
{
  Fault *self = data;

  g_free (self->words);
  g_free (self);
}

static void
stop (AirHost *self, const char *id, const char *words, gboolean endable)
{
  Fault *fault;

  if (g_hash_table_contains (self->faults, id))
    return;
  g_warning ("run %s is stopped: %s", id, words);
  fault = g_new (Fault, 1);
  *fault = (Fault) { g_strdup (words), endable };
  g_hash_table_insert (self->faults, g_strdup (id), fault);
  self->stats.alarms++;
}

void
air_host_give_up (AirHost *self, const char *id, const GError *error)
{
  g_autofree char *words = g_strconcat (error->message, "; check the ledger with fsck", NULL);

  stop (self, id, words, FALSE);
}

void
air_host_give_up_unwritable (AirHost *self, const char *id, const GError *error)
{
  g_autofree char *words =
      g_strdup_printf ("what follows cannot be written down: %s; it can only be cancelled", error->message);

  stop (self, id, words, TRUE);
}

gboolean
air_host_admit_faulty (AirHost *self, const char *id, const AirMessage *message)
{
  const Fault *fault = g_hash_table_lookup (self->faults, id);

  return fault == NULL
         || (fault->endable
             && (message->kind == AIR_EVENT_CANCEL
                 || (message->kind == AIR_EVENT_CONTROL && message->control == AIR_CONTROL_CANCEL)));
}

gboolean
air_host_forget_fault (AirHost *self, const char *id)
{
  return g_hash_table_remove (self->faults, id);
}

/**
 * air_host_get_fault:
 * @self: a host
 * @id: a run's id
 *
 * Returns: (transfer none) (nullable): why nothing happens to it any more until the runtime starts again; %NULL: it
 *   goes on
 */
const char *
air_host_get_fault (AirHost *self, const char *id)
{
  const Fault *fault = g_hash_table_lookup (self->faults, id);

  return fault != NULL ? fault->words : NULL;
}

/**
 * air_host_count_faults:
 * @self: a host
 *
 * Returns: how many runs do not go on
 */
guint
air_host_count_faults (AirHost *self)
{
  return g_hash_table_size (self->faults);
}
