/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "ledger-fixture.h"
#include "ledger/air-tree.h"
#include "ledger/air-witness.h"

typedef struct {
  AirPrivateKey *key;
  AirVkey *vkey;
  AirMemoryTree *tree;
} World;

static void
world_init (World *self, const char *seed, guint size)
{
  self->key = fixture_key (seed);
  self->vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (self->key), NULL);
  self->tree = air_memory_tree_new ();
  for (guint i = 0; i < size; i++)
    {
      g_autofree char *entry = g_strdup_printf ("%s %u", seed, i);
      AirDigest leaf = air_tree_leaf_hash (entry, strlen (entry));

      air_memory_tree_append (self->tree, &leaf);
    }
}

static void
world_clear (World *self)
{
  air_private_key_unref (self->key);
  air_vkey_free (self->vkey);
  air_memory_tree_free (self->tree);
}

static AirCheckpoint *
head_at (World *self, guint64 size)
{
  AirDigest root;

  g_assert_true (air_tree_root_at (air_memory_tree_get_reader (self->tree), size, &root, NULL));
  return air_checkpoint_new (ORIGIN, size, &root);
}

/* What the log would send to go from @old to @size, by way of text. */
static AirWitnessRequest *
ask (World *self, guint64 old, guint64 size)
{
  g_autoptr (AirCheckpoint) checkpoint = head_at (self, size);
  g_autofree char *note = air_checkpoint_sign (checkpoint, self->key, NULL), *text = NULL;
  g_autoptr (GArray) proof = old <= size
                                 ? air_tree_prove_consistency (air_memory_tree_get_reader (self->tree), old, size, NULL)
                                 : g_array_new (FALSE, FALSE, sizeof (AirDigest));
  g_autoptr (GError) error = NULL;
  AirWitnessRequest *request;

  text = air_witness_request_write (old, proof, note);
  request = air_witness_request_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (request->note, ==, note);
  return request;
}

static void
expect (World *world,
        AirWitnessRequest *take_request,
        AirCheckpoint *take_known,
        AirWitnessVerdict verdict,
        const char *words)
{
  g_autoptr (AirWitnessRequest) request = take_request;
  g_autoptr (AirCheckpoint) known = take_known;
  g_autofree char *said = NULL;

  g_assert_cmpint (air_witness_judge (request, world->vkey, known, &said), ==, verdict);
  if (words == NULL)
    g_assert_null (said);
  else if (strstr (said, words) == NULL)
    g_error ("it said: %s", said);
}

static void
test_grows (void)
{
  World world;

  world_init (&world, "log", 20);
  expect (&world, ask (&world, 0, 7), NULL, AIR_WITNESS_COSIGN, NULL);
  for (guint64 old = 0; old <= 20; old++)
    for (guint64 size = old; size <= 20; size++)
      expect (&world, ask (&world, old, size), head_at (&world, old), AIR_WITNESS_COSIGN, NULL);
  world_clear (&world);
}

static void
test_refuses (void)
{
  World world, other, forged;
  g_autoptr (AirWitnessRequest) request = NULL;
  g_autofree char *words = NULL;

  world_init (&world, "log", 20);
  world_init (&other, "other", 20);
  /* The log does not know what the witness knows. */
  expect (&world, ask (&world, 0, 9), head_at (&world, 5), AIR_WITNESS_CONFLICT, "has 5 entries, not 0");
  /* A rollback. */
  expect (&world, ask (&world, 5, 5), head_at (&world, 9), AIR_WITNESS_CONFLICT, "does not go back");
  expect (&world, ask (&world, 9, 5), head_at (&world, 9), AIR_WITNESS_BAD_REQUEST, "larger");
  /* Two heads of one size, by the log's own key. */
  forged = other;
  forged.key = world.key;
  expect (&world, ask (&forged, 9, 9), head_at (&world, 9), AIR_WITNESS_CONFLICT, "forked");
  /* A tree that does not contain the one before. */
  expect (&world, ask (&forged, 9, 12), head_at (&world, 9), AIR_WITNESS_BAD_PROOF, "proof");
  /* By another key, and of another log. */
  expect (&world, ask (&other, 0, 9), NULL, AIR_WITNESS_BAD_SIGNATURE, "not signed by");
  request = ask (&world, 0, 9);
  g_assert_cmpint (air_witness_judge (request, NULL, NULL, &words), ==, AIR_WITNESS_UNKNOWN_LOG);
  g_assert_cmpuint (air_witness_verdict_to_status (AIR_WITNESS_UNKNOWN_LOG), ==, 404);
  world_clear (&world);
  world_clear (&other);
}

static void
test_malformed (void)
{
  static const char *const bodies[] = {
    "", "old\n\n", "old 1", "old -1\n\n", "old 01\n\n", "new 1\n", "old 1\nAAAA\n\n", "old 1\n", "old 1\n\nno note\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (air_witness_request_parse (bodies[i], strlen (bodies[i]), &error));
      g_assert_true (error->domain == AIR_LEDGER_ERROR);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/witness/grows", test_grows);
  g_test_add_func ("/ledger/witness/refuses", test_refuses);
  g_test_add_func ("/ledger/witness/malformed", test_malformed);

  return g_test_run ();
}
