/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "ledger-fixture.h"
#include "ledger/air-decision.h"
#include "ledger/air-dsse.h"

#define ISSUED   G_GINT64_CONSTANT (1795339800000000)
#define EXPIRES  (ISSUED + G_USEC_PER_SEC * 600)
#define ARTIFACT "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ACTION   "nOvtGlIp4nWsWSnQGssPmWnPNIRytnOUlTO9aSa6zNQ"

static AirDecision *
make (void)
{
  static const char *nonces[] = { "G2dlEWJo8qelOR66JfyDbg", NULL };
  AirRandom random = fixture_fixed_random (nonces);
  AirDigest request = air_sha256 ("request", 7);

  return air_decision_new ("approve", "run-1/approval", &request, ARTIFACT, ACTION, "looks right \342\202\254",
                           "approver", ISSUED, EXPIRES, &random);
}

static char *
sign (const AirDecision *decision, AirPrivateKey *key)
{
  g_autoptr (GError) error = NULL;
  char *envelope = air_decision_sign (decision, key, &error);

  g_assert_no_error (error);
  return envelope;
}

static void
test_pae (void)
{
  g_autoptr (GBytes) payload = fixture_bytes ("hello world");
  g_autoptr (GBytes) pae = air_dsse_pae ("http://example.com/HelloWorld", payload);
  const char expected[] = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";

  g_assert_cmpmem (g_bytes_get_data (pae, NULL), g_bytes_get_size (pae), expected, strlen (expected));
}

static void
test_statement (void)
{
  g_autoptr (AirDecision) decision = make ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) statement = air_decision_to_statement (decision, &error);
  g_autofree char *hex = air_digest_to_hex (&decision->request);
  g_autofree char *expected = g_strdup_printf (
      "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"action_digest\":\"" ACTION "\","
      "\"artifact\":\"" ARTIFACT "\",\"decision\":\"approve\",\"expires\":\"2026-11-22T09:40:00.000Z\","
      "\"gate\":\"run-1/approval\",\"issued\":\"2026-11-22T09:30:00.000Z\",\"nonce\":\"G2dlEWJo8qelOR66JfyDbg\","
      "\"reason\":\"looks right \342\202\254\",\"role\":\"approver\"},"
      "\"predicateType\":\"https://airails.dev/human-decision/v1\","
      "\"subject\":[{\"digest\":{\"sha256\":\"%s\"},\"name\":\"run-1/approval\"}]}",
      hex);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (statement, NULL), g_bytes_get_size (statement), expected, strlen (expected));
}

static void
test_sign_and_open (void)
{
  g_autoptr (AirDecision) decision = make ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) ed25519 = fixture_key ("ana");
  g_autoptr (AirPrivateKey) p256 = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  AirPrivateKey *keys[2] = { ed25519, p256 };

  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *envelope = sign (decision, keys[i]);
      g_autofree char *key_id = NULL;
      g_autoptr (AirDecision) peeked = air_decision_peek (envelope, strlen (envelope), &key_id, &error);
      g_autoptr (AirDecision) opened =
          air_decision_open (envelope, strlen (envelope), air_private_key_get_public (keys[i]), &error);

      g_assert_no_error (error);
      g_assert_cmpstr (key_id, ==, air_public_key_get_id (air_private_key_get_public (keys[i])));
      g_assert_cmpstr (peeked->decision, ==, "approve");
      g_assert_cmpstr (opened->gate, ==, "run-1/approval");
      g_assert_cmpstr (opened->reason, ==, decision->reason);
      g_assert_cmpint (opened->expires_us, ==, EXPIRES);
      g_assert_true (air_digest_equal (&opened->request, &decision->request));

      g_assert_null (air_decision_open (envelope, strlen (envelope), air_private_key_get_public (keys[1 - i]), &error));
      fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "not signed by key");
    }
}

/* Changing deny to approve, the policy, the approver or anything else breaks it. */
static void
test_every_byte (void)
{
  g_autoptr (AirDecision) decision = make ();
  g_autoptr (AirPrivateKey) key = fixture_key ("ana");
  g_autofree char *envelope = sign (decision, key);
  gsize length = strlen (envelope);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *flipped = g_strdup (envelope);

      flipped[i] ^= 1;
      if (air_decision_open (flipped, length, air_private_key_get_public (key), NULL) != NULL)
        g_error ("the flip of byte %" G_GSIZE_FORMAT " went unseen", i);
    }
}

/* An envelope with the signature of another statement by the same key. */
static void
test_forged (void)
{
  g_autoptr (AirDecision) decision = make ();
  g_autoptr (AirPrivateKey) key = fixture_key ("ana");
  g_autofree char *real = sign (decision, key);
  g_autoptr (AirDsse) envelope = air_dsse_parse (real, strlen (real), NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *forged = NULL;

  g_free (decision->decision);
  decision->decision = g_strdup ("deny");
  g_bytes_unref (envelope->payload);
  envelope->payload = air_decision_to_statement (decision, &error);
  forged = air_dsse_write (envelope);
  g_assert_null (air_decision_open (forged, strlen (forged), air_private_key_get_public (key), &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "wrong");
}

/* A gate inside of a for_each is decided round by round. */
static void
test_gate_names (void)
{
  static const struct {
    const char *name;
    gboolean good;
  } rows[] = {
    { "run-1/approval", TRUE },   { "run-1/approval@3", TRUE },  { "run-1/approval@3.10", TRUE },
    { "run-1/approval@", FALSE }, { "run-1/approval@x", FALSE }, { "run-1/@3", FALSE },
    { "run-1/a@1@2", FALSE },     { "/approval", FALSE },        { "run-1", FALSE },
  };
  g_autoptr (AirPrivateKey) key = fixture_key ("ana");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AirDecision) decision = make ();
      g_autoptr (GError) error = NULL;
      g_autofree char *envelope = NULL;

      g_set_str (&decision->gate, rows[i].name);
      envelope = air_decision_sign (decision, key, &error);
      g_assert_cmpint (envelope != NULL, ==, rows[i].good);
      if (!rows[i].good)
        fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "\"gate\"");
    }
}

static void
refuse (const char *field, void (*spoil) (AirDecision *))
{
  g_autoptr (AirDecision) decision = make ();
  g_autoptr (GError) error = NULL;

  spoil (decision);
  g_assert_null (air_decision_to_statement (decision, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, field);
}

static void
spoil_decision (AirDecision *d)
{
  g_set_str (&d->decision, "maybe");
}

static void
spoil_gate (AirDecision *d)
{
  g_set_str (&d->gate, "approval");
}

static void
spoil_artifact (AirDecision *d)
{
  g_set_str (&d->artifact, "latest");
}

static void
spoil_action (AirDecision *d)
{
  g_set_str (&d->action_digest, "x");
}

static void
spoil_edits (AirDecision *d)
{
  d->edits = air_list_new ();
}

static void
spoil_expires (AirDecision *d)
{
  d->expires_us = d->issued_us;
}

static void
spoil_nonce (AirDecision *d)
{
  g_set_str (&d->nonce, "AAAA");
}

static void
test_fields (void)
{
  refuse ("\"decision\"", spoil_decision);
  refuse ("\"gate\"", spoil_gate);
  refuse ("\"artifact\"", spoil_artifact);
  refuse ("\"action_digest\"", spoil_action);
  refuse ("\"edits\"", spoil_edits);
  refuse ("\"expires\"", spoil_expires);
  refuse ("\"nonce\"", spoil_nonce);
}

/* A gate in a loop is named with its iteration, and with nothing else. */
static void
test_iterations (void)
{
  static const struct {
    const char *gate;
    gboolean good;
  } names[] = {
    { "run-1/approval@0", TRUE },  { "run-1/approval@3.0", TRUE },  { "run-1/approval@12.3.45", TRUE },
    { "run-1/approval@", FALSE },  { "run-1/approval@3.", FALSE },  { "run-1/approval@.3", FALSE },
    { "run-1/approval@x", FALSE }, { "run-1/approval@3@4", FALSE }, { "run-1/@3", FALSE },
    { "run-1@3/approval", FALSE }, { "run-1/approval@3/4", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (AirDecision) decision = make ();
      g_autoptr (GBytes) statement = NULL;
      g_autoptr (AirDecision) parsed = NULL;
      g_autoptr (GError) error = NULL;

      g_set_str (&decision->gate, names[i].gate);
      statement = air_decision_to_statement (decision, &error);
      g_assert_cmpint (statement != NULL, ==, names[i].good);
      if (statement == NULL)
        {
          fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "\"gate\"");
          continue;
        }
      parsed = air_decision_parse (statement, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (parsed->gate, ==, names[i].gate);
    }
}

static void
test_strict_parsing (void)
{
  g_autoptr (AirDecision) decision = make ();
  g_autoptr (GBytes) statement = air_decision_to_statement (decision, NULL);
  g_autofree char *text = g_strndup (g_bytes_get_data (statement, NULL), g_bytes_get_size (statement));
  const struct {
    const char *from, *to;
    int code;
  } changes[] = {
    { "{\"_type\"", "{ \"_type\"", AIR_LEDGER_ERROR_NOT_CANONICAL },
    { "\"role\":", "\"more\":1,\"role\":", AIR_LEDGER_ERROR_NOT_CANONICAL },
    { "\"name\":\"run-1/approval\"", "\"name\":\"run-2/approval\"", AIR_LEDGER_ERROR_NOT_CANONICAL },
    { "human-decision/v1", "human-decision/v2", AIR_LEDGER_ERROR_UNSUPPORTED },
    { "\"sha256\"", "\"sha512\"", AIR_LEDGER_ERROR_MALFORMED },
    { "09:30:00.000Z", "09:30:00Z", AIR_LEDGER_ERROR_NOT_CANONICAL },
    { "\"role\":\"approver\"", "\"role\":7", AIR_LEDGER_ERROR_MALFORMED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_auto (GStrv) parts = g_strsplit (text, changes[i].from, 2);
      g_autofree char *changed = g_strjoinv (changes[i].to, parts);
      g_autoptr (GBytes) bytes = fixture_bytes (changed);
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (changed, !=, text);
      g_assert_null (air_decision_parse (bytes, &error));
      g_assert_error (error, AIR_LEDGER_ERROR, changes[i].code);
    }
}

static void
test_envelopes (void)
{
  static const char *const bad[] = {
    "",
    "[]",
    "{}",
    "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[]}",
    "{\"payload\":\"%\",\"payloadType\":\"x\",\"signatures\":[{\"keyid\":\"\",\"sig\":\"AA==\"}]}",
    "{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[{\"keyid\":\"\",\"sig\":\"AA==\"}]}",
    "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[{\"sig\":\"AA==\"}]}",
    "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[{\"keyid\":\"\",\"sig\":\"\"}]}",
    "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[7]}",
    "{\"more\":1,\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[{\"keyid\":\"\",\"sig\":\"AA==\"}]}",
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (air_dsse_parse (bad[i], strlen (bad[i]), &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/dsse/pae", test_pae);
  g_test_add_func ("/ledger/dsse/envelopes", test_envelopes);
  g_test_add_func ("/ledger/decision/statement", test_statement);
  g_test_add_func ("/ledger/decision/sign-and-open", test_sign_and_open);
  g_test_add_func ("/ledger/decision/every-byte", test_every_byte);
  g_test_add_func ("/ledger/decision/forged", test_forged);
  g_test_add_func ("/ledger/decision/gate-names", test_gate_names);
  g_test_add_func ("/ledger/decision/fields", test_fields);
  g_test_add_func ("/ledger/decision/iterations", test_iterations);
  g_test_add_func ("/ledger/decision/strict-parsing", test_strict_parsing);

  return g_test_run ();
}
