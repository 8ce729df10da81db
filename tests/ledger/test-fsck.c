/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "ledger/air-fsck.h"
#include "run-fixture.h"

typedef struct {
  Run *run;
  GPtrArray *checkpoints; /* char * */
} Ledger;

static GBytes *
read_entry (gpointer user_data,
            guint64 index,
            GPtrArray **ret_disclosures,
            char **ret_unreadable,
            gint64 *ret_link,
            GError **error)
{
  Ledger *self = user_data;
  RunEntry *entry = self->run->entries->pdata[index];

  if (entry->leaf == NULL)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "the disk is gone");
      return NULL;
    }
  *ret_disclosures = entry->disclosures != NULL ? g_ptr_array_ref (entry->disclosures) : NULL;
  return g_bytes_ref (entry->leaf);
}

static char *
read_checkpoint (gpointer user_data, guint i, GError **error)
{
  Ledger *self = user_data;

  return i < self->checkpoints->len ? g_strdup (self->checkpoints->pdata[i]) : NULL;
}

static AirFsckReport *
check (Ledger *ledger, GError **error)
{
  AirLedgerReader reader = { .size = ledger->run->entries->len,
                             .n_issued = ledger->checkpoints->len,
                             .holds_disclosures = TRUE,
                             .read_entry = read_entry,
                             .read_checkpoint = read_checkpoint,
                             .user_data = ledger };
  g_autofree char *vkey = air_vkey_to_string (ledger->run->log_vkey);
  g_autofree char *text = g_strdup_printf ("log %s\nquorum none\n", vkey);
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_parse (text, strlen (text), NULL);

  return air_fsck (&reader, policy, error);
}

/* A run with a checkpoint after each few entries. */
static Ledger *
ledger_new (void)
{
  Ledger *self = g_new0 (Ledger, 1);
  GPtrArray *entries;
  guint n;

  self->run = run_new_refund ();
  self->checkpoints = g_ptr_array_new_with_free_func (g_free);
  entries = self->run->entries;
  n = entries->len;
  for (guint size = 3; size <= n; size += 3)
    {
      entries->len = size;
      g_ptr_array_add (self->checkpoints, run_sign_checkpoint (self->run));
    }
  entries->len = n;
  return self;
}

static void
ledger_free (Ledger *self)
{
  run_free (self->run);
  g_ptr_array_unref (self->checkpoints);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ledger, ledger_free)

static void
expect_fault (Ledger *ledger, guint64 index, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirFsckReport) report = check (ledger, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < report->faults->len; i++)
    {
      const AirFsckFault *fault = report->faults->pdata[i];

      if (fault->index == index && strstr (fault->words, words) != NULL)
        return;
    }
  for (guint i = 0; i < report->faults->len; i++)
    g_test_message ("%s", ((AirFsckFault *) report->faults->pdata[i])->words);
  g_error ("no fault at %" G_GUINT64_FORMAT " says \"%s\"", index, words);
}

static void
test_sound (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirFsckReport) report = check (ledger, &error);
  g_autoptr (AirMemoryTree) tree = run_make_tree (ledger->run);
  AirDigest root = air_memory_tree_get_root (tree);

  g_assert_no_error (error);
  g_assert_cmpuint (report->faults->len, ==, 0);
  g_assert_cmpuint (report->n_entries, ==, 14);
  g_assert_cmpuint (report->n_instances, ==, 3);
  g_assert_cmpuint (report->n_closed, ==, 1);
  g_assert_cmpuint (report->n_checkpoints, ==, 4);
  g_assert_cmpuint (report->n_redacted, ==, 0);
  g_assert_cmpuint (report->n_disclosures, >, 5);
  g_assert_true (air_digest_equal (&report->root, &root));
}

static void
test_flipped_bit (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  RunEntry *entry = ledger->run->entries->pdata[5];
  gsize size;
  guint8 *copy = g_memdup2 (g_bytes_get_data (entry->leaf, &size), g_bytes_get_size (entry->leaf));

  copy[20] ^= 4;
  g_bytes_unref (entry->leaf);
  entry->leaf = g_bytes_new_take (copy, size);
  expect_fault (ledger, 6, "\"prev\"");
  expect_fault (ledger, G_MAXUINT64, "one of them was changed");
}

/* One bad bit does not end the check: what comes after is still judged. */
static void
test_goes_on (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  RunEntry *entry = ledger->run->entries->pdata[1];

  g_bytes_unref (entry->leaf);
  entry->leaf = fixture_bytes ("garbage");
  run_add_closing (ledger->run, 5);
  expect_fault (ledger, 1, "entry:");
  expect_fault (ledger, 14, "forked");
  expect_fault (ledger, 14, "\"count\"");
}

static void
test_cut_off (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();

  g_ptr_array_set_size (ledger->run->entries, 10);
  expect_fault (ledger, G_MAXUINT64, "its end was cut off");
}

static void
test_foreign_checkpoint (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();

  air_private_key_unref (ledger->run->log_key);
  ledger->run->log_key = fixture_key ("a forger's key");
  g_ptr_array_add (ledger->checkpoints, run_sign_checkpoint (ledger->run));
  expect_fault (ledger, G_MAXUINT64, "checkpoint 4: checkpoint: it bears no right signature");
}

static void
test_shrunk (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();

  g_ptr_array_add (ledger->checkpoints, g_strdup (ledger->checkpoints->pdata[0]));
  expect_fault (ledger, G_MAXUINT64, "smaller than the one before");
}

/* The ledger's key signed two trees of one size. */
static void
test_forked (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  AirDigest other = { { 7 } };
  g_autoptr (AirCheckpoint) forged = NULL, real = NULL;
  const char *note = ledger->checkpoints->pdata[1];

  real = air_checkpoint_open (note, strlen (note), NULL, NULL, NULL);
  forged = air_checkpoint_new (real->origin, real->size, &other);
  g_ptr_array_insert (ledger->checkpoints, 2, air_checkpoint_sign (forged, ledger->run->log_key, NULL));
  expect_fault (ledger, G_MAXUINT64, "checkpoint 2: checkpoint 1 has the same size, 6, and another root");
}

/* Whole entries out, doubled or exchanged: the chain says where. */
static void
test_moved_entries (void)
{
  for (guint way = 0; way < 3; way++)
    {
      g_autoptr (Ledger) ledger = ledger_new ();
      GPtrArray *entries = ledger->run->entries;
      gpointer kept;

      switch (way)
        {
        case 0: /* removed */
          g_ptr_array_remove_index (entries, 6);
          expect_fault (ledger, 6, "\"seq\"");
          break;
        case 1: /* reordered */
          kept = entries->pdata[6];
          entries->pdata[6] = entries->pdata[7];
          entries->pdata[7] = kept;
          expect_fault (ledger, 6, "\"seq\"");
          expect_fault (ledger, 7, "\"seq\"");
          break;
        default: /* duplicated */
          {
            RunEntry *copy = g_new0 (RunEntry, 1), *entry = entries->pdata[6];

            copy->leaf = g_bytes_ref (entry->leaf);
            copy->disclosures = entry->disclosures != NULL ? g_ptr_array_ref (entry->disclosures) : NULL;
            g_ptr_array_insert (entries, 7, copy);
            expect_fault (ledger, 7, "\"seq\"");
          }
        }
      expect_fault (ledger, G_MAXUINT64, "one of them was changed");
    }
}

/* Gone without a word in the ledger. */
static void
test_missing_disclosure (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  RunEntry *trigger = ledger->run->entries->pdata[3];

  g_ptr_array_set_size (trigger->disclosures, 0);
  expect_fault (ledger, 3, "no REDACTION_APPLIED entry says");
}

static void
test_swapped_disclosure (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  RunEntry *trigger = ledger->run->entries->pdata[3];
  RunEntry *other = ledger->run->entries->pdata[5];

  g_ptr_array_add (trigger->disclosures, g_strdup (other->disclosures->pdata[0]));
  expect_fault (ledger, 3, "does not commit to it");
}

static void
test_reader_fails (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  RunEntry *entry = ledger->run->entries->pdata[4];
  g_autoptr (GBytes) kept = g_steal_pointer (&entry->leaf);
  g_autoptr (GError) error = NULL;

  g_assert_null (check (ledger, &error));
  fixture_assert_error (&error, G_FILE_ERROR, G_FILE_ERROR_IO, "entry 4: the disk is gone");
  entry->leaf = g_steal_pointer (&kept);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/fsck/sound", test_sound);
  g_test_add_func ("/ledger/fsck/flipped-bit", test_flipped_bit);
  g_test_add_func ("/ledger/fsck/goes-on", test_goes_on);
  g_test_add_func ("/ledger/fsck/cut-off", test_cut_off);
  g_test_add_func ("/ledger/fsck/foreign-checkpoint", test_foreign_checkpoint);
  g_test_add_func ("/ledger/fsck/shrunk", test_shrunk);
  g_test_add_func ("/ledger/fsck/forked", test_forked);
  g_test_add_func ("/ledger/fsck/moved-entries", test_moved_entries);
  g_test_add_func ("/ledger/fsck/missing-disclosure", test_missing_disclosure);
  g_test_add_func ("/ledger/fsck/swapped-disclosure", test_swapped_disclosure);
  g_test_add_func ("/ledger/fsck/reader-fails", test_reader_fails);

  return g_test_run ();
}
