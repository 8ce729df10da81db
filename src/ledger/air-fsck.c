/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-fsck-private.h"

#include <string.h>

#include "air-tree.h"

#define MAX_FAULTS 1000
#define NO_INDEX   G_MAXUINT64

typedef struct {
  guint number; /* as issued */
  guint64 size;
  AirDigest root;
} Signed;

typedef struct {
  GBytes *leaf;
  GPtrArray *disclosures;
  char *unreadable;
  gint64 link;
  AirEntry *entry;  /* NULL: see @wrong */
  AirValue *opened; /* NULL: see @unreadable, @not_opened */
  GError *wrong;
  GError *not_opened;
} Item;

/* So many entries go through the hands of one thread at once, and so many batches are on the way. */
#define BATCH_SIZE 512
#define N_BATCHES  6

typedef struct {
  guint n;
  gboolean done;
  GMutex lock;
  GCond ready;
  Item items[BATCH_SIZE];
} Batch;

typedef struct {
  const AirLedgerReader *reader;
  AirFsckReport *report;
  AirTree tree;
  GArray *heads;        /* Signed, by size */
  guint next_head;      /* the first not compared yet */
  GHashTable *redacted; /* instances that a REDACTION_APPLIED entry names */
  GHashTable *missing;  /* instance → index of the first entry whose disclosures are not there */
  AirFsckPeople *people;
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
  g_hash_table_unref (self->instances);
  g_free (self);
}

/**
 * air_fsck_report_add:
 * @self: a report
 * @index: the entry, or %G_MAXUINT64
 * @format: what is wrong
 *
 * Adds a fault found by somebody else, say in how the ledger is stored.
 */
void
air_fsck_report_add (AirFsckReport *self, guint64 index, const char *format, ...)
{
  AirFsckFault *item;
  va_list args;

  if (self->faults->len >= MAX_FAULTS)
    return;
  item = g_new0 (AirFsckFault, 1);
  item->index = index;
  va_start (args, format);
  item->words = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->faults, item);
}

#define fault(self, ...) air_fsck_report_add ((self)->report, __VA_ARGS__)

/* Returns the index of the instance's first entry. */
static guint64
check_chain (Fsck *self, guint64 index, const Item *item)
{
  const AirEntry *entry = item->entry;
  const char *id = air_entry_get_instance (entry);
  AirFsckInstance *instance = g_hash_table_lookup (self->report->instances, id);
  g_autoptr (GError) error = NULL;
  AirChainHead head;
  gint64 previous = instance != NULL ? (gint64) instance->last : -1;

  if (self->reader->chained != NULL)
    self->reader->chained (self->reader->user_data, index, entry, item->link, previous);
  if (instance == NULL)
    {
      instance = g_new0 (AirFsckInstance, 1);
      instance->first = index;
      g_hash_table_insert (self->report->instances, g_strdup (id), instance);
      self->report->n_instances++;
    }
  if (instance->closed)
    fault (self, index, "%s: %s after the closing entry%s", id, air_entry_get_type_name (entry),
           air_entry_is_closing (entry) ? ": the run was forked" : "");
  head = (AirChainHead) { instance->count, instance->hash };
  if (!air_entry_follows (entry, &head, &error))
    fault (self, index, "%s", error->message);
  instance->count = air_entry_get_seq (entry) + 1;
  instance->hash = *air_entry_get_hash (entry);
  instance->last = index;
  if (air_entry_is_closing (entry))
    {
      gint64 count = air_map_get_int (air_entry_get_members (entry), "count", -1);

      if (count != instance->count)
        fault (self, index, "%s: field \"count\" is %" G_GINT64_FORMAT ", its entries are %" G_GINT64_FORMAT, id, count,
               instance->count);
      if (!instance->closed)
        self->report->n_closed++;
      instance->closed = TRUE;
    }
  return instance->first;
}

/* What one entry says by itself: any thread may find that out. */
static void
item_read (Item *item)
{
  item->entry = air_entry_parse (item->leaf, &item->wrong);
  if (item->entry == NULL || item->unreadable != NULL)
    return;
  item->opened = air_entry_open (item->entry, item->disclosures, &item->not_opened);
}

static void
item_clear (Item *item)
{
  g_clear_pointer (&item->leaf, g_bytes_unref);
  g_clear_pointer (&item->disclosures, g_ptr_array_unref);
  g_clear_pointer (&item->entry, air_entry_free);
  g_clear_pointer (&item->opened, air_value_unref);
  g_clear_error (&item->wrong);
  g_clear_error (&item->not_opened);
  g_clear_pointer (&item->unreadable, g_free);
}

static void
read_batch_cb (gpointer data, gpointer user_data)
{
  Batch *batch = data;

  for (guint i = 0; i < batch->n; i++)
    item_read (&batch->items[i]);
  g_mutex_lock (&batch->lock);
  batch->done = TRUE;
  g_cond_signal (&batch->ready);
  g_mutex_unlock (&batch->lock);
}

static void
check_commitments (Fsck *self, guint64 index, const Item *item)
{
  const char *id = air_entry_get_instance (item->entry);
  gsize kept_back;

  if (item->opened == NULL)
    {
      fault (self, index, "%s", item->unreadable != NULL ? item->unreadable : item->not_opened->message);
      return;
    }
  kept_back = air_entry_get_n_committed (item->entry) - air_map_get_size (item->opened);
  self->report->n_disclosures += air_map_get_size (item->opened);
  self->report->n_redacted += kept_back;
  if (kept_back > 0 && self->reader->holds_disclosures && g_hash_table_contains (self->redacted, id))
    fault (self, index, "%s: disclosures are missing, and the run was erased before they were made", id);
  else if (kept_back > 0 && self->reader->holds_disclosures && !g_hash_table_contains (self->missing, id))
    g_hash_table_insert (self->missing, g_strdup (id), g_memdup2 (&index, sizeof index));
  /* No run says of itself that it was erased. */
  if (g_str_has_prefix (id, "epoch-")
      && g_str_equal (air_entry_get_type_name (item->entry), AIR_ENTRY_REDACTION_APPLIED))
    {
      const char *run = air_map_get_string (air_entry_get_members (item->entry), "run");

      if (run != NULL)
        g_hash_table_add (self->redacted, g_strdup (run));
      else
        fault (self, index, "field \"run\" does not say what was redacted");
    }
}

/* The roots of what was signed, once the tree has just that size. */
static void
check_heads (Fsck *self)
{
  for (; self->next_head < self->heads->len; self->next_head++)
    {
      const Signed *head = &g_array_index (self->heads, Signed, self->next_head);
      AirDigest root;

      if (head->size > self->tree.size)
        return;
      root = air_tree_root (&self->tree);
      if (!air_digest_equal (&root, &head->root))
        fault (self, NO_INDEX,
               "checkpoint %u: its root over %" G_GUINT64_FORMAT
               " entries is not that of the entries stored: one of them was changed",
               head->number, head->size);
    }
}

static gboolean
check_item (Fsck *self, guint64 index, const Item *item, GError **error)
{
  gsize length;
  guint64 first;
  const void *data = g_bytes_get_data (item->leaf, &length);
  AirDigest hash = item->entry != NULL ? *air_entry_get_hash (item->entry) : air_tree_leaf_hash (data, length);

  self->report->n_entries++;
  air_tree_append (&self->tree, &hash, self->reader->completed, self->reader->user_data);
  check_heads (self);
  if (item->entry == NULL)
    {
      fault (self, index, "%s", item->wrong->message);
      return TRUE;
    }
  first = check_chain (self, index, item);
  check_commitments (self, index, item);
  return air_fsck_people_take (self->people, index, first, item->entry, item->opened, error);
}

static int
compare_signed (gconstpointer a, gconstpointer b)
{
  const Signed *x = a, *y = b;

  return x->size != y->size ? (x->size < y->size ? -1 : 1) : (x->number > y->number) - (x->number < y->number);
}

/* Two heads of one size cannot both be right, whatever the entries are. */
static void
check_forks (Fsck *self)
{
  for (guint i = 1; i < self->heads->len; i++)
    {
      const Signed *one = &g_array_index (self->heads, Signed, i - 1);
      const Signed *other = &g_array_index (self->heads, Signed, i);

      if (one->size == other->size && !air_digest_equal (&one->root, &other->root))
        fault (self, NO_INDEX,
               "checkpoint %u: checkpoint %u has the same size, %" G_GUINT64_FORMAT
               ", and another root: the ledger's key signed two ledgers",
               other->number, one->number, one->size);
    }
}

static gboolean
read_heads (Fsck *self, const AirTlogPolicy *policy, GError **error)
{
  guint64 last_size = 0;

  for (guint i = 0; self->reader->read_checkpoint != NULL; i++)
    {
      GError *failed = NULL;
      g_autofree char *note = self->reader->read_checkpoint (self->reader->user_data, i, &failed);
      g_autoptr (AirCheckpoint) checkpoint = NULL;
      g_autoptr (GError) wrong = NULL;
      Signed head;

      if (failed != NULL)
        {
          g_propagate_prefixed_error (error, failed, "checkpoint %u: ", i);
          return FALSE;
        }
      if (note == NULL)
        break;
      self->report->n_checkpoints++;
      checkpoint = air_tlog_policy_open (policy, note, strlen (note), &wrong);
      if (checkpoint == NULL)
        {
          fault (self, NO_INDEX, "checkpoint %u: %s", i, wrong->message);
          continue;
        }
      if (checkpoint->size < last_size && i < self->reader->n_issued)
        fault (self, NO_INDEX,
               "checkpoint %u: its tree of %" G_GUINT64_FORMAT " entries is smaller than the one before", i,
               checkpoint->size);
      last_size = MAX (last_size, checkpoint->size);
      if (checkpoint->size > self->reader->size)
        fault (self, NO_INDEX,
               "checkpoint %u: it was signed over %" G_GUINT64_FORMAT " entries, the ledger has %" G_GUINT64_FORMAT
               ": its end was cut off",
               i, checkpoint->size, self->reader->size);
      head = (Signed) { i, checkpoint->size, checkpoint->root };
      g_array_append_val (self->heads, head);
    }
  g_array_sort (self->heads, compare_signed);
  check_forks (self);
  return TRUE;
}

/* What is not there, and nobody says that it was taken away by right. */
static void
check_missing (Fsck *self)
{
  GHashTableIter iter;
  gpointer id, index;

  g_hash_table_iter_init (&iter, self->missing);
  while (g_hash_table_iter_next (&iter, &id, &index))
    if (!g_hash_table_contains (self->redacted, id))
      fault (self, *(guint64 *) index,
             "%s: disclosures are missing, and no REDACTION_APPLIED entry says that they were erased", (char *) id);
}

/* Reads the entries into a batch; a reader that fails leaves those before it. */
static gboolean
fill (Fsck *self, Batch *batch, guint64 first, GError **error)
{
  guint n = (guint) MIN (self->reader->size - first, BATCH_SIZE);

  batch->done = FALSE;
  for (batch->n = 0; batch->n < n; batch->n++)
    {
      Item *item = &batch->items[batch->n];

      item->link = -1;
      item->leaf = self->reader->read_entry (self->reader->user_data, first + batch->n, &item->disclosures,
                                             &item->unreadable, &item->link, error);
      if (item->leaf == NULL)
        {
          item_clear (item);
          g_prefix_error (error, "entry %" G_GUINT64_FORMAT ": ", first + batch->n);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
take (Fsck *self, Batch *batch, guint64 first, GError **error)
{
  gboolean good = TRUE;

  g_mutex_lock (&batch->lock);
  while (!batch->done)
    g_cond_wait (&batch->ready, &batch->lock);
  g_mutex_unlock (&batch->lock);
  for (guint i = 0; i < batch->n; i++)
    {
      good = good && check_item (self, first + i, &batch->items[i], error);
      item_clear (&batch->items[i]);
    }
  if (self->reader->progress != NULL && batch->n > 0)
    self->reader->progress (self->reader->user_data, first + batch->n);
  return good;
}

/* One thread reads the store and follows the chains, others parse and hash in between. */
static gboolean
check_entries (Fsck *self, GError **error)
{
  GThreadPool *pool = g_thread_pool_new (read_batch_cb, NULL, (int) MAX (g_get_num_processors (), 2) - 1, FALSE, NULL);
  Batch *batches = g_new0 (Batch, N_BATCHES);
  guint64 filled = 0, taken = 0;
  gboolean good = TRUE;

  for (guint i = 0; i < N_BATCHES; i++)
    {
      g_mutex_init (&batches[i].lock);
      g_cond_init (&batches[i].ready);
    }
  while (taken < filled || (good && filled * BATCH_SIZE < self->reader->size))
    if (good && filled * BATCH_SIZE < self->reader->size && filled - taken < N_BATCHES)
      {
        Batch *batch = &batches[filled % N_BATCHES];

        good = fill (self, batch, filled * BATCH_SIZE, error);
        filled++;
        g_thread_pool_push (pool, batch, NULL);
      }
    else
      {
        /* After a failure the rest is only let go. */
        good = take (self, &batches[taken % N_BATCHES], taken * BATCH_SIZE, good ? error : NULL) && good;
        taken++;
      }
  g_thread_pool_free (pool, FALSE, TRUE);
  for (guint i = 0; i < N_BATCHES; i++)
    {
      g_mutex_clear (&batches[i].lock);
      g_cond_clear (&batches[i].ready);
    }
  g_free (batches);
  return good;
}

/**
 * air_fsck:
 * @reader: the ledger
 * @policy: whose checkpoints to believe
 * @error: return location
 *
 * Recomputes tree, chains, counts and commitments, compares them with the checkpoints, and verifies what people signed
 * against the enrolments the ledger holds. Reads everything once, in order, and keeps of it only the tree's right
 * edge, the signed heads and a few words for each instance. A damaged entry does not end the check: the tree goes on
 * over the bytes as they are, so that the report shows all damage.
 *
 * Fails only with @reader's errors, never with an %AIR_LEDGER_ERROR of its own: what is wrong with the ledger stands
 * in the report.
 *
 * Returns: (transfer full): what was found
 */
AirFsckReport *
air_fsck (const AirLedgerReader *reader, const AirTlogPolicy *policy, GError **error)
{
  g_autoptr (AirFsckReport) report = g_new0 (AirFsckReport, 1);
  g_autoptr (GArray) heads = g_array_new (FALSE, FALSE, sizeof (Signed));
  g_autoptr (GHashTable) redacted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (AirFsckPeople) people = air_fsck_people_new (reader, report);
  Fsck self = {
    .reader = reader, .report = report, .heads = heads, .redacted = redacted, .missing = missing, .people = people
  };

  report->faults = g_ptr_array_new_with_free_func (fault_free);
  report->instances = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  air_tree_init (&self.tree);
  if (!read_heads (&self, policy, error))
    return NULL;
  check_heads (&self);
  if (!check_entries (&self, error))
    return NULL;
  report->root = air_tree_root (&self.tree);
  check_missing (&self);
  return g_steal_pointer (&report);
}
