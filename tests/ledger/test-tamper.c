/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "ledger/air-bundle.h"
#include "ledger/air-cosignature.h"
#include "ledger/air-verifier.h"
#include "run-fixture.h"

/* What somebody with the ledger's own key would try, and what somebody without it would: the verdict and the place.
 * Removed, moved and edited entries, other keys and other requests stand in test-verifier.c. */

#define SHOP    "airails://demo/shop"
#define WITNESS "witness.example/w1"

static void
expect (const AirReport *report, AirCheck check, const char *file, const char *field, const char *words)
{
  g_autofree char *text = air_report_to_text (report);

  g_assert_false (air_report_passed (report));
  g_assert_cmpint (report->verdicts[check], ==, AIR_VERDICT_FAILED);
  for (guint i = 0; i < report->findings->len; i++)
    {
      const AirFinding *finding = report->findings->pdata[i];

      if (finding->kind == AIR_FINDING_FAULT && finding->check == check && g_str_equal (finding->file, file)
          && (field == NULL || g_strcmp0 (finding->field, field) == 0) && strstr (finding->words, words) != NULL)
        return;
    }
  g_error ("no fault of %s at %s, %s saying \"%s\" in:\n%s", air_check_to_string (check), file, field, words, text);
}

static AirReport *
judge (Run *run)
{
  g_autoptr (GBytes) zip = run_make_bundle (run);

  return air_verifier_check_zip (zip, NULL);
}

/* --- approvals -------------------------------------------------------------------------- */

static void
enrol (Run *run, guint approver, const char *uri, const char *role)
{
  AirPublicKey *key = air_private_key_get_public (run->approvers[approver]);
  GBytes *spki = air_public_key_get_spki (key);
  g_autofree char *text = g_base64_encode (g_bytes_get_data (spki, NULL), g_bytes_get_size (spki));

  run_add (
      run, EPOCH_ID, AIR_ENTRY_KEY_ENROLLED,
      fixture_json ("{'key':'%s','uri':'%s','roles':['%s'],'spki':'%s'}", air_public_key_get_id (key), uri, role, text),
      NULL);
}

static Run *
begin (void)
{
  Run *run = run_new ();

  run_add_enrolments (run);
  run_add_trigger (run);
  run_add_request (run, 1);
  return run;
}

static AirReport *
finish (Run *run)
{
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  return judge (run);
}

/* The right key of a person who has not that role. */
static void
test_wrong_role (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirReport) report = NULL;

  enrol (run, 0, ANA, "auditor");
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  report = finish (run);
  expect (report, AIR_CHECK_EVIDENCE, "decisions/9.dsse.json", "role", "not enrolled in that role");
}

/* Who started the run approves it. */
static void
test_own (void)
{
  g_autoptr (Run) run = begin ();
  g_autofree char *envelope = NULL;
  g_autoptr (AirReport) report = NULL;
  AirValue *disclosed = air_map_new ();

  enrol (run, 0, SHOP, "approver");
  envelope = run_sign (run, 0, "approve");
  air_map_set_string (disclosed, "envelope", envelope);
  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','decision':'approve','actor':'" SHOP
                         "','key':'%s','role':'approver','counted':1,'quorum':1,'outcome':'approved',"
                         "'envelope_digest':'sd:envelope'}",
                         air_public_key_get_id (air_private_key_get_public (run->approvers[0]))),
           disclosed);
  report = finish (run);
  expect (report, AIR_CHECK_EVIDENCE, "decisions/9.dsse.json", "actor", "excludes this person");
}

/* Somebody else's key under an enrolled person's name. */
static void
test_wrong_key (void)
{
  g_autoptr (Run) run = begin ();
  g_autofree char *envelope = run_sign (run, 1, "approve");
  g_autoptr (AirReport) report = NULL;

  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  report = finish (run);
  expect (report, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", NULL, "sign");
}

/* --- witnesses ---------------------------------------------------------------------------- */

typedef enum { COSIGNED, COSIGNED_WRONGLY, COSIGNED_ANOTHER, COSIGNED_BY_ANOTHER, NOT_COSIGNED } Cosigned;

/* A bundle whose own policy demands the witness. */
static AirReport *
judge_cosigned (Cosigned how)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (AirPrivateKey) key = fixture_key ("witness"), other = fixture_key ("another witness");
  g_autoptr (AirVkey) witness =
      air_vkey_new (WITNESS, AIR_NOTE_KEY_COSIGNATURE, air_private_key_get_public (key), NULL);
  g_autofree char *text = run_sign_checkpoint (run), *cosigned = NULL, *log = air_vkey_to_string (run->log_vkey),
                  *vkey = air_vkey_to_string (witness),
                  *policy = g_strdup_printf ("log %s\nwitness w %s\nquorum w\n", log, vkey);
  g_autoptr (AirNote) note = air_note_parse (text, strlen (text), NULL);
  g_autoptr (AirMemoryTree) tree = run_make_tree (run);
  g_autoptr (AirBundleBuilder) builder = NULL;
  g_autoptr (AirNote) signed_note = NULL;
  g_autoptr (AirNoteSignature) signature = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (GError) error = NULL;

  signed_note = air_note_new (
      how == COSIGNED_ANOTHER ? ORIGIN "\n9\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" : note->text, &error);
  g_assert_no_error (error);
  signature = air_cosignature_sign (signed_note, WITNESS, how == COSIGNED_BY_ANOTHER ? other : key, 1795339900, &error);
  g_assert_no_error (error);
  if (how == COSIGNED_WRONGLY)
    {
      gsize size;
      guint8 *bytes = g_memdup2 (g_bytes_get_data (signature->signature, &size), 72);

      bytes[7] ^= 1; /* a second later */
      g_bytes_unref (signature->signature);
      signature->signature = g_bytes_new_take (bytes, 72);
    }
  if (how == COSIGNED_BY_ANOTHER)
    signature->key_id = air_vkey_get_key_id (witness); /* under the witness's name and id */
  if (how != NOT_COSIGNED)
    air_note_add_signature (note, g_steal_pointer (&signature));
  cosigned = air_note_write (note);

  builder = air_bundle_builder_new (RUN_ID, cosigned, "airails://demo/people/audrey");
  for (guint i = 0; i < run->entries->len; i++)
    {
      RunEntry *item = run->entries->pdata[i];
      g_autoptr (AirEntry) entry = air_entry_parse (item->leaf, NULL);
      g_autoptr (GArray) proof =
          air_tree_prove_inclusion (air_memory_tree_get_reader (tree), i, run->entries->len, NULL);

      if (!g_str_equal (air_entry_get_instance (entry), "noise"))
        air_bundle_builder_add_entry (builder, i, item->leaf, item->disclosures, proof);
    }
  air_bundle_builder_add_key (builder, run->log_vkey);
  air_bundle_builder_add_key (builder, witness);
  air_bundle_builder_set_policy (builder, policy);
  for (guint i = 0; i < 2; i++)
    air_bundle_builder_add_approver (builder, air_private_key_get_public (run->approvers[i]));
  air_bundle_builder_set_artifact (builder, run->manifest, run->config, run->signature, run->plan);
  if (how == COSIGNED)
    {
      g_autoptr (GBytes) evidence = g_bytes_new_static ("a quote", 7);

      air_bundle_builder_add_attestation (builder, "s1", "quote.bin", evidence);
    }
  files = air_bundle_builder_finish (builder, &error);
  g_assert_no_error (error);
  zip = air_zip_write (files, &error);
  g_assert_no_error (error);
  return air_verifier_check_zip (zip, NULL);
}

static void
test_cosignatures (void)
{
  g_autoptr (AirReport) good = judge_cosigned (COSIGNED), wrong = judge_cosigned (COSIGNED_WRONGLY),
                        another = judge_cosigned (COSIGNED_ANOTHER), forged = judge_cosigned (COSIGNED_BY_ANOTHER),
                        none = judge_cosigned (NOT_COSIGNED);
  g_autofree char *text = air_report_to_text (good);

  if (!air_report_passed (good))
    g_error ("%s", text);
  /* Hardware evidence that is there is whole, and neither judged nor called passed. */
  g_assert_cmpint (good->verdicts[AIR_CHECK_ATTESTATION], ==, AIR_VERDICT_NOT_JUDGED);
  g_assert_nonnull (strstr (text, "attestation: not judged"));
  g_assert_nonnull (strstr (text, "the largest consistent tree this witness had seen at 2026-11-22T09:31:40.000Z"));
  expect (wrong, AIR_CHECK_INTEGRITY, "checkpoint", NULL, "the cosignature of " WITNESS " is wrong");
  expect (another, AIR_CHECK_INTEGRITY, "checkpoint", NULL, "the cosignature of " WITNESS " is wrong");
  expect (forged, AIR_CHECK_INTEGRITY, "checkpoint", NULL, "the cosignature of " WITNESS " is wrong");
  expect (none, AIR_CHECK_INTEGRITY, "checkpoint", NULL, "have not all cosigned it");
}

/* --- erasure -------------------------------------------------------------------------------- */

/* With the ledger's word for it what is hidden is a note; without it, a fault where a rule hangs on it. */
static void
test_redaction (void)
{
  for (guint by_right = 0; by_right < 2; by_right++)
    {
      g_autoptr (Run) run = run_new_refund ();
      g_autoptr (AirReport) report = NULL;
      g_autofree char *text = NULL;

      for (guint i = 0; i < run->entries->len; i++)
        {
          RunEntry *item = run->entries->pdata[i];
          g_autoptr (AirEntry) entry = air_entry_parse (item->leaf, NULL);

          if (item->disclosures != NULL
              && !g_str_equal (air_entry_get_type_name (entry), AIR_ENTRY_HUMAN_GATE_DECISIONED))
            g_ptr_array_set_size (item->disclosures, 0);
        }
      if (by_right)
        run_add (run, EPOCH_ID, AIR_ENTRY_REDACTION_APPLIED,
                 fixture_json ("{'run':'" RUN_ID "','actor':'airails://demo/people/adam',"
                               "'legal_basis':'GDPR Art. 17(1)(a)','entries':7}"),
                 NULL);
      report = judge (run);
      text = air_report_to_text (report);
      if (by_right)
        {
          if (!air_report_passed (report))
            g_error ("%s", text);
          g_assert_nonnull (strstr (text, "redacted, committed: "));
          g_assert_nonnull (strstr (text, "GDPR Art. 17(1)(a)"));
        }
      else
        expect (report, AIR_CHECK_DETERMINISTIC, "entries/9.json", "node", "not disclosed");
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/tamper/wrong-role", test_wrong_role);
  g_test_add_func ("/ledger/tamper/own", test_own);
  g_test_add_func ("/ledger/tamper/wrong-key", test_wrong_key);
  g_test_add_func ("/ledger/tamper/cosignatures", test_cosignatures);
  g_test_add_func ("/ledger/tamper/redaction", test_redaction);

  return g_test_run ();
}
