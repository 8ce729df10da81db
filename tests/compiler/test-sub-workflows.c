/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is made of a workflow with others as its steps: one plan, one lock, one manifest, and nothing hidden. */

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "compiler/air-compile-session.h"
#include "compiler/air-hints.h"
#include "compiler/air-labels.h"
#include "engine/air-plan.h"
#include "model/air-command.h"
#include "model/air-pack-directory.h"

static char *folder;
static GPtrArray *packs;

static AirWorkflow *
load (const char *path)
{
  g_autofree char *full = g_build_filename (folder, path, NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  AirWorkflow *workflow;
  gsize length;

  g_file_get_contents (full, &text, &length, &error);
  g_assert_no_error (error);
  workflow = air_workflow_load (text, length, "w.json", &error);
  g_assert_no_error (error);
  return workflow;
}

static GPtrArray *
with_steps (AirWorkflow *workflow)
{
  g_autofree char *steps = g_build_filename (folder, "steps", NULL);
  GPtrArray *given = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < packs->len; i++)
    g_ptr_array_add (given, air_pack_ref (g_ptr_array_index (packs, i)));
  g_ptr_array_add (given, air_pack_load_beside (workflow, steps, &error));
  g_assert_no_error (error);
  return given;
}

static AirCompileResult *
compile (AirWorkflow *workflow)
{
  g_autoptr (GPtrArray) given = with_steps (workflow);
  g_autoptr (GError) error = NULL;
  AirCompileResult *result = air_compile (workflow, given, &error);

  g_assert_no_error (error);
  return result;
}

static AirCompileResult *
compile_good (void)
{
  g_autoptr (AirWorkflow) workflow = load ("good/sub-workflow.workflow.json");
  AirCompileResult *result = compile (workflow);

  g_assert_cmpuint (result->n_errors, ==, 0);
  return result;
}

static void
assert_text (const AirValue *map, const char *pointer, const char *wanted)
{
  AirValue *value = air_value_at ((AirValue *) map, pointer);

  if (value == NULL)
    g_error ("nothing at %s", pointer);
  g_assert_cmpstr (air_value_get_string (value, NULL), ==, wanted);
}

/* --- the plan ------------------------------------------------------------- */

static void
test_plan (void)
{
  g_autoptr (AirCompileResult) result = compile_good ();
  g_autoptr (AirPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  guint index;

  /* Its first step takes the place of its trigger, which is none here. */
  assert_text (result->plan, "/nodes/check/next/start/to", "check.read");
  assert_text (result->plan, "/nodes/check/next/start/edge", "check.e1");
  assert_text (result->plan, "/nodes/check/next/ok/to", "dear");
  g_assert_null (air_value_at (result->plan, "/nodes/check.start"));
  /* What its nodes say of each other they say of themselves here. */
  assert_text (result->plan, "/nodes/pay.ask/guards/0/node", "pay.pay");
  assert_text (result->plan, "/guards/pay.pay", "pay.ask");
  assert_text (result->plan, "/nodes/pay.proof/collect/0", "pay.pay");
  assert_text (result->plan, "/nodes/pay.ask/next/approved/to", "pay.pay");
  /* Expressions keep its own names. */
  assert_text (result->plan, "/nodes/check.costly/output/price_minor", "${steps.read.price_minor}");
  g_assert_nonnull (air_value_at (result->plan, "/operations/lab.money.pay"));
  g_assert_nonnull (air_value_at (result->plan, "/policies/lab-gate"));
  assert_text (result->plan, "/workflows/lab-pay-gated/version", "1.0.0");

  plan =
      air_plan_load (result->plan, "sha256:0000000000000000000000000000000000000000000000000000000000000000", &error);
  g_assert_no_error (error);
  g_assert_true (air_plan_find_node (plan, "pay.pay", &index));
  g_assert_cmpint (air_plan_get_node_kind (plan, index), ==, AIR_NODE_CALL);
}

static void
test_loop (void)
{
  g_autoptr (AirWorkflow) workflow = load ("good/sub-workflow-for-each.workflow.json");
  g_autoptr (AirCompileResult) result = compile (workflow);
  g_autoptr (AirPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (result->n_errors, ==, 0);
  plan =
      air_plan_load (result->plan, "sha256:0000000000000000000000000000000000000000000000000000000000000000", &error);
  g_assert_no_error (error);
  g_assert_nonnull (plan);
}

/* --- lock and manifest -------------------------------------------------------- */

static void
test_lock (void)
{
  static const char *const ids[] = { "lab-check", "lab-packed", "lab-pay-gated" };
  g_autoptr (AirCompileResult) result = compile_good ();
  AirValue *locked = air_map_get_map (result->lock, "workflows");

  g_assert_cmpuint (air_map_get_size (locked), ==, G_N_ELEMENTS (ids));
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      gsize length;
      g_autofree char *bytes =
          air_jcs_write (air_map_get (air_map_get_map (result->plan, "workflows"), ids[i]), &length, NULL);
      AirDigest digest = air_sha256 (bytes, length);
      g_autofree char *hex = air_digest_to_hex (&digest), *wanted = g_strconcat ("sha256:", hex, NULL);

      g_assert_cmpstr (air_map_get_string (air_map_get_map (locked, ids[i]), "version"), ==, "1.0.0");
      g_assert_cmpstr (air_map_get_string (air_map_get_map (locked, ids[i]), "digest"), ==, wanted);
    }
}

/* The most of what a machine must have, the least of what it may cost, the strongest attestation. */
static void
test_manifest (void)
{
  g_autoptr (AirWorkflow) workflow = load ("good/sub-workflow.workflow.json");
  g_autoptr (AirCommand) costs = NULL;
  g_autoptr (AirWorkflow) dear = NULL;
  g_autoptr (AirCompileResult) result = NULL;
  g_autofree char *egress = NULL, *limits = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *own = air_map_new ();

  air_map_set_string (own, "currency", "usd");
  air_map_set_int (own, "run_minor", 900);
  air_map_set_int (own, "day_minor", 5000);
  costs = air_command_new_set ("/cost_limits", own);
  dear = air_command_apply (costs, workflow, NULL, &error);
  g_assert_no_error (error);
  result = compile (dear);
  g_assert_cmpuint (result->n_errors, ==, 0);
  egress = air_jcs_write (air_map_get (result->manifest, "egress"), NULL, NULL);
  limits = air_jcs_write (air_map_get (result->manifest, "cost_limits"), NULL, NULL);
  g_assert_cmpstr (egress, ==, "[\"lab.example:443\"]");
  g_assert_cmpstr (limits, ==, "{\"currency\":\"usd\",\"day_minor\":5000,\"run_minor\":500,\"run_tokens\":10}");
  g_assert_cmpint (air_map_get_int (air_map_get_map (result->manifest, "resources"), "memory_mib", 0), ==, 2048);
  g_assert_cmpint (air_map_get_int (air_map_get_map (result->manifest, "resources"), "cpu_milli", 0), ==, 1000);
  assert_text (result->manifest, "/attestation/minimum", "sev-snp");
}

/* --- what is said of it ---------------------------------------------------------- */

static void
test_hints (void)
{
  g_autoptr (AirWorkflow) workflow = load ("good/sub-workflow.workflow.json");
  g_autoptr (GPtrArray) given = with_steps (workflow);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hints = air_compile_hints (workflow, given, &error);
  const AirHint *hint;

  g_assert_no_error (error);
  g_assert_cmpuint (hints->len, ==, 1);
  hint = g_ptr_array_index (hints, 0);
  g_assert_cmpstr (hint->node, ==, "pay.pay");
  g_assert_cmpstr (hint->policy, ==, "money-movement");
  g_assert_cmpstr (hint->gate, ==, "pay.ask");
  g_assert_cmpstr (hint->file, ==, "lab-pay-gated.workflow.json");
}

/* The labels of what it is given reach what it calls. */
static void
test_labels (void)
{
  g_autoptr (AirWorkflow) workflow = load ("bad/AIR006-in-a-sub-workflow.workflow.json");
  g_autoptr (GPtrArray) given = with_steps (workflow);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) labels = air_compile_labels (workflow, given, &error);

  g_assert_no_error (error);
  assert_text (labels, "/parameters/0/node", "note.write");
  assert_text (labels, "/parameters/0/parameter", "note");
  assert_text (labels, "/parameters/0/labels/0", "untrusted");
  assert_text (labels, "/domains/0/to", "lab.example:443");
}

/* Where the files lie is in nothing that is made, nor is their order. */
static void
test_same_bytes (void)
{
  g_autoptr (AirWorkflow) workflow = load ("good/sub-workflow.workflow.json");
  g_autoptr (AirCompileResult) first = compile (workflow), second = NULL;
  g_autoptr (GPtrArray) given = with_steps (workflow), reversed = g_ptr_array_new ();
  g_autofree char *one = NULL, *other = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = given->len; i > 0; i--)
    g_ptr_array_add (reversed, g_ptr_array_index (given, i - 1));
  second = air_compile (workflow, reversed, &error);
  g_assert_no_error (error);
  one = air_jcs_write (first->plan, NULL, NULL);
  other = air_jcs_write (second->plan, NULL, NULL);
  g_assert_cmpstr (one, ==, other);
  g_assert_true (air_value_equal (first->lock, second->lock));
  g_assert_true (air_value_equal (first->manifest, second->manifest));
  g_assert_null (strstr (one, folder));
}

/* A workflow without such steps is what it was: no member more. */
static void
test_without (void)
{
  g_autoptr (AirWorkflow) workflow = load ("good/gated-payment.workflow.json");
  g_autoptr (AirCompileResult) result = compile (workflow);

  g_assert_null (air_map_get (result->plan, "workflows"));
  g_assert_null (air_map_get (result->lock, "workflows"));
}

/* --- how many ---------------------------------------------------------------------- */

static AirDocument *
make_level (guint level, guint n_levels, guint n_calls)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  AirDocument *document;

  g_string_printf (
      text,
      "{\"$schema\":\"airails:workflow/1\",\"id\":\"level-%u\",\"version\":\"1.0.0\",\"title\":\"L\",\"owner\":"
      "{\"name\":\"A\",\"uri\":\"airails://a/b\"},\"packs\":{},\"nodes\":[{\"id\":\"start\",\"kind\":\"trigger\","
      "\"trigger\":{\"type\":\"webhook\",\"event_type\":\"a.b\",\"dedup\":\"event.id\",\"input\":{\"type\":"
      "\"object\",\"properties\":{}}}},{\"id\":\"done\",\"kind\":\"end\",\"outcome\":\"completed\"}%s",
      level, level < n_levels ? ",{\"id\":\"bad\",\"kind\":\"end\",\"outcome\":\"failed\"}" : "");
  for (guint i = 0; level < n_levels && i < n_calls; i++)
    g_string_append_printf (text,
                            ",{\"id\":\"c%u\",\"kind\":\"workflow\",\"workflow\":\"level-%u\",\"version\":\"1.0.0\","
                            "\"with\":{}}",
                            i, level + 1);
  g_string_append_printf (text, "],\"edges\":[{\"id\":\"e\",\"from\":\"start\",\"to\":\"%s\"}",
                          level < n_levels ? "c0" : "done");
  for (guint i = 0; level < n_levels && i < n_calls; i++)
    {
      g_autofree char *next = i + 1 < n_calls ? g_strdup_printf ("c%u", i + 1) : g_strdup ("done");

      g_string_append_printf (text,
                              ",{\"id\":\"o%u\",\"from\":\"c%u\",\"to\":\"%s\"},{\"id\":\"f%u\",\"from\":\"c%u\","
                              "\"port\":\"error\",\"to\":\"bad\"}",
                              i, i, next, i, i);
    }
  g_string_append (text, "]}");
  document = air_document_load (AIR_DOCUMENT_WORKFLOW, text->str, text->len, "level", &error);
  g_assert_no_error (error);
  return document;
}

/* Ten in ten in ten and so on are more than anybody meant: said, and soon. */
static void
test_many (void)
{
  g_autoptr (GPtrArray) levels = g_ptr_array_new_with_free_func ((GDestroyNotify) air_document_unref);
  g_autoptr (GPtrArray) given = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_unref);
  g_autoptr (AirWorkflow) workflow = NULL, shallow = NULL;
  g_autoptr (AirCompileResult) result = NULL, fine = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 7; i++)
    g_ptr_array_add (levels, make_level (i, 6, 10));
  g_ptr_array_add (given, air_pack_new_beside (levels));
  workflow = air_workflow_new (g_ptr_array_index (levels, 0), &error);
  g_assert_no_error (error);
  result = air_compile (workflow, given, &error);
  g_assert_no_error (error);
  text = air_compile_result_to_text (result);
  g_assert_nonnull (strstr (text, "have more than 10000 nodes together [AIR119]"));
  g_assert_null (result->plan);

  /* A thousand of them are not. */
  shallow = air_workflow_new (g_ptr_array_index (levels, 4), &error);
  fine = air_compile (shallow, given, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fine->n_errors, ==, 0);
  g_assert_nonnull (air_value_at (fine->plan, "/nodes/c9.c9.done"));
}

/* --- a session ------------------------------------------------------------------- */

static char *
print_findings (GPtrArray *diagnostics)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      g_autoptr (AirValue) value = air_diagnostic_to_value (g_ptr_array_index (diagnostics, i));
      g_autofree char *line = air_jcs_write (value, NULL, NULL);

      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

typedef struct {
  const char *at, *value; /* NULL: taken out */
} Edit;

/* After each edit a session finds what a full compile of what it then is finds. */
static void
compare_session (const char *path, const Edit *edits, gsize n_edits, guint at_least)
{
  g_autoptr (AirWorkflow) workflow = load (path);
  g_autoptr (GPtrArray) given = with_steps (workflow);
  g_autoptr (AirCompileSession) session = NULL;
  g_autoptr (GError) error = NULL;
  guint n_findings = 0;

  /* Also those that it names only after an edit. */
  for (gsize i = 0; i < n_edits; i++)
    if (g_str_has_suffix (edits[i].at, "/workflow"))
      {
        g_autoptr (AirCommand) edit = air_command_new_set (edits[i].at, air_value_new_string (edits[i].value));
        g_autoptr (AirWorkflow) after = air_command_apply (edit, workflow, NULL, &error);
        g_autoptr (GPtrArray) more = with_steps (after);

        g_assert_no_error (error);
        g_ptr_array_add (given, air_pack_ref (g_ptr_array_index (more, more->len - 1)));
      }
  session = air_compile_session_new (workflow, given, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < n_edits; i++)
    {
      g_autoptr (AirCommand) edit = edits[i].value != NULL
                                        ? air_command_new_set (edits[i].at, air_value_new_string (edits[i].value))
                                        : air_command_new_unset (edits[i].at);
      g_autofree char *text = NULL, *wanted = NULL, *found = NULL;
      g_autoptr (AirWorkflow) read = NULL;
      g_autoptr (AirCompileResult) result = NULL;

      g_assert_true (air_compile_session_apply (session, edit, NULL, &error));
      g_assert_no_error (error);
      text = air_workflow_write (air_compile_session_get_workflow (session), &error);
      read = air_workflow_load (text, strlen (text), "w.json", &error);
      g_assert_no_error (error);
      result = air_compile (read, given, &error);
      g_assert_no_error (error);
      wanted = print_findings (result->diagnostics);
      found = print_findings (air_compile_session_get_diagnostics (session));
      g_assert_cmpstr (found, ==, wanted);
      n_findings += result->diagnostics->len;
    }
  g_assert_cmpuint (n_findings, >=, at_least);
}

static void
test_session (void)
{
  static const Edit edits[] = {
    { "/nodes/check/with/note", "fixed" },
    { "/nodes/check/with/note", "${trigger.text}" },
    { "/nodes/check/workflow", "lab-note" },
    { "/nodes/check/workflow", "lab-pay" },
    { "/nodes/check/workflow", "lab-loop-a" },
    { "/nodes/check/version", "9.9.9" },
    { "/nodes/check/version", "1.0.0" },
    { "/nodes/check/workflow", "lab-check" },
    { "/nodes/pay/with/amount_minor", "${steps.check.note}" },
    { "/nodes/pay/with/amount_minor", "${steps.check.price_minor}" },
    { "/nodes/look/workflow", "lab-burn" },
    { "/nodes/look/with/id", NULL },
    { "/nodes/start/trigger/input/properties/id/x-label", "untrusted" },
    { "/nodes/start/trigger/concurrency", NULL },
  };
  /* What comes out of the second is what goes into the first. */
  static const Edit through[] = {
    { "/nodes/first/with/note", "fixed" },
    { "/nodes/first/with/note", "${trigger.text}" },
    { "/nodes/first/with/note", "fixed" },
    { "/nodes/first/with/note", "Says: ${trigger.text}" },
  };

  compare_session ("good/sub-workflow.workflow.json", edits, G_N_ELEMENTS (edits), 10);
  compare_session ("bad/AIR006-of-two-sub-workflows.workflow.json", through, G_N_ELEMENTS (through), 2);
}

int
main (int argc, char *argv[])
{
  g_autofree char *lab = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  folder = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "compiler", NULL);
  lab = g_build_filename (folder, "packs", NULL);
  packs = air_packs_load_directory (lab, &error);
  g_assert_no_error (error);
  g_test_add_func ("/compiler/sub-workflows/plan", test_plan);
  g_test_add_func ("/compiler/sub-workflows/loop", test_loop);
  g_test_add_func ("/compiler/sub-workflows/lock", test_lock);
  g_test_add_func ("/compiler/sub-workflows/manifest", test_manifest);
  g_test_add_func ("/compiler/sub-workflows/hints", test_hints);
  g_test_add_func ("/compiler/sub-workflows/labels", test_labels);
  g_test_add_func ("/compiler/sub-workflows/same-bytes", test_same_bytes);
  g_test_add_func ("/compiler/sub-workflows/without", test_without);
  g_test_add_func ("/compiler/sub-workflows/many", test_many);
  g_test_add_func ("/compiler/sub-workflows/session", test_session);
  status = g_test_run ();
  g_ptr_array_unref (packs);
  g_free (folder);
  return status;
}
