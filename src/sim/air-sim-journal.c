/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries as they lie in a transaction of the journal, and as the engine reads them. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "hosting/air-records.h"
#include "sim/air-sim-private.h"

AirSimStored *
air_sim_stored_new (GBytes *leaf, GPtrArray *disclosures)
{
  AirSimStored *self = g_new (AirSimStored, 1);

  self->leaf = g_bytes_ref (leaf);
  self->disclosures = disclosures != NULL ? g_ptr_array_ref (disclosures) : NULL;
  return self;
}

void
air_sim_stored_free (AirSimStored *self)
{
  g_bytes_unref (self->leaf);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  g_free (self);
}

static void
put (GByteArray *bytes, const void *data, guint32 length)
{
  g_byte_array_append (bytes, (const guint8 *) &length, sizeof length);
  g_byte_array_append (bytes, data, length);
}

GBytes *
air_sim_journal_encode (GPtrArray *stored)
{
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; i < stored->len; i++)
    {
      const AirSimStored *entry = stored->pdata[i];
      guint32 n = entry->disclosures != NULL ? entry->disclosures->len : 0;
      gsize length;
      gconstpointer leaf = g_bytes_get_data (entry->leaf, &length);

      put (bytes, leaf, length);
      g_byte_array_append (bytes, (const guint8 *) &n, sizeof n);
      for (guint j = 0; j < n; j++)
        put (bytes, entry->disclosures->pdata[j], strlen (entry->disclosures->pdata[j]));
    }
  return g_byte_array_free_to_bytes (bytes);
}

static guint32
take_number (const guint8 **at)
{
  guint32 number;

  memcpy (&number, *at, sizeof number);
  *at += sizeof number;
  return number;
}

/* Only what a checksum holds for comes here, so lengths are to be trusted. */
void
air_sim_journal_decode (GBytes *transaction, GPtrArray *stored)
{
  gsize size;
  const guint8 *at = g_bytes_get_data (transaction, &size), *end = at + size;

  while (at < end)
    {
      guint32 length = take_number (&at), n;
      g_autoptr (GBytes) leaf = g_bytes_new (at, length);
      g_autoptr (GPtrArray) disclosures = NULL;

      at += length;
      n = take_number (&at);
      if (n > 0)
        disclosures = g_ptr_array_new_with_free_func (g_free);
      for (guint32 i = 0; i < n; i++)
        {
          length = take_number (&at);
          g_ptr_array_add (disclosures, g_strndup ((const char *) at, length));
          at += length;
        }
      g_ptr_array_add (stored, air_sim_stored_new (leaf, disclosures));
    }
}

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
