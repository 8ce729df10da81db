/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "ledger-fixture.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-cosignature.h"
#include "ledger/air-note.h"
#include "ledger/air-proof.h"
#include "ledger/air-tlog-policy.h"
#include "ledger/air-tree.h"

#define EXAMPLE "rails.example/tenant-a"

static AirVkey *
vkey_of (const char *name, AirNoteKeyType type, AirPrivateKey *key)
{
  g_autoptr (GError) error = NULL;
  AirVkey *vkey = air_vkey_new (name, type, air_private_key_get_public (key), &error);

  g_assert_no_error (error);
  return vkey;
}

static char *
sign_example (const char *origin, AirPrivateKey *key)
{
  AirDigest root = air_tree_leaf_hash (fixture_example_leaf, strlen (fixture_example_leaf));
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_new (origin, 1, &root);
  g_autoptr (GError) error = NULL;
  char *note = air_checkpoint_sign (checkpoint, key, &error);

  g_assert_no_error (error);
  return note;
}

static void
test_worked_example (void)
{
  g_autoptr (AirPrivateKey) key = fixture_key ("example log key");
  g_autoptr (AirVkey) vkey = vkey_of (EXAMPLE, AIR_NOTE_KEY_ED25519, key);
  g_autofree char *vkey_text = air_vkey_to_string (vkey);
  g_autofree char *note = sign_example (EXAMPLE, key);
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autoptr (AirNote) parsed = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (vkey_text, ==, fixture_example_vkey);
  g_assert_cmpstr (note, ==, fixture_example_checkpoint);

  checkpoint = air_checkpoint_open (note, strlen (note), vkey, &parsed, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (checkpoint->origin, ==, EXAMPLE);
  g_assert_cmpuint (checkpoint->size, ==, 1);
  again = air_note_write (parsed);
  g_assert_cmpstr (again, ==, note);
}

static void
test_vkeys (void)
{
  static const char *const bad[] = {
    "",
    "x",
    "a+b",
    "a+00000000+AA==",
    "rails.example/tenant-a+ff8e005a+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I",  /* another key id */
    "rails.example/tenant-b+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I",  /* another name */
    "rails.example/tenant-a+FF8E0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I",  /* capitals */
    "rails.example/tenant-a+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I=", /* padding */
    "rails.example/tenant-a+ff8e0059+AvtxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I",  /* type 2 */
    "rails example+ff8e0059+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I",
  };
  g_autoptr (AirVkey) good = air_vkey_parse (fixture_example_vkey, NULL);
  g_autoptr (AirVkey) copy = air_vkey_copy (good);
  g_autoptr (GError) error = NULL;

  g_assert_cmphex (air_vkey_get_key_id (good), ==, 0xff8e0059);
  g_assert_true (air_vkey_equal (good, copy));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (air_vkey_parse (bad[i], &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
}

static void
test_every_byte_of_a_checkpoint (void)
{
  g_autoptr (AirVkey) vkey = air_vkey_parse (fixture_example_vkey, NULL);
  gsize length = strlen (fixture_example_checkpoint);

  for (gsize i = 0; i < length; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree char *flipped = g_memdup2 (fixture_example_checkpoint, length + 1);

        flipped[i] ^= (char) (1 << bit);
        g_assert_null (air_checkpoint_open (flipped, length, vkey, NULL, NULL));
      }
}

static void
test_foreign_checkpoints (void)
{
  g_autoptr (AirVkey) vkey = air_vkey_parse (fixture_example_vkey, NULL);
  g_autoptr (AirPrivateKey) other = fixture_key ("another key");
  g_autofree char *by_other = sign_example (EXAMPLE, other);
  g_autoptr (AirPrivateKey) key = fixture_key ("example log key");
  g_autofree char *of_other = sign_example ("rails.example/tenant-b", key);
  g_autoptr (GError) error = NULL;

  g_assert_null (air_checkpoint_open (by_other, strlen (by_other), vkey, NULL, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "not signed by");
  g_assert_null (air_checkpoint_open (of_other, strlen (of_other), vkey, NULL, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "tenant-b");
}

static void
test_malformed_notes (void)
{
  static const char *const bad_notes[] = {
    "",
    "\n",
    "\n\n",
    "text",
    "text\n",
    "text\n\n",
    "text\n\nno dash\n",
    "text\n\n\342\200\224 name\n",
    "text\n\n\342\200\224 name AAAA\n",
    "text\n\n\342\200\224 na+me AAAAAAAA\n",
    "text\n\n\342\200\224 name AAAAAAAA",
    "te\txt\n\n\342\200\224 name AAAAAAAA\n",
    "te\xff\n\n\342\200\224 name AAAAAAAA\n",
    "text\n\n\342\200\224 name AAAAAAAB=\n",
  };
  static const char *const bad_checkpoints[] = {
    "",
    "a\n",
    "a\n1\n",
    "a\n1\nAAAA\n",
    "a\n01\nrXS4FDoJrEvWAARje+FyjL+NxB6w6xh5Iz/0liYxBiQ=\n",
    "a\n-1\nrXS4FDoJrEvWAARje+FyjL+NxB6w6xh5Iz/0liYxBiQ=\n",
    "\n1\nrXS4FDoJrEvWAARje+FyjL+NxB6w6xh5Iz/0liYxBiQ=\n",
    "a\n9223372036854775808\nrXS4FDoJrEvWAARje+FyjL+NxB6w6xh5Iz/0liYxBiQ=\n",
    "a\n1\nrXS4FDoJrEvWAARje+FyjL+NxB6w6xh5Iz/0liYxBiQ=\nextension\n",
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad_notes); i++)
    {
      g_assert_null (air_note_parse (bad_notes[i], strlen (bad_notes[i]), &error));
      g_assert_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED);
      g_clear_error (&error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad_checkpoints); i++)
    {
      g_assert_null (air_checkpoint_parse_text (bad_checkpoints[i], &error));
      g_assert_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED);
      g_clear_error (&error);
    }
}

static void
test_cosignature (void)
{
  g_autoptr (AirPrivateKey) witness = fixture_key ("witness");
  g_autoptr (AirPrivateKey) other = fixture_key ("other witness");
  g_autoptr (AirVkey) key = vkey_of ("witness.example", AIR_NOTE_KEY_COSIGNATURE, witness);
  g_autoptr (AirVkey) other_key = vkey_of ("other.example", AIR_NOTE_KEY_COSIGNATURE, other);
  g_autoptr (AirVkey) log_key = air_vkey_parse (fixture_example_vkey, NULL);
  g_autoptr (AirNote) note = air_note_parse (fixture_example_checkpoint, strlen (fixture_example_checkpoint), NULL);
  g_autoptr (AirNote) parsed = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  AirNoteSignature *signature;
  gint64 time = 0;

  air_note_add_signature (note, air_cosignature_sign (note, "witness.example", witness, 1795339800, &error));
  g_assert_no_error (error);
  text = air_note_write (note);
  parsed = air_note_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (air_cosignature_verify (parsed, key, &time, &error));
  g_assert_no_error (error);
  g_assert_cmpint (time, ==, 1795339800);
  g_assert_true (air_note_verify (parsed, log_key, &error)); /* the log's own still holds */

  g_assert_false (air_cosignature_verify (parsed, other_key, NULL, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "not cosigned by other.example");
  g_assert_false (air_note_verify (parsed, key, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_UNSUPPORTED, "witness");

  /* Another time under the same signature. */
  signature = air_note_find_signature (parsed, key);
  {
    gsize length;
    const guint8 *data = g_bytes_get_data (signature->signature, &length);
    g_autofree guint8 *copy = g_memdup2 (data, length);

    copy[7] ^= 1;
    g_bytes_unref (signature->signature);
    signature->signature = g_bytes_new (copy, length);
  }
  g_assert_false (air_cosignature_verify (parsed, key, NULL, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "wrong");
}

/* --- policies --------------------------------------------------------------- */

static void
test_policy (void)
{
  g_autoptr (AirPrivateKey) key_1 = fixture_key ("w1");
  g_autoptr (AirPrivateKey) key_2 = fixture_key ("w2");
  g_autoptr (AirPrivateKey) key_3 = fixture_key ("w3");
  AirPrivateKey *keys[3] = { key_1, key_2, key_3 };
  g_autoptr (AirVkey) log_key = air_vkey_parse (fixture_example_vkey, NULL);
  g_autoptr (GString) text = g_string_new ("# who counts\n\nlog ");
  g_autoptr (AirTlogPolicy) policy = NULL, again = NULL;
  g_autoptr (AirNote) note = air_note_parse (fixture_example_checkpoint, strlen (fixture_example_checkpoint), NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *written = NULL, *rewritten = NULL;

  g_string_append_printf (text, "%s https://log.example/\n", fixture_example_vkey);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%u.example", i + 1);
      g_autoptr (AirVkey) key = vkey_of (name, AIR_NOTE_KEY_COSIGNATURE, keys[i]);
      g_autofree char *vkey = air_vkey_to_string (key);

      g_string_append_printf (text, "witness w%u %s\n", i + 1, vkey);
    }
  g_string_append (text, "group any12 any w1 w2\ngroup both all any12 w3\nquorum both\n");

  policy = air_tlog_policy_parse (text->str, text->len, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (air_tlog_policy_get_n_logs (policy), ==, 1);
  g_assert_cmpuint (air_tlog_policy_get_n_witnesses (policy), ==, 3);

  written = air_tlog_policy_write (policy);
  again = air_tlog_policy_parse (written, strlen (written), &error);
  g_assert_no_error (error);
  rewritten = air_tlog_policy_write (again);
  g_assert_cmpstr (written, ==, rewritten);

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%u.example", i + 1);
      g_autofree char *checkpoint = air_note_write (note);
      g_autoptr (AirCheckpoint) opened = air_tlog_policy_open (policy, checkpoint, strlen (checkpoint), &error);

      g_assert_null (opened); /* none, one, and two of the same side are not enough */
      fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_POLICY, "both");
      air_note_add_signature (note, air_cosignature_sign (note, name, keys[i], 1000 + i, NULL));
    }
  {
    g_autofree char *checkpoint = air_note_write (note);
    g_autoptr (AirCheckpoint) opened = air_tlog_policy_open (policy, checkpoint, strlen (checkpoint), &error);

    g_assert_no_error (error);
    g_assert_cmpuint (opened->size, ==, 1);
  }
}

static void
test_policy_refusals (void)
{
  g_autoptr (AirPrivateKey) key = fixture_key ("w1");
  g_autoptr (AirVkey) witness = vkey_of ("w1.example", AIR_NOTE_KEY_COSIGNATURE, key);
  g_autofree char *w = air_vkey_to_string (witness);
  const char *l = fixture_example_vkey;
  const struct {
    char *text;
    const char *words;
  } bad[] = {
    { g_strdup ("quorum none\n"), "names no log" },
    { g_strdup_printf ("log %s\n", l), "names no quorum" },
    { g_strdup_printf ("log %s\nlog %s\nquorum none\n", l, l), "line 2: " },
    { g_strdup_printf ("log %s\nquorum none", l), "newline" },
    { g_strdup_printf ("log %s\nquorum none\nquorum none\n", l), "comes twice" },
    { g_strdup_printf ("log %s\nquorum w\n", l), "not defined" },
    { g_strdup_printf ("log %s\nquorum none\n", w), "type 4" },
    { g_strdup_printf ("witness w %s\n", l), "type 4" },
    { g_strdup_printf ("witness w %s\nwitness v %s\n", w, w), "has the key of" },
    { g_strdup_printf ("witness none %s\n", w), "cannot be a name" },
    { g_strdup_printf ("witness w %s\ngroup g 2 w\n", w), "can never be" },
    { g_strdup_printf ("witness w %s\ngroup g 0 w\n", w), "can never be" },
    { g_strdup_printf ("witness w %s\ngroup g any w w\n", w), "comes twice" },
    { g_strdup_printf ("witness w %s\ngroup g some w\n", w), "threshold" },
    { g_strdup ("group g any g\n"), "not defined before" },
    { g_strdup ("policy x\n"), "none of log, witness" },
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (air_tlog_policy_parse (bad[i].text, strlen (bad[i].text), &error));
      fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, bad[i].words);
      g_free (bad[i].text);
    }
}

/* --- proofs ------------------------------------------------------------------ */

static void
test_proof (void)
{
  g_autoptr (AirPrivateKey) key = fixture_key ("log");
  g_autoptr (AirVkey) vkey = vkey_of (ORIGIN, AIR_NOTE_KEY_ED25519, key);
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();
  g_autoptr (AirMemoryTree) tree = air_memory_tree_new ();
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  g_autofree char *note = NULL, *text = NULL, *again = NULL;
  g_autoptr (GArray) hashes = NULL;
  g_autoptr (GBytes) extra = fixture_bytes ("more");
  g_autoptr (AirProof) proof = NULL, parsed = NULL;
  g_autoptr (GError) error = NULL;
  AirDigest leaf, root, other = air_sha256 ("x", 1);
  gsize length;
  guint refused = 0;

  g_assert_true (air_tlog_policy_add_log (policy, vkey, NULL, &error));
  for (guint i = 0; i < 11; i++)
    {
      leaf = air_tree_leaf_hash (&i, sizeof i);
      air_memory_tree_append (tree, &leaf);
    }
  root = air_memory_tree_get_root (tree);
  checkpoint = air_checkpoint_new (ORIGIN, 11, &root);
  note = air_checkpoint_sign (checkpoint, key, &error);
  hashes = air_tree_prove_inclusion (air_memory_tree_get_reader (tree), 10, 11, &error);
  g_assert_no_error (error);

  proof = air_proof_new (10, (AirDigest *) hashes->data, hashes->len, note, extra);
  text = air_proof_write (proof);
  g_assert_true (g_str_has_prefix (text, "c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 10\n"));
  length = strlen (text);
  parsed = air_proof_parse (text, length, &error);
  g_assert_no_error (error);
  again = air_proof_write (parsed);
  g_assert_cmpstr (again, ==, text);
  g_assert_true (air_proof_verify (parsed, &leaf, policy, &error));
  g_assert_true (air_proof_verify_in (parsed, &leaf, checkpoint, &error));
  g_assert_no_error (error);

  g_assert_false (air_proof_verify (parsed, &other, policy, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_PROOF, "entry 10");
  checkpoint->size = 12;
  g_assert_false (air_proof_verify_in (parsed, &leaf, checkpoint, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_PROOF, "another one");

  /* Every byte but those of "extra" is bound: no flip goes unseen. */
  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *flipped = g_strdup (text);
      g_autoptr (AirProof) bad = NULL;
      gboolean in_extra =
          i >= strlen ("c2sp.org/tlog-proof@v1\nextra ") && i < strlen ("c2sp.org/tlog-proof@v1\nextra bW9yZQ==");

      flipped[i] ^= 1;
      bad = air_proof_parse (flipped, length, NULL);
      if (bad == NULL || !air_proof_verify (bad, &leaf, policy, NULL))
        refused++;
      else if (!in_extra)
        g_error ("the flip of byte %" G_GSIZE_FORMAT " went unseen", i);
    }
  g_assert_cmpuint (refused, >=, length - 8);
}

static void
test_proof_refusals (void)
{
  static const char *const bad[] = {
    "",
    "c2sp.org/tlog-proof@v1\n",
    "c2sp.org/tlog-proof@v2\nindex 0\n\n",
    "c2sp.org/tlog-proof@v1\nindex 01\n\n",
    "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n",
    "c2sp.org/tlog-proof@v1\nindex 0\n\n",
    "c2sp.org/tlog-proof@v1\nextra %\nindex 0\n\n",
    "c2sp.org/tlog-proof@v1\nextra AA==\n",
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (air_proof_parse (bad[i], strlen (bad[i]), &error));
      g_assert_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED);
      g_clear_error (&error);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/note/worked-example", test_worked_example);
  g_test_add_func ("/ledger/note/vkeys", test_vkeys);
  g_test_add_func ("/ledger/note/every-byte-of-a-checkpoint", test_every_byte_of_a_checkpoint);
  g_test_add_func ("/ledger/note/foreign-checkpoints", test_foreign_checkpoints);
  g_test_add_func ("/ledger/note/malformed", test_malformed_notes);
  g_test_add_func ("/ledger/note/cosignature", test_cosignature);
  g_test_add_func ("/ledger/tlog-policy/quorum", test_policy);
  g_test_add_func ("/ledger/tlog-policy/refusals", test_policy_refusals);
  g_test_add_func ("/ledger/proof/verify", test_proof);
  g_test_add_func ("/ledger/proof/refusals", test_proof_refusals);

  return g_test_run ();
}
