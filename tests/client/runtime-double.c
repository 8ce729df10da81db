/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "runtime-double"

#include "config.h"

#include "runtime-double-private.h"

#include <glib/gstdio.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "base/air-x509.h"
#include "wire/air-tls.h"

#define ARTIFACT "sha256:5b1f0c9f3a7e4d2286a0c4e1f7b9d83520c6ea41978bd35f60e7a2c91d48b3f6"

/* --- building values ---------------------------------------------------- */

static AirValue *
json (const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *value;

  va_start (arguments, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_vprintf (format, arguments);
#pragma GCC diagnostic pop
  va_end (arguments);
  value = air_json_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  return value;
}

static char *
write_file (RuntimeDouble *self, const char *name, const char *text)
{
  char *path = g_build_filename (self->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static char *
issue (AirPrivateKey *ca_key,
       const char *ca,
       AirPrivateKey *key,
       const char *name,
       const char *uri,
       const char *const *hosts)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;
  char *pem = air_x509_issue_leaf (ca_key, ca, air_private_key_get_public (key), name, uri, hosts, now - 3600,
                                   now + 86400, &error);

  g_assert_no_error (error);
  return pem;
}

static char *
make_person (RuntimeDouble *self, AirPrivateKey *ca_key, const char *ca, const char *name, AirPrivateKey *decision_key)
{
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  g_autofree char *uri = g_strdup_printf ("airails://demo/people/%s", name);
  g_autofree char *certificate = issue (ca_key, ca, key, name, uri, NULL);
  g_autofree char *key_pem = air_private_key_to_pem (key), *decision_pem = air_private_key_to_pem (decision_key);
  g_autofree char *certificate_name = g_strconcat (name, ".pem", NULL), *key_name = g_strconcat (name, ".key", NULL);
  g_autofree char *decision_name = g_strconcat (name, "-decision.key", NULL),
                  *profile_name = g_strconcat (name, ".json", NULL);
  g_autofree char *a = write_file (self, certificate_name, certificate), *b = write_file (self, key_name, key_pem);
  g_autofree char *c = write_file (self, decision_name, decision_pem), *d = write_file (self, "ca.pem", ca);
  g_autofree char *text = g_strdup_printf (
      "{\"v\":1,\"name\":\"Demo shop\",\"url\":\"https://%s\",\"ca\":\"ca.pem\",\"certificate\":\"%s\","
      "\"private_key\":\"%s\",\"decision_key\":\"%s\"}",
      self->address, certificate_name, key_name, decision_name);

  return write_file (self, profile_name, text);
}

static void
serve (RuntimeDouble *self)
{
  g_autoptr (GError) error = NULL;

  self->server = air_http_server_new (&self->options);
  air_http_server_listen (self->server, self->address != NULL ? self->address : "127.0.0.1:0", &error);
  g_assert_no_error (error);
  if (self->address == NULL)
    self->address = g_strdup (air_http_server_get_address (self->server));
}

static AirValue *
load_folder (const char *folder)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", folder, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  AirValue *map = air_map_new ();
  const char *name;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autoptr (GError) error = NULL;
      AirValue *document = air_json_load_file (file, &error);

      g_assert_no_error (error);
      air_map_set (map, air_map_get_string (document, "id"), document);
    }
  return map;
}

/* What the compiler puts into the plan about policies and operations: the documents themselves. */
static void
load_plan (RuntimeDouble *self)
{
  g_autofree char *text = NULL, *hex = NULL;
  AirDigest digest;
  gsize length;

  self->plan = air_map_new ();
  air_map_set (self->plan, "policies", load_folder ("policies"));
  air_map_set (self->plan, "operations", load_folder ("ops"));
  text = air_jcs_write (air_map_get_map (air_map_get_map (self->plan, "policies"), "refund-approval"), &length, NULL);
  digest = air_sha256 (text, length);
  hex = air_digest_to_hex (&digest);
  self->policy = g_strconcat ("sha256:", hex, NULL);
}

static void
run_free (DoubleRun *run)
{
  g_free (run->id);
  g_free (run->state);
  g_free (run->waiting_on);
  g_free (run->outcome);
  g_free (run->started);
  g_free (run->deadline);
  g_array_unref (run->entries);
  g_clear_pointer (&run->action, air_value_unref);
  g_clear_pointer (&run->other_action, air_value_unref);
  g_clear_pointer (&run->why, air_value_unref);
  g_clear_pointer (&run->decisions, air_value_unref);
  g_free (run);
}

RuntimeDouble *
runtime_double_new (void)
{
  static const char *const hosts[] = { "127.0.0.1", "localhost", NULL };
  RuntimeDouble *self = g_new0 (RuntimeDouble, 1);
  g_autoptr (AirPrivateKey) ca_key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  g_autoptr (AirPrivateKey) server_key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;
  g_autofree char *ca = NULL, *certificate = NULL, *key_pem = NULL, *path = NULL;

  self->folder = g_dir_make_tmp ("runtime-double-XXXXXX", &error);
  g_assert_no_error (error);
  self->random = air_seeded_random_new (7);
  self->now_us = g_get_real_time ();
  self->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) run_free);
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sealed_entry_free);
  self->sinks = g_ptr_array_new_with_free_func ((GDestroyNotify) air_event_sink_unref);
  self->tree = air_memory_tree_new ();
  self->forked = air_memory_tree_new ();
  self->log_key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  self->other_log_key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  self->decision_key = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", "workflows",
                           "refunds-and-cancellations.workflow.json", NULL);
  g_file_get_contents (path, &self->workflow, NULL, &error);
  g_assert_no_error (error);

  load_plan (self);

  ca = air_x509_issue_ca (ca_key, "Test authority", now - 3600, now + 86400, &error);
  g_assert_no_error (error);
  certificate = issue (ca_key, ca, server_key, "runtime", "airails://demo/runtime", hosts);
  key_pem = air_private_key_to_pem (server_key);
  self->clients = air_tls_database_new (ca, &error);
  g_assert_no_error (error);
  self->options.certificate = air_tls_certificate_new (certificate, key_pem, &error);
  g_assert_no_error (error);
  self->options.clients = self->clients;
  self->options.routes = runtime_double_routes;
  self->options.n_routes = runtime_double_n_routes;
  self->options.user_data = self;
  serve (self);

  self->enrolled = air_public_key_ref (air_private_key_get_public (self->decision_key));
  self->profile_path = make_person (self, ca_key, ca, "ana", self->decision_key);
  self->designer_profile = make_person (self, ca_key, ca, "dora", self->other_log_key);
  self->profile = air_client_profile_load (self->profile_path, &error);
  g_assert_no_error (error);
  return self;
}

void
runtime_double_stop (RuntimeDouble *self)
{
  for (guint i = self->sinks->len; i-- > 0;)
    air_event_sink_close (self->sinks->pdata[i]);
  g_ptr_array_set_size (self->sinks, 0);
  if (self->server != NULL)
    air_http_server_close (self->server);
  g_clear_object (&self->server);
}

void
runtime_double_restart (RuntimeDouble *self)
{
  serve (self);
}

void
runtime_double_free (RuntimeDouble *self)
{
  static const char *const names[] = { "ca.pem",    "ana.pem",          "ana.key",  "ana-decision.key",
                                       "ana.json",  "dora.pem",         "dora.key", "dora-decision.key",
                                       "dora.json", "ana-enrolled.json" };

  runtime_double_stop (self);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      g_remove (path);
    }
  g_rmdir (self->folder);
  g_clear_object (&self->clients);
  g_clear_object (&self->options.certificate);
  g_clear_pointer (&self->profile, air_client_profile_unref);
  air_private_key_unref (self->log_key);
  air_private_key_unref (self->other_log_key);
  air_private_key_unref (self->decision_key);
  g_ptr_array_unref (self->runs);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->sinks);
  air_memory_tree_free (self->tree);
  air_memory_tree_free (self->forked);
  air_seeded_random_free (self->random);
  g_free (self->workflow);
  g_free (self->policy);
  air_value_unref (self->plan);
  g_clear_pointer (&self->edited, air_value_unref);
  g_clear_pointer (&self->enrolled, air_public_key_unref);
  g_free (self->decision);
  g_free (self->reason);
  g_free (self->folder);
  g_free (self->address);
  g_free (self->profile_path);
  g_free (self->designer_profile);
  g_free (self);
}

AirClientProfile *
runtime_double_get_profile (RuntimeDouble *self)
{
  return self->profile;
}

const char *
runtime_double_get_profile_path (RuntimeDouble *self)
{
  return self->profile_path;
}

const char *
runtime_double_get_designer_profile_path (RuntimeDouble *self)
{
  return self->designer_profile;
}

void
runtime_double_set_lie (RuntimeDouble *self, RuntimeDoubleLie lie)
{
  self->lie = lie;
}

void
runtime_double_set_time (RuntimeDouble *self, gint64 unix_us)
{
  self->now_us = unix_us;
}

guint64
runtime_double_get_size (RuntimeDouble *self)
{
  return self->entries->len;
}

const char *
runtime_double_get_decision (RuntimeDouble *self)
{
  return self->decision;
}

const char *
runtime_double_get_reason (RuntimeDouble *self)
{
  return self->reason;
}

/* Ana's key is another one from here on: decisions are opened with @key, and a profile of hers names @reference. */
char *
runtime_double_enrol (RuntimeDouble *self, AirPublicKey *key, const char *reference)
{
  g_autofree char *text = g_strdup_printf (
      "{\"v\":1,\"name\":\"Demo shop\",\"url\":\"https://%s\",\"ca\":\"ca.pem\",\"certificate\":\"ana.pem\","
      "\"private_key\":\"ana.key\",\"decision_key\":\"%s\"}",
      self->address, reference);

  g_clear_pointer (&self->enrolled, air_public_key_unref);
  self->enrolled = air_public_key_ref (key);
  return write_file (self, "ana-enrolled.json", text);
}

AirValue *
runtime_double_get_edited (RuntimeDouble *self)
{
  return self->edited;
}

guint
runtime_double_get_n_listeners (RuntimeDouble *self)
{
  return self->sinks->len;
}

void
runtime_double_emit (RuntimeDouble *self, const char *event, const char *data)
{
  for (guint i = 0; i < self->sinks->len; i++)
    air_event_sink_send (self->sinks->pdata[i], event, data);
}

void
runtime_double_emit_run (RuntimeDouble *self, DoubleRun *run)
{
  g_autofree char *waiting =
      run->waiting_on != NULL ? g_strdup_printf (",\"waiting_on\":\"%s\"", run->waiting_on) : g_strdup ("");
  g_autofree char *outcome =
      run->outcome != NULL ? g_strdup_printf (",\"outcome\":\"%s\"", run->outcome) : g_strdup ("");
  g_autofree char *text =
      g_strdup_printf ("{\"id\":\"%s\",\"state\":\"%s\"%s%s}", run->id, run->state, waiting, outcome);

  runtime_double_emit (self, "run", text);
}

/* --- the ledger --------------------------------------------------------- */

guint64
runtime_double_append (RuntimeDouble *self,
                       DoubleRun *run,
                       const char *type,
                       AirValue *take_members,
                       AirValue *take_disclosed)
{
  g_autoptr (AirValue) members = take_members, disclosed = take_disclosed;
  g_autoptr (GError) error = NULL;
  AirSealedEntry *entry;
  AirDigest other;
  guint64 index = self->entries->len;

  self->now_us += 180 * 1000;
  entry = air_entry_seal (&run->head, run->id, type, members, disclosed, self->now_us,
                          air_seeded_random_get (self->random), &error);
  g_assert_no_error (error);
  g_ptr_array_add (self->entries, entry);
  air_memory_tree_append (self->tree, &entry->hash);
  other = entry->hash;
  other.bytes[0] ^= self->entries->len == 1;
  air_memory_tree_append (self->forked, &other);
  g_array_append_val (run->entries, index);
  return index;
}

/* --- runs --------------------------------------------------------------- */

static DoubleRun *
add_run (RuntimeDouble *self, const char *order)
{
  DoubleRun *run = g_new0 (DoubleRun, 1);

  self->now_us += G_TIME_SPAN_SECOND;
  run->id = air_id_new (self->now_us, air_seeded_random_get (self->random));
  run->state = g_strdup ("running");
  run->started = air_time_format (self->now_us);
  run->entries = g_array_new (FALSE, FALSE, sizeof (guint64));
  run->gate_index = -1;
  run->decisions = air_list_new ();
  g_ptr_array_add (self->runs, run);
  runtime_double_append (
      self, run, AIR_ENTRY_TRIGGER_RECEIVED,
      json ("{\"node\":\"request\",\"actor\":\"airails://demo/systems/shop\",\"artifact\":\"%s\",\"session\":\"01JD\"}",
            ARTIFACT),
      json ("{\"input\":{\"request_id\":\"r-%s\",\"order_id\":\"%s\",\"kind\":\"cancel\",\"message\":\"Please cancel, "
            "I ordered twice.\","
            "\"customer\":{\"user_id\":\"mia_kern_4410\",\"email\":\"mia@example.com\"}},\"dedup_key\":\"r-%s\","
            "\"concurrency_key\":\"%s\"}",
            order, order, order, order));
  return run;
}

static void
act (RuntimeDouble *self, DoubleRun *run, const char *node, const char *operation, const char *outcome, int attempt)
{
  runtime_double_append (self, run, AIR_ENTRY_TOOL_ACTION_STARTED,
                         json ("{\"node\":\"%s\",\"attempt\":%d,\"purpose\":\"execute\",\"operation\":\"%s@1.0.0\","
                               "\"idem\":\"k4mzq2hd7yw5rt3n\"}",
                               node, attempt, operation),
                         json ("{\"input\":{\"order_id\":\"#W3947049\"}}"));
  runtime_double_append (
      self, run, AIR_ENTRY_TOOL_ACTION_EXECUTED,
      json ("{\"node\":\"%s\",\"attempt\":%d,\"purpose\":\"execute\",\"outcome\":\"%s\",\"status\":%d}", node, attempt,
            outcome, g_str_equal (outcome, "ok") ? 200 : 503),
      json ("{\"output\":{\"status\":\"%s\"},\"evidence\":{\"request_id\":\"req_8f2a\"},\"message\":\"\"}", outcome));
}

static void
pure (RuntimeDouble *self, DoubleRun *run, const char *node, const char *edge)
{
  runtime_double_append (self, run, AIR_ENTRY_STEP_DECIDED,
                         json ("{\"steps\":[{\"node\":\"%s\",\"edge\":\"%s\"}]}", node, edge), air_map_new ());
}

static void
close_run (RuntimeDouble *self, DoubleRun *run, gboolean completed, const char *outcome)
{
  runtime_double_append (
      self, run, completed ? AIR_ENTRY_WORKFLOW_COMPLETED : AIR_ENTRY_WORKFLOW_FAILED,
      json ("{\"outcome\":\"%s\",\"count\":%u}", completed ? "completed" : "failed", run->entries->len + 1),
      json ("{\"output\":{\"outcome\":\"%s\"}}", outcome));
  g_set_str (&run->state, completed ? "completed" : "failed");
  g_set_str (&run->outcome, outcome);
  g_set_str (&run->waiting_on, NULL);
}

static DoubleRun *
add_until_gate (RuntimeDouble *self, const char *order)
{
  DoubleRun *run = add_run (self, order);

  act (self, run, "customer", "shop.customer.lookup", "ok", 1);
  pure (self, run, "identity", "e5");
  act (self, run, "order", "shop.order.lookup", "ok", 1);
  runtime_double_append (
      self, run, AIR_ENTRY_POLICY_EVALUATED,
      json ("{\"node\":\"rules\",\"policy\":\"%s\",\"table\":\"refund-eligibility\",\"rules\":[\"cancel-pending\"]}",
            self->policy),
      json ("{\"inputs\":{\"status\":\"pending\"},\"output\":{\"verdict\":\"allow\"},\"why\":\"A pending order may be "
            "cancelled\"}"));
  pure (self, run, "allowed", "e11");
  return run;
}

static void
add_actions (RuntimeDouble *self, DoubleRun *run)
{
  pure (self, run, "which", "e20");
  act (self, run, "cancel", "shop.order.cancel", "ok", 1);
  pure (self, run, "destination", "e27");
}

const char *
runtime_double_add_refunded (RuntimeDouble *self, const char *order, gint64 amount_minor)
{
  DoubleRun *run = add_until_gate (self, order);

  runtime_double_append (
      self, run, AIR_ENTRY_POLICY_EVALUATED,
      json ("{\"node\":\"approval\",\"policy\":\"%s\",\"table\":\"refund-approval\",\"rules\":[\"small\"]}",
            self->policy),
      json ("{\"inputs\":{\"amount_minor\":%d},\"output\":{\"band\":\"none\",\"quorum\":0,\"role\":\"approver\"},"
            "\"why\":\"Up to 100.00 needs no approval\"}",
            (int) amount_minor));
  add_actions (self, run);
  act (self, run, "refund", "stripe.refund.create", "retry", 1);
  act (self, run, "refund", "stripe.refund.create", "ok", 2);
  act (self, run, "confirm", "shop.notification.send", "ok", 1);
  runtime_double_append (self, run, AIR_ENTRY_EVIDENCE_CAPTURED, json ("{\"node\":\"proof\"}"),
                         json ("{\"evidence\":{\"refund\":\"re_3Qx\"}}"));
  close_run (self, run, TRUE, "refunded");
  return run->id;
}

const char *
runtime_double_add_failed (RuntimeDouble *self, const char *order, gint64 amount_minor)
{
  DoubleRun *run = add_until_gate (self, order);

  runtime_double_append (
      self, run, AIR_ENTRY_POLICY_EVALUATED,
      json ("{\"node\":\"approval\",\"policy\":\"%s\",\"table\":\"refund-approval\",\"rules\":[\"small\"]}",
            self->policy),
      json ("{\"inputs\":{\"amount_minor\":%d},\"output\":{\"band\":\"none\",\"quorum\":0,\"role\":\"approver\"},"
            "\"why\":\"Up to 100.00 needs no approval\"}",
            (int) amount_minor));
  add_actions (self, run);
  act (self, run, "refund", "stripe.refund.create", "rejected", 1);
  runtime_double_append (self, run, AIR_ENTRY_ROLLBACK_APPLIED,
                         json ("{\"node\":\"cancel\",\"operation\":\"shop.order.reinstate@1.0.0\",\"outcome\":\"ok\"}"),
                         air_map_new ());
  close_run (self, run, FALSE, "failed");
  return run->id;
}

static AirValue *
make_action (const char *order, gint64 amount_minor)
{
  return json ("[{\"node\":\"cancel\",\"operation\":\"shop.order.cancel@1.0.0\",\"title\":\"Cancel the "
               "order\",\"input\":{\"order_id\":\"%s\",\"reason\":\"ordered by mistake\"},"
               "\"idempotency_key\":\"q3w4e5r6t7y2u3i4o5p6a7s2d3f4g5h6\"},"
               "{\"node\":\"refund\",\"operation\":\"stripe.refund.create@1.0.0\",\"title\":\"Refund the "
               "payment\",\"input\":{\"payment_intent\":\"pi_3QwErTyUiOp\","
               "\"amount_minor\":%d,\"currency\":\"usd\",\"reason\":\"requested_by_customer\"},\"idempotency_key\":"
               "\"z7x6c5v4b3n2m2a3s4d5f6g7h2j3k4l5\"}]",
               order, (int) amount_minor);
}

const char *
runtime_double_add_waiting (RuntimeDouble *self, const char *order, gint64 amount_minor, int quorum)
{
  DoubleRun *run = add_until_gate (self, order);
  AirValue *disclosed;

  run->action = make_action (order, amount_minor);
  run->other_action = make_action (order, 1);
  run->why = air_value_new_string (quorum > 1 ? "Above 1,000.00 two different approvers decide"
                                              : "Up to 1,000.00 one approver decides");
  run->quorum = quorum;
  run->deadline = air_time_format (self->now_us + G_TIME_SPAN_DAY);
  disclosed = air_map_new ();
  air_map_set (disclosed, "action", air_value_ref (run->action));
  air_map_set (disclosed, "why", air_value_ref (run->why));
  runtime_double_append (
      self, run, AIR_ENTRY_POLICY_EVALUATED,
      json ("{\"node\":\"approval\",\"policy\":\"%s\",\"table\":\"refund-approval\",\"rules\":[\"%s\"]}", self->policy,
            quorum > 1 ? "large" : "medium"),
      json ("{\"inputs\":{\"amount_minor\":%d},\"output\":{\"band\":\"%s\",\"quorum\":%d,\"role\":\"approver\"}}",
            (int) amount_minor, quorum > 1 ? "two" : "one", quorum));
  run->gate_index = (gint64) runtime_double_append (
      self, run, AIR_ENTRY_HUMAN_GATE_REQUESTED,
      json ("{\"node\":\"approval\",\"gate\":\"%s/"
            "approval\",\"artifact\":\"%s\",\"policy\":\"%s\",\"quorum\":%d,\"role\":\"approver\","
            "\"exclude\":[\"airails://demo/people/"
            "dora\"],\"deadline\":\"%s\",\"on_expiry\":\"deny\",\"action_digest\":\"sd:action\"%s}",
            run->id, ARTIFACT, self->policy, quorum, run->deadline,
            /* One approver may ask for less; what two must see, nobody changes. */
            quorum == 1 ? ",\"edit\":{\"refund.amount_minor\":[\"(0..before]\"],\"cancel.reason\":[\"-\"]}" : ""),
      disclosed);
  g_set_str (&run->state, "waiting-gate");
  g_set_str (&run->waiting_on, "approval");
  return run->id;
}

void
runtime_double_carry_on (RuntimeDouble *self, DoubleRun *run, gboolean approved)
{
  if (approved)
    {
      add_actions (self, run);
      act (self, run, "refund", "stripe.refund.create", "ok", 1);
      act (self, run, "confirm", "shop.notification.send", "ok", 1);
      runtime_double_append (self, run, AIR_ENTRY_EVIDENCE_CAPTURED, json ("{\"node\":\"proof\"}"),
                             json ("{\"evidence\":{\"refund\":\"re_3Qx\"}}"));
      close_run (self, run, TRUE, "refunded");
    }
  else
    {
      act (self, run, "tell_unapproved", "shop.notification.send", "ok", 1);
      close_run (self, run, TRUE, "rejected");
    }
}
