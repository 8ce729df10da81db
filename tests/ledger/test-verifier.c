/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "run-fixture.h"

static Run *
begin (int quorum)
{
  Run *run = run_new ();

  run_add_enrolments (run);
  run_add_trigger (run);
  run_add_request (run, quorum);
  return run;
}

static void
finish (Run *run)
{
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
}

/* --- what passes ------------------------------------------------------------------ */

static void
test_passes (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GBytes) zip = run_make_bundle (run);
  g_autoptr (AirVerifierTrust) trust = run_make_trust (run);
  g_autoptr (AirReport) pinned = air_verifier_check_zip (zip, trust);
  g_autoptr (AirReport) alone = air_verifier_check_zip (zip, NULL);
  g_autofree char *text = air_report_to_text (pinned);
  g_autoptr (AirValue) value = air_report_to_value (pinned);

  if (!air_report_passed (pinned))
    g_error ("refused:\n%s", text);
  g_assert_cmpstr (pinned->instance, ==, RUN_ID);
  g_assert_true (pinned->pinned);
  g_assert_cmpint (pinned->verdicts[AIR_CHECK_ATTESTATION], ==, AIR_VERDICT_NOT_PRESENT);
  g_assert_nonnull (strstr (text, "attestation: not present"));
  g_assert_true (air_map_get_bool (value, "passed", FALSE));

  g_assert_true (air_report_passed (alone));
  g_assert_false (alone->pinned);
  g_assert_nonnull (strstr (alone->trust, "agree with itself"));
}

static void
test_two_approvers_pass (void)
{
  g_autoptr (Run) run = begin (2);
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  run_add_decision (run, 1, "approve", 1, 2, "waiting");
  run_add_decision (run, 0, "approve", 2, 2, "approved");
  finish (run);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_true (air_report_passed (report));
}

/* A question counts for nothing, and who asked it may approve. */
static void
test_question_passes (void)
{
  g_autoptr (Run) run = begin (1);
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  run_add_decision (run, 0, "request-info", 0, 1, "waiting");
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  finish (run);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_true (air_report_passed (report));
}

static void
test_no_approval_needed (void)
{
  g_autoptr (Run) run = begin (0);
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  finish (run);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_true (air_report_passed (report));
}

/* Erased is not forged: the commitment stays, and the report says so. */
static void
test_redacted (void)
{
  g_autoptr (Run) run = run_new_refund ();
  RunEntry *trigger = run->entries->pdata[3];
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;
  g_autofree char *text = NULL;

  g_ptr_array_set_size (trigger->disclosures, 0);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  text = air_report_to_text (report);
  g_assert_true (air_report_passed (report));
  g_assert_nonnull (strstr (text, "2 fields are kept back or redacted: committed, not shown"));
}

/* Every byte takes a minute: with -m thorough; else one in so many, beginning elsewhere in each file. */
#ifdef __SANITIZE_ADDRESS__
#define STEP 13
#else
#define STEP 4
#endif

/* --- every byte --------------------------------------------------------------------- */

static GBytes *
flip (GBytes *bytes, gsize offset, guint8 mask)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8 *copy = g_memdup2 (data, size);

  copy[offset] ^= mask;
  return g_bytes_new_take (copy, size);
}

/* Inside of the files, with a correct zip around: found, and the file is named. */
static void
test_every_byte_of_every_file (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GPtrArray) files = run_make_files (run);
  g_autoptr (AirReport) whole = air_verifier_check_files (files, NULL);
  gsize n = 0;

  g_assert_true (air_report_passed (whole));
  for (guint i = 0; i < files->len; i++)
    {
      AirFile *file = files->pdata[i];
      GBytes *original = file->data;
      gsize size = g_bytes_get_size (original);
      gsize step = size > 400 && !g_test_thorough () ? STEP : 1;

      for (gsize offset = i % step; offset < size; offset += step, n++)
        {
          g_autoptr (AirReport) report = NULL;

          file->data = flip (original, offset, (guint8) (1 << (offset % 8)));
          report = air_verifier_check_files (files, NULL);
          if (air_report_passed (report))
            g_error ("the flip of byte %" G_GSIZE_FORMAT " of %s went unseen", offset, file->name);
          if (run_find_fault (report, AIR_CHECK_INTEGRITY, file->name, NULL) == NULL)
            {
              g_autofree char *text = air_report_to_text (report);

              g_error ("the flip of byte %" G_GSIZE_FORMAT " of %s was found, but not there:\n%s", offset, file->name,
                       text);
            }
          g_bytes_unref (file->data);
        }
      file->data = original;
    }
  g_test_message ("%" G_GSIZE_FORMAT " flips, all found where they were", n);
}

/* Headers, names, checksums, directory: no byte of the zip is outside of the proof. */
static void
test_every_byte_of_the_zip (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GBytes) zip = run_make_bundle (run);
  gsize size = g_bytes_get_size (zip);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (zip, 0, size - 1);
  g_autoptr (AirReport) shorter = air_verifier_check_zip (cut, NULL);

  g_assert_false (air_report_passed (shorter));
  for (gsize offset = 0; offset < size; offset++)
    {
      g_autoptr (GBytes) flipped = flip (zip, offset, (guint8) (1 << (offset % 8)));
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) files = air_zip_read (flipped, &error);

      if (files != NULL)
        g_error ("the flip of byte %" G_GSIZE_FORMAT " of the zip went unseen", offset);
      g_assert_true (g_str_has_prefix (error->message, "zip: "));
    }
}

static void
test_files_added_and_removed (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GPtrArray) files = run_make_files (run);
  g_autoptr (GBytes) data = fixture_bytes ("x");

  for (guint i = 0; i < files->len; i++)
    {
      AirFile *taken = g_ptr_array_steal_index (files, i);
      g_autoptr (AirReport) report = air_verifier_check_files (files, NULL);

      g_assert_false (air_report_passed (report));
      g_ptr_array_insert (files, (int) i, taken);
    }
  g_ptr_array_add (files, air_file_new ("extra.txt", data));
  {
    g_autoptr (AirReport) report = air_verifier_check_files (files, NULL);

    g_assert_nonnull (run_find_fault (report, AIR_CHECK_INTEGRITY, "extra.txt", NULL));
  }
}

/* --- a forger with the ledger's key --------------------------------------------------- */

static void
test_other_log_key (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (Run) other = run_new_refund ();
  g_autoptr (AirVerifierTrust) trust = run_make_trust (run);
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  air_private_key_unref (other->log_key);
  air_vkey_free (other->log_vkey);
  other->log_key = fixture_key ("a forger's key");
  other->log_vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (other->log_key), NULL);
  zip = run_make_bundle (other);
  report = air_verifier_check_zip (zip, trust);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_INTEGRITY, "checkpoint", "pinned"));
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, NULL, "pinned")); /* its approvers are others too */
}

static void
remove_entry (Run *run, guint index)
{
  g_ptr_array_remove_index (run->entries, index);
}

static void
test_removed_entry (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  remove_entry (run, 5); /* STEP_DECIDED */
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_INTEGRITY, "entries/5.json", "missing"));
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_DETERMINISTIC, NULL, "counts 8 entries where 7 are"));
}

static void
test_reordered_entries (void)
{
  g_autoptr (Run) run = run_new_refund ();
  gpointer moved = run->entries->pdata[6];
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  run->entries->pdata[6] = run->entries->pdata[7];
  run->entries->pdata[7] = moved;
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_INTEGRITY, "entries/6.json", "out of order"));
}

static void
test_duplicated_entry (void)
{
  g_autoptr (Run) run = run_new_refund ();
  RunEntry *copy = g_new0 (RunEntry, 1);
  RunEntry *original = run->entries->pdata[5];
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  copy->leaf = g_bytes_ref (original->leaf);
  copy->disclosures = g_ptr_array_ref (original->disclosures);
  g_ptr_array_insert (run->entries, 6, copy);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_INTEGRITY, "entries/6.json", "repeated"));
}

/* An entry changed in place: the chain of the one after it breaks. */
static void
test_edited_entry (void)
{
  g_autoptr (Run) run = run_new_refund ();
  RunEntry *entry = run->entries->pdata[8];
  g_autofree char *text = g_strndup (g_bytes_get_data (entry->leaf, NULL), g_bytes_get_size (entry->leaf));
  g_auto (GStrv) parts = g_strsplit (text, "people/ana", 2);
  g_autofree char *edited = g_strjoinv ("people/ben", parts);
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  g_bytes_unref (entry->leaf);
  entry->leaf = fixture_bytes (edited);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_INTEGRITY, "entries/9.json", "\"prev\""));
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, NULL, "somebody else"));
}

static void
test_truncated (void)
{
  g_autoptr (Run) run = run_new_refund ();

  g_ptr_array_set_size (run->entries, 12);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/11.json", "no closing entry");
}

static void
test_wrong_count (void)
{
  g_autoptr (Run) run = begin (0);

  run_add_refund (run, 40000);
  run_add_closing (run, 1);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, NULL, "it counts");
}

static void
test_fork (void)
{
  g_autoptr (Run) run = run_new_refund ();

  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/14.json", "forked");
}

/* --- decisions ------------------------------------------------------------------------- */

/* The signed deny under an entry that says approve: what a chain over unsigned words would not see. */
static void
test_deny_turned_into_approve (void)
{
  g_autoptr (Run) run = begin (1);
  g_autofree char *envelope = run_sign (run, 0, "deny");

  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "another decision than the person signed");
}

static void
test_forged_signature (void)
{
  g_autoptr (Run) run = begin (1);
  g_autofree char *envelope = NULL;
  AirPrivateKey *real = run->approvers[0];
  g_autoptr (AirPrivateKey) forger = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  g_auto (GStrv) parts = NULL;
  g_autofree char *renamed = NULL;

  run->approvers[0] = forger;
  envelope = run_sign (run, 0, "approve");
  run->approvers[0] = real;
  parts = g_strsplit (envelope, air_public_key_get_id (air_private_key_get_public (forger)), 2);
  renamed = g_strjoinv (air_public_key_get_id (air_private_key_get_public (real)), parts);
  run_add_envelope (run, 0, "approve", 1, 1, "approved", renamed);
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "is wrong");
}

/* A decision about another request, with all else right. */
static void
test_decision_for_another_request (void)
{
  g_autoptr (Run) run = begin (1);
  g_autofree char *envelope = NULL;

  run->request.bytes[0] ^= 1;
  envelope = run_sign (run, 0, "approve");
  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "signed another request");
}

static void
test_decision_for_another_action (void)
{
  g_autoptr (Run) run = begin (1);
  g_autofree char *envelope = NULL;

  g_set_str (&run->action_digest, "nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ");
  envelope = run_sign (run, 0, "approve");
  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "another action");
}

static void
test_replayed_decision (void)
{
  g_autoptr (Run) run = begin (2);
  g_autofree char *envelope = run_sign (run, 0, "approve");
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  run_add_envelope (run, 0, "approve", 1, 2, "waiting", envelope);
  run_add_envelope (run, 0, "approve", 2, 2, "approved", envelope);
  finish (run);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, "decisions/9.dsse.json", "counted twice"));
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_DETERMINISTIC, "entries/9.json", "approves twice"));
}

static void
test_expired_decision (void)
{
  g_autoptr (Run) run = begin (1);
  g_autofree char *envelope = run_sign (run, 0, "approve");

  run->time_us += G_GINT64_CONSTANT (700) * G_USEC_PER_SEC;
  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "had expired");
}

static void
test_late_decision (void)
{
  g_autoptr (Run) run = begin (1);

  run->time_us += G_GINT64_CONSTANT (3700) * G_USEC_PER_SEC;
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "deadline");
}

static void
test_unenrolled_approver (void)
{
  g_autoptr (Run) run = run_new ();

  run_add_trigger (run);
  run_add_request (run, 1);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, NULL, "no KEY_ENROLLED");
}

static void
test_revoked_approver (void)
{
  g_autoptr (Run) run = begin (1);

  run_add (run, EPOCH_ID, AIR_ENTRY_KEY_REVOKED,
           fixture_json ("{'key':'%s'}", air_public_key_get_id (air_private_key_get_public (run->approvers[0]))), NULL);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  finish (run);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, NULL, "revoked");
}

static void
test_hidden_decision (void)
{
  g_autoptr (Run) run = run_new_refund ();
  RunEntry *decision = run->entries->pdata[8];

  g_ptr_array_set_size (decision->disclosures, 0);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "entries/8.json", "who decided cannot be checked");
}

static void
test_unknown_to_the_pinned (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GBytes) zip = run_make_bundle (run);
  g_autoptr (AirVerifierTrust) trust = air_verifier_trust_new ();
  g_autoptr (AirValue) nobody = fixture_json ("{'people':[],'signers':[]}");
  g_autoptr (AirReport) report = NULL;

  g_assert_true (air_verifier_trust_set_people (trust, nobody, NULL));
  report = air_verifier_check_zip (zip, trust);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "no such key"));
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, "artifact/signature.json", "no such key"));
  g_assert_false (report->pinned);
}

/* --- rules ------------------------------------------------------------------------------- */

static void
test_ungated_refund (void)
{
  g_autoptr (Run) run = begin (1);

  finish (run);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/8.json", "still waiting");
}

static void
test_never_asked (void)
{
  g_autoptr (Run) run = run_new ();

  run_add_enrolments (run);
  run_add_trigger (run);
  finish (run);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/6.json", "never asked");
}

static void
test_denied_refund (void)
{
  g_autoptr (Run) run = begin (1);

  run_add_decision (run, 0, "deny", 0, 1, "denied");
  finish (run);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/9.json", "did not approve");
}

static void
test_quorum_not_reached (void)
{
  g_autoptr (Run) run = begin (2);

  run_add_decision (run, 0, "approve", 1, 2, "approved");
  finish (run);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/8.json",
                      "\"approved\" where the decisions give \"waiting\"");
}

static void
test_another_amount (void)
{
  g_autoptr (Run) run = begin (1);

  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_refund (run, 40001);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/9.json", "not the input that was approved");
}

static void
test_double_refund (void)
{
  g_autoptr (Run) run = begin (1);

  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_refund (run, 40000);
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/12.json", "a second time");
}

/* Attempts of the approved refund, from @first to 2; attempts after the first commit to no input. */
static void
add_attempts (Run *run, int first)
{
  for (int attempt = first; attempt <= 2; attempt++)
    {
      run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
               fixture_json ("{'node':'refund','attempt':%d,'purpose':'execute','operation':"
                             "'stripe.refund.create@1.0.0','idem':'mfrggzdfmztwq2lknnwg23tpobyxe43u'}",
                             attempt),
               attempt == 1 ? fixture_json ("{'input':{'amount_minor':40000}}") : NULL);
      run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
               fixture_json ("{'node':'refund','attempt':%d,'purpose':'execute','outcome':'%s'}", attempt,
                             attempt == 1 ? "unknown" : "ok"),
               NULL);
    }
  run_add_closing (run, 0);
}

static void
test_retry (void)
{
  g_autoptr (Run) run = begin (1);
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  run_add_decision (run, 0, "approve", 1, 1, "approved");
  add_attempts (run, 1);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_true (air_report_passed (report));
}

/* Called a second attempt, an action would slip past the comparison with what was approved. */
static void
test_retry_of_nothing (void)
{
  g_autoptr (Run) run = begin (1);

  run_add_decision (run, 0, "approve", 1, 1, "approved");
  add_attempts (run, 2);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/9.json", "does not repeat the attempt before it");
}

static void
test_outcome_without_intent (void)
{
  g_autoptr (Run) run = begin (0);

  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
           fixture_json ("{'node':'refund','attempt':1,'purpose':'execute','outcome':'ok'}"), NULL);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/7.json", "without an intent");
}

static void
test_reversal_without_action (void)
{
  g_autoptr (Run) run = begin (0);

  run_add (run, RUN_ID, AIR_ENTRY_ROLLBACK_APPLIED, fixture_json ("{'node':'refund','outcome':'done'}"), NULL);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/7.json", "no action reversed it");
}

static void
test_intent_without_outcome (void)
{
  g_autoptr (Run) run = run_new ();

  run_add_enrolments (run);
  run_add_trigger (run);
  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
           fixture_json ("{'node':'order','attempt':1,'purpose':'execute','operation':'shop.order.lookup@1.0.0',"
                         "'idem':'x'}"),
           NULL);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/7.json", "had no outcome");
}

static void
test_unknown_type (void)
{
  g_autoptr (Run) run = begin (0);

  run_add (run, RUN_ID, "MAGIC_HAPPENED", NULL, NULL);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/7.json", "MAGIC_HAPPENED");
}

static void
test_wrong_artifact (void)
{
  g_autoptr (Run) run = run_new_refund ();

  g_bytes_unref (run->plan);
  run->plan = fixture_bytes ("{\"guards\":{},\"v\":1}");
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "artifact/plan.json", "no layer");
}

static void
test_not_a_bundle (void)
{
  static const char *const texts[] = { "", "PK",
                                       "not a zip at all, though long enough to be one, if that were all it took" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = fixture_bytes (texts[i]);
      g_autoptr (AirReport) report = air_verifier_check_zip (bytes, NULL);

      g_assert_false (air_report_passed (report));
      g_assert_cmpint (report->verdicts[AIR_CHECK_EVIDENCE], ==, AIR_VERDICT_NOT_PRESENT);
    }
}

/* A bundle made by the first version. It must verify for ever: formats do not change. */
static void
test_first_version (void)
{
  const char *source = g_getenv ("AIRAILS_SOURCE");
  g_autofree char *path =
      g_build_filename (source != NULL ? source : ".", "tests", "fuzz", "corpus", "bundle", "seed", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, &error));
  zip = g_bytes_new (content, length);
  report = air_verifier_check_zip (zip, NULL);
  text = air_report_to_text (report);
  if (!air_report_passed (report))
    g_error ("refused:\n%s", text);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) g_test_add_func ("/ledger/verifier/" path, func)
  ADD ("passes", test_passes);
  ADD ("two-approvers-pass", test_two_approvers_pass);
  ADD ("question", test_question_passes);
  ADD ("no-approval-needed", test_no_approval_needed);
  ADD ("redacted", test_redacted);
  ADD ("every-byte-of-every-file", test_every_byte_of_every_file);
  ADD ("every-byte-of-the-zip", test_every_byte_of_the_zip);
  ADD ("files-added-and-removed", test_files_added_and_removed);
  ADD ("other-log-key", test_other_log_key);
  ADD ("removed-entry", test_removed_entry);
  ADD ("reordered-entries", test_reordered_entries);
  ADD ("duplicated-entry", test_duplicated_entry);
  ADD ("edited-entry", test_edited_entry);
  ADD ("truncated", test_truncated);
  ADD ("wrong-count", test_wrong_count);
  ADD ("fork", test_fork);
  ADD ("deny-turned-into-approve", test_deny_turned_into_approve);
  ADD ("forged-signature", test_forged_signature);
  ADD ("decision-for-another-request", test_decision_for_another_request);
  ADD ("decision-for-another-action", test_decision_for_another_action);
  ADD ("replayed-decision", test_replayed_decision);
  ADD ("expired-decision", test_expired_decision);
  ADD ("late-decision", test_late_decision);
  ADD ("unenrolled-approver", test_unenrolled_approver);
  ADD ("revoked-approver", test_revoked_approver);
  ADD ("hidden-decision", test_hidden_decision);
  ADD ("unknown-to-the-pinned", test_unknown_to_the_pinned);
  ADD ("ungated-refund", test_ungated_refund);
  ADD ("never-asked", test_never_asked);
  ADD ("denied-refund", test_denied_refund);
  ADD ("quorum-not-reached", test_quorum_not_reached);
  ADD ("another-amount", test_another_amount);
  ADD ("double-refund", test_double_refund);
  ADD ("retry", test_retry);
  ADD ("retry-of-nothing", test_retry_of_nothing);
  ADD ("outcome-without-intent", test_outcome_without_intent);
  ADD ("reversal-without-action", test_reversal_without_action);
  ADD ("intent-without-outcome", test_intent_without_outcome);
  ADD ("unknown-type", test_unknown_type);
  ADD ("wrong-artifact", test_wrong_artifact);
  ADD ("not-a-bundle", test_not_a_bundle);
  ADD ("first-version", test_first_version);
#undef ADD

  return g_test_run ();
}
