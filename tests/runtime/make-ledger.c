/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "make-ledger"

#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-entry.h"
#include "runtime/air-tree-store.h"

/* make-ledger STATE N: a ledger of about N entries as the runtime's writer leaves one, for measuring what reads it
 * all ("airailsctl ledger fsck"). Prints the verifier key. */

#define ORIGIN      "airails.example/bench/ledger"
#define ENTRIES     12 /* of a run */
#define START_US    G_GINT64_CONSTANT (1795339800000000)
#define TRANSACTION 4096

static void
put_tile (guint level, guint64 index, const AirDigest hashes[256], gpointer store)
{
  g_autoptr (GError) error = NULL;

  if (!air_store_put_tile (store, level, index, hashes, &error))
    g_error ("%s", error->message);
}

static AirSealedEntry *
make_entry (AirChainHead *head, const char *id, guint i, gint64 now, const AirRandom *random)
{
  g_autoptr (AirValue) members = air_map_new (), disclosed = air_map_new ();
  const char *type = AIR_ENTRY_TOOL_ACTION_STARTED;

  air_map_set_string (members, "node", "refund");
  if (i == 0)
    {
      type = AIR_ENTRY_TRIGGER_RECEIVED;
      air_map_set_string (members, "artifact",
                          "sha256:1111111111111111111111111111111111111111111111111111111111111111");
      air_map_set_string (disclosed, "dedup_key", id);
      air_map_set_string (disclosed, "requester", "customer-4711");
    }
  else if (i == ENTRIES - 1)
    {
      type = AIR_ENTRY_WORKFLOW_COMPLETED;
      air_map_set_string (members, "outcome", "refunded");
      air_map_set_int (members, "count", ENTRIES);
    }
  else if (i % 2 == 0)
    {
      type = AIR_ENTRY_TOOL_ACTION_EXECUTED;
      air_map_set_string (members, "outcome", "ok");
    }
  air_map_set_int (members, "attempt", 1);
  air_map_set_string (disclosed, i % 2 == 0 ? "output" : "input",
                      "{\"order\":\"W1234567\",\"amount_minor\":12900,\"currency\":\"EUR\",\"reason\":\"damaged\"}");
  return air_entry_seal (head, id, type, members, disclosed, now, random, NULL);
}

static void
put_checkpoint (AirStore *store, const AirTreeEdge *edge, AirPrivateKey *key)
{
  AirDigest root = air_tree_root (&edge->tree);
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_new (ORIGIN, edge->tree.size, &root);
  g_autofree char *note = air_checkpoint_sign (checkpoint, key, NULL);

  air_store_put_checkpoint (store, edge->tree.size, note, NULL);
}

int
main (int argc, char **argv)
{
  guint64 n = argc == 3 ? g_ascii_strtoull (argv[2], NULL, 10) : 0, index = 0;
  g_autofree char *path = argc == 3 ? g_build_filename (argv[1], "ledger.sqlite", NULL) : NULL, *text = NULL;
  g_autoptr (AirSeededRandom) random = air_seeded_random_new (1);
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  g_autofree AirTreeEdge *edge = g_new0 (AirTreeEdge, 1);
  g_autoptr (AirStore) store = NULL;
  g_autoptr (AirVkey) vkey = NULL;
  g_autoptr (GError) error = NULL;

  if (n == 0 || g_mkdir_with_parents (argv[1], 0700) != 0 || (store = air_store_open (path, FALSE, &error)) == NULL
      || !air_store_begin (store, &error))
    {
      g_printerr ("make-ledger STATE N: %s\n", error != NULL ? error->message : "a new folder, and how many entries");
      return 1;
    }
  while (index < n)
    {
      g_autofree char *id = air_id_new (START_US + (gint64) index * 1000, air_seeded_random_get (random));
      AirChainHead head = { 0 };
      guint64 subject = 0;
      gint64 last = -1;

      for (guint i = 0; i < ENTRIES; i++, last = (gint64) index++)
        {
          g_autoptr (AirSealedEntry) entry =
              make_entry (&head, id, i, START_US + (gint64) index * 1000, air_seeded_random_get (random));

          if (!air_store_put_entry (store, index, last, entry->leaf, entry->disclosures, &subject, &error))
            g_error ("%s", error->message);
          air_tree_edge_append (edge, &entry->hash, put_tile, store);
        }
      if (index % TRANSACTION < ENTRIES)
        {
          put_checkpoint (store, edge, key);
          if (!air_store_commit (store, &error) || !air_store_begin (store, &error))
            g_error ("%s", error->message);
        }
    }
  if (!air_store_commit (store, &error))
    g_error ("%s", error->message);
  vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), NULL);
  text = air_vkey_to_string (vkey);
  g_print ("%s\n", text);
  return 0;
}
