/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <stdatomic.h>
#include <string.h>

#include "air-value-private.h"

/* Most maps are small: a flat array searched from the start beats any table.
 * Past this many keys the map grows an index. */
#define INDEX_FROM 17

/**
 * air_map_new:
 *
 * Returns: (transfer full): an empty map; it keeps the order of insertion, its keys are null, bool, int, uint or
 *   string
 */
AirValue *
air_map_new (void)
{
  AirValue *self = g_malloc (sizeof *self);

  memset (self, 0, sizeof *self);
  self->ref_count = 1;
  self->kind = AIR_VALUE_MAP;
  return self;
}

void
air_map_clear (AirValue *self)
{
  for (gsize i = 0; i < self->size; i++)
    {
      air_value_unref (self->map.entries[i].key);
      air_value_unref (self->map.entries[i].value);
    }
  g_free (self->map.entries);
  g_free (self->map.index);
}

static void
index_put (AirValue *self, guint32 number)
{
  const guint32 mask = self->map.index[0];
  guint32 *slots = self->map.index + 1;
  guint32 slot = air_value_hash (self->map.entries[number].key) & mask;

  while (slots[slot] != 0)
    slot = (slot + 1) & mask;
  slots[slot] = number + 1;
}

static void
index_rebuild (AirValue *self)
{
  gsize slots = 64;

  g_clear_pointer (&self->map.index, g_free);
  if (self->size < INDEX_FROM)
    return;
  while (slots < self->size * 4)
    slots *= 2;
  self->map.index = g_new0 (guint32, slots + 1);
  self->map.index[0] = slots - 1;
  for (gsize i = 0; i < self->size; i++)
    index_put (self, i);
}

static gboolean
is_string_key (const AirMapEntry *entry, const char *key, gsize length)
{
  return entry->key->kind == AIR_VALUE_STRING && entry->key->size == length
         && memcmp (entry->key->text, key, length) == 0;
}

static AirMapEntry *
find_string (const AirValue *self, const char *key, gsize length)
{
  const guint32 *slots;
  guint32 mask;

  if (self->map.index == NULL)
    {
      for (gsize i = 0; i < self->size; i++)
        if (is_string_key (&self->map.entries[i], key, length))
          return &self->map.entries[i];
      return NULL;
    }
  mask = self->map.index[0];
  slots = self->map.index + 1;
  for (guint32 slot = air_value_hash_string (key, length) & mask; slots[slot] != 0; slot = (slot + 1) & mask)
    if (is_string_key (&self->map.entries[slots[slot] - 1], key, length))
      return &self->map.entries[slots[slot] - 1];
  return NULL;
}

static AirMapEntry *
find_value (const AirValue *self, const AirValue *key)
{
  const guint32 *slots;
  guint32 mask;

  if (key->kind == AIR_VALUE_STRING)
    return find_string (self, key->text, key->size);
  if (self->map.index == NULL)
    {
      for (gsize i = 0; i < self->size; i++)
        if (air_value_equal (self->map.entries[i].key, key))
          return &self->map.entries[i];
      return NULL;
    }
  mask = self->map.index[0];
  slots = self->map.index + 1;
  for (guint32 slot = air_value_hash (key) & mask; slots[slot] != 0; slot = (slot + 1) & mask)
    if (air_value_equal (self->map.entries[slots[slot] - 1].key, key))
      return &self->map.entries[slots[slot] - 1];
  return NULL;
}

static void
append_entry (AirValue *self, AirValue *take_key, AirValue *take_value)
{
  if (self->size == self->capacity)
    {
      self->capacity = self->capacity == 0 ? 6 : self->capacity * 2;
      self->map.entries = g_renew (AirMapEntry, self->map.entries, self->capacity);
    }
  self->map.entries[self->size++] = (AirMapEntry) { take_key, take_value };
  if (self->map.index != NULL && self->size * 2 <= self->map.index[0])
    index_put (self, self->size - 1);
  else if (self->size >= INDEX_FROM)
    index_rebuild (self);
}

gboolean
air_map_insert_new (AirValue *map, AirValue *key, AirValue *value)
{
  if (find_value (map, key) != NULL)
    return FALSE;
  append_entry (map, key, value);
  return TRUE;
}

/* Names of members come again and again: each is made once, as long as there is room for it. */
static AirValue *
make_key (const char *key, gsize length)
{
  static _Atomic (AirValue *) names[1024];
  _Atomic (AirValue *) *slot;
  AirValue *name, *none = NULL;

  if (length == 0 || length >= sizeof name->text)
    return air_value_new_string_len (key, length);
  slot = &names[air_value_hash_string (key, length) % G_N_ELEMENTS (names)];
  name = atomic_load_explicit (slot, memory_order_acquire);
  if (name == NULL)
    {
      name = air_value_new_string_len (key, length);
      name->immortal = TRUE;
      if (atomic_compare_exchange_strong (slot, &none, name))
        return name;
      g_free (name);
      name = none;
    }
  return name->size == length && memcmp (name->text, key, length) == 0 ? name : air_value_new_string_len (key, length);
}

/**
 * air_map_set:
 * @map: a map nobody else holds
 * @key: the key
 * @take_value: (transfer full): the value
 *
 * A key that is there already keeps its place and gets the new value.
 */
void
air_map_set (AirValue *map, const char *key, AirValue *take_value)
{
  AirMapEntry *entry;
  gsize length;

  g_return_if_fail (map != NULL && map->kind == AIR_VALUE_MAP && key != NULL && take_value != NULL);
  g_return_if_fail (g_atomic_int_get (&map->ref_count) == 1);

  length = strlen (key);
  entry = find_string (map, key, length);
  if (entry == NULL)
    {
      append_entry (map, make_key (key, length), take_value);
      return;
    }
  air_value_unref (entry->value);
  entry->value = take_value;
}

/**
 * air_map_set_value:
 * @map: a map nobody else holds
 * @take_key: (transfer full): null, bool, int, uint or string
 * @take_value: (transfer full): the value
 */
void
air_map_set_value (AirValue *map, AirValue *take_key, AirValue *take_value)
{
  AirMapEntry *entry;

  g_return_if_fail (map != NULL && map->kind == AIR_VALUE_MAP && take_key != NULL && take_value != NULL);
  g_return_if_fail (g_atomic_int_get (&map->ref_count) == 1);
  g_return_if_fail (take_key->kind <= AIR_VALUE_UINT || take_key->kind == AIR_VALUE_STRING);

  entry = find_value (map, take_key);
  if (entry == NULL)
    {
      append_entry (map, take_key, take_value);
      return;
    }
  air_value_unref (take_key);
  air_value_unref (entry->value);
  entry->value = take_value;
}

/**
 * air_map_remove:
 * @map: a map nobody else holds
 * @key: a string key
 *
 * Takes time linear in the map's size: the order of the others stays.
 *
 * Returns: whether it was there
 */
gboolean
air_map_remove (AirValue *map, const char *key)
{
  AirMapEntry *entry;
  gsize number;

  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP && key != NULL, FALSE);
  g_return_val_if_fail (g_atomic_int_get (&map->ref_count) == 1, FALSE);

  entry = find_string (map, key, strlen (key));
  if (entry == NULL)
    return FALSE;
  air_value_unref (entry->key);
  air_value_unref (entry->value);
  number = entry - map->map.entries;
  memmove (entry, entry + 1, (map->size - number - 1) * sizeof *entry);
  map->size--;
  index_rebuild (map);
  return TRUE;
}

/**
 * air_map_get_size:
 * @map: a map
 *
 * Returns: how many keys it has
 */
gsize
air_map_get_size (const AirValue *map)
{
  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP, 0);

  return map->size;
}

/**
 * air_map_get:
 * @map: a map
 * @key: a string key
 *
 * Returns: (transfer none) (nullable): the value at @key
 */
AirValue *
air_map_get (const AirValue *map, const char *key)
{
  AirMapEntry *entry;

  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP && key != NULL, NULL);

  entry = find_string (map, key, strlen (key));
  return entry != NULL ? entry->value : NULL;
}

/**
 * air_map_lookup:
 * @map: a map
 * @key: null, bool, int, uint or string
 *
 * Like air_map_get() with a key of any kind; 1, 1u and 1.0 are one key.
 *
 * Returns: (transfer none) (nullable): the value at @key
 */
AirValue *
air_map_lookup (const AirValue *map, const AirValue *key)
{
  AirMapEntry *entry;

  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP && key != NULL, NULL);

  entry = find_value (map, key);
  return entry != NULL ? entry->value : NULL;
}

/**
 * air_map_get_key_at:
 * @map: a map
 * @index: from 0, in order of insertion
 *
 * Returns: (transfer none) (nullable): the key, %NULL past the end
 */
AirValue *
air_map_get_key_at (const AirValue *map, gsize index)
{
  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP, NULL);

  return index < map->size ? map->map.entries[index].key : NULL;
}

/**
 * air_map_get_value_at:
 * @map: a map
 * @index: from 0, in order of insertion
 *
 * Returns: (transfer none) (nullable): the value, %NULL past the end
 */
AirValue *
air_map_get_value_at (const AirValue *map, gsize index)
{
  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP, NULL);

  return index < map->size ? map->map.entries[index].value : NULL;
}

/**
 * air_map_copy:
 * @map: a map
 *
 * Returns: (transfer full): a map of the same entries that the caller may change
 */
AirValue *
air_map_copy (const AirValue *map)
{
  AirValue *copy;

  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP, NULL);

  copy = air_map_new ();
  if (map->size == 0)
    return copy;
  copy->map.entries = g_new (AirMapEntry, map->size);
  copy->capacity = map->size;
  copy->size = map->size;
  for (gsize i = 0; i < map->size; i++)
    {
      copy->map.entries[i].key = air_value_ref (map->map.entries[i].key);
      copy->map.entries[i].value = air_value_ref (map->map.entries[i].value);
    }
  index_rebuild (copy);
  return copy;
}

/* --- for readers of documents ------------------------------------------------ */

static AirValue *
get_of_kind (const AirValue *map, const char *key, AirValueKind kind)
{
  AirMapEntry *entry;

  if (map == NULL || map->kind != AIR_VALUE_MAP)
    return NULL;
  entry = find_string (map, key, strlen (key));
  return entry != NULL && entry->value->kind == kind ? entry->value : NULL;
}

static const char *
get_text (const AirValue *value)
{
  return value != NULL && value->kind == AIR_VALUE_STRING && memchr (value->text, '\0', value->size) == NULL
             ? value->text
             : NULL;
}

/**
 * air_map_get_string:
 * @map: (nullable): any value, or none
 * @key: a key
 *
 * A string with a NUL inside counts as no string: as C text it would read as
 * another one ("approver\0…").
 *
 * Returns: (transfer none) (nullable): the text at @key
 */
const char *
air_map_get_string (const AirValue *map, const char *key)
{
  return get_text (get_of_kind (map, key, AIR_VALUE_STRING));
}

/**
 * air_list_get_string:
 * @list: (nullable): what should be a list
 * @index: from 0
 *
 * For lists that no schema has been over, as air_map_get_string() is for maps.
 *
 * Returns: (transfer none) (nullable): the text at @index; %NULL for what is no text, no list, or past the end
 */
const char *
air_list_get_string (const AirValue *list, gsize index)
{
  if (list == NULL || list->kind != AIR_VALUE_LIST || index >= list->size)
    return NULL;
  return get_text (list->items[index]);
}

/**
 * air_map_find_unknown:
 * @map: a map whose keys are texts
 * @known: (array zero-terminated=1): the keys it may have
 *
 * Returns: (transfer none) (nullable): the first key that is none of @known; "known\0more" is not known
 */
const char *
air_map_find_unknown (const AirValue *map, const char *const *known)
{
  g_return_val_if_fail (map != NULL && map->kind == AIR_VALUE_MAP, NULL);

  for (gsize i = 0; i < map->size; i++)
    {
      const AirValue *key = map->map.entries[i].key;

      if (key->kind != AIR_VALUE_STRING)
        return "(no text)";
      if (get_text (key) == NULL || !g_strv_contains (known, key->text))
        return key->text;
    }
  return NULL;
}

/**
 * air_map_get_int:
 * @map: (nullable): any value, or none
 * @key: a key
 * @fallback: what else
 *
 * For readers of documents: asserts nothing.
 *
 * Returns: the int at @key; @fallback when @map is no map, the key is absent or the value of another kind, a uint too
 */
gint64
air_map_get_int (const AirValue *map, const char *key, gint64 fallback)
{
  const AirValue *value = get_of_kind (map, key, AIR_VALUE_INT);

  return value != NULL ? value->i : fallback;
}

/**
 * air_map_get_bool:
 * @map: (nullable): any value, or none
 * @key: a key
 * @fallback: what else
 *
 * Returns: the bool at @key; @fallback when @map is no map, the key is absent or the value of another kind
 */
gboolean
air_map_get_bool (const AirValue *map, const char *key, gboolean fallback)
{
  const AirValue *value = get_of_kind (map, key, AIR_VALUE_BOOL);

  return value != NULL ? value->i != 0 : fallback;
}

/**
 * air_map_get_map:
 * @map: (nullable): any value, or none
 * @key: a key
 *
 * Returns: (transfer none) (nullable): the map at @key; %NULL when @map is no map, the key is absent or the value of
 *   another kind
 */
AirValue *
air_map_get_map (const AirValue *map, const char *key)
{
  return get_of_kind (map, key, AIR_VALUE_MAP);
}

/**
 * air_map_get_list:
 * @map: (nullable): any value, or none
 * @key: a key
 *
 * Returns: (transfer none) (nullable): the list at @key; %NULL when @map is no map, the key is absent or the value of
 *   another kind
 */
AirValue *
air_map_get_list (const AirValue *map, const char *key)
{
  return get_of_kind (map, key, AIR_VALUE_LIST);
}

/**
 * air_map_set_string:
 * @map: a map nobody else holds
 * @key: a key
 * @text: UTF-8, copied; not %NULL
 *
 * As air_map_set().
 */
void
air_map_set_string (AirValue *map, const char *key, const char *text)
{
  air_map_set (map, key, air_value_new_string (text));
}

/**
 * air_map_set_int:
 * @map: a map nobody else holds
 * @key: a key
 * @value: any int64
 *
 * As air_map_set().
 */
void
air_map_set_int (AirValue *map, const char *key, gint64 value)
{
  air_map_set (map, key, air_value_new_int (value));
}

/**
 * air_map_set_bool:
 * @map: a map nobody else holds
 * @key: a key
 * @value: which
 *
 * As air_map_set().
 */
void
air_map_set_bool (AirValue *map, const char *key, gboolean value)
{
  air_map_set (map, key, air_value_new_bool (value));
}
