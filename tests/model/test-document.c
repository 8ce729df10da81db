/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/air-document.h"

#include <string.h>

#include "base/air-json.h"

/* The smallest workflow there is; tests change one thing of it. */
static const char minimal[] = "{\n"
                              "  \"$schema\": \"airails:workflow/1\",\n"
                              "  \"id\": \"w\",\n"
                              "  \"version\": \"1.0.0\",\n"
                              "  \"title\": \"W\",\n"
                              "  \"owner\": {\"name\": \"Dora\", \"uri\": \"airails://demo/people/dora\"},\n"
                              "  \"packs\": {},\n"
                              "  \"nodes\": [\n"
                              "    {\"id\": \"done\", \"kind\": \"end\", \"outcome\": \"completed\"}\n"
                              "  ],\n"
                              "  \"edges\": []\n"
                              "}\n";

static AirDocument *
load_changed (const char *from, const char *to, GError **error)
{
  g_autoptr (GString) text = g_string_new (minimal);

  if (from != NULL)
    g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  return air_document_load (AIR_DOCUMENT_WORKFLOW, text->str, text->len, "w.json", error);
}

static void
test_minimal (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirDocument) document = load_changed (NULL, NULL, &error);
  guint line, column;

  g_assert_no_error (error);
  g_assert_cmpstr (air_document_get_id (document), ==, "w");
  g_assert_cmpstr (air_document_get_version (document), ==, "1.0.0");
  air_document_locate (document, "/nodes/0/kind", &line, &column);
  g_assert_cmpuint (line, ==, 9);
  g_assert_cmpuint (column, ==, 28);
  /* Nothing stands there: the nearest that does. */
  air_document_locate (document, "/nodes/7/kind", &line, &column);
  g_assert_cmpuint (line, ==, 8);
}

/* Every refusal: what was changed, and exactly where and what the message says. */
static const struct {
  const char *name;
  const char *from, *to;
  AirModelError code;
  const char *message;
} refusals[] = {
  { "syntax", "\"nodes\": [", "\"nodes\": [,", AIR_MODEL_ERROR_SYNTAX, "w.json:8:13: " },
  { "duplicate-key", "\"id\": \"w\",", "\"id\": \"w\", \"id\": \"x\",", AIR_MODEL_ERROR_SYNTAX,
    "w.json:3:14: duplicate key \"id\"" },
  { "no-marker", "\"$schema\": \"airails:workflow/1\",", "", AIR_MODEL_ERROR_SCHEMA,
    "w.json:1:1: the document does not say what it is; add \"$schema\": \"airails:workflow/1\"" },
  { "other-kind", "airails:workflow/1", "airails:pack/1", AIR_MODEL_ERROR_SCHEMA,
    "w.json:2:14: this is a pack, where a workflow is wanted; give the right file" },
  { "other-release", "airails:workflow/1", "airails:workflow/9", AIR_MODEL_ERROR_SCHEMA,
    "w.json:2:14: \"airails:workflow/9\" is no format of this release; a workflow is \"airails:workflow/1\"" },
  { "unknown-key", "\"title\": \"W\",", "\"title\": \"W\", \"titel\": \"W\",", AIR_MODEL_ERROR_SCHEMA,
    "w.json:5:26: unknown key \"titel\"; remove it or use one of: $schema, id, version, title" },
  { "unknown-key-in-node", "\"outcome\": \"completed\"", "\"outcome\": \"completed\", \"retry\": {}",
    AIR_MODEL_ERROR_SCHEMA,
    "w.json:9:68: unknown key \"retry\"; remove it or use one of: id, kind, title, outcome, output" },
  { "missing-key", "\"title\": \"W\",", "", AIR_MODEL_ERROR_SCHEMA, "w.json:1:1: key \"title\" is missing; add it" },
  { "missing-key-in-node", ", \"outcome\": \"completed\"", "", AIR_MODEL_ERROR_SCHEMA,
    "w.json:9:5: key \"outcome\" is missing; add it" },
  { "bad-id", "\"id\": \"done\"", "\"id\": \"Done!\"", AIR_MODEL_ERROR_SCHEMA,
    "w.json:9:12: \"Done!\" is not well formed; it must match \"^[a-z]" },
  { "bad-version", "1.0.0", "1.0", AIR_MODEL_ERROR_SCHEMA, "w.json:4:14: \"1.0\" is not well formed" },
  { "bad-kind", "\"kind\": \"end\"", "\"kind\": \"stop\"", AIR_MODEL_ERROR_SCHEMA,
    "w.json:9:28: \"stop\" is not known here; use one of [\"trigger\",\"call\"" },
  { "bad-outcome", "\"completed\"", "\"done\"", AIR_MODEL_ERROR_SCHEMA,
    "w.json:9:46: \"done\" is not known here; use one of [\"completed\",\"failed\"]" },
  { "wrong-type", "\"edges\": []", "\"edges\": {}", AIR_MODEL_ERROR_SCHEMA,
    "w.json:11:12: {} is of the wrong type; give one of type \"array\"" },
};

static void
test_refusal (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirDocument) document = load_changed (refusals[i].from, refusals[i].to, &error);

  g_assert_null (document);
  g_assert_error (error, AIR_MODEL_ERROR, (int) refusals[i].code);
  if (!g_str_has_prefix (error->message, refusals[i].message))
    g_error ("is:     %s\nshould: %s", error->message, refusals[i].message);
}

static void
test_not_an_object (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (air_document_load (AIR_DOCUMENT_PACK, "[]", 2, "p", &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_null (air_document_load (AIR_DOCUMENT_PACK, "", 0, "p", &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_SYNTAX);
  g_assert_true (g_str_has_prefix (error->message, "p:1:1: "));
}

/* No prefix of a document and no changed byte may crash; what is refused says where. */
static void
test_damage (void)
{
  gsize length = strlen (minimal);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *damaged = g_strdup (minimal);
      g_autoptr (GError) cut = NULL;
      g_autoptr (GError) changed = NULL;
      g_autoptr (AirDocument) a = air_document_load (AIR_DOCUMENT_WORKFLOW, minimal, i, "w.json", &cut);
      g_autoptr (AirDocument) b = NULL;

      /* All but the final newline is needed. */
      g_assert_true ((a == NULL) == (i < length - 1));
      g_assert_true (a != NULL || g_str_has_prefix (cut->message, "w.json:"));
      damaged[i] ^= 0x15;
      b = air_document_load (AIR_DOCUMENT_WORKFLOW, damaged, length, "w.json", &changed);
      g_assert_true (b != NULL || g_str_has_prefix (changed->message, "w.json:"));
    }
}

static void
test_schemas (void)
{
  for (AirDocumentKind kind = AIR_DOCUMENT_WORKFLOW; kind <= AIR_DOCUMENT_TRUST; kind++)
    {
      g_autofree char *file = g_strdup_printf ("%s.schema.json", air_document_kind_to_string (kind));
      g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "data", "schemas", file, NULL);
      g_autofree char *published = NULL;
      g_autoptr (GError) error = NULL;
      gsize length;
      const char *compiled_in = air_document_kind_get_schema (kind, &length);

      g_assert_true (g_file_get_contents (path, &published, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpmem (compiled_in, length, published, strlen (published));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model/document/minimal", test_minimal);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/model/document/refusal/", refusals[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_refusal);
    }
  g_test_add_func ("/model/document/not-an-object", test_not_an_object);
  g_test_add_func ("/model/document/damage", test_damage);
  g_test_add_func ("/model/document/schemas-as-published", test_schemas);
  return g_test_run ();
}
