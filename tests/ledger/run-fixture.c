/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "run-fixture.h"

#include "ledger/air-cosignature.h"
#include "ledger/air-sd-jwt.h"

#include <string.h>

#include "base/air-json.h"

#define START_US G_GINT64_CONSTANT (1795339800000000)
#define IDEM     "mfrggzdfmztwq2lknnwg23tpobyxe43u"

static void
entry_free (gpointer data)
{
  RunEntry *self = data;

  g_bytes_unref (self->leaf);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  g_free (self);
}

static char *
digest_uri (GBytes *bytes)
{
  AirDigest digest = air_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *hex = air_digest_to_hex (&digest);

  return g_strconcat ("sha256:", hex, NULL);
}

static GBytes *
json_bytes (AirValue *take_value)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = air_jcs_write_bytes (take_value, &error);

  g_assert_no_error (error);
  air_value_unref (take_value);
  return bytes;
}

static void
make_artifact (Run *self, AirValue *take_plan, const char *layer_type)
{
  g_autofree char *config = NULL, *plan = NULL, *type = NULL;
  g_autoptr (GBytes) payload = NULL, signature = NULL;
  g_autoptr (GError) error = NULL;

  self->config = json_bytes (fixture_json ("{'cpu':1}"));
  self->plan = json_bytes (take_plan);
  config = digest_uri (self->config);
  plan = digest_uri (self->plan);
  type = layer_type != NULL ? g_strdup_printf (",'mediaType':'%s'", layer_type) : g_strdup ("");
  self->manifest =
      json_bytes (fixture_json ("{'config':{'digest':'%s'},'layers':[{'digest':'%s'%s}]}", config, plan, type));
  self->artifact = digest_uri (self->manifest);

  payload = json_bytes (fixture_json ("{'critical':{'identity':{'docker-reference':'demo/refunds'},'image':"
                                      "{'docker-manifest-digest':'%s'},'type':'cosign container image signature'},"
                                      "'optional':{}}",
                                      self->artifact));
  signature =
      air_private_key_sign (self->designer, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), &error);
  g_assert_no_error (error);
  self->signature =
      air_bundle_artifact_signature (payload, signature, air_private_key_get_public (self->designer), &error);
  g_assert_no_error (error);
}

Run *
run_new (void)
{
  Run *self = g_new0 (Run, 1);
  g_autoptr (GError) error = NULL;

  self->random = air_seeded_random_new (7);
  self->log_key = fixture_key ("log");
  self->log_vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (self->log_key), &error);
  self->approvers[0] = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  self->approvers[1] = fixture_key ("ben");
  self->designer = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  g_assert_no_error (error);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->time_us = START_US;
  make_artifact (self, fixture_json ("{'guards':{'refund':'approval'},'v':1}"), NULL);
  return self;
}

void
run_set_plan (Run *self, AirValue *take_plan, const char *layer_type)
{
  g_assert_cmpuint (self->entries->len, ==, 0); /* entries name the artifact */
  g_clear_pointer (&self->manifest, g_bytes_unref);
  g_clear_pointer (&self->config, g_bytes_unref);
  g_clear_pointer (&self->plan, g_bytes_unref);
  g_clear_pointer (&self->signature, g_bytes_unref);
  g_clear_pointer (&self->artifact, g_free);
  make_artifact (self, take_plan, layer_type);
}

void
run_free (Run *self)
{
  air_seeded_random_free (self->random);
  air_private_key_unref (self->log_key);
  air_vkey_free (self->log_vkey);
  air_private_key_unref (self->approvers[0]);
  air_private_key_unref (self->approvers[1]);
  air_private_key_unref (self->designer);
  g_clear_pointer (&self->witness, air_private_key_unref);
  g_clear_pointer (&self->operator_key, air_private_key_unref);
  g_clear_pointer (&self->timestamp, g_bytes_unref);
  g_ptr_array_unref (self->entries);
  g_clear_pointer (&self->manifest, g_bytes_unref);
  g_clear_pointer (&self->config, g_bytes_unref);
  g_clear_pointer (&self->plan, g_bytes_unref);
  g_clear_pointer (&self->signature, g_bytes_unref);
  g_free (self->artifact);
  g_free (self->action_digest);
  g_free (self);
}

guint
run_add (Run *self, const char *instance, const char *type, AirValue *take_members, AirValue *take_disclosed)
{
  AirChainHead *head = g_str_equal (instance, RUN_ID)     ? &self->run
                       : g_str_equal (instance, EPOCH_ID) ? &self->epoch
                                                          : &self->noise;
  g_autoptr (GError) error = NULL;
  AirSealedEntry *sealed = air_entry_seal (head, instance, type, take_members, take_disclosed, self->time_us,
                                           air_seeded_random_get (self->random), &error);
  RunEntry *entry = g_new0 (RunEntry, 1);

  g_assert_no_error (error);
  entry->leaf = g_bytes_ref (sealed->leaf);
  entry->disclosures = sealed->disclosures != NULL ? g_ptr_array_ref (sealed->disclosures) : NULL;
  g_ptr_array_add (self->entries, entry);
  air_sealed_entry_free (sealed);
  g_clear_pointer (&take_members, air_value_unref);
  g_clear_pointer (&take_disclosed, air_value_unref);
  self->time_us += 1500000;
  return self->entries->len - 1;
}

static void
enroll (Run *self, AirPrivateKey *private_key, const char *uri, const char *role)
{
  AirPublicKey *key = air_private_key_get_public (private_key);
  GBytes *spki = air_public_key_get_spki (key);
  g_autofree char *text = g_base64_encode (g_bytes_get_data (spki, NULL), g_bytes_get_size (spki));

  run_add (
      self, EPOCH_ID, AIR_ENTRY_KEY_ENROLLED,
      fixture_json ("{'key':'%s','uri':'%s','roles':['%s'],'spki':'%s'}", air_public_key_get_id (key), uri, role, text),
      NULL);
}

void
run_add_enrolments (Run *self)
{
  static const char *const uris[] = { ANA, BEN };

  run_add (self, EPOCH_ID, AIR_ENTRY_EPOCH_STARTED, fixture_json ("{'artifact':'%s','session':'s1'}", self->artifact),
           NULL);
  for (guint i = 0; i < 2; i++)
    enroll (self, self->approvers[i], uris[i], "approver");
}

void
run_add_operator (Run *self, const char *uri, const char *role)
{
  self->operator_key = fixture_key ("olga");
  self->operator_uri = uri;
  enroll (self, self->operator_key, uri, role);
}

void
run_add_trigger (Run *self)
{
  run_add (
      self, RUN_ID, AIR_ENTRY_TRIGGER_RECEIVED,
      fixture_json ("{'node':'request','actor':'airails://demo/shop','artifact':'%s','session':'s1'}", self->artifact),
      fixture_json ("{'input':{'order':'#W1','amount_minor':40000},'requester':'user_1'}"));
  run_add (self, "noise", AIR_ENTRY_TIMER, NULL, NULL);
  run_add (self, RUN_ID, AIR_ENTRY_STEP_DECIDED, fixture_json ("{'steps':[{'node':'rules'}]}"),
           fixture_json ("{'output.rules':{'verdict':'allow'}}"));
}

void
run_add_request (Run *self, int quorum)
{
  gint64 deadline_us = self->time_us + G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC;
  g_autofree char *deadline = air_time_format (deadline_us);

  run_add (
      self, RUN_ID, AIR_ENTRY_POLICY_EVALUATED,
      fixture_json ("{'node':'approval','policy':'%s','table':'refund-approval','rules':['middle']}", self->artifact),
      fixture_json ("{'inputs':{'amount_minor':40000},'output':{'band':'one','quorum':%d,'role':'approver'}}", quorum));
  if (quorum == 0)
    return;
  run_add (self, RUN_ID, AIR_ENTRY_HUMAN_GATE_REQUESTED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','artifact':'%s','policy':'%s','quorum':%d,"
                         "'role':'approver','exclude':['airails://demo/shop'],'deadline':'%s','on_expiry':'deny',"
                         "'action_digest':'sd:action'}",
                         self->artifact, self->artifact, quorum, deadline),
           fixture_json ("{'action':[{'node':'refund','operation':'stripe.refund.create@1.0.0','title':'Refund',"
                         "'input':{'amount_minor':40000},'idempotency_key':'" IDEM "'}],'why':['Above 100.00']}"));

  run_note_request (self);
}

void
run_note_request (Run *self)
{
  RunEntry *added = g_ptr_array_index (self->entries, self->entries->len - 1);
  g_autoptr (AirEntry) entry = air_entry_parse (added->leaf, NULL);

  self->request = *air_entry_get_hash (entry);
  g_set_str (&self->action_digest, air_map_get_string (air_entry_get_members (entry), "action_digest"));
}

char *
run_sign (Run *self, guint approver, const char *decision)
{
  g_autoptr (AirDecision) statement = air_decision_new (
      decision, RUN_ID "/approval", &self->request, self->artifact, self->action_digest, "fine", "approver",
      self->time_us - 1000000, self->time_us + G_USEC_PER_SEC * 600, air_seeded_random_get (self->random));
  g_autoptr (GError) error = NULL;
  char *envelope = air_decision_sign (statement, self->approvers[approver], &error);

  g_assert_no_error (error);
  return envelope;
}

void
run_add_envelope (Run *self,
                  guint approver,
                  const char *entry_decision,
                  int counted,
                  int quorum,
                  const char *outcome,
                  const char *envelope)
{
  AirValue *disclosed = air_map_new ();

  air_map_set_string (disclosed, "envelope", envelope);
  air_map_set_string (disclosed, "reason", "fine");
  run_add (self, RUN_ID, AIR_ENTRY_HUMAN_GATE_DECISIONED,
           fixture_json ("{'node':'approval','gate':'" RUN_ID "/approval','decision':'%s','actor':'%s','key':'%s',"
                         "'role':'approver','counted':%d,'quorum':%d,'outcome':'%s','envelope_digest':'sd:envelope'}",
                         entry_decision, approver == 0 ? ANA : BEN,
                         air_public_key_get_id (air_private_key_get_public (self->approvers[approver])), counted,
                         quorum, outcome),
           disclosed);
}

void
run_add_decision (Run *self, guint approver, const char *decision, int counted, int quorum, const char *outcome)
{
  g_autofree char *envelope = run_sign (self, approver, decision);

  run_add_envelope (self, approver, decision, counted, quorum, outcome, envelope);
}

void
run_add_refund (Run *self, int amount)
{
  run_add (self, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
           fixture_json ("{'node':'refund','attempt':1,'purpose':'execute','operation':'stripe.refund.create@1.0.0',"
                         "'idem':'" IDEM "'}"),
           fixture_json ("{'input':{'amount_minor':%d}}", amount));
  run_add (self, "noise", AIR_ENTRY_TIMER, NULL, NULL);
  run_add (self, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
           fixture_json ("{'node':'refund','attempt':1,'purpose':'execute','outcome':'ok','status':200}"),
           fixture_json ("{'output':{'refund_id':'re_1'},'evidence':{'ids':{'refund':'re_1'}}}"));
}

void
run_add_doubt (Run *self)
{
  g_autoptr (AirEntry) intent = NULL;
  guint index;

  index = run_add (self, RUN_ID, AIR_ENTRY_TOOL_ACTION_STARTED,
                   fixture_json ("{'node':'refund','attempt':1,'purpose':'execute','operation':"
                                 "'stripe.refund.create@1.0.0','idem':'" IDEM "'}"),
                   fixture_json ("{'input':{'amount_minor':40000}}"));
  intent = air_entry_parse (((RunEntry *) self->entries->pdata[index])->leaf, NULL);
  self->intent = *air_entry_get_hash (intent);
  air_sd_digest (((RunEntry *) self->entries->pdata[index])->disclosures->pdata[0], self->input_digest);
  run_add (self, RUN_ID, AIR_ENTRY_TOOL_ACTION_EXECUTED,
           fixture_json ("{'node':'refund','attempt':1,'purpose':'execute','outcome':'unknown'}"), NULL);
}

AirDecision *
run_make_word (Run *self, const char *said)
{
  return air_decision_new (said, RUN_ID "/refund", &self->intent, self->artifact, self->input_digest,
                           "seen in the vendor's books", "operator", self->time_us - 1000000,
                           self->time_us + G_USEC_PER_SEC * 600, air_seeded_random_get (self->random));
}

guint
run_add_word (Run *self, const AirDecision *word, AirPrivateKey *key, gboolean happened)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *envelope = air_decision_sign (word, key, &error);
  AirValue *disclosed = air_map_new ();

  g_assert_no_error (error);
  air_map_set_string (disclosed, "envelope", envelope);
  air_map_set_string (disclosed, "reason", "seen in the vendor's books");
  return run_add (self, RUN_ID, AIR_ENTRY_RUN_CONTROLLED,
                  fixture_json ("{'action':'confirm','actor':'%s','envelope_digest':'sd:envelope','happened':%s,'key':"
                                "'%s','node':'refund','role':'%s'}",
                                self->operator_uri, happened ? "true" : "false",
                                air_public_key_get_id (air_private_key_get_public (self->operator_key)), word->role),
                  disclosed);
}

void
run_add_closing (Run *self, int count_offset)
{
  run_add (self, RUN_ID, AIR_ENTRY_WORKFLOW_COMPLETED,
           fixture_json ("{'outcome':'completed','count':%d}", (int) self->run.seq + 1 + count_offset),
           fixture_json ("{'output':{'refund_amount_minor':40000}}"));
}

Run *
run_new_refund (void)
{
  Run *self = run_new ();

  run_add_enrolments (self);
  run_add_trigger (self);
  run_add_request (self, 1);
  run_add_decision (self, 0, "approve", 1, 1, "approved");
  run_add_refund (self, 40000);
  run_add_closing (self, 0);
  run_add (self, "noise", AIR_ENTRY_TIMER, NULL, NULL);
  return self;
}

AirMemoryTree *
run_make_tree (Run *self)
{
  AirMemoryTree *tree = air_memory_tree_new ();

  for (guint i = 0; i < self->entries->len; i++)
    {
      RunEntry *entry = g_ptr_array_index (self->entries, i);
      AirDigest hash = air_entry_leaf_hash (g_bytes_get_data (entry->leaf, NULL), g_bytes_get_size (entry->leaf));

      air_memory_tree_append (tree, &hash);
    }
  return tree;
}

char *
run_sign_checkpoint (Run *self)
{
  g_autoptr (AirMemoryTree) tree = run_make_tree (self);
  AirDigest root = air_memory_tree_get_root (tree);
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_new (ORIGIN, self->entries->len, &root);
  g_autoptr (GError) error = NULL;
  char *note = air_checkpoint_sign (checkpoint, self->log_key, &error);

  g_assert_no_error (error);
  return note;
}

static char *
cosign (Run *self, const char *checkpoint)
{
  g_autoptr (AirNote) note = air_note_parse (checkpoint, strlen (checkpoint), NULL);

  air_note_add_signature (note, air_cosignature_sign (note, "witness.example/w1", self->witness, 1795339900, NULL));
  return air_note_write (note);
}

GPtrArray *
run_make_files (Run *self)
{
  g_autoptr (AirMemoryTree) tree = run_make_tree (self);
  g_autofree char *signed_note = run_sign_checkpoint (self);
  g_autofree char *checkpoint = self->witness != NULL ? cosign (self, signed_note) : g_strdup (signed_note);
  g_autoptr (AirBundleBuilder) builder = air_bundle_builder_new (RUN_ID, checkpoint, "airails://demo/people/audrey");
  g_autoptr (GError) error = NULL;
  GPtrArray *files;

  for (guint i = 0; i < self->entries->len; i++)
    {
      RunEntry *item = g_ptr_array_index (self->entries, i);
      g_autoptr (AirEntry) entry = air_entry_parse (item->leaf, NULL);
      g_autoptr (GArray) proof = NULL;

      if (entry != NULL && g_str_equal (air_entry_get_instance (entry), "noise"))
        continue;
      proof = air_tree_prove_inclusion (air_memory_tree_get_reader (tree), i, self->entries->len, &error);
      g_assert_no_error (error);
      air_bundle_builder_add_entry (builder, i, item->leaf, item->disclosures, proof);
    }
  air_bundle_builder_add_key (builder, self->log_vkey);
  if (self->witness != NULL)
    {
      g_autoptr (AirVkey) key = air_vkey_new ("witness.example/w1", AIR_NOTE_KEY_COSIGNATURE,
                                              air_private_key_get_public (self->witness), NULL);

      air_bundle_builder_add_key (builder, key);
    }
  for (guint i = 0; i < 2; i++)
    air_bundle_builder_add_approver (builder, air_private_key_get_public (self->approvers[i]));
  if (self->operator_key != NULL)
    air_bundle_builder_add_approver (builder, air_private_key_get_public (self->operator_key));
  air_bundle_builder_set_artifact (builder, self->manifest, self->config, self->signature, self->plan);
  air_bundle_builder_set_timestamp (builder, self->timestamp);
  files = air_bundle_builder_finish (builder, &error);
  g_assert_no_error (error);
  return files;
}

GBytes *
run_make_bundle (Run *self)
{
  g_autoptr (GPtrArray) files = run_make_files (self);
  g_autoptr (GError) error = NULL;
  GBytes *zip = air_zip_write (files, &error);

  g_assert_no_error (error);
  return zip;
}

static AirValue *
make_person (const char *uri, AirPrivateKey *key, const char *role)
{
  AirValue *map = fixture_json ("{'uri':'%s','roles':['%s']}", uri, role);
  g_autofree char *pem = air_public_key_to_pem (air_private_key_get_public (key));

  air_map_set_string (map, "key", pem);
  return map;
}

AirVerifierTrust *
run_make_trust (Run *self)
{
  AirVerifierTrust *trust = air_verifier_trust_new ();
  g_autoptr (AirValue) json = air_map_new ();
  AirValue *people = air_list_new (), *signers = air_list_new ();
  g_autofree char *vkey = air_vkey_to_string (self->log_vkey);
  g_autofree char *policy = g_strdup_printf ("log %s\nquorum none\n", vkey);
  g_autoptr (GError) error = NULL;

  air_list_append (people, make_person (ANA, self->approvers[0], "approver"));
  air_list_append (people, make_person (BEN, self->approvers[1], "approver"));
  air_list_append (people, fixture_json ("{'uri':'airails://demo/people/audrey','roles':['auditor']}"));
  if (self->operator_key != NULL)
    air_list_append (people, make_person (self->operator_uri, self->operator_key, "operator"));
  air_list_append (signers, make_person ("airails://demo/people/dora", self->designer, "designer"));
  air_map_set (json, "people", people);
  air_map_set (json, "signers", signers);
  g_assert_true (air_verifier_trust_set_policy (trust, policy, strlen (policy), &error));
  g_assert_true (air_verifier_trust_set_people (trust, json, &error));
  g_assert_no_error (error);
  return trust;
}

/* --- reports --- */

const AirFinding *
run_find_fault (const AirReport *report, AirCheck check, const char *file, const char *words)
{
  for (guint i = 0; i < report->findings->len; i++)
    {
      const AirFinding *finding = report->findings->pdata[i];

      if (finding->kind == AIR_FINDING_FAULT && finding->check == check
          && (file == NULL || g_str_equal (finding->file, file))
          && (words == NULL || strstr (finding->words, words) != NULL))
        return finding;
    }
  return NULL;
}

void
run_expect_refusal (Run *run, AirCheck check, const char *file, const char *words)
{
  g_autoptr (GBytes) zip = run_make_bundle (run);
  g_autoptr (AirVerifierTrust) trust = run_make_trust (run);
  g_autoptr (AirReport) report = air_verifier_check_zip (zip, trust);
  g_autofree char *text = air_report_to_text (report);

  g_assert_false (air_report_passed (report));
  if (run_find_fault (report, check, file, words) == NULL)
    g_error ("no fault of %s at %s saying \"%s\" in:\n%s", air_check_to_string (check), file, words, text);
  for (guint i = 0; i < AIR_CHECK_ATTESTATION; i++)
    if (i != check && report->verdicts[i] != AIR_VERDICT_PASSED)
      g_error ("%s did not pass:\n%s", air_check_to_string (i), text);
}
