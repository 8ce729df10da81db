/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-records.h"

/**
 * air_records_seal:
 * @records: (element-type AirRecord): what one decision came to
 * @head: (inout): of the instance's chain; as it was after a failure
 * @instance: its id
 * @time_us: of all of them, in microseconds since the Unix epoch
 * @random: gives the salts
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirSealedEntry) (nullable): the entries, in order, or %NULL with an
 *   %AIR_LEDGER_ERROR
 */
GPtrArray *
air_records_seal (const GPtrArray *records,
                  AirChainHead *head,
                  const char *instance,
                  gint64 time_us,
                  const AirRandom *random,
                  GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_full (records->len, (GDestroyNotify) air_sealed_entry_free);
  const AirChainHead before = *head;

  for (guint i = 0; i < records->len; i++)
    {
      const AirRecord *record = records->pdata[i];
      AirSealedEntry *sealed =
          air_entry_seal (head, instance, record->type, record->members, record->disclosed, time_us, random, error);

      if (sealed == NULL)
        {
          *head = before;
          return NULL;
        }
      g_ptr_array_add (entries, sealed);
    }
  return g_steal_pointer (&entries);
}

/**
 * air_record_open:
 * @leaf: an entry
 * @disclosures: (nullable) (element-type utf8): of it
 * @ret_time_us: (out) (optional): its time
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the record the entry was sealed from, with the entry's own members around it, or
 *   %NULL with an %AIR_LEDGER_ERROR
 */
AirRecord *
air_record_open (GBytes *leaf, GPtrArray *disclosures, gint64 *ret_time_us, GError **error)
{
  g_autoptr (AirEntry) entry = air_entry_parse (leaf, error);
  AirValue *disclosed = entry != NULL ? air_entry_open (entry, disclosures, error) : NULL;

  if (disclosed == NULL)
    return NULL;
  if (ret_time_us != NULL)
    *ret_time_us = air_entry_get_time_us (entry);
  return air_record_new (air_entry_get_type_name (entry), air_value_ref (air_entry_get_members (entry)), disclosed);
}

/**
 * air_instance_apply_entry:
 * @instance: what the entries before came to
 * @leaf: the next entry
 * @disclosures: (nullable) (element-type utf8): of it
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_LEDGER_ERROR or %AIR_ENGINE_ERROR
 */
gboolean
air_instance_apply_entry (AirInstance *instance, GBytes *leaf, GPtrArray *disclosures, GError **error)
{
  gint64 time_us;
  g_autoptr (AirRecord) record = air_record_open (leaf, disclosures, &time_us, error);

  return record != NULL && air_instance_apply (instance, record, time_us, error);
}
