/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "policy/air-policy-private.h"

G_DEFINE_QUARK (air-policy-error-quark, air_policy_error)

#define SCHEMA "airails:policy/1"

static void
column_free (AirPolicyColumn *self)
{
  g_free (self->id);
  g_free (self->title);
  g_clear_pointer (&self->type, air_cel_type_unref);
  g_clear_pointer (&self->values, air_value_unref);
  g_free (self);
}

static void
cell_free (AirPolicyCell *self)
{
  g_free (self->place);
  g_clear_pointer (&self->test, air_cel_program_unref);
  g_free (self);
}

void
air_policy_rule_free (AirPolicyRule *self)
{
  g_free (self->id);
  g_free (self->why);
  g_clear_pointer (&self->cells, g_ptr_array_unref);
  g_clear_pointer (&self->then, air_template_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyColumn, column_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyCell, cell_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyRule, air_policy_rule_free)

/* --- strict reading ------------------------------------------------------------------- */

static gboolean fail (GError **error, const char *place, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, const char *place, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT, "%s%s%s", place, place[0] != '\0' ? ": " : "",
               message);
  return FALSE;
}

/* "rules[3].then" and "amount": the message stands at "rules[3].then.amount". */
static gboolean
fail_below (GError **error, const char *place, const char *name, const char *message)
{
  g_autofree char *below = g_strconcat (place, ".", name, NULL);

  return message != NULL ? fail (error, below, "%s", message) : fail (error, "", "%s", below);
}

/* @known: names with commas between them. */
static gboolean
check_keys (const AirValue *map, const char *place, const char *known, GError **error)
{
  g_auto (GStrv) names = g_strsplit (known, ",", -1);

  if (map == NULL || air_value_get_kind (map) != AIR_VALUE_MAP)
    return fail (error, place, "must be an object");
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (map, i), NULL);

      if (!g_strv_contains ((const char *const *) names, key))
        return fail (error, place, "unknown key \"%s\"; known keys: %s", key, known);
    }
  return TRUE;
}

static gboolean
read_string (const AirValue *map, const char *place, const char *key, char **ret_text, GError **error)
{
  const char *text = air_map_get_string (map, key);

  if (text == NULL || text[0] == '\0')
    return fail (error, place, "\"%s\" must be a text that is not empty", key);
  *ret_text = g_strdup (text);
  return TRUE;
}

static gboolean
is_name (const char *text)
{
  if (!g_ascii_islower (text[0]))
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_islower (*text) && !g_ascii_isdigit (*text) && *text != '_')
      return FALSE;
  return TRUE;
}

static AirCelType *
type_from_name (const char *name)
{
  static const struct {
    const char *name;
    AirCelTypeKind kind;
  } types[] = {
    { "string", AIR_CEL_TYPE_STRING }, { "int", AIR_CEL_TYPE_INT }, { "bool", AIR_CEL_TYPE_BOOL },
    { "list", AIR_CEL_TYPE_LIST },     { "map", AIR_CEL_TYPE_MAP }, { "dyn", AIR_CEL_TYPE_DYN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (types[i].name, name) == 0)
      return air_cel_type_new (types[i].kind);
  return NULL;
}

static gboolean
value_fits (const AirPolicyColumn *column, const AirValue *value)
{
  AirCelTypeKind kind = air_cel_type_get_kind (column->type);

  return kind == AIR_CEL_TYPE_DYN || (int) air_value_get_kind (value) == (int) kind;
}

static AirPolicyColumn *
find_column (const GPtrArray *columns, const char *id)
{
  for (guint i = 0; i < columns->len; i++)
    {
      AirPolicyColumn *column = g_ptr_array_index (columns, i);

      if (strcmp (column->id, id) == 0)
        return column;
    }
  return NULL;
}

static gboolean
read_values (AirPolicyColumn *column, AirValue *values, const char *place, GError **error)
{
  if (air_value_get_kind (values) != AIR_VALUE_LIST || air_list_get_size (values) == 0)
    return fail (error, place, "\"values\" must be a list that is not empty");
  for (gsize i = 0; i < air_list_get_size (values); i++)
    if (!value_fits (column, air_list_get (values, i)))
      return fail (error, place, "\"values\"[%" G_GSIZE_FORMAT "] is not of the column's type", i);
  column->values = air_value_ref (values);
  return TRUE;
}

static gboolean
read_columns (const AirValue *document, const char *key, gboolean output, GPtrArray *columns, GError **error)
{
  const AirValue *list = air_map_get_list (document, key);

  if (list == NULL || air_list_get_size (list) == 0)
    return fail (error, key, "must be a list of at least one column");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", key, i);
      g_autoptr (AirPolicyColumn) column = g_new0 (AirPolicyColumn, 1);
      const AirValue *item = air_list_get (list, i);

      if (!check_keys (item, place, output ? "id,title,type,values" : "id,title,type", error)
          || !read_string (item, place, "id", &column->id, error))
        return FALSE;
      if (!is_name (column->id))
        return fail (error, place, "\"id\": \"%s\" is no name; use a-z, 0-9 and _", column->id);
      if (find_column (columns, column->id) != NULL)
        return fail (error, place, "\"id\": \"%s\" stands twice", column->id);
      column->title = g_strdup (air_map_get_string (item, "title"));
      column->type = type_from_name (air_map_get_string (item, "type"));
      if (column->type == NULL)
        return fail (error, place, "\"type\" must be one of string, int, bool, list, map, dyn");
      if (air_map_get (item, "values") != NULL && !read_values (column, air_map_get (item, "values"), place, error))
        return FALSE;
      g_ptr_array_add (columns, g_steal_pointer (&column));
    }
  return TRUE;
}

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
    return fail (error, place, "a cell is a text such as \"<= 100\"; write \"-\" for anything");
  source = air_policy_cell_to_cel (input, air_value_get_string (text, NULL), env, &local);
  if (local != NULL)
    return fail (error, place, "%s", local->message);
  if (source == NULL)
    return TRUE;
  cell = g_new0 (AirPolicyCell, 1);
  cell->test = air_cel_compile (source, env, &local);
  if (cell->test == NULL)
    return fail (error, place, "\"%s\": %s", air_value_get_string (text, NULL), local->message);
  kind = air_cel_type_get_kind (air_cel_program_get_type (cell->test));
  if (kind != AIR_CEL_TYPE_BOOL && kind != AIR_CEL_TYPE_DYN)
    {
      g_autofree char *type = air_cel_type_to_string (air_cel_program_get_type (cell->test));

      return fail (error, place, "\"%s\" must be true or false, not %s", air_value_get_string (text, NULL), type);
    }
  cell->place = g_steal_pointer (&place);
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
    return fail (error, place, "must be an object of input to cell");
  for (gsize i = 0; i < air_map_get_size (when); i++)
    {
      const char *input = air_value_get_string (air_map_get_key_at (when, i), NULL);

      if (find_column (self->inputs, input) == NULL)
        return fail_below (error, place, input, "there is no such input; declare it in \"inputs\"");
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
    return fail (error, place, "must be an object of output to value");
  for (gsize i = 0; i < air_map_get_size (then); i++)
    {
      const char *output = air_value_get_string (air_map_get_key_at (then, i), NULL);

      if (find_column (self->outputs, output) == NULL)
        return fail_below (error, place, output, "there is no such output; declare it in \"outputs\"");
    }
  rule->then = air_template_compile (then, env, &local);
  if (rule->then == NULL)
    return fail_below (error, place, local->message + (local->message[0] == '/' ? 1 : 0), NULL);
  for (guint i = 0; i < self->outputs->len; i++)
    {
      const AirPolicyColumn *column = g_ptr_array_index (self->outputs, i);
      const AirValue *value = air_map_get (then, column->id);
      const AirCelType *type;
      g_autofree char *want = air_cel_type_to_string (column->type);

      if (value == NULL)
        return fail_below (error, place, column->id, "is missing; every rule gives every output");
      type = air_cel_type_get_field (air_template_get_type (rule->then), column->id);
      if (!air_cel_type_accepts (column->type, type))
        {
          g_autofree char *got = air_cel_type_to_string (type);

          g_autofree char *message = g_strdup_printf ("must be of type %s, not %s", want, got);

          return fail_below (error, place, column->id, message);
        }
      if (!is_expression (value) && !is_allowed (column, value))
        return fail_below (error, place, column->id, "is none of the output's \"values\"");
    }
  return TRUE;
}

static gboolean
read_rules (AirPolicy *self, const AirValue *document, GError **error)
{
  const AirValue *list = air_map_get_list (document, "rules");
  g_autoptr (AirCelEnv) env = air_cel_env_new ();
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  if (list == NULL || air_list_get_size (list) == 0)
    return fail (error, "rules", "must be a list of at least one rule");
  for (guint i = 0; i < self->inputs->len; i++)
    {
      const AirPolicyColumn *column = g_ptr_array_index (self->inputs, i);

      air_cel_env_declare (env, column->id, column->type);
    }
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("rules[%" G_GSIZE_FORMAT "]", i);
      g_autoptr (AirPolicyRule) rule = g_new0 (AirPolicyRule, 1);
      const AirValue *item = air_list_get (list, i);

      rule->cells = g_ptr_array_new_with_free_func ((GDestroyNotify) cell_free);
      if (!check_keys (item, place, "id,when,then,why", error) || !read_string (item, place, "id", &rule->id, error))
        return FALSE;
      if (!is_name (rule->id))
        return fail (error, place, "\"id\": \"%s\" is no name; use a-z, 0-9 and _", rule->id);
      if (!g_hash_table_add (ids, rule->id))
        return fail (error, place, "\"id\": \"%s\" stands twice", rule->id);
      if (air_map_get (item, "why") != NULL && !read_string (item, place, "why", &rule->why, error))
        return FALSE;
      if (!read_when (self, rule, air_map_get (item, "when"), place, env, error)
          || !read_then (self, rule, air_map_get (item, "then"), place, env, error))
        return FALSE;
      g_ptr_array_add (self->rules, g_steal_pointer (&rule));
    }
  return TRUE;
}

/* --- hit policies and gates --------------------------------------------------------------- */

static gboolean
has_single_hit (const AirPolicy *self)
{
  return strchr ("UAPF", self->hit[0]) != NULL;
}

static gboolean
read_hit (AirPolicy *self, const AirValue *document, GError **error)
{
  static const char *const known[] = { "U", "A", "P", "F", "R", "O", "C", "C+", "C<", "C>", "C#", NULL };
  const AirPolicyColumn *first = g_ptr_array_index (self->outputs, 0);
  AirCelTypeKind kind = air_cel_type_get_kind (first->type);

  if (!read_string (document, "", "hit", &self->hit, error))
    return FALSE;
  if (!g_strv_contains (known, self->hit))
    return fail (error, "hit", "\"%s\" is no hit policy; use one of U A P F R O C C+ C< C> C#", self->hit);
  if ((self->hit[0] == 'P' || self->hit[0] == 'O') && first->values == NULL)
    return fail (error, "outputs[0]", "hit policy %s needs \"values\", the highest priority first", self->hit);
  if (self->hit[0] == 'C' && self->hit[1] != '\0' && self->hit[1] != '#'
      && (self->outputs->len != 1 || (kind != AIR_CEL_TYPE_INT && kind != AIR_CEL_TYPE_DYN)))
    return fail (error, "outputs", "hit policy %s needs exactly one output, of type int", self->hit);
  return TRUE;
}

static gboolean
read_exclude (AirPolicy *self, const AirValue *gate, GError **error)
{
  static const char *const known[] = { "trigger", "author", "requester", NULL };
  const AirValue *list = air_map_get_list (gate, "exclude");
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (list == NULL)
    return fail (error, "gate.exclude", "must be a list; write [] to exclude nobody");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);

      if (air_value_get_kind (item) != AIR_VALUE_STRING || !g_strv_contains (known, air_value_get_string (item, NULL)))
        return fail (error, "gate.exclude", "only \"trigger\", \"author\" and \"requester\" can be excluded");
      g_strv_builder_add (names, air_value_get_string (item, NULL));
    }
  self->exclude = g_strv_builder_end (names);
  return TRUE;
}

static gboolean
read_gate (AirPolicy *self, const AirValue *document, GError **error)
{
  const AirValue *gate = air_map_get (document, "gate");
  const AirPolicyColumn *quorum = find_column (self->outputs, "quorum");
  const AirPolicyColumn *role = find_column (self->outputs, "role");

  if (self->kind == AIR_POLICY_TABLE)
    {
      self->exclude = g_new0 (char *, 1);
      return gate == NULL || fail (error, "gate", "belongs to policies of kind \"gate\" only");
    }
  if (!check_keys (gate, "gate", "exclude,deadline_ms,on_expiry", error) || !read_exclude (self, gate, error))
    return FALSE;
  self->deadline_ms = air_map_get_int (gate, "deadline_ms", 0);
  if (self->deadline_ms <= 0)
    return fail (error, "gate.deadline_ms", "must be a whole number of milliseconds above 0");
  if (!read_string (gate, "gate", "on_expiry", &self->on_expiry, error))
    return FALSE;
  if (strcmp (self->on_expiry, "deny") != 0 && strcmp (self->on_expiry, "expire") != 0)
    return fail (error, "gate.on_expiry", "must be \"deny\" or \"expire\"; a gate that opens by itself is none");
  if (quorum == NULL || air_cel_type_get_kind (quorum->type) != AIR_CEL_TYPE_INT)
    return fail (error, "outputs", "a gate needs the output \"quorum\" of type int");
  if (role == NULL || air_cel_type_get_kind (role->type) != AIR_CEL_TYPE_STRING)
    return fail (error, "outputs", "a gate needs the output \"role\" of type string");
  return has_single_hit (self) || fail (error, "hit", "a gate needs one answer; use U, A, P or F");
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
  const char *kind;

  if (!check_keys (document, "", "$schema,id,version,kind,title,description,inputs,outputs,hit,rules,gate", error))
    return FALSE;
  if (g_strcmp0 (air_map_get_string (document, "$schema"), SCHEMA) != 0)
    return fail (error, "", "\"$schema\" must be \"" SCHEMA "\"");
  if (!read_string (document, "", "id", &self->id, error)
      || !read_string (document, "", "version", &self->version, error)
      || !read_string (document, "", "title", &self->title, error))
    return FALSE;
  kind = air_map_get_string (document, "kind");
  if (g_strcmp0 (kind, "table") != 0 && g_strcmp0 (kind, "gate") != 0)
    return fail (error, "", "\"kind\" must be \"table\" or \"gate\"");
  self->kind = strcmp (kind, "gate") == 0 ? AIR_POLICY_GATE : AIR_POLICY_TABLE;
  return TRUE;
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
  self->inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) column_free);
  self->outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) column_free);
  self->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) air_policy_rule_free);
  if (!read_head (self, document, error) || !read_columns (document, "inputs", FALSE, self->inputs, error)
      || !read_columns (document, "outputs", TRUE, self->outputs, error) || !read_hit (self, document, error)
      || !read_gate (self, document, error) || !read_rules (self, document, error))
    {
      if (self->id != NULL)
        g_prefix_error (error, "policy '%s': ", self->id);
      return NULL;
    }
  self->input_ids = g_new0 (char *, self->inputs->len + 1);
  for (guint i = 0; i < self->inputs->len; i++)
    self->input_ids[i] = g_strdup (((AirPolicyColumn *) self->inputs->pdata[i])->id);
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
  g_free (self);
}

const char *
air_policy_get_id (const AirPolicy *self)
{
  return self->id;
}

const char *
air_policy_get_version (const AirPolicy *self)
{
  return self->version;
}

const char *
air_policy_get_title (const AirPolicy *self)
{
  return self->title;
}

AirPolicyKind
air_policy_get_kind (const AirPolicy *self)
{
  return self->kind;
}

const char *
air_policy_get_hit (const AirPolicy *self)
{
  return self->hit;
}

const char *const *
air_policy_get_inputs (const AirPolicy *self)
{
  return (const char *const *) self->input_ids;
}

AirCelType *
air_policy_get_input_type (const AirPolicy *self, const char *id)
{
  const AirPolicyColumn *column = find_column (self->inputs, id);

  return column != NULL ? column->type : NULL;
}

AirCelType *
air_policy_get_output_type (const AirPolicy *self)
{
  return self->output_type;
}

const char *const *
air_policy_get_exclude (const AirPolicy *self)
{
  return (const char *const *) self->exclude;
}

gint64
air_policy_get_deadline_ms (const AirPolicy *self)
{
  return self->deadline_ms;
}

const char *
air_policy_get_on_expiry (const AirPolicy *self)
{
  return self->on_expiry;
}
