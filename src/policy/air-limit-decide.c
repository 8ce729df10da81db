/* SPDX-License-Identifier: GPL-3.0-or-later */
/* May this call start now, by all limits that guard it? */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "policy/air-policy-private.h"

/* What one limit says of one call. */
typedef struct {
  const AirPolicy *policy;
  AirValue *inputs;
  char *key;
  gint64 amount;
  AirValue *windows; /* list of {id, ms, max, used} */
} Claim;

static void
claim_clear (gpointer data)
{
  Claim *self = data;

  g_clear_pointer (&self->inputs, air_value_unref);
  g_clear_pointer (&self->windows, air_value_unref);
  g_free (self->key);
}

void
air_limit_decision_free (AirLimitDecision *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->terms, air_gate_terms_unref);
  g_clear_pointer (&self->limits, g_ptr_array_unref);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  g_clear_pointer (&self->inputs, air_value_unref);
  g_clear_pointer (&self->output, air_value_unref);
  g_free (self->why);
  g_free (self);
}

/* --- claiming ----------------------------------------------------------------------------- */

static gboolean
fail (const AirPolicy *policy, const char *what, const char *message, GError **error)
{
  g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT, "limit '%s': %s %s", policy->id, what, message);
  return FALSE;
}

/* Only what the policy declares is written down. */
static AirValue *
declared (const AirPolicy *policy, const AirValue *inputs)
{
  AirValue *map = air_map_new ();

  for (guint i = 0; policy->input_ids[i] != NULL; i++)
    air_map_set (map, policy->input_ids[i], air_value_ref (air_map_get (inputs, policy->input_ids[i])));
  return map;
}

static gboolean
read_claim (const AirLimitUse *use, Claim *claim, gboolean *ret_applies, GError **error)
{
  const AirPolicyLimit *limit = use->policy->limit;
  g_autoptr (AirValue) bound = NULL, key = NULL, amount = NULL;
  g_autoptr (GError) local = NULL;

  if (!air_policy_check_inputs (use->policy, use->inputs, error))
    return FALSE;
  bound = air_policy_bind (use->policy, use->inputs);
  *ret_applies = TRUE;
  if (limit->when != NULL && !air_cel_eval_bool (limit->when, bound, 0, ret_applies, &local))
    return fail (use->policy, "when:", local->message, error);
  if (!*ret_applies)
    return TRUE;
  claim->policy = use->policy;
  key = air_template_render (limit->key, bound, &local);
  if (key == NULL)
    return fail (use->policy, "key:", local->message, error);
  if (air_value_get_kind (key) == AIR_VALUE_STRING && air_value_get_string (key, NULL)[0] != '\0')
    claim->key = g_strdup (air_value_get_string (key, NULL));
  else if (air_value_get_kind (key) == AIR_VALUE_INT)
    claim->key = g_strdup_printf ("%" G_GINT64_FORMAT, air_value_get_int (key));
  else
    return fail (use->policy, "key", "must be a text that is not empty, or a whole number", error);
  claim->amount = 1;
  if (limit->amount != NULL)
    {
      amount = air_template_render (limit->amount, bound, &local);
      if (amount == NULL)
        return fail (use->policy, "amount:", local->message, error);
      if (air_value_get_kind (amount) != AIR_VALUE_INT || air_value_get_int (amount) < 0)
        return fail (use->policy, "amount", "must be a whole number, 0 or more", error);
      claim->amount = air_value_get_int (amount);
    }
  claim->inputs = declared (use->policy, use->inputs);
  claim->windows = air_list_new ();
  return TRUE;
}

/* --- judging ------------------------------------------------------------------------------ */

typedef struct {
  const AirUsageReader *usage;
  const char *owner;
  gboolean approved;
  gint64 at_us;
  AirLimitDecision *decision;
  GString *why;
} Judge;

/* "24 h", "90 s": a length of time as people write it. */
static char *
words_of (gint64 ms)
{
  static const struct {
    gint64 ms;
    const char *unit;
  } units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "min" }, { 1000, "s" }, { 1, "ms" } };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (ms % units[i].ms == 0)
      return g_strdup_printf ("%" G_GINT64_FORMAT " %s", ms / units[i].ms, units[i].unit);
  g_return_val_if_reached (NULL);
}

static void
explain (Judge *self, const Claim *claim, const AirPolicyWindow *window, gint64 used, const char *then)
{
  g_autofree char *length = window->ms > 0 ? words_of (window->ms) : NULL;
  const char *unit = claim->policy->limit->unit;

  g_string_append_printf (
      self->why, "%s%s: %" G_GINT64_FORMAT " used%s%s, %" G_GINT64_FORMAT " more is %s %" G_GINT64_FORMAT "%s%s%s",
      self->why->len > 0 ? "; " : "", claim->policy->title, used, length != NULL ? " in " : "",
      length != NULL ? length : " in all", claim->amount, used <= window->max - claim->amount ? "within" : "above",
      window->max, unit != NULL ? " " : "", unit != NULL ? unit : "", then);
}

static void
decide (Judge *self, const Claim *claim, AirLimitVerdict verdict)
{
  if (self->decision->policy == NULL || verdict > self->decision->verdict)
    self->decision->policy = claim->policy;
  self->decision->verdict = MAX (self->decision->verdict, verdict);
}

static void
exceed (Judge *self, const Claim *claim, const AirPolicyWindow *window, AirValue *item, gint64 used)
{
  AirLimitDecision *decision = self->decision;
  AirLimitVerdict verdict = window->on_exceed;
  gint64 until;

  g_ptr_array_add (decision->rules, g_strdup_printf ("%s.%s", claim->policy->id, window->id));
  if (verdict == AIR_LIMIT_WAIT)
    {
      until = self->usage->fits_at (self->usage->user_data, claim->policy->id, claim->key, self->owner,
                                    window->ms * 1000, window->max, claim->amount, self->at_us);
      if (until != G_MAXINT64)
        {
          g_autofree char *text = NULL;

          /* The ledger's time has milliseconds: up, never down. */
          until += (1000 - until % 1000) % 1000;
          text = air_time_format (until);
          air_map_set_string (item, "until", text);
        }
      if (until > self->at_us + claim->policy->limit->max_wait_ms * 1000)
        {
          explain (self, claim, window, used, ", and there is no room soon enough");
          decide (self, claim, AIR_LIMIT_DENY);
          return;
        }
      decision->until_us = MAX (decision->until_us, until);
      explain (self, claim, window, used, ": it waits for its turn");
    }
  else if (verdict == AIR_LIMIT_GATE)
    {
      g_autoptr (AirGateTerms) own = NULL, before = decision->terms;

      if (self->approved)
        {
          decision->terms = g_steal_pointer (&before);
          explain (self, claim, window, used, ", which people approved");
          decide (self, claim, AIR_LIMIT_ALLOW);
          return;
        }
      own = air_gate_terms_new (claim->policy->gate, 1, NULL, NULL);
      decision->terms = before != NULL ? air_gate_terms_combine (before, own) : air_gate_terms_ref (own);
      explain (self, claim, window, used, ": people decide");
    }
  else
    explain (self, claim, window, used, ": refused");
  decide (self, claim, verdict);
}

static void
judge_claim (Judge *self, const Claim *claim)
{
  const GArray *windows = claim->policy->limit->windows;

  for (guint i = 0; i < windows->len; i++)
    {
      const AirPolicyWindow *window = &g_array_index (windows, AirPolicyWindow, i);
      AirValue *item = air_map_new ();
      AirUsage usage;

      self->usage->read (self->usage->user_data, claim->policy->id, claim->key, self->owner, window->ms * 1000,
                         self->at_us, &usage);
      air_map_set_string (item, "id", window->id);
      if (window->ms > 0)
        air_map_set_int (item, "ms", window->ms);
      air_map_set_int (item, "max", window->max);
      air_map_set_int (item, "used", usage.used);
      air_list_append (claim->windows, item);
      /* Somebody waits for a turn under this key: nobody slips in before. */
      if (claim->amount > window->max || usage.used > window->max - claim->amount
          || (window->on_exceed == AIR_LIMIT_WAIT && usage.last_us > self->at_us))
        exceed (self, claim, window, item, usage.used);
      else
        {
          explain (self, claim, window, usage.used, "");
          decide (self, claim, AIR_LIMIT_ALLOW);
        }
    }
}

/* --- all of them --------------------------------------------------------------------------- */

static void
write_down (Judge *self, const GArray *claims)
{
  AirLimitDecision *decision = self->decision;
  AirValue *list = air_list_new ();

  for (guint i = 0; i < claims->len; i++)
    {
      const Claim *claim = &g_array_index (claims, Claim, i);
      AirValue *item = air_map_new ();

      air_map_set_string (item, "limit", claim->policy->id);
      air_map_set_string (item, "key", claim->key);
      air_map_set_int (item, "amount", claim->amount);
      air_map_set (item, "inputs", air_value_ref (claim->inputs));
      air_map_set (item, "windows", air_value_ref (claim->windows));
      air_list_append (list, item);
    }
  decision->inputs = air_map_new ();
  air_map_set (decision->inputs, "limits", list);
  decision->output = air_map_new ();
  air_map_set_string (decision->output, "verdict", air_limit_verdict_to_string (decision->verdict));
  if (decision->verdict == AIR_LIMIT_GATE)
    air_map_set (decision->output, "terms", air_gate_terms_to_value (decision->terms));
  else
    g_clear_pointer (&decision->terms, air_gate_terms_unref);
  if (decision->verdict == AIR_LIMIT_WAIT)
    {
      g_autofree char *until = air_time_format (decision->until_us);

      air_map_set_string (decision->output, "until", until);
    }
  if (decision->rules->len == 0)
    g_ptr_array_add (decision->rules, g_strdup ("within"));
}

/**
 * air_limits_decide:
 * @uses: (array length=n_uses): the limits of one call
 * @n_uses: how many
 * @usage: what was used before
 * @owner: the call's idempotency key
 * @approved: people have let this call pass its gate; then a full window does not stop it, but it counts
 * @at_us: now, in microseconds since the Unix epoch
 * @error: return location
 *
 * Decides on all limits of one call together: the most restrictive wins (deny, gate, wait, allow). Limits that do not
 * apply (their `when`) are left out; when none applies the decision has no limits and allows. Reserves nothing by
 * itself: the record of the decision does, when it is folded.
 *
 * Returns: (transfer full): the decision, or %NULL with %AIR_POLICY_ERROR_INPUT
 */
AirLimitDecision *
air_limits_decide (const AirLimitUse *uses,
                   gsize n_uses,
                   const AirUsageReader *usage,
                   const char *owner,
                   gboolean approved,
                   gint64 at_us,
                   GError **error)
{
  g_autoptr (AirLimitDecision) decision = g_new0 (AirLimitDecision, 1);
  g_autoptr (GArray) claims = g_array_new (FALSE, TRUE, sizeof (Claim));
  g_autoptr (GString) why = g_string_new (NULL);
  Judge judge = { usage, owner, approved, at_us, decision, why };

  g_return_val_if_fail (usage != NULL && owner != NULL, NULL);

  g_array_set_clear_func (claims, claim_clear);
  decision->limits = g_ptr_array_new_with_free_func (g_free);
  decision->rules = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < n_uses; i++)
    {
      gboolean applies;

      g_array_set_size (claims, claims->len + 1);
      if (!read_claim (&uses[i], &g_array_index (claims, Claim, claims->len - 1), &applies, error))
        return NULL;
      if (!applies)
        {
          g_array_set_size (claims, claims->len - 1);
          continue;
        }
      g_ptr_array_add (decision->limits, g_strdup (uses[i].policy->id));
      judge_claim (&judge, &g_array_index (claims, Claim, claims->len - 1));
    }
  write_down (&judge, claims);
  decision->why = g_string_free (g_steal_pointer (&why), FALSE);
  return g_steal_pointer (&decision);
}

/* --- replay -------------------------------------------------------------------------------- */

typedef struct {
  AirUsageReader reader;
  const AirValue *inputs;
} Recorded;

static const AirValue *
find_recorded (const Recorded *self, const char *limit, const char *key, gint64 window_us)
{
  const AirValue *list = self->inputs != NULL && air_value_get_kind (self->inputs) == AIR_VALUE_MAP
                             ? air_map_get_list (self->inputs, "limits")
                             : NULL;

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      const AirValue *windows = air_value_get_kind (item) == AIR_VALUE_MAP ? air_map_get_list (item, "windows") : NULL;

      if (windows == NULL || g_strcmp0 (air_map_get_string (item, "limit"), limit) != 0
          || g_strcmp0 (air_map_get_string (item, "key"), key) != 0)
        continue;
      for (gsize w = 0; w < air_list_get_size (windows); w++)
        {
          const AirValue *window = air_list_get (windows, w);

          if (air_value_get_kind (window) == AIR_VALUE_MAP && air_map_get_int (window, "ms", 0) * 1000 == window_us)
            return window;
        }
    }
  return NULL;
}

static gint64
recorded_until (const AirValue *window)
{
  const char *until = window != NULL ? air_map_get_string (window, "until") : NULL;
  gint64 until_us;

  return until != NULL && air_time_parse (until, &until_us) ? until_us : G_MAXINT64;
}

static void
read_recorded (gpointer user_data,
               const char *limit,
               const char *key,
               const char *owner,
               gint64 window_us,
               gint64 at_us,
               AirUsage *ret_usage)
{
  const AirValue *window = find_recorded (user_data, limit, key, window_us);

  *ret_usage = (AirUsage) { window != NULL ? air_map_get_int (window, "used", 0) : 0, G_MININT64 };
  /* That it waited although there was room says that others waited before it. */
  if (recorded_until (window) != G_MAXINT64)
    ret_usage->last_us = recorded_until (window);
}

static gint64
recorded_fits_at (gpointer user_data,
                  const char *limit,
                  const char *key,
                  const char *owner,
                  gint64 window_us,
                  gint64 max,
                  gint64 amount,
                  gint64 at_us)
{
  return recorded_until (find_recorded (user_data, limit, key, window_us));
}

/**
 * air_usage_reader_from_record:
 * @inputs: (nullable): of the recorded decision; borrowed, and to outlive the reader
 *
 * A reader for a replay: what the recorded decision says it was told.
 *
 * Returns: (transfer full): the reader, to be freed with g_free()
 */
AirUsageReader *
air_usage_reader_from_record (const AirValue *inputs)
{
  Recorded *self = g_new0 (Recorded, 1);

  self->inputs = inputs;
  self->reader = (AirUsageReader) { read_recorded, recorded_fits_at, self };
  return &self->reader;
}
