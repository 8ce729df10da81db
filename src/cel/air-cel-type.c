/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

typedef struct {
  char *name;
  AirCelType *type;
  gboolean required;
} Field;

struct _AirCelType {
  gatomicrefcount ref_count;
  AirCelTypeKind kind;
  gboolean nullable;
  gboolean object;   /* a MAP of known fields */
  AirCelType *key;   /* MAP; NULL for dyn */
  AirCelType *item;  /* LIST, MAP; NULL for dyn */
  AirCelType *rest;  /* object: of fields not known; NULL refuses them */
  GPtrArray *fields; /* object: Field* */
  char **labels;     /* sorted, unique; NULL for none */
};

static const char *const no_labels[] = { NULL };

static void
field_free (Field *self)
{
  g_free (self->name);
  air_cel_type_unref (self->type);
  g_free (self);
}

/**
 * air_cel_type_new:
 * @kind: a kind
 *
 * Returns: (transfer full): the bare type of a kind; lists and maps hold dyn
 */
AirCelType *
air_cel_type_new (AirCelTypeKind kind)
{
  AirCelType *self = g_new0 (AirCelType, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  return self;
}

/**
 * air_cel_type_new_list:
 * @item: (nullable): what is in it, not taken; %NULL for dyn
 *
 * Returns: (transfer full): the type of a list
 */
AirCelType *
air_cel_type_new_list (AirCelType *item)
{
  AirCelType *self = air_cel_type_new (AIR_CEL_TYPE_LIST);

  self->item = item != NULL ? air_cel_type_ref (item) : NULL;
  return self;
}

/**
 * air_cel_type_new_map:
 * @key: (nullable): its keys, not taken; %NULL for dyn
 * @value: (nullable): its values, not taken; %NULL for dyn
 *
 * Returns: (transfer full): the type of a map
 */
AirCelType *
air_cel_type_new_map (AirCelType *key, AirCelType *value)
{
  AirCelType *self = air_cel_type_new (AIR_CEL_TYPE_MAP);

  self->key = key != NULL ? air_cel_type_ref (key) : NULL;
  self->item = value != NULL ? air_cel_type_ref (value) : NULL;
  return self;
}

/**
 * air_cel_type_new_object:
 * @rest: (nullable): types all fields that are not declared, not taken; %NULL refuses them
 *
 * Returns: (transfer full): a map of known fields, none yet: see air_cel_type_add_field()
 */
AirCelType *
air_cel_type_new_object (AirCelType *rest)
{
  AirCelType *self = air_cel_type_new (AIR_CEL_TYPE_MAP);

  self->object = TRUE;
  self->key = air_cel_type_new (AIR_CEL_TYPE_STRING);
  self->rest = rest != NULL ? air_cel_type_ref (rest) : NULL;
  self->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
  return self;
}

static Field *
find_field (const AirCelType *self, const char *name)
{
  for (guint i = 0; self->fields != NULL && i < self->fields->len; i++)
    {
      Field *field = g_ptr_array_index (self->fields, i);

      if (strcmp (field->name, name) == 0)
        return field;
    }
  return NULL;
}

/**
 * air_cel_type_add_field:
 * @object: what air_cel_type_new_object() gave, nobody else holding it yet
 * @name: the field's name
 * @type: (nullable): its type, not taken; %NULL for dyn
 * @required: whether it is always there, so that an expression need not ask with has()
 */
void
air_cel_type_add_field (AirCelType *object, const char *name, AirCelType *type, gboolean required)
{
  Field *field;

  g_return_if_fail (object->object);
  g_return_if_fail (find_field (object, name) == NULL);

  field = g_new0 (Field, 1);
  field->name = g_strdup (name);
  field->type = type != NULL ? air_cel_type_ref (type) : air_cel_type_new (AIR_CEL_TYPE_DYN);
  field->required = required;
  g_ptr_array_add (object->fields, field);
}

AirCelType *
air_cel_type_ref (AirCelType *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_cel_type_unref (AirCelType *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->key, air_cel_type_unref);
  g_clear_pointer (&self->item, air_cel_type_unref);
  g_clear_pointer (&self->rest, air_cel_type_unref);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  g_strfreev (self->labels);
  g_free (self);
}

/* A shallow copy: what it holds is shared. */
static AirCelType *
type_copy (const AirCelType *self)
{
  AirCelType *copy = air_cel_type_new (self->kind);

  copy->nullable = self->nullable;
  copy->object = self->object;
  copy->key = self->key != NULL ? air_cel_type_ref (self->key) : NULL;
  copy->item = self->item != NULL ? air_cel_type_ref (self->item) : NULL;
  copy->rest = self->rest != NULL ? air_cel_type_ref (self->rest) : NULL;
  copy->labels = g_strdupv (self->labels);
  if (self->fields != NULL)
    {
      copy->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
      for (guint i = 0; i < self->fields->len; i++)
        {
          const Field *field = g_ptr_array_index (self->fields, i);

          air_cel_type_add_field (copy, field->name, field->type, field->required);
        }
    }
  return copy;
}

AirCelType *
air_cel_type_nullable (AirCelType *self)
{
  AirCelType *copy;

  if (self->nullable || self->kind == AIR_CEL_TYPE_DYN || self->kind == AIR_CEL_TYPE_NULL)
    return air_cel_type_ref (self);
  copy = type_copy (self);
  copy->nullable = TRUE;
  return copy;
}

/* --- labels ------------------------------------------------------------------ */

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
add_label (GPtrArray *labels, const char *label)
{
  for (guint i = 0; i < labels->len; i++)
    if (strcmp (labels->pdata[i], label) == 0)
      return;
  g_ptr_array_add (labels, g_strdup (label));
}

static void
add_labels (GPtrArray *labels, const char *const *more)
{
  for (; more != NULL && *more != NULL; more++)
    add_label (labels, *more);
}

static void
collect_labels (const AirCelType *self, GPtrArray *labels)
{
  add_labels (labels, (const char *const *) self->labels);
  if (self->key != NULL)
    collect_labels (self->key, labels);
  if (self->item != NULL)
    collect_labels (self->item, labels);
  if (self->rest != NULL)
    collect_labels (self->rest, labels);
  for (guint i = 0; self->fields != NULL && i < self->fields->len; i++)
    collect_labels (((Field *) self->fields->pdata[i])->type, labels);
}

/* Takes the array; sorted and NULL-terminated. */
static char **
labels_to_strv (GPtrArray *take_labels)
{
  g_ptr_array_sort (take_labels, compare_strings);
  g_ptr_array_add (take_labels, NULL);
  g_ptr_array_set_free_func (take_labels, NULL);
  return (char **) g_ptr_array_free (take_labels, FALSE);
}

/**
 * air_cel_type_with_labels:
 * @self: a type
 * @labels: (nullable) (array zero-terminated=1): data labels
 *
 * Returns: (transfer full): @self with @labels on top of its own
 */
AirCelType *
air_cel_type_with_labels (AirCelType *self, const char *const *labels)
{
  AirCelType *copy;
  GPtrArray *all;
  gboolean known = TRUE;

  for (const char *const *l = labels; l != NULL && *l != NULL; l++)
    known = known && self->labels != NULL && g_strv_contains ((const char *const *) self->labels, *l);
  if (known)
    return air_cel_type_ref (self);

  all = g_ptr_array_new_with_free_func (g_free);
  add_labels (all, (const char *const *) self->labels);
  add_labels (all, labels);
  copy = type_copy (self);
  g_strfreev (copy->labels);
  copy->labels = labels_to_strv (all);
  return copy;
}

/**
 * air_cel_type_with_field_labels:
 * @self: an object
 * @name: a field
 * @labels: (nullable) (array zero-terminated=1): data labels
 *
 * Returns: (transfer full): @self whose field @name carries @labels too; all of
 *   it, where no such field can be told apart
 */
AirCelType *
air_cel_type_with_field_labels (AirCelType *self, const char *name, const char *const *labels)
{
  AirCelType *copy, *labelled;
  Field *field;

  if (find_field (self, name) == NULL)
    return air_cel_type_with_labels (self, labels);
  copy = type_copy (self);
  field = find_field (copy, name);
  labelled = air_cel_type_with_labels (field->type, labels);
  air_cel_type_unref (field->type);
  field->type = labelled;
  return copy;
}

/*
 * What an operation over @sources yields carries every label of what they hold.
 * A truth about untrusted text is the author's own word, not the text: unless
 * @content, the label "untrusted" stays behind.
 */
AirCelType *
air_cel_type_labelled_by (AirCelType *self, AirCelType **sources, guint n_sources, gboolean content)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) all = NULL;
  guint n = 0;

  for (guint i = 0; i < n_sources; i++)
    if (sources[i] != NULL)
      collect_labels (sources[i], labels);
  all = labels_to_strv (labels);
  for (guint i = 0; all[i] != NULL; i++)
    if (content || strcmp (all[i], "untrusted") != 0)
      all[n++] = all[i];
    else
      g_free (all[i]);
  all[n] = NULL;
  return air_cel_type_with_labels (self, (const char *const *) all);
}

/**
 * air_cel_type_get_labels:
 * @self: a type
 *
 * Returns: (transfer none): its own labels, sorted, not those of what it holds; never %NULL
 */
const char *const *
air_cel_type_get_labels (const AirCelType *self)
{
  return self->labels != NULL ? (const char *const *) self->labels : no_labels;
}

/**
 * air_cel_type_dup_all_labels:
 * @self: a type
 *
 * Returns: (transfer full): its labels with those of all it holds, each once; never %NULL
 */
char **
air_cel_type_dup_all_labels (const AirCelType *self)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);

  collect_labels (self, labels);
  return labels_to_strv (labels);
}

/* --- looking ------------------------------------------------------------------ */

/**
 * air_cel_type_get_kind:
 * @self: a type
 *
 * Returns: its kind; an object is a map
 */
AirCelTypeKind
air_cel_type_get_kind (const AirCelType *self)
{
  return self->kind;
}

/**
 * air_cel_type_is_nullable:
 * @self: a type
 *
 * Returns: whether null is one of its values
 */
gboolean
air_cel_type_is_nullable (const AirCelType *self)
{
  return self->nullable || self->kind == AIR_CEL_TYPE_NULL || self->kind == AIR_CEL_TYPE_DYN;
}

gboolean
air_cel_type_is_object (const AirCelType *self)
{
  return self->object;
}

/* Whether fields that are not declared are refused. */
gboolean
air_cel_type_is_closed (const AirCelType *self)
{
  return self->object && self->rest == NULL;
}

/**
 * air_cel_type_get_item:
 * @self: a list or a map
 *
 * Returns: (transfer none) (nullable): the type of its items or values; %NULL for dyn
 */
AirCelType *
air_cel_type_get_item (const AirCelType *self)
{
  return self->item;
}

/**
 * air_cel_type_get_key:
 * @self: a map
 *
 * Returns: (transfer none) (nullable): the type of its keys; %NULL for dyn
 */
AirCelType *
air_cel_type_get_key (const AirCelType *self)
{
  return self->key;
}

/**
 * air_cel_type_get_field:
 * @self: an object
 * @name: a field
 *
 * Returns: (transfer none) (nullable): the declared type of a field, or the
 *   type of all fields that are not declared; %NULL when the object has no such
 *   field
 */
AirCelType *
air_cel_type_get_field (const AirCelType *self, const char *name)
{
  const Field *field = find_field (self, name);

  return field != NULL ? field->type : self->rest;
}

/**
 * air_cel_type_foreach_field:
 * @self: a type
 * @func: called for each declared field, in the order of declaration; not at all where @self is no object
 * @user_data: handed to @func
 */
void
air_cel_type_foreach_field (const AirCelType *self, AirCelFieldFunc func, gpointer user_data)
{
  for (guint i = 0; self->fields != NULL && i < self->fields->len; i++)
    {
      const Field *field = g_ptr_array_index (self->fields, i);

      func (field->name, field->type, field->required, user_data);
    }
}

const char *
air_cel_type_kind_name (AirCelTypeKind kind)
{
  static const char *const names[] = {
    "null_type",
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "type",
    "dyn",
    "optional_type",
    "net.IP",
    "net.CIDR",
  };

  return names[kind];
}

static void
append_type (const AirCelType *self, GString *out, guint depth)
{
  if (self->object && depth < 3)
    {
      g_string_append_c (out, '{');
      for (guint i = 0; i < self->fields->len && i < 6; i++)
        {
          const Field *field = g_ptr_array_index (self->fields, i);

          g_string_append_printf (out, "%s%s%s: ", i > 0 ? ", " : "", field->name, field->required ? "" : "?");
          append_type (field->type, out, depth + 1);
        }
      if (self->fields->len > 6 || self->rest != NULL)
        g_string_append (out, self->fields->len > 0 ? ", …" : "…");
      g_string_append_c (out, '}');
    }
  else if (self->kind == AIR_CEL_TYPE_TIMESTAMP || self->kind == AIR_CEL_TYPE_DURATION)
    g_string_append (out, self->kind == AIR_CEL_TYPE_TIMESTAMP ? "timestamp" : "duration");
  else
    {
      g_string_append (out, self->kind == AIR_CEL_TYPE_NULL ? "null" : air_cel_type_kind_name (self->kind));
      if ((self->kind == AIR_CEL_TYPE_LIST || (self->kind == AIR_CEL_TYPE_MAP && !self->object)) && self->item != NULL)
        {
          g_string_append_c (out, '(');
          if (self->key != NULL)
            {
              append_type (self->key, out, depth + 1);
              g_string_append (out, ", ");
            }
          append_type (self->item, out, depth + 1);
          g_string_append_c (out, ')');
        }
    }
  if (self->nullable)
    g_string_append_c (out, '?');
}

/**
 * air_cel_type_to_string:
 * @self: a type
 *
 * Returns: (transfer full): for messages: "list(int)", "{id: string, …}"
 */
char *
air_cel_type_to_string (const AirCelType *self)
{
  GString *out = g_string_new (NULL);

  append_type (self, out, 0);
  return g_string_free (out, FALSE);
}

/* --- relations ------------------------------------------------------------------ */

static gboolean
accepts_or_dyn (const AirCelType *self, const AirCelType *other)
{
  return self == NULL || other == NULL || air_cel_type_accepts (self, other);
}

/**
 * air_cel_type_accepts:
 * @self: what is wanted
 * @other: what is there
 *
 * Whether a value of type @other may stand where @self is wanted, as far as
 * types can tell: dyn goes everywhere.
 *
 * Returns: %FALSE when it surely does not fit
 */
gboolean
air_cel_type_accepts (const AirCelType *self, const AirCelType *other)
{
  if (self->kind == AIR_CEL_TYPE_DYN || other->kind == AIR_CEL_TYPE_DYN)
    return TRUE;
  if (other->kind == AIR_CEL_TYPE_NULL)
    return self->nullable || self->kind == AIR_CEL_TYPE_NULL;
  if (self->kind != other->kind)
    return FALSE;
  if (self->kind == AIR_CEL_TYPE_LIST)
    return accepts_or_dyn (self->item, other->item);
  if (self->kind != AIR_CEL_TYPE_MAP)
    return TRUE;
  if (!self->object)
    {
      for (guint i = 0; other->fields != NULL && i < other->fields->len; i++)
        if (!accepts_or_dyn (self->item, ((Field *) other->fields->pdata[i])->type))
          return FALSE;
      return accepts_or_dyn (self->key, other->key) && accepts_or_dyn (self->item, other->item);
    }
  for (guint i = 0; i < self->fields->len; i++)
    {
      const Field *field = g_ptr_array_index (self->fields, i);
      const AirCelType *theirs = other->object ? air_cel_type_get_field (other, field->name) : other->item;

      if (theirs == NULL && other->object && field->required)
        return FALSE;
      if (!accepts_or_dyn (field->type, theirs))
        return FALSE;
    }
  for (guint i = 0; self->rest == NULL && other->fields != NULL && i < other->fields->len; i++)
    if (find_field (self, ((Field *) other->fields->pdata[i])->name) == NULL)
      return FALSE;
  return TRUE;
}

/*
 * The type of "this or that", as in a list's items or the two ends of ?:.
 * Its labels are those of both.
 */
AirCelType *
air_cel_type_join (AirCelType *a, AirCelType *b)
{
  g_autoptr (AirCelType) joined = NULL;
  AirCelType *both[] = { a, b };

  if (a == NULL || b == NULL)
    return air_cel_type_ref (a != NULL ? a : b);
  if (a->kind == AIR_CEL_TYPE_NULL)
    joined = air_cel_type_nullable (b);
  else if (b->kind == AIR_CEL_TYPE_NULL)
    joined = air_cel_type_nullable (a);
  else if (a->kind != b->kind)
    joined = air_cel_type_new (AIR_CEL_TYPE_DYN);
  else if (a == b || (a->kind != AIR_CEL_TYPE_LIST && a->kind != AIR_CEL_TYPE_MAP))
    joined = b->nullable ? air_cel_type_nullable (a) : air_cel_type_ref (a);
  else if (a->kind == AIR_CEL_TYPE_LIST && a->item != NULL && b->item != NULL)
    {
      g_autoptr (AirCelType) item = air_cel_type_join (a->item, b->item);

      joined = air_cel_type_new_list (item);
    }
  else if (air_cel_type_accepts (a, b) && air_cel_type_accepts (b, a))
    joined = air_cel_type_ref (a);
  else
    joined = air_cel_type_new (a->kind);
  return air_cel_type_labelled_by (joined, both, 2, TRUE);
}
