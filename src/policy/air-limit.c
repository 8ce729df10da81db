/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents of the kinds limit and budget. */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <string.h>

#include "policy/air-policy-private.h"

#define MAX_WINDOW_MS (G_GINT64_CONSTANT (10) * 366 * 24 * 60 * 60 * 1000)
#define DAY_MS        (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)
#define YEAR_MS       (366 * DAY_MS)

static const char *const verdicts[] = { "allow", "wait", "gate", "deny" };

/**
 * air_limit_verdict_to_string:
 * @verdict: a verdict
 *
 * Returns: (transfer none): "allow", "wait", "gate" or "deny"; static
 */
const char *
air_limit_verdict_to_string (AirLimitVerdict verdict)
{
  g_return_val_if_fail ((guint) verdict < G_N_ELEMENTS (verdicts), NULL);

  return verdicts[verdict];
}

/**
 * air_limit_verdict_from_string:
 * @text: (nullable): what air_limit_verdict_to_string() gives
 * @ret_verdict: (out): the verdict
 *
 * Returns: %FALSE, and @ret_verdict untouched, when no verdict is called that
 */
gboolean
air_limit_verdict_from_string (const char *text, AirLimitVerdict *ret_verdict)
{
  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    if (g_strcmp0 (text, verdicts[i]) == 0)
      {
        *ret_verdict = (AirLimitVerdict) i;
        return TRUE;
      }
  return FALSE;
}

static void
window_clear (gpointer data)
{
  g_free (((AirPolicyWindow *) data)->id);
}

void
air_policy_limit_free (AirPolicyLimit *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->when, air_cel_program_unref);
  g_clear_pointer (&self->key, air_template_unref);
  g_clear_pointer (&self->amount, air_template_unref);
  g_clear_pointer (&self->settle, air_template_unref);
  g_clear_pointer (&self->windows, g_array_unref);
  g_free (self->unit);
  g_free (self);
}

/* --- reading ------------------------------------------------------------------------------ */

static gboolean
read_template (const AirValue *document, const char *key, const AirCelEnv *env, AirTemplate **ret, GError **error)
{
  const AirValue *value = air_map_get (document, key);
  g_autoptr (GError) local = NULL;

  if (value == NULL)
    return TRUE;
  *ret = air_template_compile (value, env, &local);
  return *ret != NULL || air_policy_fail (error, key, "%s", local->message);
}

static gboolean
read_exceed (const AirValue *map, const char *place, AirLimitVerdict fallback, AirLimitVerdict *ret, GError **error)
{
  const AirValue *value = air_map_get (map, "on_exceed");

  *ret = fallback;
  if (value == NULL)
    return TRUE;
  if (air_value_get_kind (value) != AIR_VALUE_STRING
      || !air_limit_verdict_from_string (air_value_get_string (value, NULL), ret) || *ret == AIR_LIMIT_ALLOW)
    return air_policy_fail (error, place, "\"on_exceed\" must be \"deny\", \"gate\" or \"wait\"");
  return TRUE;
}

static gboolean
read_window (AirPolicy *self, const AirValue *item, guint index, AirLimitVerdict fallback, GError **error)
{
  g_autofree char *place = g_strdup_printf ("windows[%u]", index);
  const char *id = air_map_get_string (item, "id");
  const AirValue *ms = air_map_get (item, "ms"), *max = air_map_get (item, "max");
  AirPolicyWindow window = { 0 };

  if (!air_policy_check_keys (item, place, "id,ms,max,on_exceed", error))
    return FALSE;
  if (id != NULL && !air_policy_is_name (id))
    return air_policy_fail (error, place, "\"id\": \"%s\" is no name; use a-z, 0-9 and _", id);
  if (ms == NULL && self->kind == AIR_POLICY_LIMIT)
    return air_policy_fail (error, place, "\"ms\" is missing; only a budget may count for good");
  if (ms != NULL
      && (air_value_get_kind (ms) != AIR_VALUE_INT || air_value_get_int (ms) <= 0
          || air_value_get_int (ms) > MAX_WINDOW_MS))
    return air_policy_fail (error, place, "\"ms\" must be a whole number of milliseconds above 0, within ten years");
  if (max == NULL || air_value_get_kind (max) != AIR_VALUE_INT || air_value_get_int (max) < 0)
    return air_policy_fail (error, place, "\"max\" must be a whole number, 0 or more");
  if (!read_exceed (item, place, fallback, &window.on_exceed, error))
    return FALSE;
  if (window.on_exceed == AIR_LIMIT_WAIT && ms == NULL)
    return air_policy_fail (error, place, "what counts for good never gets room again; use \"deny\" or \"gate\"");
  for (guint i = 0; id != NULL && i < self->limit->windows->len; i++)
    if (strcmp (g_array_index (self->limit->windows, AirPolicyWindow, i).id, id) == 0)
      return air_policy_fail (error, place, "\"id\": \"%s\" stands twice", id);
  window.id = id != NULL ? g_strdup (id) : g_strdup_printf ("window%u", index + 1);
  window.ms = ms != NULL ? air_value_get_int (ms) : 0;
  window.max = air_value_get_int (max);
  g_array_append_val (self->limit->windows, window);
  return TRUE;
}

static gboolean
read_windows (AirPolicy *self, const AirValue *document, gboolean *ret_gates, GError **error)
{
  const AirValue *source = air_map_get (document, "windows");
  g_autoptr (AirValue) list = source != NULL ? air_policy_fill (self, source, "windows", error) : NULL;
  AirLimitVerdict fallback;

  if (source != NULL && list == NULL)
    return FALSE;
  if (list == NULL || air_value_get_kind (list) != AIR_VALUE_LIST || air_list_get_size (list) == 0
      || air_list_get_size (list) > 16)
    return air_policy_fail (error, "windows", "must be a list of 1 to 16 windows");
  if (!read_exceed (document, "", AIR_LIMIT_DENY, &fallback, error))
    return FALSE;
  *ret_gates = FALSE;
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      if (!read_window (self, air_list_get (list, i), i, fallback, error))
        return FALSE;
      if (g_array_index (self->limit->windows, AirPolicyWindow, i).on_exceed == AIR_LIMIT_GATE)
        *ret_gates = TRUE;
    }
  return TRUE;
}

static gboolean
read_keep (AirPolicy *self, const AirValue *document, GError **error)
{
  const AirValue *list = air_map_get (document, "keep");

  if (list == NULL)
    return TRUE;
  if (air_value_get_kind (list) != AIR_VALUE_LIST)
    return air_policy_fail (error, "keep", "must be a list of \"failure\" and \"compensation\"");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      const char *what = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : "";

      if (strcmp (what, "failure") == 0)
        self->limit->keep_failed = TRUE;
      else if (strcmp (what, "compensation") == 0)
        self->limit->keep_compensated = TRUE;
      else
        return air_policy_fail (error, "keep", "must be a list of \"failure\" and \"compensation\"");
    }
  return TRUE;
}

static gboolean
read_amount (AirPolicy *self, const AirValue *document, const AirCelEnv *env, GError **error)
{
  const char *measure = air_map_get_string (document, "measure");
  g_autoptr (AirCelEnv) wider = air_cel_env_copy (env);

  if (measure == NULL)
    measure = self->kind == AIR_POLICY_BUDGET ? "sum" : "";
  if (strcmp (measure, "sum") != 0 && (strcmp (measure, "count") != 0 || self->kind == AIR_POLICY_BUDGET))
    return air_policy_fail (error, "measure",
                            self->kind == AIR_POLICY_BUDGET ? "a budget sums; leave it out"
                                                            : "must be \"count\" or \"sum\"");
  if ((air_map_get (document, "amount") != NULL) != (measure[0] == 's'))
    return air_policy_fail (error, "amount",
                            measure[0] == 's' ? "is missing; say what is summed"
                                              : "belongs to sums; a count counts calls");
  if (air_map_get (document, "settle") != NULL && self->kind != AIR_POLICY_BUDGET)
    return air_policy_fail (error, "settle", "belongs to budgets only");
  air_cel_env_declare (wider, "output", NULL);
  return read_template (document, "amount", env, &self->limit->amount, error)
         && read_template (document, "settle", wider, &self->limit->settle, error);
}

static gboolean
read_gate_block (AirPolicy *self, const AirValue *document, gboolean gates, GError **error)
{
  const AirValue *gate = air_map_get (document, "gate");
  g_autoptr (AirGateTerms) terms = NULL;

  if ((gate != NULL) != gates)
    return air_policy_fail (error, "gate",
                            gates ? "is missing; say who decides when it is exceeded"
                                  : "belongs to \"on_exceed\": \"gate\" only");
  if (gate == NULL)
    return TRUE;
  if (!air_policy_check_keys (gate, "gate",
                              "role,quorum,exclude,deadline_ms,on_expiry,people,reminders_ms,escalation,edit", error))
    return FALSE;
  self->gate = air_policy_fill (self, gate, "gate", error);
  if (self->gate == NULL)
    return FALSE;
  terms = air_gate_terms_new (self->gate, 1, NULL, error);
  return terms != NULL;
}

gboolean
air_policy_read_limit (AirPolicy *self, const AirValue *document, GError **error)
{
  g_autoptr (AirCelEnv) env = air_policy_make_env (self);
  g_autoptr (GError) local = NULL;
  const AirValue *wait = air_map_get (document, "max_wait_ms"), *when = air_map_get (document, "when");
  gboolean gates = FALSE;

  self->limit = g_new0 (AirPolicyLimit, 1);
  self->limit->windows = g_array_new (FALSE, TRUE, sizeof (AirPolicyWindow));
  g_array_set_clear_func (self->limit->windows, window_clear);
  self->exclude = g_new0 (char *, 1);
  if (when != NULL)
    {
      if (air_value_get_kind (when) != AIR_VALUE_STRING)
        return air_policy_fail (error, "when", "must be an expression");
      self->limit->when = air_cel_compile (air_value_get_string (when, NULL), env, &local);
      if (self->limit->when == NULL)
        return air_policy_fail (error, "when", "%s", local->message);
    }
  if (air_map_get (document, "key") == NULL)
    return air_policy_fail (error, "key", "is missing; say whose use is counted (a text for one line for all)");
  self->limit->max_wait_ms = DAY_MS;
  if (wait != NULL)
    {
      if (air_value_get_kind (wait) != AIR_VALUE_INT || air_value_get_int (wait) <= 0
          || air_value_get_int (wait) > YEAR_MS)
        return air_policy_fail (error, "max_wait_ms", "must be a whole number of milliseconds above 0, within a year");
      self->limit->max_wait_ms = air_value_get_int (wait);
    }
  self->limit->unit = g_strdup (air_map_get_string (document, "unit"));
  return read_template (document, "key", env, &self->limit->key, error) && read_amount (self, document, env, error)
         && read_windows (self, document, &gates, error) && read_keep (self, document, error)
         && read_gate_block (self, document, gates, error);
}

/* --- asking ------------------------------------------------------------------------------- */

/**
 * air_limit_get_horizon:
 * @policy: a limit or budget
 *
 * Returns: how far back it looks, in microseconds; 0: to the beginning
 */
gint64
air_limit_get_horizon (const AirPolicy *policy)
{
  gint64 horizon = 0;

  g_return_val_if_fail (policy->limit != NULL, 0);

  for (guint i = 0; i < policy->limit->windows->len; i++)
    {
      gint64 ms = g_array_index (policy->limit->windows, AirPolicyWindow, i).ms;

      if (ms == 0)
        return 0;
      horizon = MAX (horizon, ms * 1000);
    }
  return horizon;
}

/**
 * air_limit_get_n_windows:
 * @policy: any policy
 *
 * Returns: how many windows it counts in; 0 when it is no limit
 */
guint
air_limit_get_n_windows (const AirPolicy *policy)
{
  return policy->limit != NULL ? policy->limit->windows->len : 0;
}

/**
 * air_limit_get_window:
 * @policy: a limit or budget
 * @i: below air_limit_get_n_windows()
 * @ret_id: (out) (transfer none): the window's id
 * @ret_ms: (out): its length in milliseconds; 0: for good
 * @ret_max: (out): what fits into it
 */
void
air_limit_get_window (const AirPolicy *policy, guint i, const char **ret_id, gint64 *ret_ms, gint64 *ret_max)
{
  const AirPolicyWindow *window = &g_array_index (policy->limit->windows, AirPolicyWindow, i);

  *ret_id = window->id;
  *ret_ms = window->ms;
  *ret_max = window->max;
}

/**
 * air_limit_settles:
 * @policy: any policy
 *
 * Returns: whether it settles at all
 */
gboolean
air_limit_settles (const AirPolicy *policy)
{
  return policy->limit != NULL && policy->limit->settle != NULL;
}

/**
 * air_limit_releases:
 * @policy: a limit or budget
 * @what: "failure" or "compensation"
 *
 * Returns: whether what a call had reserved counts no more after that
 */
gboolean
air_limit_releases (const AirPolicy *policy, const char *what)
{
  g_return_val_if_fail (policy->limit != NULL, FALSE);

  return strcmp (what, "compensation") == 0 ? !policy->limit->keep_compensated : !policy->limit->keep_failed;
}

/**
 * air_limit_settle:
 * @policy: a limit or budget
 * @inputs: what the call gave it
 * @output: (nullable): what came of the call
 * @ret_amount: (out): what it really came to, in the policy's unit, 0 or more
 * @error: return location
 *
 * Returns: %FALSE without an error when the policy settles nothing; %FALSE with %AIR_POLICY_ERROR_OUTPUT when the
 *   amount cannot be computed
 */
gboolean
air_limit_settle (const AirPolicy *policy,
                  const AirValue *inputs,
                  const AirValue *output,
                  gint64 *ret_amount,
                  GError **error)
{
  g_autoptr (AirValue) bound = NULL, names = NULL, value = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (policy->limit != NULL, FALSE);

  if (policy->limit->settle == NULL)
    return FALSE;
  bound = air_policy_bind (policy, inputs);
  names = air_map_copy (bound);
  air_map_set (names, "output", output != NULL ? air_value_ref ((AirValue *) output) : air_map_new ());
  value = air_template_render (policy->limit->settle, names, &local);
  if (value != NULL && air_value_get_kind (value) == AIR_VALUE_INT && air_value_get_int (value) >= 0)
    {
      *ret_amount = air_value_get_int (value);
      return TRUE;
    }
  g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT, "budget '%s': settle %s%s", policy->id,
               local != NULL ? "cannot be computed: " : "must be a whole number, 0 or more",
               local != NULL ? local->message : "");
  return FALSE;
}
