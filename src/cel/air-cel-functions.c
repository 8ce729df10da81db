/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

/* The registry of functions, and those that need no file of their own. */

#define T(x) AIR_CEL_TYPE_##x

/* --- the registry ------------------------------------------------------------------ */

typedef struct {
  const char *name;
  gboolean member;
  guint n_args;
  GPtrArray *overloads;
} Group;

static GPtrArray *groups;

static Group *
find_group (const char *name, gboolean member, guint n_args)
{
  for (guint i = 0; i < groups->len; i++)
    {
      Group *group = g_ptr_array_index (groups, i);

      if (group->member == member && group->n_args == n_args && strcmp (group->name, name) == 0)
        return group;
    }
  return NULL;
}

static void
register_functions (const AirCelFunction *functions)
{
  for (; functions->name != NULL; functions++)
    {
      Group *group = find_group (functions->name, functions->member, functions->n_args);

      if (group == NULL)
        {
          group = g_new0 (Group, 1);
          group->name = functions->name;
          group->member = functions->member;
          group->n_args = functions->n_args;
          group->overloads = g_ptr_array_new ();
          g_ptr_array_add (groups, group);
        }
      g_ptr_array_add (group->overloads, (gpointer) functions);
    }
}

/* Made once and never changed: threads may read it freely. */
static void
ensure_registry (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  groups = g_ptr_array_new ();
  register_functions (air_cel_core_functions);
  register_functions (air_cel_conversion_functions);
  register_functions (air_cel_string_functions);
  register_functions (air_cel_time_functions);
  register_functions (air_cel_math_functions);
  register_functions (air_cel_network_functions);
  register_functions (air_cel_optional_functions);
  g_once_init_leave (&done, 1);
}

const AirCelFunction *const *
air_cel_find_functions (const char *name, gboolean member, guint n_args, guint *ret_n_overloads)
{
  const Group *group;

  ensure_registry ();
  group = find_group (name, member, n_args);
  *ret_n_overloads = group != NULL ? group->overloads->len : 0;
  return group != NULL ? (const AirCelFunction *const *) group->overloads->pdata : NULL;
}

guint
air_cel_know_function (const char *name, gboolean member)
{
  guint known = 0;

  ensure_registry ();
  for (guint i = 0; i < groups->len; i++)
    {
      const Group *group = g_ptr_array_index (groups, i);

      if (strcmp (group->name, name) == 0)
        known = MAX (known, group->member == member ? 2 : 1);
    }
  return known;
}

/* --- size, dyn, type ------------------------------------------------------------------ */

static gboolean
do_size (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gint64 size;

  switch (args[0].kind)
    {
    case AIR_CEL_TYPE_STRING:
      if (!air_cel_charge (frame, node, args[0].s.n / 16))
        return FALSE;
      size = air_cel_utf8_length (args[0].s.p, args[0].s.n);
      break;
    case AIR_CEL_TYPE_BYTES:
      size = (gint64) args[0].s.n;
      break;
    case AIR_CEL_TYPE_LIST:
      size = (gint64) air_list_get_size (args[0].box);
      break;
    default:
      size = (gint64) air_map_get_size (args[0].box);
      break;
    }
  air_cel_val_set_int (ret, size);
  return TRUE;
}

static gboolean
do_dyn (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  *ret = args[0];
  return TRUE;
}

static gboolean
do_type (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  ret->kind = AIR_CEL_TYPE_TYPE;
  ret->type = (AirCelTypeKind) args[0].kind;
  ret->box = NULL;
  return TRUE;
}

/* --- matches --------------------------------------------------------------------------- */

/* Linear in the text: one step costs a visit to every state of the pattern at most. */
static gboolean
do_matches (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  g_autoptr (AirRegex) own = NULL;
  g_autofree char *message = NULL;
  const AirRegex *regex = node->regex;

  if (regex == NULL)
    {
      if (!air_cel_charge (frame, node, 10 + args[1].s.n))
        return FALSE;
      own = air_regex_new (args[1].s.p, args[1].s.n, &message);
      if (own == NULL)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "regular expression \"%.*s\": %s",
                             (int) MIN (args[1].s.n, 80), args[1].s.p, message);
      regex = own;
    }
  if (!air_cel_charge (frame, node, 1 + args[0].s.n * air_regex_get_size (regex) / 16))
    return FALSE;
  air_cel_val_set_bool (ret, air_regex_search (regex, args[0].s.p, args[0].s.n));
  return TRUE;
}

/* --- Kubernetes' list functions --------------------------------------------------------- */

static gboolean
do_sum (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  static const AirCelNode plus = { .op = CEL_ADD };
  AirCelNode add = plus;
  gsize size = air_list_get_size (args[0].box);
  AirCelVal sum;

  add.pos = node->pos;
  if (!air_cel_charge (frame, node, size))
    return FALSE;
  if (size == 0)
    {
      if (node->value.kind != AIR_CEL_TYPE_NULL)
        *ret = node->value;
      else
        air_cel_val_set_int (ret, 0);
      return TRUE;
    }
  air_cel_val_from_value (&sum, air_list_get (args[0].box, 0));
  for (gsize i = 0; i < size; i++)
    {
      AirCelVal item, next;

      air_cel_val_from_value (&item, air_list_get (args[0].box, i));
      if (item.kind != AIR_CEL_TYPE_INT && item.kind != AIR_CEL_TYPE_UINT && item.kind != AIR_CEL_TYPE_DOUBLE
          && item.kind != AIR_CEL_TYPE_DURATION)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "sum() adds numbers and durations, not %s",
                             air_cel_type_kind_name (item.kind));
      if (i == 0)
        continue;
      if (!air_cel_eval_arithmetic (frame, &add, &sum, &item, &next))
        return FALSE;
      sum = next;
    }
  *ret = sum;
  return TRUE;
}

static gboolean
find_extreme (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, int sign, AirCelVal *ret)
{
  gsize size = air_list_get_size (args[0].box);

  if (!air_cel_charge (frame, node, size))
    return FALSE;
  if (size == 0)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "%s() of an empty list", node->name);
  air_cel_val_from_value (ret, air_list_get (args[0].box, 0));
  for (gsize i = 1; i < size; i++)
    {
      AirCelVal item;
      int c;

      air_cel_val_from_value (&item, air_list_get (args[0].box, i));
      c = air_cel_val_compare (&item, ret);
      if (c == 3)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "%s() cannot compare %s with %s", node->name,
                             air_cel_type_kind_name (item.kind), air_cel_type_kind_name (ret->kind));
      if (c == sign)
        *ret = item;
    }
  return TRUE;
}

static gboolean
do_min (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  return find_extreme (frame, node, args, -1, ret);
}

static gboolean
do_max (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  return find_extreme (frame, node, args, 1, ret);
}

const AirCelFunction air_cel_core_functions[] = {
  { "size", FALSE, 1, { T (STRING) }, T (INT), do_size },
  { "size", FALSE, 1, { T (BYTES) }, T (INT), do_size },
  { "size", FALSE, 1, { T (LIST) }, T (INT), do_size },
  { "size", FALSE, 1, { T (MAP) }, T (INT), do_size },
  { "size", TRUE, 1, { T (STRING) }, T (INT), do_size },
  { "size", TRUE, 1, { T (BYTES) }, T (INT), do_size },
  { "size", TRUE, 1, { T (LIST) }, T (INT), do_size },
  { "size", TRUE, 1, { T (MAP) }, T (INT), do_size },
  { "dyn", FALSE, 1, { T (DYN) }, T (DYN), do_dyn },
  { "type", FALSE, 1, { T (DYN) }, T (TYPE), do_type },
  { "matches", FALSE, 2, { T (STRING), T (STRING) }, T (BOOL), do_matches },
  { "matches", TRUE, 2, { T (STRING), T (STRING) }, T (BOOL), do_matches },
  { "sum", TRUE, 1, { T (LIST) }, T (DYN), do_sum, TRUE },
  { "min", TRUE, 1, { T (LIST) }, T (DYN), do_min, TRUE },
  { "max", TRUE, 1, { T (LIST) }, T (DYN), do_max, TRUE },
  { NULL },
};
