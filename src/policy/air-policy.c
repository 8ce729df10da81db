/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <string.h>

#include "policy/air-policy-private.h"

G_DEFINE_QUARK (air-policy-error-quark, air_policy_error)

#define SCHEMA "airails:policy/1"

static void
cell_free (AirPolicyCell *self)
{
  g_free (self->place);
  g_free (self->input);
  g_free (self->text);
  g_clear_pointer (&self->test, air_cel_program_unref);
  g_free (self);
}

void
air_policy_rule_free (AirPolicyRule *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->why);
  g_clear_pointer (&self->cells, g_ptr_array_unref);
  g_clear_pointer (&self->then, air_template_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyCell, cell_free)

/* --- rules ------------------------------------------------------------------------------ */

static gboolean
read_cell (AirPolicyRule *rule,
           const char *input,
           const AirValue *text,
           char *take_place,
           const AirCelEnv *env,
           GError **error)
{
  g_autofree char *place = take_place;
  g_autoptr (AirPolicyCell) cell = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *source = NULL;
  AirCelTypeKind kind;
  gsize length = 0;

  if (air_value_get_kind (text) != AIR_VALUE_STRING || strlen (air_value_get_string (text, &length)) != length)
    return air_policy_fail (error, place, "a cell is a text such as \"<= 100\"; write \"-\" for anything");
  source = air_policy_cell_to_cel (input, air_value_get_string (text, NULL), env, &local);
  if (local != NULL)
    return air_policy_fail (error, place, "%s", local->message);
  if (source == NULL)
    return TRUE;
  cell = g_new0 (AirPolicyCell, 1);
  cell->test = air_cel_compile (source, env, &local);
  if (cell->test == NULL)
    return air_policy_fail (error, place, "\"%s\": %s", air_value_get_string (text, NULL), local->message);
  kind = air_cel_type_get_kind (air_cel_program_get_type (cell->test));
  if (kind != AIR_CEL_TYPE_BOOL && kind != AIR_CEL_TYPE_DYN)
    {
      g_autofree char *type = air_cel_type_to_string (air_cel_program_get_type (cell->test));

      return air_policy_fail (error, place, "\"%s\" must be true or false, not %s", air_value_get_string (text, NULL),
                              type);
    }
  cell->place = g_steal_pointer (&place);
  cell->input = g_strdup (input);
  cell->text = g_strdup (air_value_get_string (text, NULL));
  g_ptr_array_add (rule->cells, g_steal_pointer (&cell));
  return TRUE;
}

static gboolean
read_when (AirPolicy *self,
           AirPolicyRule *rule,
           const AirValue *when,
           const char *rule_place,
           const AirCelEnv *env,
           GError **error)
{
  g_autofree char *place = g_strconcat (rule_place, ".when", NULL);

  if (when == NULL || air_value_get_kind (when) != AIR_VALUE_MAP)
    return air_policy_fail (error, place, "must be an object of input to cell");
  for (gsize i = 0; i < air_map_get_size (when); i++)
    {
      const char *input = air_value_get_string (air_map_get_key_at (when, i), NULL);

      if (air_policy_find_column (self->inputs, input) == NULL)
        return air_policy_fail_below (error, place, input, "there is no such input; declare it in \"inputs\"");
      if (!read_cell (rule, input, air_map_get_value_at (when, i), g_strdup_printf ("%s.%s", place, input), env, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_expression (const AirValue *value)
{
  return air_value_get_kind (value) == AIR_VALUE_STRING && strchr (air_value_get_string (value, NULL), '$') != NULL;
}

static gboolean
is_allowed (const AirPolicyColumn *column, const AirValue *value)
{
  for (gsize i = 0; column->values != NULL && i < air_list_get_size (column->values); i++)
    if (air_value_equal (air_list_get (column->values, i), value))
      return TRUE;
  return column->values == NULL;
}

static gboolean
read_then (AirPolicy *self,
           AirPolicyRule *rule,
           const AirValue *then,
           const char *rule_place,
           const AirCelEnv *env,
           GError **error)
{
  g_autofree char *place = g_strconcat (rule_place, ".then", NULL);
  g_autoptr (GError) local = NULL;

  if (then == NULL || air_value_get_kind (then) != AIR_VALUE_MAP)
    return air_policy_fail (error, place, "must be an object of output to value");
  for (gsize i = 0; i < air_map_get_size (then); i++)
    {
      const char *output = air_value_get_string (air_map_get_key_at (then, i), NULL);

      if (air_policy_find_column (self->outputs, output) == NULL)
        return air_policy_fail_below (error, place, output, "there is no such output; declare it in \"outputs\"");
    }
  rule->then = air_template_compile (then, env, &local);
  if (rule->then == NULL)
    return air_policy_fail_below (error, place, local->message + (local->message[0] == '/' ? 1 : 0), NULL);
  for (guint i = 0; i < self->outputs->len; i++)
    {
      const AirPolicyColumn *column = g_ptr_array_index (self->outputs, i);
      const AirValue *value = air_map_get (then, column->id);
      const AirCelType *type;
      g_autofree char *want = air_cel_type_to_string (column->type);

      if (value == NULL)
        return air_policy_fail_below (error, place, column->id, "is missing; every rule gives every output");
      type = air_cel_type_get_field (air_template_get_type (rule->then), column->id);
      if (!air_cel_type_accepts (column->type, type))
        {
          g_autofree char *got = air_cel_type_to_string (type);

          g_autofree char *message = g_strdup_printf ("must be of type %s, not %s", want, got);

          return air_policy_fail_below (error, place, column->id, message);
        }
      if (!is_expression (value) && !is_allowed (column, value))
        return air_policy_fail_below (error, place, column->id, "is none of the output's \"values\"");
    }
  return TRUE;
}

static AirPolicyRule *
read_rule (AirPolicy *self, const AirValue *item, const char *place, const AirCelEnv *env, GError **error)
{
  g_autoptr (AirPolicyRule) rule = g_new0 (AirPolicyRule, 1);

  rule->cells = g_ptr_array_new_with_free_func ((GDestroyNotify) cell_free);
  if (!air_policy_check_keys (item, place, "id,when,then,why", error)
      || !air_policy_read_string (item, place, "id", &rule->id, error))
    return NULL;
  if (!air_policy_is_name (rule->id))
    {
      air_policy_fail (error, place, "\"id\": \"%s\" is no name; use a-z, 0-9 and _", rule->id);
      return NULL;
    }
  if (air_map_get (item, "why") != NULL && !air_policy_read_string (item, place, "why", &rule->why, error))
    return NULL;
  if (!read_when (self, rule, air_map_get (item, "when"), place, env, error)
      || !read_then (self, rule, air_map_get (item, "then"), place, env, error))
    return NULL;
  return g_steal_pointer (&rule);
}

/* DMN's default output: what holds when no rule matches. */
static gboolean
read_default (AirPolicy *self, const AirValue *document, const AirCelEnv *env, GError **error)
{
  const AirValue *item = air_map_get (document, "default");

  if (item == NULL)
    return TRUE;
  if (!air_policy_check_keys (item, "default", "then,why", error))
    return FALSE;
  self->fallback = g_new0 (AirPolicyRule, 1);
  self->fallback->id = g_strdup ("default");
  self->fallback->cells = g_ptr_array_new_with_free_func ((GDestroyNotify) cell_free);
  if (air_map_get (item, "why") != NULL
      && !air_policy_read_string (item, "default", "why", &self->fallback->why, error))
    return FALSE;
  return read_then (self, self->fallback, air_map_get (item, "then"), "default", env, error);
}

static gboolean
read_rules (AirPolicy *self, const AirValue *document, GError **error)
{
  const AirValue *list = air_map_get_list (document, "rules");
  g_autoptr (AirCelEnv) env = air_policy_make_env (self);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  if (list == NULL || air_list_get_size (list) == 0)
    return air_policy_fail (error, "rules", "must be a list of at least one rule");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("rules[%" G_GSIZE_FORMAT "]", i);
      AirPolicyRule *rule = read_rule (self, air_list_get (list, i), place, env, error);

      if (rule == NULL)
        return FALSE;
      g_ptr_array_add (self->rules, rule);
      if (!g_hash_table_add (ids, rule->id))
        return air_policy_fail (error, place, "\"id\": \"%s\" stands twice", rule->id);
    }
  return read_default (self, document, env, error);
}

/* --- hit policies and gates --------------------------------------------------------------- */

static gboolean
has_single_hit (const AirPolicy *self)
{
  return strchr ("UAPF", self->hit[0]) != NULL;
}

static gboolean
has_priorities (const AirPolicy *self)
{
  for (guint i = 0; i < self->outputs->len; i++)
    if (((const AirPolicyColumn *) self->outputs->pdata[i])->values != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
read_hit (AirPolicy *self, const AirValue *document, GError **error)
{
  static const char *const known[] = { "U", "A", "P", "F", "R", "O", "C", "C+", "C<", "C>", "C#", NULL };
  const AirPolicyColumn *first = g_ptr_array_index (self->outputs, 0);
  AirCelTypeKind kind = air_cel_type_get_kind (first->type);

  if (!air_policy_read_string (document, "", "hit", &self->hit, error))
    return FALSE;
  if (!g_strv_contains (known, self->hit))
    return air_policy_fail (error, "hit", "\"%s\" is no hit policy; use one of U A P F R O C C+ C< C> C#", self->hit);
  if ((self->hit[0] == 'P' || self->hit[0] == 'O') && !has_priorities (self))
    return air_policy_fail (error, "outputs[0]", "hit policy %s needs \"values\", the highest priority first",
                            self->hit);
  if (self->hit[0] == 'C' && self->hit[1] != '\0' && self->hit[1] != '#'
      && (self->outputs->len != 1 || (kind != AIR_CEL_TYPE_INT && kind != AIR_CEL_TYPE_DYN)))
    return air_policy_fail (error, "outputs", "hit policy %s needs exactly one output, of type int", self->hit);
  return TRUE;
}

/* The block of a gate, with its parameters filled in and every member tried. */
static gboolean
read_gate_block (AirPolicy *self, const AirValue *gate, GError **error)
{
  g_autoptr (AirGateTerms) terms = NULL;
  g_autofree char *role = NULL;

  if (!air_policy_check_keys (gate, "gate", "exclude,deadline_ms,on_expiry,people,reminders_ms,escalation,edit", error))
    return FALSE;
  if (air_map_get (gate, "exclude") == NULL)
    return air_policy_fail (error, "gate.exclude", "must be a list; write [] to exclude nobody");
  self->gate = air_policy_fill (self, gate, "gate", error);
  if (self->gate == NULL || (terms = air_gate_terms_new (self->gate, 1, "any", error)) == NULL)
    return FALSE;
  self->exclude = g_strdupv ((char **) air_gate_terms_get_exclude (terms));
  self->deadline_ms = air_gate_terms_get_deadline_ms (terms);
  self->on_expiry = g_strdup (air_gate_terms_get_on_expiry (terms));
  return TRUE;
}

static gboolean
read_gate (AirPolicy *self, const AirValue *document, GError **error)
{
  const AirValue *gate = air_map_get (document, "gate");
  const AirPolicyColumn *quorum = air_policy_find_column (self->outputs, "quorum");
  const AirPolicyColumn *role = air_policy_find_column (self->outputs, "role");
  const AirPolicyColumn *verdict = air_policy_find_column (self->outputs, "verdict");

  if (self->kind == AIR_POLICY_TABLE)
    {
      self->exclude = g_new0 (char *, 1);
      return gate == NULL || air_policy_fail (error, "gate", "belongs to policies of kind \"gate\" only");
    }
  if (!read_gate_block (self, gate, error))
    return FALSE;
  if (quorum == NULL || air_cel_type_get_kind (quorum->type) != AIR_CEL_TYPE_INT)
    return air_policy_fail (error, "outputs", "a gate needs the output \"quorum\" of type int");
  if (role == NULL || air_cel_type_get_kind (role->type) != AIR_CEL_TYPE_STRING)
    return air_policy_fail (error, "outputs", "a gate needs the output \"role\" of type string");
  if (verdict != NULL && air_cel_type_get_kind (verdict->type) != AIR_CEL_TYPE_STRING)
    return air_policy_fail (error, "outputs", "a gate's output \"verdict\" is \"ask\" or \"deny\", of type string");
  return has_single_hit (self) || air_policy_fail (error, "hit", "a gate needs one answer; use U, A, P or F");
}

/**
 * air_policy_make_terms:
 * @self: a gate, or a limit with "gate"
 * @output: of air_policy_evaluate()
 * @error: return location
 *
 * For a gate what this decision demands, for a limit what exceeding it demands.
 *
 * Returns: (transfer full): the terms, or %NULL with %AIR_POLICY_ERROR_OUTPUT
 */
AirGateTerms *
air_policy_make_terms (const AirPolicy *self, const AirValue *output, GError **error)
{
  const char *role = air_map_get_string (output, "role");
  gint64 quorum = air_map_get_int (output, "quorum", -1);

  g_return_val_if_fail (self->kind == AIR_POLICY_GATE, NULL);

  if (g_strcmp0 (air_map_get_string (output, "verdict"), "deny") == 0)
    return air_gate_terms_new_deny ();
  if (quorum == 0)
    return air_gate_terms_new_pass ();
  return air_gate_terms_new (self->gate, quorum, role != NULL ? role : "", error);
}

static void
make_output_type (AirPolicy *self)
{
  g_autoptr (AirCelType) object = air_cel_type_new_object (NULL);

  if (strcmp (self->hit, "C#") == 0)
    {
      g_autoptr (AirCelType) count = air_cel_type_new (AIR_CEL_TYPE_INT);

      air_cel_type_add_field (object, "count", count, TRUE);
    }
  else
    for (guint i = 0; i < self->outputs->len; i++)
      {
        const AirPolicyColumn *column = g_ptr_array_index (self->outputs, i);

        air_cel_type_add_field (object, column->id, column->type, TRUE);
      }
  self->output_type =
      has_single_hit (self) || self->hit[1] != '\0' ? air_cel_type_ref (object) : air_cel_type_new_list (object);
}

static gboolean
read_head (AirPolicy *self, const AirValue *document, GError **error)
{
  static const char *const kinds[] = { "table", "gate", "limit", "budget" };
  const char *kind =
      document != NULL && air_value_get_kind (document) == AIR_VALUE_MAP ? air_map_get_string (document, "kind") : NULL;
  gboolean known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kind, kinds[i]) == 0)
      {
        self->kind = (AirPolicyKind) i;
        known = TRUE;
      }
  if (!air_policy_check_keys (document, "",
                              self->kind == AIR_POLICY_LIMIT || self->kind == AIR_POLICY_BUDGET
                                  ? "$schema,id,version,kind,title,description,parameters,inputs,when,key,measure,"
                                    "amount,unit,windows,on_exceed,max_wait_ms,settle,keep,gate,tests"
                                  : "$schema,id,version,kind,title,description,parameters,inputs,outputs,hit,rules,"
                                    "default,gate,tests",
                              error))
    return FALSE;
  if (g_strcmp0 (air_map_get_string (document, "$schema"), SCHEMA) != 0)
    return air_policy_fail (error, "", "\"$schema\" must be \"" SCHEMA "\"");
  if (!known)
    return air_policy_fail (error, "", "\"kind\" must be \"table\", \"gate\", \"limit\" or \"budget\"");
  if (air_map_get (document, "tests") != NULL)
    {
      if (air_map_get_list (document, "tests") == NULL)
        return air_policy_fail (error, "tests", "must be a list");
      self->tests = air_value_ref (air_map_get (document, "tests"));
    }
  self->description = g_strdup (air_map_get_string (document, "description"));
  return air_policy_read_string (document, "", "id", &self->id, error)
         && air_policy_read_string (document, "", "version", &self->version, error)
         && air_policy_read_string (document, "", "title", &self->title, error)
         && air_policy_read_params (self, document, error);
}

static gboolean
check_names (const AirPolicy *self, GError **error)
{
  return air_policy_find_column (self->inputs, "param") == NULL
         || air_policy_fail (error, "inputs", "\"param\" is what the parameters are called; name the input otherwise");
}

/* --- public ------------------------------------------------------------------------------- */

/**
 * air_policy_load:
 * @document: a `*.policy.json`
 *
 * Reads strictly and compiles every cell.
 *
 * Returns: (transfer full): the policy; fails with %AIR_POLICY_ERROR_DOCUMENT,
 *   the message starting with the place ("rules[3].when.amount_minor: …")
 */
AirPolicy *
air_policy_load (const AirValue *document, GError **error)
{
  g_autoptr (AirPolicy) self = g_new0 (AirPolicy, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_policy_column_free);
  self->outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_policy_column_free);
  self->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) air_policy_rule_free);
  if (!read_head (self, document, error) || !air_policy_read_columns (document, "inputs", FALSE, self->inputs, error)
      || !check_names (self, error)
      || !(self->kind == AIR_POLICY_LIMIT || self->kind == AIR_POLICY_BUDGET
               ? air_policy_read_limit (self, document, error)
               : air_policy_read_columns (document, "outputs", TRUE, self->outputs, error)
                     && read_hit (self, document, error) && read_gate (self, document, error)
                     && read_rules (self, document, error)))
    {
      if (self->id != NULL)
        g_prefix_error (error, "policy '%s': ", self->id);
      return NULL;
    }
  self->input_ids = g_new0 (char *, self->inputs->len + 1);
  for (guint i = 0; i < self->inputs->len; i++)
    self->input_ids[i] = g_strdup (((AirPolicyColumn *) self->inputs->pdata[i])->id);
  if (self->hit != NULL)
    make_output_type (self);
  return g_steal_pointer (&self);
}

AirPolicy *
air_policy_ref (AirPolicy *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_policy_unref (AirPolicy *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->id);
  g_free (self->version);
  g_free (self->title);
  g_free (self->hit);
  g_clear_pointer (&self->inputs, g_ptr_array_unref);
  g_strfreev (self->input_ids);
  g_clear_pointer (&self->outputs, g_ptr_array_unref);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  g_clear_pointer (&self->output_type, air_cel_type_unref);
  g_strfreev (self->exclude);
  g_free (self->on_expiry);
  g_free (self->description);
  g_clear_pointer (&self->fallback, air_policy_rule_free);
  g_clear_pointer (&self->gate, air_value_unref);
  g_clear_pointer (&self->limit, air_policy_limit_free);
  g_clear_pointer (&self->params, air_value_unref);
  g_clear_pointer (&self->tests, air_value_unref);
  g_free (self);
}

/**
 * air_policy_get_id:
 * @self: a policy
 *
 * Returns: (transfer none): the document's id
 */
const char *
air_policy_get_id (const AirPolicy *self)
{
  return self->id;
}

/**
 * air_policy_get_version:
 * @self: a policy
 *
 * Returns: (transfer none): the document's version
 */
const char *
air_policy_get_version (const AirPolicy *self)
{
  return self->version;
}

/**
 * air_policy_get_title:
 * @self: a policy
 *
 * Returns: (transfer none): the document's title, for people
 */
const char *
air_policy_get_title (const AirPolicy *self)
{
  return self->title;
}

/**
 * air_policy_get_kind:
 * @self: a policy
 *
 * Returns: what it decides; the getters for gates and limits want the right one
 */
AirPolicyKind
air_policy_get_kind (const AirPolicy *self)
{
  return self->kind;
}

/**
 * air_policy_get_hit:
 * @self: a policy
 *
 * Returns: (transfer none): the DMN hit policy by its letter: "F", "C+"
 */
const char *
air_policy_get_hit (const AirPolicy *self)
{
  return self->hit;
}

/**
 * air_policy_get_inputs:
 * @self: a policy
 *
 * Returns: (transfer none): the ids of its inputs, in the order of the document
 */
const char *const *
air_policy_get_inputs (const AirPolicy *self)
{
  return (const char *const *) self->input_ids;
}

/**
 * air_policy_get_input_type:
 * @self: a policy
 * @id: an input's id
 *
 * Returns: (transfer none) (nullable): its type, %NULL when it has no such input
 */
AirCelType *
air_policy_get_input_type (const AirPolicy *self, const char *id)
{
  const AirPolicyColumn *column = air_policy_find_column (self->inputs, id);

  return column != NULL ? column->type : NULL;
}

/**
 * air_policy_get_output_type:
 * @self: a policy
 *
 * Returns: (transfer none): the type of the whole output
 */
AirCelType *
air_policy_get_output_type (const AirPolicy *self)
{
  return self->output_type;
}

/**
 * air_policy_get_exclude:
 * @self: a gate
 *
 * Returns: (transfer none): who may not decide, as words: "trigger", "author", "requester"
 */
const char *const *
air_policy_get_exclude (const AirPolicy *self)
{
  return (const char *const *) self->exclude;
}

/**
 * air_policy_get_deadline_ms:
 * @self: a gate
 *
 * Returns: how long it waits, in milliseconds
 */
gint64
air_policy_get_deadline_ms (const AirPolicy *self)
{
  return self->deadline_ms;
}

/**
 * air_policy_get_on_expiry:
 * @self: a gate
 *
 * Returns: (transfer none): "deny" or "expire": what happens when nobody decides in time
 */
const char *
air_policy_get_on_expiry (const AirPolicy *self)
{
  return self->on_expiry;
}
