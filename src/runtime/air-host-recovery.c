/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#include "ledger/air-entry.h"

#define PAGE 512

typedef struct {
  guint64 first; /* where the index is made anew */
  gint64 head;
  gint64 count;
  AirDigest hash;
} Head;

typedef struct {
  AirHost *host;
  GHashTable *heads; /* id → Head */
  guint64 size;
  gboolean rebuild;
} Recovery;

/* Walks the entries from @first on and notes the last of each instance. */
static gboolean
scan (Recovery *self, AirStore *store, guint64 first, GError **error)
{
  for (guint64 index = first; index < self->size;)
    {
      g_autoptr (GPtrArray) leaves = air_store_read_leaves (store, index, PAGE, error);

      if (leaves == NULL)
        return FALSE;
      if (leaves->len == 0)
        break;
      for (guint i = 0; i < leaves->len; i++, index++)
        {
          g_autoptr (AirEntry) entry = air_entry_parse (leaves->pdata[i], error);
          Head *head;

          if (entry == NULL)
            {
              g_prefix_error (error, "entry %" G_GUINT64_FORMAT ": ", index);
              return FALSE;
            }
          head = g_hash_table_lookup (self->heads, air_entry_get_instance (entry));
          if (head == NULL)
            {
              head = g_new (Head, 1);
              head->first = index;
              g_hash_table_insert (self->heads, g_strdup (air_entry_get_instance (entry)), head);
            }
          head->head = index;
          head->count = air_entry_get_seq (entry) + 1;
          head->hash = *air_entry_get_hash (entry);
        }
    }
  return TRUE;
}

/* The row of a run whose disclosures were erased: its closing entry is all one needs. */
static AirIndexRow *
derive_redacted (AirHost *host, const char *id, const Head *head)
{
  g_autoptr (GPtrArray) entries = air_store_read_instance (host->store, head->head, NULL);
  g_autoptr (AirEntry) first =
      entries != NULL ? air_entry_parse (((AirStoredEntry *) entries->pdata[0])->leaf, NULL) : NULL;
  g_autoptr (AirEntry) last =
      entries != NULL ? air_entry_parse (((AirStoredEntry *) entries->pdata[entries->len - 1])->leaf, NULL) : NULL;
  AirIndexRow *row;

  if (first == NULL || last == NULL || !air_entry_is_closing (last))
    return NULL;
  row = g_new0 (AirIndexRow, 1);
  row->id = g_strdup (id);
  row->state =
      g_strdup (strcmp (air_entry_get_type_name (last), AIR_ENTRY_WORKFLOW_COMPLETED) == 0 ? "completed" : "failed");
  row->outcome = g_strdup (air_map_get_string (air_entry_get_members (last), "outcome"));
  row->started_us = air_entry_get_time_us (first);
  row->updated_us = air_entry_get_time_us (last);
  return row;
}

/* The row of a run that cannot be followed: it stops alone, with a reason, once it is taken up. Where its first entry can
 * be read, its event is known again. */
static AirIndexRow *
derive_unreadable (AirHost *host, const char *id, const Head *head)
{
  AirIndexRow *row = g_new0 (AirIndexRow, 1);
  g_autoptr (AirStoredEntry) first = NULL;
  g_autoptr (AirEntry) entry = NULL;
  g_autoptr (AirValue) opened = NULL;

  row->id = g_strdup (id);
  row->state = g_strdup ("running");
  row->open = TRUE;
  row->started_us = row->updated_us = host->stats.started_us;
  first = air_store_read_entry (host->store, head->first, NULL);
  entry = first != NULL ? air_entry_parse (first->leaf, NULL) : NULL;
  opened = entry != NULL ? air_entry_open (entry, first->disclosures, NULL) : NULL;
  if (entry != NULL)
    row->started_us = air_entry_get_time_us (entry);
  row->dedup = opened != NULL ? g_strdup (air_map_get_string (opened, "dedup_key")) : NULL;
  row->key = opened != NULL ? g_strdup (air_map_get_string (opened, "concurrency_key")) : NULL;
  return row;
}

/* An index row out of the entries alone; and whose data it holds, where that is known. */
static AirIndexRow *
derive_row (AirHost *host, const char *id, const Head *head, char **ret_subject, guint64 *ret_key, GError **error)
{
  AirRun *run;
  AirIndexRow *row;

  if (g_str_has_prefix (id, "epoch-"))
    {
      g_autoptr (GPtrArray) entries = air_store_read_instance (host->store, head->head, error);
      g_autoptr (AirEntry) entry =
          entries != NULL ? air_entry_parse (((AirStoredEntry *) entries->pdata[0])->leaf, error) : NULL;

      if (entry == NULL)
        return NULL;
      row = g_new0 (AirIndexRow, 1);
      row->id = g_strdup (id);
      row->state = g_strdup ("system");
      row->started_us = row->updated_us = air_entry_get_time_us (entry);
    }
  else
    {
      run = air_run_new (id);
      run->instance = air_host_fold (host, id, head->head, &run->chain->key, error);
      if (run->instance == NULL)
        {
          air_run_free (run);
          if (air_host_passes (*error))
            return NULL;
          row = derive_redacted (host, id, head);
          if (row == NULL)
            row = derive_unreadable (host, id, head);
          g_clear_error (error);
          row->head = head->head;
          row->count = head->count;
          row->hash = head->hash;
          return row;
        }
      run->key = g_strdup (air_instance_get_concurrency_key (run->instance));
      run->held = !air_instance_has_begun (run->instance);
      row = air_host_make_row (host, run, NULL);
      *ret_key = run->chain->key.subject;
      if (*ret_key != 0)
        *ret_subject = g_strdup (air_instance_get_subject (run->instance));
      /* Whatever timer it had, it is looked after at once. */
      if (row->open && !run->held)
        row->wake_us = host->stats.started_us;
      air_run_free (run);
    }
  row->head = head->head;
  row->count = head->count;
  row->hash = head->hash;
  return row;
}

static gboolean
put_subject (Recovery *self, AirStore *store, const char *run, const char *subject, guint64 key, GError **error)
{
  g_autofree char *digest = air_store_digest_subject (store, self->host->subject_pepper, subject, error);

  return digest != NULL && air_store_put_subject (store, digest, run, key, error);
}

static gboolean
write_rows (Recovery *self, AirStore *store, GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  if (self->rebuild && !air_store_clear_index (store, error))
    return FALSE;
  g_hash_table_iter_init (&iter, self->heads);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const Head *head = value;
      g_autoptr (AirIndexRow) row = NULL;
      g_autofree char *subject = NULL;
      guint64 key = 0;

      if (!self->rebuild)
        {
          if (!air_store_put_head (store, id, head->head, head->count, &head->hash, error))
            return FALSE;
          continue;
        }
      row = derive_row (self->host, id, head, &subject, &key, error);
      if (row == NULL || !air_store_put_row (store, row, error)
          || (subject != NULL && !put_subject (self, store, id, subject, key, error)))
        return FALSE;
    }
  return air_store_set_indexed (store, self->size, error);
}

/* Whether the index could have been written with these entries: every instance that goes on is known. */
static gboolean
agrees (Recovery *self, AirStore *store)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->heads);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      g_autoptr (AirIndexRow) row = air_store_find_row (store, id, NULL);

      if (row == NULL || row->head > ((Head *) value)->head)
        return FALSE;
    }
  return TRUE;
}

static gboolean
recover_cb (AirStore *store, gpointer user_data, GError **error)
{
  Recovery *self = user_data;
  guint64 indexed;

  if (!air_store_get_indexed (store, &indexed, error))
    return FALSE;
  if (indexed > self->size)
    self->rebuild = TRUE;
  if (!scan (self, store, self->rebuild ? 0 : indexed, error))
    return FALSE;
  if (!self->rebuild && !agrees (self, store))
    {
      self->rebuild = TRUE;
      g_hash_table_remove_all (self->heads);
      if (!scan (self, store, 0, error))
        return FALSE;
    }
  if (self->rebuild && self->size > 0)
    g_message ("the index of runs disagrees with the entries and is made anew");
  if (!air_store_begin (store, error))
    return FALSE;
  if (write_rows (self, store, error) && air_store_commit (store, error))
    return TRUE;
  air_store_rollback (store);
  return FALSE;
}

/**
 * air_host_recover_index:
 *
 * Brings the index up to the last entry, or makes it anew where it disagrees.
 */
gboolean
air_host_recover_index (AirHost *self, GError **error)
{
  g_autoptr (GHashTable) heads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Recovery recovery = { self, heads, air_writer_get_size (self->writer), FALSE };

  return air_writer_run (self->writer, recover_cb, &recovery, error);
}

static int
compare_heads (gconstpointer a, gconstpointer b)
{
  const AirIndexRow *x = *(AirIndexRow *const *) a, *y = *(AirIndexRow *const *) b;

  return x->head < y->head ? -1 : x->head > y->head;
}

/* One that cannot be read stops alone: the others are taken up. */
static void
take_up (AirHost *self, const AirIndexRow *row)
{
  g_autoptr (GError) error = NULL;
  AirRun *run = air_host_open_run (self, row->id, &error);

  if (run != NULL)
    air_host_schedule (self, run);
  else if (air_host_passes (error))
    {
      /* The storage comes and goes: the run is taken up once it is there again. */
      if (row->key != NULL)
        air_host_hold_line (self, row->key, row->id);
      air_timers_set (self->timers, row->id, NULL, g_get_real_time () + G_USEC_PER_SEC);
    }
  else if (error != NULL)
    air_host_give_up (self, row->id, error);
}

typedef void (*RowFunc) (AirHost *self, const AirIndexRow *row, gpointer user_data);

static gboolean
for_each_in_state (AirHost *self, const char *state, RowFunc func, gpointer user_data, GError **error)
{
  g_autofree char *after = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  do
    {
      g_clear_pointer (&rows, g_ptr_array_unref);
      rows = air_store_list_state (self->store, state, after, PAGE, error);
      if (rows == NULL)
        return FALSE;
      for (guint i = 0; i < rows->len; i++)
        func (self, rows->pdata[i], user_data);
      if (rows->len > 0)
        g_set_str (&after, ((AirIndexRow *) rows->pdata[rows->len - 1])->id);
  } while (rows->len == PAGE);
  return TRUE;
}

static void
take_up_cb (AirHost *self, const AirIndexRow *row, gpointer user_data)
{
  take_up (self, row);
  ++*(guint *) user_data;
}

static void
add_held_cb (AirHost *self, const AirIndexRow *row, gpointer user_data)
{
  g_ptr_array_add (user_data, air_index_row_copy (row));
}

static void
load_timer_cb (const char *id, gint64 wake_us, gpointer user_data)
{
  AirHost *self = user_data;

  /* What is in memory has its own timers set; what is stopped is not tried again and again. */
  if (!g_hash_table_contains (self->runs, id) && air_host_get_fault (self, id) == NULL)
    air_timers_set (self->timers, id, NULL, wake_us);
}

static gboolean
load_timers_cb (gint64 from_us, gint64 until_us, guint max, gint64 *ret_until_us, gpointer user_data)
{
  AirHost *self = user_data;
  g_autoptr (GError) error = NULL;

  if (air_store_list_wakes (self->store, from_us, until_us, max, load_timer_cb, self, ret_until_us, &error))
    return TRUE;
  g_message ("%s; who is to be woken is looked up again", error->message);
  return FALSE;
}

static guint64
count_waiting (AirHost *self)
{
  static const char *const states[] = { "waiting-gate", "waiting-timer", "waiting-signal", "unknown-outcome",
                                        "paused" };
  guint64 n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      const guint64 *count = g_hash_table_lookup (self->states, states[i]);

      n += count != NULL ? *count : 0;
    }
  return n;
}

/**
 * air_host_recover_runs:
 *
 * Takes up what was at work: what was in flight is now unknown, and those that
 * waited for their turn stand in line as they arrived. Those that wait cost
 * nothing, however many: they are read when their time comes or somebody decides.
 */
gboolean
air_host_recover_runs (AirHost *self, GError **error)
{
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) air_index_row_free);
  guint64 n_waiting = count_waiting (self);
  guint n = 0;

  if (!for_each_in_state (self, "running", take_up_cb, &n, error)
      || !for_each_in_state (self, "compensating", take_up_cb, &n, error)
      || !for_each_in_state (self, "received", add_held_cb, held, error))
    return FALSE;
  g_ptr_array_sort (held, compare_heads);
  for (guint i = 0; i < held->len; i++)
    {
      AirIndexRow *row = held->pdata[i];
      gboolean waits = FALSE;

      if (row->key != NULL && !air_host_enter_line (self, row->key, row->id, &waits, error))
        return FALSE;
      if (!waits)
        air_host_let_begin (self, row->id);
    }
  air_timers_start_loading (self->timers, load_timers_cb, self);
  if (n + held->len + n_waiting > 0)
    g_message ("%u open runs are taken up, %u wait for their turn, %" G_GUINT64_FORMAT " for something else", n,
               held->len, n_waiting);
  air_host_resume_redactions (self);
  return TRUE;
}
