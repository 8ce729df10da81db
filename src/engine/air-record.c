/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include <math.h>

#include "air-effect.h"
#include "air-record.h"

/* I-JSON's integers, and half of what the strict reader allows: records wrap what they hold. */
#define MAX_INTEGER (G_GINT64_CONSTANT (1) << 53)
#define MAX_DEPTH   32
/* Of one value; a disclosure, which may hold several, has a bound of its own. */
#define MAX_SIZE (1024 * 1024)

/**
 * air_record_new:
 * @type: one of the `AIR_RECORD_*` names
 * @take_members: (transfer full)
 * @take_disclosed: (transfer full) (nullable): an empty map counts as none
 *
 * Returns: (transfer full): the record
 */
AirRecord *
air_record_new (const char *type, AirValue *take_members, AirValue *take_disclosed)
{
  AirRecord *self = g_new0 (AirRecord, 1);

  self->type = g_strdup (type);
  self->members = take_members;
  if (take_disclosed != NULL && air_map_get_size (take_disclosed) == 0)
    g_clear_pointer (&take_disclosed, air_value_unref);
  self->disclosed = take_disclosed;
  return self;
}

void
air_record_free (AirRecord *self)
{
  if (self == NULL)
    return;
  g_free (self->type);
  g_clear_pointer (&self->members, air_value_unref);
  g_clear_pointer (&self->disclosed, air_value_unref);
  g_free (self);
}

/* Maps of records are compared as sets of members: the ledger hands them back in another order. */
static gboolean
same_value (const AirValue *a, const AirValue *b)
{
  AirValueKind kind;

  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL)
    return FALSE;
  kind = air_value_get_kind (a);
  if (kind == AIR_VALUE_MAP && air_value_get_kind (b) == AIR_VALUE_MAP)
    {
      gsize n = air_map_get_size (a);

      if (n != air_map_get_size (b))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        if (!same_value (air_map_get_value_at (a, i), air_map_lookup (b, air_map_get_key_at (a, i))))
          return FALSE;
      return TRUE;
    }
  if (kind == AIR_VALUE_LIST && air_value_get_kind (b) == AIR_VALUE_LIST)
    {
      gsize n = air_list_get_size (a);

      if (n != air_list_get_size (b))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        if (!same_value (air_list_get (a, i), air_list_get (b, i)))
          return FALSE;
      return TRUE;
    }
  return air_value_equal (a, b);
}

/**
 * air_record_is_from_outside:
 * @self: a record
 *
 * Returns: whether it is a trigger, a signal or a control: it needs no decision of the engine's before it
 */
gboolean
air_record_is_from_outside (const AirRecord *self)
{
  return g_str_equal (self->type, AIR_RECORD_TRIGGER_RECEIVED) || g_str_equal (self->type, AIR_RECORD_SIGNAL)
         || g_str_equal (self->type, AIR_RECORD_RUN_CONTROLLED);
}

/**
 * air_record_equal:
 * @a: a record
 * @b: another
 *
 * Returns: whether type, members and disclosed values are equal; values compare as JSON, keys in any order
 */
gboolean
air_record_equal (const AirRecord *a, const AirRecord *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return g_str_equal (a->type, b->type) && same_value (a->members, b->members)
         && same_value (a->disclosed, b->disclosed);
}

static const char *
find_unwritable (const AirValue *value, guint depth)
{
  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_NULL:
    case AIR_VALUE_BOOL:
    case AIR_VALUE_STRING:
      return NULL;
    case AIR_VALUE_INT:
      return air_value_get_int (value) >= -MAX_INTEGER && air_value_get_int (value) <= MAX_INTEGER
                 ? NULL
                 : "a number beyond 2^53; make a text of it";
    case AIR_VALUE_UINT:
      return air_value_get_uint (value) <= (guint64) MAX_INTEGER ? NULL : "a number beyond 2^53; make a text of it";
    case AIR_VALUE_DOUBLE:
      return isfinite (air_value_get_double (value)) ? NULL : "a number that is not finite";
    case AIR_VALUE_LIST:
      if (depth == 0)
        return "values nested too deep";
      for (gsize i = 0; i < air_list_get_size (value); i++)
        {
          const char *found = find_unwritable (air_list_get (value, i), depth - 1);

          if (found != NULL)
            return found;
        }
      return NULL;
    case AIR_VALUE_MAP:
      if (depth == 0)
        return "values nested too deep";
      for (gsize i = 0; i < air_map_get_size (value); i++)
        {
          const char *found = air_value_get_kind (air_map_get_key_at (value, i)) != AIR_VALUE_STRING
                                  ? "a map whose keys are no texts"
                                  : find_unwritable (air_map_get_value_at (value, i), depth - 1);

          if (found != NULL)
            return found;
        }
      return NULL;
    case AIR_VALUE_BYTES:
      return "bytes; encode them as base64";
    case AIR_VALUE_TIMESTAMP:
    case AIR_VALUE_DURATION:
      return "a time; write string () around it";
    }
  return "a value of no known kind";
}

/**
 * air_record_measure:
 * @value: what would be recorded
 * @limit: bytes, past which it is not counted on
 *
 * Returns: what it will take as JSON, roughly and not less
 */
gsize
air_record_measure (const AirValue *value, gsize limit)
{
  gsize size = 24, length;
  const char *text;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_STRING:
      text = air_value_get_string (value, &length);
      for (gsize i = 0; i < length; i++)
        size += (guchar) text[i] < 0x20 ? 6 : text[i] == '"' || text[i] == '\\' ? 2 : 1;
      return size;
    case AIR_VALUE_LIST:
      for (gsize i = 0; i < air_list_get_size (value) && size <= limit; i++)
        size += air_record_measure (air_list_get (value, i), limit);
      return size;
    case AIR_VALUE_MAP:
      for (gsize i = 0; i < air_map_get_size (value) && size <= limit; i++)
        size += air_record_measure (air_map_get_key_at (value, i), limit)
                + air_record_measure (air_map_get_value_at (value, i), limit);
      return size;
    case AIR_VALUE_NULL:
    case AIR_VALUE_BOOL:
    case AIR_VALUE_INT:
    case AIR_VALUE_UINT:
    case AIR_VALUE_DOUBLE:
    case AIR_VALUE_BYTES:
    case AIR_VALUE_TIMESTAMP:
    case AIR_VALUE_DURATION:
      break;
    }
  return size;
}

/**
 * air_record_can_hold:
 * @value: (nullable): what would be recorded
 * @ret_message: (out) (optional) (transfer full): what it holds that it may not
 *
 * What a record can hold: JSON, integers within 2^53, at most a mebibyte, not nested too deep.
 *
 * Returns: whether it can
 */
gboolean
air_record_can_hold (const AirValue *value, char **ret_message)
{
  const char *found = value != NULL ? find_unwritable (value, MAX_DEPTH) : NULL;

  if (found == NULL && value != NULL && air_record_measure (value, MAX_SIZE) > MAX_SIZE)
    found = "more than a mebibyte; keep large things elsewhere and name them here";

  if (found != NULL && ret_message != NULL)
    *ret_message = g_strdup_printf ("it holds %s", found);
  return found == NULL;
}

void
air_effect_free (AirEffect *self)
{
  if (self == NULL)
    return;
  switch (self->kind)
    {
    case AIR_EFFECT_CALL:
      g_clear_pointer (&self->call.input, air_value_unref);
      g_clear_pointer (&self->call.run, air_value_unref);
      g_free ((char *) self->call.idempotency_key);
      break;
    case AIR_EFFECT_TIMER:
    case AIR_EFFECT_TIMER_CANCEL:
      g_free (self->timer.id);
      break;
    case AIR_EFFECT_FINISHED:
      g_clear_pointer (&self->finished.output, air_value_unref);
      break;
    case AIR_EFFECT_GATE_OPENED:
    case AIR_EFFECT_GATE_CLOSED:
      break;
    }
  g_free (self->step);
  g_free (self);
}
