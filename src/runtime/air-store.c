/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ledger/air-entry.h"

/* "AIRL" */
#define APPLICATION_ID 0x4149524c
#define SCHEMA_VERSION 3

/* Version 3 has leaves and what is sealed in shorthand, beside those of older versions as they are.
 * What version 2 has more: who is to be woken when, and who holds which concurrency key, is found without reading of
 * all that wait; and so are the runs of a data subject, who is a keyed digest here. */
static const char schema_2[] =
    "CREATE INDEX instance_wake ON instance (wake) WHERE wake > 0;"
    "CREATE INDEX instance_key ON instance (key) WHERE open AND key IS NOT NULL;"
    "CREATE TABLE subject (digest TEXT, run TEXT, key INTEGER NOT NULL, PRIMARY KEY (digest, run)) WITHOUT ROWID;"
    "CREATE INDEX subject_run ON subject (run);";

/* An instance's entries are found by going back from its last one, so that appending touches no second tree of keys. */
static const char schema[] =
    "CREATE TABLE entry (idx INTEGER PRIMARY KEY, prev INTEGER, leaf BLOB NOT NULL,"
    " disclosures TEXT);" /* all of an entry that may ever change; of older versions in the clear, joined by '~' */
    "CREATE TABLE tile (level INTEGER, n INTEGER, hashes BLOB NOT NULL, PRIMARY KEY (level, n)) WITHOUT ROWID;"
    "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL);"
    "CREATE TABLE instance (id TEXT PRIMARY KEY, head INTEGER, count INTEGER, hash BLOB, state TEXT NOT NULL,"
    " open INTEGER, waiting TEXT, gate TEXT, outcome TEXT, dedup TEXT, key TEXT, wake INTEGER, started INTEGER,"
    " updated INTEGER) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX instance_dedup ON instance (dedup) WHERE dedup IS NOT NULL;"
    "CREATE INDEX instance_state ON instance (state, id);"
    "CREATE INDEX instance_open ON instance (id) WHERE open;"
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
    "CREATE TRIGGER entry_stays BEFORE UPDATE OF idx, prev, leaf ON entry BEGIN SELECT RAISE (ABORT, 'entries never "
    "change'); END;"
    "CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE (ABORT, 'entries never go'); END;"
    "CREATE TRIGGER checkpoint_stays BEFORE UPDATE ON checkpoint"
    " BEGIN SELECT RAISE (ABORT, 'checkpoints never change'); END;";

#define ROW_COLUMNS "id, head, count, hash, state, open, waiting, gate, outcome, dedup, key, wake, started, updated"

static const char *const texts[AIR_SQL_N] = {
  [AIR_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [AIR_SQL_COMMIT] = "COMMIT",
  [AIR_SQL_ROLLBACK] = "ROLLBACK",
  [AIR_SQL_PUT_ENTRY] = "INSERT INTO entry (idx, prev, leaf, disclosures) VALUES (?1, ?2, ?3, ?4)",
  [AIR_SQL_PUT_ROW] =
      "INSERT INTO instance (" ROW_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
      " ON CONFLICT (id) DO UPDATE SET head = ?2, count = ?3, hash = ?4, state = ?5, open = ?6, waiting = ?7,"
      " gate = ?8, outcome = ?9, wake = ?12, started = ?13, updated = ?14",
  [AIR_SQL_PUT_HEAD] = "UPDATE instance SET head = ?2, count = ?3, hash = ?4 WHERE id = ?1",
  [AIR_SQL_PUT_TILE] = "INSERT INTO tile (level, n, hashes) VALUES (?1, ?2, ?3)",
  [AIR_SQL_PUT_CHECKPOINT] = "INSERT INTO checkpoint (size, note) VALUES (?1, ?2)",
  [AIR_SQL_SET_NUMBER] = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
  [AIR_SQL_CLEAR_INDEX] = "DELETE FROM instance",
  [AIR_SQL_GET_SIZE] = "SELECT max (idx) FROM entry",
  [AIR_SQL_GET_NUMBER] = "SELECT value FROM meta WHERE name = ?1",
  [AIR_SQL_READ_ENTRY] = "SELECT idx, prev, leaf, disclosures FROM entry WHERE idx = ?1",
  [AIR_SQL_READ_LEAVES] = "SELECT leaf FROM entry WHERE idx >= ?1 ORDER BY idx LIMIT ?2",
  [AIR_SQL_SCAN] = "SELECT idx, prev, leaf, disclosures FROM entry WHERE idx >= ?1 ORDER BY idx",
  [AIR_SQL_SCAN_CHECKPOINTS] = "SELECT note, size FROM checkpoint ORDER BY size",
  [AIR_SQL_ERASE_ENTRY] = "UPDATE entry SET disclosures = NULL WHERE idx = ?1",
  [AIR_SQL_ERASE_ROW] = "UPDATE instance SET waiting = NULL, key = NULL, dedup = ?2 WHERE id = ?1",
  [AIR_SQL_READ_TILE] = "SELECT hashes FROM tile WHERE level = ?1 AND n = ?2",
  [AIR_SQL_READ_CHECKPOINT] = "SELECT note, size FROM checkpoint WHERE size <= ?1 ORDER BY size DESC LIMIT 1",
  [AIR_SQL_FIND_ROW] = "SELECT " ROW_COLUMNS " FROM instance WHERE id = ?1",
  [AIR_SQL_FIND_DEDUP] = "SELECT " ROW_COLUMNS " FROM instance WHERE dedup = ?1",
  [AIR_SQL_LIST_ROWS] =
      "SELECT " ROW_COLUMNS " FROM instance WHERE id < ?1 AND state <> 'system' ORDER BY id DESC LIMIT ?2",
  [AIR_SQL_LIST_STATE] = "SELECT " ROW_COLUMNS " FROM instance WHERE state = ?3 AND id < ?1 ORDER BY id DESC LIMIT ?2",
  [AIR_SQL_LIST_OPEN] = "SELECT " ROW_COLUMNS " FROM instance WHERE open AND id > ?1 ORDER BY id LIMIT ?2",
  [AIR_SQL_PUT_SUBJECT] =
      "INSERT INTO subject (digest, run, key) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET key = ?3",
  [AIR_SQL_LIST_SUBJECT] = "SELECT run FROM subject WHERE digest = ?1 AND (?2 = 0 OR key = ?2) ORDER BY run",
  [AIR_SQL_FIND_SUBJECT_KEY] = "SELECT key FROM subject WHERE digest = ?1 ORDER BY run DESC LIMIT 1",
  [AIR_SQL_FIND_SUBJECT] = "SELECT digest, key FROM subject WHERE run = ?1",
  [AIR_SQL_ERASE_SUBJECT] = "DELETE FROM subject WHERE run = ?1",
  [AIR_SQL_CLEAR_SUBJECTS] = "DELETE FROM subject",
  [AIR_SQL_LIST_STATE_UP] = "SELECT " ROW_COLUMNS " FROM instance WHERE state = ?3 AND id > ?1 ORDER BY id LIMIT ?2",
  [AIR_SQL_LIST_WAKES] = "SELECT id, wake FROM instance WHERE wake > 0 AND wake >= ?1 AND wake < ?2 ORDER BY wake",
  [AIR_SQL_FIND_HOLDER] = "SELECT id FROM instance WHERE key = ?1 AND open AND state <> 'received' LIMIT 1",
  [AIR_SQL_COUNT_STATES] = "SELECT state, count (*) FROM instance WHERE state <> 'system' GROUP BY state",
};

void
air_store_set_error (AirStore *self, int code, GError **error)
{
  const char *words = self->db != NULL ? sqlite3_errmsg (self->db) : sqlite3_errstr (code);
  AirStoreError kind;

  switch (code & 0xff)
    {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      kind = AIR_STORE_ERROR_FULL;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      kind = AIR_STORE_ERROR_BUSY;
      break;
    case SQLITE_IOERR:
      /* A write that failed is undone; a sync that failed is not to be trusted ever after. */
      kind = code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_TRUNCATE
                 ? AIR_STORE_ERROR_FULL
                 : AIR_STORE_ERROR_IO;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      kind = AIR_STORE_ERROR_CORRUPT;
      break;
    default:
      kind = AIR_STORE_ERROR_IO;
      break;
    }
  g_set_error (error, AIR_STORE_ERROR, kind, "the ledger's file: %s (SQLite %d)%s", words, code,
               kind == AIR_STORE_ERROR_FULL ? "; make space on the volume of the state directory" : "");
}

sqlite3_stmt *
air_store_statement (AirStore *self, AirSql sql, GError **error)
{
  int code;

  if (G_LIKELY (self->statements[sql] != NULL))
    return self->statements[sql];
  code = sqlite3_prepare_v3 (self->db, texts[sql], -1, SQLITE_PREPARE_PERSISTENT, &self->statements[sql], NULL);
  if (code != SQLITE_OK)
    air_store_set_error (self, code, error);
  return self->statements[sql];
}

gboolean
air_store_run (AirStore *self, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (G_UNLIKELY (code != SQLITE_DONE))
    air_store_set_error (self, sqlite3_extended_errcode (self->db), error);
  sqlite3_reset (statement);
  return code == SQLITE_DONE;
}

static gboolean
run_text (AirStore *self, const char *sql, GError **error)
{
  int code = sqlite3_exec (self->db, sql, NULL, NULL, NULL);

  if (code != SQLITE_OK)
    air_store_set_error (self, sqlite3_extended_errcode (self->db), error);
  return code == SQLITE_OK;
}

static gint64
pragma_int (AirStore *self, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64 value = -1;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step (statement) == SQLITE_ROW)
    value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

static gboolean
prepare_schema (AirStore *self, const char *path, gboolean read_only, GError **error)
{
  g_autofree char *setup = NULL;
  gint64 id = pragma_int (self, "PRAGMA application_id");
  gint64 version = pragma_int (self, "PRAGMA user_version");

  if (id == APPLICATION_ID && (version == SCHEMA_VERSION || (version >= 1 && version < SCHEMA_VERSION && read_only)))
    return TRUE;
  if (id == APPLICATION_ID && version >= 1 && version < SCHEMA_VERSION)
    {
      setup = g_strdup_printf ("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT;", version < 2 ? schema_2 : "",
                               SCHEMA_VERSION);
      return run_text (self, setup, error);
    }
  if (id != 0 || read_only || pragma_int (self, "SELECT count (*) FROM sqlite_master") != 0)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_OPEN,
                   "%s is not a ledger of this version (format %" G_GINT64_FORMAT
                   ", we read %d); give another state directory",
                   path, version, SCHEMA_VERSION);
      return FALSE;
    }
  setup = g_strdup_printf ("BEGIN IMMEDIATE; %s %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                           schema, schema_2, APPLICATION_ID, SCHEMA_VERSION);
  return run_text (self, setup, error);
}

/**
 * air_store_open:
 * @path: ledger.sqlite; made when it is not there and @read_only is unset
 * @read_only: whether it is for reading alone
 *
 * Returns: (transfer full): a connection, or NULL with AIR_STORE_ERROR
 */
AirStore *
air_store_open (const char *path, gboolean read_only, GError **error)
{
  g_autoptr (AirStore) self = g_new0 (AirStore, 1);
  g_autofree char *folder = NULL, *keys = NULL;
  int flags = SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  int code = sqlite3_open_v2 (path, &self->db, flags, NULL);

  self->scratch = g_byte_array_new ();
  self->wal = -1;
  if (code != SQLITE_OK)
    {
      g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_OPEN,
                   "%s: %s; check the state directory and its permissions", path,
                   self->db != NULL ? sqlite3_errmsg (self->db) : sqlite3_errstr (code));
      return NULL;
    }
  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_busy_timeout (self->db, 5000);
  /* The log of the database is never made smaller: writing over it costs less than growing it. */
  if (!read_only
      && !run_text (self,
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
                    "PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;"
                    "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;",
                    error))
    return NULL;
  if (!prepare_schema (self, path, read_only, error))
    return NULL;
  folder = g_path_get_dirname (path);
  keys = g_build_filename (folder, "subjects.keys", NULL);
  self->vault = air_vault_open (keys, read_only, error);
  return self->vault != NULL && air_store_reload_pepper (self, error) ? g_steal_pointer (&self) : NULL;
}

void
air_store_free (AirStore *self)
{
  for (guint i = 0; i < AIR_SQL_N; i++)
    sqlite3_finalize (self->statements[i]);
  if (self->db != NULL)
    sqlite3_close (self->db);
  if (self->wal >= 0)
    close (self->wal);
  air_vault_free (self->vault);
  g_byte_array_unref (self->scratch);
  g_free (self);
}

/* --- writing --- */

static gboolean
run_plain (AirStore *self, AirSql sql, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, sql, error);

  return statement != NULL && air_store_run (self, statement, error);
}

gboolean
air_store_begin (AirStore *self, GError **error)
{
  return run_plain (self, AIR_SQL_BEGIN, error);
}

gboolean
air_store_commit (AirStore *self, GError **error)
{
  return run_plain (self, AIR_SQL_COMMIT, error);
}

void
air_store_rollback (AirStore *self)
{
  if (!sqlite3_get_autocommit (self->db))
    run_plain (self, AIR_SQL_ROLLBACK, NULL);
}

static void
bind_text (sqlite3_stmt *statement, int position, const char *text)
{
  if (text != NULL)
    sqlite3_bind_text (statement, position, text, -1, SQLITE_STATIC);
  else
    sqlite3_bind_null (statement, position);
}

gboolean
air_store_put_row (AirStore *self, const AirIndexRow *row, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_PUT_ROW, error);

  if (statement == NULL)
    return FALSE;
  bind_text (statement, 1, row->id);
  sqlite3_bind_int64 (statement, 2, row->head);
  sqlite3_bind_int64 (statement, 3, row->count);
  sqlite3_bind_blob (statement, 4, row->hash.bytes, AIR_SHA256_SIZE, SQLITE_STATIC);
  bind_text (statement, 5, row->state);
  sqlite3_bind_int (statement, 6, row->open);
  bind_text (statement, 7, row->waiting);
  bind_text (statement, 8, row->gate);
  bind_text (statement, 9, row->outcome);
  bind_text (statement, 10, row->dedup);
  bind_text (statement, 11, row->key);
  sqlite3_bind_int64 (statement, 12, row->wake_us);
  sqlite3_bind_int64 (statement, 13, row->started_us);
  sqlite3_bind_int64 (statement, 14, row->updated_us);
  return air_store_run (self, statement, error);
}

gboolean
air_store_put_head (AirStore *self, const char *id, gint64 head, gint64 count, const AirDigest *hash, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_PUT_HEAD, error);

  if (statement == NULL)
    return FALSE;
  bind_text (statement, 1, id);
  sqlite3_bind_int64 (statement, 2, head);
  sqlite3_bind_int64 (statement, 3, count);
  sqlite3_bind_blob (statement, 4, hash->bytes, AIR_SHA256_SIZE, SQLITE_STATIC);
  return air_store_run (self, statement, error);
}

gboolean
air_store_put_tile (AirStore *self, guint level, guint64 index, const AirDigest hashes[256], GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_PUT_TILE, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int (statement, 1, level);
  sqlite3_bind_int64 (statement, 2, index);
  sqlite3_bind_blob (statement, 3, hashes, 256 * AIR_SHA256_SIZE, SQLITE_STATIC);
  return air_store_run (self, statement, error);
}

gboolean
air_store_put_checkpoint (AirStore *self, guint64 size, const char *note, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_PUT_CHECKPOINT, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, size);
  bind_text (statement, 2, note);
  return air_store_run (self, statement, error);
}

gboolean
air_store_set_number (AirStore *self, const char *name, guint64 value, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_SET_NUMBER, error);

  if (statement == NULL)
    return FALSE;
  bind_text (statement, 1, name);
  sqlite3_bind_int64 (statement, 2, value);
  return air_store_run (self, statement, error);
}

gboolean
air_store_set_indexed (AirStore *self, guint64 size, GError **error)
{
  return air_store_set_number (self, "indexed", size, error);
}

gboolean
air_store_clear_index (AirStore *self, GError **error)
{
  return run_plain (self, AIR_SQL_CLEAR_INDEX, error) && run_plain (self, AIR_SQL_CLEAR_SUBJECTS, error);
}

/* What an event of an erased run is known by. */
char *
air_store_blind (AirStore *self, const char *text, GError **error)
{
  AirDigest mac;
  g_autofree char *encoded = NULL;

  if (!air_vault_mac (self->vault, self->pepper, text, strlen (text), &mac, error))
    return NULL;
  encoded = air_base64url_encode (mac.bytes, sizeof mac.bytes);
  return g_strconcat ("erased:", encoded, NULL);
}

gboolean
air_store_reload_pepper (AirStore *self, GError **error)
{
  return air_store_get_number (self, "pepper", 0, &self->pepper, error);
}

static gboolean
need_pepper (AirStore *self, GError **error)
{
  if (!air_store_reload_pepper (self, error))
    return FALSE;
  if (self->pepper != 0)
    return TRUE;
  self->pepper = air_vault_take (self->vault, error);
  return self->pepper != 0 && air_store_set_number (self, "pepper", self->pepper, error);
}

gboolean
air_store_erase_row (AirStore *self, const char *id, GError **error)
{
  GError *failure = NULL;
  g_autoptr (AirIndexRow) row = air_store_find_row (self, id, &failure);
  g_autofree char *dedup = NULL;
  sqlite3_stmt *statement;

  if (row == NULL)
    {
      if (failure != NULL)
        g_propagate_error (error, failure);
      return failure == NULL;
    }
  if (row->dedup != NULL && g_str_has_prefix (row->dedup, "erased:"))
    dedup = g_strdup (row->dedup);
  else if (row->dedup != NULL
           && (!need_pepper (self, error) || (dedup = air_store_blind (self, row->dedup, error)) == NULL))
    return FALSE;
  statement = air_store_statement (self, AIR_SQL_ERASE_ROW, error);
  if (statement == NULL)
    return FALSE;
  bind_text (statement, 1, id);
  bind_text (statement, 2, dedup);
  if (!air_store_run (self, statement, error)
      || (statement = air_store_statement (self, AIR_SQL_ERASE_SUBJECT, error)) == NULL)
    return FALSE;
  bind_text (statement, 1, id);
  return air_store_run (self, statement, error);
}

/* Readers hold the log only while they step a statement; who is slower than this is no reader of ours. */
gboolean
air_store_flush_log (AirStore *self, GError **error)
{
  int code = sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

  if (code != SQLITE_OK)
    air_store_set_error (self, code, error);
  return code == SQLITE_OK;
}

gboolean
air_store_destroy_key (AirStore *self, guint64 number, GError **error)
{
  return air_vault_destroy (self->vault, number, error);
}

/**
 * air_store_put_subject:
 * @self: a store
 * @digest: what the data subject is known by
 * @run: a run that holds its data
 * @key: number of its key
 * @error: return location
 *
 * Kept until the run is erased.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean
air_store_put_subject (AirStore *self, const char *digest, const char *run, guint64 key, GError **error)
{
  sqlite3_stmt *statement = air_store_statement (self, AIR_SQL_PUT_SUBJECT, error);

  if (statement == NULL)
    return FALSE;
  bind_text (statement, 1, digest);
  bind_text (statement, 2, run);
  sqlite3_bind_int64 (statement, 3, key);
  return air_store_run (self, statement, error);
}

/**
 * air_store_digest_subject:
 * @self: a store
 * @pepper: number of the key that digests are made under
 * @subject: a data subject
 * @error: return location
 *
 * Returns: (transfer full): what it is known by, or %NULL with an %AIR_STORE_ERROR
 */
char *
air_store_digest_subject (AirStore *self, guint64 pepper, const char *subject, GError **error)
{
  AirDigest mac;

  if (!air_vault_mac (self->vault, pepper, subject, strlen (subject), &mac, error))
    return NULL;
  return air_base64url_encode (mac.bytes, sizeof mac.bytes);
}

/* --- durability --- */

gboolean
air_store_set_synced (AirStore *self, gboolean synced, GError **error)
{
  return run_text (self,
                   synced ? "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000"
                          : "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0",
                   error);
}

/* The log holds all that the database does not hold durably; syncing it is enough, and no reader can stand in the way. */
gboolean
air_store_sync (AirStore *self, GError **error)
{
  if (self->wal < 0)
    {
      g_autofree char *path = g_strconcat (sqlite3_db_filename (self->db, "main"), "-wal", NULL);

      self->wal = open (path, O_RDONLY | O_CLOEXEC);
      if (self->wal < 0 && errno == ENOENT)
        return TRUE;
    }
  if (self->wal >= 0 && fdatasync (self->wal) == 0)
    return TRUE;
  g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "the ledger's log cannot be synced: %s", g_strerror (errno));
  return FALSE;
}

/* Moves the log into the database, as far as readers let it, so that the log begins anew. */
gboolean
air_store_checkpoint (AirStore *self, GError **error)
{
  int code = sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
    return TRUE;
  air_store_set_error (self, sqlite3_extended_errcode (self->db), error);
  return FALSE;
}

static char *
schema_of (sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  GString *text = g_string_new (NULL);

  if (sqlite3_prepare_v2 (db, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name", -1, &statement,
                          NULL)
      == SQLITE_OK)
    while (sqlite3_step (statement) == SQLITE_ROW)
      for (int i = 0; i < 4; i++)
        g_string_append_printf (text, "%s\n", (const char *) sqlite3_column_text (statement, i));
  sqlite3_finalize (statement);
  return g_string_free_and_steal (text);
}

/* Tables, indices and the triggers that keep entries from changing are those this program makes. */
gboolean
air_store_has_schema (AirStore *self)
{
  sqlite3 *fresh = NULL;
  g_autofree char *wanted = NULL, *found = schema_of (self->db);

  if (sqlite3_open (":memory:", &fresh) == SQLITE_OK && sqlite3_exec (fresh, schema, NULL, NULL, NULL) == SQLITE_OK
      && (pragma_int (self, "PRAGMA user_version") < 2
          || sqlite3_exec (fresh, schema_2, NULL, NULL, NULL) == SQLITE_OK))
    wanted = schema_of (fresh);
  sqlite3_close (fresh);
  return g_strcmp0 (wanted, found) == 0;
}
