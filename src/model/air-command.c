/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-command-private.h"
#include "air-workflow-private.h"

#include <string.h>

#include "base/air-json.h"

typedef enum { STEP_SET, STEP_UNSET, STEP_INSERT, STEP_REMOVE } StepKind;

static const char *const step_names[] = { "set", "unset", "insert", "remove" };

typedef struct {
  StepKind kind;
  char *at;
  AirValue *value; /* of set and insert */
  guint index;     /* where insert puts it; where set puts a member that was not there */
} Step;

struct _AirCommand {
  gatomicrefcount references;
  char *title;
  GPtrArray *steps;
};

static void
step_free (gpointer data)
{
  Step *step = data;

  g_free (step->at);
  g_clear_pointer (&step->value, air_value_unref);
  g_free (step);
}

static Step *
add_step (AirCommand *self, StepKind kind, char *take_at, AirValue *take_value, guint index)
{
  Step *step = g_new0 (Step, 1);

  step->kind = kind;
  step->at = take_at;
  step->value = take_value;
  step->index = index;
  g_ptr_array_add (self->steps, step);
  return step;
}

static AirCommand *
command_new (char *take_title)
{
  AirCommand *self = g_new0 (AirCommand, 1);

  g_atomic_ref_count_init (&self->references);
  self->title = take_title;
  self->steps = g_ptr_array_new_with_free_func (step_free);
  return self;
}

AirCommand *
air_command_new (const char *format, ...)
{
  va_list arguments;
  char *title;

  va_start (arguments, format);
  title = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return command_new (title);
}

void
air_command_add_set (AirCommand *self, const char *pointer, AirValue *take_value)
{
  add_step (self, STEP_SET, g_strdup (pointer), take_value, G_MAXUINT);
}

void
air_command_add_unset (AirCommand *self, const char *pointer)
{
  add_step (self, STEP_UNSET, g_strdup (pointer), NULL, G_MAXUINT);
}

void
air_command_add_insert (AirCommand *self, const char *list, guint index, AirValue *take_value)
{
  add_step (self, STEP_INSERT, g_strdup (list), take_value, index);
}

void
air_command_add_remove (AirCommand *self, const char *item)
{
  add_step (self, STEP_REMOVE, g_strdup (item), NULL, G_MAXUINT);
}

/**
 * air_command_new_set:
 * @pointer: a place of the source
 * @take_value: (transfer full): what stands there afterwards
 *
 * A member that is not there is added, at the end of its map.
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_set (const char *pointer, AirValue *take_value)
{
  AirCommand *self = air_command_new ("Set %s", pointer);

  air_command_add_set (self, pointer, take_value);
  return self;
}

/**
 * air_command_new_unset:
 * @pointer: a member of a map, there
 *
 * Returns: (transfer full): the command that takes it out
 */
AirCommand *
air_command_new_unset (const char *pointer)
{
  AirCommand *self = air_command_new ("Take out %s", pointer);

  air_command_add_unset (self, pointer);
  return self;
}

/**
 * air_command_new_insert:
 * @list: the place of a list; one that is not there is made
 * @index: before which item, or %G_MAXUINT for the end
 * @take_value: (transfer full): the new item
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_insert (const char *list, guint index, AirValue *take_value)
{
  AirCommand *self = air_command_new ("Add to %s", list);

  air_command_add_insert (self, list, index, take_value);
  return self;
}

/**
 * air_command_new_remove:
 * @item: the place of an item of a list, by its id or number
 *
 * Returns: (transfer full): the command that takes it out
 */
AirCommand *
air_command_new_remove (const char *item)
{
  AirCommand *self = air_command_new ("Remove %s", item);

  air_command_add_remove (self, item);
  return self;
}

/**
 * air_command_new_transaction:
 * @title: what it does, for people
 * @commands: (element-type AirCommand): left as they are
 *
 * Several as one: applied in order, all or none, undone as one.
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_transaction (const char *title, GPtrArray *commands)
{
  AirCommand *self = command_new (g_strdup (title));

  for (guint i = 0; i < commands->len; i++)
    {
      const AirCommand *command = g_ptr_array_index (commands, i);

      for (guint k = 0; k < command->steps->len; k++)
        {
          const Step *step = g_ptr_array_index (command->steps, k);

          add_step (self, step->kind, g_strdup (step->at), step->value != NULL ? air_value_ref (step->value) : NULL,
                    step->index);
        }
    }
  return self;
}

AirCommand *
air_command_ref (AirCommand *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
air_command_unref (AirCommand *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->title);
  g_ptr_array_unref (self->steps);
  g_free (self);
}

/**
 * air_command_get_title:
 * @self: a command
 *
 * Returns: (transfer none): for people, in English: "Remove 'Refund'"
 */
const char *
air_command_get_title (const AirCommand *self)
{
  return self->title;
}

/* --- applying ------------------------------------------------------------- */

typedef struct {
  const Step *step;
  Step *inverse;
  GString *place; /* of what is being edited, in numbers */
} Edit;

static char *
unescape (const char *token, gsize length)
{
  g_autofree char *copy = g_strndup (token, length);
  g_autoptr (GString) text = g_string_new (copy);

  g_string_replace (text, "~1", "/", 0);
  g_string_replace (text, "~0", "~", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
fail (const Edit *edit, const char *why, GError **error)
{
  g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_REFERENCE,
               "the edit at %s cannot be made: %s; make it anew from the workflow as it is now", edit->step->at, why);
  return FALSE;
}

/* The number of the item that @token names, by number or by id. */
static gboolean
find_item (const AirValue *list, const char *token, gsize *ret_index)
{
  guint64 number;

  if (g_ascii_isdigit (*token) && g_ascii_string_to_unsigned (token, 10, 0, G_MAXUINT32, &number, NULL))
    {
      *ret_index = number;
      return number < air_list_get_size (list);
    }
  for (gsize i = 0; i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (list, i), "id"), token) == 0)
      {
        *ret_index = i;
        return TRUE;
      }
  return FALSE;
}

static gsize
find_member (const AirValue *map, const char *key)
{
  for (gsize i = 0; i < air_map_get_size (map); i++)
    if (g_strcmp0 (air_value_get_string (air_map_get_key_at (map, i), NULL), key) == 0)
      return i;
  return G_MAXSIZE;
}

/* A copy of @map without the member at @without, and with @key at @index. */
static AirValue *
rebuild_map (const AirValue *map, gsize without, gsize index, const char *key, AirValue *value)
{
  AirValue *copy = air_map_new ();
  gsize n = 0;

  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      if (i == without)
        continue;
      if (value != NULL && n++ == index)
        air_map_set (copy, key, air_value_ref (value));
      air_map_set_value (copy, air_value_ref (air_map_get_key_at (map, i)),
                         air_value_ref (air_map_get_value_at (map, i)));
    }
  if (value != NULL && index >= n)
    air_map_set (copy, key, air_value_ref (value));
  return copy;
}

/* A copy of @list with @value in place of the item at @index, without it (@value NULL), or with @value before it. */
static AirValue *
rebuild_list (const AirValue *list, gsize index, AirValue *value, gboolean insert)
{
  AirValue *copy = air_list_new ();
  gsize size = air_list_get_size (list);

  for (gsize i = 0; i < size; i++)
    {
      if (i == index && value != NULL)
        air_list_append (copy, air_value_ref (value));
      if (i != index || insert)
        air_list_append (copy, air_value_ref (air_list_get (list, i)));
    }
  if (insert && index >= size)
    air_list_append (copy, air_value_ref (value));
  return copy;
}

static void
set_inverse (Edit *edit, StepKind kind, AirValue *value, guint index)
{
  edit->inverse->kind = kind;
  edit->inverse->at = g_strdup (edit->place->str);
  edit->inverse->value = value != NULL ? air_value_ref (value) : NULL;
  edit->inverse->index = index;
}

static void
enter (Edit *edit, const char *escaped, gsize length)
{
  g_string_append_c (edit->place, '/');
  g_string_append_len (edit->place, escaped, length);
}

/* The last step of the way in a map. */
static AirValue *
edit_member (Edit *edit, AirValue *map, const char *key, GError **error)
{
  const Step *step = edit->step;
  gsize index = find_member (map, key);
  AirValue *old = index != G_MAXSIZE ? air_map_get_value_at (map, index) : NULL;

  switch (step->kind)
    {
    case STEP_SET:
      if (old == NULL)
        {
          set_inverse (edit, STEP_UNSET, NULL, G_MAXUINT);
          return rebuild_map (map, G_MAXSIZE, step->index, key, step->value);
        }
      set_inverse (edit, STEP_SET, old, G_MAXUINT);
      return rebuild_map (map, index, index, key, step->value);
    case STEP_UNSET:
      if (old == NULL)
        return fail (edit, "there is no such key", error), NULL;
      set_inverse (edit, STEP_SET, old, index);
      return rebuild_map (map, index, 0, NULL, NULL);
    case STEP_INSERT:
      if (old == NULL)
        {
          g_autoptr (AirValue) list = air_list_new ();

          air_list_append (list, air_value_ref (step->value));
          set_inverse (edit, STEP_UNSET, NULL, G_MAXUINT);
          return rebuild_map (map, G_MAXSIZE, G_MAXSIZE, key, list);
        }
      break;
    case STEP_REMOVE:
      return fail (edit, "only an item of a list can be removed", error), NULL;
    }
  if (air_value_get_kind (old) != AIR_VALUE_LIST)
    return fail (edit, "this is no list", error), NULL;
  {
    g_autoptr (AirValue) list = rebuild_list (old, step->index, step->value, TRUE);
    gsize at = MIN (step->index, air_list_get_size (old));

    g_string_append_printf (edit->place, "/%" G_GSIZE_FORMAT, at);
    set_inverse (edit, STEP_REMOVE, NULL, G_MAXUINT);
    return rebuild_map (map, index, index, key, list);
  }
}

/* The last step of the way in a list. */
static AirValue *
edit_item (Edit *edit, AirValue *list, gsize index, GError **error)
{
  const Step *step = edit->step;
  AirValue *old = air_list_get (list, index);

  switch (step->kind)
    {
    case STEP_SET:
      set_inverse (edit, STEP_SET, old, G_MAXUINT);
      return rebuild_list (list, index, step->value, FALSE);
    case STEP_REMOVE:
      g_string_truncate (edit->place, strrchr (edit->place->str, '/') - edit->place->str);
      set_inverse (edit, STEP_INSERT, old, index);
      return rebuild_list (list, index, NULL, FALSE);
    case STEP_INSERT:
      if (air_value_get_kind (old) == AIR_VALUE_LIST)
        {
          g_autoptr (AirValue) inner = rebuild_list (old, step->index, step->value, TRUE);

          g_string_append_printf (edit->place, "/%" G_GSIZE_FORMAT, MIN (step->index, air_list_get_size (old)));
          set_inverse (edit, STEP_REMOVE, NULL, G_MAXUINT);
          return rebuild_list (list, index, inner, FALSE);
        }
      return fail (edit, "this is no list", error), NULL;
    case STEP_UNSET:
      break;
    }
  return fail (edit, "an item of a list is removed, not unset", error), NULL;
}

/* A copy of @value with the edit made at @rest below it; what is not on the way is shared. */
static AirValue *
edit_value (Edit *edit, AirValue *value, const char *rest, GError **error)
{
  gsize length = rest[0] == '/' ? strcspn (rest + 1, "/") : 0;
  g_autofree char *token = rest[0] == '/' ? unescape (rest + 1, length) : NULL;
  const char *next = token != NULL ? rest + 1 + length : NULL;
  g_autoptr (AirValue) inner = NULL;
  gsize index;

  if (token == NULL)
    return fail (edit, "this is no pointer", error), NULL;
  if (air_value_get_kind (value) == AIR_VALUE_MAP)
    {
      enter (edit, rest + 1, length);
      if (*next == '\0')
        return edit_member (edit, value, token, error);
      index = find_member (value, token);
      if (index == G_MAXSIZE)
        return fail (edit, "the way there ends before", error), NULL;
      inner = edit_value (edit, air_map_get_value_at (value, index), next, error);
      return inner != NULL ? rebuild_map (value, index, index, token, inner) : NULL;
    }
  if (air_value_get_kind (value) != AIR_VALUE_LIST || !find_item (value, token, &index))
    return fail (edit, "the way there ends before", error), NULL;
  g_string_append_printf (edit->place, "/%" G_GSIZE_FORMAT, index);
  if (*next == '\0')
    return edit_item (edit, value, index, error);
  inner = edit_value (edit, air_list_get (value, index), next, error);
  return inner != NULL ? rebuild_list (value, index, inner, FALSE) : NULL;
}

/* Levels of @value, up to @limit. */
static guint
measure_depth (const AirValue *value, guint limit)
{
  gboolean map = air_value_get_kind (value) == AIR_VALUE_MAP;
  gsize n = map                                            ? air_map_get_size (value)
            : air_value_get_kind (value) == AIR_VALUE_LIST ? air_list_get_size (value)
                                                           : 0;
  guint deepest = 0;

  if (limit == 0)
    return 0;
  for (gsize i = 0; i < n; i++)
    {
      guint below = measure_depth (map ? air_map_get_value_at (value, i) : air_list_get (value, i), limit - 1);

      deepest = MAX (deepest, below);
    }
  return deepest + 1;
}

/* What is written must be read again: JSON can carry it, and it is not too deep. */
static gboolean
check_value (const Edit *edit, const AirValue *value, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint levels = 0;

  for (const char *at = edit->step->at; *at != '\0'; at++)
    levels += *at == '/';
  if (levels + measure_depth (value, AIR_JSON_MAX_DEPTH) >= AIR_JSON_MAX_DEPTH)
    return fail (edit, "the value nests too deep", error);
  if (!air_jcs_append (text, value, NULL))
    return fail (edit, "JSON cannot carry the value", error);
  return TRUE;
}

/**
 * air_command_apply:
 * @self: a command
 * @workflow: what it is applied to; not changed
 * @ret_inverse: (out) (optional): what takes it back: applied to the result it gives the same bytes as before
 * @error: return location
 *
 * Returns: (transfer full): the workflow after it, or %NULL with an %AIR_MODEL_ERROR when a place is not there or the
 *   result is no workflow
 */
AirWorkflow *
air_command_apply (const AirCommand *self, AirWorkflow *workflow, AirCommand **ret_inverse, GError **error)
{
  AirDocument *document;
  g_autoptr (AirValue) source = NULL;
  g_autoptr (AirCommand) inverse = NULL;
  AirWorkflow *result;

  g_return_val_if_fail (self != NULL && workflow != NULL, NULL);

  document = air_workflow_get_document (workflow);
  source = air_value_ref (air_document_get_value (document));
  inverse = air_command_new ("Undo: %s", self->title);
  for (guint i = 0; i < self->steps->len; i++)
    {
      g_autoptr (GString) place = g_string_new (NULL);
      const Step *step = g_ptr_array_index (self->steps, i);
      Edit edit = { .step = step, .inverse = g_new0 (Step, 1), .place = place };
      AirValue *next;

      g_ptr_array_insert (inverse->steps, 0, edit.inverse);
      if (step->value != NULL && !check_value (&edit, step->value, error))
        return NULL;
      next = edit_value (&edit, source, step->at, error);
      if (next == NULL)
        return NULL;
      air_value_unref (source);
      source = next;
    }
  result = air_workflow_new_from_value (source, workflow, air_document_get_file_name (document), error);
  if (result != NULL && ret_inverse != NULL)
    *ret_inverse = g_steal_pointer (&inverse);
  return result;
}

/* --- as JSON -------------------------------------------------------------- */

/**
 * air_command_to_value:
 * @self: a command
 *
 * Returns: (transfer full): {"title", "steps": [{"do": "set|unset|insert|remove", "at", "value"?, "index"?}]}
 */
AirValue *
air_command_to_value (const AirCommand *self)
{
  AirValue *value = air_map_new ();
  AirValue *steps = air_list_new ();

  for (guint i = 0; i < self->steps->len; i++)
    {
      const Step *step = g_ptr_array_index (self->steps, i);
      AirValue *item = air_map_new ();

      air_map_set_string (item, "do", step_names[step->kind]);
      air_map_set_string (item, "at", step->at);
      if (step->value != NULL)
        air_map_set (item, "value", air_value_ref (step->value));
      if (step->index != G_MAXUINT)
        air_map_set_int (item, "index", step->index);
      air_list_append (steps, item);
    }
  air_map_set_string (value, "title", self->title);
  air_map_set (value, "steps", steps);
  return value;
}

static gboolean
read_step (AirCommand *self, const AirValue *item, gsize number, GError **error)
{
  const char *name = air_map_get_string (item, "do");
  const char *at = air_map_get_string (item, "at");
  AirValue *value = air_value_get_kind (item) == AIR_VALUE_MAP ? air_map_get (item, "value") : NULL;
  gint64 index = air_map_get_int (item, "index", G_MAXUINT);
  StepKind kind = 0;

  while (kind < G_N_ELEMENTS (step_names) && g_strcmp0 (name, step_names[kind]) != 0)
    kind++;
  if (kind == G_N_ELEMENTS (step_names) || at == NULL || index < 0 || index > G_MAXUINT
      || (value != NULL) != (kind == STEP_SET || kind == STEP_INSERT))
    {
      g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_SCHEMA,
                   "/steps/%" G_GSIZE_FORMAT
                   ": a step is {\"do\": \"set|unset|insert|remove\", \"at\": POINTER}, with \"value\" for set and "
                   "insert",
                   number);
      return FALSE;
    }
  add_step (self, kind, g_strdup (at), value != NULL ? air_value_ref (value) : NULL, index);
  return TRUE;
}

/**
 * air_command_from_value:
 * @value: what air_command_to_value() gives, from anybody
 * @error: return location
 *
 * Reads the form only; whether its places are there, air_command_apply() finds out.
 *
 * Returns: (transfer full): the command, or %NULL with %AIR_MODEL_ERROR_SCHEMA
 */
AirCommand *
air_command_from_value (const AirValue *value, GError **error)
{
  const char *title = air_map_get_string (value, "title");
  AirValue *steps = air_map_get_list (value, "steps");
  g_autoptr (AirCommand) self = command_new (g_strdup (title != NULL ? title : "Edit"));

  if (steps == NULL)
    {
      g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_SCHEMA, "a command has \"steps\"; add them");
      return NULL;
    }
  for (gsize i = 0; i < air_list_get_size (steps); i++)
    if (!read_step (self, air_list_get (steps, i), i, error))
      return NULL;
  return g_steal_pointer (&self);
}
