/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of a workflow, played and compared. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "engine/air-member.h"
#include "trial/air-cases.h"

static void
case_free (AirCaseResult *self)
{
  g_free (self->id);
  g_free (self->title);
  g_ptr_array_unref (self->differences);
  g_clear_pointer (&self->result, air_trial_result_free);
  g_free (self);
}

void
air_case_report_free (AirCaseReport *self)
{
  air_workflow_unref (self->workflow);
  g_ptr_array_unref (self->cases);
  air_test_coverage_free (self->coverage);
  g_free (self);
}

static void G_GNUC_PRINTF (2, 3) differ (AirCaseResult *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (self->differences, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static char *
to_text (const AirValue *value)
{
  char *text = value != NULL ? air_jcs_write (value, NULL, NULL) : NULL;

  return text != NULL ? text : g_strdup ("nothing");
}

/* Of two maps the members that are expected count; everything else must be equal. */
static void
compare_value (AirCaseResult *self, const char *place, const AirValue *expected, const AirValue *got)
{
  if (got != NULL && air_value_get_kind (expected) == AIR_VALUE_MAP && air_value_get_kind (got) == AIR_VALUE_MAP)
    {
      for (gsize i = 0; i < air_map_get_size (expected); i++)
        {
          const char *name = air_value_get_string (air_map_get_key_at (expected, i), NULL);
          g_autofree char *inner = g_strdup_printf ("%s.%s", place, name);

          compare_value (self, inner, air_map_get_value_at (expected, i), air_member (got, name));
        }
      return;
    }
  if (got == NULL || !air_value_equal (expected, got))
    {
      g_autofree char *wanted = to_text (expected), *came = to_text (got);

      differ (self, "%s is %s; expected %s", place, came, wanted);
    }
}

static char *
join (GPtrArray *texts)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < texts->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (char *) texts->pdata[i]);
  return g_string_free (text, texts->len == 0);
}

static void
compare_list (AirCaseResult *self, const char *what, const AirValue *expected, GPtrArray *got)
{
  gboolean same;

  if (expected == NULL)
    return;
  same = air_list_get_size (expected) == got->len;
  for (guint i = 0; same && i < got->len; i++)
    same = g_strcmp0 (air_value_get_string (air_list_get (expected, i), NULL), got->pdata[i]) == 0;
  if (!same)
    {
      g_autofree char *wanted = to_text (expected), *came = join (got);

      differ (self, "%s: %s; expected %s", what, came != NULL ? came : "none", wanted);
    }
}

/* Says the first place where the ways part, and where each went. */
static void
compare_path (AirCaseResult *self, const AirValue *expected)
{
  AirTrialResult *result = self->result;
  gsize n = expected != NULL ? air_list_get_size (expected) : 0;
  const char *before = "the start";

  if (expected == NULL)
    return;
  for (gsize i = 0; i < MAX (n, result->path->len); i++)
    {
      const char *wanted = i < n ? air_value_get_string (air_list_get (expected, i), NULL) : NULL;
      const char *came = i < result->path->len ? result->path->pdata[i] : NULL;
      const char *port = i < result->ports->len ? result->ports->pdata[i] : NULL;

      if (wanted != NULL && came != NULL && (strcmp (wanted, came) == 0 || strcmp (wanted, port) == 0))
        {
          before = came;
          continue;
        }
      if (wanted == NULL)
        differ (self, "path: after '%s' it goes on to '%s'; expected it to end there", before, came);
      else if (came == NULL)
        differ (self, "path: it ends after '%s'; expected '%s' next", before, wanted);
      else if (strncmp (wanted, came, strlen (came)) == 0 && wanted[strlen (came)] == ':')
        differ (self, "path: '%s' is left as '%s'; expected '%s'", came, port, wanted);
      else
        differ (self, "path: after '%s' comes '%s'; expected '%s'", before, came, wanted);
      return;
    }
}

static void
compare (AirCaseResult *self, AirPlan *plan, const AirValue *expect)
{
  AirTrialResult *result = self->result;
  const char *outcome = air_map_get_string (expect, "outcome");
  AirValue *outputs = air_map_get_map (expect, "outputs"), *output = air_map_get_map (expect, "output");
  g_autoptr (GPtrArray) gates = g_ptr_array_new ();

  if (outcome != NULL
      && !(g_str_equal (outcome, "waiting") ? g_str_has_prefix (result->outcome, "waiting-")
                                            : g_str_equal (outcome, result->outcome)))
    {
      const char *reason = air_instance_get_reason (result->instance);

      differ (self, "the run is %s%s%s%s%s; expected %s", result->outcome, reason != NULL ? " (" : "",
              reason != NULL ? reason : "", reason != NULL ? ")" : "", result->waiting != NULL ? ", waiting" : "",
              outcome);
    }
  compare_path (self, air_map_get_list (expect, "path"));
  for (gsize i = 0; outputs != NULL && i < air_map_get_size (outputs); i++)
    {
      const char *node = air_value_get_string (air_map_get_key_at (outputs, i), NULL);
      g_autofree char *place = g_strdup_printf ("the output of '%s'", node);
      guint index;

      compare_value (self, place, air_map_get_value_at (outputs, i),
                     air_plan_find_node (plan, node, &index) ? air_instance_get_node_output (result->instance, index)
                                                             : NULL);
    }
  if (output != NULL)
    compare_value (self, "the run's output", output, result->output);
  for (guint i = 0; i < result->gates->len; i++)
    g_ptr_array_add (gates, ((AirTrialGate *) result->gates->pdata[i])->gate);
  compare_list (self, "gates that asked people", air_map_get_list (expect, "gates"), gates);
  compare_list (self, "effects that stand", air_map_get_list (expect, "effects"), result->effects);
  compare_list (self, "effects that were reversed", air_map_get_list (expect, "reversed"), result->reversed);
  for (guint i = 0; self->differences->len > 0 && i < result->refusals->len; i++)
    differ (self, "on the way this was refused: %s", (char *) result->refusals->pdata[i]);
}

static AirCaseResult *
run_case (AirPlan *plan, const AirMocks *mocks, const AirValue *document)
{
  AirCaseResult *self = g_new0 (AirCaseResult, 1);
  g_autoptr (AirMockScript) script = air_mock_script_new (mocks, air_map_get_map (document, "mocks"));
  const char *now = air_map_get_string (document, "now");
  g_autoptr (GError) error = NULL;
  AirTrialOptions options = {
    .plan = plan,
    .mocks = mocks,
    .script = script,
    .data = air_map_get_map (document, "trigger"),
    .actor = air_map_get_string (document, "actor"),
    .gates = air_map_get_map (document, "gates"),
    .signals = air_map_get_list (document, "signals"),
  };

  self->id = g_strdup (air_map_get_string (document, "id"));
  self->title = g_strdup (air_map_get_string (document, "title"));
  self->differences = g_ptr_array_new_with_free_func (g_free);
  if (now != NULL && !air_time_parse (now, &options.now_us))
    differ (self, "'now' is %s, which is no time of RFC 3339", now);
  else if ((self->result = air_trial_run (&options, &error)) == NULL)
    differ (self, "it cannot be played: %s", error->message);
  else
    compare (self, plan, air_map_get_map (document, "expect"));
  return self;
}

/**
 * air_cases_run:
 * @workflow: whose `tests` are played
 * @plan: what it was compiled to
 * @mocks: made for the plan
 * @only: (nullable): this case alone, by its id
 * @progress: (nullable) (scope call): told before each case
 * @user_data: for @progress
 *
 * Pure: nothing is sent; the same cases give the same report. A case that cannot be played has failed.
 *
 * Returns: (transfer full): what became of each, in the order of the source
 */
AirCaseReport *
air_cases_run (AirWorkflow *workflow,
               AirPlan *plan,
               const AirMocks *mocks,
               const char *only,
               AirProgressFunc progress,
               gpointer user_data)
{
  AirCaseReport *self = g_new0 (AirCaseReport, 1);
  AirValue *tests = air_map_get_list (air_document_get_value (air_workflow_get_document (workflow)), "tests");

  self->workflow = air_workflow_ref (workflow);
  self->cases = g_ptr_array_new_with_free_func ((GDestroyNotify) case_free);
  self->coverage = air_test_coverage_new (workflow);
  for (gsize i = 0; tests != NULL && i < air_list_get_size (tests); i++)
    {
      AirValue *document = air_list_get (tests, i);
      AirCaseResult *result;

      if (only != NULL && g_strcmp0 (air_map_get_string (document, "id"), only) != 0)
        continue;
      if (progress != NULL)
        progress (i, air_list_get_size (tests), user_data);
      result = run_case (plan, mocks, document);
      self->passed += result->differences->len == 0;
      if (result->result != NULL)
        {
          g_autoptr (GPtrArray) path = g_ptr_array_new ();

          for (guint j = 0; j < result->result->ports->len; j++)
            g_ptr_array_add (path, result->result->ports->pdata[j]);
          g_ptr_array_add (path, NULL);
          air_test_coverage_add_path (self->coverage, (const char *const *) path->pdata);
        }
      g_ptr_array_add (self->cases, result);
    }
  return self;
}
