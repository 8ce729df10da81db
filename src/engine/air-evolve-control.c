/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding in signals and what people did to the run with their own hands. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

/* A sender that repeats itself does so soon: older ids need not be known. */
#define MAX_IDS 64

static const char *const control_names[] = { "pause", "resume", "cancel", "retry", "skip", "confirm" };

/**
 * air_control_to_string:
 * @control: what a person does
 *
 * Returns: (transfer none): its name in RUN_CONTROLLED and in the API, "pause"; static
 */
const char *
air_control_to_string (AirControl control)
{
  g_return_val_if_fail ((guint) control < G_N_ELEMENTS (control_names), NULL);
  return control_names[control];
}

/**
 * air_control_from_string:
 * @text: (nullable): what air_control_to_string() gives
 * @ret_control: (out): what a person does
 *
 * Returns: %FALSE, and @ret_control untouched, when nothing is called that
 */
gboolean
air_control_from_string (const char *text, AirControl *ret_control)
{
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (control_names); i++)
    if (g_str_equal (text, control_names[i]))
      {
        *ret_control = i;
        return TRUE;
      }
  return FALSE;
}

/* --- what came before ------------------------------------------------------------------ */

gboolean
air_instance_has_come (const AirInstance *self, const char *what, const char *id)
{
  g_autofree char *name = g_strconcat (what, " ", id, NULL);

  return g_ptr_array_find_with_equal_func (self->came, name, g_str_equal, NULL);
}

static void
note_came (AirInstance *self, const char *what, const char *id)
{
  if (id == NULL)
    return;
  if (self->came->len == MAX_IDS)
    g_ptr_array_remove_index (self->came, 0);
  g_ptr_array_add (self->came, g_strconcat (what, " ", id, NULL));
}

/* --- signals ------------------------------------------------------------------------ */

gboolean
air_signal_fits (const AirPlanNode *node, const AirValue *data, char **ret_message)
{
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (AirValue) nothing = data == NULL ? air_value_new_null () : NULL;
  g_autoptr (GError) local = NULL;
  const AirSchemaIssue *issue;

  if (node->signal_input == NULL
      || air_schema_validate (node->signal_input, data != NULL ? data : nothing, &issues, &local))
    return TRUE;
  issue = issues != NULL && issues->len > 0 ? g_ptr_array_index (issues, 0) : NULL;
  if (ret_message != NULL)
    *ret_message = g_strdup (issue != NULL ? issue->message : local != NULL ? local->message : "it breaks the schema");
  return FALSE;
}

/* Two waits for one name may take different data. */
const AirKeptSignal *
air_instance_peek_signal (const AirInstance *self, const AirPlanNode *node)
{
  for (guint i = 0; i < self->signals->len; i++)
    {
      const AirKeptSignal *kept = &g_array_index (self->signals, AirKeptSignal, i);

      if (g_str_equal (kept->name, node->signal) && air_signal_fits (node, kept->data, NULL))
        return kept;
    }
  return NULL;
}

AirValue *
air_instance_take_signal (AirInstance *self, const AirPlanNode *node, gboolean *ret_found)
{
  const AirKeptSignal *fits = air_instance_peek_signal (self, node);

  *ret_found = FALSE;
  for (guint i = 0; i < self->signals->len; i++)
    {
      AirKeptSignal *kept = &g_array_index (self->signals, AirKeptSignal, i);
      AirValue *data;

      /* Earlier versions took the first, whether it fitted or not. */
      if (fits != NULL ? kept != fits : !g_str_equal (kept->name, node->signal))
        continue;
      data = g_steal_pointer (&kept->data);
      g_array_remove_index (self->signals, i);
      *ret_found = TRUE;
      return data;
    }
  return NULL;
}

gboolean
air_evolve_signal (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  const char *name = air_map_get_string (record->members, "signal");
  const char *id = air_map_get_string (record->disclosed, "id");
  AirValue *data = air_member (record->disclosed, "data");
  AirKeptSignal kept;
  guint node;

  if (name == NULL)
    return air_evolve_refuse (error, record, "it names no signal");
  note_came (self, "signal", id);
  if (air_member (record->members, "node") == NULL)
    {
      kept = (AirKeptSignal) { g_strdup (name), data != NULL ? air_value_ref (data) : NULL };
      g_array_append_val (self->signals, kept);
      return TRUE;
    }
  if (!air_evolve_node (self, record, &node, error))
    return FALSE;
  if (air_instance_step (self, node)->phase != AIR_STEP_SIGNAL
      || g_strcmp0 (air_instance_node (self, node)->signal, name) != 0)
    return air_evolve_refuse (error, record, "'%s' did not wait for '%s'", air_instance_node (self, node)->id, name);
  air_instance_set_output (self, node, data);
  air_instance_follow (self, node, air_plan_node_find_port (air_instance_node (self, node), "out"));
  return TRUE;
}

/* --- controls ------------------------------------------------------------------------- */

gboolean
air_instance_can_retry (const AirInstance *self, guint node, gint64 now_us, char **ret_message)
{
  const AirStep *step = air_instance_step (self, node);

  if (step->phase == AIR_STEP_ACTION && air_action_can_retry (&step->action, now_us))
    return TRUE;
  if (ret_message != NULL)
    *ret_message =
        step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_STUCK
            ? g_strdup_printf ("nobody knows whether '%s' happened, and it could happen twice; say first, by "
                               "confirm, whether it did",
                               air_instance_node (self, node)->title)
            : g_strdup_printf ("'%s' does not wait for another attempt", air_instance_node (self, node)->title);
  return FALSE;
}

gboolean
air_instance_can_skip (const AirInstance *self, guint node, char **ret_message)
{
  const AirStep *step = air_instance_step (self, node);

  /* Not a call that waits for its limit: what may not happen yet is no step that cannot go on. */
  if ((step->phase == AIR_STEP_PAUSE && air_instance_node (self, node)->kind == AIR_NODE_WAIT)
      || step->phase == AIR_STEP_SIGNAL)
    return TRUE;
  if (step->phase == AIR_STEP_ACTION
      && (step->action.phase == AIR_ACTION_WAITING || step->action.phase == AIR_ACTION_STUCK))
    return TRUE;
  if (ret_message != NULL)
    *ret_message =
        step->phase == AIR_STEP_GATE_WAIT
            ? g_strdup_printf ("'%s' is a gate: it is decided, never skipped", air_instance_node (self, node)->title)
        : step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_IN_FLIGHT
            ? g_strdup_printf ("'%s' is in flight; its answer comes first", air_instance_node (self, node)->title)
            : g_strdup_printf ("'%s' does not stand still", air_instance_node (self, node)->title);
  return FALSE;
}

/* The step goes on as if it had been done. What may have happened all the same is not forgotten. */
static void
skip (AirInstance *self, guint node, AirValue *given)
{
  AirStep *step = air_instance_step (self, node);
  const AirPlanNode *plan_node = air_instance_node (self, node);
  const char *port = plan_node->kind == AIR_NODE_CALL ? "ok" : step->phase == AIR_STEP_SIGNAL ? "timeout" : "out";
  g_autoptr (AirValue) output = given != NULL ? air_value_ref (given) : NULL;

  if (plan_node->kind == AIR_NODE_CALL)
    {
      if (step->phase == AIR_STEP_ACTION && !step->action.maybe)
        air_limits_owe (self, step->action.key, AIR_OWED_RELEASE, NULL);
      if (step->phase == AIR_STEP_ACTION && step->action.maybe)
        air_instance_remember (self, node, TRUE);
      if (output == NULL)
        output = air_map_new ();
    }
  if (air_instance_is_ending (self, step->scope))
    {
      air_instance_leave (self, node, AIR_STEP_FAILED);
      return;
    }
  air_instance_set_output (self, node, output);
  air_instance_follow (self, node, air_plan_node_find_port (plan_node, port));
}

static gboolean
names_place (const AirInstance *self, const AirRecord *record, AirPlace place)
{
  return g_strcmp0 (air_map_get_string (record->members, "node"), air_plan_node (self->plan, place.node)->id) == 0
         && g_strcmp0 (air_map_get_string (record->members, "iteration"), air_place_get_iteration (place)) == 0;
}

static gboolean
evolve_step_control (AirInstance *self, AirControl control, const AirRecord *record, gint64 time_us, GError **error)
{
  AirCompleted *undoing = air_instance_get_undoing (self);
  AirValue *output = air_member (record->disclosed, "output");
  g_autofree char *message = NULL;
  AirStep *step;
  guint node;

  if (undoing != NULL && names_place (self, record, undoing->place))
    {
      if (control == AIR_CONTROL_RETRY && air_action_can_retry (&undoing->undo, time_us))
        air_action_retry (&undoing->undo, time_us);
      else if (control == AIR_CONTROL_SKIP && undoing->undo.phase == AIR_ACTION_WAITING)
        {
          g_free (undoing->undo.message);
          undoing->undo.message = g_strdup ("left out by a person");
          undoing->undo.phase = AIR_ACTION_FAILED;
        }
      else
        return air_evolve_refuse (error, record, "no reversal stands still");
      return TRUE;
    }
  if (!air_evolve_node (self, record, &node, error))
    return FALSE;
  step = air_instance_step (self, node);
  switch (control)
    {
    case AIR_CONTROL_RETRY:
      if (!air_instance_can_retry (self, node, time_us, &message))
        return air_evolve_refuse (error, record, "%s", message);
      air_action_retry (&step->action, time_us);
      return TRUE;
    case AIR_CONTROL_SKIP:
      if (!air_instance_can_skip (self, node, &message))
        return air_evolve_refuse (error, record, "%s", message);
      skip (self, node, output);
      return TRUE;
    case AIR_CONTROL_CONFIRM:
      if (step->phase != AIR_STEP_ACTION || step->action.phase != AIR_ACTION_STUCK)
        return air_evolve_refuse (error, record, "the outcome of '%s' is known", air_instance_node (self, node)->id);
      air_action_confirm (&step->action, air_instance_get_retry (self, step->node, &step->action),
                          air_map_get_bool (record->members, "happened", FALSE),
                          air_instance_is_ending (self, step->scope), output);
      air_instance_settle (self, node);
      return TRUE;
    case AIR_CONTROL_PAUSE:
    case AIR_CONTROL_RESUME:
    case AIR_CONTROL_CANCEL:
      break;
    }
  g_return_val_if_reached (FALSE);
}

/* Who had a hand in the run: some gates do not let them decide. */
void
air_instance_note_operator (AirInstance *self, const char *actor)
{
  AirValue *longer = air_list_new ();

  for (gsize i = 0; self->operators != NULL && i < air_list_get_size (self->operators); i++)
    air_list_append (longer, air_value_ref (air_list_get (self->operators, i)));
  if (actor != NULL)
    air_list_append (longer, air_value_new_string (actor));
  g_clear_pointer (&self->operators, air_value_unref);
  self->operators = longer;
}

gboolean
air_evolve_control (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  const char *action = air_map_get_string (record->members, "action");
  const char *actor = air_map_get_string (record->members, "actor");
  AirControl control;

  if (!air_control_from_string (action, &control))
    return air_evolve_refuse (error, record, "'%s' is no control of this engine", action != NULL ? action : "");
  air_instance_note_operator (self, actor);
  note_came (self, "control", record->disclosed != NULL ? air_map_get_string (record->disclosed, "id") : NULL);
  switch (control)
    {
    case AIR_CONTROL_PAUSE:
      if (self->paused)
        return air_evolve_refuse (error, record, "the run was paused before");
      self->paused = TRUE;
      self->paused_by = g_strdup (actor);
      return TRUE;
    case AIR_CONTROL_RESUME:
      if (!self->paused)
        return air_evolve_refuse (error, record, "the run was not paused");
      self->paused = FALSE;
      g_clear_pointer (&self->paused_by, g_free);
      return TRUE;
    case AIR_CONTROL_CANCEL:
      if (self->failing)
        return air_evolve_refuse (error, record, "the run was ending");
      self->cancelled = TRUE;
      self->paused = FALSE;
      g_clear_pointer (&self->paused_by, g_free);
      air_instance_begin_ending (self, "cancelled", air_map_get_string (record->disclosed, "reason"));
      return TRUE;
    case AIR_CONTROL_RETRY:
    case AIR_CONTROL_SKIP:
    case AIR_CONTROL_CONFIRM:
      return evolve_step_control (self, control, record, time_us, error);
    }
  g_return_val_if_reached (FALSE);
}
