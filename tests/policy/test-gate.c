/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "policy/air-gate.h"

#define S   ((gint64) G_USEC_PER_SEC)
#define NOW (G_GINT64_CONSTANT (1800000000) * S)

static const char *const excluded[] = { "airails://t/people/rita", NULL };
static const char *const approver[] = { "approver", "auditor", NULL };
static const char *const auditor[] = { "auditor", NULL };

static const AirGateRequest request = {
  .gate = "run1/approval",
  .request_hash = "aa",
  .artifact = "sha256:bb",
  .action_digest = "cc",
  .quorum = 2,
  .role = "approver",
  .exclude = excluded,
  .requested_us = NOW - 600 * S,
  .deadline_us = NOW + 3600 * S,
};
static const AirGateStatement good = {
  .subject_name = "run1/approval",
  .subject_digest = "aa",
  .decision = "approve",
  .gate = "run1/approval",
  .artifact = "sha256:bb",
  .action_digest = "cc",
  .role = "approver",
  .nonce = "n1",
  .key_id = "k-ana",
  .issued_us = NOW - 10 * S,
  .expires_us = NOW + 600 * S,
  .envelope = "e1",
};
static const AirGateEnrolment ana = { "airails://t/people/ana", "k-ana", approver, NOW - 86400 * S, 0 };

typedef struct {
  AirGateRequest request;
  AirGateStatement statement;
  AirGateEnrolment enrolment;
  gboolean unknown;
  gboolean nonce_seen;
  gint64 now_us;
} Case;

static AirGateVerdict *
judge (const Case *c, const AirGateCounted *counted, gsize n_counted)
{
  return air_gate_judge (&c->request, &c->statement, c->unknown ? NULL : &c->enrolment, counted, n_counted,
                         c->nonce_seen, c->now_us);
}

static Case
good_case (void)
{
  return (Case) { request, good, ana, FALSE, FALSE, NOW };
}

static void
assert_refused (const Case *c, const AirGateCounted *counted, gsize n_counted, AirGateRule rule)
{
  g_autoptr (AirGateVerdict) verdict = judge (c, counted, n_counted);
  gint64 before;
  AirGateOutcome outcome = air_gate_request_get_outcome (&c->request, counted, n_counted, c->now_us, &before);

  g_test_message ("%s: %s", air_gate_rule_get_id (verdict->rule), verdict->message);
  g_assert_false (verdict->accepted);
  g_assert_cmpstr (air_gate_rule_get_id (verdict->rule), ==, air_gate_rule_get_id (rule));
  /* A refusal moves nothing. */
  g_assert_cmpint (verdict->counted, ==, before);
  g_assert_cmpint (verdict->outcome, ==, outcome);
  g_assert_nonnull (verdict->message);
}

static void
test_accepts (void)
{
  Case c = good_case ();
  const AirGateCounted first[] = { { "airails://t/people/bob", "approve", "n0", "e0" } };
  g_autoptr (AirGateVerdict) one = judge (&c, NULL, 0);
  g_autoptr (AirGateVerdict) two = judge (&c, first, 1);
  g_autoptr (AirGateVerdict) deny = NULL;

  g_assert_true (one->accepted);
  g_assert_cmpint (one->counted, ==, 1);
  g_assert_cmpint (one->outcome, ==, AIR_GATE_WAITING);
  g_assert_true (two->accepted);
  g_assert_cmpint (two->counted, ==, 2);
  g_assert_cmpint (two->outcome, ==, AIR_GATE_APPROVED);
  c.statement.decision = "deny";
  deny = judge (&c, first, 1);
  g_assert_true (deny->accepted);
  g_assert_cmpint (deny->counted, ==, 1);
  g_assert_cmpint (deny->outcome, ==, AIR_GATE_DENIED);
  g_assert_cmpstr (deny->message, ==, "deny by airails://t/people/ana as approver: 1 of 2 approvals, denied");
}

/* A question decides nothing, and who asks may decide afterwards; but not twice with one signature. */
static void
test_question (void)
{
  Case c = good_case ();
  const AirGateCounted before[] = { { "airails://t/people/bob", "approve", "n0", "e0" },
                                    { "airails://t/people/ana", "request-info", "n7", "e7" } };
  g_autoptr (AirGateVerdict) asks = NULL, approves = NULL;
  gint64 approvals = -1;

  c.statement.decision = "request-info";
  asks = judge (&c, before, 1);
  g_assert_true (asks->accepted);
  g_assert_cmpint (asks->counted, ==, 1);
  g_assert_cmpint (asks->outcome, ==, AIR_GATE_WAITING);
  g_assert_cmpint (air_gate_request_get_outcome (&request, before, 2, NOW, &approvals), ==, AIR_GATE_WAITING);
  g_assert_cmpint (approvals, ==, 1);
  g_assert_true (air_gate_request_may_decide (&request, &ana, before, 2, NOW, NULL, NULL));
  c.statement.decision = "approve";
  approves = judge (&c, before, 2);
  g_assert_true (approves->accepted);
  g_assert_cmpint (approves->counted, ==, 2);
  g_assert_cmpint (approves->outcome, ==, AIR_GATE_APPROVED);
  c.statement.nonce = "n7";
  assert_refused (&c, before, 2, AIR_GATE_RULE_REPLAYED);
}

static void
test_unknown_key (void)
{
  Case c = good_case ();

  c.unknown = TRUE;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_UNKNOWN_KEY);
  c = good_case ();
  c.statement.key_id = "k-eve"; /* somebody else's key with Ana's enrolment */
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_UNKNOWN_KEY);
}

static void
test_key_not_valid (void)
{
  Case c = good_case ();

  c.enrolment.enrolled_us = NOW - 5 * S; /* after it signed */
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_KEY_NOT_VALID);
  c.enrolment.enrolled_us = NOW + 5 * S;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_KEY_NOT_VALID);
  c = good_case ();
  c.enrolment.revoked_us = NOW - 5 * S; /* between signing and arriving */
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_KEY_NOT_VALID);
  c.enrolment.revoked_us = NOW - 500 * S;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_KEY_NOT_VALID);
}

static void
test_wrong_things (void)
{
  Case c = good_case ();

  c.statement.subject_digest = "ab";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_WRONG_SUBJECT);
  c = good_case ();
  c.statement.subject_digest = NULL;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_WRONG_SUBJECT);
  c = good_case ();
  c.statement.subject_name = "run2/approval";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_WRONG_SUBJECT);
  c = good_case ();
  c.statement.gate = "run2/approval";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_WRONG_SUBJECT);
  c = good_case ();
  c.statement.artifact = "sha256:b0";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_WRONG_ARTIFACT);
  c = good_case ();
  c.statement.action_digest = "c0";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_WRONG_ACTION);
  c = good_case ();
  c.statement.decision = "maybe";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_UNKNOWN_DECISION);
}

static void
test_times (void)
{
  Case c = good_case ();

  c.statement.expires_us = NOW;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_EXPIRED);
  c = good_case ();
  c.statement.issued_us = NOW + 300 * S;
  c.statement.expires_us = NOW + 900 * S;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_NOT_YET_VALID);
  c = good_case ();
  c.statement.issued_us = request.requested_us - 300 * S; /* signed before anybody asked */
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_NOT_YET_VALID);
  c = good_case ();
  c.now_us = request.deadline_us;
  c.statement.issued_us = c.now_us - S;
  c.statement.expires_us = c.now_us + S;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_AFTER_DEADLINE);
  c.now_us = request.deadline_us - 1; /* the last moment counts */
  {
    g_autoptr (AirGateVerdict) verdict = judge (&c, NULL, 0);

    g_assert_true (verdict->accepted);
  }
}

static void
test_replay (void)
{
  const AirGateCounted bob[] = { { "airails://t/people/bob", "approve", "n1", "e0" } };
  Case c = good_case ();

  assert_refused (&c, bob, 1, AIR_GATE_RULE_REPLAYED);
  c.nonce_seen = TRUE;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_REPLAYED);
  c = good_case ();
  c.statement.nonce = "";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_REPLAYED);
  c.statement.nonce = NULL;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_REPLAYED);
}

static void
test_person (void)
{
  Case c = good_case ();

  c.enrolment.uri = "airails://t/people/rita";
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_EXCLUDED);
  c = good_case ();
  c.enrolment.roles = auditor;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_ROLE_MISSING);
  c.enrolment.roles = NULL;
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_ROLE_MISSING);
  c = good_case ();
  c.statement.role = "auditor"; /* a role she has, but not the one asked for */
  assert_refused (&c, NULL, 0, AIR_GATE_RULE_ROLE_MISSING);
}

static void
test_same_person_twice (void)
{
  const AirGateCounted before[] = { { "airails://t/people/ana", "approve", "n0", "e0" } };
  const AirGateCounted same[] = { { "airails://t/people/ana", "approve", "n1", "e1" } };
  Case c = good_case ();
  g_autoptr (AirGateVerdict) again = judge (&c, same, 1);
  g_autoptr (AirGateVerdict) late = NULL;

  assert_refused (&c, before, 1, AIR_GATE_RULE_ALREADY_DECIDED);
  /* another key of hers is still her */
  c.enrolment.key_id = c.statement.key_id = "k-ana-2";
  assert_refused (&c, before, 1, AIR_GATE_RULE_ALREADY_DECIDED);
  g_assert_true (again->accepted);
  g_assert_cmpint (again->rule, ==, AIR_GATE_RULE_DUPLICATE);
  g_assert_cmpint (again->counted, ==, 1);
  g_assert_cmpint (again->outcome, ==, AIR_GATE_WAITING);
  /* even when the gate is closed by now */
  c = good_case ();
  c.request.quorum = 1;
  late = judge (&c, same, 1);
  g_assert_cmpint (late->rule, ==, AIR_GATE_RULE_DUPLICATE);
  g_assert_cmpint (late->outcome, ==, AIR_GATE_APPROVED);
}

static void
test_closed (void)
{
  const AirGateCounted denied[] = { { "airails://t/people/bob", "deny", "n0", "e0" } };
  const AirGateCounted approved[] = { { "airails://t/people/bob", "approve", "n0", "e0" },
                                      { "airails://t/people/cleo", "approve", "n2", "e2" } };
  Case c = good_case ();

  assert_refused (&c, denied, 1, AIR_GATE_RULE_CLOSED);
  assert_refused (&c, approved, 2, AIR_GATE_RULE_CLOSED);
}

static void
test_outcomes (void)
{
  const AirGateCounted bob[] = { { "airails://t/people/bob", "approve", "n0", "e0" } };
  AirGateRequest none = request;
  gint64 approvals = -1;

  g_assert_cmpint (air_gate_request_get_outcome (&request, bob, 1, NOW, &approvals), ==, AIR_GATE_WAITING);
  g_assert_cmpint (approvals, ==, 1);
  g_assert_cmpint (air_gate_request_get_outcome (&request, bob, 1, request.deadline_us + 1, NULL), ==,
                   AIR_GATE_EXPIRED);
  none.quorum = 0;
  g_assert_cmpint (air_gate_request_get_outcome (&none, NULL, 0, NOW, NULL), ==, AIR_GATE_APPROVED);
  g_assert_cmpstr (air_gate_outcome_to_string (AIR_GATE_EXPIRED), ==, "expired");
}

static void
assert_may (const AirGateEnrolment *enrolment, const AirGateCounted *counted, gsize n, gint64 now_us, AirGateRule want)
{
  AirGateRule rule;
  g_autofree char *reason = NULL;
  gboolean may = air_gate_request_may_decide (&request, enrolment, counted, n, now_us, &rule, &reason);

  g_assert_cmpint (rule, ==, want);
  g_assert_cmpint (may, ==, want == AIR_GATE_RULE_ACCEPTED);
  g_assert_nonnull (reason);
}

static void
test_may_decide (void)
{
  const AirGateCounted before[] = { { "airails://t/people/ana", "approve", "n0", "e0" } };
  const AirGateCounted denied[] = { { "airails://t/people/bob", "deny", "n0", "e0" } };
  AirGateEnrolment other = ana;

  assert_may (&ana, NULL, 0, NOW, AIR_GATE_RULE_ACCEPTED);
  assert_may (NULL, NULL, 0, NOW, AIR_GATE_RULE_UNKNOWN_KEY);
  assert_may (&ana, before, 1, NOW, AIR_GATE_RULE_ALREADY_DECIDED);
  assert_may (&ana, denied, 1, NOW, AIR_GATE_RULE_CLOSED);
  assert_may (&ana, NULL, 0, request.deadline_us + 1, AIR_GATE_RULE_AFTER_DEADLINE);
  other.uri = excluded[0];
  assert_may (&other, NULL, 0, NOW, AIR_GATE_RULE_EXCLUDED);
  other = ana;
  other.roles = auditor;
  assert_may (&other, NULL, 0, NOW, AIR_GATE_RULE_ROLE_MISSING);
  other = ana;
  other.revoked_us = NOW - 1;
  assert_may (&other, NULL, 0, NOW, AIR_GATE_RULE_KEY_NOT_VALID);
}

/* After half an hour the head may decide too, and then it takes three; or one. What counted before it stays. */
static void
test_escalated_quorum (void)
{
  static const struct {
    gint64 quorum;
    gint64 level;
    gint64 first_us, second_us; /* when two approvals were counted; 0: it was not */
    AirGateOutcome outcome;
  } rows[] = {
    { 1, 3, NOW + 1800 * S, 0, AIR_GATE_WAITING },
    { 1, 3, NOW + 1799 * S, 0, AIR_GATE_APPROVED },
    { 2, 3, NOW, NOW + 1799 * S, AIR_GATE_APPROVED },
    { 2, 3, NOW, NOW + 1800 * S, AIR_GATE_WAITING },
    { 2, 1, NOW, 0, AIR_GATE_WAITING },
    { 2, 1, NOW + 1800 * S, 0, AIR_GATE_APPROVED },
    { 3, 1, NOW, NOW + 1800 * S, AIR_GATE_APPROVED },
    { 3, 2, NOW, NOW + 1799 * S, AIR_GATE_WAITING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const AirGateEscalation level = { .at_us = NOW + 1800 * S, .quorum = rows[i].level, .role = "head" };
      const AirGateCounted counted[] = { { "airails://t/people/bob", "approve", "n0", "e0", rows[i].first_us },
                                         { "airails://t/people/cia", "approve", "n1", "e1", rows[i].second_us } };
      AirGateRequest asked = request;

      asked.quorum = rows[i].quorum;
      asked.levels = &level;
      asked.n_levels = 1;
      g_test_message ("row %u", i);
      g_assert_cmpint (
          air_gate_request_get_outcome (&asked, counted, rows[i].second_us != 0 ? 2 : 1, NOW + 1900 * S, NULL), ==,
          rows[i].outcome);
    }
}

/* It opens with the first moment after the last: the engine expires a gate at its deadline. */
static void
test_deadline (void)
{
  g_assert_cmpint (air_gate_request_get_outcome (&request, NULL, 0, request.deadline_us - 1, NULL), ==,
                   AIR_GATE_WAITING);
  g_assert_cmpint (air_gate_request_get_outcome (&request, NULL, 0, request.deadline_us, NULL), ==, AIR_GATE_EXPIRED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/gate/accepts", test_accepts);
  g_test_add_func ("/gate/question", test_question);
  g_test_add_func ("/gate/unknown-key", test_unknown_key);
  g_test_add_func ("/gate/key-not-valid", test_key_not_valid);
  g_test_add_func ("/gate/wrong-things", test_wrong_things);
  g_test_add_func ("/gate/times", test_times);
  g_test_add_func ("/gate/replay", test_replay);
  g_test_add_func ("/gate/person", test_person);
  g_test_add_func ("/gate/same-person-twice", test_same_person_twice);
  g_test_add_func ("/gate/closed", test_closed);
  g_test_add_func ("/gate/outcomes", test_outcomes);
  g_test_add_func ("/gate/may-decide", test_may_decide);
  g_test_add_func ("/policy/gate/escalated-quorum", test_escalated_quorum);
  g_test_add_func ("/policy/gate/deadline", test_deadline);
  return g_test_run ();
}
