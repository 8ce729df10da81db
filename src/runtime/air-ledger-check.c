/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-ledger-check.h"

#include <string.h>

#include "ledger/air-tiles.h"
#include "ledger/air-timestamp.h"
#include "runtime/air-store-private.h"
#include "runtime/air-tree-store.h"

#define NO_INDEX    G_MAXUINT64
#define TILE_HEIGHT 8
#define MAX_WORDS   1000

/* A whole ledger as the store keeps it. */
typedef struct {
  AirStore *store;
  GPtrArray *checkpoints;             /* char *, by size, then those from elsewhere */
  AirDigest (*tiles)[AIR_TILE_WIDTH]; /* of each level the one being filled */
  GPtrArray *words;                   /* char *: what is wrong with how the ledger is stored */
  guint n_issued;
  guint64 size;
  AirProgressFunc progress;
  gpointer progress_data;
} Source;

static void add_words (Source *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_words (Source *self, const char *format, ...)
{
  va_list args;

  if (self->words->len >= MAX_WORDS)
    return;
  va_start (args, format);
  g_ptr_array_add (self->words, g_strdup_vprintf (format, args));
  va_end (args);
}

static gboolean
is_corrupt (const GError *error)
{
  return g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT);
}

static GBytes *
read_entry (gpointer user_data,
            guint64 index,
            GPtrArray **ret_disclosures,
            char **ret_unreadable,
            gint64 *ret_link,
            GError **error)
{
  Source *self = user_data;
  g_autoptr (GError) local = NULL;
  g_autoptr (AirStoredEntry) entry = air_store_scan (self->store, 0, index == 0, &local);

  if (entry == NULL && local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (entry == NULL || entry->index != index)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                   "it is missing; restore the state folder from a copy");
      return NULL;
    }
  if (entry->unreadable != NULL)
    *ret_unreadable = g_steal_pointer (&entry->unreadable);
  if (entry->disclosures != NULL)
    *ret_disclosures = g_ptr_array_ref (entry->disclosures);
  *ret_link = entry->prev;
  return g_bytes_ref (entry->leaf);
}

static GBytes *
read_leaf (gpointer user_data, guint64 index, GError **error)
{
  Source *self = user_data;
  g_autoptr (GError) local = NULL;
  g_autoptr (AirStoredEntry) entry = air_store_read_entry (self->store, index, &local);

  if (entry != NULL)
    return g_bytes_ref (entry->leaf);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                 "it is missing; restore the state folder from a copy");
  return NULL;
}

static char *
read_checkpoint (gpointer user_data, guint i, GError **error)
{
  Source *self = user_data;

  return i < self->checkpoints->len ? g_strdup (self->checkpoints->pdata[i]) : NULL;
}

static void
chained (gpointer user_data, guint64 index, const AirEntry *entry, gint64 link, gint64 previous)
{
  Source *self = user_data;

  if (link != previous)
    add_words (self,
               "entry %" G_GUINT64_FORMAT ": its link goes to entry %" G_GINT64_FORMAT
               ", the entry before it of %s is %" G_GINT64_FORMAT,
               index, link, air_entry_get_instance (entry), previous);
}

static void
completed (guint level, guint64 index, const AirDigest *hash, gpointer user_data)
{
  Source *self = user_data;
  guint tile_level = level / TILE_HEIGHT, column = index % AIR_TILE_WIDTH;
  AirDigest stored[AIR_TILE_WIDTH];
  g_autoptr (GError) error = NULL;

  if (level % TILE_HEIGHT != 0 || tile_level >= AIR_TREE_TILE_LEVELS)
    return;
  self->tiles[tile_level][column] = *hash;
  if (column < AIR_TILE_WIDTH - 1)
    return;
  if (!air_store_read_tile (self->store, tile_level, index / AIR_TILE_WIDTH, stored, &error))
    add_words (self, "%s", error->message);
  else if (memcmp (stored, self->tiles[tile_level], sizeof stored) != 0)
    add_words (self,
               "tile %u/%" G_GUINT64_FORMAT ": its hashes are not those of the entries; proofs from it would not hold: "
               "restore the state folder from a copy",
               tile_level, index / AIR_TILE_WIDTH);
}

static void
progressed (gpointer user_data, guint64 n_read)
{
  Source *self = user_data;

  if (self->progress != NULL)
    self->progress (n_read, self->size, self->progress_data);
}

static gboolean
collect_checkpoints (Source *self, GPtrArray *heads, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint64 size;
  char *note;

  while ((note = air_store_scan_checkpoints (self->store, self->checkpoints->len == 0, &size, &local)) != NULL)
    {
      g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_open (note, strlen (note), NULL, NULL, NULL);

      if (checkpoint != NULL && checkpoint->size != size)
        add_words (self, "checkpoint %u: it stands at size %" G_GUINT64_FORMAT " and says %" G_GUINT64_FORMAT,
                   self->checkpoints->len, size, checkpoint->size);
      g_ptr_array_add (self->checkpoints, note);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  self->n_issued = self->checkpoints->len;
  for (guint i = 0; heads != NULL && i < heads->len; i++)
    g_ptr_array_add (self->checkpoints, g_strdup (heads->pdata[i]));
  return TRUE;
}

/* --- the file itself ------------------------------------------------------------- */

/* SQLite's own check: pages, order of keys, indices against tables. */
static void
check_file (Source *self)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->store->db, "PRAGMA integrity_check (100)", -1, &statement, NULL);

  while (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      const char *words = (const char *) sqlite3_column_text (statement, 0);

      if (g_strcmp0 (words, "ok") != 0)
        add_words (self, "the ledger's file: %s", words);
      code = SQLITE_OK;
    }
  if (code != SQLITE_DONE)
    add_words (self, "the ledger's file: %s", sqlite3_errmsg (self->store->db));
  sqlite3_finalize (statement);
}

/* --- beside the store --------------------------------------------------------------- */

static void
add_head (Source *self, const char *path)
{
  g_autofree char *note = NULL;

  if (g_file_get_contents (path, &note, NULL, NULL))
    g_ptr_array_add (self->checkpoints, g_steal_pointer (&note));
}

/* A stamp must be of the head beside it. Whose it is, who pins an authority judges. */
static void
check_stamp (Source *self, const char *path)
{
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".tsr"));
  g_autofree char *head = g_strconcat (stem, ".checkpoint", NULL), *note = NULL, *data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AirTimestamp) stamp = NULL;
  g_autoptr (GError) error = NULL;
  gsize note_length, length;
  AirDigest digest;

  if (!g_file_get_contents (path, &data, &length, &error) || !g_file_get_contents (head, &note, &note_length, &error))
    {
      add_words (self, "%s", error->message);
      return;
    }
  bytes = g_bytes_new (data, length);
  digest = air_sha256 (note, note_length);
  stamp = air_timestamp_parse (bytes, &error);
  if (stamp == NULL || !air_digest_equal (&stamp->imprint, &digest))
    add_words (self, "%s: %s", path, stamp == NULL ? error->message : "it stamps another head than the one beside it");
}

/* The heads that were cosigned and stamped: the ledger must contain them all. */
static void
collect_kept_heads (Source *self, const char *state)
{
  g_autofree char *cosigned = g_build_filename (state, "cosigned", NULL);
  g_autofree char *folder = g_build_filename (state, "timestamps", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  add_head (self, cosigned);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".checkpoint"))
        add_head (self, path);
      else if (g_str_has_suffix (name, ".tsr"))
        check_stamp (self, path);
    }
}

/* --- the index of instances --------------------------------------------------------- */

/* What a row says of entries must be true; only the newest entries of an open run may not be in it yet. */
static void
check_row (Source *self, const AirFsckReport *report, const AirIndexRow *row)
{
  const AirFsckInstance *instance = g_hash_table_lookup (report->instances, row->id);
  g_autoptr (AirStoredEntry) stored = NULL;
  g_autoptr (AirEntry) entry = NULL;

  if (instance == NULL)
    {
      add_words (self, "index: %s has no entries", row->id);
      return;
    }
  if (row->head == (gint64) instance->last && row->count == instance->count
      && air_digest_equal (&row->hash, &instance->hash))
    {
      if (row->open != !instance->closed && strcmp (row->state, "system") != 0)
        add_words (self, "index: %s is %s, its entries say otherwise", row->id, row->open ? "open" : "closed");
      return;
    }
  stored = row->head >= 0 ? air_store_read_entry (self->store, row->head, NULL) : NULL;
  entry = stored != NULL ? air_entry_parse (stored->leaf, NULL) : NULL;
  if (entry == NULL || strcmp (air_entry_get_instance (entry), row->id) != 0
      || air_entry_get_seq (entry) + 1 != row->count || !air_digest_equal (air_entry_get_hash (entry), &row->hash)
      || (!row->open && strcmp (row->state, "system") != 0))
    add_words (self, "index: the head of %s is none of its entries; the index can be made anew from them", row->id);
}

static gboolean
check_index (Source *self, const AirFsckReport *report, GError **error)
{
  static const char *const states[] = { NULL, "system" };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *after = NULL;

      for (;;)
        {
          g_autoptr (GPtrArray) rows = air_store_list_rows (self->store, states[i], after, 1000, error);

          if (rows == NULL)
            return FALSE;
          for (guint j = 0; j < rows->len; j++)
            check_row (self, report, rows->pdata[j]);
          if (rows->len < 1000)
            break;
          g_set_str (&after, ((AirIndexRow *) rows->pdata[rows->len - 1])->id);
        }
    }
  return TRUE;
}

static AirFsckReport *
check_all (Source *self, const char *state, const AirTlogPolicy *policy, GPtrArray *heads, GError **error)
{
  AirLedgerReader reader = { .holds_disclosures = TRUE,
                             .read_entry = read_entry,
                             .read_leaf = read_leaf,
                             .read_checkpoint = read_checkpoint,
                             .completed = completed,
                             .chained = chained,
                             .progress = progressed,
                             .user_data = self };
  g_autoptr (AirFsckReport) report = NULL;

  /* One look at one state of the file: a runtime may be at work. */
  if (sqlite3_exec (self->store->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
    add_words (self, "the ledger's file: %s", sqlite3_errmsg (self->store->db));
  check_file (self);
  if (!air_store_has_schema (self->store))
    add_words (self,
               "the ledger's file: its tables, indices and triggers are not those of this version: somebody changed "
               "them");
  if (!collect_checkpoints (self, heads, error))
    return NULL;
  collect_kept_heads (self, state);
  if (!air_store_get_size (self->store, &reader.size, error))
    return NULL;
  reader.n_issued = self->n_issued;
  self->size = reader.size;
  report = air_fsck (&reader, policy, error);
  if (report == NULL || !check_index (self, report, error))
    return NULL;
  for (guint i = 0; i < self->words->len; i++)
    air_fsck_report_add (report, NO_INDEX, "%s", (char *) self->words->pdata[i]);
  return g_steal_pointer (&report);
}

/**
 * air_ledger_check:
 * @state: the folder
 * @policy: whose checkpoints to believe
 * @heads: (nullable) (element-type utf8): signed checkpoints somebody kept elsewhere: the ledger must contain those
 *   too
 * @progress: (nullable): told now and then
 * @user_data: for @progress
 * @error: return location
 *
 * Checks all of a runtime's state folder: the file's own structure, the entries as air_fsck() does, the tiles, the
 * links and the index of instances, the keys of the disclosures. Nothing is written.
 *
 * Returns: (transfer full): what was found; or %NULL with %AIR_STORE_ERROR_CORRUPT for a ledger that is damaged beyond
 *   reading, %AIR_STORE_ERROR_OPEN for one that is no ledger
 */
AirFsckReport *
air_ledger_check (const char *state,
                  const AirTlogPolicy *policy,
                  GPtrArray *heads,
                  AirProgressFunc progress,
                  gpointer user_data,
                  GError **error)
{
  g_autofree char *path = g_build_filename (state, "ledger.sqlite", NULL);
  g_autoptr (AirStore) store = air_store_open (path, /* read_only= */ TRUE, error);
  g_autoptr (GPtrArray) checkpoints = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree AirDigest (*tiles)[AIR_TILE_WIDTH] = NULL;
  Source source = {
    .store = store, .checkpoints = checkpoints, .words = words, .progress = progress, .progress_data = user_data
  };
  AirFsckReport *report;
  GError *failure = NULL;

  if (store == NULL)
    return NULL;
  store->lenient = TRUE;
  source.tiles = tiles = g_malloc0 (AIR_TREE_TILE_LEVELS * sizeof *tiles);
  report = check_all (&source, state, policy, heads, &failure);
  if (report != NULL)
    return report;
  /* What was found before says where the damage begins. */
  if (is_corrupt (failure) && words->len > 0)
    g_prefix_error (&failure, "%s; ", (char *) words->pdata[0]);
  g_propagate_error (error, failure);
  return NULL;
}
