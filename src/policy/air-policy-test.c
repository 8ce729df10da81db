/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test cases a policy carries, and documents made from a template. */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "policy/air-policy-private.h"

static void
result_free (gpointer data)
{
  AirPolicyTestResult *self = data;

  g_free (self->id);
  g_free (self->title);
  g_free (self->failure);
  g_free (self);
}

static const char *
error_name (const GError *error)
{
  static const char *const names[] = { "document", "input", "no-match", "overlap", "output" };

  return error->domain == AIR_POLICY_ERROR && (guint) error->code < G_N_ELEMENTS (names) ? names[error->code] : "other";
}

/* Whether @got holds all that @want says; a map may hold more. */
static gboolean
holds (const AirValue *got, const AirValue *want)
{
  if (air_value_get_kind (want) != AIR_VALUE_MAP || got == NULL || air_value_get_kind (got) != AIR_VALUE_MAP)
    return got != NULL && air_value_equal (got, want);
  for (gsize i = 0; i < air_map_get_size (want); i++)
    if (!holds (air_map_get (got, air_value_get_string (air_map_get_key_at (want, i), NULL)),
                air_map_get_value_at (want, i)))
      return FALSE;
  return TRUE;
}

static char *
compare (const AirValue *expect, const AirValue *output, const GPtrArray *rules)
{
  const AirValue *want = air_map_get (expect, "output"), *list = air_map_get_list (expect, "rules");
  g_autoptr (AirValue) got = air_list_new ();

  for (guint i = 0; i < rules->len; i++)
    air_list_append (got, air_value_new_string (rules->pdata[i]));
  if (want != NULL && !holds (output, want))
    {
      g_autofree char *written = air_jcs_write (output, NULL, NULL);

      return g_strdup_printf ("the output is %s", written);
    }
  if (list != NULL && !air_value_equal (list, got))
    {
      g_autofree char *written = air_jcs_write (got, NULL, NULL);

      return g_strdup_printf ("the rules are %s", written);
    }
  return NULL;
}

/* --- usage as a test states it: window id → what was used before ------------------------------ */

typedef struct {
  AirUsageReader reader;
  const AirPolicy *policy;
  const AirValue *usage;
} Stated;

static void
read_stated (gpointer user_data,
             const char *limit,
             const char *key,
             const char *owner,
             gint64 window_us,
             gint64 at_us,
             AirUsage *ret_usage)
{
  const Stated *self = user_data;

  *ret_usage = (AirUsage) { 0, G_MININT64 };
  for (guint i = 0; self->usage != NULL && i < air_limit_get_n_windows (self->policy); i++)
    {
      const char *id;
      gint64 ms, max;

      air_limit_get_window (self->policy, i, &id, &ms, &max);
      if (ms * 1000 == window_us)
        ret_usage->used = air_map_get_int (self->usage, id, 0);
    }
}

static gint64
stated_fits_at (gpointer user_data,
                const char *limit,
                const char *key,
                const char *owner,
                gint64 window_us,
                gint64 max,
                gint64 amount,
                gint64 at_us)
{
  return amount > max ? G_MAXINT64 : at_us + MIN (window_us, 1000000);
}

static char *
run_case (const AirPolicy *self, const AirValue *test)
{
  const AirValue *inputs = air_map_get_map (test, "inputs"), *expect = air_map_get_map (test, "expect");
  const char *wanted = expect != NULL ? air_map_get_string (expect, "error") : NULL;
  g_autoptr (GError) error = NULL;
  char *failure = NULL;

  if (inputs == NULL || expect == NULL)
    return g_strdup ("it needs \"inputs\" and \"expect\"");
  if (self->limit != NULL)
    {
      Stated stated = { { read_stated, stated_fits_at, NULL }, self, air_map_get_map (test, "usage") };
      const AirLimitUse use = { self, inputs };
      g_autoptr (AirLimitDecision) decision = NULL;

      stated.reader.user_data = &stated;
      decision = air_limits_decide (&use, 1, &stated.reader, "test", FALSE, 1000000000, &error);
      if (decision != NULL && wanted == NULL)
        failure = compare (expect, decision->output, decision->rules);
    }
  else
    {
      g_autoptr (AirPolicyDecision) decision = air_policy_evaluate (self, inputs, &error);

      if (decision != NULL && wanted == NULL)
        failure = compare (expect, decision->output, decision->rules);
    }
  if (error != NULL && g_strcmp0 (wanted, error_name (error)) != 0)
    return g_strdup_printf ("it fails (%s): %s", error_name (error), error->message);
  if (error == NULL && wanted != NULL)
    return g_strdup_printf ("it decides, where it should fail (%s)", wanted);
  return failure;
}

/**
 * air_policy_run_tests:
 * @self: a policy
 *
 * Returns: (transfer full) (element-type AirPolicyTestResult): each case the document carries, in order; empty when
 *   none
 */
GPtrArray *
air_policy_run_tests (const AirPolicy *self)
{
  GPtrArray *results = g_ptr_array_new_with_free_func (result_free);

  for (gsize i = 0; self->tests != NULL && i < air_list_get_size (self->tests); i++)
    {
      const AirValue *test = air_list_get (self->tests, i);
      AirPolicyTestResult *result = g_new0 (AirPolicyTestResult, 1);
      gboolean map = air_value_get_kind (test) == AIR_VALUE_MAP;

      result->id = g_strdup (map ? air_map_get_string (test, "id") : NULL);
      if (result->id == NULL)
        result->id = g_strdup_printf ("%" G_GSIZE_FORMAT, i);
      result->title = g_strdup (map ? air_map_get_string (test, "title") : NULL);
      result->failure = map ? run_case (self, test) : g_strdup ("it is no object");
      g_ptr_array_add (results, result);
    }
  return results;
}

/* --- templates -------------------------------------------------------------------------------- */

/**
 * air_policy_instantiate:
 * @document: a template
 * @id: of the new policy
 * @params: (nullable): other values for some of its parameters
 * @error: return location
 *
 * With other values the cases of the template go, since they speak of its own.
 *
 * Returns: (transfer full): a document like @document under another id, that loads; or %NULL with an
 *   %AIR_POLICY_ERROR_DOCUMENT
 */
AirValue *
air_policy_instantiate (const AirValue *document, const char *id, const AirValue *params, GError **error)
{
  const AirValue *list = air_map_get_list (document, "parameters");
  g_autoptr (AirValue) copy = air_map_copy (document), parameters = air_list_new ();
  g_autoptr (AirPolicy) policy = NULL;

  for (gsize p = 0; params != NULL && p < air_map_get_size (params); p++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (params, p), NULL);
      gboolean found = FALSE;

      for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
        found = found || g_strcmp0 (air_map_get_string (air_list_get (list, i), "id"), name) == 0;
      if (!found)
        {
          g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT,
                       "parameters: the template has no parameter \"%s\"", name);
          return NULL;
        }
    }
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      g_autoptr (AirValue) item = air_map_copy (air_list_get (list, i));
      const char *name = air_map_get_string (item, "id");
      AirValue *value = params != NULL && name != NULL ? air_map_get (params, name) : NULL;

      if (value != NULL)
        air_map_set (item, "value", air_value_ref (value));
      air_list_append (parameters, g_steal_pointer (&item));
    }
  if (list != NULL)
    air_map_set (copy, "parameters", g_steal_pointer (&parameters));
  air_map_set_string (copy, "id", id);
  /* Its cases speak of the template's own values. */
  if (params != NULL && air_map_get_size (params) > 0)
    air_map_remove (copy, "tests");
  policy = air_policy_load (copy, error);
  return policy != NULL ? g_steal_pointer (&copy) : NULL;
}

/**
 * air_policy_get_description:
 * @self: a policy
 *
 * Returns: (transfer none) (nullable): what the document says of itself
 */
const char *
air_policy_get_description (const AirPolicy *self)
{
  return self->description;
}

/**
 * air_policy_get_params:
 * @self: a policy
 *
 * Returns: (transfer none) (nullable): its parameters by name with the values they have; %NULL: it has none
 */
AirValue *
air_policy_get_params (const AirPolicy *self)
{
  return self->params;
}
