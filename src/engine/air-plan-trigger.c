/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the host must know of an event before there is an instance. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-plan-private.h"
#include "air-record.h"

#define MAX_KEY_LENGTH 512

void
air_trigger_keys_clear (AirTriggerKeys *self)
{
  g_clear_pointer (&self->data, air_value_unref);
  g_clear_pointer (&self->dedup_key, g_free);
  g_clear_pointer (&self->concurrency_key, g_free);
  g_clear_pointer (&self->requester, g_free);
  g_clear_pointer (&self->subject, g_free);
  g_clear_pointer (&self->latency_class, g_free);
}

static gboolean
read_key (const AirCelProgram *program, const char *name, const AirValue *bindings, char **ret_key, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (AirValue) value = NULL;
  const char *text;
  gsize length;

  if (program == NULL)
    return TRUE;
  value = air_cel_eval (program, bindings, 0, &local);
  if (value == NULL)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER, "the event gives no %s key (%s): %s; send it",
                   name, air_cel_program_get_source (program), local->message);
      return FALSE;
    }
  if (air_value_get_kind (value) == AIR_VALUE_INT)
    {
      *ret_key = g_strdup_printf ("%" G_GINT64_FORMAT, air_value_get_int (value));
      return TRUE;
    }
  text = air_value_get_kind (value) == AIR_VALUE_STRING ? air_value_get_string (value, &length) : NULL;
  if (text == NULL || length == 0 || length > MAX_KEY_LENGTH || memchr (text, 0, length) != NULL)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER,
                   "the event's %s key (%s) is not a text of 1 to %d characters", name,
                   air_cel_program_get_source (program), MAX_KEY_LENGTH);
      return FALSE;
    }
  *ret_key = g_strndup (text, length);
  return TRUE;
}

static gboolean
check_data (const AirPlan *self, const AirValue *data, GError **error)
{
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) local = NULL;
  const AirSchemaIssue *issue;

  if (self->input == NULL || air_schema_validate (self->input, data, &issues, &local))
    return TRUE;
  issue = issues != NULL && issues->len > 0 ? g_ptr_array_index (issues, 0) : NULL;
  /* The sender sees his own data named, so the validator's words may stand here. */
  g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER, "the event's data%s: %s",
               issue != NULL ? issue->pointer : "", issue != NULL ? issue->message : local->message);
  return FALSE;
}

/**
 * air_plan_has_subject:
 * @self: a plan
 *
 * Returns: whether the workflow says whose data its runs hold
 */
gboolean
air_plan_has_subject (const AirPlan *self)
{
  return self->subject != NULL;
}

/**
 * air_plan_read_trigger:
 * @self: a plan
 * @node: the trigger node's id
 * @cloud_event: a CloudEvents 1.0 event in the JSON event format
 * @ret_keys: (out caller-allocates): untouched on failure
 *
 * Checks specversion and type and the data against the trigger's input schema, and evaluates the keys.
 *
 * Returns: FALSE with %AIR_ENGINE_ERROR_TRIGGER when the event is not what the trigger takes
 */
gboolean
air_plan_read_trigger (const AirPlan *self,
                       const char *node,
                       const AirValue *cloud_event,
                       AirTriggerKeys *ret_keys,
                       GError **error)
{
  g_auto (AirTriggerKeys) keys = { 0 };
  g_autoptr (AirValue) bindings = NULL;
  g_autofree char *message = NULL;
  const char *version;
  const char *type;
  AirValue *data;

  g_return_val_if_fail (self != NULL && cloud_event != NULL && ret_keys != NULL, FALSE);

  if (g_strcmp0 (node, air_plan_get_trigger (self)) != 0)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER, "'%s' is no trigger of '%s'; send to '%s'",
                   node != NULL ? node : "", self->workflow, air_plan_get_trigger (self));
      return FALSE;
    }
  version = air_map_get_string (cloud_event, "specversion");
  if (version == NULL || !g_str_equal (version, "1.0"))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER,
                   "the event is no CloudEvent of specversion 1.0; send specversion, id, source, type and data");
      return FALSE;
    }
  type = air_map_get_string (cloud_event, "type");
  if (self->event_type != NULL && g_strcmp0 (type, self->event_type) != 0)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER, "the event is of type '%s'; '%s' takes '%s'",
                   type != NULL ? type : "", node, self->event_type);
      return FALSE;
    }
  data = air_member (cloud_event, "data");
  if (data == NULL)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER, "the event has no data; send some");
      return FALSE;
    }

  if (!air_record_can_hold (data, &message))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER, "the event's data: %s", message);
      return FALSE;
    }
  if (!check_data (self, data, error))
    return FALSE;
  bindings = air_map_new ();
  air_map_set (bindings, "event", air_value_ref ((AirValue *) cloud_event));
  air_map_set (bindings, "trigger", air_value_ref (data));
  keys.data = air_value_ref (data);
  if (!read_key (self->dedup, "deduplication", bindings, &keys.dedup_key, error)
      || !read_key (self->concurrency, "concurrency", bindings, &keys.concurrency_key, error)
      || !read_key (self->requester, "requester", bindings, &keys.requester, error)
      || !read_key (self->subject, "data subject's", bindings, &keys.subject, error))
    return FALSE;
  if (keys.dedup_key != NULL && g_str_has_prefix (keys.dedup_key, AIR_RETRY_KEY_PREFIX))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER,
                   "the event's deduplication key begins with \"" AIR_RETRY_KEY_PREFIX
                   "\", which is kept for runs that are retried; send another");
      return FALSE;
    }
  keys.latency_class = g_strdup (air_map_get_string (cloud_event, "latencyclass"));

  *ret_keys = keys;
  keys = (AirTriggerKeys) { 0 };
  return TRUE;
}
