/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include <string.h>

#include "air-schema-pattern.h"
#include "air-schema-private.h"
#include "air-schema-sample-private.h"

/*
 * A schema says what is valid, not how to make it; so this makes a good guess and has the
 * validator judge it. A place in the instance is described by all schemas that speak of it
 * at once: "$ref" and "allOf" are followed, and of "anyOf", "oneOf" and "if" one branch is
 * taken, before a value is made that suits them all.
 */

#define MAX_ATTEMPTS 100
#define MAX_DEPTH    24
#define DEEP         5   /* from here on nothing that is not demanded */
#define MANY_NODES   400 /* likewise */
#define MAX_NODES    5000
#define MAX_ITEMS    20000 /* a "minItems" past this is not served */

enum {
  NULL_TYPE = 1 << 0,
  BOOL_TYPE = 1 << 1,
  INT_TYPE = 1 << 2,
  NUMBER_TYPE = 1 << 3, /* numbers that are not whole; "number" sets both */
  STRING_TYPE = 1 << 4,
  LIST_TYPE = 1 << 5,
  MAP_TYPE = 1 << 6,
  ALL_TYPES = (1 << 7) - 1,
};

static AirValue *make (AirSampler *self, const GPtrArray *roots, guint depth);

/* --- randomness ------------------------------------------------------------------ */

/* SplitMix64: good enough to scatter, and the same everywhere. */
guint64
air_sampler_next (AirSampler *self)
{
  guint64 z = self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ z >> 31;
}

guint64
air_sampler_below (AirSampler *self, guint64 n)
{
  return n > 0 ? air_sampler_next (self) % n : 0;
}

gboolean
air_sampler_chance (AirSampler *self, guint percent)
{
  return air_sampler_below (self, 100) < percent;
}

gboolean
air_sampler_edge (AirSampler *self)
{
  /* Drawn always, so that styles differ in their edges only. */
  gboolean edge = air_sampler_chance (self, self->style == AIR_SAMPLE_MIXED ? 25 : 75);

  /* Where no edge is valid, some other value may be. */
  if (self->attempt > 40 && self->attempt % 2 == 0)
    return FALSE;
  return edge && (self->style == AIR_SAMPLE_EDGES || self->style == AIR_SAMPLE_MIXED);
}

static gboolean
is_bare (const AirSampler *self, guint depth)
{
  return self->style == AIR_SAMPLE_SMALLEST || depth > DEEP || self->nodes > MANY_NODES || self->attempt > 60;
}

/* --- what is said of one place ------------------------------------------------------ */

static gboolean gather (AirSampler *self, const AirValue *schema, GPtrArray *all);

/* One of @list, whichever can be had. */
static gboolean
gather_one (AirSampler *self, const AirValue *list, GPtrArray *all)
{
  gsize n = air_list_get_size (list), first = air_sampler_below (self, n);
  guint before = all->len;

  for (gsize i = 0; i < n; i++)
    {
      if (gather (self, air_list_get (list, (first + i) % n), all))
        return TRUE;
      g_ptr_array_set_size (all, before);
    }
  return FALSE;
}

static gboolean
gather_condition (AirSampler *self, const AirValue *schema, const AirValue *condition, GPtrArray *all)
{
  const AirValue *then = air_map_get (schema, "then"), *otherwise = air_map_get (schema, "else");
  gboolean first = air_sampler_chance (self, 50);
  guint before = all->len;

  for (guint i = 0; i < 2; i++)
    {
      if (first != (i == 1))
        {
          if (gather (self, condition, all) && (then == NULL || gather (self, then, all)))
            return TRUE;
        }
      else if (otherwise == NULL || gather (self, otherwise, all))
        return TRUE;
      g_ptr_array_set_size (all, before);
    }
  return FALSE;
}

/* Adds @schema and what it is composed of; FALSE when nothing can be valid. */
static gboolean
gather (AirSampler *self, const AirValue *schema, GPtrArray *all)
{
  static const char *const references[] = { "$ref", "$dynamicRef" };
  const AirValue *part;

  if (air_value_get_kind (schema) == AIR_VALUE_BOOL)
    return air_value_get_bool (schema);
  if (air_value_get_kind (schema) != AIR_VALUE_MAP || all->len > 500)
    return FALSE;
  if (g_ptr_array_find (all, schema, NULL))
    return TRUE;
  g_ptr_array_add (all, (gpointer) schema);
  for (guint i = 0; i < G_N_ELEMENTS (references); i++)
    {
      const char *reference = air_map_get_string (schema, references[i]);

      part = reference != NULL ? air_schema_follow (self->root, reference) : NULL;
      if (part != NULL && !gather (self, part, all))
        return FALSE;
    }
  part = air_map_get_list (schema, "allOf");
  for (gsize i = 0; part != NULL && i < air_list_get_size (part); i++)
    if (!gather (self, air_list_get (part, i), all))
      return FALSE;
  part = air_map_get_list (schema, "anyOf");
  if (part != NULL && !gather_one (self, part, all))
    return FALSE;
  part = air_map_get_list (schema, "oneOf");
  if (part != NULL && !gather_one (self, part, all))
    return FALSE;
  part = air_map_get (schema, "if");
  return part == NULL || gather_condition (self, schema, part, all);
}

static guint
type_of_name (const char *name)
{
  static const struct {
    const char *name;
    guint types;
  } names[] = {
    { "null", NULL_TYPE },     { "boolean", BOOL_TYPE }, { "integer", INT_TYPE }, { "number", INT_TYPE | NUMBER_TYPE },
    { "string", STRING_TYPE }, { "array", LIST_TYPE },   { "object", MAP_TYPE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].name, name) == 0)
      return names[i].types;
  return 0;
}

static guint
types_of (const AirValue *schema)
{
  const AirValue *type = air_map_get (schema, "type");
  guint types = 0;

  if (type == NULL)
    return ALL_TYPES;
  if (air_value_get_kind (type) == AIR_VALUE_STRING)
    return type_of_name (air_value_get_string (type, NULL));
  for (gsize i = 0; air_value_get_kind (type) == AIR_VALUE_LIST && i < air_list_get_size (type); i++)
    types |= type_of_name (air_value_get_string (air_list_get (type, i), NULL));
  return types;
}

/* Where no type is said, the keywords tell what was thought of. */
static guint
guess_types (const GPtrArray *all)
{
  static const struct {
    const char *keyword;
    guint types;
  } hints[] = {
    { "properties", MAP_TYPE },
    { "required", MAP_TYPE },
    { "additionalProperties", MAP_TYPE },
    { "minProperties", MAP_TYPE },
    { "propertyNames", MAP_TYPE },
    { "patternProperties", MAP_TYPE },
    { "dependentRequired", MAP_TYPE },
    { "unevaluatedProperties", MAP_TYPE },
    { "items", LIST_TYPE },
    { "prefixItems", LIST_TYPE },
    { "contains", LIST_TYPE },
    { "minItems", LIST_TYPE },
    { "uniqueItems", LIST_TYPE },
    { "unevaluatedItems", LIST_TYPE },
    { "pattern", STRING_TYPE },
    { "format", STRING_TYPE },
    { "minLength", STRING_TYPE },
    { "maxLength", STRING_TYPE },
    { "minimum", INT_TYPE },
    { "maximum", INT_TYPE },
    { "multipleOf", INT_TYPE },
    { "exclusiveMinimum", INT_TYPE },
    { "exclusiveMaximum", INT_TYPE },
  };
  guint types = 0;

  for (guint i = 0; i < all->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (hints); k++)
      if (air_map_get (g_ptr_array_index (all, i), hints[k].keyword) != NULL)
        types |= hints[k].types;
  return types;
}

static guint
type_of_value (const AirValue *value)
{
  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_NULL:
      return NULL_TYPE;
    case AIR_VALUE_BOOL:
      return BOOL_TYPE;
    case AIR_VALUE_INT:
    case AIR_VALUE_UINT:
      return INT_TYPE;
    case AIR_VALUE_DOUBLE:
      return INT_TYPE | NUMBER_TYPE;
    case AIR_VALUE_STRING:
      return STRING_TYPE;
    case AIR_VALUE_LIST:
      return LIST_TYPE;
    default:
      return MAP_TYPE;
    }
}

static gboolean
list_has (const AirValue *list, const AirValue *value)
{
  for (gsize i = 0; i < air_list_get_size (list); i++)
    if (air_value_equal (air_list_get (list, i), value))
      return TRUE;
  return FALSE;
}

/* Whether "const", "enum" and "type" of all let @value through. */
static gboolean
is_listed (const GPtrArray *all, const AirValue *value)
{
  for (guint i = 0; i < all->len; i++)
    {
      const AirValue *schema = g_ptr_array_index (all, i);
      const AirValue *constant = air_map_get (schema, "const"), *list = air_map_get_list (schema, "enum");

      if ((constant != NULL && !air_value_equal (constant, value)) || (list != NULL && !list_has (list, value))
          || (types_of (schema) & type_of_value (value)) == 0)
        return FALSE;
    }
  return TRUE;
}

/* A value that is spelt out; TRUE when one had to be, with or without success. */
static gboolean
make_listed (AirSampler *self, const GPtrArray *all, AirValue **ret)
{
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  gboolean spelt = FALSE;

  for (guint i = 0; i < all->len && !spelt; i++)
    {
      AirValue *constant = air_map_get (g_ptr_array_index (all, i), "const");
      AirValue *list = air_map_get_list (g_ptr_array_index (all, i), "enum");

      spelt = constant != NULL || list != NULL;
      if (constant != NULL && is_listed (all, constant))
        g_ptr_array_add (candidates, constant);
      else if (constant == NULL && list != NULL)
        for (gsize k = 0; k < air_list_get_size (list); k++)
          if (is_listed (all, air_list_get (list, k)))
            g_ptr_array_add (candidates, air_list_get (list, k));
    }
  /* What the author gave as an example is what a user would send. */
  if (!spelt && self->attempt < 10 && self->style == AIR_SAMPLE_USUAL)
    for (guint i = 0; i < all->len && candidates->len == 0; i++)
      {
        AirValue *list = air_map_get_list (g_ptr_array_index (all, i), "examples");

        for (gsize k = 0; list != NULL && k < air_list_get_size (list) && air_sampler_chance (self, 50); k++)
          if (is_listed (all, air_list_get (list, k)))
            g_ptr_array_add (candidates, air_list_get (list, k));
      }
  if (candidates->len > 0)
    *ret = air_value_ref (g_ptr_array_index (candidates, air_sampler_below (self, candidates->len)));
  return spelt || candidates->len > 0;
}

/* --- objects --------------------------------------------------------------------------- */

/* Every schema of @all that speaks of member @name. */
static void
collect_member (const GPtrArray *all, const char *name, GPtrArray *ret)
{
  for (guint i = 0; i < all->len; i++)
    {
      const AirValue *schema = g_ptr_array_index (all, i);
      const AirValue *properties = air_map_get_map (schema, "properties");
      const AirValue *patterns = air_map_get_map (schema, "patternProperties");
      AirValue *found = properties != NULL ? air_map_get (properties, name) : NULL;
      gboolean known = found != NULL;

      if (found != NULL)
        g_ptr_array_add (ret, found);
      for (gsize k = 0; patterns != NULL && k < air_map_get_size (patterns); k++)
        {
          g_autofree char *message = NULL;
          g_autoptr (AirPattern) pattern =
              air_pattern_new (air_value_get_string (air_map_get_key_at (patterns, k), NULL), &message);

          if (pattern == NULL || !air_pattern_search (pattern, name, strlen (name)))
            continue;
          known = TRUE;
          g_ptr_array_add (ret, air_map_get_value_at (patterns, k));
        }
      found = known ? NULL : air_map_get (schema, "additionalProperties");
      if (found != NULL)
        g_ptr_array_add (ret, found);
    }
}

static void
add_names (const AirValue *list, GHashTable *names)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (air_value_get_kind (air_list_get (list, i)) == AIR_VALUE_STRING)
      g_hash_table_add (names, (gpointer) air_value_get_string (air_list_get (list, i), NULL));
}

static void
collect_required (const GPtrArray *all, GHashTable *required)
{
  guint before;

  for (guint i = 0; i < all->len; i++)
    add_names (air_map_get_list (g_ptr_array_index (all, i), "required"), required);
  do
    {
      before = g_hash_table_size (required);
      for (guint i = 0; i < all->len; i++)
        {
          const AirValue *dependent = air_map_get_map (g_ptr_array_index (all, i), "dependentRequired");

          for (gsize k = 0; dependent != NULL && k < air_map_get_size (dependent); k++)
            if (g_hash_table_contains (required, air_value_get_string (air_map_get_key_at (dependent, k), NULL)))
              add_names (air_map_get_value_at (dependent, k), required);
        }
  } while (g_hash_table_size (required) > before);
}

/* Decides which optional members there are; they are required from then on. */
static void
choose_members (AirSampler *self, const GPtrArray *all, guint depth, GHashTable *required)
{
  guint percent = self->attempt > 20                ? 30
                  : self->style == AIR_SAMPLE_EDGES ? 50
                  : self->style == AIR_SAMPLE_MIXED ? 65
                                                    : 80;
  gint64 max = G_MAXINT64;

  for (guint i = 0; i < all->len; i++)
    max = MIN (max, air_map_get_int (g_ptr_array_index (all, i), "maxProperties", G_MAXINT64));
  for (guint i = 0; i < all->len && !is_bare (self, depth); i++)
    {
      const AirValue *properties = air_map_get_map (g_ptr_array_index (all, i), "properties");

      for (gsize k = 0; properties != NULL && k < air_map_get_size (properties); k++)
        if (air_sampler_chance (self, percent) && g_hash_table_size (required) < max)
          g_hash_table_add (required, (gpointer) air_value_get_string (air_map_get_key_at (properties, k), NULL));
    }
}

/* A name for one member more. */
static char *
invent_name (AirSampler *self, const GPtrArray *all, guint depth, guint number)
{
  for (guint i = 0; i < all->len; i++)
    {
      const AirValue *patterns = air_map_get_map (g_ptr_array_index (all, i), "patternProperties");
      AirValue *names = air_map_get (g_ptr_array_index (all, i), "propertyNames");
      g_autoptr (GPtrArray) schemas = g_ptr_array_new ();
      g_autoptr (AirValue) text = NULL, pattern = NULL;

      if (names != NULL)
        {
          g_ptr_array_add (schemas, names);
          text = make (self, schemas, depth + 1);
        }
      else if (patterns != NULL && air_map_get_size (patterns) > 0)
        {
          pattern = air_map_new ();
          air_map_set (
              pattern, "pattern",
              air_value_ref (air_map_get_key_at (patterns, air_sampler_below (self, air_map_get_size (patterns)))));
          g_ptr_array_add (schemas, pattern);
          text = air_sampler_text (self, schemas);
        }
      if (text != NULL && air_value_get_kind (text) == AIR_VALUE_STRING)
        return g_strdup (air_value_get_string (text, NULL));
    }
  return g_strdup_printf ("member_%u", number);
}

/* Sets member @name; FALSE when it was demanded and cannot be. */
static gboolean
set_member (AirSampler *self, const GPtrArray *all, AirValue *map, const char *name, guint depth)
{
  g_autoptr (GPtrArray) schemas = g_ptr_array_new ();
  AirValue *value;

  if (air_map_get (map, name) != NULL)
    return TRUE;
  collect_member (all, name, schemas);
  value = make (self, schemas, depth + 1);
  if (value != NULL)
    air_map_set (map, name, value);
  return value != NULL;
}

/* The schemas that hold because a member is there; TRUE when there are new ones. */
static gboolean
gather_dependent (AirSampler *self, GPtrArray *all, GHashTable *names, gboolean *ret_ok)
{
  guint before = all->len;

  for (guint i = 0; i < before && *ret_ok; i++)
    {
      const AirValue *dependent = air_map_get_map (g_ptr_array_index (all, i), "dependentSchemas");

      for (gsize k = 0; dependent != NULL && k < air_map_get_size (dependent) && *ret_ok; k++)
        if (g_hash_table_contains (names, air_value_get_string (air_map_get_key_at (dependent, k), NULL)))
          *ret_ok = gather (self, air_map_get_value_at (dependent, k), all);
    }
  return all->len > before;
}

static AirValue *
make_map (AirSampler *self, GPtrArray *all, guint depth)
{
  g_autoptr (GHashTable) demanded = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) chosen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) order = NULL;
  g_autoptr (AirValue) map = air_map_new ();
  gboolean ok = TRUE;
  gint64 min = 0;

  collect_required (all, demanded);
  collect_required (all, chosen);
  choose_members (self, all, depth, chosen);
  do
    collect_required (all, chosen);
  while (gather_dependent (self, all, chosen, &ok) && ok);
  if (!ok)
    return NULL;
  collect_required (all, demanded);

  /* In the schema's order, then those it names nowhere else. */
  for (guint i = 0; i < all->len; i++)
    {
      const AirValue *properties = air_map_get_map (g_ptr_array_index (all, i), "properties");

      for (gsize k = 0; properties != NULL && k < air_map_get_size (properties); k++)
        {
          const char *name = air_value_get_string (air_map_get_key_at (properties, k), NULL);

          if (g_hash_table_contains (chosen, name) && !set_member (self, all, map, name, depth)
              && g_hash_table_contains (demanded, name))
            return NULL;
        }
      min = MAX (min, air_map_get_int (g_ptr_array_index (all, i), "minProperties", 0));
    }
  order = g_hash_table_get_keys_as_ptr_array (chosen);
  g_ptr_array_sort_values (order, (GCompareFunc) strcmp);
  for (guint i = 0; i < order->len; i++)
    if (!set_member (self, all, map, g_ptr_array_index (order, i), depth)
        && g_hash_table_contains (demanded, g_ptr_array_index (order, i)))
      return NULL;
  for (guint i = 0; (gint64) air_map_get_size (map) < min && i < 4 * min && i < 1000; i++)
    {
      g_autofree char *name = invent_name (self, all, depth, i);

      set_member (self, all, map, name, depth);
    }
  return g_steal_pointer (&map);
}

/* --- lists ------------------------------------------------------------------------------- */

/* Every schema of @all that speaks of item @index; draft 7's list of "items" too. */
static void
collect_item (const GPtrArray *all, gsize index, GPtrArray *ret)
{
  for (guint i = 0; i < all->len; i++)
    {
      const AirValue *schema = g_ptr_array_index (all, i);
      AirValue *items = air_map_get (schema, "items"), *prefix = air_map_get_list (schema, "prefixItems");
      AirValue *found;

      if (items != NULL && air_value_get_kind (items) == AIR_VALUE_LIST)
        {
          prefix = items;
          items = air_map_get (schema, "additionalItems");
        }
      found = prefix != NULL && index < air_list_get_size (prefix) ? air_list_get (prefix, index) : items;
      if (found == NULL)
        found = air_map_get (schema, "unevaluatedItems");
      if (found != NULL)
        g_ptr_array_add (ret, found);
    }
}

static AirValue *
make_item (AirSampler *self, const GPtrArray *all, gsize index, const AirValue *contained, guint depth)
{
  g_autoptr (GPtrArray) schemas = g_ptr_array_new ();

  collect_item (all, index, schemas);
  if (contained != NULL)
    g_ptr_array_add (schemas, (gpointer) contained);
  return make (self, schemas, depth + 1);
}

static gsize
choose_size (AirSampler *self, gint64 min, gint64 max, guint depth)
{
  if (is_bare (self, depth) || min >= max)
    return min;
  if (air_sampler_edge (self))
    return air_sampler_chance (self, 50) ? min : MIN (max, min + 16);
  return MIN (max, MAX (min, 1) + (gint64) air_sampler_below (self, 3));
}

static AirValue *
make_list (AirSampler *self, const GPtrArray *all, guint depth)
{
  g_autoptr (AirValue) list = air_list_new ();
  gint64 min = 0, max = G_MAXINT64, needed = 0;
  const AirValue *contained = NULL;
  gboolean unique = FALSE;
  gsize size;

  for (guint i = 0; i < all->len; i++)
    {
      const AirValue *schema = g_ptr_array_index (all, i);

      min = MAX (min, air_map_get_int (schema, "minItems", 0));
      max = MIN (max, air_map_get_int (schema, "maxItems", G_MAXINT64));
      unique = unique || air_map_get_bool (schema, "uniqueItems", FALSE);
      if (air_map_get (schema, "contains") != NULL && contained == NULL)
        {
          contained = air_map_get (schema, "contains");
          needed = air_map_get_int (schema, "minContains", 1);
        }
    }
  min = MAX (min, needed);
  if (min > max || min > MAX_ITEMS)
    return NULL;
  size = choose_size (self, min, max, depth);
  for (gsize i = 0; i < size; i++)
    {
      /* Those that are contained come last: the first items often have schemas of their own. */
      const AirValue *also = (gint64) (size - i) <= needed ? contained : NULL;
      AirSampleStyle style = self->style;
      AirValue *item = make_item (self, all, i, also, depth);

      /* There are few edges: a usual value is more likely another one. */
      for (guint try = 0; unique && item != NULL && list_has (list, item); try++)
        {
          g_clear_pointer (&item, air_value_unref);
          self->style = AIR_SAMPLE_USUAL;
          if (try < 40)
            item = make_item (self, all, i, also, depth);
        }
      self->style = style;
      if (item == NULL && (gint64) i >= min)
        break;
      if (item == NULL)
        return NULL;
      air_list_append (list, item);
    }
  return g_steal_pointer (&list);
}

/* --- any value ----------------------------------------------------------------------------- */

static guint
choose_type (AirSampler *self, const GPtrArray *all, guint depth)
{
  guint types = ALL_TYPES, guessed, n = 0, which;
  guint simple = NULL_TYPE | BOOL_TYPE | INT_TYPE | STRING_TYPE;

  for (guint i = 0; i < all->len; i++)
    types &= types_of (g_ptr_array_index (all, i));
  if (types == ALL_TYPES)
    {
      guessed = guess_types (all);
      /* The keywords of a type bind that type only; another passes them all by. */
      types = guessed != 0 && self->attempt < 50 ? guessed : simple;
    }
  /* Whole numbers do for "number", mostly. */
  if ((types & NUMBER_TYPE) != 0 && air_sampler_chance (self, 70))
    types &= ~NUMBER_TYPE;
  if (depth > DEEP && (types & simple) != 0)
    types &= simple;
  if (types != NULL_TYPE && !air_sampler_edge (self) && self->attempt < 10)
    types &= ~NULL_TYPE;
  for (guint bit = 0; bit < 7; bit++)
    n += (types >> bit) & 1;
  if (n == 0)
    return 0;
  which = air_sampler_below (self, n);
  for (guint bit = 0; bit < 7; bit++)
    if ((types >> bit & 1) != 0 && which-- == 0)
      return 1 << bit;
  return 0;
}

/* A value that all of @roots describe, or NULL. */
static AirValue *
make (AirSampler *self, const GPtrArray *roots, guint depth)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  AirValue *value = NULL;

  if (depth > MAX_DEPTH || ++self->nodes > MAX_NODES)
    return NULL;
  for (guint i = 0; i < roots->len; i++)
    if (!gather (self, g_ptr_array_index (roots, i), all))
      return NULL;
  if (make_listed (self, all, &value))
    return value;
  switch (choose_type (self, all, depth))
    {
    case NULL_TYPE:
      return air_value_new_null ();
    case BOOL_TYPE:
      return air_value_new_bool (air_sampler_chance (self, 50));
    case INT_TYPE:
      return air_sampler_number (self, all, TRUE);
    case NUMBER_TYPE:
      return air_sampler_number (self, all, FALSE);
    case STRING_TYPE:
      return air_sampler_text (self, all);
    case LIST_TYPE:
      return make_list (self, all, depth);
    case MAP_TYPE:
      return make_map (self, all, depth);
    default:
      return NULL;
    }
}

/**
 * air_schema_sample:
 * @self: a schema
 * @seed: picks one of very many samples
 * @style: how adventurous it is
 *
 * Returns: (transfer full): an instance that @self accepts, or %NULL with %AIR_SCHEMA_ERROR_UNSATISFIABLE
 *   when none was found
 */
AirValue *
air_schema_sample (const AirSchema *self, guint64 seed, AirSampleStyle style, GError **error)
{
  g_autoptr (GPtrArray) roots = g_ptr_array_new ();
  g_autoptr (GPtrArray) issues = NULL;
  const AirSchemaIssue *issue;

  g_return_val_if_fail (self != NULL, NULL);

  g_ptr_array_add (roots, (gpointer) air_schema_get_document (self));
  for (guint attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
      AirSampler sampler = { .root = air_schema_get_document (self), .style = style, .attempt = attempt };
      g_autoptr (AirValue) value = NULL;
      g_autoptr (GPtrArray) found = NULL;

      sampler.state = seed;
      sampler.state = air_sampler_next (&sampler) + attempt;
      value = make (&sampler, roots, 0);
      if (value == NULL)
        continue;
      if (air_schema_validate (self, value, &found, NULL))
        return g_steal_pointer (&value);
      if (found != NULL)
        {
          g_clear_pointer (&issues, g_ptr_array_unref);
          issues = g_steal_pointer (&found);
        }
    }
  issue = issues != NULL ? g_ptr_array_index (issues, 0) : NULL;
  g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_UNSATISFIABLE,
               "no instance was found in %d attempts%s%s%s%s; see whether the keywords contradict each other, or give "
               "an \"enum\"",
               MAX_ATTEMPTS, issue != NULL ? "; the last had at \"" : "", issue != NULL ? issue->pointer : "",
               issue != NULL ? "\": " : "", issue != NULL ? issue->message : "");
  return NULL;
}
