/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row of an entry: its leaf in shorthand, and beside it what it discloses, sealed. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-store-private.h"

#include "ledger/air-entry.h"
#include "runtime/air-shorthand.h"

/* An entry names what it discloses, so there is a bound; this is far beyond it. */
#define MOST_DISCLOSED (64u << 20)

/* What stands before the disclosures beside a leaf in shorthand. */
enum {
  IN_SHORTHAND = 1,  /* they are, too */
  UNDER_SUBJECT = 2, /* sealed under a subject's key and a run's; else under the run's alone */
  IN_THE_CLEAR = 4,  /* not sealed */
};

/* --- writing --- */

/* The same disclosures are never sealed in two forms under one key and nonce (NIST SP 800-38D, 8). */
static AirDigest
nonce_of_shorthand (const AirDigest *hash)
{
  AirDigest nonce_of;

  for (guint i = 0; i < sizeof nonce_of.bytes; i++)
    nonce_of.bytes[i] = hash->bytes[sizeof nonce_of.bytes - 1 - i];
  return nonce_of;
}

static void
append_number (GByteArray *row, guint64 number)
{
  for (; number >= 0x80; number >>= 7)
    g_byte_array_append (row, &(guint8) { (number & 0x7f) | 0x80 }, 1);
  g_byte_array_append (row, &(guint8) { number }, 1);
}

/* Beside a leaf in shorthand: flags, the number of the subject's key where there is one and of the run's as LEB128 unless
 * they are in the clear, then the disclosures. */
static GByteArray *
write_disclosures (AirStore *self,
                   AirSealKey key,
                   const AirDigest *hash,
                   const void *packed,
                   gsize packed_len,
                   GError **error)
{
  g_autoptr (GByteArray) row = g_byte_array_sized_new (packed_len + 40),
                         shorter = g_byte_array_sized_new (packed_len + 1);
  guint8 flags = key.run == 0 ? IN_THE_CLEAR : key.subject != 0 ? UNDER_SUBJECT : 0;
  AirDigest nonce_of = *hash;

  air_shorthand_write (shorter, packed, packed_len);
  if (shorter->len < packed_len)
    {
      flags |= IN_SHORTHAND;
      nonce_of = nonce_of_shorthand (hash);
      packed = shorter->data;
      packed_len = shorter->len;
    }
  g_byte_array_append (row, &flags, 1);
  if (key.subject != 0)
    append_number (row, key.subject);
  if (key.run != 0)
    {
      g_autoptr (GBytes) sealed = air_vault_seal (self->vault, key, &nonce_of, packed, packed_len, error);

      if (sealed == NULL)
        return NULL;
      append_number (row, key.run);
      g_byte_array_append (row, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed));
    }
  else
    g_byte_array_append (row, packed, packed_len);
  return g_steal_pointer (&row);
}

gboolean
air_store_put_entry (AirStore *self,
                     guint64 index,
                     gint64 prev,
                     GBytes *leaf,
                     GPtrArray *disclosures,
                     guint64 *subject,
                     GError **error)
{
  gsize length, packed_length = 0;
  const void *data = g_bytes_get_data (leaf, &length), *packed_data = NULL;
  g_autoptr (GBytes) packed = NULL;
  AirDigest hash;

  if (disclosures != NULL && disclosures->len > 0)
    {
      packed = air_disclosures_pack (disclosures, error);
      if (packed == NULL || (subject != NULL && *subject == 0 && (*subject = air_vault_take (self->vault, error)) == 0))
        return FALSE;
      packed_data = g_bytes_get_data (packed, &packed_length);
    }
  hash = air_entry_leaf_hash (data, length);
  return air_store_put_packed (self, index, prev, data, length, &hash, packed_data, packed_length,
                               (AirSealKey) { subject != NULL ? *subject : 0, 0 }, error);
}

gboolean
air_store_put_packed (AirStore *self,
                      guint64 index,
                      gint64 prev,
                      const void *leaf,
                      gsize leaf_len,
                      const AirDigest *hash,
                      const void *packed,
                      gsize packed_len,
                      AirSealKey key,
                      GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_PUT_ENTRY, error);
  g_autoptr (GByteArray) disclosures = NULL;

  if (statement == NULL)
    return FALSE;
  if (packed != NULL && (disclosures = write_disclosures (self, key, hash, packed, packed_len, error)) == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, index);
  if (prev >= 0)
    sqlite3_bind_int64 (statement, 2, prev);
  else
    sqlite3_bind_null (statement, 2);
  g_byte_array_set_size (self->scratch, 0);
  air_shorthand_write (self->scratch, leaf, leaf_len);
  sqlite3_bind_blob (statement, 3, self->scratch->data, self->scratch->len, SQLITE_STATIC);
  if (disclosures != NULL)
    sqlite3_bind_blob (statement, 4, disclosures->data, disclosures->len, SQLITE_STATIC);
  else
    sqlite3_bind_null (statement, 4);
  return air_store_run (self, statement, error);
}

gboolean
air_store_erase_entry (AirStore *self, guint64 index, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_ERASE_ENTRY, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, index);
  return air_store_run (self, statement, error);
}

/* --- reading --- */

static GPtrArray *
split_disclosures (const char *texts)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) split = g_strsplit (texts, "~", -1);

  for (guint i = 0; split[i] != NULL; i++)
    if (*split[i] != '\0')
      g_ptr_array_add (list, g_strdup (split[i]));
  return list;
}

static guint64
take_number (const guint8 *data, gsize length, gsize *at)
{
  guint64 number = 0;

  for (guint shift = 0; *at < length && shift < 63; shift += 7)
    {
      number |= (guint64) (data[*at] & 0x7f) << shift;
      if ((data[(*at)++] & 0x80) == 0)
        break;
    }
  return number;
}

/* The head of what stands beside a leaf; a leaf as it is has one of version 1 or 2. */
static gboolean
read_head (AirStoredEntry *entry, gboolean shorthand, const guint8 *data, gsize length, guint8 *flags, gsize *at)
{
  *at = 0;
  if (shorthand)
    {
      *flags = length > 0 ? data[(*at)++] : 0xff;
      if (*flags > (IN_SHORTHAND | IN_THE_CLEAR))
        return FALSE;
      if ((*flags & UNDER_SUBJECT) != 0)
        entry->key.subject = take_number (data, length, at);
      if ((*flags & IN_THE_CLEAR) == 0)
        entry->key.run = take_number (data, length, at);
      return TRUE;
    }
  *flags = 0;
  entry->key.run = take_number (data, length, at);
  if (entry->key.run == 0)
    {
      entry->key.subject = take_number (data, length, at);
      entry->key.run = take_number (data, length, at);
    }
  return TRUE;
}

/* The disclosures as air_disclosures_pack() has them; NULL without an error when their key was destroyed. */
static GBytes *
open_packed (AirStore *self,
             AirStoredEntry *entry,
             gboolean shorthand,
             const guint8 *data,
             gsize length,
             GError **error)
{
  g_autoptr (GBytes) open = NULL;
  gsize at, leaf_length;
  const void *leaf = g_bytes_get_data (entry->leaf, &leaf_length);
  guint8 flags;

  if (!read_head (entry, shorthand, data, length, &flags, &at))
    {
      g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                           "nobody knows this form of disclosures; restore the ledger's file from a copy");
      return NULL;
    }
  if ((flags & IN_THE_CLEAR) != 0)
    open = g_bytes_new (data + at, length - at);
  else
    {
      AirDigest hash = air_entry_leaf_hash (leaf, leaf_length);

      if ((flags & IN_SHORTHAND) != 0)
        hash = nonce_of_shorthand (&hash);
      open = air_vault_unseal (self->vault, entry->key, &hash, data + at, length - at, error);
    }
  if (open == NULL || (flags & IN_SHORTHAND) == 0)
    return g_steal_pointer (&open);
  return air_shorthand_read (g_bytes_get_data (open, NULL), g_bytes_get_size (open), MOST_DISCLOSED, error);
}

static gboolean
open_disclosures (AirStore *self,
                  AirStoredEntry *entry,
                  gboolean shorthand,
                  const guint8 *data,
                  gsize length,
                  GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) packed = open_packed (self, entry, shorthand, data, length, &local);

  if (packed != NULL)
    entry->disclosures = air_disclosures_unpack (packed, &local);
  entry->erased = packed == NULL && local == NULL;
  if (local == NULL)
    return TRUE;
  if (self->lenient && g_error_matches (local, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT))
    {
      entry->unreadable = g_strdup (local->message);
      return TRUE;
    }
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "entry %" G_GUINT64_FORMAT ": ", entry->index);
  return FALSE;
}

/* A leaf that is neither JSON nor shorthand is, where that is no error, given as it is stored. */
static GBytes *
read_leaf (AirStore *self, sqlite3_stmt *statement, int column, GError **error)
{
  const guint8 *data = sqlite3_column_blob (statement, column);
  gsize length = sqlite3_column_bytes (statement, column);
  GBytes *leaf;

  if (length == 0 || *data != AIR_SHORTHAND)
    return g_bytes_new (data, length);
  leaf = air_shorthand_read (data, length, AIR_ENTRY_MAX_SIZE, self->lenient ? NULL : error);
  return leaf == NULL && self->lenient ? g_bytes_new (data, length) : leaf;
}

/* From the columns idx, prev, leaf, disclosures. */
static AirStoredEntry *
read_stored (AirStore *self, sqlite3_stmt *statement, GError **error)
{
  g_autoptr (AirStoredEntry) entry = g_new0 (AirStoredEntry, 1);
  const guint8 *stored = sqlite3_column_blob (statement, 2);
  gboolean shorthand = stored != NULL && *stored == AIR_SHORTHAND;

  entry->index = sqlite3_column_int64 (statement, 0);
  entry->prev = sqlite3_column_type (statement, 1) == SQLITE_NULL ? -1 : sqlite3_column_int64 (statement, 1);
  entry->leaf = read_leaf (self, statement, 2, error);
  if (entry->leaf == NULL)
    {
      g_prefix_error (error, "entry %" G_GUINT64_FORMAT ": ", entry->index);
      return NULL;
    }
  switch (sqlite3_column_type (statement, 3))
    {
    case SQLITE_NULL:
      break;
    case SQLITE_BLOB:
      if (!open_disclosures (self, entry, shorthand, sqlite3_column_blob (statement, 3),
                             sqlite3_column_bytes (statement, 3), error))
        return NULL;
      break;
    default:
      entry->disclosures = split_disclosures ((const char *) sqlite3_column_text (statement, 3));
      break;
    }
  return g_steal_pointer (&entry);
}

/**
 * air_store_read_entry:
 * @self: a store
 * @index: in the ledger
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the entry; %NULL without an error when there is none, or with an
 *   %AIR_STORE_ERROR
 */
AirStoredEntry *
air_store_read_entry (AirStore *self, guint64 index, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_READ_ENTRY, error);
  AirStoredEntry *entry;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, index);
  if (!air_store_next (self, statement, error))
    return NULL;
  entry = read_stored (self, statement, error);
  sqlite3_reset (statement);
  return entry;
}

/**
 * air_store_scan:
 * @self: a store
 * @first: index to begin at; looked at when the scan begins
 * @begin: whether this is the first call
 * @error: return location
 *
 * All entries from @first on, in order, one a call.
 *
 * Returns: (transfer full) (nullable): an entry; %NULL without an error at the end, or with an %AIR_STORE_ERROR
 */
AirStoredEntry *
air_store_scan (AirStore *self, guint64 first, gboolean begin, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_SCAN, error);

  if (statement == NULL)
    return NULL;
  if (begin)
    {
      sqlite3_reset (statement);
      sqlite3_bind_int64 (statement, 1, first);
    }
  return air_store_next (self, statement, error) ? read_stored (self, statement, error) : NULL;
}

/**
 * air_store_read_leaves:
 * @self: a store
 * @first: index of the first
 * @n: how many at most
 * @error: return location
 *
 * Returns: (transfer full) (element-type GBytes): leaves from @first on; or %NULL with an %AIR_STORE_ERROR
 */
GPtrArray *
air_store_read_leaves (AirStore *self, guint64 first, guint n, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_READ_LEAVES, error);
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) local = NULL;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, first);
  sqlite3_bind_int64 (statement, 2, n);
  while (air_store_next (self, statement, &local))
    {
      GBytes *leaf = read_leaf (self, statement, 0, &local);

      if (leaf == NULL)
        {
          sqlite3_reset (statement);
          break;
        }
      g_ptr_array_add (leaves, leaf);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_steal_pointer (&leaves);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const AirStoredEntry *x = *(AirStoredEntry *const *) a, *y = *(AirStoredEntry *const *) b;

  return x->index < y->index ? -1 : x->index > y->index;
}

/**
 * air_store_read_instance:
 * @self: a store
 * @head: index of the instance's last entry
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirStoredEntry): the instance's entries, oldest first; or %NULL with an
 *   %AIR_STORE_ERROR, _CORRUPT when one is missing
 */
GPtrArray *
air_store_read_instance (AirStore *self, gint64 head, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) air_stored_entry_free);

  for (gint64 index = head; index >= 0;)
    {
      g_autoptr (GError) local = NULL;
      AirStoredEntry *entry = air_store_read_entry (self, index, &local);

      if (entry == NULL || entry->prev >= index)
        {
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          else
            g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                         "entry %" G_GINT64_FORMAT " is missing or points forward; check the ledger with fsck", index);
          g_clear_pointer (&entry, air_stored_entry_free);
          return NULL;
        }
      index = entry->prev;
      g_ptr_array_add (entries, entry);
    }
  g_ptr_array_sort (entries, compare_entries);
  return g_steal_pointer (&entries);
}
