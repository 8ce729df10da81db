/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

AirCelNode *
air_cel_node_new (AirCelOp op, guint32 pos, guint n_args)
{
  AirCelNode *self = g_new0 (AirCelNode, 1);

  self->op = op;
  self->pos = pos;
  self->n_args = n_args;
  self->depth = 1;
  if (n_args > 0)
    self->args = g_new0 (AirCelNode *, n_args);
  return self;
}

void
air_cel_node_free (AirCelNode *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_args; i++)
    air_cel_node_free (self->args[i]);
  g_free (self->args);
  g_free (self->name);
  g_free (self->second_name);
  g_clear_pointer (&self->constant, air_value_unref);
  g_clear_pointer (&self->field_key, air_value_unref);
  g_clear_pointer (&self->regex, air_regex_free);
  g_free (self);
}

void
air_cel_node_set_name (AirCelNode *self, const char *name, gsize length)
{
  g_free (self->name);
  self->name = g_strndup (name, length);
  self->name_length = length;
}

void
air_cel_node_set_constant (AirCelNode *self, AirValue *take_value)
{
  g_clear_pointer (&self->constant, air_value_unref);
  self->op = CEL_LITERAL;
  self->constant = take_value;
  air_cel_val_from_value (&self->value, take_value);
}

void
air_cel_node_set_type_constant (AirCelNode *self, AirCelTypeKind kind)
{
  self->op = CEL_LITERAL;
  self->value.kind = AIR_CEL_TYPE_TYPE;
  self->value.type = kind;
  self->value.box = NULL;
}

/* Sets the depth from the arguments'. */
void
air_cel_node_measure (AirCelNode *self)
{
  guint depth = 0;

  for (guint i = 0; i < self->n_args; i++)
    depth = MAX (depth, self->args[i]->depth);
  self->depth = (guint16) MIN (depth + 1, G_MAXUINT16);
}

static gboolean
all_constant (const AirCelNode *self)
{
  for (guint i = 0; i < self->n_args; i++)
    if (self->args[i]->op != CEL_LITERAL || self->args[i]->constant == NULL || self->args[i]->optional)
      return FALSE;
  return TRUE;
}

static void
drop_args (AirCelNode *self)
{
  for (guint i = 0; i < self->n_args; i++)
    air_cel_node_free (self->args[i]);
  g_clear_pointer (&self->args, g_free);
  self->n_args = 0;
}

static AirValue *
fold_map (const AirCelNode *self)
{
  g_autoptr (AirValue) map = air_map_new ();

  for (guint i = 0; i + 1 < self->n_args; i += 2)
    {
      const AirCelVal *key = &self->args[i]->value;

      /* What is wrong with a key is said at evaluation. */
      if (key->kind != AIR_CEL_TYPE_BOOL && key->kind != AIR_CEL_TYPE_INT && key->kind != AIR_CEL_TYPE_UINT
          && key->kind != AIR_CEL_TYPE_STRING)
        return NULL;
      if (air_cel_map_find (map, key) != NULL)
        return NULL;
      air_map_set_value (map, air_value_ref (self->args[i]->constant), air_value_ref (self->args[i + 1]->constant));
    }
  return g_steal_pointer (&map);
}

void
air_cel_node_fold (AirCelNode *self)
{
  g_autoptr (AirValue) value = NULL;

  for (guint i = 0; i < self->n_args; i++)
    air_cel_node_fold (self->args[i]);
  if (!all_constant (self))
    return;

  switch (self->op)
    {
    case CEL_LIST:
      value = air_list_new ();
      for (guint i = 0; i < self->n_args; i++)
        air_list_append (value, air_value_ref (self->args[i]->constant));
      break;
    case CEL_MAP:
      value = fold_map (self);
      break;
    case CEL_NEG:
      if (self->args[0]->value.kind == AIR_CEL_TYPE_DOUBLE)
        value = air_value_new_double (-self->args[0]->value.d);
      else if (self->args[0]->value.kind == AIR_CEL_TYPE_INT && self->args[0]->value.i != G_MININT64)
        value = air_value_new_int (-self->args[0]->value.i);
      break;
    default:
      break;
    }
  if (value == NULL)
    return;
  drop_args (self);
  air_cel_node_set_constant (self, g_steal_pointer (&value));
}
