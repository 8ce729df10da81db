/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "run-fixture.h"

/* What an operator signed about an outcome nobody knew, in a bundle. The fixture's run: entries 0 to 3 are the epoch
 * with the enrolments, the last of them the operator's; the refund is sent in entry 10, its answer lost in 11. */

#define OLGA "airails://demo/people/olga"
#define FILE "decisions/12.dsse.json"

static Run *
begin_for (const char *uri, const char *role)
{
  Run *run = run_new ();

  run_add_enrolments (run);
  run_add_operator (run, uri, role);
  run_add_trigger (run);
  run_add_request (run, 1);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_doubt (run);
  return run;
}

static Run *
begin (void)
{
  return begin_for (OLGA, "operator");
}

static AirReport *
check (Run *run, char **ret_text)
{
  g_autoptr (GBytes) zip = run_make_bundle (run);
  g_autoptr (AirVerifierTrust) trust = run_make_trust (run);
  AirReport *report = air_verifier_check_zip (zip, trust);

  *ret_text = air_report_to_text (report);
  return report;
}

static void
test_happened (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "happened");
  g_autoptr (AirReport) report = NULL;
  g_autofree char *text = NULL;

  run_add_word (run, word, run->operator_key, TRUE);
  run_add_closing (run, 0);
  report = check (run, &text);
  if (!air_report_passed (report))
    g_error ("refused:\n%s", text);
  g_assert_nonnull (strstr (text, OLGA " signed \"happened\" at " RUN_ID
                                       "/refund in the role operator over the attempt in entries/10.json"));
}

/* It did not, so it is tried again. */
static void
test_did_not_happen (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "did-not-happen");
  g_autoptr (AirReport) report = NULL;
  g_autofree char *text = NULL;

  run_add_word (run, word, run->operator_key, FALSE);
  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
           fixture_json ("{'node':'refund','attempt':2,'purpose':'execute','operation':'stripe.refund.create@1.0.0',"
                         "'idem':'mfrggzdfmztwq2lknnwg23tpobyxe43u'}"),
           NULL);
  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
           fixture_json ("{'node':'refund','attempt':2,'purpose':'execute','outcome':'ok'}"), NULL);
  run_add_closing (run, 0);
  report = check (run, &text);
  if (!air_report_passed (report))
    g_error ("refused:\n%s", text);
}

/* --- each thing that a word says, changed ------------------------------------------------------- */

static void
say_the_other (AirDecision *word)
{
  g_set_str (&word->decision, "did-not-happen");
}

static void
decide (AirDecision *word)
{
  g_set_str (&word->decision, "approve");
}

static void
name_another_step (AirDecision *word)
{
  g_set_str (&word->gate, RUN_ID "/refund@0");
}

static void
name_another_attempt (AirDecision *word)
{
  word->request.bytes[0] ^= 1;
}

static void
name_another_input (AirDecision *word)
{
  g_set_str (&word->action_digest, "nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ");
}

static void
name_another_version (AirDecision *word)
{
  g_set_str (&word->artifact, "sha256:0000000000000000000000000000000000000000000000000000000000000000");
}

static void
give_another_reason (AirDecision *word)
{
  g_set_str (&word->reason, "a guess");
}

static void
sign_before (AirDecision *word)
{
  word->issued_us -= 3600 * (gint64) G_USEC_PER_SEC;
}

static void
sign_after (AirDecision *word)
{
  word->issued_us += 3600 * (gint64) G_USEC_PER_SEC;
  word->expires_us += 3600 * (gint64) G_USEC_PER_SEC;
}

static void
let_expire (AirDecision *word)
{
  word->expires_us = word->issued_us + 1000;
}

static void
approve (AirDecision *word)
{
  g_set_str (&word->role, "approver");
}

static void
test_tampered (void)
{
  static const struct {
    void (*spoil) (AirDecision *);
    const char *words;
  } rows[] = {
    { say_the_other, "another outcome than the person signed" },
    { decide, "another outcome than the person signed" },
    { name_another_step, "signed about another step" },
    { name_another_attempt, "signed about another attempt" },
    { name_another_input, "signed about another input" },
    { name_another_version, "signed about another version" },
    { give_another_reason, "another reason than the person signed" },
    { sign_before, "signed before the action was sent" },
    { sign_after, "signed after it was counted" },
    { let_expire, "had expired" },
    { approve, "only an operator or an admin may say that" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Run) run = begin ();
      g_autoptr (AirDecision) word = run_make_word (run, "happened");

      rows[i].spoil (word);
      run_add_word (run, word, run->operator_key, TRUE);
      run_add_closing (run, 0);
      run_expect_refusal (run, AIR_CHECK_EVIDENCE, FILE, rows[i].words);
    }
}

/* --- who signed --------------------------------------------------------------------------------- */

static void
test_signers (void)
{
  static const struct {
    const char *uri, *role; /* of the operator's key, as it is enrolled */
    gboolean with_approvers_key;
    const char *words;
  } rows[] = {
    { OLGA, "operator", TRUE, "not signed by key" },
    { OLGA, "auditor", FALSE, "not enrolled in that role" },
    { "airails://demo/shop", "operator", FALSE, "this person started the run" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Run) run = begin_for (rows[i].uri, rows[i].role);
      g_autoptr (AirDecision) word = run_make_word (run, "happened");

      run_add_word (run, word, rows[i].with_approvers_key ? run->approvers[0] : run->operator_key, TRUE);
      run_add_closing (run, 0);
      run_expect_refusal (run, AIR_CHECK_EVIDENCE, FILE, rows[i].words);
    }
}

/* The run does the work of one again that the operator had started. */
static void
test_own_run_before (void)
{
  g_autoptr (Run) run = run_new ();
  g_autoptr (AirDecision) word = NULL;

  run_add_enrolments (run);
  run_add_operator (run, OLGA, "operator");
  run_add (run, RUN_ID, AIR_ENTRY_TRIGGER_RECEIVED,
           fixture_json ("{'node':'request','actor':'airails://demo/shop','artifact':'%s','retry_of':"
                         "'01JD9ZK3RUN0000000000001','triggered_by':['" OLGA "']}",
                         run->artifact),
           NULL);
  run_add_request (run, 1);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_doubt (run);
  word = run_make_word (run, "happened");
  run_add_word (run, word, run->operator_key, TRUE);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/10.dsse.json", "this person started the run");
}

static void
test_revoked (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "happened");

  run_add (run, EPOCH_ID, AIR_ENTRY_KEY_REVOKED,
           fixture_json ("{'key':'%s'}", air_public_key_get_id (air_private_key_get_public (run->operator_key))), NULL);
  run_add_word (run, word, run->operator_key, TRUE);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/13.dsse.json", "revoked");
}

static void
test_unknown_to_the_pinned (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "happened");
  g_autoptr (AirVerifierTrust) trust = air_verifier_trust_new ();
  g_autoptr (AirValue) nobody = fixture_json ("{'people':[],'signers':[]}");
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  run_add_word (run, word, run->operator_key, TRUE);
  run_add_closing (run, 0);
  zip = run_make_bundle (run);
  g_assert_true (air_verifier_trust_set_people (trust, nobody, NULL));
  report = air_verifier_check_zip (zip, trust);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, FILE, "no such key"));
}

/* --- counted wrongly ----------------------------------------------------------------------------- */

static void
test_replayed (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "did-not-happen");
  g_autoptr (AirReport) report = NULL;
  g_autofree char *text = NULL;

  run_add_word (run, word, run->operator_key, FALSE);
  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
           fixture_json ("{'node':'refund','attempt':2,'purpose':'execute','operation':'stripe.refund.create@1.0.0',"
                         "'idem':'mfrggzdfmztwq2lknnwg23tpobyxe43u'}"),
           NULL);
  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
           fixture_json ("{'node':'refund','attempt':2,'purpose':'execute','outcome':'unknown'}"), NULL);
  run_add_word (run, word, run->operator_key, FALSE);
  run_add_closing (run, 0);
  report = check (run, &text);
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, "decisions/15.dsse.json", "counted twice"));
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, "decisions/15.dsse.json", "another attempt"));
}

/* Signed and all, and said of an action that everybody knows the outcome of. */
static void
test_known_outcome (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = NULL;

  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
           fixture_json ("{'node':'refund','attempt':1,'purpose':'reconcile','operation':'stripe.refund.create@1.0.0',"
                         "'idem':'mfrggzdfmztwq2lknnwg23tpobyxe43u'}"),
           NULL);
  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
           fixture_json ("{'node':'refund','attempt':1,'purpose':'reconcile','outcome':'not_found'}"), NULL);
  word = run_make_word (run, "happened");
  run_add_word (run, word, run->operator_key, TRUE);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/14.json", "whose outcome was known");
}

static void
test_done_again (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "happened");

  run_add_word (run, word, run->operator_key, TRUE);
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/13.json", "a second time");
}

static void
test_unknown_order (void)
{
  g_autoptr (Run) run = run_new ();

  run_add_enrolments (run);
  run_add_trigger (run);
  run_add (run, RUN_ID, AIR_ENTRY_RUN_CONTROLLED, fixture_json ("{'action':'forget','actor':'" OLGA "'}"), NULL);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_DETERMINISTIC, "entries/6.json", "\"forget\" is no order");
}

/* --- not shown ------------------------------------------------------------------------------------ */

static void
test_hidden (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "happened");
  RunEntry *entry;

  entry = run->entries->pdata[run_add_word (run, word, run->operator_key, TRUE)];
  run_add_closing (run, 0);
  g_ptr_array_set_size (entry->disclosures, 0);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "entries/12.json", "who decided cannot be checked");
}

/* What the operator found is the requester's data, and goes with it when the ledger says so. */
static void
test_erased (void)
{
  g_autoptr (Run) run = begin ();
  g_autoptr (AirDecision) word = run_make_word (run, "happened");
  g_autoptr (AirReport) report = NULL;
  g_autofree char *text = NULL;
  RunEntry *entry;

  entry = run->entries->pdata[run_add_word (run, word, run->operator_key, TRUE)];
  run_add_closing (run, 0);
  run_add (run, EPOCH_ID, AIR_ENTRY_REDACTION_APPLIED,
           fixture_json ("{'run':'" RUN_ID "','actor':'" OLGA "','legal_basis':'GDPR Art. 17(1)(a)','entries':1}"),
           NULL);
  g_ptr_array_set_size (entry->disclosures, 0);
  report = check (run, &text);
  if (!air_report_passed (report))
    g_error ("refused:\n%s", text);
  g_assert_nonnull (strstr (text, "redacted, committed: the signed decision is not disclosed"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) g_test_add_func ("/ledger/words/" path, func)
  ADD ("happened", test_happened);
  ADD ("did-not-happen", test_did_not_happen);
  ADD ("tampered", test_tampered);
  ADD ("signers", test_signers);
  ADD ("own-run-before", test_own_run_before);
  ADD ("revoked", test_revoked);
  ADD ("unknown-to-the-pinned", test_unknown_to_the_pinned);
  ADD ("replayed", test_replayed);
  ADD ("known-outcome", test_known_outcome);
  ADD ("done-again", test_done_again);
  ADD ("unknown-order", test_unknown_order);
  ADD ("hidden", test_hidden);
  ADD ("erased", test_erased);
#undef ADD

  return g_test_run ();
}
