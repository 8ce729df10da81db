/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plan holds beside its nodes: operations, policies and the workflows it uses as steps. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-plan-private.h"
#include "base/air-hash.h"
#include "base/air-json.h"

#define DEFAULT_TIMEOUT_MS (30 * 1000)
#define DEFAULT_WINDOW_S   (24 * 60 * 60)

gboolean
air_plan_refuse (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_PLAN, "plan: %s", message);
  return FALSE;
}

static void
clear_reversal (gpointer data)
{
  AirPlanReversal *reversal = data;

  g_clear_pointer (&reversal->when, air_cel_program_unref);
  g_clear_pointer (&reversal->input, air_template_unref);
  g_clear_pointer (&reversal->manual, air_template_unref);
}

static void
operation_free (gpointer data)
{
  AirPlanOperation *operation = data;

  g_free (operation->id);
  g_free (operation->title);
  g_clear_pointer (&operation->reference, air_value_unref);
  g_clear_pointer (&operation->reversals, g_array_unref);
  g_free (operation);
}

static void
policy_free (gpointer data)
{
  AirPlanPolicy *policy = data;

  g_free (policy->id);
  g_clear_pointer (&policy->policy, air_policy_unref);
  g_clear_pointer (&policy->digest, air_value_unref);
  g_clear_pointer (&policy->table, air_value_unref);
  g_free (policy);
}

static void
workflow_free (gpointer data)
{
  AirPlanWorkflow *workflow = data;

  g_clear_pointer (&workflow->reference, air_value_unref);
  g_clear_pointer (&workflow->digest, air_value_unref);
  g_clear_pointer (&workflow->input, air_schema_unref);
  g_free (workflow);
}

GArray *
air_plan_new_array (gsize size, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, TRUE, size);

  g_array_set_clear_func (array, clear);
  return array;
}

/* --- expressions ---------------------------------------------------------------- */

gboolean
air_plan_compile (const char *expression, const char *place, AirCelProgram **ret_program, GError **error)
{
  g_autoptr (GError) local = NULL;

  *ret_program = air_cel_compile (expression, NULL, &local);
  if (*ret_program == NULL)
    return air_plan_refuse (error, "%s: expression \"%s\": %s", place, expression, local->message);
  return TRUE;
}

gboolean
air_plan_compile_template (const AirValue *tree, const char *place, AirTemplate **ret_template, GError **error)
{
  g_autoptr (GError) local = NULL;

  *ret_template = air_template_compile (tree, NULL, &local);
  if (*ret_template == NULL)
    return air_plan_refuse (error, "%s: %s", place, local->message);
  return TRUE;
}

/* --- operations and policies ------------------------------------------------------ */

/* `key` is "op" in an operation's document and "operation" in a node's. */
static gboolean
load_reversal (AirPlan *self,
               const AirValue *document,
               const char *place,
               const char *operation_key,
               const char *input_key,
               GArray *reversals,
               GError **error)
{
  AirPlanReversal *reversal;
  const char *when = air_map_get_string (document, "when");
  const char *operation = air_map_get_string (document, operation_key);
  AirValue *input = air_member (document, input_key);
  AirValue *manual = air_member (document, "manual");

  if ((operation == NULL) == (manual == NULL))
    return air_plan_refuse (
        error, "%s: compensate names neither or both of an operation and a manual text; give one of them", place);
  if (operation != NULL && !g_hash_table_contains (self->operations, operation))
    return air_plan_refuse (
        error, "%s: compensate names operation '%s', which the plan does not hold; compile it again", place, operation);

  g_array_set_size (reversals, reversals->len + 1);
  reversal = &g_array_index (reversals, AirPlanReversal, reversals->len - 1);
  reversal->operation = operation != NULL ? g_intern_string (operation) : NULL;
  if (when != NULL && !air_plan_compile (when, place, &reversal->when, error))
    return FALSE;
  if (operation != NULL)
    {
      g_autoptr (AirValue) nothing = input == NULL ? air_map_new () : NULL;

      return air_plan_compile_template (input != NULL ? input : nothing, place, &reversal->input, error);
    }
  return air_plan_compile_template (manual, place, &reversal->manual, error);
}

gboolean
air_plan_load_reversals (AirPlan *self,
                         const AirValue *document,
                         const char *place,
                         const char *operation_key,
                         const char *input_key,
                         GArray **ret_reversals,
                         GError **error)
{
  AirValue *compensate = air_member (document, "compensate");

  *ret_reversals = air_plan_new_array (sizeof (AirPlanReversal), clear_reversal);
  if (compensate == NULL || air_value_is_null (compensate))
    return TRUE;
  if (air_value_get_kind (compensate) != AIR_VALUE_LIST)
    return load_reversal (self, compensate, place, operation_key, input_key, *ret_reversals, error);
  for (gsize i = 0; i < air_list_get_size (compensate); i++)
    if (!load_reversal (self, air_list_get (compensate, i), place, operation_key, input_key, *ret_reversals, error))
      return FALSE;
  return TRUE;
}

static gboolean
load_operation (AirPlan *self, const char *id, const AirValue *document, GError **error)
{
  static const char *const honouring[] = { "key-header", "key-query", "client-id", "natural", "conditional", NULL };
  g_autofree char *reference = NULL;
  AirPlanOperation *operation;
  AirValue *idempotency = air_map_get_map (document, "idempotency");
  AirValue *policy = air_map_get_map (document, "policy");
  const char *effect = air_map_get_string (policy, "effect");
  const char *version = air_map_get_string (document, "version");
  const char *kind = air_map_get_string (idempotency, "kind");
  gint64 window_s;

  if (version == NULL)
    return air_plan_refuse (error, "operation '%s' has no version; compile the workflow again", id);
  if (effect == NULL || (!g_str_equal (effect, "read") && !g_str_equal (effect, "write")))
    return air_plan_refuse (error, "operation '%s': policy.effect is neither 'read' nor 'write'; say which", id);
  if (kind == NULL)
    return air_plan_refuse (error, "operation '%s' has no idempotency.kind; say how it may be repeated", id);

  operation = g_new0 (AirPlanOperation, 1);
  operation->id = g_strdup (id);
  g_hash_table_insert (self->operations, operation->id, operation);

  reference = g_strconcat (id, "@", version, NULL);
  operation->reference = air_value_new_string (reference);
  operation->title = g_strdup (air_map_get_string (document, "title"));
  if (operation->title == NULL)
    operation->title = g_strdup (id);
  operation->document = (AirValue *) document;
  operation->writes = g_str_equal (effect, "write");
  operation->honours_key = g_strv_contains (honouring, kind);
  operation->never_again =
      air_map_get_bool (policy, "at_most_once", FALSE) || (operation->writes && g_str_equal (kind, "none"));
  operation->reconciles = air_map_get_map (document, "reconcile") != NULL;
  /* A vendor that takes keys forgets them; where the document does not say when, a day is what most keep. */
  window_s = air_map_get_int (idempotency, "window_s", g_str_has_prefix (kind, "key-") ? DEFAULT_WINDOW_S : G_MAXINT64);
  operation->window_us = window_s > G_MAXINT64 / G_USEC_PER_SEC ? G_MAXINT64 : window_s * G_USEC_PER_SEC;
  operation->timeout_ms = air_map_get_int (document, "timeout_ms", DEFAULT_TIMEOUT_MS);
  return TRUE;
}

static gboolean
load_operations (AirPlan *self, GError **error)
{
  AirValue *documents = air_map_get_map (self->document, "operations");

  /* Two rounds: compensations name other operations. */
  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    if (!load_operation (self, air_value_get_string (air_map_get_key_at (documents, i), NULL),
                         air_map_get_value_at (documents, i), error))
      return FALSE;
  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      AirPlanOperation *operation = g_hash_table_lookup (self->operations, id);
      g_autofree char *place = g_strdup_printf ("operation '%s'", id);

      if (!air_plan_load_reversals (self, operation->document, place, "op", "input", &operation->reversals, error))
        return FALSE;
    }
  return TRUE;
}

/* "sha256:hex" of its JCS, or NULL. */
static AirValue *
digest_document (const AirValue *document, const char *place, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize length;
  g_autofree char *bytes = air_jcs_write (document, &length, &local);
  g_autofree char *hex = NULL, *digest = NULL;
  AirDigest sum;

  if (bytes == NULL)
    {
      air_plan_refuse (error, "%s: %s", place, local->message);
      return NULL;
    }
  sum = air_sha256 (bytes, length);
  hex = air_digest_to_hex (&sum);
  digest = g_strconcat ("sha256:", hex, NULL);
  return air_value_new_string (digest);
}

/* What a sub-workflow's trigger takes; its nodes are the plan's own. */
static AirValue *
find_input (const AirValue *document)
{
  AirValue *nodes = air_map_get_list (document, "nodes");

  for (gsize i = 0; nodes != NULL && i < air_list_get_size (nodes); i++)
    {
      AirValue *trigger = air_map_get_map (air_list_get (nodes, i), "trigger");

      if (trigger != NULL)
        return air_member (trigger, "input");
    }
  return NULL;
}

static gboolean
load_workflows (AirPlan *self, GError **error)
{
  AirValue *documents = air_member (self->document, "workflows");

  if (documents != NULL && air_value_get_kind (documents) != AIR_VALUE_MAP)
    return air_plan_refuse (error, "its workflows are no map; compile the workflow again");
  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      AirValue *document = air_map_get_value_at (documents, i), *input;
      AirPlanWorkflow *workflow = g_new0 (AirPlanWorkflow, 1);
      g_autofree char *place = g_strdup_printf ("workflow '%s'", id), *reference = NULL;
      g_autoptr (GError) local = NULL;
      const char *version;

      g_hash_table_insert (self->workflows, (gpointer) id, workflow);
      version = air_value_get_kind (document) == AIR_VALUE_MAP ? air_map_get_string (document, "version") : NULL;
      if (version == NULL)
        return air_plan_refuse (error, "%s has no version; compile the workflow again", place);
      reference = g_strconcat (id, "@", version, NULL);
      workflow->reference = air_value_new_string (reference);
      workflow->digest = digest_document (document, place, error);
      if (workflow->digest == NULL)
        return FALSE;
      input = find_input (document);
      if (input != NULL && (workflow->input = air_schema_compile (input, &local)) == NULL)
        return air_plan_refuse (error, "%s: input schema: %s", place, local->message);
    }
  return TRUE;
}

static gboolean
load_policies (AirPlan *self, GError **error)
{
  AirValue *documents = air_map_get_map (self->document, "policies");

  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      AirValue *document = air_map_get_value_at (documents, i);
      AirPlanPolicy *policy = g_new0 (AirPlanPolicy, 1);
      g_autofree char *place = g_strdup_printf ("policy '%s'", id);
      g_autoptr (GError) local = NULL;

      policy->id = g_strdup (id);
      g_hash_table_insert (self->policies, policy->id, policy);
      policy->digest = digest_document (document, place, error);
      if (policy->digest == NULL)
        return FALSE;
      policy->table = air_value_new_string (id);
      policy->policy = air_policy_load (document, &local);
      if (policy->policy == NULL)
        return air_plan_refuse (error, "policy '%s': %s", id, local->message);
    }
  return TRUE;
}

gboolean
air_plan_load_documents (AirPlan *self, GError **error)
{
  self->operations = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, operation_free);
  self->policies = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, policy_free);
  self->workflows = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, workflow_free);
  return load_operations (self, error) && load_policies (self, error) && load_workflows (self, error);
}
