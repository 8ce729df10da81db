/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <gio/gio.h>
#include <string.h>
#include <yyjson.h>

#include "air-file.h"
#include "air-json-private.h"
#include "air-value-private.h"

typedef struct {
  const char *text;
  gsize length;
  guint64 token; /* number of the token being read, for messages */
} Reader;

G_DEFINE_QUARK (air-json-error-quark, air_json_error)

static AirValue *read_value (Reader *self, yyjson_val *value, guint depth, GError **error);

G_GNUC_PRINTF (5, 6)
static void
set_error_at (GError **error, AirJsonError code, const Reader *self, gsize offset, const char *format, ...)
{
  g_autofree char *what = NULL;
  guint line, column;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  air_json_position (self->text, MIN (offset, self->length), &line, &column);
  g_set_error (error, AIR_JSON_ERROR, code, "%u:%u: %s", line, column, what);
}

static gsize
token_offset (const Reader *self)
{
  return air_json_token_offset (self->text, self->length, self->token);
}

static AirValue *
read_number (Reader *self, yyjson_val *value)
{
  if (yyjson_is_real (value))
    return air_value_new_double (yyjson_get_real (value));
  if (yyjson_is_sint (value))
    return air_value_new_int (yyjson_get_sint (value));
  if (yyjson_get_uint (value) <= G_MAXINT64)
    return air_value_new_int ((gint64) yyjson_get_uint (value));
  return air_value_new_uint (yyjson_get_uint (value));
}

static AirValue *
read_list (Reader *self, yyjson_val *value, guint depth, GError **error)
{
  g_autoptr (AirValue) list = air_list_new ();
  gsize size = yyjson_arr_size (value), i, n;
  yyjson_val *item;

  if (size > 0)
    {
      list->items = g_new (AirValue *, size);
      list->capacity = size;
    }
  yyjson_arr_foreach (value, i, n, item)
    {
      AirValue *read;

      self->token++;
      read = read_value (self, item, depth + 1, error);
      if (read == NULL)
        return NULL;
      list->items[list->size++] = read;
    }
  return g_steal_pointer (&list);
}

static AirValue *
read_map (Reader *self, yyjson_val *value, guint depth, GError **error)
{
  g_autoptr (AirValue) map = air_map_new ();
  gsize size = yyjson_obj_size (value), i, n;
  yyjson_val *name, *member;

  if (size > 0)
    {
      map->map.entries = g_new (AirMapEntry, size);
      map->capacity = size;
    }
  yyjson_obj_foreach (value, i, n, name, member)
    {
      g_autoptr (AirValue) key = air_value_new_string_len (yyjson_get_str (name), yyjson_get_len (name));
      guint64 key_token = ++self->token;
      AirValue *read;

      self->token++;
      read = read_value (self, member, depth + 1, error);
      if (read == NULL)
        return NULL;
      if (!air_map_insert_new (map, key, read))
        {
          air_value_unref (read);
          self->token = key_token;
          set_error_at (error, AIR_JSON_ERROR_DUPLICATE_KEY, self, token_offset (self),
                        "duplicate key \"%s\"; remove one of them", yyjson_get_str (name));
          return NULL;
        }
      g_steal_pointer (&key);
    }
  return g_steal_pointer (&map);
}

static AirValue *
read_value (Reader *self, yyjson_val *value, guint depth, GError **error)
{
  switch (yyjson_get_type (value))
    {
    case YYJSON_TYPE_NULL:
      return air_value_new_null ();
    case YYJSON_TYPE_BOOL:
      return air_value_new_bool (yyjson_get_bool (value));
    case YYJSON_TYPE_NUM:
      return read_number (self, value);
    case YYJSON_TYPE_STR:
      return air_value_new_string_len (yyjson_get_str (value), yyjson_get_len (value));
    case YYJSON_TYPE_ARR:
    case YYJSON_TYPE_OBJ:
      if (depth > AIR_JSON_MAX_DEPTH)
        {
          set_error_at (error, AIR_JSON_ERROR_DEPTH, self, token_offset (self),
                        "nested deeper than %d levels; flatten the document", AIR_JSON_MAX_DEPTH);
          return NULL;
        }
      return yyjson_is_arr (value) ? read_list (self, value, depth, error) : read_map (self, value, depth, error);
    case YYJSON_TYPE_RAW:
      set_error_at (error, AIR_JSON_ERROR_NUMBER, self, token_offset (self),
                    "the number %.40s does not fit 64 bits; write it as a string", yyjson_get_raw (value));
      return NULL;
    default:
      g_assert_not_reached ();
    }
}

static void
set_syntax_error (GError **error, const Reader *self, const yyjson_read_err *failure)
{
  gsize offset = MIN (failure->pos, self->length);

  if (failure->code == YYJSON_READ_ERROR_UNEXPECTED_CONTENT)
    set_error_at (error, AIR_JSON_ERROR_TRAILING, self, offset, "text after the end of the value; remove it");
  else if (failure->code == YYJSON_READ_ERROR_INVALID_STRING && strstr (failure->msg, "surrogate") != NULL)
    set_error_at (error, AIR_JSON_ERROR_SURROGATE, self, offset,
                  "half of a surrogate pair; write the whole character, or both escapes");
  else if (failure->code == YYJSON_READ_ERROR_INVALID_NUMBER)
    set_error_at (error, AIR_JSON_ERROR_NUMBER, self, offset, "%s; mend the number", failure->msg);
  else if (failure->code == YYJSON_READ_ERROR_UNEXPECTED_END)
    set_error_at (error, AIR_JSON_ERROR_SYNTAX, self, offset, "the text ends too early; close what is open");
  else if (!g_utf8_validate_len (self->text, self->length, NULL))
    {
      const char *bad;

      (void) g_utf8_validate_len (self->text, self->length, &bad);
      set_error_at (error, AIR_JSON_ERROR_SYNTAX, self, bad - self->text, "no valid UTF-8; save the text as UTF-8");
    }
  else
    set_error_at (error, AIR_JSON_ERROR_SYNTAX, self, offset, "%s; mend the JSON here", failure->msg);
}

/**
 * air_json_parse:
 * @text: UTF-8, at most 64 MiB
 * @length: bytes of @text
 *
 * Reads RFC 8259, strictly: no duplicate keys, no half surrogate pairs, no bytes
 * after the value, at most %AIR_JSON_MAX_DEPTH levels. Integers stay exact (int,
 * or uint past its range); numbers with a fraction or an exponent become doubles.
 *
 * Returns: (transfer full): the value, or %NULL with an %AIR_JSON_ERROR
 */
AirValue *
air_json_parse (const char *text, gsize length, GError **error)
{
  /* yyjson wants a buffer it may change, but copies when not asked to read in place. */
  const yyjson_read_flag flags = YYJSON_READ_BIGNUM_AS_RAW;
  Reader self = { text, length, 0 };
  yyjson_read_err failure;
  yyjson_doc *doc;
  AirValue *value;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  if (length > AIR_JSON_MAX_SIZE)
    {
      g_set_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_SIZE,
                   "1:1: %" G_GSIZE_FORMAT " bytes of JSON; at most %u MiB are read, split the document", length,
                   AIR_JSON_MAX_SIZE >> 20);
      return NULL;
    }
  if (length == 0)
    {
      g_set_error_literal (error, AIR_JSON_ERROR, AIR_JSON_ERROR_SYNTAX, "1:1: no text; write a JSON value");
      return NULL;
    }

  doc = yyjson_read_opts ((char *) text, length, flags, NULL, &failure);
  if (doc == NULL)
    {
      set_syntax_error (error, &self, &failure);
      return NULL;
    }
  value = read_value (&self, yyjson_doc_get_root (doc), 1, error);
  yyjson_doc_free (doc);
  return value;
}

/**
 * air_json_parse_bytes:
 * @bytes: UTF-8, at most 64 MiB
 *
 * Reads as air_json_parse() does.
 *
 * Returns: (transfer full): the value, or %NULL with an %AIR_JSON_ERROR
 */
AirValue *
air_json_parse_bytes (GBytes *bytes, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  return air_json_parse (text, length, error);
}

/**
 * air_json_parse_named:
 * @bytes: UTF-8, at most 64 MiB
 * @name: what messages call it
 *
 * Reads as air_json_parse() does; messages read "NAME:3:7: what".
 *
 * Returns: (transfer full): the value, or %NULL with an %AIR_JSON_ERROR
 */
AirValue *
air_json_parse_named (GBytes *bytes, const char *name, GError **error)
{
  AirValue *value = air_json_parse_bytes (bytes, error);

  if (value == NULL)
    g_prefix_error (error, "%s:", name);
  return value;
}

static gboolean
is_blank (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (strchr (" \t\r", text[i]) == NULL || text[i] == '\0')
      return FALSE;
  return TRUE;
}

/**
 * air_json_parse_lines:
 * @bytes: UTF-8, one JSON object a line; empty lines are left out
 * @name: what messages call it
 *
 * Messages read "NAME:3:7: what", as those of air_json_parse_named().
 *
 * Returns: (transfer full) (element-type AirValue): the objects, or %NULL with an %AIR_JSON_ERROR
 */
GPtrArray *
air_json_parse_lines (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length), *end = text + length;

  for (guint line = 1; text < end; line++)
    {
      const char *next = memchr (text, '\n', end - text);
      gsize line_length = (next != NULL ? next : end) - text;
      g_autoptr (GError) cause = NULL;
      AirValue *value;

      if (!is_blank (text, line_length))
        {
          value = air_json_parse (text, line_length, &cause);
          if (value == NULL)
            {
              /* One line is all that was read, so its message begins with "1:". */
              g_set_error (error, AIR_JSON_ERROR, cause->code, "%s:%u%s", name, line, strchr (cause->message, ':'));
              return NULL;
            }
          g_ptr_array_add (list, value);
          if (value->kind != AIR_VALUE_MAP)
            {
              g_set_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_SYNTAX,
                           "%s:%u:1: this is no object; write one JSON object a line", name, line);
              return NULL;
            }
        }
      text += line_length + 1;
    }
  return g_steal_pointer (&list);
}

/**
 * air_json_load_file:
 * @path: a file
 *
 * Messages begin with @path, as those of air_json_parse_named().
 *
 * Returns: (transfer full): the value, or %NULL with an %AIR_JSON_ERROR or a %G_FILE_ERROR
 */
AirValue *
air_json_load_file (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  AirValue *value;
  gsize length;

  if (!air_file_load (path, &text, &length, error))
    return NULL;
  value = air_json_parse (text, length, error);
  if (value == NULL)
    g_prefix_error (error, "%s:", path);
  return value;
}

/* --- writing for people ------------------------------------------------------- */

static void
append_break (GString *out, guint depth)
{
  g_string_append_c (out, '\n');
  for (guint i = 0; i < depth; i++)
    g_string_append (out, "  ");
}

static gboolean
append_pretty (GString *out, const AirValue *value, guint depth, GError **error)
{
  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_INT:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, value->i);
      return TRUE;
    case AIR_VALUE_UINT:
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, value->u);
      return TRUE;
    case AIR_VALUE_LIST:
    case AIR_VALUE_MAP:
      if (value->size == 0)
        {
          g_string_append (out, value->kind == AIR_VALUE_LIST ? "[]" : "{}");
          return TRUE;
        }
      if (depth >= AIR_JSON_MAX_DEPTH)
        break;
      g_string_append_c (out, value->kind == AIR_VALUE_LIST ? '[' : '{');
      for (gsize i = 0; i < value->size; i++)
        {
          if (i > 0)
            g_string_append_c (out, ',');
          append_break (out, depth + 1);
          if (value->kind == AIR_VALUE_MAP)
            {
              if (!air_jcs_append (out, value->map.entries[i].key, error))
                return FALSE;
              if (value->map.entries[i].key->kind != AIR_VALUE_STRING)
                break;
              g_string_append (out, ": ");
            }
          if (!append_pretty (out, value->kind == AIR_VALUE_MAP ? value->map.entries[i].value : value->items[i],
                              depth + 1, error))
            return FALSE;
        }
      append_break (out, depth);
      g_string_append_c (out, value->kind == AIR_VALUE_LIST ? ']' : '}');
      return TRUE;
    default:
      return air_jcs_append (out, value, error);
    }
  g_set_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_DEPTH, "nested deeper than %d levels; flatten the value",
               AIR_JSON_MAX_DEPTH);
  return FALSE;
}

/**
 * air_json_write_pretty:
 * @value: a value
 *
 * Writes what git diffs well: an indentation of two spaces, keys in order of insertion, a final newline. Not
 * canonical: nothing is hashed in this form.
 *
 * Returns: (transfer full): the text, or %NULL with %AIR_JSON_ERROR_UNWRITABLE or %AIR_JSON_ERROR_DEPTH
 */
char *
air_json_write_pretty (const AirValue *value, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_return_val_if_fail (value != NULL, NULL);

  if (!append_pretty (out, value, 0, error))
    return NULL;
  g_string_append_c (out, '\n');
  return g_string_free (g_steal_pointer (&out), FALSE);
}
