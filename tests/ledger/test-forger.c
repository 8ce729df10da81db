/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "run-fixture.h"

/* A ledger that lies: what somebody writes who holds its key, so that tree, chain and checkpoint are all in order, with
 * decisions real people signed. The fixture's run: entries 0 to 2 are the epoch with the enrolments, the trigger is 3,
 * the gate's policy 6, its request 7. */

#define RULES AIR_CHECK_DETERMINISTIC
#define IDEM  "mfrggzdfmztwq2lknnwg23tpobyxe43u"

static AirValue *
make_plan (void)
{
  return fixture_json (
      "{'v':1,'guards':{'refund':'approval'},'nodes':{'request':{'kind':'trigger'},'rules':{'kind':'branch'},"
      "'approval':{'kind':'gate','policy':'refund-approval'},'small':{'kind':'gate','policy':'small'},"
      "'order':{'kind':'call','operation':'shop.order.lookup'},"
      "'refund':{'kind':'call','operation':'stripe.refund.create','compensate':{'operation':'mail.sorry'}}},"
      "'operations':{'shop.order.lookup':{'version':'1.0.0'},'mail.sorry':{'version':'2.0.0'},"
      "'stripe.refund.create':{'version':'1.0.0','compensate':[{'op':'stripe.refund.cancel'},{'manual':'call'}]},"
      "'stripe.refund.cancel':{'version':'1.0.0'}},"
      "'policies':{'refund-approval':{'gate':{'exclude':['trigger']}},'small':{}}}");
}

static Run *
begin_planned (void)
{
  Run *run = run_new ();

  run_set_plan (run, make_plan (), "application/vnd.airails.plan.v1+json");
  run_add_enrolments (run);
  run_add_trigger (run);
  return run;
}

static Run *
begin_approved (void)
{
  Run *run = begin_planned ();

  run_add_request (run, 1);
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  return run;
}

static void
expect_pass (Run *run)
{
  g_autoptr (GBytes) zip = run_make_bundle (run);
  g_autoptr (AirVerifierTrust) trust = run_make_trust (run);
  g_autoptr (AirReport) report = air_verifier_check_zip (zip, trust);
  g_autofree char *text = air_report_to_text (report);

  if (!air_report_passed (report))
    g_error ("refused:\n%s", text);
}

static void
add_call (Run *run, const char *node, const char *purpose, const char *operation, const char *idem, const char *outcome)
{
  gboolean sends = !g_str_equal (purpose, "reconcile");

  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
           fixture_json ("{'node':'%s','attempt':1,'purpose':'%s','operation':'%s','idem':'%s'}", node, purpose,
                         operation, idem),
           sends ? fixture_json ("{'input':{'amount_minor':40000}}") : NULL);
  run_add (run, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
           fixture_json ("{'node':'%s','attempt':1,'purpose':'%s','outcome':'%s'}", node, purpose, outcome), NULL);
}

static void
test_planned_run_passes (void)
{
  g_autoptr (Run) run = begin_approved ();

  add_call (run, "order", "execute", "shop.order.lookup@1.0.0", "o", "ok");
  run_add_refund (run, 40000);
  add_call (run, "refund", "compensate", "mail.sorry@2.0.0", "r1", "ok");
  add_call (run, "refund", "compensate", "stripe.refund.cancel@1.0.0", "r2", "unknown");
  add_call (run, "refund", "reconcile", "stripe.refund.cancel@1.0.0", "r2", "ok");
  run_add_closing (run, 0);
  expect_pass (run);
}

/* --- a decision counted elsewhere ------------------------------------------------------------------ */

/* What ana signed for the small gate stands in an entry of the gate that guards the refund. */
static void
test_decision_of_another_gate (void)
{
  g_autoptr (Run) run = begin_planned ();
  g_autoptr (AirDecision) statement = NULL;
  g_autofree char *envelope = NULL;
  AirValue *disclosed = air_map_new ();
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (AirReport) report = NULL;

  run_add_request (run, 1);
  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_REQUESTED,
           fixture_json ("{'node':'small','gate':'" RUN_ID "/small','artifact':'%s','policy':'%s','quorum':1,"
                         "'role':'approver','exclude':[],'on_expiry':'deny','action_digest':'sd:action',"
                         "'deadline':'2030-01-01T00:00:00.000Z'}",
                         run->artifact, run->artifact),
           fixture_json ("{'action':[]}"));
  run_note_request (run);
  statement = air_decision_new ("approve", RUN_ID "/small", &run->request, run->artifact, run->action_digest, "fine",
                                "approver", run->time_us - 1000000, run->time_us + G_USEC_PER_SEC * 600,
                                air_seeded_random_get (run->random));
  envelope = air_decision_sign (statement, run->approvers[0], NULL);
  air_map_set_string (disclosed, "envelope", envelope);
  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/small','decision':'approve','actor':'" ANA
                         "','key':'%s','role':'approver','counted':1,'quorum':1,'outcome':'approved',"
                         "'envelope_digest':'sd:envelope'}",
                         air_public_key_get_id (air_private_key_get_public (run->approvers[0]))),
           disclosed);
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  zip = run_make_bundle (run);
  report = air_verifier_check_zip (zip, NULL);
  g_assert_nonnull (run_find_fault (report, RULES, "entries/9.json", "it is not " RUN_ID "/approval"));
  g_assert_nonnull (run_find_fault (report, AIR_CHECK_EVIDENCE, "decisions/9.dsse.json", "counted at another gate"));
}

/* --- an action that no gate knows ------------------------------------------------------------------- */

static void
test_action_beside_the_plan (void)
{
  static const struct {
    const char *node;
    const char *operation;
    const char *words;
  } cases[] = {
    { "refund2", "stripe.refund.create@1.0.0", "the workflow version has no step" },
    { "refund@0", "stripe.refund.create@1.0.0", "the workflow version has no step" },
    { "", "stripe.refund.create@1.0.0", "the workflow version has no step" },
    { "approval", "stripe.refund.create@1.0.0", "is no step that calls anything" },
    { "order", "stripe.refund.create@1.0.0", "not the operation of that step" },
    { "order", "shop.order.lookup@1.0.1", "not the operation of that step" },
    { "order", "shop.order.lookup", "not the operation of that step" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = begin_planned ();

      add_call (run, cases[i].node, "execute", cases[i].operation, "x", "ok");
      run_add_closing (run, 0);
      run_expect_refusal (run, RULES, "entries/6.json", cases[i].words);
    }
}

/* An action is no reversal and no question only because it is called so. */
static void
test_action_called_something_else (void)
{
  static const struct {
    const char *node;
    const char *purpose;
    const char *operation;
    const char *words;
  } cases[] = {
    { "refund", "compensate", "stripe.refund.cancel@1.0.0", "reverses what was never done" },
    { "refund", "compensate", "stripe.refund.create@1.0.0", "reverses what was never done" },
    { "refund", "reconcile", "stripe.refund.create@1.0.0", "asks after an action that was never started" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = begin_planned ();

      add_call (run, cases[i].node, cases[i].purpose, cases[i].operation, "x", "ok");
      run_add_closing (run, 0);
      run_expect_refusal (run, RULES, "entries/6.json", cases[i].words);
    }
}

/* Once there was an effect: it is reversed by what the version says, and by nothing else. */
static void
test_another_reversal (void)
{
  g_autoptr (Run) run = begin_approved ();

  run_add_refund (run, 40000);
  add_call (run, "refund", "compensate", "stripe.refund.create@1.0.0", "x", "ok");
  run_add_closing (run, 0);
  run_expect_refusal (run, RULES, "entries/12.json", "reverses");
}

/* Without the plan nobody can tell which gate should have been asked. */
static void
test_plan_kept_back (void)
{
  g_autoptr (Run) run = begin_planned ();

  g_clear_pointer (&run->plan, g_bytes_unref);
  add_call (run, "refund", "execute", "stripe.refund.create@1.0.0", IDEM, "ok");
  run_add_closing (run, 0);
  run_expect_refusal (run, RULES, "entries/6.json", "artifact/plan.json");
}

/* Another layer of the version, which guards nothing. */
static void
test_layer_that_is_no_plan (void)
{
  g_autoptr (Run) run = run_new ();

  run_set_plan (run, fixture_json ("{'guards':{}}"), "application/vnd.airails.tests.v1+json");
  run_add_enrolments (run);
  run_add_trigger (run);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "artifact/plan.json", "no plan");
}

/* Who pins signers wants to know whose the version is. */
static void
test_signature_kept_back (void)
{
  g_autoptr (Run) run = begin_approved ();

  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  g_clear_pointer (&run->signature, g_bytes_unref);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "artifact/signature.json", "you pinned");
}

/* Erased was what the run had disclosed by then: nothing that came later. */
static void
test_erased_before (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Run) run = begin_planned ();

      for (guint k = 0; k < 2; k++)
        {
          if (k == i)
            run_add (run, EPOCH_ID, AIR_ENTRY_REDACTION_APPLIED,
                     fixture_json ("{'run':'" RUN_ID "','actor':'" ANA "','legal_basis':'GDPR Art. 17'}"), NULL);
          if (k == 0)
            {
              run_add_request (run, 0);
              g_ptr_array_set_size (((RunEntry *) run->entries->pdata[run->entries->len - 1])->disclosures, 0);
              run_add_refund (run, 40000);
              run_add_closing (run, 0);
            }
        }
      if (i == 0)
        run_expect_refusal (run, RULES, "entries/8.json", "needed no approval is not disclosed");
      else
        expect_pass (run);
    }
}

/* --- terms ------------------------------------------------------------------------------------------- */

static void
add_request (Run *run, const char *members, const char *action)
{
  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_REQUESTED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','artifact':'%s','policy':'%s',"
                         "'role':'approver','on_expiry':'deny','action_digest':'sd:action',%s%s}",
                         run->artifact, run->artifact, members,
                         strstr (members, "deadline") != NULL ? "" : ",'deadline':'2030-01-01T00:00:00.000Z'"),
           fixture_json ("{'action':%s}", action));
  run_note_request (run);
}

static void
add_policy_saying (Run *run, const char *node, const char *output)
{
  run_add (run, RUN_ID, AIR_ENTRY_POLICY_EVALUATED,
           fixture_json ("{'node':'%s','policy':'%s','table':'t','rules':['r']}", node, run->artifact),
           fixture_json ("{'inputs':{},'output':%s}", output));
}

static void
add_policy (Run *run, int quorum)
{
  g_autofree char *output = g_strdup_printf ("{'quorum':%d,'role':'approver'}", quorum);

  add_policy_saying (run, "approval", output);
}

#define EXCLUDE "'exclude':['airails://demo/shop']"
#define ITEM                                                                                                           \
  "{'node':'refund','operation':'stripe.refund.create@1.0.0','title':'Refund','input':{'amount_minor':40000},"         \
  "'idempotency_key':'" IDEM "'}"

static void
test_fewer_than_the_policy (void)
{
  g_autoptr (Run) run = begin_planned ();

  add_policy (run, 2);
  add_request (run, "'quorum':1," EXCLUDE, "[" ITEM "]");
  run_add_decision (run, 0, "approve", 1, 1, "approved");
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  run_expect_refusal (run, RULES, "entries/7.json", "its policy asks for 2");
}

/* The policy excludes who started the run, by itself or together with others; the request does not. */
static void
test_starter_not_excluded (void)
{
  static const char *const outputs[] = {
    "{'quorum':1,'role':'approver'}",
    "{'quorum':1,'role':'approver','terms':{'verdict':'ask','quorum':1,'roles':['approver'],'exclude':['trigger']}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    {
      g_autoptr (Run) run = begin_planned ();

      add_policy_saying (run, "approval", outputs[i]);
      add_request (run, "'quorum':1,'exclude':[]", "[" ITEM "]");
      run_add_decision (run, 0, "approve", 1, 1, "approved");
      run_add_refund (run, 40000);
      run_add_closing (run, 0);
      run_expect_refusal (run, RULES, "entries/7.json", "does not exclude airails://demo/shop");
    }
}

/* One that waits for ever takes a decision of any time. */
static void
test_no_deadline (void)
{
  g_autoptr (Run) run = begin_planned ();

  add_policy (run, 1);
  add_request (run, "'quorum':1," EXCLUDE ",'deadline':'never'", "[" ITEM "]");
  run_add (run, RUN_ID, AIR_ENTRY_TIMER, fixture_json ("{'node':'approval','timer':'reminder','state':'fired'}"), NULL);
  run_add_closing (run, 0);
  run_expect_refusal (run, RULES, "entries/7.json", "must not wait for ever");
}

static void
test_decision_at_the_deadline (void)
{
  g_autoptr (Run) run = begin_planned ();
  g_autofree char *envelope = NULL, *deadline = NULL, *members = NULL;

  deadline = air_time_format (run->time_us + G_USEC_PER_SEC * 60);
  members = g_strdup_printf ("'quorum':1," EXCLUDE ",'deadline':'%s'", deadline);
  add_policy (run, 1);
  add_request (run, members, "[" ITEM "]");
  envelope = run_sign (run, 0, "approve");
  run->time_us += G_USEC_PER_SEC * 60 - 3000000;
  run_add_envelope (run, 0, "approve", 1, 1, "approved", envelope);
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  run_expect_refusal (run, AIR_CHECK_EVIDENCE, "decisions/8.dsse.json", "deadline");
}

/* --- limits ------------------------------------------------------------------------------------------- */

static void
test_limits (void)
{
  static const struct {
    const char *verdict;
    const char *idem;
    const char *limits;
    const char *words; /* NULL: it passes */
  } cases[] = {
    { "allow", "o", "[{'limit':'cap','amount':40,'windows':[{'id':'day','max':100,'used':60}]}]", NULL },
    { "wait", "o", "[{'limit':'cap','amount':40,'windows':[{'id':'day','max':100,'used':90}]}]", NULL },
    { "allow", "o", "[{'limit':'cap','amount':40,'windows':[{'id':'day','max':100,'used':61}]}]", "cap.day was full" },
    { "allow", "o", "[{'limit':'cap','amount':101,'windows':[{'id':'day','max':100,'used':0}]}]", "cap.day was full" },
    { "allow", "o", "[{'limit':'cap','amount':-1,'windows':[{'id':'day','max':100,'used':0}]}]", "cap.day was full" },
    { "allow", "o", "[{'limit':'cap','windows':[{'id':'day','max':100,'used':0}]}]", "cap.day was full" },
    { "allow", "o", "[{'limit':'cap','amount':1,'windows':[{'id':'day','max':100}]}]", "cap.day was full" },
    { "allow", "x", "[]", "asked for another action" },
    { "allow", "o", NULL, "not disclosed" },
    { "deny", "o", "[]", "said \"deny\"" },
    { "gate", "o", "[]", "said \"gate\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = begin_planned ();

      run_add (run, RUN_ID, AIR_ENTRY_POLICY_EVALUATED,
               fixture_json ("{'node':'order','limits':['cap'],'rules':['within'],'verdict':'%s','idem':'%s'}",
                             cases[i].verdict, cases[i].idem),
               cases[i].limits != NULL ? fixture_json ("{'inputs':{'limits':%s}}", cases[i].limits) : NULL);
      add_call (run, "order", "execute", "shop.order.lookup@1.0.0", "o", "ok");
      run_add_closing (run, 0);
      if (cases[i].words == NULL)
        expect_pass (run);
      else
        run_expect_refusal (run, RULES, "entries/7.json", cases[i].words);
    }
}

/* --- edits --------------------------------------------------------------------------------------------- */

#define EDITABLE "'edit':{'refund.amount_minor':['<= before']}"
#define LESS                                                                                                           \
  "{'node':'refund','operation':'stripe.refund.create@1.0.0','title':'Refund','input':{'amount_minor':30000},"         \
  "'was':{'amount_minor':40000},'idempotency_key':'" IDEM "'}"

/* @edited is what the entry shows, and what @approver signed. */
static void
add_edit (Run *run, guint approver, const char *edited_json, int quorum, const char *outcome)
{
  g_autoptr (AirValue) edited = fixture_json ("%s", edited_json);
  g_autoptr (AirDecision) statement = air_decision_new (
      "edit", RUN_ID "/approval", &run->request, run->artifact, run->action_digest, "less", "approver",
      run->time_us - 1000000, run->time_us + G_USEC_PER_SEC * 600, air_seeded_random_get (run->random));
  g_autoptr (GBytes) bytes = air_jcs_write_bytes (edited, NULL);
  AirDigest digest = air_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *hex = air_digest_to_hex (&digest), *envelope = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *disclosed = air_map_new ();

  statement->edits = fixture_json ("[{'op':'replace','path':'/0/input/amount_minor','value':30000}]");
  statement->edited_digest = g_strconcat ("sha256:", hex, NULL);
  envelope = air_decision_sign (statement, run->approvers[approver], &error);
  g_assert_no_error (error);
  air_map_set_string (disclosed, "envelope", envelope);
  air_map_set (disclosed, "edits", air_value_ref (statement->edits));
  air_map_set (disclosed, "edited", g_steal_pointer (&edited));
  run_add (run, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','decision':'edit','actor':'%s','key':'%s',"
                         "'role':'approver','counted':1,'quorum':%d,'outcome':'%s','edited_digest':'sd:edited',"
                         "'envelope_digest':'sd:envelope'}",
                         approver == 0 ? ANA : BEN,
                         air_public_key_get_id (air_private_key_get_public (run->approvers[approver])), quorum,
                         outcome),
           disclosed);
}

static Run *
begin_editable (int quorum)
{
  Run *run = begin_planned ();
  g_autofree char *members = g_strdup_printf ("'quorum':%d," EXCLUDE "," EDITABLE, quorum);

  add_policy (run, quorum);
  add_request (run, members, "[" ITEM "]");
  return run;
}

static void
test_edit_passes (void)
{
  g_autoptr (Run) run = begin_editable (1);

  add_edit (run, 0, "[" LESS "]", 1, "approved");
  run_add_refund (run, 30000);
  run_add_closing (run, 0);
  expect_pass (run);
}

/* What the person who edits signs may still change more than the gate lets anybody change. */
static void
test_edit_of_more (void)
{
  static const struct {
    const char *edited;
    const char *words;
  } cases[] = {
    { "[{'node':'refund','operation':'stripe.refund.create@1.0.0','title':'Refund','input':{'amount_minor':30000,"
      "'to':'mallory'},'was':{'amount_minor':40000},'idempotency_key':'" IDEM "'}]",
      "changes \"refund\"" },
    { "[{'node':'refund','operation':'stripe.payout.create@1.0.0','title':'Refund','input':{'amount_minor':30000},"
      "'was':{'amount_minor':40000},'idempotency_key':'" IDEM "'}]",
      "operation" },
    { "[{'node':'refund','operation':'stripe.refund.create@1.0.0','title':'Refund','input':{'amount_minor':30000},"
      "'was':{'amount_minor':40000},'idempotency_key':'another'}]",
      "idempotency_key" },
    { "[{'node':'refund','operation':'stripe.refund.create@1.0.0','title':'Refund','input':{'amount_minor':30000},"
      "'was':{'amount_minor':90000},'idempotency_key':'" IDEM "'}]",
      "was" },
    { "[" LESS "," LESS "]", "as many actions" },
    { "[]", "as many actions" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = begin_editable (1);

      add_edit (run, 0, cases[i].edited, 1, "approved");
      run_add_closing (run, 0);
      run_expect_refusal (run, RULES, "entries/8.json", cases[i].words);
    }
}

/* Ana changes the action; that counts as one of two. Who comes second must be somebody else. */
static void
test_edit_then_asked_anew (void)
{
  static const struct {
    guint second;
    const char *members;
    const char *action;
    const char *file; /* NULL: it passes */
    const char *words;
  } cases[] = {
    { 1, "'quorum':1,'edited_by':'" ANA "','exclude':['airails://demo/shop','" ANA "']", LESS, NULL, NULL },
    { 0, "'quorum':1,'edited_by':'" ANA "'," EXCLUDE, LESS, "entries/10.json", "changed the action before" },
    { 1, "'quorum':1,'edited_by':'" ANA "'," EXCLUDE, ITEM, "entries/9.json", "not the action as it was changed" },
    { 1, "'quorum':1,'edited_by':'" BEN "'," EXCLUDE, LESS, "entries/9.json", "who changed the action" },
    { 1, "'quorum':1," EXCLUDE, LESS, "entries/9.json", "who changed the action" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = begin_editable (2);
      g_autofree char *list = g_strdup_printf ("[%s]", cases[i].action);

      add_edit (run, 0, "[" LESS "]", 2, "edited");
      add_request (run, cases[i].members, list);
      run_add_decision (run, cases[i].second, "approve", 1, 1, "approved");
      if (cases[i].action[strlen (cases[i].action) - 1] == '}' && strstr (cases[i].action, "'was'") != NULL)
        run_add_refund (run, 30000);
      run_add_closing (run, 0);
      if (cases[i].file == NULL)
        expect_pass (run);
      else
        run_expect_refusal (run, RULES, cases[i].file, cases[i].words);
    }
}

/* Three are to approve: after the change two are left, not one. */
static void
test_edit_lowers_by_one (void)
{
  g_autoptr (Run) run = begin_editable (3);

  add_edit (run, 0, "[" LESS "]", 3, "edited");
  add_request (run, "'quorum':1,'edited_by':'" ANA "','exclude':['airails://demo/shop','" ANA "']", "[" LESS "]");
  run_add_decision (run, 1, "approve", 1, 1, "approved");
  run_add_refund (run, 30000);
  run_add_closing (run, 0);
  run_expect_refusal (run, RULES, "entries/9.json", "2 were left to approve");
}

/* Ben changes what Ana changed: his word alone does not let it pass, and she is asked like anybody. */
static void
test_edit_of_an_edit (void)
{
  static const char second[] = "'quorum':1,'edited_by':'" ANA "','exclude':['airails://demo/shop','" ANA "']," EDITABLE,
                    third[] = "'quorum':1,'edited_by':'" BEN "','exclude':['airails://demo/shop','" BEN "']";

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Run) run = begin_editable (2);

      add_edit (run, 0, "[" LESS "]", 2, "edited");
      add_request (run, second, "[" LESS "]");
      add_edit (run, 1, "[" LESS "]", 1, i == 0 ? "approved" : "edited");
      if (i == 1)
        {
          add_request (run, third, "[" LESS "]");
          run_add_decision (run, 0, "approve", 1, 1, "approved");
        }
      run_add_refund (run, 30000);
      run_add_closing (run, 0);
      if (i == 0)
        run_expect_refusal (run, RULES, "entries/10.json", "\"approved\" where the decisions give \"edited\"");
      else
        expect_pass (run);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) g_test_add_func ("/ledger/forger/" path, func)
  ADD ("planned-run-passes", test_planned_run_passes);
  ADD ("decision-of-another-gate", test_decision_of_another_gate);
  ADD ("action-beside-the-plan", test_action_beside_the_plan);
  ADD ("action-called-something-else", test_action_called_something_else);
  ADD ("another-reversal", test_another_reversal);
  ADD ("plan-kept-back", test_plan_kept_back);
  ADD ("layer-that-is-no-plan", test_layer_that_is_no_plan);
  ADD ("signature-kept-back", test_signature_kept_back);
  ADD ("erased-before", test_erased_before);
  ADD ("fewer-than-the-policy", test_fewer_than_the_policy);
  ADD ("starter-not-excluded", test_starter_not_excluded);
  ADD ("no-deadline", test_no_deadline);
  ADD ("decision-at-the-deadline", test_decision_at_the_deadline);
  ADD ("limits", test_limits);
  ADD ("edit-passes", test_edit_passes);
  ADD ("edit-of-more", test_edit_of_more);
  ADD ("edit-then-asked-anew", test_edit_then_asked_anew);
  ADD ("edit-lowers-by-one", test_edit_lowers_by_one);
  ADD ("edit-of-an-edit", test_edit_of_an_edit);
#undef ADD

  return g_test_run ();
}
