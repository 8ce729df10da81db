/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <math.h>
#include <string.h>

#include "base/air-json.h"
#include "policy/air-policy-private.h"

/* A rule that matched, and what it says. */
typedef struct {
  const AirPolicyRule *rule;
  AirValue *output;
  gsize *priorities; /* of its outputs; 0 is the highest */
} Hit;

static void
hit_free (Hit *self)
{
  g_clear_pointer (&self->output, air_value_unref);
  g_free (self->priorities);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hit, hit_free)

void
air_policy_decision_free (AirPolicyDecision *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  g_clear_pointer (&self->output, air_value_unref);
  g_free (self->why);
  g_free (self);
}

static gboolean
fits (const AirPolicyColumn *column, const AirValue *value)
{
  AirCelTypeKind kind = air_cel_type_get_kind (column->type);

  return kind == AIR_CEL_TYPE_DYN || (int) air_value_get_kind (value) == (int) kind;
}

/* --- inputs ----------------------------------------------------------------------------- */

gboolean
air_policy_check_inputs (const AirPolicy *self, const AirValue *inputs, GError **error)
{
  for (guint i = 0; i < self->inputs->len; i++)
    {
      const AirPolicyColumn *column = g_ptr_array_index (self->inputs, i);
      const AirValue *value =
          inputs != NULL && air_value_get_kind (inputs) == AIR_VALUE_MAP ? air_map_get (inputs, column->id) : NULL;

      if (value == NULL)
        {
          g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT,
                       "table '%s': input '%s' is missing; give it in \"with\"", self->id, column->id);
          return FALSE;
        }
      if (!fits (column, value))
        {
          g_autofree char *type = air_cel_type_to_string (column->type);

          g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT,
                       "table '%s': input '%s' must be of type %s, not %s", self->id, column->id, type,
                       air_value_kind_to_string (air_value_get_kind (value)));
          return FALSE;
        }
    }
  return TRUE;
}

/* --- rules ------------------------------------------------------------------------------- */

/* All cells of a rule are joined by CEL's &&: one that is false decides, whatever errors the others have. */
static gboolean
rule_matches (const AirPolicy *self,
              const AirPolicyRule *rule,
              const AirValue *inputs,
              gboolean *ret_matches,
              GError **error)
{
  g_autoptr (GError) first = NULL;
  const char *place = NULL;

  *ret_matches = FALSE;
  for (guint i = 0; i < rule->cells->len; i++)
    {
      const AirPolicyCell *cell = g_ptr_array_index (rule->cells, i);
      g_autoptr (GError) local = NULL;
      gboolean value;

      if (!air_cel_eval_bool (cell->test, inputs, 0, &value, &local))
        {
          if (first == NULL)
            {
              first = g_steal_pointer (&local);
              place = cell->place;
            }
        }
      else if (!value)
        return TRUE;
    }
  if (first != NULL)
    {
      g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT, "table '%s', rule '%s' (%s): %s", self->id,
                   rule->id, place, first->message);
      return FALSE;
    }
  *ret_matches = TRUE;
  return TRUE;
}

static gboolean
find_priority (const AirPolicyColumn *column, const AirValue *value, gsize *ret_priority)
{
  *ret_priority = 0;
  for (gsize i = 0; column->values != NULL && i < air_list_get_size (column->values); i++)
    if (air_value_equal (air_list_get (column->values, i), value))
      {
        *ret_priority = i;
        return TRUE;
      }
  return column->values == NULL;
}

static Hit *
make_hit (const AirPolicy *self, const AirPolicyRule *rule, const AirValue *inputs, GError **error)
{
  g_autoptr (Hit) hit = g_new0 (Hit, 1);
  g_autoptr (GError) local = NULL;

  hit->rule = rule;
  hit->priorities = g_new0 (gsize, self->outputs->len);
  hit->output = air_template_render (rule->then, inputs, &local);
  if (hit->output == NULL)
    {
      g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT, "table '%s', rule '%s', then: %s", self->id,
                   rule->id, local->message);
      return NULL;
    }
  for (guint i = 0; i < self->outputs->len; i++)
    {
      const AirPolicyColumn *column = g_ptr_array_index (self->outputs, i);
      const AirValue *value = air_map_get (hit->output, column->id);
      gsize priority;

      if (value == NULL || !fits (column, value))
        {
          g_autofree char *type = air_cel_type_to_string (column->type);

          g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT,
                       "table '%s', rule '%s': output '%s' must be of type %s, %s%s", self->id, rule->id, column->id,
                       type, value != NULL ? "not " : "but has no value",
                       value != NULL ? air_value_kind_to_string (air_value_get_kind (value)) : "");
          return NULL;
        }
      if (!find_priority (column, value, &priority))
        {
          g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT,
                       "table '%s', rule '%s': output '%s' is none of its \"values\"", self->id, rule->id, column->id);
          return NULL;
        }
      hit->priorities[i] = priority;
    }
  return g_steal_pointer (&hit);
}

static gboolean
find_hits (const AirPolicy *self, const AirValue *inputs, GPtrArray *hits, GError **error)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      const AirPolicyRule *rule = g_ptr_array_index (self->rules, i);
      gboolean matches;
      Hit *hit;

      if (!rule_matches (self, rule, inputs, &matches, error))
        return FALSE;
      if (!matches)
        continue;
      hit = make_hit (self, rule, inputs, error);
      if (hit == NULL)
        return FALSE;
      g_ptr_array_add (hits, hit);
      if (self->hit[0] == 'F')
        break;
    }
  if (hits->len == 0 && self->fallback != NULL)
    {
      Hit *hit = make_hit (self, self->fallback, inputs, error);

      if (hit == NULL)
        return FALSE;
      g_ptr_array_add (hits, hit);
    }
  if (hits->len == 0)
    {
      /* The inputs may be a person's: they stay out of the message. */
      g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_NO_MATCH,
                   "table '%s' has no rule for these inputs; add a rule for them, or a last rule without cells",
                   self->id);
      return FALSE;
    }
  return TRUE;
}

/* --- hit policies --------------------------------------------------------------------------- */

/* By the first output whose priorities differ. */
static int
compare_priority (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Hit *x = *(const Hit *const *) a, *y = *(const Hit *const *) b;
  guint n = GPOINTER_TO_UINT (user_data);

  for (guint i = 0; i < n; i++)
    if (x->priorities[i] != y->priorities[i])
      return x->priorities[i] < y->priorities[i] ? -1 : 1;
  return 0;
}

static gboolean
fail_overlap (const AirPolicy *self, const GPtrArray *hits, const char *mend, GError **error)
{
  const Hit *a = g_ptr_array_index (hits, 0), *b = g_ptr_array_index (hits, 1);

  g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OVERLAP, "table '%s': rules '%s' and '%s' both match; %s",
               self->id, a->rule->id, b->rule->id, mend);
  return FALSE;
}

/* For the hit policies of one answer: leaves the one that counts first. */
static gboolean
pick_single (const AirPolicy *self, GPtrArray *hits, GError **error)
{
  const Hit *first = g_ptr_array_index (hits, 0);

  if (self->hit[0] == 'U' && hits->len > 1)
    return fail_overlap (self, hits, "hit policy U wants rules that do not overlap", error);
  if (self->hit[0] == 'A')
    for (guint i = 1; i < hits->len; i++)
      if (!air_value_equal (first->output, ((const Hit *) hits->pdata[i])->output))
        return fail_overlap (self, hits, "hit policy A wants them to say the same", error);
  if (self->hit[0] == 'P')
    {
      g_ptr_array_sort_with_data (hits, compare_priority,
                                  GUINT_TO_POINTER (self->outputs->len)); /* stable: of equals the first rule counts */
      g_ptr_array_set_size (hits, 1);
    }
  return TRUE;
}

static gboolean
is_number (const AirValue *value)
{
  return air_value_get_kind (value) == AIR_VALUE_INT || air_value_get_kind (value) == AIR_VALUE_DOUBLE;
}

static double
to_double (const AirValue *value)
{
  return air_value_get_kind (value) == AIR_VALUE_INT ? (double) air_value_get_int (value)
                                                     : air_value_get_double (value);
}

/* C+ C< C> over the only output: exact while all are ints. */
static AirValue *
aggregate (const AirPolicy *self, const GPtrArray *hits, GError **error)
{
  const AirPolicyColumn *column = g_ptr_array_index (self->outputs, 0);
  g_autoptr (AirValue) output = air_map_new ();
  gboolean exact = TRUE, finite = TRUE;
  gint64 result = 0;
  double rough = 0;

  for (guint i = 0; i < hits->len; i++)
    {
      const AirValue *value = air_map_get (((const Hit *) hits->pdata[i])->output, column->id);
      gint64 number;
      double about;

      if (!is_number (value))
        {
          g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT,
                       "table '%s': hit policy %s adds up numbers, not %s", self->id, self->hit,
                       air_value_kind_to_string (air_value_get_kind (value)));
          return NULL;
        }
      exact = exact && air_value_get_kind (value) == AIR_VALUE_INT;
      number = exact ? air_value_get_int (value) : 0;
      about = to_double (value);
      if (i == 0)
        {
          result = number;
          rough = about;
        }
      else if (self->hit[1] == '<')
        {
          result = MIN (result, number);
          rough = MIN (rough, about);
        }
      else if (self->hit[1] == '>')
        {
          result = MAX (result, number);
          rough = MAX (rough, about);
        }
      else
        {
          rough += about;
          if (exact && __builtin_add_overflow (result, number, &result))
            {
              g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT,
                           "table '%s': the sum of '%s' does not fit into an int", self->id, column->id);
              return NULL;
            }
        }
      finite = finite && isfinite (about) && isfinite (rough);
    }
  /* What is no number compares with nothing, so the least or the most of several would be any of them. */
  if (!exact && !finite)
    {
      g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT,
                   "table '%s': '%s' or what hit policy %s makes of it is not finite", self->id, column->id, self->hit);
      return NULL;
    }
  air_map_set (output, column->id, exact ? air_value_new_int (result) : air_value_new_double (rough));
  return g_steal_pointer (&output);
}

static AirValue *
make_output (const AirPolicy *self, GPtrArray *hits, GError **error)
{
  AirValue *output;

  if (strchr ("UAPF", self->hit[0]) != NULL)
    return pick_single (self, hits, error) ? air_value_ref (((Hit *) hits->pdata[0])->output) : NULL;
  if (strcmp (self->hit, "C#") == 0)
    {
      output = air_map_new ();
      air_map_set_int (output, "count", hits->len);
      return output;
    }
  if (self->hit[1] != '\0')
    return aggregate (self, hits, error);
  if (self->hit[0] == 'O')
    g_ptr_array_sort_with_data (hits, compare_priority, GUINT_TO_POINTER (self->outputs->len));
  output = air_list_new ();
  for (guint i = 0; i < hits->len; i++)
    air_list_append (output, air_value_ref (((Hit *) hits->pdata[i])->output));
  return output;
}

/* A gate's quorum may come out of an expression: nothing below zero, and no approvals by a role without a name. */
static gboolean
check_gate_output (const AirPolicy *self, const AirValue *output, GError **error)
{
  gint64 quorum = air_map_get_int (output, "quorum", -1);
  const char *verdict = air_map_get_string (output, "verdict");

  if (verdict != NULL && strcmp (verdict, "ask") != 0 && strcmp (verdict, "deny") != 0)
    {
      g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT,
                   "table '%s': a gate's verdict is \"ask\" or \"deny\", not \"%s\"", self->id, verdict);
      return FALSE;
    }
  if (quorum >= 0 && (quorum == 0 || air_map_get_string (output, "role")[0] != '\0'))
    return TRUE;
  g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT,
               "table '%s': a gate needs a quorum of 0 or more, and a role where it is more", self->id);
  return FALSE;
}

/* What a person needs to see of a value; long texts are cut, lists and maps are counted. */
static void
append_value (GString *text, const AirValue *value)
{
  g_autofree char *written = NULL;
  AirValueKind kind = value != NULL ? air_value_get_kind (value) : AIR_VALUE_NULL;

  if (kind == AIR_VALUE_LIST)
    g_string_append_printf (text, "a list of %" G_GSIZE_FORMAT, air_list_get_size (value));
  else if (kind == AIR_VALUE_MAP)
    g_string_append_printf (text, "an object of %" G_GSIZE_FORMAT, air_map_get_size (value));
  else if (kind == AIR_VALUE_STRING && g_utf8_strlen (air_value_get_string (value, NULL), -1) > 80)
    {
      written = g_utf8_substring (air_value_get_string (value, NULL), 0, 79);
      g_string_append_printf (text, "\"%s…\"", written);
    }
  else
    {
      written = value != NULL ? air_jcs_write (value, NULL, NULL) : NULL;
      g_string_append (text, written != NULL ? written : "nothing");
    }
}

/* "Amount = 5400 fits (10000..100000]": each input a rule looked at, once. */
static void
append_inputs (GString *why, const AirPolicy *self, const AirPolicyRule *rule, const AirValue *inputs)
{
  for (guint i = 0; i < rule->cells->len; i++)
    {
      const AirPolicyCell *cell = g_ptr_array_index (rule->cells, i);
      const AirPolicyColumn *column = air_policy_find_column (self->inputs, cell->input);

      g_string_append_printf (why, "%s%s = ", i == 0 ? ": " : ", ", column->title != NULL ? column->title : column->id);
      append_value (why, air_map_get (inputs, column->id));
      g_string_append_printf (why, " fits %s", cell->text);
    }
}

static char *
make_why (const AirPolicy *self, const GPtrArray *hits, const AirValue *inputs)
{
  GString *why = g_string_new (NULL);

  for (guint i = 0; i < hits->len; i++)
    {
      const Hit *hit = g_ptr_array_index (hits, i);

      g_string_append_printf (why, "%s%s", i > 0 ? "; " : "", hit->rule->why != NULL ? hit->rule->why : hit->rule->id);
    }
  g_string_append_printf (why, " (%s %s, rule%s ", self->title, self->version, hits->len > 1 ? "s" : "");
  for (guint i = 0; i < hits->len; i++)
    {
      const Hit *hit = g_ptr_array_index (hits, i);

      g_string_append_printf (why, "%s%s", i > 0 ? "; " : "", hit->rule->id);
      append_inputs (why, self, hit->rule, inputs);
    }
  g_string_append_c (why, ')');
  return g_string_free (why, FALSE);
}

/**
 * air_policy_evaluate:
 * @self: a policy
 * @inputs: a map of the declared inputs; others in it are not looked at
 *
 * Decides. Fails closed: %AIR_POLICY_ERROR_INPUT for inputs that are missing, of
 * another type, or that a cell cannot judge; %AIR_POLICY_ERROR_NO_MATCH when no
 * rule matches; %AIR_POLICY_ERROR_OVERLAP; %AIR_POLICY_ERROR_OUTPUT.
 *
 * Returns: (transfer full): which rules made which output, and why
 */
AirPolicyDecision *
air_policy_evaluate (const AirPolicy *self, const AirValue *inputs, GError **error)
{
  g_autoptr (GPtrArray) hits = g_ptr_array_new_with_free_func ((GDestroyNotify) hit_free);
  g_autoptr (AirPolicyDecision) decision = NULL;
  g_autoptr (AirValue) bound = NULL;

  g_return_val_if_fail (self->rules->len > 0, NULL);

  if (!air_policy_check_inputs (self, inputs, error))
    return NULL;
  bound = air_policy_bind (self, inputs);
  if (!find_hits (self, bound, hits, error))
    return NULL;
  decision = g_new0 (AirPolicyDecision, 1);
  decision->output = make_output (self, hits, error);
  if (decision->output == NULL)
    return NULL;
  if (self->kind == AIR_POLICY_GATE && !check_gate_output (self, decision->output, error))
    return NULL;
  decision->rules = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < hits->len; i++)
    g_ptr_array_add (decision->rules, g_strdup (((Hit *) hits->pdata[i])->rule->id));
  decision->why = make_why (self, hits, inputs);
  return g_steal_pointer (&decision);
}
