/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-document-private.h"

#include <stdio.h>
#include <string.h>

#include "air-schemas-resources.h"
#include "base/air-json.h"
#include "schema/air-schema.h"

struct _AirDocument {
  gatomicrefcount references;
  AirDocumentKind kind;
  char *file_name;
  AirValue *value;
  char *(*write) (const AirValue *value, GError **error);
  GMutex lock; /* of the two below, which are made when first asked for */
  GBytes *text;
  AirDocumentIndex *index;
};

G_DEFINE_QUARK (air-model-error-quark, air_model_error)

static const struct {
  const char *name;   /* for people */
  const char *marker; /* its `$schema`; NULL: it has none */
  const char *path;   /* of the published schema */
} kinds[] = {
  [AIR_DOCUMENT_WORKFLOW] = { "workflow", "airails:workflow/1", "/dev/airails/schemas/workflow.schema.json" },
  [AIR_DOCUMENT_PACK] = { "pack", "airails:pack/1", "/dev/airails/schemas/pack.schema.json" },
  [AIR_DOCUMENT_CONNECTOR] = { "connector", "airails:connector/1", "/dev/airails/schemas/connector.schema.json" },
  [AIR_DOCUMENT_OPERATION] = { "operation", "airails:op/1", "/dev/airails/schemas/operation.schema.json" },
  [AIR_DOCUMENT_FIXTURES] = { "fixtures", "airails:fixtures/1", "/dev/airails/schemas/fixtures.schema.json" },
  [AIR_DOCUMENT_POLICY] = { "policy", "airails:policy/1", "/dev/airails/schemas/policy.schema.json" },
  [AIR_DOCUMENT_COMPONENT] = { "component", "airails:component/1", "/dev/airails/schemas/component.schema.json" },
  [AIR_DOCUMENT_TRUST] = { "trust", NULL, "/dev/airails/schemas/trust.schema.json" },
};

/**
 * air_document_kind_to_string:
 * @kind: a kind
 *
 * Returns: (transfer none): "workflow", "pack", …; static
 */
const char *
air_document_kind_to_string (AirDocumentKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);
  return kinds[kind].name;
}

/**
 * air_document_kind_get_schema:
 * @kind: a kind
 * @ret_length: (out) (optional): its bytes
 *
 * Returns: (transfer none): the JSON Schema as published in data/schemas, compiled in; static
 */
const char *
air_document_kind_get_schema (AirDocumentKind kind, gsize *ret_length)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);

  bytes = g_resource_lookup_data (air_schemas_get_resource (), kinds[kind].path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_assert (bytes != NULL);
  /* Resources are compiled in, uncompressed: the data outlives the GBytes. */
  return g_bytes_get_data (bytes, ret_length);
}

AirValue *
air_document_kind_get_schema_value (AirDocumentKind kind)
{
  static AirValue *values[G_N_ELEMENTS (kinds)];
  static GMutex mutex;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (values[kind] == NULL)
    {
      g_autoptr (GError) error = NULL;
      gsize length;
      const char *text = air_document_kind_get_schema (kind, &length);

      values[kind] = air_json_parse (text, length, &error);
      g_assert_no_error (error);
    }
  return values[kind];
}

/* Compiled on first use and kept: the published schemas never change while we run. */
AirSchema *
air_document_kind_get_compiled (AirDocumentKind kind)
{
  static AirSchema *compiled[G_N_ELEMENTS (kinds)];
  static GMutex mutex;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (compiled[kind] == NULL)
    {
      g_autoptr (GError) error = NULL;

      compiled[kind] = air_schema_compile (air_document_kind_get_schema_value (kind), &error);
      g_assert_no_error (error);
    }
  return compiled[kind];
}

/* A document of another kind would only drown the reader in schema errors: say it at once. */
static gboolean
check_marker (const AirDocument *self, GError **error)
{
  const char *marker;

  if (kinds[self->kind].marker == NULL)
    return TRUE;
  if (air_value_get_kind (self->value) != AIR_VALUE_MAP)
    {
      air_document_set_error (self, "", AIR_MODEL_ERROR_SCHEMA, error,
                              "a %s document is an object; start it with {\"$schema\": \"%s\"", kinds[self->kind].name,
                              kinds[self->kind].marker);
      return FALSE;
    }
  marker = air_map_get_string (self->value, "$schema");
  if (g_strcmp0 (marker, kinds[self->kind].marker) == 0)
    return TRUE;
  if (marker == NULL)
    {
      air_document_set_error (self, "", AIR_MODEL_ERROR_SCHEMA, error,
                              "the document does not say what it is; add \"$schema\": \"%s\"",
                              kinds[self->kind].marker);
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (marker, kinds[i].marker) == 0)
      {
        air_document_set_error (self, "/$schema", AIR_MODEL_ERROR_SCHEMA, error,
                                "this is a %s, where a %s is wanted; give the right file", kinds[i].name,
                                kinds[self->kind].name);
        return FALSE;
      }
  air_document_set_error (self, "/$schema", AIR_MODEL_ERROR_SCHEMA, error,
                          "\"%s\" is no format of this release; a %s is \"%s\"", marker, kinds[self->kind].name,
                          kinds[self->kind].marker);
  return FALSE;
}

static AirDocument *
document_new (AirDocumentKind kind, const char *file_name)
{
  AirDocument *self = g_new0 (AirDocument, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  self->kind = kind;
  self->file_name = g_strdup (file_name);
  return self;
}

/**
 * air_document_load:
 * @kind: what it must be
 * @text: the bytes
 * @length: how many
 * @file_name: what error messages call it
 * @error: return location
 *
 * Reads a document strictly: RFC 8259 without duplicate keys, then the schema
 * of its kind, where unknown keys are errors.
 *
 * Returns: (transfer full): the document, or %NULL with %AIR_MODEL_ERROR_SYNTAX or %AIR_MODEL_ERROR_SCHEMA
 */
AirDocument *
air_document_load (AirDocumentKind kind, const char *text, gsize length, const char *file_name, GError **error)
{
  g_autoptr (AirDocument) self = NULL;
  g_autoptr (GError) cause = NULL;

  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);
  g_return_val_if_fail (text != NULL && file_name != NULL, NULL);

  self = document_new (kind, file_name);
  self->text = g_bytes_new (text, length);
  self->value = air_json_parse (text, length, &cause);
  if (self->value == NULL)
    {
      g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_SYNTAX, "%s:%s", file_name, cause->message);
      return NULL;
    }
  if (!check_marker (self, error) || !air_document_check_schema (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

AirDocument *
air_document_new_from_value (AirDocumentKind kind,
                             AirValue *value,
                             const AirValue *changed,
                             const char *file_name,
                             char *(*write) (const AirValue *value, GError **error),
                             GError **error)
{
  g_autoptr (AirDocument) self = document_new (kind, file_name);

  self->value = air_value_ref (value);
  self->write = write;
  if (changed != NULL && air_schema_validate (air_document_kind_get_compiled (kind), changed, NULL, NULL))
    return g_steal_pointer (&self);
  /* Whole, so that what is said names the place in the whole. */
  if (!check_marker (self, error) || !air_document_check_schema (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

AirDocument *
air_document_ref (AirDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
air_document_unref (AirDocument *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->file_name);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_pointer (&self->index, air_document_index_free);
  g_clear_pointer (&self->value, air_value_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * air_document_get_kind:
 * @self: a document
 *
 * Returns: what it is, which was said when it was read and not guessed
 */
AirDocumentKind
air_document_get_kind (const AirDocument *self)
{
  return self->kind;
}

/**
 * air_document_get_file_name:
 * @self: a document
 *
 * Returns: (transfer none): what messages call its file
 */
const char *
air_document_get_file_name (const AirDocument *self)
{
  return self->file_name;
}

/**
 * air_document_get_value:
 * @self: a document
 *
 * Returns: (transfer none): all of it, a map; immutable
 */
AirValue *
air_document_get_value (const AirDocument *self)
{
  return self->value;
}

/**
 * air_document_get_text:
 * @self: a document
 * @ret_length: (out) (optional): its bytes
 *
 * Of a document that was made by a command the text is written at the first call; so that call is not for two threads
 * at once.
 *
 * Returns: (transfer none): the JSON it was read from, or would be written as
 */
const char *
air_document_get_text (const AirDocument *self, gsize *ret_length)
{
  AirDocument *mutable = (AirDocument *) self;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutable->lock);

  if (mutable->text == NULL)
    {
      /* What was made holds only what JSON can carry: its commands saw to that. */
      char *text = self->write (self->value, NULL);

      mutable->text = text != NULL ? g_bytes_new_take (text, strlen (text)) : g_bytes_new_static ("{}", 2);
    }
  return g_bytes_get_data (mutable->text, ret_length);
}

/**
 * air_document_get_id:
 * @self: a document
 *
 * Returns: (transfer none) (nullable): its id; %NULL for fixtures
 */
const char *
air_document_get_id (const AirDocument *self)
{
  return air_map_get_string (self->value, "id");
}

/**
 * air_document_get_version:
 * @self: a document
 *
 * Returns: (transfer none) (nullable): its version; %NULL for fixtures
 */
const char *
air_document_get_version (const AirDocument *self)
{
  return air_map_get_string (self->value, "version");
}

/**
 * air_document_locate:
 * @self: a document
 * @pointer: an RFC 6901 pointer
 * @ret_line: (out): the line, from 1
 * @ret_column: (out): the column in characters, from 1
 *
 * Where the value at @pointer stands; that of its nearest ancestor when nothing stands there. The text is indexed at
 * the first call; so that call is not for two threads at once.
 */
void
air_document_locate (const AirDocument *self, const char *pointer, guint *ret_line, guint *ret_column)
{
  g_autofree char *at = g_strdup (pointer);
  gsize length;
  const char *text = air_document_get_text (self, &length);
  AirDocument *mutable = (AirDocument *) self;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutable->lock);

  if (mutable->index == NULL)
    mutable->index = air_document_index_new (text, length);
  while (!air_document_index_locate (mutable->index, text, length, at, ret_line, ret_column))
    {
      char *slash = strrchr (at, '/');

      if (slash == NULL)
        {
          *ret_line = *ret_column = 1;
          return;
        }
      *slash = '\0';
    }
}

/**
 * air_document_set_error:
 * @self: a document
 * @pointer: the place at fault
 * @code: which error
 * @error: return location
 * @format: what is wrong and how to mend it
 *
 * Sets an %AIR_MODEL_ERROR that reads "FILE:LINE:COLUMN: MESSAGE".
 */
void
air_document_set_error (const AirDocument *self,
                        const char *pointer,
                        AirModelError code,
                        GError **error,
                        const char *format,
                        ...)
{
  g_autofree char *message = NULL;
  guint line, column;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  air_document_locate (self, pointer, &line, &column);
  g_set_error (error, AIR_MODEL_ERROR, code, "%s:%u:%u: %s", self->file_name, line, column, message);
}
