/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include "policy/air-gate-edit.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "policy/air-policy-private.h"

#define MAX_EDITS 32

static gpointer fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gpointer
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT, message);
  return NULL;
}

/* RFC 6901: ~1 is '/', ~0 is '~', and nothing else follows a '~'. */
static char *
unescape (const char *token)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (; *token != '\0'; token++)
    if (*token != '~')
      g_string_append_c (text, *token);
    else if (token[1] == '0' || token[1] == '1')
      g_string_append_c (text, *++token == '0' ? '~' : '/');
    else
      return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* RFC 6901: no sign, no zero before other digits. */
static gboolean
is_index (const char *token, gsize size, guint64 *ret_index)
{
  return (token[0] != '0' || token[1] == '\0')
         && g_ascii_string_to_unsigned (token, 10, 0, G_MAXUINT16, ret_index, NULL) && *ret_index < size;
}

/* In how many ways "a.b" leads somewhere: to "b" in "a", or to a member of just that name. */
static guint
count_ways (const AirValue *tree, const char *path)
{
  const char *end = path;
  guint n = 0;

  if (tree == NULL || air_value_get_kind (tree) != AIR_VALUE_MAP)
    return 0;
  while (*end != '\0')
    {
      g_autofree char *name = NULL;
      const AirValue *child;

      end += strcspn (end + 1, ".") + 1;
      name = g_strndup (path, (gsize) (end - path));
      child = air_map_get (tree, name);
      if (child != NULL)
        n += *end == '\0' ? 1 : count_ways (child, end + 1);
    }
  return n;
}

/* What @names lead to below @tree, and a copy of the tree with @value there. Only members that are there. */
static AirValue *
replace (const AirValue *tree, const char *const *names, AirValue *value, const AirValue **ret_before)
{
  g_autoptr (AirValue) copy = NULL;
  AirValue *child, *changed;

  if (*names == NULL)
    {
      *ret_before = tree;
      return air_value_ref (value);
    }
  if (air_value_get_kind (tree) != AIR_VALUE_MAP)
    return NULL;
  child = air_map_get (tree, *names);
  if (child == NULL || (changed = replace (child, names + 1, value, ret_before)) == NULL)
    return NULL;
  copy = air_map_copy (tree);
  air_map_set (copy, *names, changed);
  return g_steal_pointer (&copy);
}

/* What @names lead to, or NULL. */
static const AirValue *
look_up (const AirValue *tree, const char *const *names)
{
  for (; tree != NULL && *names != NULL; names++)
    tree = air_value_get_kind (tree) == AIR_VALUE_MAP ? air_map_get (tree, *names) : NULL;
  return tree;
}

static gboolean
check_conditions (const AirValue *conditions,
                  const char *path,
                  const AirValue *before,
                  const AirValue *value,
                  GError **error)
{
  g_autoptr (AirValue) names = air_map_new ();

  air_map_set (names, "before", air_value_ref ((AirValue *) before));
  air_map_set (names, "value", air_value_ref ((AirValue *) value));
  for (gsize i = 0; i < air_list_get_size (conditions); i++)
    {
      const char *text = air_list_get_string (conditions, i);
      g_autoptr (AirCelProgram) program = NULL;
      gboolean holds = FALSE;

      if (text == NULL)
        {
          fail (error, "a condition on \"%s\" is no text", path);
          return FALSE;
        }
      if (!air_policy_compile_edit (text, &program, error))
        return FALSE;
      if (program != NULL && (!air_cel_eval_bool (program, names, 0, &holds, NULL) || !holds))
        {
          fail (error, "\"%s\" may only be changed to what fits \"%s\"; change it less, or deny and ask anew", path,
                text);
          return FALSE;
        }
    }
  return TRUE;
}

/* "book.charge" of the caller is "charge" in the workflow that runs as "book", and so in the policies written for it. */
static const char *
own_name (const char *node)
{
  const char *dot = strrchr (node, '.');

  return dot != NULL ? dot + 1 : node;
}

static const char *
skip_node (const char *path, const char *node)
{
  gsize length = strlen (node);

  return strncmp (path, node, length) == 0 && path[length] == '.' && path[length + 1] != '\0' ? path + length + 1
                                                                                              : NULL;
}

/**
 * air_gate_edit_get_field:
 * @item: one of a gate's actions
 * @path: "node.field", the node by its whole name or as its own workflow calls it
 *
 * Returns: (nullable): the part of @path that is the field, "customer.name", when it speaks of this action
 */
const char *
air_gate_edit_get_field (const AirValue *item, const char *path)
{
  const char *node = air_map_get_string (item, "node");
  const char *field = node != NULL ? skip_node (path, node) : NULL;

  return field != NULL || node == NULL ? field : skip_node (path, own_name (node));
}

/* What @allowed says of a field of a node; NULL: nothing. */
static const AirValue *
get_conditions (const AirValue *allowed, const char *node, const char *fields)
{
  const char *names[] = { node, own_name (node) };
  const AirValue *conditions = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names) && conditions == NULL; i++)
    {
      g_autofree char *path = g_strconcat (names[i], ".", fields, NULL);

      conditions = air_map_get_list (allowed, path);
    }
  return conditions;
}

static AirValue *
apply_one (const AirValue *action, const AirValue *allowed, const AirValue *edit, GError **error)
{
  const char *op = air_value_get_kind (edit) == AIR_VALUE_MAP ? air_map_get_string (edit, "op") : NULL;
  const char *pointer = op != NULL ? air_map_get_string (edit, "path") : NULL;
  AirValue *value = op != NULL ? air_map_get (edit, "value") : NULL;
  g_auto (GStrv) tokens = NULL;
  g_autoptr (AirValue) changed = NULL, item = NULL, list = air_list_new ();
  g_autofree char *path = NULL, *fields = NULL;
  const AirValue *conditions, *before = NULL, *first, *old;
  guint64 index;

  if (g_strcmp0 (op, "replace") != 0 || pointer == NULL || value == NULL || air_map_get_size (edit) != 3)
    return fail (error, "an edit replaces: {\"op\": \"replace\", \"path\": \"/0/input/…\", \"value\": …}");
  tokens = g_strsplit (pointer, "/", -1);
  if (g_strv_length (tokens) < 4 || tokens[0][0] != '\0' || strcmp (tokens[2], "input") != 0
      || !is_index (tokens[1], air_list_get_size (action), &index))
    return fail (error, "\"%s\" leads to no field of an action's input", pointer);
  for (guint i = 3; tokens[i] != NULL; i++)
    {
      char *plain = unescape (tokens[i]);

      if (plain == NULL)
        return fail (error, "\"%s\" is no JSON Pointer: '~' is written '~0', '/' is written '~1'", pointer);
      g_free (tokens[i]);
      tokens[i] = plain;
    }
  old = air_list_get (action, index);
  if (air_map_get_string (old, "node") == NULL || air_map_get_map (old, "input") == NULL)
    return fail (error, "\"%s\" leads to no action", pointer);
  fields = g_strjoinv (".", tokens + 3);
  path = g_strdup_printf ("%s.%s", air_map_get_string (old, "node"), fields);
  if (count_ways (air_map_get (old, "input"), fields) > 1)
    return fail (error, "\"%s\" may mean several fields of the action; deny, or approve it as it is", path);
  conditions = get_conditions (allowed, air_map_get_string (old, "node"), fields);
  if (conditions == NULL)
    return fail (error, "the policy lets nobody change \"%s\" here; deny, or approve it as it is", path);
  changed = replace (air_map_get (old, "input"), (const char *const *) tokens + 3, value, &before);
  if (changed == NULL)
    return fail (error, "\"%s\" is not there; only what the action holds can be changed", path);
  if (air_value_get_kind (before) != air_value_get_kind (value))
    return fail (error, "\"%s\" is of type %s, not %s", path, air_value_kind_to_string (air_value_get_kind (before)),
                 air_value_kind_to_string (air_value_get_kind (value)));
  /* Of what was edited before, what was asked for counts as well: no number of small steps leads farther than one. */
  first = look_up (air_map_get_map (old, "was"), (const char *const *) tokens + 3);
  if (!check_conditions (conditions, path, before, value, error)
      || (first != NULL && !check_conditions (conditions, path, first, value, error)))
    return NULL;
  item = air_map_copy (old);
  if (air_map_get (old, "was") == NULL)
    air_map_set (item, "was", air_value_ref (air_map_get (old, "input")));
  air_map_set (item, "input", g_steal_pointer (&changed));
  for (gsize i = 0; i < air_list_get_size (action); i++)
    air_list_append (list, i == index ? g_steal_pointer (&item) : air_value_ref (air_list_get (action, i)));
  return g_steal_pointer (&list);
}

/* The action may come from a runtime that is not to be believed. */
static gboolean
is_action (const AirValue *action)
{
  if (action == NULL || air_value_get_kind (action) != AIR_VALUE_LIST)
    return FALSE;
  for (gsize i = 0; i < air_list_get_size (action); i++)
    {
      const AirValue *item = air_list_get (action, i);

      if (air_map_get_string (item, "node") == NULL || air_map_get_map (item, "input") == NULL)
        return FALSE;
    }
  return TRUE;
}

/**
 * air_gate_edit_apply:
 * @action: list of {node, operation, title, input, idempotency_key}, as the gate shows it; not changed
 * @allowed: (nullable): map of path to the list of conditions; %NULL: nothing may be edited
 * @patch: list of {op, path, value}, path "/0/input/amount_minor"
 * @error: return location
 *
 * Changes an action as a person who edits wants it, within what the policy allows: RFC 6902, its "replace" only.
 *
 * Returns: (transfer full): the action as changed, every changed item with its former input as `was`; or %NULL with
 *   %AIR_POLICY_ERROR_INPUT in words that name the field and the rule
 */
AirValue *
air_gate_edit_apply (const AirValue *action, const AirValue *allowed, const AirValue *patch, GError **error)
{
  g_autoptr (AirValue) edited = NULL;
  gboolean changes = FALSE;

  if (!is_action (action))
    return fail (error, "the gate shows no action that could be changed");
  if (patch == NULL || air_value_get_kind (patch) != AIR_VALUE_LIST || air_list_get_size (patch) == 0
      || air_list_get_size (patch) > MAX_EDITS)
    return fail (error, "an edit changes at least one field and at most %d", MAX_EDITS);
  edited = air_value_ref ((AirValue *) action);
  for (gsize i = 0; i < air_list_get_size (patch); i++)
    {
      AirValue *next = apply_one (edited, allowed, air_list_get (patch, i), error);

      if (next == NULL)
        return NULL;
      air_value_unref (edited);
      edited = next;
    }
  for (gsize i = 0; i < air_list_get_size (edited); i++)
    {
      const AirValue *before = air_map_get (air_list_get (action, i), "input");

      changes = changes || !air_value_equal (air_map_get (air_list_get (edited, i), "input"), before);
    }
  if (!changes)
    return fail (error, "the edit changes nothing; approve instead");
  return g_steal_pointer (&edited);
}

/**
 * air_gate_edit_digest:
 * @action: an action
 *
 * Returns: (transfer full) (nullable): "sha256:<hex>" of the JCS of the action: what the person who edits signs. %NULL
 *   when it cannot be written
 */
char *
air_gate_edit_digest (const AirValue *action)
{
  gsize length;
  g_autofree char *text = air_jcs_write (action, &length, NULL), *hex = NULL;
  AirDigest digest;

  if (text == NULL)
    return NULL;
  digest = air_sha256 (text, length);
  hex = air_digest_to_hex (&digest);
  return g_strconcat ("sha256:", hex, NULL);
}

/**
 * air_gate_edit_patch:
 * @action: the action that the gate shows
 * @path: "node.field"
 * @take_value: (transfer full): what the field is to be
 * @error: return location
 *
 * Whether the field may be edited, air_gate_edit_apply() says.
 *
 * Returns: (transfer full): the patch that sets this one field, or %NULL with %AIR_POLICY_ERROR_INPUT when there is
 *   none such
 */
AirValue *
air_gate_edit_patch (const AirValue *action, const char *path, AirValue *take_value, GError **error)
{
  g_autoptr (AirValue) value = take_value;

  for (gsize i = 0; action != NULL && i < air_list_get_size (action); i++)
    {
      const char *field = air_gate_edit_get_field (air_list_get (action, i), path);

      if (field != NULL)
        {
          g_auto (GStrv) fields = g_strsplit (field, ".", -1);
          g_autofree char *joined = g_strjoinv ("/", fields);
          g_autofree char *pointer = g_strdup_printf ("/%" G_GSIZE_FORMAT "/input/%s", i, joined);
          AirValue *edit = air_map_new ();

          air_map_set_string (edit, "op", "replace");
          air_map_set_string (edit, "path", pointer);
          air_map_set (edit, "value", g_steal_pointer (&value));
          return edit;
        }
    }
  return fail (error, "\"%s\" names no field of an action here; write NODE.FIELD as \"gate show\" lists them", path);
}
