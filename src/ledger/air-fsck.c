/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-fsck.h"

#include <string.h>

#include "air-tree.h"

#define MAX_FAULTS 1000
#define NO_INDEX   G_MAXUINT64

typedef struct {
  AirChainHead head;
  gboolean closed;
} Instance;

typedef struct {
  const AirLedgerReader *reader;
  const AirTlogPolicy *policy;
  AirFsckReport *report;
  AirMemoryTree *tree;
  GHashTable *instances; /* id → Instance */
} Fsck;

static void
fault_free (gpointer data)
{
  AirFsckFault *self = data;

  g_free (self->words);
  g_free (self);
}

void
air_fsck_report_free (AirFsckReport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->faults);
  g_free (self);
}

static void fault (Fsck *self, guint64 index, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
fault (Fsck *self, guint64 index, const char *format, ...)
{
  AirFsckFault *item;
  va_list args;

  if (self->report->faults->len >= MAX_FAULTS)
    return;
  item = g_new0 (AirFsckFault, 1);
  item->index = index;
  va_start (args, format);
  item->words = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->report->faults, item);
}

static void
check_chain (Fsck *self, guint64 index, const AirEntry *entry)
{
  Instance *instance = g_hash_table_lookup (self->instances, air_entry_get_instance (entry));
  g_autoptr (GError) error = NULL;

  if (instance == NULL)
    {
      instance = g_new0 (Instance, 1);
      g_hash_table_insert (self->instances, g_strdup (air_entry_get_instance (entry)), instance);
      self->report->n_instances++;
    }
  if (instance->closed)
    fault (self, index, "%s: %s after the closing entry%s", air_entry_get_instance (entry),
           air_entry_get_type_name (entry), air_entry_is_closing (entry) ? ": the run was forked" : "");
  if (!air_entry_follows (entry, &instance->head, &error))
    {
      fault (self, index, "%s", error->message);
      instance->head.seq = air_entry_get_seq (entry) + 1;
      instance->head.prev = *air_entry_get_hash (entry);
    }
  if (air_entry_is_closing (entry))
    {
      gint64 count = air_map_get_int (air_entry_get_members (entry), "count", -1);

      if (count != instance->head.seq)
        fault (self, index, "%s: field \"count\" is %" G_GINT64_FORMAT ", its entries are %" G_GINT64_FORMAT,
               air_entry_get_instance (entry), count, instance->head.seq);
      if (!instance->closed)
        self->report->n_closed++;
      instance->closed = TRUE;
    }
}

static gboolean
check_entry (Fsck *self, guint64 index, GError **error)
{
  g_autoptr (GPtrArray) disclosures = NULL;
  g_autoptr (GBytes) leaf = self->reader->read_entry (self->reader->user_data, index, &disclosures, error);
  g_autoptr (AirEntry) entry = NULL;
  g_autoptr (AirValue) opened = NULL;
  g_autoptr (GError) wrong = NULL;
  gsize length;
  const void *data;
  AirDigest hash;

  if (leaf == NULL)
    {
      g_prefix_error (error, "entry %" G_GUINT64_FORMAT ": ", index);
      return FALSE;
    }
  data = g_bytes_get_data (leaf, &length);
  hash = air_tree_leaf_hash (data, length);
  air_memory_tree_append (self->tree, &hash);
  self->report->n_entries++;

  entry = air_entry_parse (leaf, &wrong);
  if (entry == NULL)
    {
      fault (self, index, "%s", wrong->message);
      return TRUE;
    }
  check_chain (self, index, entry);
  opened = air_entry_open (entry, disclosures, &wrong);
  if (opened == NULL)
    {
      fault (self, index, "%s", wrong->message);
      return TRUE;
    }
  self->report->n_disclosures += air_map_get_size (opened);
  self->report->n_redacted += air_entry_get_n_committed (entry) - air_map_get_size (opened);
  return TRUE;
}

static gboolean
check_checkpoints (Fsck *self, GError **error)
{
  guint64 last_size = 0;

  for (guint i = 0; self->reader->read_checkpoint != NULL; i++)
    {
      GError *failed = NULL;
      g_autofree char *note = self->reader->read_checkpoint (self->reader->user_data, i, &failed);
      g_autoptr (AirCheckpoint) checkpoint = NULL;
      g_autoptr (GError) wrong = NULL;
      AirDigest root;

      if (failed != NULL)
        {
          g_propagate_prefixed_error (error, failed, "checkpoint %u: ", i);
          return FALSE;
        }
      if (note == NULL)
        break;
      self->report->n_checkpoints++;
      checkpoint = air_tlog_policy_open (self->policy, note, strlen (note), &wrong);
      if (checkpoint == NULL)
        {
          fault (self, NO_INDEX, "checkpoint %u: %s", i, wrong->message);
          continue;
        }
      if (checkpoint->size < last_size)
        fault (self, NO_INDEX,
               "checkpoint %u: its tree of %" G_GUINT64_FORMAT " entries is smaller than the one before", i,
               checkpoint->size);
      last_size = MAX (last_size, checkpoint->size);
      if (checkpoint->size > self->reader->size)
        {
          fault (self, NO_INDEX,
                 "checkpoint %u: it was signed over %" G_GUINT64_FORMAT " entries, the ledger has %" G_GUINT64_FORMAT
                 ": its end was cut off",
                 i, checkpoint->size, self->reader->size);
          continue;
        }
      /* The tree was just computed and is in memory: reading it cannot fail. */
      if (!air_tree_root_at (air_memory_tree_get_reader (self->tree), checkpoint->size, &root, error))
        return FALSE;
      if (!air_digest_equal (&root, &checkpoint->root))
        fault (self, NO_INDEX,
               "checkpoint %u: its root over %" G_GUINT64_FORMAT
               " entries is not that of the entries stored: one of them was changed",
               i, checkpoint->size);
    }
  return TRUE;
}

/**
 * air_fsck:
 * @reader: the ledger
 * @policy: whose checkpoints to believe
 * @error: return location
 *
 * Reads everything once, in order. A damaged entry does not end the check: the
 * tree goes on over the bytes as they are, so that the report shows all damage.
 * Fails only as @reader does.
 *
 * Returns: (transfer full):
 */
AirFsckReport *
air_fsck (const AirLedgerReader *reader, const AirTlogPolicy *policy, GError **error)
{
  g_autoptr (AirFsckReport) report = g_new0 (AirFsckReport, 1);
  g_autoptr (AirMemoryTree) tree = air_memory_tree_new ();
  g_autoptr (GHashTable) instances = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Fsck self = { reader, policy, report, tree, instances };

  report->faults = g_ptr_array_new_with_free_func (fault_free);
  for (guint64 i = 0; i < reader->size; i++)
    if (!check_entry (&self, i, error))
      return NULL;
  report->root = air_memory_tree_get_root (tree);
  if (!check_checkpoints (&self, error))
    return NULL;
  return g_steal_pointer (&report);
}
