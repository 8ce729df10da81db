/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "hosting/air-gate-dossier.h"
#include "tests/ledger/run-fixture.h"

/* What people sign on its way into a run: each trick by itself, all else being right. */

typedef struct {
  Run *run;
  gint64 enrolled_us; /* since when the keys count; 0: they do not */
  const char *const *roles;
  gboolean unknown; /* nobody has ever heard of the key */
} World;

static const char *const approver[] = { "approver", NULL };
static const char *const finance[] = { "finance", NULL };
static const char *const both[] = { "approver", "head", NULL };

static gboolean
find_voter (const char *key_id, AirVoter *ret_voter, gpointer user_data)
{
  World *self = user_data;

  for (guint i = 0; i < 2 && !self->unknown; i++)
    {
      AirPublicKey *key = air_private_key_get_public (self->run->approvers[i]);

      if (!g_str_equal (air_public_key_get_id (key), key_id))
        continue;
      *ret_voter = (AirVoter) { i == 0 ? ANA : BEN, key, self->roles, self->enrolled_us };
      return TRUE;
    }
  return FALSE;
}

static World
world_new (int quorum)
{
  World self = { run_new (), 1, approver, FALSE };

  run_add_enrolments (self.run);
  run_add_trigger (self.run);
  run_add_request (self.run, quorum);
  return self;
}

static void
world_clear (World *self)
{
  g_clear_pointer (&self->run, run_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static AirGateDossier *
read_dossier (World *self)
{
  AirGateDossier *dossier = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->run->entries->len; i++)
    {
      RunEntry *entry = self->run->entries->pdata[i];

      g_assert_true (air_gate_dossier_take (&dossier, "approval", i, entry->leaf, entry->disclosures, &error));
      g_assert_no_error (error);
    }
  g_assert_nonnull (dossier);
  return dossier;
}

static void
assert_judged (World *self, const char *envelope, gint64 now_us, AirAdmissionKind kind, const char *rule)
{
  g_autoptr (AirGateDossier) dossier = read_dossier (self);
  g_autoptr (AirAdmission) admission = air_gate_dossier_judge (dossier, envelope, find_voter, self, now_us);

  if (admission->kind != kind || g_strcmp0 (admission->rule, rule) != 0)
    g_error ("judged %s (%d) \"%s\", not %s", admission->rule, admission->kind, admission->message, rule);
  g_assert_true ((kind == AIR_ADMITTED) == (admission->statement != NULL));
}

static AirDecision *
statement_of (World *self, const char *decision)
{
  Run *run = self->run;

  return air_decision_new (decision, RUN_ID "/approval", &run->request, run->artifact, run->action_digest, "fine",
                           "approver", run->time_us - 1000000, run->time_us + G_USEC_PER_SEC * 600,
                           air_seeded_random_get (run->random));
}

static char *
sign (World *self, AirDecision *statement)
{
  g_autoptr (GError) error = NULL;
  char *envelope = air_decision_sign (statement, self->run->approvers[0], &error);

  g_assert_no_error (error);
  return envelope;
}

static gint64
deadline_of (World *self)
{
  g_autoptr (AirGateDossier) dossier = read_dossier (self);
  gint64 deadline_us;

  g_assert_true (air_time_parse (air_map_get_string (dossier->members, "deadline"), &deadline_us));
  return deadline_us;
}

static void
test_admitted (void)
{
  g_auto (World) world = world_new (1);
  g_autofree char *envelope = run_sign (world.run, 0, "approve");

  assert_judged (&world, envelope, world.run->time_us, AIR_ADMITTED, "gate.accepted");
}

/* Named in the trust roots is not enough: the ledger must have enrolled the key, or no verifier will ever believe it. */
static void
test_not_enrolled (void)
{
  g_auto (World) world = world_new (1);
  g_autofree char *envelope = run_sign (world.run, 0, "approve"), *role = NULL, *reason = NULL;
  g_autoptr (AirGateDossier) dossier = read_dossier (&world);
  AirVoter voter = { ANA, air_private_key_get_public (world.run->approvers[0]), approver, 0 };

  world.enrolled_us = 0;
  assert_judged (&world, envelope, world.run->time_us, AIR_REFUSED_PERSON, "gate.unknown-key");
  g_assert_false (air_gate_dossier_may (dossier, &voter, ANA, world.run->time_us, &role, &reason));
}

static void
test_persons (void)
{
  g_auto (World) world = world_new (1);
  g_autofree char *envelope = run_sign (world.run, 0, "approve");
  gint64 now = world.run->time_us;

  world.unknown = TRUE;
  assert_judged (&world, envelope, now, AIR_REFUSED_PERSON, "gate.unknown-key");
  world.unknown = FALSE;
  world.roles = finance;
  assert_judged (&world, envelope, now, AIR_REFUSED_PERSON, "gate.role-missing");
  world.roles = approver;
  /* Enrolled after it was signed, though before it came. */
  world.enrolled_us = now - 500000;
  assert_judged (&world, envelope, now, AIR_REFUSED_PERSON, "gate.key-not-valid");
}

static void
spoil_gate (AirDecision *statement)
{
  g_set_str (&statement->gate, RUN_ID "/payout");
}

static void
spoil_iteration (AirDecision *statement)
{
  g_set_str (&statement->gate, RUN_ID "/approval@0");
}

static void
spoil_run (AirDecision *statement)
{
  g_set_str (&statement->gate, "01JD9ZK3RUN0000000000001/approval");
}

static void
spoil_request (AirDecision *statement)
{
  statement->request.bytes[31] ^= 1;
}

static void
spoil_artifact (AirDecision *statement)
{
  statement->artifact[70] = statement->artifact[70] == '0' ? '1' : '0';
}

static void
spoil_action (AirDecision *statement)
{
  g_set_str (&statement->action_digest, "nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ");
}

static void
spoil_word (AirDecision *statement)
{
  g_set_str (&statement->decision, "happened");
}

static void
spoil_role (AirDecision *statement)
{
  g_set_str (&statement->role, "head");
}

static void
spoil_early (AirDecision *statement)
{
  statement->issued_us -= G_TIME_SPAN_HOUR;
}

static void
spoil_future (AirDecision *statement)
{
  statement->issued_us += 5 * G_TIME_SPAN_MINUTE;
}

static void
test_statements (void)
{
  static const struct {
    void (*spoil) (AirDecision *);
    AirAdmissionKind kind;
    const char *rule;
  } cases[] = {
    { spoil_gate, AIR_REFUSED_MALFORMED, "gate.wrong-subject" },
    { spoil_iteration, AIR_REFUSED_MALFORMED, "gate.wrong-subject" },
    { spoil_run, AIR_REFUSED_MALFORMED, "gate.wrong-subject" },
    { spoil_request, AIR_REFUSED_MALFORMED, "gate.wrong-subject" },
    { spoil_artifact, AIR_REFUSED_MALFORMED, "gate.wrong-artifact" },
    { spoil_action, AIR_REFUSED_MALFORMED, "gate.wrong-action" },
    { spoil_word, AIR_REFUSED_MALFORMED, "gate.unknown-decision" },
    { spoil_early, AIR_REFUSED_MALFORMED, "gate.not-yet-valid" },
    { spoil_future, AIR_REFUSED_MALFORMED, "gate.not-yet-valid" },
    { spoil_role, AIR_REFUSED_PERSON, "gate.role-missing" }, /* a role the person has, and the gate does not ask for */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (World) world = world_new (1);
      g_autoptr (AirDecision) statement = statement_of (&world, "approve");
      g_autofree char *envelope = NULL;

      world.roles = both;
      cases[i].spoil (statement);
      envelope = sign (&world, statement);
      assert_judged (&world, envelope, world.run->time_us, cases[i].kind, cases[i].rule);
    }
}

/* By the last microsecond. */
static void
test_times (void)
{
  g_auto (World) world = world_new (1);
  g_autoptr (AirDecision) statement = statement_of (&world, "approve");
  g_autofree char *envelope = NULL;
  gint64 deadline_us = deadline_of (&world);

  statement->expires_us = deadline_us + G_USEC_PER_SEC;
  envelope = sign (&world, statement);
  assert_judged (&world, envelope, deadline_us - 1, AIR_ADMITTED, "gate.accepted");
  assert_judged (&world, envelope, deadline_us, AIR_REFUSED_EXPIRED, "gate.after-deadline");
  statement->expires_us = deadline_us - G_USEC_PER_SEC;
  g_clear_pointer (&envelope, g_free);
  envelope = sign (&world, statement);
  assert_judged (&world, envelope, statement->expires_us - 1, AIR_ADMITTED, "gate.accepted");
  assert_judged (&world, envelope, statement->expires_us, AIR_REFUSED_EXPIRED, "gate.expired");
}

static void
test_twice (void)
{
  g_auto (World) world = world_new (2);
  g_autofree char *envelope = run_sign (world.run, 0, "approve"), *another = NULL, *again = NULL;
  g_autoptr (AirDecision) same_nonce = NULL;
  g_autoptr (AirGateDossier) dossier = NULL;

  run_add_envelope (world.run, 0, "approve", 1, 2, "waiting", envelope);
  assert_judged (&world, envelope, world.run->time_us, AIR_ADMITTED_BEFORE, "gate.duplicate");
  another = run_sign (world.run, 0, "deny");
  assert_judged (&world, another, world.run->time_us, AIR_REFUSED_STATE, "gate.already-decided");
  /* Somebody else's decision under a nonce that was seen. */
  dossier = read_dossier (&world);
  same_nonce = statement_of (&world, "approve");
  g_set_str (&same_nonce->nonce, ((AirGateDecided *) dossier->decisions->pdata[0])->nonce);
  again = air_decision_sign (same_nonce, world.run->approvers[1], NULL);
  assert_judged (&world, again, world.run->time_us, AIR_REFUSED_STATE, "gate.replayed");
}

/* A signature under the id of somebody else's key, an envelope in another spelling. */
static void
test_envelopes (void)
{
  g_auto (World) world = world_new (1);
  g_autofree char *envelope = run_sign (world.run, 1, "approve"), *forged = NULL, *spaced = NULL;
  g_auto (GStrv) parts =
      g_strsplit (envelope, air_public_key_get_id (air_private_key_get_public (world.run->approvers[1])), 2);

  forged = g_strjoinv (air_public_key_get_id (air_private_key_get_public (world.run->approvers[0])), parts);
  assert_judged (&world, forged, world.run->time_us, AIR_REFUSED_PERSON, "gate.bad-signature");
  spaced = g_strconcat (envelope, " ", NULL);
  assert_judged (&world, spaced, world.run->time_us, AIR_REFUSED_MALFORMED, "gate.malformed");
  assert_judged (&world, "", world.run->time_us, AIR_REFUSED_MALFORMED, "gate.malformed");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/hosting/admission/admitted", test_admitted);
  g_test_add_func ("/hosting/admission/not-enrolled", test_not_enrolled);
  g_test_add_func ("/hosting/admission/persons", test_persons);
  g_test_add_func ("/hosting/admission/statements", test_statements);
  g_test_add_func ("/hosting/admission/times", test_times);
  g_test_add_func ("/hosting/admission/twice", test_twice);
  g_test_add_func ("/hosting/admission/envelopes", test_envelopes);
  return g_test_run ();
}
