/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that cannot be followed: their entries are damaged, or speak of what
 * this plan does not hold. Such a run stops with a reason, once; nothing tries
 * it again until the runtime starts anew, and nobody else waits for it. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

void
air_host_give_up (AirHost *self, const char *id, const GError *error)
{
  if (g_hash_table_contains (self->faults, id))
    return;
  g_warning ("run %s is stopped: %s", id, error->message);
  g_hash_table_insert (self->faults, g_strdup (id), g_strdup (error->message));
  self->stats.alarms++;
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
  return g_hash_table_lookup (self->faults, id);
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
