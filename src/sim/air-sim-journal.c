/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries as the engine reads them, and what they speak of. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "hosting/air-records.h"
#include "sim/air-sim-private.h"

GPtrArray *
air_sim_journal_open (GPtrArray *stored, GArray *times_us, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);

  for (guint i = 0; i < stored->len; i++)
    {
      const AirSimStored *entry = stored->pdata[i];
      gint64 time_us;
      AirRecord *record = air_record_open (entry->leaf, entry->disclosures, &time_us, error);

      if (record == NULL)
        return NULL;
      if (times_us != NULL)
        g_array_append_val (times_us, time_us);
      g_ptr_array_add (records, record);
    }
  return g_steal_pointer (&records);
}

char *
air_sim_journal_dup_step (const AirEntry *entry)
{
  AirValue *members = air_entry_get_members (entry);
  const char *node = air_map_get_string (members, "node"), *iteration = air_map_get_string (members, "iteration");

  return node != NULL ? g_strconcat (node, iteration != NULL ? "@" : NULL, iteration, NULL) : NULL;
}

gboolean
air_sim_journal_is_of (const AirEntry *entry, const char *step)
{
  AirValue *members = air_entry_get_members (entry);
  const char *node = air_map_get_string (members, "node"), *iteration = air_map_get_string (members, "iteration");
  gsize length = strcspn (step, "@");

  return node != NULL && strlen (node) == length && strncmp (node, step, length) == 0
         && g_strcmp0 (step[length] == '@' ? step + length + 1 : NULL, iteration) == 0;
}
