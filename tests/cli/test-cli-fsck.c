/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <sqlite3.h>

#include "base/air-clock.h"
#include "cli-fixture.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-entry.h"
#include "ledger/air-tree.h"
#include "runtime/air-store.h"

#define ORIGIN "airails.example/demo/refunds"

/* A state folder as the runtime leaves one: a run that is over, checkpoints after 2 and 3 entries. Gives the vkey. */
static char *
make_state (Cli *cli)
{
  g_autofree char *path = cli_path (cli, "state/ledger.sqlite");
  static const char *const types[] = { AIR_ENTRY_TRIGGER_RECEIVED, AIR_ENTRY_STEP_DECIDED,
                                       AIR_ENTRY_WORKFLOW_COMPLETED };
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_autoptr (AirSeededRandom) random = air_seeded_random_new (1);
  g_autoptr (AirMemoryTree) tree = air_memory_tree_new ();
  g_autoptr (AirStore) store = NULL;
  g_autoptr (AirVkey) vkey = NULL;
  g_autoptr (GError) error = NULL;
  AirChainHead head = { 0 };
  guint64 subject = 0;

  cli_write (cli, "state/address", "127.0.0.1:1");
  store = air_store_open (path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (air_store_begin (store, &error));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (AirValue) members = air_map_new (), disclosed = air_map_new ();
      g_autoptr (AirSealedEntry) entry = NULL;

      if (i == 2)
        {
          air_map_set_string (members, "outcome", "refunded");
          air_map_set_int (members, "count", 3);
        }
      air_map_set_int (disclosed, "output", i);
      entry = air_entry_seal (&head, "01JD9ZK3", types[i], members, disclosed, G_GINT64_CONSTANT (1795339800000000) + i,
                              air_seeded_random_get (random), &error);
      g_assert_no_error (error);
      air_store_put_entry (store, i, (gint64) i - 1, entry->leaf, entry->disclosures, &subject, &error);
      g_assert_no_error (error);
      air_memory_tree_append (tree, &entry->hash);
      if (i >= 1)
        {
          AirDigest root = air_memory_tree_get_root (tree);
          g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_new (ORIGIN, i + 1, &root);
          g_autofree char *note = air_checkpoint_sign (checkpoint, key, &error);

          air_store_put_checkpoint (store, i + 1, note, &error);
          g_assert_no_error (error);
        }
    }
  g_assert_true (air_store_commit (store, &error));
  vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), &error);
  g_assert_no_error (error);
  return air_vkey_to_string (vkey);
}

/* As somebody does who has the disk, past the store's own triggers. */
static void
tamper (Cli *cli, const char *sql)
{
  g_autofree char *path = cli_path (cli, "state/ledger.sqlite"), *names = NULL;
  sqlite3_stmt *statement;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  for (;;)
    {
      g_autofree char *drop = NULL;

      g_assert_cmpint (
          sqlite3_prepare_v2 (db, "SELECT name FROM sqlite_master WHERE type = 'trigger'", -1, &statement, NULL), ==,
          SQLITE_OK);
      if (sqlite3_step (statement) == SQLITE_ROW)
        drop = g_strdup_printf ("DROP TRIGGER \"%s\"", (const char *) sqlite3_column_text (statement, 0));
      sqlite3_finalize (statement);
      if (drop == NULL)
        break;
      g_assert_cmpint (sqlite3_exec (db, drop, NULL, NULL, NULL), ==, SQLITE_OK);
    }
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_changes (db), >, 0);
  sqlite3_close (db);
}

static void
test_good (Cli *cli, gconstpointer data)
{
  g_autofree char *vkey = make_state (cli);

  cli_run (cli, 0, "ledger", "fsck", "state", "--key", vkey, NULL);
  cli_assert_out (cli, "0 faults");
  cli_assert_out (cli, "2 checkpoints");
  cli_write (cli, "log.vkey", vkey);
  cli_run (cli, 0, "ledger", "fsck", "state", "--key", "log.vkey", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_true (air_map_get_bool (value, "passed", FALSE));
    g_assert_cmpint (air_map_get_int (value, "entries", 0), ==, 3);
    g_assert_cmpint (air_map_get_int (value, "closed", 0), ==, 1);
    g_assert_cmpint (air_map_get_int (value, "disclosures", 0), ==, 3);
  }
}

static void
test_tampered (Cli *cli, gconstpointer data)
{
  g_autofree char *vkey = make_state (cli);

  tamper (cli, data);
  cli_run (cli, 1, "ledger", "fsck", "state", "--key", vkey, NULL);
  g_assert_null (strstr (cli->out, "\n0 faults"));
}

/* More entries than a tile holds, written as the runtime's own writer does. */
static void
make_large_state (Cli *cli, guint n)
{
  g_autofree char *path = cli_path (cli, "state/ledger.sqlite");
  g_autoptr (AirSeededRandom) random = air_seeded_random_new (1);
  g_autoptr (AirStore) store = NULL;
  g_autoptr (GError) error = NULL;
  AirChainHead head = { 0 };
  AirDigest hashes[256];

  cli_write (cli, "state/address", "127.0.0.1:1");
  store = air_store_open (path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (air_store_begin (store, &error));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (AirValue) members = air_map_new ();
      g_autoptr (AirSealedEntry) entry =
          air_entry_seal (&head, "01JD9ZK3", i == 0 ? AIR_ENTRY_TRIGGER_RECEIVED : AIR_ENTRY_STEP_DECIDED, members,
                          NULL, G_GINT64_CONSTANT (1795339800000000) + i, air_seeded_random_get (random), &error);

      g_assert_no_error (error);
      g_assert_true (air_store_put_entry (store, i, (gint64) i - 1, entry->leaf, NULL, NULL, &error));
      hashes[i % 256] = entry->hash;
      if (i % 256 == 255)
        g_assert_true (air_store_put_tile (store, 0, i / 256, hashes, &error));
    }
  g_assert_true (air_store_commit (store, &error));
}

static void
test_tiles (Cli *cli, gconstpointer data)
{
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_autoptr (AirVkey) vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), NULL);
  g_autofree char *text = air_vkey_to_string (vkey);

  make_large_state (cli, 600);
  cli_run (cli, 0, "ledger", "fsck", "state", "--key", text, NULL);
  tamper (cli, "UPDATE tile SET hashes = (SELECT hashes FROM tile WHERE n = 0) WHERE n = 1");
  cli_run (cli, 1, "ledger", "fsck", "state", "--key", text, NULL);
  cli_assert_out (cli, "tile 0/1: its hashes are not those of the entries");
  tamper (cli, "DELETE FROM tile WHERE n = 0");
  cli_run (cli, 1, "ledger", "fsck", "state", "--key", text, NULL);
  cli_assert_out (cli, "tile 0/0 is missing");
  /* Whoever got past the triggers left that behind. */
  cli_assert_out (cli, "its tables, indices and triggers are not those");
  cli_assert_out (cli, "3 faults");
}

static void
test_other_key (Cli *cli, gconstpointer data)
{
  g_autofree char *first = make_state (cli), *other = NULL;
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_autoptr (AirVkey) vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), NULL);

  other = air_vkey_to_string (vkey);
  cli_run (cli, 1, "ledger", "fsck", "state", "--key", other, NULL);
}

static void
test_refuses (Cli *cli, gconstpointer data)
{
  g_autofree char *vkey = make_state (cli);

  cli_run (cli, 3, "ledger", "fsck", "absent", "--key", vkey, NULL);
  cli_assert_says (cli, "absent/ledger.sqlite");
  g_assert_false (cli_exists (cli, "absent"));
  cli_write (cli, "text/ledger.sqlite",
             "this is no database, and it is long enough for a header of a hundred bytes to be looked at"
             "........................................................");
  cli_run (cli, 3, "ledger", "fsck", "text", "--key", vkey, NULL);
  cli_run (cli, 3, "ledger", "fsck", "state", "--key", "nonsense", NULL);
  cli_run (cli, 3, "ledger", "fsck", "state", "--policy", "absent", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/cli/fsck/good", Cli, NULL, cli_set_up, test_good, cli_tear_down);
  g_test_add ("/cli/fsck/tampered/entry", Cli,
              "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'refunded', 'refundeD') AS BLOB) WHERE idx = 2",
              cli_set_up, test_tampered, cli_tear_down);
  g_test_add ("/cli/fsck/tampered/checkpoint", Cli,
              "UPDATE checkpoint SET note = replace(note, char(10) || '2' || char(10), char(10) || '3' || char(10)) "
              "WHERE size = 2",
              cli_set_up, test_tampered, cli_tear_down);
  g_test_add ("/cli/fsck/tampered/disclosure", Cli,
              "UPDATE entry SET disclosures = 'WyJhIiwib3V0cHV0IiwxXQ' WHERE idx = 1", cli_set_up, test_tampered,
              cli_tear_down);
  g_test_add ("/cli/fsck/tampered/cut-off", Cli, "DELETE FROM entry WHERE idx = 2", cli_set_up, test_tampered,
              cli_tear_down);
  g_test_add ("/cli/fsck/other-key", Cli, NULL, cli_set_up, test_other_key, cli_tear_down);
  g_test_add ("/cli/fsck/tiles", Cli, NULL, cli_set_up, test_tiles, cli_tear_down);
  g_test_add ("/cli/fsck/refuses", Cli, NULL, cli_set_up, test_refuses, cli_tear_down);

  return g_test_run ();
}
