/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "ledger/air-cosignature.h"
#include "ledger/air-fsck.h"
#include "run-fixture.h"

typedef struct {
  Run *run;
  GPtrArray *checkpoints; /* char * */
  guint64 unreadable;     /* 0 for none: the entry that cannot be read a second time */
  const char *witness;    /* nullable: its vkey */
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

static GBytes *
read_leaf (gpointer user_data, guint64 index, GError **error)
{
  Ledger *self = user_data;

  if (self->unreadable != 0 && self->unreadable == index)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "the disk is gone");
      return NULL;
    }
  return g_bytes_ref (((RunEntry *) self->run->entries->pdata[index])->leaf);
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
                             .read_leaf = read_leaf,
                             .read_checkpoint = read_checkpoint,
                             .user_data = ledger };
  g_autofree char *vkey = air_vkey_to_string (ledger->run->log_vkey);
  g_autofree char *text =
      g_strdup_printf ("log %s\n%s%s%squorum none\n", vkey, ledger->witness != NULL ? "witness w " : "",
                       ledger->witness != NULL ? ledger->witness : "", ledger->witness != NULL ? "\n" : "");
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_parse (text, strlen (text), NULL);

  return air_fsck (&reader, policy, error);
}

/* A run with a checkpoint after each few entries. */
static Ledger *
ledger_of (Run *take_run)
{
  Ledger *self = g_new0 (Ledger, 1);
  GPtrArray *entries;
  guint n;

  self->run = take_run;
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

static Ledger *
ledger_new (void)
{
  return ledger_of (run_new_refund ());
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
  g_assert_cmpuint (report->n_statements, ==, 1);
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

/* A witness's line that is right, and one that is not, under the name and key of a witness we know. */
static void
test_cosignatures (void)
{
  for (guint wrong = 0; wrong < 2; wrong++)
    {
      g_autoptr (Ledger) ledger = ledger_new ();
      g_autoptr (AirPrivateKey) key = fixture_key ("witness");
      g_autoptr (AirVkey) vkey =
          air_vkey_new ("witness.example/w1", AIR_NOTE_KEY_COSIGNATURE, air_private_key_get_public (key), NULL);
      g_autofree char *text = air_vkey_to_string (vkey), *cosigned = NULL;
      const char *head = ledger->checkpoints->pdata[3], *before = ledger->checkpoints->pdata[2];
      g_autoptr (AirNote) note = air_note_parse (head, strlen (head), NULL);
      g_autoptr (AirNote) other = air_note_parse (before, strlen (before), NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirFsckReport) report = NULL;

      ledger->witness = text;
      /* A cosignature of another head does not count for this one. */
      air_note_add_signature (
          note, air_cosignature_sign (wrong ? other : note, "witness.example/w1", key, 1795339900, &error));
      g_assert_no_error (error);
      cosigned = air_note_write (note);
      g_ptr_array_add (ledger->checkpoints, g_steal_pointer (&cosigned));
      if (wrong)
        {
          expect_fault (ledger, G_MAXUINT64,
                        "checkpoint 4: checkpoint: the cosignature of witness.example/w1 is wrong");
          continue;
        }
      report = check (ledger, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (report->faults->len, ==, 0);
    }
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

/* --- what people signed ------------------------------------------------------------------ */

static Run *
begin (int quorum)
{
  Run *run = run_new ();

  run_add_enrolments (run);
  run_add_trigger (run);
  run_add_request (run, quorum);
  return run;
}

/* The approval in entry 8 is refused there, for @words. */
static void
expect_forgery (Run *take_run, const char *words)
{
  g_autoptr (Ledger) ledger = NULL;

  run_add_refund (take_run, 40000);
  run_add_closing (take_run, 0);
  ledger = ledger_of (take_run);
  expect_fault (ledger, 8, words);
}

static void
test_forged_signature (void)
{
  Run *run = begin (1);
  g_autofree char *envelope = run_sign (run, 1, "approve");

  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  expect_forgery (run, "not signed by key");
}

static void
test_deny_turned_into_approve (void)
{
  Run *run = begin (1);
  g_autofree char *envelope = run_sign (run, 0, "deny");

  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  expect_forgery (run, "another decision than the person signed");
}

static void
test_another_request (void)
{
  Run *run = begin (1);
  g_autofree char *envelope = NULL;

  run->request.bytes[0] ^= 1;
  envelope = run_sign (run, 0, "approve");
  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  expect_forgery (run, "signed another request");
}

static void
test_another_action (void)
{
  Run *run = begin (1);
  g_autofree char *envelope = NULL;

  g_set_str (&run->action_digest, "nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ");
  envelope = run_sign (run, 0, "approve");
  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  expect_forgery (run, "another action");
}

static void
test_expired (void)
{
  Run *run = begin (1);
  g_autofree char *envelope = run_sign (run, 0, "approve");

  run->time_us += G_GINT64_CONSTANT (700) * G_USEC_PER_SEC;
  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  expect_forgery (run, "had expired");
}

static void
test_late (void)
{
  Run *run = begin (1);

  run->time_us += G_GINT64_CONSTANT (3700) * G_USEC_PER_SEC;
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  expect_forgery (run, "after the gate's deadline");
}

static void
test_replayed (void)
{
  Run *run = begin (2);
  g_autofree char *envelope = run_sign (run, 0, "approve");
  g_autoptr (Ledger) ledger = NULL;

  run_add_envelope (run, 0, "approve", 1, 2, "waiting", envelope);
  run_add_envelope (run, 0, "approve", 2, 2, "approved", envelope);
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  ledger = ledger_of (run);
  expect_fault (ledger, 9, "counted twice");
}

static void
test_nobody_asked (void)
{
  Run *run = begin (1);
  g_autoptr (Ledger) ledger = NULL;

  run_add_decision (run, 0, "deny", 0, 1, "denied");
  run_add_decision (run, 1, "approve", 1, 1, "approved");
  run_add_closing (run, 0);
  ledger = ledger_of (run);
  expect_fault (ledger, 9, "no HUMAN_GATE_REQUESTED entry before it");
}

/* An entry of one gate that quotes the other, where the person decided. */
static void
test_another_gate (void)
{
  Run *run = begin (1);
  g_autofree char *envelope = run_sign (run, 0, "approve");
  AirValue *disclosed = air_map_new ();
  g_autoptr (Ledger) ledger = NULL;

  air_map_set_string (disclosed, "envelope", envelope);
  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
           fixture_json ("{'node':'payout','gate':'" RUN_ID "/approval','decision':'approve','actor':'" ANA
                         "','key':'%s','role':'approver','counted':1,'quorum':1,'outcome':'approved'}",
                         air_public_key_get_id (air_private_key_get_public (run->approvers[0]))),
           disclosed);
  ledger = ledger_of (run);
  expect_fault (ledger, 8, "counted at another gate");
}

/* One key under two names, one of them revoked. */
static void
test_key_by_another_name (void)
{
  Run *run = begin (1);
  AirPublicKey *key = air_private_key_get_public (run->approvers[0]);
  GBytes *spki = air_public_key_get_spki (key);
  g_autofree char *text = g_base64_encode (g_bytes_get_data (spki, NULL), g_bytes_get_size (spki));
  g_autofree char *envelope = NULL;
  AirValue *disclosed = air_map_new ();
  g_autoptr (Ledger) ledger = NULL;

  run_add (run, EPOCH_ID, AIR_ENTRY_KEY_ENROLLED,
           fixture_json ("{'key':'an alias','uri':'" ANA "','roles':['approver'],'spki':'%s'}", text), NULL);
  run_add (run, EPOCH_ID, AIR_ENTRY_KEY_REVOKED, fixture_json ("{'key':'%s'}", air_public_key_get_id (key)), NULL);
  envelope = run_sign (run, 0, "approve");
  air_map_set_string (disclosed, "envelope", envelope);
  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','decision':'approve','actor':'" ANA
                         "','key':'an alias','role':'approver','counted':1,'quorum':1,'outcome':'approved'}"),
           disclosed);
  ledger = ledger_of (run);
  expect_fault (ledger, 10, "not the id of the key that signed");
}

/* What is missing was not erased by right because the run itself says so. */
static void
test_erased_by_the_run (void)
{
  Run *run = begin (1);
  g_autoptr (Ledger) ledger = NULL;

  g_ptr_array_set_size (((RunEntry *) run->entries->pdata[3])->disclosures, 0);
  run_add (run, RUN_ID, AIR_ENTRY_REDACTION_APPLIED,
           fixture_json ("{'run':'" RUN_ID "','actor':'" ANA "','legal_basis':'none'}"), NULL);
  ledger = ledger_of (run);
  expect_fault (ledger, 3, "disclosures are missing");
}

static void
test_unsigned (void)
{
  Run *run = begin (1);

  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','decision':'approve','actor':'" ANA
                         "','key':'%s','role':'approver','counted':1,'quorum':1,'outcome':'approved'}",
                         air_public_key_get_id (air_private_key_get_public (run->approvers[0]))),
           NULL);
  expect_forgery (run, "nobody signed it");
}

static void
test_not_enrolled (void)
{
  Run *run = run_new ();
  g_autoptr (Ledger) ledger = NULL;

  run_add_trigger (run);
  run_add_request (run, 1);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_closing (run, 0);
  ledger = ledger_of (run);
  expect_fault (ledger, 5, "no KEY_ENROLLED");
}

/* A run enrols nobody. */
static void
test_enrolled_by_the_run (void)
{
  Run *run = run_new ();
  AirPublicKey *key = air_private_key_get_public (run->approvers[0]);
  GBytes *spki = air_public_key_get_spki (key);
  g_autofree char *text = g_base64_encode (g_bytes_get_data (spki, NULL), g_bytes_get_size (spki));
  g_autoptr (Ledger) ledger = NULL;

  run_add_trigger (run);
  run_add (
      run, RUN_ID, AIR_ENTRY_KEY_ENROLLED,
      fixture_json ("{'key':'%s','uri':'" ANA "','roles':['approver'],'spki':'%s'}", air_public_key_get_id (key), text),
      NULL);
  run_add_request (run, 1);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_closing (run, 0);
  ledger = ledger_of (run);
  expect_fault (ledger, 6, "no KEY_ENROLLED");
}

static void
test_revoked (void)
{
  Run *run = begin (1);
  g_autoptr (Ledger) ledger = NULL;

  run_add (run, EPOCH_ID, AIR_ENTRY_KEY_REVOKED,
           fixture_json ("{'key':'%s'}", air_public_key_get_id (air_private_key_get_public (run->approvers[0]))), NULL);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_closing (run, 0);
  ledger = ledger_of (run);
  expect_fault (ledger, 9, "the key was revoked before");
}

static AirValue *
envelope_map (const char *envelope)
{
  AirValue *map = air_map_new ();

  air_map_set_string (map, "envelope", envelope);
  return map;
}

/* The approver's own run, and the wrong role: the request excludes who brought the event and asks for an approver. */
static void
test_wrong_person (void)
{
  static const struct {
    const char *uri, *enrolled, *words;
  } rows[] = {
    { "airails://demo/shop", "approver", "separation of duties" },
    { "airails://demo/people/olga", "operator", "not enrolled in that role" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Run *run = run_new ();
      AirPrivateKey *real;
      g_autofree char *envelope = NULL;
      g_autoptr (Ledger) ledger = NULL;

      run_add_enrolments (run);
      run_add_operator (run, rows[i].uri, rows[i].enrolled);
      run_add_trigger (run);
      run_add_request (run, 1);
      real = run->approvers[0];
      run->approvers[0] = run->operator_key;
      envelope = run_sign (run, 0, "approve");
      run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
               fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','decision':'approve','actor':'%s','key':"
                             "'%s','role':'approver','counted':1,'quorum':1,'outcome':'approved','envelope_digest':"
                             "'sd:envelope'}",
                             rows[i].uri, air_public_key_get_id (air_private_key_get_public (run->operator_key))),
               envelope_map (envelope));
      run->approvers[0] = real;
      run_add_closing (run, 0);
      ledger = ledger_of (run);
      expect_fault (ledger, 9, rows[i].words);
    }
}

/* A word on an outcome: sound, and by the wrong key, about another attempt, or about none. */
static void
test_words (void)
{
  for (guint way = 0; way < 4; way++)
    {
      Run *run = run_new ();
      g_autoptr (AirDecision) word = NULL;
      g_autoptr (Ledger) ledger = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (AirFsckReport) report = NULL;

      run_add_enrolments (run);
      run_add_operator (run, "airails://demo/people/olga", "operator");
      run_add_trigger (run);
      if (way < 3)
        run_add_doubt (run);
      else
        g_strlcpy (run->input_digest, "nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ", sizeof run->input_digest);
      word = run_make_word (run, "happened");
      if (way == 2)
        word->request.bytes[3] ^= 1;
      run_add_word (run, word, way == 1 ? run->approvers[0] : run->operator_key, TRUE);
      run_add_closing (run, 0);
      ledger = ledger_of (run);
      report = check (ledger, &error);
      g_assert_no_error (error);
      switch (way)
        {
        case 0:
          g_assert_cmpuint (report->faults->len, ==, 0);
          g_assert_cmpuint (report->n_statements, ==, 1);
          break;
        case 1:
          expect_fault (ledger, 9, "not signed by key");
          break;
        case 2:
          expect_fault (ledger, 9, "another attempt");
          break;
        default:
          expect_fault (ledger, 7, "no TOOL_ACTION_STARTED entry before it");
        }
    }
}

static void
test_reader_fails_later (void)
{
  g_autoptr (Ledger) ledger = ledger_new ();
  g_autoptr (GError) error = NULL;

  ledger->unreadable = 7;
  g_assert_null (check (ledger, &error));
  fixture_assert_error (&error, G_FILE_ERROR, G_FILE_ERROR_IO, "entry 7: the disk is gone");
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
  g_test_add_func ("/ledger/fsck/cosignatures", test_cosignatures);
  g_test_add_func ("/ledger/fsck/shrunk", test_shrunk);
  g_test_add_func ("/ledger/fsck/forked", test_forked);
  g_test_add_func ("/ledger/fsck/moved-entries", test_moved_entries);
  g_test_add_func ("/ledger/fsck/missing-disclosure", test_missing_disclosure);
  g_test_add_func ("/ledger/fsck/swapped-disclosure", test_swapped_disclosure);
  g_test_add_func ("/ledger/fsck/reader-fails", test_reader_fails);
  g_test_add_func ("/ledger/fsck/forged-signature", test_forged_signature);
  g_test_add_func ("/ledger/fsck/deny-turned-into-approve", test_deny_turned_into_approve);
  g_test_add_func ("/ledger/fsck/another-request", test_another_request);
  g_test_add_func ("/ledger/fsck/another-action", test_another_action);
  g_test_add_func ("/ledger/fsck/expired", test_expired);
  g_test_add_func ("/ledger/fsck/late", test_late);
  g_test_add_func ("/ledger/fsck/replayed", test_replayed);
  g_test_add_func ("/ledger/fsck/nobody-asked", test_nobody_asked);
  g_test_add_func ("/ledger/fsck/unsigned", test_unsigned);
  g_test_add_func ("/ledger/fsck/another-gate", test_another_gate);
  g_test_add_func ("/ledger/fsck/key-by-another-name", test_key_by_another_name);
  g_test_add_func ("/ledger/fsck/erased-by-the-run", test_erased_by_the_run);
  g_test_add_func ("/ledger/fsck/not-enrolled", test_not_enrolled);
  g_test_add_func ("/ledger/fsck/enrolled-by-the-run", test_enrolled_by_the_run);
  g_test_add_func ("/ledger/fsck/revoked", test_revoked);
  g_test_add_func ("/ledger/fsck/wrong-person", test_wrong_person);
  g_test_add_func ("/ledger/fsck/words", test_words);
  g_test_add_func ("/ledger/fsck/reader-fails-later", test_reader_fails_later);

  return g_test_run ();
}
