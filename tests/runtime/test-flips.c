/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "base/air-clock.h"
#include "ledger/air-checkpoint.h"
#include "runtime/air-ledger-check.h"
#include "runtime/air-tree-store.h"

/* Every byte of a state folder, one at a time: the check finds the change, or what the ledger says is the same to the
 * last byte. What lies outside is listed in docs/proofs.md; "-m thorough" takes every byte, else every few. */

#define ORIGIN "airails.example/demo/refunds"
#define START  G_GINT64_CONSTANT (1795339800000000)

typedef struct {
  char *folder;
  AirTlogPolicy *policy;
} State;

static void
put_head (AirStore *store, const AirTreeEdge *edge, AirPrivateKey *key, guint64 size)
{
  AirDigest root = air_tree_root (&edge->tree);
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_new (ORIGIN, size, &root);
  g_autofree char *note = air_checkpoint_sign (checkpoint, key, NULL);

  g_assert_true (air_store_put_checkpoint (store, size, note, NULL));
}

static void
put_row (AirStore *store, const char *id, gint64 head, const AirChainHead *chain)
{
  AirIndexRow row = { .id = (char *) id,
                      .head = head,
                      .count = chain->seq,
                      .hash = chain->prev,
                      .state = (char *) "completed",
                      .outcome = (char *) "refunded",
                      .dedup = (char *) id,
                      .started_us = START,
                      .updated_us = START };

  g_assert_true (air_store_put_row (store, &row, NULL));
}

static void
put_tile (guint level, guint64 index, const AirDigest hashes[256], gpointer user_data)
{
  g_assert_true (air_store_put_tile (user_data, level, index, hashes, NULL));
}

/* @n_runs of four entries each. */
static State *
state_new (guint n_runs)
{
  static const char *const types[] = { AIR_ENTRY_TRIGGER_RECEIVED, AIR_ENTRY_TOOL_ACTION_STARTED,
                                       AIR_ENTRY_TOOL_ACTION_EXECUTED, AIR_ENTRY_WORKFLOW_COMPLETED };
  State *self = g_new0 (State, 1);
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_autoptr (AirSeededRandom) random = air_seeded_random_new (7);
  g_autoptr (AirVkey) vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), NULL);
  g_autofree AirTreeEdge *edge = g_new0 (AirTreeEdge, 1);
  g_autofree char *path = NULL;
  g_autoptr (AirStore) store = NULL;
  g_autoptr (GError) error = NULL;
  guint64 index = 0;

  self->folder = g_dir_make_tmp ("flips-XXXXXX", NULL);
  path = g_build_filename (self->folder, "ledger.sqlite", NULL);
  store = air_store_open (path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (air_store_begin (store, NULL));
  for (guint run = 0; run < n_runs; run++)
    {
      g_autofree char *id = air_id_new (START + run, air_seeded_random_get (random));
      AirChainHead head = { 0 };
      guint64 subject = 0;

      for (guint i = 0; i < G_N_ELEMENTS (types); i++, index++)
        {
          g_autoptr (AirValue) members = air_map_new (), disclosed = air_map_new ();
          g_autoptr (AirSealedEntry) entry = NULL;

          if (i == 3)
            air_map_set_int (members, "count", 4);
          air_map_set_string (disclosed, "what", "a customer's words");
          entry =
              air_entry_seal (&head, id, types[i], members, disclosed, START + i, air_seeded_random_get (random), NULL);
          g_assert_true (air_store_put_entry (store, index, i == 0 ? -1 : (gint64) index - 1, entry->leaf,
                                              entry->disclosures, &subject, &error));
          air_tree_edge_append (edge, &entry->hash, put_tile, store);
        }
      put_row (store, id, (gint64) index - 1, &head);
      if (run == 0 || run + 1 == n_runs)
        put_head (store, edge, key, index);
    }
  g_assert_true (air_store_commit (store, &error));
  self->policy = air_tlog_policy_new ();
  g_assert_true (air_tlog_policy_add_log (self->policy, vkey, NULL, NULL));
  return self;
}

static void
state_free (State *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
  air_tlog_policy_free (self->policy);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (State, state_free)

/* All the ledger says: entries, what they disclose, checkpoints, tiles. Not the index, which is made of them. */
static char *
dump (State *self)
{
  g_autofree char *path = g_build_filename (self->folder, "ledger.sqlite", NULL);
  g_autoptr (AirStore) store = air_store_open (path, TRUE, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  AirDigest hashes[256];
  gboolean begin = TRUE;
  guint64 size;
  char *note;

  if (store == NULL)
    return NULL;
  for (;; begin = FALSE)
    {
      g_autoptr (AirStoredEntry) entry = air_store_scan (store, 0, begin, NULL);
      gsize length;
      const char *leaf;

      if (entry == NULL)
        break;
      leaf = g_bytes_get_data (entry->leaf, &length);
      g_string_append_printf (text, "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " ", entry->index, entry->prev);
      g_string_append_len (text, leaf, (gssize) length);
      for (guint i = 0; entry->disclosures != NULL && i < entry->disclosures->len; i++)
        g_string_append_printf (text, "\n~%s", (char *) entry->disclosures->pdata[i]);
      g_string_append_c (text, '\n');
    }
  for (begin = TRUE; (note = air_store_scan_checkpoints (store, begin, &size, NULL)) != NULL; begin = FALSE)
    {
      g_string_append_printf (text, "%" G_GUINT64_FORMAT " %s\n", size, note);
      g_free (note);
    }
  for (guint64 n = 0; air_store_read_tile (store, 0, n, hashes, NULL); n++)
    {
      g_autofree char *hex = air_hex_encode (hashes, sizeof hashes);

      g_string_append (text, hex);
    }
  return g_string_free_and_steal (g_steal_pointer (&text));
}

static gboolean
is_found (State *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirFsckReport) report = air_ledger_check (self->folder, self->policy, NULL, NULL, NULL, &error);

  return report == NULL || report->faults->len > 0;
}

static void
flip_file (State *self, const char *name, gsize stride)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL), *data = NULL, *before = dump (self);
  gsize length, found = 0, outside = 0;

  g_assert_nonnull (before);
  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  for (gsize i = 0; i < length; i += stride)
    {
      FILE *file = fopen (path, "r+b");

      fseek (file, (long) i, SEEK_SET);
      fputc (data[i] ^ (1 << (i % 8)), file);
      fclose (file);
      if (is_found (self))
        found++;
      else
        {
          g_autofree char *after = dump (self);

          outside++;
          if (g_strcmp0 (before, after) != 0)
            g_error ("%s, byte %" G_GSIZE_FORMAT ": the ledger says something else, and the check finds nothing", name,
                     i);
        }
      file = fopen (path, "r+b");
      fseek (file, (long) i, SEEK_SET);
      fputc (data[i], file);
      fclose (file);
    }
  g_test_message ("%s: %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " flips found, %" G_GSIZE_FORMAT
                  " outside of what the ledger says",
                  name, length, found, outside);
  g_assert_cmpuint (found, >, 0);
  g_assert_false (is_found (self));
}

static void
test_small (void)
{
  g_autoptr (State) self = state_new (3);

  g_assert_false (is_found (self));
  flip_file (self, "ledger.sqlite", g_test_thorough () ? 1 : 97);
  flip_file (self, "subjects.keys", g_test_thorough () ? 1 : 17);
}

/* With tiles, which a small ledger has not. */
static void
test_tiled (void)
{
  g_autoptr (State) self = state_new (66);

  g_assert_false (is_found (self));
  flip_file (self, "ledger.sqlite", g_test_thorough () ? 61 : 4999);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/runtime/flips/small", test_small);
  g_test_add_func ("/runtime/flips/tiled", test_tiled);

  return g_test_run ();
}
