/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <math.h>
#include <string.h>

#include "cel/air-cel-private.h"

G_STATIC_ASSERT ((int) AIR_CEL_TYPE_NULL == (int) AIR_VALUE_NULL);
G_STATIC_ASSERT ((int) AIR_CEL_TYPE_MAP == (int) AIR_VALUE_MAP);
G_STATIC_ASSERT ((int) AIR_CEL_TYPE_DURATION == (int) AIR_VALUE_DURATION);

/* Borrows everything from @value. */
void
air_cel_val_from_value (AirCelVal *ret, AirValue *value)
{
  ret->kind = (guint8) air_value_get_kind (value);
  ret->box = value;
  switch (ret->kind)
    {
    case AIR_CEL_TYPE_BOOL:
      ret->b = air_value_get_bool (value);
      break;
    case AIR_CEL_TYPE_INT:
      ret->i = air_value_get_int (value);
      break;
    case AIR_CEL_TYPE_UINT:
      ret->u = air_value_get_uint (value);
      break;
    case AIR_CEL_TYPE_DOUBLE:
      ret->d = air_value_get_double (value);
      break;
    case AIR_CEL_TYPE_STRING:
      ret->s.p = air_value_get_string (value, &ret->s.n);
      break;
    case AIR_CEL_TYPE_BYTES:
      ret->s.p = (const char *) air_value_get_bytes (value, &ret->s.n);
      break;
    case AIR_CEL_TYPE_TIMESTAMP:
    case AIR_CEL_TYPE_DURATION:
      ret->i = air_value_get_us (value);
      break;
    default:
      break;
    }
}

AirValue *
air_cel_val_box (const AirCelVal *self)
{
  if (self->kind > AIR_CEL_TYPE_DURATION)
    return NULL;
  if (self->box != NULL)
    return air_value_ref (self->box);
  switch (self->kind)
    {
    case AIR_CEL_TYPE_NULL:
      return air_value_new_null ();
    case AIR_CEL_TYPE_BOOL:
      return air_value_new_bool (self->b);
    case AIR_CEL_TYPE_INT:
      return air_value_new_int (self->i);
    case AIR_CEL_TYPE_UINT:
      return air_value_new_uint (self->u);
    case AIR_CEL_TYPE_DOUBLE:
      return air_value_new_double (self->d);
    case AIR_CEL_TYPE_STRING:
      return air_value_new_string_len (self->s.p, self->s.n);
    case AIR_CEL_TYPE_BYTES:
      return air_value_new_bytes (self->s.p, self->s.n);
    case AIR_CEL_TYPE_TIMESTAMP:
      return air_value_new_timestamp (self->i);
    case AIR_CEL_TYPE_DURATION:
      return air_value_new_duration (self->i);
    default:
      return NULL;
    }
}

void
air_cel_val_set_string (AirCelFrame *frame, AirCelVal *ret, char *take_text, gsize length)
{
  g_autofree char *text = take_text;

  air_cel_val_set_boxed (frame, ret, air_value_new_string_len (text, length));
}

/* --- comparison ---------------------------------------------------------------- */

static inline gboolean
is_number (guint8 kind)
{
  return kind == AIR_CEL_TYPE_INT || kind == AIR_CEL_TYPE_UINT || kind == AIR_CEL_TYPE_DOUBLE;
}

static inline int
order (gboolean less, gboolean greater)
{
  return less ? -1 : greater ? 1 : 0;
}

/*
 * Exact, since converting the integer to double would lose bits past 2^53; but
 * 2^63 equals what rounds to it, as the conformance cases have it.
 */
static int
compare_int_double (gint64 i, double d)
{
  double whole;

  if (isnan (d))
    return 2;
  if (d == 9223372036854775808.0 && (double) i == d)
    return 0;
  if (d >= 9223372036854775808.0)
    return -1;
  if (d < -9223372036854775808.0)
    return 1;
  whole = trunc (d);
  if (i != (gint64) whole)
    return i < (gint64) whole ? -1 : 1;
  return order (whole<d, whole> d);
}

static int
compare_uint_double (guint64 u, double d)
{
  double whole;

  if (isnan (d))
    return 2;
  if (d >= 18446744073709551616.0)
    return -1;
  if (d < 0)
    return 1;
  whole = trunc (d);
  if (u != (guint64) whole)
    return u < (guint64) whole ? -1 : 1;
  return order (whole<d, whole> d);
}

static inline int
invert (int order_of_swapped)
{
  return order_of_swapped == 2 ? 2 : -order_of_swapped;
}

static int
compare_numbers (const AirCelVal *a, const AirCelVal *b)
{
  switch (a->kind)
    {
    case AIR_CEL_TYPE_INT:
      if (b->kind == AIR_CEL_TYPE_INT)
        return order (a->i<b->i, a->i> b->i);
      if (b->kind == AIR_CEL_TYPE_UINT)
        return a->i < 0 ? -1 : order ((guint64) a->i<b->u, (guint64) a->i> b->u);
      return compare_int_double (a->i, b->d);
    case AIR_CEL_TYPE_UINT:
      if (b->kind == AIR_CEL_TYPE_UINT)
        return order (a->u<b->u, a->u> b->u);
      if (b->kind == AIR_CEL_TYPE_INT)
        return b->i < 0 ? 1 : order (a->u<(guint64) b->i, a->u> (guint64) b->i);
      return compare_uint_double (a->u, b->d);
    default:
      if (b->kind == AIR_CEL_TYPE_INT)
        return invert (compare_int_double (b->i, a->d));
      if (b->kind == AIR_CEL_TYPE_UINT)
        return invert (compare_uint_double (b->u, a->d));
      if (isnan (a->d) || isnan (b->d))
        return 2;
      return order (a->d<b->d, a->d> b->d);
    }
}

int
air_cel_val_compare (const AirCelVal *a, const AirCelVal *b)
{
  if (is_number (a->kind) && is_number (b->kind))
    return compare_numbers (a, b);
  if (a->kind != b->kind)
    return 3;
  switch (a->kind)
    {
    case AIR_CEL_TYPE_BOOL:
      return order (!a->b && b->b, a->b && !b->b);
    case AIR_CEL_TYPE_STRING: /* by code point, which is the order of UTF-8 bytes */
    case AIR_CEL_TYPE_BYTES:
      {
        int c = memcmp (a->s.p, b->s.p, MIN (a->s.n, b->s.n));

        return c != 0 ? order (c < 0, c > 0) : order (a->s.n<b->s.n, a->s.n> b->s.n);
      }
    case AIR_CEL_TYPE_TIMESTAMP:
    case AIR_CEL_TYPE_DURATION:
      return order (a->i<b->i, a->i> b->i);
    default:
      return 3;
    }
}

/* --- equality ------------------------------------------------------------------ */

static gboolean
lists_equal (AirCelFrame *frame, const AirCelNode *node, const AirValue *a, const AirValue *b, gboolean *ret_equal)
{
  gsize size = air_list_get_size (a);

  *ret_equal = size == air_list_get_size (b);
  for (gsize i = 0; *ret_equal && i < size; i++)
    {
      AirCelVal x, y;

      air_cel_val_from_value (&x, air_list_get (a, i));
      air_cel_val_from_value (&y, air_list_get (b, i));
      if (!air_cel_val_equal (frame, node, &x, &y, ret_equal))
        return FALSE;
    }
  return TRUE;
}

static gboolean
maps_equal (AirCelFrame *frame, const AirCelNode *node, const AirValue *a, const AirValue *b, gboolean *ret_equal)
{
  gsize size = air_map_get_size (a);

  *ret_equal = size == air_map_get_size (b);
  for (gsize i = 0; *ret_equal && i < size; i++)
    {
      AirCelVal key, x, y;
      AirValue *other;

      air_cel_val_from_value (&key, air_map_get_key_at (a, i));
      other = air_cel_map_find (b, &key);
      *ret_equal = other != NULL;
      if (other == NULL)
        break;
      air_cel_val_from_value (&x, air_map_get_value_at (a, i));
      air_cel_val_from_value (&y, other);
      if (!air_cel_val_equal (frame, node, &x, &y, ret_equal))
        return FALSE;
    }
  return TRUE;
}

/* Heterogeneous: values of different kinds are different, but numbers compare as numbers. Fails with COST only. */
gboolean
air_cel_val_equal (AirCelFrame *frame,
                   const AirCelNode *node,
                   const AirCelVal *a,
                   const AirCelVal *b,
                   gboolean *ret_equal)
{
  if (is_number (a->kind) && is_number (b->kind))
    {
      *ret_equal = compare_numbers (a, b) == 0;
      return TRUE;
    }
  *ret_equal = FALSE;
  if (a->kind != b->kind)
    return TRUE;
  switch (a->kind)
    {
    case AIR_CEL_TYPE_NULL:
      *ret_equal = TRUE;
      return TRUE;
    case AIR_CEL_TYPE_BOOL:
      *ret_equal = !a->b == !b->b;
      return TRUE;
    case AIR_CEL_TYPE_STRING:
    case AIR_CEL_TYPE_BYTES:
      if (a->s.n != b->s.n)
        return TRUE;
      *ret_equal = memcmp (a->s.p, b->s.p, a->s.n) == 0;
      return air_cel_charge (frame, node, a->s.n / 64);
    case AIR_CEL_TYPE_TIMESTAMP:
    case AIR_CEL_TYPE_DURATION:
      *ret_equal = a->i == b->i;
      return TRUE;
    case AIR_CEL_TYPE_TYPE:
      *ret_equal = a->type == b->type;
      return TRUE;
    case AIR_CEL_TYPE_OPTIONAL:
      if (a->box == NULL || b->box == NULL)
        *ret_equal = a->box == b->box;
      else
        {
          AirCelVal x, y;

          air_cel_val_from_value (&x, a->box);
          air_cel_val_from_value (&y, b->box);
          return air_cel_val_equal (frame, node, &x, &y, ret_equal);
        }
      return TRUE;
    case AIR_CEL_TYPE_IP:
    case AIR_CEL_TYPE_CIDR:
      *ret_equal = air_value_equal (a->box, b->box);
      return TRUE;
    case AIR_CEL_TYPE_LIST:
      return air_cel_charge (frame, node, 1 + air_list_get_size (a->box))
             && lists_equal (frame, node, a->box, b->box, ret_equal);
    case AIR_CEL_TYPE_MAP:
      return air_cel_charge (frame, node, 1 + air_map_get_size (a->box))
             && maps_equal (frame, node, a->box, b->box, ret_equal);
    default:
      g_return_val_if_reached (TRUE);
    }
}

/* --- keys ------------------------------------------------------------------------ */

static AirValue *
find_int (const AirValue *map, gint64 key)
{
  g_autoptr (AirValue) value = air_value_new_int (key);

  return air_map_lookup (map, value);
}

static AirValue *
find_uint (const AirValue *map, guint64 key)
{
  g_autoptr (AirValue) value = air_value_new_uint (key);

  return air_map_lookup (map, value);
}

AirValue *
air_cel_map_find (const AirValue *map, const AirCelVal *key)
{
  AirValue *found = NULL;

  switch (key->kind)
    {
    case AIR_CEL_TYPE_INT:
      found = find_int (map, key->i);
      if (found == NULL && key->i >= 0)
        found = find_uint (map, (guint64) key->i);
      return found;
    case AIR_CEL_TYPE_UINT:
      found = find_uint (map, key->u);
      if (found == NULL && key->u <= G_MAXINT64)
        found = find_int (map, (gint64) key->u);
      return found;
    case AIR_CEL_TYPE_DOUBLE:
      if (trunc (key->d) != key->d)
        return NULL;
      if (key->d >= -9223372036854775808.0 && key->d < 9223372036854775808.0)
        found = find_int (map, (gint64) key->d);
      if (found == NULL && key->d >= 0 && key->d < 18446744073709551616.0)
        found = find_uint (map, (guint64) key->d);
      return found;
    case AIR_CEL_TYPE_BOOL:
    case AIR_CEL_TYPE_NULL:
    case AIR_CEL_TYPE_STRING:
      {
        g_autoptr (AirValue) value = air_cel_val_box (key);

        return air_map_lookup (map, value);
      }
    default:
      return NULL;
    }
}

/**
 * air_cel_val_to_text:
 *
 * Returns: (transfer full) (nullable): what string() gives; %NULL for null,
 *   lists, maps, types, and bytes that are not UTF-8
 */
char *
air_cel_val_to_text (const AirCelVal *self, gsize *ret_length)
{
  char *text;

  switch (self->kind)
    {
    case AIR_CEL_TYPE_BOOL:
      text = g_strdup (self->b ? "true" : "false");
      break;
    case AIR_CEL_TYPE_INT:
      text = g_strdup_printf ("%" G_GINT64_FORMAT, self->i);
      break;
    case AIR_CEL_TYPE_UINT:
      text = g_strdup_printf ("%" G_GUINT64_FORMAT, self->u);
      break;
    case AIR_CEL_TYPE_DOUBLE:
      text = air_cel_double_to_string (self->d);
      break;
    case AIR_CEL_TYPE_BYTES:
      if (!air_cel_utf8_is_valid (self->s.p, self->s.n))
        return NULL;
      G_GNUC_FALLTHROUGH;
    case AIR_CEL_TYPE_STRING:
      *ret_length = self->s.n;
      text = g_malloc (self->s.n + 1);
      memcpy (text, self->s.p, self->s.n);
      text[self->s.n] = '\0';
      return text;
    case AIR_CEL_TYPE_TIMESTAMP:
      text = air_cel_timestamp_to_string (self->i);
      break;
    case AIR_CEL_TYPE_DURATION:
      text = air_cel_duration_to_string (self->i);
      break;
    case AIR_CEL_TYPE_IP:
    case AIR_CEL_TYPE_CIDR:
      text = air_cel_network_to_string (self);
      break;
    default:
      return NULL;
    }
  *ret_length = strlen (text);
  return text;
}
