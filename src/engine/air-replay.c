/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The check that what was written is what the plan decides: the outside is
 * taken from the records, everything else is decided anew and compared. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-advance-private.h"

/* What happened outside that made the engine write this record. */
static gboolean
read_event (const AirRecord *record, AirEvent *ret_event, AirOutcome *ret_outcome, char **ret_timer, char **ret_step)
{
  AirValue *members = record->members;
  AirValue *disclosed = record->disclosed;
  const char *iteration = air_map_get_string (members, "iteration");
  const char *node = air_map_get_string (members, "node");
  AirEvent event = { 0 };

  if (iteration != NULL)
    node = *ret_step = g_strconcat (node, "@", iteration, NULL);
  if (g_str_equal (record->type, AIR_RECORD_TRIGGER_RECEIVED))
    {
      event.kind = AIR_EVENT_TRIGGER;
      event.trigger.data = air_member (disclosed, "input");
      event.trigger.actor = air_map_get_string (members, "actor");
      event.trigger.session = air_map_get_string (members, "session");
      event.trigger.dedup_key = air_map_get_string (disclosed, "dedup_key");
      event.trigger.concurrency_key = air_map_get_string (disclosed, "concurrency_key");
      event.trigger.requester = air_map_get_string (disclosed, "requester");
      event.trigger.subject = air_map_get_string (disclosed, "subject");
      event.trigger.latency_class = air_map_get_string (members, "latency_class");
      event.trigger.retry_of = air_map_get_string (members, "retry_of");
      event.trigger.triggered_by = air_map_get_list (members, "triggered_by");
      event.trigger.selection = air_map_get_string (members, "selection");
      event.trigger.reason = air_map_get_string (disclosed, "reason");
    }
  else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_EXECUTED))
    {
      event.kind = AIR_EVENT_OUTCOME;
      event.outcome.node = node;
      event.outcome.attempt = air_map_get_int (members, "attempt", 0);
      event.outcome.outcome = ret_outcome;
      if (!air_purpose_from_string (air_map_get_string (members, "purpose"), &event.outcome.purpose)
          || !air_outcome_class_from_string (air_map_get_string (members, "outcome"), &ret_outcome->outcome_class))
        return FALSE;
      ret_outcome->status = air_map_get_int (members, "status", 0);
      ret_outcome->retry_after_ms = air_map_get_int (members, "retry_after_ms", 0);
      ret_outcome->alarm = (char *) air_map_get_string (members, "alarm");
      ret_outcome->message = (char *) air_map_get_string (disclosed, "message");
      ret_outcome->output = air_member (disclosed, "output");
      ret_outcome->evidence = air_member (disclosed, "evidence");
    }
  else if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_DECISIONED))
    {
      const char *decision = air_map_get_string (members, "decision");

      if (g_strcmp0 (decision, "expired") == 0)
        {
          event.kind = AIR_EVENT_TIMER;
          event.timer.id = *ret_timer = g_strconcat ("deadline/", node, NULL);
        }
      else
        {
          event.kind = AIR_EVENT_DECISION;
          event.decision.node = node;
          event.decision.asks = g_strcmp0 (decision, "request-info") == 0;
          event.decision.approve = !event.decision.asks && g_strcmp0 (decision, "deny") != 0;
          event.decision.edits = air_member (disclosed, "edits");
          event.decision.actor = air_map_get_string (members, "actor");
          event.decision.key = air_map_get_string (members, "key");
          event.decision.role = air_map_get_string (members, "role");
          event.decision.reason = air_map_get_string (disclosed, "reason");
          event.decision.envelope = air_map_get_string (disclosed, "envelope");
        }
    }
  else if (g_str_equal (record->type, AIR_RECORD_TIMER)
           && g_strcmp0 (air_map_get_string (members, "state"), "fired") == 0)
    {
      event.kind = AIR_EVENT_TIMER;
      event.timer.id = *ret_timer = g_strconcat (air_map_get_string (members, "timer"), "/", node, NULL);
    }
  else if (g_str_equal (record->type, AIR_RECORD_SIGNAL))
    {
      event.kind = AIR_EVENT_SIGNAL;
      event.signal.name = air_map_get_string (members, "signal");
      event.signal.actor = air_map_get_string (members, "actor");
      event.signal.iteration = iteration;
      event.signal.id = air_map_get_string (disclosed, "id");
      event.signal.data = air_member (disclosed, "data");
    }
  else if (g_str_equal (record->type, AIR_RECORD_RUN_CONTROLLED))
    {
      event.kind = AIR_EVENT_CONTROL;
      if (!air_control_from_string (air_map_get_string (members, "action"), &event.control.control))
        return FALSE;
      event.control.node = node;
      event.control.actor = air_map_get_string (members, "actor");
      event.control.selection = air_map_get_string (members, "selection");
      event.control.reason = air_map_get_string (disclosed, "reason");
      event.control.id = air_map_get_string (disclosed, "id");
      event.control.output = air_member (disclosed, "output");
      event.control.happened = air_map_get_bool (members, "happened", FALSE);
      event.control.key = air_map_get_string (members, "key");
      event.control.role = air_map_get_string (members, "role");
      event.control.envelope = air_map_get_string (disclosed, "envelope");
    }
  else
    return FALSE;
  *ret_event = event;
  return TRUE;
}

/* Whether the record tells of something that needs no decision of ours before it. */
static gboolean
is_outside (const AirRecord *record)
{
  return g_str_equal (record->type, AIR_RECORD_SIGNAL) || g_str_equal (record->type, AIR_RECORD_RUN_CONTROLLED);
}

/* The ledger puts the digest of a disclosure where the engine says "sd:<name>". */
static AirRecord *
normalise (const AirRecord *record)
{
  static const char *const references[][2] = { { "action_digest", "sd:action" },
                                               { "envelope_digest", "sd:envelope" },
                                               { "edited_digest", "sd:edited" } };
  static const char *const frame[] = { "v", "type", "instance", "seq", "prev", "time", "_sd", "_sd_alg" };
  AirValue *members = air_map_copy (record->members);

  for (guint i = 0; i < G_N_ELEMENTS (frame); i++)
    air_map_remove (members, frame[i]);
  for (guint i = 0; i < G_N_ELEMENTS (references); i++)
    if (air_member (members, references[i][0]) != NULL)
      air_map_set_string (members, references[i][0], references[i][1]);
  return air_record_new (record->type, members, record->disclosed != NULL ? air_value_ref (record->disclosed) : NULL);
}

/* The first member in which two records differ, for the message. */
static char *
name_difference (const AirRecord *written, const AirRecord *decided)
{
  const AirValue *pairs[][2] = { { written->members, decided->members }, { written->disclosed, decided->disclosed } };

  if (!g_str_equal (written->type, decided->type))
    return g_strdup_printf ("it is %s where %s is decided", written->type, decided->type);
  for (guint p = 0; p < G_N_ELEMENTS (pairs); p++)
    for (guint side = 0; side < 2; side++)
      {
        const AirValue *map = pairs[p][side];

        for (gsize i = 0; map != NULL && i < air_map_get_size (map); i++)
          {
            const char *name = air_value_get_string (air_map_get_key_at (map, i), NULL);
            AirValue *other = air_member (pairs[p][1 - side], name);

            if (other == NULL || !air_value_equal (air_map_get_value_at (map, i), other))
              return g_strdup_printf ("%s: '%s' is not what is decided", written->type, name);
          }
      }
  return g_strdup (written->type);
}

static gboolean
differ (GError **error, guint *ret_position, guint position, const char *what)
{
  if (ret_position != NULL)
    *ret_position = position;
  g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DIFFERENCE, "record %u: %s", position, what);
  return FALSE;
}

/* A run that waits for its turn begins nothing: of what follows only the first record is written. The next to be
 * written may be another hand on it, or what was to follow. */
static gboolean
was_held (GPtrArray *script, guint position)
{
  for (guint i = 0; i <= position; i++)
    if (!air_record_is_from_outside (g_ptr_array_index (script, i)))
      return FALSE;
  return TRUE;
}

/* The state after the first @n records, and nothing decided beyond. */
static AirInstance *
fold_again (AirPlan *plan, const char *id, GPtrArray *script, const gint64 *times_us, guint n, GError **error)
{
  g_autoptr (AirInstance) self = air_instance_new (plan, id);

  for (guint i = 0; i < n; i++)
    if (!air_instance_apply (self, g_ptr_array_index (script, i), times_us[i], error))
      return NULL;
  return g_steal_pointer (&self);
}

gboolean
air_instance_replay_full (AirPlan *plan,
                          const char *id,
                          GPtrArray *records,
                          const gint64 *times_us,
                          AirProgressFunc progress,
                          gpointer user_data,
                          guint *ret_position,
                          GError **error)
{
  g_autoptr (AirInstance) self = air_instance_new (plan, id);
  g_autoptr (GPtrArray) script = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);

  g_return_val_if_fail (plan != NULL && id != NULL && records != NULL && times_us != NULL, FALSE);

  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (script, normalise (g_ptr_array_index (records, i)));

  for (guint i = 0; i < script->len;)
    {
      g_auto (AirTransition) transition = { 0 };
      g_autoptr (GError) local = NULL;
      g_autofree char *timer = NULL, *step = NULL;
      AirOutcome outcome = { 0 };
      AirEvent event;

      if (progress != NULL)
        progress (i, script->len, user_data);
      if (!read_event (g_ptr_array_index (script, i), &event, &outcome, &timer, &step))
        {
          g_autofree char *what =
              g_strdup_printf ("%s follows from nothing", ((AirRecord *) g_ptr_array_index (script, i))->type);

          return differ (error, ret_position, i, what);
        }
      /* A run that waits for its turn has its trigger written and nothing decided; then something else may come. */
      if (event.kind == AIR_EVENT_TRIGGER && i + 1 < script->len && is_outside (g_ptr_array_index (script, i + 1)))
        {
          if (!air_instance_apply (self, g_ptr_array_index (script, i), times_us[i], &local))
            return differ (error, ret_position, i, local->message);
          i++;
          continue;
        }
      if (!air_instance_decide (self, &event, times_us[i], NULL, (const AirRecord *const *) script->pdata + i,
                                times_us + i, script->len - i, &transition, &local))
        return differ (error, ret_position, i, local->message);
      if (transition.records->len == 0)
        return differ (error, ret_position, i, "nothing is decided here");
      if (transition.records->len > 1 && i + 1 < script->len && was_held (script, i + 1)
          && air_record_equal (g_ptr_array_index (script, i), g_ptr_array_index (transition.records, 0)))
        {
          air_instance_free (self);
          self = fold_again (plan, id, script, times_us, ++i, &local);
          if (self == NULL)
            return differ (error, ret_position, i, local->message);
          continue;
        }
      for (guint k = 0; k < transition.records->len && i + k < script->len; k++)
        if (!air_record_equal (g_ptr_array_index (script, i + k), g_ptr_array_index (transition.records, k)))
          {
            g_autofree char *what =
                name_difference (g_ptr_array_index (script, i + k), g_ptr_array_index (transition.records, k));

            return differ (error, ret_position, i + k, what);
          }
      i += transition.records->len;
    }
  return TRUE;
}

gboolean
air_instance_replay (AirPlan *plan,
                     const char *id,
                     GPtrArray *records,
                     const gint64 *times_us,
                     guint *ret_position,
                     GError **error)
{
  return air_instance_replay_full (plan, id, records, times_us, NULL, NULL, ret_position, error);
}
