/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <math.h>
#include <string.h>

#include "air-value-private.h"

#define SMALL_MIN (-16)
#define SMALL_MAX 255
#define N_SMALL   (SMALL_MAX - SMALL_MIN + 1)

static AirValue null_value = { .ref_count = 1, .kind = AIR_VALUE_NULL, .immortal = TRUE };
static AirValue bool_values[2] = {
  { .ref_count = 1, .kind = AIR_VALUE_BOOL, .immortal = TRUE, .i = 0 },
  { .ref_count = 1, .kind = AIR_VALUE_BOOL, .immortal = TRUE, .i = 1 },
};
static AirValue empty_string = { .ref_count = 1, .kind = AIR_VALUE_STRING, .immortal = TRUE };
static AirValue small_ints[N_SMALL];

static AirValue *
get_small_ints (void)
{
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      for (int i = 0; i < N_SMALL; i++)
        small_ints[i] = (AirValue) { .ref_count = 1, .kind = AIR_VALUE_INT, .immortal = TRUE, .i = SMALL_MIN + i };
      g_once_init_leave (&ready, 1);
    }
  return small_ints;
}

static AirValue *
value_alloc (AirValueKind kind)
{
  AirValue *self = g_malloc (sizeof *self);

  self->ref_count = 1;
  self->kind = kind;
  self->immortal = FALSE;
  self->size = 0;
  self->capacity = 0;
  return self;
}

static void
value_free (AirValue *self)
{
  if (self->kind == AIR_VALUE_LIST)
    {
      for (gsize i = 0; i < self->size; i++)
        air_value_unref (self->items[i]);
      g_free (self->items);
    }
  else if (self->kind == AIR_VALUE_MAP)
    air_map_clear (self);
  g_free (self);
}

AirValue *
air_value_ref (AirValue *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (!self->immortal)
    g_atomic_int_inc (&self->ref_count);
  return self;
}

void
air_value_unref (AirValue *self)
{
  g_return_if_fail (self != NULL);

  if (!self->immortal && g_atomic_int_dec_and_test (&self->ref_count))
    value_free (self);
}

/**
 * air_value_new_null:
 *
 * Returns: (transfer full): null; static, so that reference counts do not matter
 */
AirValue *
air_value_new_null (void)
{
  return &null_value;
}

/**
 * air_value_new_bool:
 * @value: which
 *
 * Returns: (transfer full): true or false; static
 */
AirValue *
air_value_new_bool (gboolean value)
{
  return &bool_values[value ? 1 : 0];
}

/**
 * air_value_new_int:
 * @value: any int64; small ones are shared and cost no memory
 *
 * Returns: (transfer full): an int
 */
AirValue *
air_value_new_int (gint64 value)
{
  AirValue *self;

  if (value >= SMALL_MIN && value <= SMALL_MAX)
    return &get_small_ints ()[value - SMALL_MIN];
  self = value_alloc (AIR_VALUE_INT);
  self->i = value;
  return self;
}

/**
 * air_value_new_uint:
 * @value: any uint64
 *
 * What air_json_parse() makes of integers past int64, and CEL of "1u"; equal to the int of the same number.
 *
 * Returns: (transfer full): a uint
 */
AirValue *
air_value_new_uint (guint64 value)
{
  AirValue *self = value_alloc (AIR_VALUE_UINT);

  self->u = value;
  return self;
}

/**
 * air_value_new_double:
 * @value: any; air_jcs_write() refuses NaN and infinity
 *
 * Returns: (transfer full): a double
 */
AirValue *
air_value_new_double (double value)
{
  AirValue *self = value_alloc (AIR_VALUE_DOUBLE);

  self->d = value;
  return self;
}

static AirValue *
new_text (AirValueKind kind, const void *data, gsize length)
{
  AirValue *self;
  char *text;

  if (length >= G_MAXUINT32)
    g_error ("a string of %" G_GSIZE_FORMAT " bytes", length);
  self = g_malloc (MAX (sizeof *self, G_STRUCT_OFFSET (AirValue, text) + length + 1));
  self->ref_count = 1;
  self->kind = kind;
  self->immortal = FALSE;
  self->size = length;
  self->capacity = 0;
  /* Past the member's own end, where the block goes on. */
  text = (char *) self + G_STRUCT_OFFSET (AirValue, text);
  if (length > 0)
    memcpy (text, data, length);
  text[length] = '\0';
  return self;
}

/**
 * air_value_new_string:
 * @text: UTF-8; copied
 *
 * Returns: (transfer full): a string
 */
AirValue *
air_value_new_string (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return air_value_new_string_len (text, strlen (text));
}

/**
 * air_value_new_string_len:
 * @text: UTF-8; may hold NULs
 * @length: bytes of @text
 *
 * Copies @text. Writers of JSON refuse a string that is no valid UTF-8.
 *
 * Returns: (transfer full): a string value
 */
AirValue *
air_value_new_string_len (const char *text, gsize length)
{
  return length == 0 ? &empty_string : new_text (AIR_VALUE_STRING, text, length);
}

/**
 * air_value_new_bytes:
 * @data: (nullable): any bytes; copied
 * @length: how many
 *
 * Returns: (transfer full): bytes, which CEL knows and JSON does not
 */
AirValue *
air_value_new_bytes (const void *data, gsize length)
{
  return new_text (AIR_VALUE_BYTES, data, length);
}

/**
 * air_value_new_timestamp:
 * @unix_us: microseconds since the Unix epoch
 *
 * Returns: (transfer full): a timestamp
 */
AirValue *
air_value_new_timestamp (gint64 unix_us)
{
  AirValue *self = value_alloc (AIR_VALUE_TIMESTAMP);

  self->i = unix_us;
  return self;
}

/**
 * air_value_new_duration:
 * @us: microseconds, negative too
 *
 * Returns: (transfer full): a duration
 */
AirValue *
air_value_new_duration (gint64 us)
{
  AirValue *self = value_alloc (AIR_VALUE_DURATION);

  self->i = us;
  return self;
}

/**
 * air_value_get_kind:
 * @self: a value
 *
 * Returns: what it is; the getters below want the right one
 */
AirValueKind
air_value_get_kind (const AirValue *self)
{
  g_return_val_if_fail (self != NULL, AIR_VALUE_NULL);

  return self->kind;
}

/**
 * air_value_kind_to_string:
 * @kind: a kind
 *
 * Returns: (transfer none): its name in messages, "int" or "timestamp"; static
 */
const char *
air_value_kind_to_string (AirValueKind kind)
{
  static const char *const names[] = {
    "null", "bool", "int", "uint", "double", "string", "bytes", "list", "map", "timestamp", "duration",
  };

  g_return_val_if_fail ((gsize) kind < G_N_ELEMENTS (names), NULL);

  return names[kind];
}

/**
 * air_value_is_null:
 * @self: (nullable): a value, or none
 *
 * Returns: whether nothing is there: %NULL or a null
 */
gboolean
air_value_is_null (const AirValue *self)
{
  return self == NULL || self->kind == AIR_VALUE_NULL;
}

/**
 * air_value_get_bool:
 * @self: a bool; anything else is a programmer's error
 *
 * Returns: which
 */
gboolean
air_value_get_bool (const AirValue *self)
{
  g_return_val_if_fail (self != NULL && self->kind == AIR_VALUE_BOOL, FALSE);

  return self->i != 0;
}

/**
 * air_value_get_int:
 * @self: an int; anything else, a uint too, is a programmer's error
 *
 * Returns: the number
 */
gint64
air_value_get_int (const AirValue *self)
{
  g_return_val_if_fail (self != NULL && self->kind == AIR_VALUE_INT, 0);

  return self->i;
}

/**
 * air_value_get_uint:
 * @self: a uint; anything else is a programmer's error
 *
 * Returns: the number
 */
guint64
air_value_get_uint (const AirValue *self)
{
  g_return_val_if_fail (self != NULL && self->kind == AIR_VALUE_UINT, 0);

  return self->u;
}

/**
 * air_value_get_double:
 * @self: a double; anything else is a programmer's error
 *
 * Returns: the number
 */
double
air_value_get_double (const AirValue *self)
{
  g_return_val_if_fail (self != NULL && self->kind == AIR_VALUE_DOUBLE, 0);

  return self->d;
}

/**
 * air_value_get_string:
 * @self: a string
 * @ret_length: (out) (optional): its bytes; it may hold NULs
 *
 * Returns: (transfer none): UTF-8 with a final NUL, valid as long as @self
 */
const char *
air_value_get_string (const AirValue *self, gsize *ret_length)
{
  g_return_val_if_fail (self != NULL && self->kind == AIR_VALUE_STRING, NULL);

  if (ret_length != NULL)
    *ret_length = self->size;
  return self->text;
}

/**
 * air_value_get_bytes:
 * @self: bytes
 * @ret_length: (out) (optional): how many
 *
 * Returns: (transfer none): the bytes, valid as long as @self
 */
const guint8 *
air_value_get_bytes (const AirValue *self, gsize *ret_length)
{
  g_return_val_if_fail (self != NULL && self->kind == AIR_VALUE_BYTES, NULL);

  if (ret_length != NULL)
    *ret_length = self->size;
  return (const guint8 *) self->text;
}

/**
 * air_value_get_us:
 * @self: a timestamp or a duration
 *
 * Returns: microseconds, since the Unix epoch for a timestamp
 */
gint64
air_value_get_us (const AirValue *self)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (self->kind == AIR_VALUE_TIMESTAMP || self->kind == AIR_VALUE_DURATION, 0);

  return self->i;
}

/* --- equality --------------------------------------------------------------- */

static gboolean
is_number (const AirValue *self)
{
  return self->kind == AIR_VALUE_INT || self->kind == AIR_VALUE_UINT || self->kind == AIR_VALUE_DOUBLE;
}

/* A double that is a whole number of 64 bits, as that number. */
static gboolean
double_to_whole (double d, gboolean *ret_negative, guint64 *ret_magnitude)
{
  if (!(d >= -9223372036854775808.0 && d < 18446744073709551616.0) || d != floor (d))
    return FALSE;
  *ret_negative = d < 0;
  *ret_magnitude = d < 0 ? -(guint64) (gint64) d : (guint64) d;
  return TRUE;
}

static gboolean
number_to_whole (const AirValue *self, gboolean *ret_negative, guint64 *ret_magnitude)
{
  if (self->kind == AIR_VALUE_DOUBLE)
    return double_to_whole (self->d, ret_negative, ret_magnitude);
  *ret_negative = self->kind == AIR_VALUE_INT && self->i < 0;
  *ret_magnitude = *ret_negative ? -(guint64) self->i : self->u;
  return TRUE;
}

/* By value, exactly, across the number kinds: 1 == 1u == 1.0, and 2^53 + 1 is no double. */
static gboolean
numbers_equal (const AirValue *a, const AirValue *b)
{
  gboolean a_negative, b_negative;
  guint64 a_magnitude, b_magnitude;

  if (a->kind == b->kind)
    return a->kind == AIR_VALUE_DOUBLE ? a->d == b->d : a->u == b->u;
  return number_to_whole (a, &a_negative, &a_magnitude) && number_to_whole (b, &b_negative, &b_magnitude)
         && a_negative == b_negative && a_magnitude == b_magnitude;
}

/**
 * air_value_equal:
 * @a: a value
 * @b: another
 *
 * Equality as CEL has it: numbers of different kinds are equal when they are the
 * same number, NaN equals nothing, maps are equal in any order.
 *
 * Returns: whether @a equals @b
 */
gboolean
air_value_equal (const AirValue *a, const AirValue *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  if (is_number (a) && is_number (b))
    return numbers_equal (a, b);
  if (a->kind != b->kind)
    return FALSE;

  switch ((AirValueKind) a->kind)
    {
    case AIR_VALUE_NULL:
      return TRUE;
    case AIR_VALUE_BOOL:
    case AIR_VALUE_TIMESTAMP:
    case AIR_VALUE_DURATION:
      return a->i == b->i;
    case AIR_VALUE_STRING:
    case AIR_VALUE_BYTES:
      return a->size == b->size && memcmp (a->text, b->text, a->size) == 0;
    case AIR_VALUE_LIST:
      if (a->size != b->size)
        return FALSE;
      for (gsize i = 0; i < a->size; i++)
        if (!air_value_equal (a->items[i], b->items[i]))
          return FALSE;
      return TRUE;
    case AIR_VALUE_MAP:
      if (a->size != b->size)
        return FALSE;
      for (gsize i = 0; i < a->size; i++)
        {
          AirValue *other = air_map_lookup (b, a->map.entries[i].key);

          if (other == NULL || !air_value_equal (a->map.entries[i].value, other))
            return FALSE;
        }
      return TRUE;
    case AIR_VALUE_INT:
    case AIR_VALUE_UINT:
    case AIR_VALUE_DOUBLE:
      break;
    }
  g_assert_not_reached ();
}

static guint
mix (guint64 h)
{
  h ^= h >> 32;
  h *= G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  h ^= h >> 32;
  return (guint) h;
}

/* Seeded by where the program was loaded, so that nobody outside can prepare a
 * document whose keys all collide. */
guint
air_value_hash_string (const char *text, gsize length)
{
  guint64 h = (guint64) (gsize) &null_value ^ length;

  for (gsize i = 0; i < length; i++)
    h = (h ^ (guint8) text[i]) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + (h >> 29);
  return mix (h);
}

/**
 * air_value_hash:
 * @self: a value
 *
 * Agrees with air_value_equal(). Not stable from one process to the next.
 *
 * Returns: the same for values that are air_value_equal()
 */
guint
air_value_hash (const AirValue *self)
{
  gboolean negative;
  guint64 magnitude, h;

  g_return_val_if_fail (self != NULL, 0);

  switch ((AirValueKind) self->kind)
    {
    case AIR_VALUE_STRING:
    case AIR_VALUE_BYTES:
      return air_value_hash_string (self->text, self->size);
    case AIR_VALUE_LIST:
      h = self->size;
      for (gsize i = 0; i < self->size; i++)
        h = h * 31 + air_value_hash (self->items[i]);
      return mix (h);
    case AIR_VALUE_MAP:
      h = self->size;
      for (gsize i = 0; i < self->size; i++)
        h += mix ((guint64) air_value_hash (self->map.entries[i].key) * 31
                  + air_value_hash (self->map.entries[i].value));
      return mix (h);
    case AIR_VALUE_INT:
    case AIR_VALUE_UINT:
    case AIR_VALUE_DOUBLE:
      if (!number_to_whole (self, &negative, &magnitude))
        return mix (self->u);
      return mix (magnitude + negative * G_GUINT64_CONSTANT (0x5851f42d4c957f2d));
    case AIR_VALUE_NULL:
      return mix (1);
    case AIR_VALUE_BOOL:
    case AIR_VALUE_TIMESTAMP:
    case AIR_VALUE_DURATION:
      return mix (self->u + self->kind);
    }
  g_assert_not_reached ();
}

/* --- lists ------------------------------------------------------------------ */

/**
 * air_list_new:
 *
 * Returns: (transfer full): an empty list
 */
AirValue *
air_list_new (void)
{
  AirValue *self = value_alloc (AIR_VALUE_LIST);

  self->items = NULL;
  return self;
}

/**
 * air_list_append:
 * @list: a list nobody else holds
 * @take_item: (transfer full): the item
 */
void
air_list_append (AirValue *list, AirValue *take_item)
{
  g_return_if_fail (list != NULL && list->kind == AIR_VALUE_LIST && take_item != NULL);
  g_return_if_fail (g_atomic_int_get (&list->ref_count) == 1);

  if (list->size == list->capacity)
    {
      list->capacity = list->capacity == 0 ? 4 : list->capacity * 2;
      list->items = g_renew (AirValue *, list->items, list->capacity);
    }
  list->items[list->size++] = take_item;
}

/**
 * air_list_get_size:
 * @list: a list
 *
 * Returns: how many items it has
 */
gsize
air_list_get_size (const AirValue *list)
{
  g_return_val_if_fail (list != NULL && list->kind == AIR_VALUE_LIST, 0);

  return list->size;
}

/**
 * air_list_get:
 * @list: a list
 * @index: from 0
 *
 * Returns: (transfer none) (nullable): the item, or %NULL past the end
 */
AirValue *
air_list_get (const AirValue *list, gsize index)
{
  g_return_val_if_fail (list != NULL && list->kind == AIR_VALUE_LIST, NULL);

  return index < list->size ? list->items[index] : NULL;
}

/* --- pointers --------------------------------------------------------------- */

/* One reference token of RFC 6901, "~1" and "~0" undone. NULL on a stray "~". */
static char *
unescape_token (const char *token, gsize length)
{
  g_autofree char *plain = g_malloc (length + 1);
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (token[i] != '~')
        plain[n++] = token[i];
      else if (i + 1 < length && (token[i + 1] == '0' || token[i + 1] == '1'))
        plain[n++] = token[++i] == '0' ? '~' : '/';
      else
        return NULL;
    }
  plain[n] = '\0';
  return g_steal_pointer (&plain);
}

static gboolean
parse_index (const char *token, gsize *ret_index)
{
  guint64 index;

  if (!g_ascii_isdigit (token[0]) || (token[0] == '0' && token[1] != '\0')
      || !g_ascii_string_to_unsigned (token, 10, 0, G_MAXUINT32, &index, NULL))
    return FALSE;
  *ret_index = index;
  return TRUE;
}

/**
 * air_value_at:
 * @root: a value
 * @pointer: an RFC 6901 pointer; "" is @root itself
 *
 * Returns: (transfer none) (nullable): what stands there
 */
AirValue *
air_value_at (const AirValue *root, const char *pointer)
{
  const AirValue *here = root;

  g_return_val_if_fail (root != NULL && pointer != NULL, NULL);

  while (*pointer != '\0' && here != NULL)
    {
      g_autofree char *token = NULL;
      gsize length, index;

      if (*pointer++ != '/')
        return NULL;
      length = strcspn (pointer, "/");
      token = unescape_token (pointer, length);
      pointer += length;
      if (token == NULL)
        return NULL;
      if (here->kind == AIR_VALUE_MAP)
        here = air_map_get (here, token);
      else if (here->kind == AIR_VALUE_LIST && parse_index (token, &index))
        here = air_list_get (here, index);
      else
        return NULL;
    }
  return (AirValue *) here;
}
