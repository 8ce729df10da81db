/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-store-private.h"

#include <string.h>

/* TRUE on a row; FALSE without an error at the end. */
gboolean
air_store_next (AirStore *self, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code == SQLITE_ROW)
    return TRUE;
  if (code != SQLITE_DONE)
    air_store_set_error (self, sqlite3_extended_errcode (self->db), error);
  sqlite3_reset (statement);
  return FALSE;
}

static gboolean
get_number (AirStore *self, sqlite3_stmt *statement, guint64 if_null, guint64 *ret_number, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (statement == NULL)
    return FALSE;
  *ret_number = if_null;
  if (air_store_next (self, statement, &local))
    {
      if (sqlite3_column_type (statement, 0) != SQLITE_NULL)
        *ret_number = sqlite3_column_int64 (statement, 0);
      sqlite3_reset (statement);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

/**
 * air_store_get_size:
 * @self: a store
 * @ret_size: (out): how many entries the ledger has, as this connection sees it
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean
air_store_get_size (AirStore *self, guint64 *ret_size, GError **error)
{
  /* Indices have no gaps: the number of entries is the last index and one. */
  if (!get_number (self, air_store_statement (self, AIR_SQL_GET_SIZE, error), G_MAXUINT64, ret_size, error))
    return FALSE;
  *ret_size += 1;
  return TRUE;
}

/**
 * air_store_get_number:
 * @self: a store
 * @name: under which it is kept
 * @if_unset: what to give when none is
 * @ret_value: (out): the number
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean
air_store_get_number (AirStore *self, const char *name, guint64 if_unset, guint64 *ret_value, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_GET_NUMBER, error);

  if (statement != NULL)
    sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  return get_number (self, statement, if_unset, ret_value, error);
}

/**
 * air_store_get_indexed:
 * @self: a store
 * @ret_size: (out): up to which size the heads of the instance index are exact; %G_MAXUINT64 when nobody ever said
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean
air_store_get_indexed (AirStore *self, guint64 *ret_size, GError **error)
{
  return air_store_get_number (self, "indexed", G_MAXUINT64, ret_size, error);
}

/**
 * air_store_scan_checkpoints:
 * @self: a store
 * @begin: whether this is the first call
 * @ret_size: (out): of its tree
 * @error: return location
 *
 * All checkpoints by size, one a call.
 *
 * Returns: (transfer full) (nullable): a signed note; %NULL without an error at the end, or with an %AIR_STORE_ERROR
 */
char *
air_store_scan_checkpoints (AirStore *self, gboolean begin, guint64 *ret_size, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_SCAN_CHECKPOINTS, error);

  if (statement == NULL)
    return NULL;
  if (begin)
    sqlite3_reset (statement);
  if (!air_store_next (self, statement, error))
    return NULL;
  *ret_size = sqlite3_column_int64 (statement, 1);
  return g_strdup ((const char *) sqlite3_column_text (statement, 0));
}

/**
 * air_store_read_tile:
 * @self: a store
 * @level: of the tile
 * @index: of the tile
 * @ret_hashes: (out): all 256
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR, _CORRUPT when the tile is not there
 */
gboolean
air_store_read_tile (AirStore *self, guint level, guint64 index, AirDigest ret_hashes[256], GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_READ_TILE, error);
  g_autoptr (GError) local = NULL;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int (statement, 1, level);
  sqlite3_bind_int64 (statement, 2, index);
  if (!air_store_next (self, statement, &local) || sqlite3_column_bytes (statement, 0) != 256 * AIR_SHA256_SIZE)
    {
      sqlite3_reset (statement);
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                     "tile %u/%" G_GUINT64_FORMAT " is missing or damaged; check the ledger with fsck", level, index);
      return FALSE;
    }
  memcpy (ret_hashes, sqlite3_column_blob (statement, 0), 256 * AIR_SHA256_SIZE);
  sqlite3_reset (statement);
  return TRUE;
}

/**
 * air_store_read_checkpoint:
 * @self: a store
 * @at_most: entries
 * @ret_size: (out): of its tree
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the checkpoint of the largest tree of at most @at_most entries; %NULL without
 *   an error when there is none, or with an %AIR_STORE_ERROR
 */
char *
air_store_read_checkpoint (AirStore *self, guint64 at_most, guint64 *ret_size, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_READ_CHECKPOINT, error);
  char *note;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, MIN (at_most, G_MAXINT64));
  if (!air_store_next (self, statement, error))
    return NULL;
  note = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  *ret_size = sqlite3_column_int64 (statement, 1);
  sqlite3_reset (statement);
  return note;
}

static char *
column_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

static AirIndexRow *
read_row (sqlite3_stmt *statement)
{
  AirIndexRow *row = g_new0 (AirIndexRow, 1);

  row->id = column_text (statement, 0);
  row->head = sqlite3_column_int64 (statement, 1);
  row->count = sqlite3_column_int64 (statement, 2);
  if (sqlite3_column_bytes (statement, 3) == AIR_SHA256_SIZE)
    memcpy (row->hash.bytes, sqlite3_column_blob (statement, 3), AIR_SHA256_SIZE);
  row->state = column_text (statement, 4);
  row->open = sqlite3_column_int (statement, 5);
  row->waiting = column_text (statement, 6);
  row->gate = column_text (statement, 7);
  row->outcome = column_text (statement, 8);
  row->dedup = column_text (statement, 9);
  row->key = column_text (statement, 10);
  row->wake_us = sqlite3_column_int64 (statement, 11);
  row->started_us = sqlite3_column_int64 (statement, 12);
  row->updated_us = sqlite3_column_int64 (statement, 13);
  return row;
}

static AirIndexRow *
find_row (AirStore *self, AirSql sql, const char *text, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, sql, error);
  AirIndexRow *row;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, text, -1, SQLITE_STATIC);
  if (!air_store_next (self, statement, error))
    return NULL;
  row = read_row (statement);
  sqlite3_reset (statement);
  return row;
}

/**
 * air_store_find_row:
 * @self: a store
 * @id: an instance
 * @error: return location
 *
 * Returns: (transfer full) (nullable): its row; %NULL without an error when there is none, or with an %AIR_STORE_ERROR
 */
AirIndexRow *
air_store_find_row (AirStore *self, const char *id, GError **error)
{
  return find_row (self, AIR_SQL_FIND_ROW, id, error);
}

/**
 * air_store_find_dedup:
 * @self: a store
 * @dedup: a key against duplicates
 * @error: return location
 *
 * Finds runs that were erased too, by a keyed digest.
 *
 * Returns: (transfer full) (nullable): the row of the run that it started; %NULL without an error when there is none,
 *   or with an %AIR_STORE_ERROR
 */
AirIndexRow *
air_store_find_dedup (AirStore *self, const char *dedup, GError **error)
{
  GError *failure = NULL;
  AirIndexRow *row = find_row (self, AIR_SQL_FIND_DEDUP, dedup, &failure);
  g_autofree char *blind = NULL;

  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return NULL;
    }
  if (row != NULL || self->pepper == 0)
    return row;
  blind = air_store_blind (self, dedup, error);
  return blind != NULL ? find_row (self, AIR_SQL_FIND_DEDUP, blind, error) : NULL;
}

static GPtrArray *
list_rows (AirStore *self, AirSql sql, const char *state, const char *after, guint limit, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, sql, error);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) air_index_row_free);
  g_autoptr (GError) local = NULL;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, after, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, limit);
  if (state != NULL)
    sqlite3_bind_text (statement, 3, state, -1, SQLITE_STATIC);
  while (air_store_next (self, statement, &local))
    g_ptr_array_add (rows, read_row (statement));
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_steal_pointer (&rows);
}

/**
 * air_store_list_rows:
 * @self: a store
 * @state: (nullable): only those in it
 * @after: (nullable): the id behind which to begin
 * @limit: how many at most
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirIndexRow): newest first; or %NULL with an %AIR_STORE_ERROR
 */
GPtrArray *
air_store_list_rows (AirStore *self, const char *state, const char *after, guint limit, GError **error)
{
  /* Identifiers are upper-case letters and digits: "~" comes after them all. */
  return list_rows (self, state != NULL ? AIR_SQL_LIST_STATE : AIR_SQL_LIST_ROWS, state, after != NULL ? after : "~",
                    limit, error);
}

/**
 * air_store_list_open:
 * @self: a store
 * @after: (nullable): the id behind which to begin
 * @limit: how many at most
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirIndexRow): those without a closing entry, oldest first; or %NULL with an
 *   %AIR_STORE_ERROR
 */
GPtrArray *
air_store_list_open (AirStore *self, const char *after, guint limit, GError **error)
{
  return list_rows (self, AIR_SQL_LIST_OPEN, NULL, after != NULL ? after : "", limit, error);
}

/**
 * air_store_list_state:
 * @self: a store
 * @state: only those in it
 * @after: (nullable): the id behind which to begin
 * @limit: how many at most
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirIndexRow): oldest first; or %NULL with an %AIR_STORE_ERROR
 */
GPtrArray *
air_store_list_state (AirStore *self, const char *state, const char *after, guint limit, GError **error)
{
  return list_rows (self, AIR_SQL_LIST_STATE_UP, state, after != NULL ? after : "", limit, error);
}

/**
 * air_store_list_wakes:
 * @self: a store
 * @from_us: microseconds since the Unix epoch
 * @until_us: microseconds since the Unix epoch
 * @max: behind how many to stop, all of one moment being told
 * @wake: told of each instance that wakes from @from_us on, before @until_us, earliest first
 * @user_data: for @wake
 * @ret_until_us: (out): all that wake before were told of
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean
air_store_list_wakes (AirStore *self,
                      gint64 from_us,
                      gint64 until_us,
                      guint max,
                      AirStoreWake wake,
                      gpointer user_data,
                      gint64 *ret_until_us,
                      GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_LIST_WAKES, error);
  g_autoptr (GError) local = NULL;
  gint64 last_us = 0;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, from_us);
  sqlite3_bind_int64 (statement, 2, until_us);
  *ret_until_us = until_us;
  for (guint n = 0; air_store_next (self, statement, &local); n++)
    {
      gint64 wake_us = sqlite3_column_int64 (statement, 1);

      /* All of one moment, however many. */
      if (n >= max && wake_us > last_us)
        {
          *ret_until_us = wake_us;
          sqlite3_reset (statement);
          break;
        }
      last_us = wake_us;
      wake ((const char *) sqlite3_column_text (statement, 0), wake_us, user_data);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * air_store_find_holder:
 * @self: a store
 * @key: a concurrency key
 * @error: return location
 *
 * Returns: (transfer full) (nullable): who has begun under it and is not over; %NULL without an error when nobody has,
 *   or with an %AIR_STORE_ERROR
 */
char *
air_store_find_holder (AirStore *self, const char *key, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_FIND_HOLDER, error);
  char *holder;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
  if (!air_store_next (self, statement, error))
    return NULL;
  holder = column_text (statement, 0);
  sqlite3_reset (statement);
  return holder;
}

/**
 * air_store_list_subject:
 * @self: a store
 * @digest: of a data subject
 * @key: only the runs under this key; 0: all
 * @error: return location
 *
 * Returns: (transfer full): its runs, oldest first, or %NULL with an %AIR_STORE_ERROR
 */
GStrv
air_store_list_subject (AirStore *self, const char *digest, guint64 key, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_LIST_SUBJECT, error);
  g_autoptr (GStrvBuilder) runs = g_strv_builder_new ();
  g_autoptr (GError) local = NULL;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, digest, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, key);
  while (air_store_next (self, statement, &local))
    g_strv_builder_take (runs, column_text (statement, 0));
  if (local == NULL)
    return g_strv_builder_end (runs);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/**
 * air_store_find_subject_key:
 * @self: a store
 * @digest: of a data subject
 * @ret_key: (out): number of its key; 0: no run of it is kept
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean
air_store_find_subject_key (AirStore *self, const char *digest, guint64 *ret_key, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_FIND_SUBJECT_KEY, error);

  if (statement != NULL)
    sqlite3_bind_text (statement, 1, digest, -1, SQLITE_STATIC);
  return get_number (self, statement, 0, ret_key, error);
}

/**
 * air_store_find_subject:
 * @self: a store
 * @run: a run
 * @ret_key: (out): number of its subject's key
 * @error: return location
 *
 * Returns: (transfer full) (nullable): digest of whose data it holds; %NULL without an error when that is not known, or with an
 *   %AIR_STORE_ERROR
 */
char *
air_store_find_subject (AirStore *self, const char *run, guint64 *ret_key, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_FIND_SUBJECT, error);
  char *digest;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, run, -1, SQLITE_STATIC);
  if (!air_store_next (self, statement, error))
    return NULL;
  digest = column_text (statement, 0);
  *ret_key = sqlite3_column_int64 (statement, 1);
  sqlite3_reset (statement);
  return digest;
}

/**
 * air_store_count_states:
 * @self: a store
 * @ret_counts: (element-type utf8 guint64): gets how many runs are in each state
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean
air_store_count_states (AirStore *self, GHashTable *ret_counts, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_COUNT_STATES, error);
  g_autoptr (GError) local = NULL;

  if (statement == NULL)
    return FALSE;
  while (air_store_next (self, statement, &local))
    {
      guint64 *count = g_new (guint64, 1);

      *count = sqlite3_column_int64 (statement, 1);
      g_hash_table_insert (ret_counts, column_text (statement, 0), count);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

void
air_stored_entry_free (AirStoredEntry *self)
{
  g_clear_pointer (&self->leaf, g_bytes_unref);
  g_free (self->unreadable);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  g_free (self);
}
