/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-pack-private.h"

#include <string.h>

#include "cel/air-cel.h"
#include "cel/air-template.h"
#include "schema/air-schema.h"

/* Which names an expression may use, by where it stands. `secret` is in none:
 * it exists in a connector's `auth` only, so nobody who writes an operation can leak one. */
typedef enum {
  NAMES_REQUEST,    /* input, run, connector */
  NAMES_RESPONSE,   /* and status, body, header */
  NAMES_COMPENSATE, /* input, output, run */
  NAMES_POLICY,     /* input */
} Names;

typedef struct {
  const AirDocument *operation;
  AirCelType *input;  /* nullable: dyn */
  AirCelType *output; /* nullable: dyn */
  AirCelType *connector;
} Types;

static void
types_clear (Types *self)
{
  g_clear_pointer (&self->input, air_cel_type_unref);
  g_clear_pointer (&self->output, air_cel_type_unref);
  g_clear_pointer (&self->connector, air_cel_type_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Types, types_clear)

static AirCelType *
new_run_type (void)
{
  static const char *const required[] = { "id", "step", "idem" };
  g_autoptr (AirCelType) string = air_cel_type_new (AIR_CEL_TYPE_STRING);
  g_autoptr (AirCelType) dyn = air_cel_type_new (AIR_CEL_TYPE_DYN);
  AirCelType *run = air_cel_type_new_object (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (required); i++)
    air_cel_type_add_field (run, required[i], string, TRUE);
  air_cel_type_add_field (run, "started", dyn, TRUE);
  air_cel_type_add_field (run, "approval_id", string, FALSE);
  return run;
}

/* What operations see of their connector: its plain facts, never how we authenticate. */
static AirCelType *
new_connector_type (const AirDocument *connector)
{
  static const char *const facts[] = { "id", "version", "base_url", "api_version" };
  g_autoptr (AirCelType) string = air_cel_type_new (AIR_CEL_TYPE_STRING);
  AirCelType *type = air_cel_type_new_object (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    if (air_map_get (air_document_get_value (connector), facts[i]) != NULL)
      air_cel_type_add_field (type, facts[i], string, TRUE);
  return type;
}

static AirCelEnv *
new_env (const Types *types, Names names)
{
  AirCelEnv *env = air_cel_env_new ();
  g_autoptr (AirCelType) run = new_run_type ();
  g_autoptr (AirCelType) string = air_cel_type_new (AIR_CEL_TYPE_STRING);
  g_autoptr (AirCelType) integer = air_cel_type_new (AIR_CEL_TYPE_INT);
  g_autoptr (AirCelType) header = air_cel_type_new_map (string, string);

  air_cel_env_declare (env, "input", types->input);
  if (names == NAMES_POLICY)
    return env;
  air_cel_env_declare (env, "run", run);
  if (names == NAMES_COMPENSATE)
    {
      air_cel_env_declare (env, "output", types->output);
      return env;
    }
  air_cel_env_declare (env, "connector", types->connector);
  if (names == NAMES_RESPONSE)
    {
      air_cel_env_declare (env, "status", integer);
      air_cel_env_declare (env, "body", NULL);
      air_cel_env_declare (env, "header", header);
    }
  return env;
}

static gboolean
refuse (const Types *types, const char *pointer, const GError *cause, GError **error)
{
  air_document_set_error (types->operation, pointer, AIR_MODEL_ERROR_PACK, error, "%s; mend the expression",
                          cause->message);
  return FALSE;
}

static gboolean
check_expression (const Types *types, Names names, const char *pointer, GError **error)
{
  AirValue *value = air_value_at (air_document_get_value (types->operation), pointer);
  g_autoptr (AirCelEnv) env = NULL;
  g_autoptr (AirCelProgram) program = NULL;
  g_autoptr (GError) cause = NULL;

  if (value == NULL)
    return TRUE;
  env = new_env (types, names);
  program = air_cel_compile (air_value_get_string (value, NULL), env, &cause);
  return program != NULL || refuse (types, pointer, cause, error);
}

static gboolean
check_template (const Types *types, Names names, const char *pointer, GError **error)
{
  AirValue *value = air_value_at (air_document_get_value (types->operation), pointer);
  g_autoptr (AirCelEnv) env = NULL;
  g_autoptr (AirTemplate) template = NULL;
  g_autoptr (GError) cause = NULL;

  if (value == NULL)
    return TRUE;
  env = new_env (types, names);
  template = air_template_compile (value, env, &cause);
  return template != NULL || refuse (types, pointer, cause, error);
}

/* Each member @key of each item of the list at @pointer; "" for items that are expressions themselves. */
static gboolean
check_list (const Types *types, Names names, const char *pointer, const char *key, gboolean as_template, GError **error)
{
  AirValue *list = air_value_at (air_document_get_value (types->operation), pointer);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s/%" G_GSIZE_FORMAT "%s%s", pointer, i, *key != '\0' ? "/" : "", key);

      if (!(as_template ? check_template : check_expression) (types, names, place, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_request (const Types *types, const char *pointer, GError **error)
{
  static const char *const parts[] = { "path", "query", "headers", "body" };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s/%s", pointer, parts[i]);

      if (!check_template (types, NAMES_REQUEST, place, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_schema (const Types *types, const char *pointer, AirCelType **ret_type, GError **error)
{
  AirValue *schema = air_value_at (air_document_get_value (types->operation), pointer);
  g_autoptr (AirSchema) compiled = NULL;
  g_autoptr (GError) cause = NULL;

  compiled = air_schema_compile (schema, &cause);
  if (compiled != NULL)
    *ret_type = air_cel_type_from_schema (schema, &cause);
  if (*ret_type != NULL)
    return TRUE;
  air_document_set_error (types->operation, pointer, AIR_MODEL_ERROR_PACK, error, "%s; mend the schema",
                          cause->message);
  return FALSE;
}

gboolean
air_pack_check_expressions (const AirDocument *operation, const AirDocument *connector, GError **error)
{
  g_auto (Types) types = { .operation = operation };

  if (!read_schema (&types, "/input", &types.input, error) || !read_schema (&types, "/output", &types.output, error))
    return FALSE;
  types.connector = new_connector_type (connector);

  return check_request (&types, "/request", error)
         && check_expression (&types, NAMES_POLICY, "/policy/money/amount", error)
         && check_expression (&types, NAMES_POLICY, "/policy/money/currency", error)
         && check_expression (&types, NAMES_RESPONSE, "/response/ok", error)
         && check_template (&types, NAMES_RESPONSE, "/response/output", error)
         && check_list (&types, NAMES_RESPONSE, "/response/assert", "", FALSE, error)
         && check_list (&types, NAMES_RESPONSE, "/response/errors", "when", FALSE, error)
         && check_template (&types, NAMES_RESPONSE, "/evidence/ids", error)
         && check_template (&types, NAMES_RESPONSE, "/evidence/request_id", error)
         && check_template (&types, NAMES_RESPONSE, "/evidence/replayed", error)
         && check_request (&types, "/reconcile/request", error)
         && check_expression (&types, NAMES_RESPONSE, "/reconcile/found", error)
         && check_list (&types, NAMES_COMPENSATE, "/compensate", "when", FALSE, error)
         && check_list (&types, NAMES_COMPENSATE, "/compensate", "input", TRUE, error)
         && check_list (&types, NAMES_COMPENSATE, "/compensate", "manual", TRUE, error);
}
