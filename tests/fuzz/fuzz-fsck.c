/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "fuzz.h"
#include "ledger/air-fsck.h"

#define LOG    "rails.example/tenant-a+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I"
#define NOW_US G_GINT64_CONSTANT (1795339800000000)

typedef struct {
  GPtrArray *leaves;      /* GBytes */
  GPtrArray *disclosures; /* GPtrArray, nullable */
} Ledger;

static GBytes *
read_leaf (gpointer user_data, guint64 index, GError **error)
{
  Ledger *self = user_data;

  g_assert_cmpuint (index, <, self->leaves->len);
  return g_bytes_ref (self->leaves->pdata[index]);
}

static GBytes *
read_entry (gpointer user_data,
            guint64 index,
            GPtrArray **ret_disclosures,
            char **ret_unreadable,
            gint64 *ret_link,
            GError **error)
{
  Ledger *self = user_data;

  if (self->disclosures->pdata[index] != NULL)
    *ret_disclosures = g_ptr_array_ref (self->disclosures->pdata[index]);
  return g_bytes_ref (self->leaves->pdata[index]);
}

static void
free_disclosures (gpointer data)
{
  if (data != NULL)
    g_ptr_array_unref (data);
}

/* [{"instance", "type", "members", "disclosed", "ms"}]: a ledger whose entries are sealed as they must be, and say
 * whatever they say. Its check comes to an end and has counted all of them; nothing signed by nobody is believed. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) list = air_json_parse ((const char *) data, size, NULL);
  gsize n = list != NULL && air_value_get_kind (list) == AIR_VALUE_LIST ? air_list_get_size (list) : 0;
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) disclosures = g_ptr_array_new_with_free_func (free_disclosures);
  g_autoptr (GHashTable) heads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  static const char text[] = "log " LOG "\nquorum none\n";
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_parse (text, strlen (text), NULL);
  Ledger ledger = { leaves, disclosures };
  AirLedgerReader reader = {
    .holds_disclosures = TRUE, .read_entry = read_entry, .read_leaf = read_leaf, .user_data = &ledger
  };
  AirSeededRandom *random = air_seeded_random_new (1);
  g_autoptr (AirFsckReport) report = NULL;
  g_autoptr (GError) error = NULL;
  gint64 time_us = NOW_US;

  for (gsize i = 0; i < n; i++)
    {
      const AirValue *item = air_list_get (list, i);
      const char *instance = air_map_get_string (item, "instance"), *type = air_map_get_string (item, "type");
      AirChainHead *head = instance != NULL ? g_hash_table_lookup (heads, instance) : NULL;
      AirSealedEntry *sealed;

      if (instance == NULL || type == NULL)
        continue;
      if (head == NULL)
        {
          head = g_new0 (AirChainHead, 1);
          g_hash_table_insert (heads, g_strdup (instance), head);
        }
      time_us += CLAMP (air_map_get_int (item, "ms", 0), 0, G_MAXINT32) * 1000;
      sealed = air_entry_seal (head, instance, type, air_map_get_map (item, "members"),
                               air_map_get_map (item, "disclosed"), time_us, air_seeded_random_get (random), NULL);
      if (sealed == NULL)
        continue;
      g_ptr_array_add (leaves, g_bytes_ref (sealed->leaf));
      g_ptr_array_add (disclosures, sealed->disclosures != NULL ? g_ptr_array_ref (sealed->disclosures) : NULL);
      air_sealed_entry_free (sealed);
    }
  air_seeded_random_free (random);
  reader.size = leaves->len;
  report = air_fsck (&reader, policy, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->n_entries, ==, leaves->len);
  return 0;
}
