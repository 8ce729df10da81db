/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "base/air-value.h"
#include "ledger/air-entry.h"
#include "runtime/air-shorthand.h"
#include "runtime/air-store.h"
#include "runtime/air-vault.h"

#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static GBytes *
read_back (const GByteArray *shorthand, gsize most, GError **error)
{
  return air_shorthand_read (shorthand->data, shorthand->len, most, error);
}

/* Returns how many bytes it took. */
static guint
check_text (const char *text, gsize length)
{
  g_autoptr (GByteArray) shorthand = g_byte_array_new ();
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;

  air_shorthand_write (shorthand, text, length);
  again = read_back (shorthand, length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), text, length);
  return shorthand->len;
}

static const struct {
  const char *text;
  guint most; /* bytes */
} texts[] = {
  { "", 1 },
  { "{}", 3 },
  { "\"" HASH "\"", 1 + 35 },
  { "\"sha256:" HASH "\"", 1 + 35 },
  { "\"aD0KrexTqCjR3cdIPE1EDmnuYvWRjLLgQMyVrjYwxSA\"", 1 + 35 },
  { "\"detuxusn7ucgbrjpgfsyf4jcka62uynu\"", 1 + 23 },
  { "\"01M8K8SYGNRVMWJ73YT4QYG8NG\"", 1 + 19 },
  { "\"process/01M8K8SYGNRVMWJ73YT4QYG8NG\"", 1 + 27 },
  { "\"01M8K8SYGNRVMWJ73YT4QYG8NG/approval\"", 1 + 28 },
  { "\"2026-11-29T09:05:02.999Z\"", 1 + 9 },
  { "\"2ikb7X8r2tBnr815ZOFSAg\"", 1 + 19 },
  /* Nearly one of them, so that the bytes would not say the text. */
  { "\"9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"", 100 },
  { "\"sha512:" HASH "\"", 100 },
  { "\"aD0KrexTqCjR3cdIPE1EDmnuYvWRjLLgQMyVrjYwxSB\"", 100 },
  { "\"81M8K8SYGNRVMWJ73YT4QYG8NG\"", 100 },
  { "\"01M8K8SYGNRVMWJ73YT4QYG8NU\"", 100 },
  { "\"2ikb7X8r2tBnr815ZOFSAh\"", 100 },
  { "\"2026-11-29t09:05:02.999Z\"", 100 },
  { "\"2026-11-29T09:05:02.999z\"", 100 },
  { "\"2026-02-30T09:05:02.999Z\"", 100 },
  { "\"1969-12-31T23:59:59.999Z\"", 100 },
  { "\"2026-11-29T09:05:02+99:0\"", 100 },
  { "\"9999-12-31T23:59:59.999Z\"", 1 + 9 },
  { HASH, 100 },
  { "\"" HASH, 100 },
  { "\"Grüße aus Köln, \xf0\x9f\x9a\x82\x7f\x01\"", 60 },
};

static void
test_texts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      guint took = check_text (texts[i].text, strlen (texts[i].text));

      g_test_message ("%s: %u bytes", texts[i].text, took);
      g_assert_cmpuint (took, <=, texts[i].most);
    }
}

/* Any bytes come back, those of JSON cut up anywhere among them. */
static void
test_any_bytes (void)
{
  static const char *const pieces[] = {
    "{\"_sd\":[\"", "\"],\"_sd_alg\":\"sha-256\",\"", HASH, "\"", "\",\"type\":\"",
    "sha256:",      "01M8K8SYGNRVMWJ73YT4QYG8NG",     "/",  "-",  "2026-11-29T09:05:02.999Z"
  };

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (int n = g_test_rand_int_range (0, 8); n > 0; n--)
        if (g_test_rand_bit ())
          {
            const char *piece = pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))];

            g_string_append_len (text, piece, g_test_rand_int_range (0, strlen (piece) + 1));
          }
        else
          g_string_append_c (text, g_test_rand_int_range (0, 256));
      check_text (text->str, text->len);
    }
}

/* An entry takes less than half. */
static void
test_entry (void)
{
  static const char leaf[] =
      "{\"_sd\":[\"aD0KrexTqCjR3cdIPE1EDmnuYvWRjLLgQMyVrjYwxSA\"],\"_sd_alg\":\"sha-256\",\"attempt\":1,\"idem\":"
      "\"detuxusn7ucgbrjpgfsyf4jcka62uynu\",\"instance\":\"01M8K8SYGNRVMWJ73YT4QYG8NG\",\"node\":\"refund\","
      "\"operation\":"
      "\"payments.refund.create@1.0.0\",\"prev\":\"" HASH "\",\"purpose\":\"execute\",\"seq\":4,\"time\":"
      "\"2026-11-29T09:05:02.999Z\",\"type\":\"TOOL_ACTION_STARTED\",\"v\":1}";

  g_assert_cmpuint (check_text (leaf, strlen (leaf)) * 2, <, strlen (leaf));
}

/* What no text is written as is refused, or reads as a text; never past its end, never more than asked for. */
static void
test_damaged (void)
{
  g_autoptr (GByteArray) shorthand = g_byte_array_new ();
  const char text[] = "{\"_sd\":[\"aD0KrexTqCjR3cdIPE1EDmnuYvWRjLLgQMyVrjYwxSA\"],\"_sd_alg\":\"sha-256\",\"at\":"
                      "\"2026-11-29T09:05:02.999Z\",\"name\":\"Köln\",\"prev\":\"" HASH "\",\"v\":1}";

  air_shorthand_write (shorthand, text, strlen (text));
  for (guint cut = 0; cut < shorthand->len; cut++)
    {
      g_autofree guint8 *copy = g_memdup2 (shorthand->data, cut);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) read = air_shorthand_read (copy, cut, sizeof text, &error);

      g_assert_true ((read == NULL) == (error != NULL));
      g_assert_true (read == NULL || g_bytes_get_size (read) < strlen (text));
    }
  for (guint at = 0; at < shorthand->len; at++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree guint8 *copy = g_memdup2 (shorthand->data, shorthand->len);
        g_autoptr (GError) error = NULL;
        g_autoptr (GBytes) read = NULL;

        copy[at] ^= 1 << bit;
        read = air_shorthand_read (copy, shorthand->len, sizeof text, &error);
        g_assert_true ((read == NULL) == (error != NULL));
        /* Every flip shows. */
        g_assert_true (read == NULL || g_bytes_get_size (read) != strlen (text)
                       || memcmp (g_bytes_get_data (read, NULL), text, strlen (text)) != 0);
      }
  for (guint most = 0; most < strlen (text); most++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_back (shorthand, most, &error));
      g_assert_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT);
    }
}

/* --- rows of older versions --- */

static void
run_sql (sqlite3 *db, const char *sql)
{
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

/* Leaves and disclosures as version 2 wrote them, in the clear and sealed, are read beside those of this one. */
static void
test_older_rows (void)
{
  static const char disclosure[] = "WyJSLTM0VE50Q0RlcnJORFBjbkZqSTlnIiwiYXBwcm92ZXJfZW1haWwiLCJhbmFAZXhhbXBsZS5jb20iXQ";
  static const char leaf[] = "{\"instance\":\"01M8K8SYGNRVMWJ73YT4QYG8NG\",\"seq\":0,\"v\":1}";
  g_autofree char *folder = g_dir_make_tmp ("shorthand-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "ledger.sqlite", NULL),
                  *keys = g_build_filename (folder, "subjects.keys", NULL);
  g_autoptr (GPtrArray) disclosures = g_ptr_array_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (leaf, strlen (leaf)), packed = NULL, sealed = NULL;
  g_autoptr (GByteArray) row = g_byte_array_new ();
  g_autoptr (AirStore) store = NULL;
  g_autoptr (GError) error = NULL;
  AirDigest hash = air_entry_leaf_hash (leaf, strlen (leaf));
  AirVault *vault;
  sqlite3_stmt *put;
  sqlite3 *db;
  guint64 key, number = 0;

  g_ptr_array_add (disclosures, (gpointer) disclosure);
  packed = air_disclosures_pack (disclosures, &error);
  g_assert_no_error (error);
  store = air_store_open (path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (air_store_begin (store, &error));
  g_assert_true (air_store_put_entry (store, 0, -1, bytes, disclosures, &number, &error));
  g_assert_true (air_store_put_entry (store, 1, -1, bytes, disclosures, NULL, &error));
  g_assert_true (air_store_commit (store, &error));
  g_clear_pointer (&store, air_store_free);

  vault = air_vault_open (keys, FALSE, &error);
  g_assert_no_error (error);
  key = air_vault_take (vault, &error);
  sealed = air_vault_seal (vault, (AirSealKey) { key, 0 }, &hash, g_bytes_get_data (packed, NULL),
                           g_bytes_get_size (packed), &error);
  g_assert_no_error (error);
  air_vault_free (vault);
  g_assert_cmpuint (key, <, 0x80);
  g_byte_array_append (row, &(guint8) { key }, 1);
  g_byte_array_append (row, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed));
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_prepare_v2 (db, "INSERT INTO entry (idx, leaf, disclosures) VALUES (?1, ?2, ?3)", -1, &put, NULL), ==,
      SQLITE_OK);
  for (guint i = 2; i < 4; i++)
    {
      sqlite3_bind_int64 (put, 1, i);
      sqlite3_bind_blob (put, 2, leaf, strlen (leaf), SQLITE_STATIC);
      if (i == 2)
        sqlite3_bind_text (put, 3, disclosure, -1, SQLITE_STATIC);
      else
        sqlite3_bind_blob (put, 3, row->data, row->len, SQLITE_STATIC);
      g_assert_cmpint (sqlite3_step (put), ==, SQLITE_DONE);
      sqlite3_reset (put);
    }
  sqlite3_finalize (put);
  run_sql (db, "PRAGMA user_version = 2");
  sqlite3_close (db);

  for (guint read_only = 0; read_only < 2; read_only++)
    {
      store = air_store_open (path, !read_only, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < 4; i++)
        {
          g_autoptr (AirStoredEntry) entry = air_store_read_entry (store, i, &error);

          g_assert_no_error (error);
          g_assert_cmpmem (g_bytes_get_data (entry->leaf, NULL), g_bytes_get_size (entry->leaf), leaf, strlen (leaf));
          g_assert_cmpuint (entry->disclosures->len, ==, 1);
          g_assert_cmpstr (entry->disclosures->pdata[0], ==, disclosure);
          g_assert_cmpuint (entry->key.run != 0, ==, i == 0 || i == 3);
        }
      g_clear_pointer (&store, air_store_free);
    }
  g_unlink (path);
  g_unlink (keys);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runtime/shorthand/texts", test_texts);
  g_test_add_func ("/runtime/shorthand/any-bytes", test_any_bytes);
  g_test_add_func ("/runtime/shorthand/entry", test_entry);
  g_test_add_func ("/runtime/shorthand/damaged", test_damaged);
  g_test_add_func ("/runtime/shorthand/older-rows", test_older_rows);
  return g_test_run ();
}
