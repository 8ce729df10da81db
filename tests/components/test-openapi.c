/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our operations beside the vendors' own descriptions: AIRAILS_OPENAPI_VECTORS (or ../shared/vectors/openapi) holds
 * <connector>.json, an OpenAPI 3 document. What a request may hold, what it must, and what an answer holds. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "cel/air-template.h"
#include "engine/air-member.h"
#include "model/air-pack-directory.h"

typedef struct {
  AirValue *root;
  const char *operation;
  gboolean has_cursors;
  guint n_sent, n_read, n_answered, n_wrong;
} Check;

G_GNUC_PRINTF (2, 3)
static void
wrong (Check *self, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  self->n_wrong++;
  g_test_message ("%s: %s", self->operation, what);
}

static AirValue *
at (const AirValue *value, const char *key)
{
  return value != NULL && air_value_get_kind (value) == AIR_VALUE_MAP ? air_map_get (value, key) : NULL;
}

static AirValue *
resolve (const Check *self, AirValue *schema)
{
  for (guint i = 0; i < 20; i++)
    {
      AirValue *reference = at (schema, "$ref");

      if (reference == NULL || *air_value_get_string (reference, NULL) != '#')
        break;
      schema = air_value_at (self->root, air_value_get_string (reference, NULL) + 1);
    }
  return schema;
}

/* The schema of a property, through allOf and anyOf; NULL when there is none of that name. */
static AirValue *
find_property (const Check *self, AirValue *schema, const char *name, guint depth)
{
  static const char *const several[] = { "allOf", "anyOf", "oneOf" };
  AirValue *found;

  schema = resolve (self, schema);
  found = at (at (schema, "properties"), name);
  if (found != NULL || depth > 8)
    return found;
  for (guint i = 0; i < G_N_ELEMENTS (several); i++)
    {
      AirValue *list = at (schema, several[i]);

      for (gsize k = 0; found == NULL && list != NULL && k < air_list_get_size (list); k++)
        found = find_property (self, air_list_get (list, k), name, depth + 1);
    }
  return found;
}

/* "/v1/refunds/${input.refund_id}/cancel" is "/v1/refunds/{refund}/cancel". */
static gboolean
path_fits (const char *ours, const char *theirs)
{
  g_auto (GStrv) left = g_strsplit (ours, "/", -1), right = g_strsplit (theirs, "/", -1);

  if (g_strv_length (left) != g_strv_length (right))
    return FALSE;
  for (guint i = 0; left[i] != NULL; i++)
    if (strcmp (left[i], right[i]) != 0 && !(g_str_has_prefix (left[i], "${") && *right[i] == '{'))
      return FALSE;
  return TRUE;
}

static AirValue *
find_operation (const Check *self, const AirValue *request)
{
  AirValue *paths = at (self->root, "paths");
  g_autofree char *method = g_ascii_strdown (air_map_get_string (request, "method"), -1);

  for (gsize i = 0; paths != NULL && i < air_map_get_size (paths); i++)
    if (path_fits (air_map_get_string (request, "path"), air_value_get_string (air_map_get_key_at (paths, i), NULL)))
      return at (air_map_get_value_at (paths, i), method);
  return NULL;
}

/* What a description shows elsewhere than at the request: each is looked up there, so that it stands only as long as the
 * vendor says so. Zendesk's ticket takes `metadata` (its schema: for writing only), which the schema of an update leaves
 * out; and its lists take the parameters of cursor pagination and answer with `meta`, which only the operation's text
 * tells. */
static gboolean
is_told_elsewhere (const Check *self, const char *field)
{
  AirValue *metadata = air_value_at (self->root, "/components/schemas/TicketObject/properties/metadata");

  return strcmp (field, "ticket.metadata") == 0 && air_map_get_bool (metadata, "writeOnly", FALSE);
}

static gboolean
has_cursors (AirValue *operation)
{
  const char *text = air_map_get_string (operation, "description");

  return text != NULL && strstr (text, "Cursor pagination") != NULL;
}

static void
check_body (Check *self, AirValue *schema, const AirValue *body, const char *place)
{
  AirValue *required = at (resolve (self, schema), "required");

  for (gsize i = 0; i < air_map_get_size (body); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (body, i), NULL);
      AirValue *value = air_map_get_value_at (body, i), *property = find_property (self, schema, name, 0);
      g_autofree char *field = g_strconcat (place, name, NULL);

      self->n_sent++;
      if (property == NULL && !is_told_elsewhere (self, field))
        wrong (self, "%s is sent, and the vendor knows no such field", field);
      /* Free-form maps (metadata) have no properties of their own. */
      else if (air_value_get_kind (value) == AIR_VALUE_MAP && at (resolve (self, property), "properties") != NULL)
        {
          g_autofree char *below = g_strconcat (field, ".", NULL);

          check_body (self, property, value, below);
        }
    }
  for (gsize i = 0; required != NULL && i < air_list_get_size (required); i++)
    if (air_map_get (body, air_value_get_string (air_list_get (required, i), NULL)) == NULL)
      wrong (self, "%s%s must be sent, and is not", place, air_value_get_string (air_list_get (required, i), NULL));
}

static void
check_request (Check *self, const AirValue *request, AirValue *operation)
{
  AirValue *content = at (resolve (self, at (operation, "requestBody")), "content");
  const char *encoding = air_map_get_string (request, "encoding");
  gboolean form = encoding != NULL && g_str_has_prefix (encoding, "form");
  AirValue *schema = at (at (content, form ? "application/x-www-form-urlencoded" : "application/json"), "schema");
  AirValue *body = air_map_get_map (request, "body"), *query = air_map_get_map (request, "query");
  AirValue *parameters = at (operation, "parameters");
  g_autoptr (AirValue) none = air_map_new ();

  if (schema != NULL || body != NULL)
    check_body (self, schema, body != NULL ? body : none, "");
  for (gsize i = 0; query != NULL && i < air_map_get_size (query); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (query, i), NULL);
      gboolean found = g_str_has_prefix (name, "page[") && has_cursors (operation);

      for (gsize k = 0; parameters != NULL && k < air_list_get_size (parameters); k++)
        found =
            found || g_strcmp0 (air_map_get_string (resolve (self, air_list_get (parameters, k)), "name"), name) == 0;
      self->n_sent++;
      if (!found)
        wrong (self, "?%s is sent, and the vendor knows no such parameter", name);
    }
}

typedef struct {
  Check *check;
  AirValue *schema;
} Reading;

static void
read_cb (const char *path, gpointer user_data)
{
  Reading *self = user_data;
  g_auto (GStrv) names = NULL;
  AirValue *schema = self->schema;

  if (!g_str_has_prefix (path, "body."))
    return;
  names = g_strsplit (path + strlen ("body."), ".", -1);
  self->check->n_read++;
  for (guint i = 0; names[i] != NULL && schema != NULL; i++)
    {
      /* A list's items, and maps without names of their own, are not followed. */
      if (at (resolve (self->check, schema), "properties") == NULL && i > 0)
        return;
      schema = find_property (self->check, schema, names[i], 0);
      if (schema == NULL)
        wrong (self->check, "%s is read, and the vendor's answer has no such field", path);
    }
}

static void
expression_cb (const char *pointer, const AirCelProgram *program, gboolean optional, gpointer user_data)
{
  air_cel_program_foreach_reference (program, read_cb, user_data);
}

static void
check_response (Check *self, const AirValue *response, AirValue *operation)
{
  AirValue *content = at (resolve (self, at (at (operation, "responses"), "200")), "content");
  Reading reading = { self, at (at (content, "application/json"), "schema") };
  g_autoptr (AirTemplate) mapping = air_template_compile (air_member (response, "output"), NULL, NULL);

  if (reading.schema == NULL)
    {
      wrong (self, "the vendor describes no answer 200");
      return;
    }
  air_template_foreach_expression (mapping, expression_cb, &reading);
}

/* A fixture's answer is one that the vendor could give: names it knows, and of a closed set only members. */
static void
check_answer (Check *self, AirValue *schema, const AirValue *answer, const char *place)
{
  AirValue *items, *members;

  schema = resolve (self, schema);
  switch (air_value_get_kind (answer))
    {
    case AIR_VALUE_MAP:
      for (gsize i = 0; i < air_map_get_size (answer); i++)
        {
          const char *name = air_value_get_string (air_map_get_key_at (answer, i), NULL);
          AirValue *property = find_property (self, schema, name, 0);
          g_autofree char *below = g_strconcat (place, ".", name, NULL);

          self->n_answered++;
          if (property != NULL)
            check_answer (self, property, air_map_get_value_at (answer, i), below);
          else if (at (schema, "properties") != NULL && !(self->has_cursors && strcmp (below, "body.meta") == 0))
            wrong (self, "the fixtures' answer has %s, and the vendor's has not", below);
        }
      break;
    case AIR_VALUE_LIST:
      items = at (schema, "items");
      for (gsize i = 0; items != NULL && i < air_list_get_size (answer); i++)
        check_answer (self, items, air_list_get (answer, i), place);
      break;
    case AIR_VALUE_STRING:
      members = at (schema, "enum");
      for (gsize i = 0; members != NULL && i < air_list_get_size (members); i++)
        if (air_value_equal (air_list_get (members, i), answer))
          return;
      if (members != NULL)
        wrong (self, "the fixtures' answer has %s = '%s', which the vendor's never is", place,
               air_value_get_string (answer, NULL));
      break;
    default:
      break;
    }
}

static void
check_fixtures (Check *self, const AirValue *document, AirValue *operation, const char *purpose)
{
  AirValue *cases = air_map_get_list (document, "cases");

  self->has_cursors = has_cursors (operation);
  for (gsize i = 0; i < air_list_get_size (cases); i++)
    {
      AirValue *exchanges = air_map_get_list (air_list_get (cases, i), "exchanges");

      for (gsize k = 0; k < air_list_get_size (exchanges); k++)
        {
          AirValue *exchange = air_list_get (exchanges, k), *response = air_map_get_map (exchange, "response");
          AirValue *schema =
              at (at (at (resolve (self, at (at (operation, "responses"), "200")), "content"), "application/json"),
                  "schema");

          if (strcmp (air_map_get_string (exchange, "purpose"), purpose) == 0
              && air_map_get_map (response, "body") != NULL && air_map_get_int (response, "status", 0) == 200)
            check_answer (self, schema, air_map_get_map (response, "body"), "body");
        }
    }
}

static void
check_operation (Check *self, const AirValue *document, const AirValue *fixtures)
{
  AirValue *request = air_map_get_map (document, "request");
  AirValue *reconcile = air_map_get_map (air_map_get_map (document, "reconcile"), "request");
  AirValue *operation = find_operation (self, request);

  self->operation = air_map_get_string (document, "id");
  if (operation == NULL)
    {
      wrong (self, "the vendor knows no %s %s", air_map_get_string (request, "method"),
             air_map_get_string (request, "path"));
      return;
    }
  check_request (self, request, operation);
  check_response (self, air_map_get_map (document, "response"), operation);
  check_fixtures (self, fixtures, operation, "execute");
  if (reconcile != NULL && (operation = find_operation (self, reconcile)) != NULL)
    {
      check_request (self, reconcile, operation);
      check_fixtures (self, fixtures, operation, "reconcile");
    }
  else if (reconcile != NULL)
    wrong (self, "reconcile: the vendor knows no such request");
}

static AirValue *
load_description (const char *connector)
{
  g_autofree char *name = g_strconcat (connector, ".json", NULL);
  g_autofree char *shared =
      g_build_filename (g_getenv ("AIRAILS_SOURCE"), "..", "shared", "vectors", "openapi", name, NULL);
  const char *folder = g_getenv ("AIRAILS_OPENAPI_VECTORS");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : g_steal_pointer (&shared);
  g_autoptr (GError) error = NULL;
  AirValue *value;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  value = air_json_load_file (path, &error);
  g_assert_no_error (error);
  return value;
}

static void
test_vendor (gconstpointer data)
{
  const char *connector = data;
  g_autofree char *folder = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", NULL);
  g_autoptr (AirValue) root = load_description (connector);
  Check check = { root };
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPack) pack = NULL;
  AirValue *operations;
  guint n = 0;

  if (root == NULL)
    {
      g_test_skip ("skipped: no description of this vendor (AIRAILS_OPENAPI_VECTORS)");
      return;
    }
  pack = air_pack_load_directory (folder, &error);
  g_assert_no_error (error);
  operations = air_map_get_list (air_document_get_value (air_pack_get_document (pack)), "operations");
  for (gsize i = 0; i < air_list_get_size (operations); i++)
    {
      const char *id = air_value_get_string (air_list_get (operations, i), NULL);
      AirValue *value = air_document_get_value (air_pack_get_operation (pack, id));

      if (strcmp (air_map_get_string (value, "connector"), connector) != 0)
        continue;
      n++;
      check_operation (&check, value, air_document_get_value (air_pack_get_fixtures (pack, id)));
    }
  g_test_message ("%s: %u operations, %u fields and parameters sent, %u fields read, %u fields of fixtures, %u wrong",
                  connector, n, check.n_sent, check.n_read, check.n_answered, check.n_wrong);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (check.n_wrong, ==, 0);
}

/* The shop's description is ours, and lies in the pack. */
static void
test_shop (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", "connectors",
                                            "shop.openapi.json", NULL);
  g_autofree char *folder = g_dir_make_tmp ("openapi-XXXXXX", NULL),
                  *copy = g_build_filename (folder, "shop.json", NULL);
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_true (g_file_set_contents (copy, text, length, NULL));
  g_setenv ("AIRAILS_OPENAPI_VECTORS", folder, TRUE);
  test_vendor ("shop");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/components/openapi/stripe", "stripe", test_vendor);
  g_test_add_data_func ("/components/openapi/zendesk", "zendesk", test_vendor);
  g_test_add_func ("/components/openapi/shop", test_shop);
  return g_test_run ();
}
