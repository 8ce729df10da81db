/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run told, decision by decision, in words. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "engine/air-member.h"
#include "trial/air-account.h"
#include "trial/air-trial-private.h"

typedef struct {
  AirPlan *plan;
  GPtrArray *lines;
  gint64 time_us;
  const char *type;
} Teller;

static void
line_free (AirAccountLine *line)
{
  g_free (line->step);
  g_free (line->words);
  g_clear_pointer (&line->decision, air_value_unref);
  g_free (line);
}

static void G_GNUC_PRINTF (4, 5) tell (Teller *self, const char *step, AirValue *take_decision, const char *format, ...)
{
  AirAccountLine *line = g_new0 (AirAccountLine, 1);
  va_list arguments;

  va_start (arguments, format);
  line->words = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line->time_us = self->time_us;
  line->step = g_strdup (step);
  line->type = self->type;
  line->decision = take_decision;
  g_ptr_array_add (self->lines, line);
}

static char *
to_text (const AirValue *value)
{
  char *text = value != NULL ? air_jcs_write (value, NULL, NULL) : NULL;

  return text != NULL ? text : g_strdup ("nothing");
}

/* "'refund' (Refund the payment)" */
static char *
name_of (Teller *self, const char *step)
{
  g_autofree char *plain = g_strndup (step, strcspn (step, "@"));
  guint index;

  if (air_plan_find_node (self->plan, plain, &index)
      && g_strcmp0 (air_plan_get_node_title (self->plan, index), plain) != 0)
    return g_strdup_printf ("'%s' (%s)", step, air_plan_get_node_title (self->plan, index));
  return g_strdup_printf ("'%s'", step);
}

static char *
join_strings (const AirValue *list, const char *separator)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (air_value_get_kind (air_list_get (list, i)) == AIR_VALUE_STRING)
      g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                              air_value_get_string (air_list_get (list, i), NULL));
  return g_string_free (text, FALSE);
}

static char *
why_of (const AirValue *disclosed)
{
  AirValue *why = air_member (disclosed, "why");

  if (why == NULL)
    return g_strdup ("");
  if (air_value_get_kind (why) == AIR_VALUE_STRING)
    return g_strdup (air_value_get_string (why, NULL));
  return air_value_get_kind (why) == AIR_VALUE_LIST ? join_strings (why, "; ") : to_text (why);
}

static void
tell_policy (Teller *self, const char *step, const AirRecord *record)
{
  g_autofree char *name = name_of (self, step), *why = why_of (record->disclosed),
                  *rules = join_strings (air_map_get_list (record->members, "rules"), ", ");
  AirValue *output = air_member (record->disclosed, "output"), *decision = NULL;
  g_autofree char *result = to_text (output);

  if (output != NULL)
    decision = air_value_ref (output);
  tell (self, step, decision, "%s decides by '%s', rule %s%s%s: %s", name,
        air_map_get_string (record->members, "table"), *rules != '\0' ? rules : "none",
        *why != '\0' ? ", because: " : "", why, result);
}

/* Another workflow begins as this step. */
static void
tell_workflow (Teller *self, const char *step, const AirRecord *record, const AirValue *value)
{
  g_autofree char *name = name_of (self, step), *text = NULL, *member = NULL;
  const char *iteration = air_map_get_string (value, "iteration");

  member = g_strconcat ("output.", air_map_get_string (value, "node"), iteration != NULL ? "." : NULL, iteration, NULL);
  text = to_text (air_map_get_map (air_member (record->disclosed, member), "input"));
  tell (self, step, air_value_new_string (air_map_get_string (value, "workflow")), "%s runs %s (%s) with %s", name,
        air_map_get_string (value, "workflow"), air_map_get_string (value, "digest"), text);
}

static void
tell_steps (Teller *self, const AirRecord *record)
{
  AirValue *steps = air_map_get_list (record->members, "steps");

  for (gsize i = 0; steps != NULL && i < air_list_get_size (steps); i++)
    {
      AirValue *value = air_list_get (steps, i);
      g_autofree char *step = air_trial_step_of (value), *name = NULL;
      const char *edge = air_map_get_string (value, "edge");
      g_autofree char *plain = step != NULL ? g_strndup (step, strcspn (step, "@")) : NULL;
      AirValue *next;
      guint index;

      if (step != NULL && air_map_get_string (value, "workflow") != NULL)
        tell_workflow (self, step, record, value);
      if (step == NULL || !air_plan_find_node (self->plan, plain, &index)
          || air_plan_get_node_kind (self->plan, index) != AIR_NODE_BRANCH || edge == NULL)
        continue;
      name = name_of (self, step);
      next = air_map_get_map (air_map_get_map (air_map_get_map (air_plan_get_document (self->plan), "nodes"), plain),
                              "next");
      for (gsize j = 0; next != NULL && j < air_map_get_size (next); j++)
        if (g_strcmp0 (air_map_get_string (air_map_get_value_at (next, j), "edge"), edge) == 0)
          {
            const char *port = air_value_get_string (air_map_get_key_at (next, j), NULL);

            tell (self, step, air_value_new_string (port), "%s goes '%s', to '%s'", name, port,
                  air_map_get_string (air_map_get_value_at (next, j), "to"));
          }
    }
}

static void
tell_action (Teller *self, const char *step, const AirRecord *record)
{
  g_autofree char *name = name_of (self, step);
  AirValue *members = record->members;
  const char *message = air_map_get_string (record->disclosed, "message");
  gint64 attempt = air_map_get_int (members, "attempt", 1);

  if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_STARTED))
    {
      AirValue *input = air_member (record->disclosed, "input");
      g_autofree char *text = input != NULL ? to_text (input) : NULL;
      g_autofree char *times = attempt > 1 ? g_strdup_printf (", attempt %" G_GINT64_FORMAT, attempt) : g_strdup ("");

      tell (self, step, NULL, "%s: %s %s%s%s%s", name, air_map_get_string (members, "purpose"),
            air_map_get_string (members, "operation"), times, text != NULL ? " with " : "", text != NULL ? text : "");
      return;
    }
  tell (self, step, NULL, "%s: the answer is %s%s%s", name, air_map_get_string (members, "outcome"),
        message != NULL ? ": " : "", message != NULL ? message : "");
}

static void
tell_gate (Teller *self, const char *step, const AirRecord *record)
{
  g_autofree char *name = name_of (self, step);
  AirValue *members = record->members;
  const char *actor = air_map_get_string (members, "actor");

  if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_REQUESTED))
    {
      g_autofree char *why = why_of (record->disclosed);
      AirValue *decision = air_map_new ();

      air_map_set_int (decision, "quorum", air_map_get_int (members, "quorum", 0));
      if (air_map_get_string (members, "role") != NULL)
        air_map_set_string (decision, "role", air_map_get_string (members, "role"));
      tell (self, step, decision, "%s asks for %" G_GINT64_FORMAT " in the role '%s' until %s%s%s", name,
            air_map_get_int (members, "quorum", 0), air_map_get_string (members, "role"),
            air_map_get_string (members, "deadline"), *why != '\0' ? ", because: " : "", why);
      return;
    }
  if (actor == NULL)
    tell (self, step, NULL, "%s: nobody decided in time", name);
  else
    tell (self, step, NULL, "%s: %s decides '%s'%s%s; the gate is now '%s'", name, actor,
          air_map_get_string (members, "decision"),
          air_map_get_string (record->disclosed, "reason") != NULL ? ", because: " : "",
          air_map_get_string (record->disclosed, "reason") != NULL ? air_map_get_string (record->disclosed, "reason")
                                                                   : "",
          air_map_get_string (members, "outcome"));
}

static void
tell_end (Teller *self, const char *step, const AirRecord *record)
{
  const char *outcome = air_map_get_string (record->members, "outcome");
  const char *reason = air_map_get_string (record->members, "reason");
  AirValue *decision = air_map_new (), *output = air_member (record->disclosed, "output");
  g_autofree char *text = to_text (output);

  air_map_set_string (decision, "outcome", outcome);
  if (output != NULL)
    air_map_set (decision, "output", air_value_ref (output));
  tell (self, step, decision, "the run is %s%s%s%s%s", outcome, reason != NULL ? ": " : "",
        reason != NULL ? reason : "", output != NULL ? "; its output is " : "", output != NULL ? text : "");
}

static void
tell_record (Teller *self, const AirRecord *record)
{
  g_autofree char *step = air_trial_step_of (record->members);

  if (g_str_equal (record->type, AIR_RECORD_TRIGGER_RECEIVED))
    tell (self, step, NULL, "an event comes from %s",
          air_map_get_string (record->members, "actor") != NULL ? air_map_get_string (record->members, "actor")
                                                                : "somebody");
  else if (g_str_equal (record->type, AIR_RECORD_STEP_DECIDED))
    tell_steps (self, record);
  else if (g_str_equal (record->type, AIR_RECORD_WORKFLOW_COMPLETED)
           || g_str_equal (record->type, AIR_RECORD_WORKFLOW_FAILED))
    tell_end (self, step, record);
  else if (g_str_equal (record->type, AIR_RECORD_SIGNAL))
    tell (self, step, NULL, "signal '%s' comes from %s", air_map_get_string (record->members, "signal"),
          air_map_get_string (record->members, "actor"));
  else if (g_str_equal (record->type, AIR_RECORD_RUN_CONTROLLED))
    tell (self, step, NULL, "%s orders '%s'%s%s", air_map_get_string (record->members, "actor"),
          air_map_get_string (record->members, "action"),
          air_map_get_string (record->disclosed, "reason") != NULL ? ", because: " : "",
          air_map_get_string (record->disclosed, "reason") != NULL ? air_map_get_string (record->disclosed, "reason")
                                                                   : "");
  else if (step == NULL)
    return;
  else if (g_str_equal (record->type, AIR_RECORD_POLICY_EVALUATED))
    tell_policy (self, step, record);
  else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_STARTED)
           || g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_EXECUTED))
    tell_action (self, step, record);
  else if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_REQUESTED)
           || g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_DECISIONED))
    tell_gate (self, step, record);
  else if (g_str_equal (record->type, AIR_RECORD_ROLLBACK_APPLIED))
    tell (self, step, NULL, "'%s' is reversed: %s", step, air_map_get_string (record->members, "outcome"));
  else if (g_str_equal (record->type, AIR_RECORD_TIMER))
    tell (self, step, NULL, "'%s': timer '%s' %s, for %s", step, air_map_get_string (record->members, "timer"),
          air_map_get_string (record->members, "state"), air_map_get_string (record->members, "at"));
}

/**
 * air_account_read:
 * @plan: gives titles and names of ways
 * @records: (element-type AirRecord): of one run, in order
 * @times_us: (element-type gint64): of each record, in microseconds since the Unix epoch
 *
 * Returns: (transfer full) (element-type AirAccountLine): what the run did and why, in order
 */
GPtrArray *
air_account_read (AirPlan *plan, GPtrArray *records, GArray *times_us)
{
  Teller teller = { plan, g_ptr_array_new_with_free_func ((GDestroyNotify) line_free), 0, NULL };

  for (guint i = 0; i < records->len; i++)
    {
      const AirRecord *record = records->pdata[i];

      teller.time_us = g_array_index (times_us, gint64, i);
      teller.type = g_intern_string (record->type);
      tell_record (&teller, record);
    }
  return teller.lines;
}

/**
 * air_account_to_value:
 * @lines: (element-type AirAccountLine): what air_account_read() gave
 *
 * Returns: (transfer full): [{"time", "type", "step"?, "words", "decision"?}]
 */
AirValue *
air_account_to_value (GPtrArray *lines)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < lines->len; i++)
    {
      const AirAccountLine *line = lines->pdata[i];
      AirValue *item = air_map_new ();
      g_autofree char *time = air_time_format (line->time_us);

      air_map_set_string (item, "time", time);
      air_map_set_string (item, "type", line->type);
      if (line->step != NULL)
        air_map_set_string (item, "step", line->step);
      air_map_set_string (item, "words", line->words);
      if (line->decision != NULL)
        air_map_set (item, "decision", air_value_ref (line->decision));
      air_list_append (list, item);
    }
  return list;
}

/**
 * air_account_to_text:
 * @lines: (element-type AirAccountLine): what air_account_read() gave
 *
 * Returns: (transfer full): time and words, one a line
 */
char *
air_account_to_text (GPtrArray *lines)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const AirAccountLine *line = lines->pdata[i];
      g_autofree char *time = air_time_format (line->time_us);

      g_string_append_printf (text, "%s  %s\n", time, line->words);
    }
  return g_string_free (text, FALSE);
}
