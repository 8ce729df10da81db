/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-effect.h"
#include "air-record.h"

/**
 * air_record_new:
 * @type: one of the `AIR_RECORD_*` names
 * @take_members: (transfer full)
 * @take_disclosed: (transfer full) (nullable): an empty map counts as none
 *
 * Returns: (transfer full): the record
 */
AirRecord *
air_record_new (const char *type,
                AirValue   *take_members,
                AirValue   *take_disclosed)
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
same_value (const AirValue *a,
            const AirValue *b)
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

gboolean
air_record_equal (const AirRecord *a,
                  const AirRecord *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return g_str_equal (a->type, b->type) && same_value (a->members, b->members)
         && same_value (a->disclosed, b->disclosed);
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
  g_free (self);
}
