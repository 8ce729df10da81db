/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an operation's document to compiled expressions and schemas. */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-operation-private.h"

G_DEFINE_QUARK (air-operation-error-quark, air_operation_error)

typedef struct {
  AirOperation *operation;
  gboolean secret; /* an expression asked for a secret */
} References;

static gboolean G_GNUC_PRINTF (3, 4) refuse (GError **error, const AirOperation *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT, "operation '%s': %s", self->id, message);
  return FALSE;
}

/* --- expressions -------------------------------------------------------------------- */

static void
note_reference (const char *path, gpointer user_data)
{
  References *references = user_data;

  if (g_str_equal (path, "secret") || g_str_has_prefix (path, "secret."))
    references->secret = TRUE;
  if (g_str_has_prefix (path, "header."))
    {
      g_autofree char *name = g_ascii_strdown (path + strlen ("header."), -1);

      if (!g_ptr_array_find_with_equal_func (references->operation->header_names, name, g_str_equal, NULL))
        g_ptr_array_add (references->operation->header_names, g_steal_pointer (&name));
    }
}

static void
note_program (const char *pointer, const AirCelProgram *program, gboolean optional, gpointer user_data)
{
  air_cel_program_foreach_reference (program, note_reference, user_data);
}

static gboolean
compile (AirOperation *self, const char *place, const char *expression, AirCelProgram **ret_program, GError **error)
{
  References references = { .operation = self };
  g_autoptr (GError) local = NULL;

  if (expression == NULL)
    return refuse (error, self, "%s is missing or no expression", place);
  *ret_program = air_cel_compile (expression, NULL, &local);
  if (*ret_program == NULL)
    return refuse (error, self, "%s: %s", place, local->message);
  note_program (NULL, *ret_program, FALSE, &references);
  return !references.secret || refuse (error, self, "%s asks for a secret; only a connector's auth may", place);
}

static gboolean
compile_template (AirOperation *self,
                  const char *place,
                  const AirValue *tree,
                  AirTemplate **ret_template,
                  GError **error)
{
  References references = { .operation = self };
  g_autoptr (GError) local = NULL;

  if (tree == NULL)
    return TRUE;
  *ret_template = air_template_compile (tree, NULL, &local);
  if (*ret_template == NULL)
    return refuse (error, self, "%s: %s", place, local->message);
  air_template_foreach_expression (*ret_template, note_program, &references);
  return !references.secret || refuse (error, self, "%s asks for a secret; only a connector's auth may", place);
}

static gboolean
compile_schema (AirOperation *self, const char *place, const AirValue *document, AirSchema **ret_schema, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (document == NULL)
    return refuse (error, self, "%s schema is missing; add it", place);
  *ret_schema = air_schema_compile (document, &local);
  return *ret_schema != NULL || refuse (error, self, "%s schema: %s", place, local->message);
}

/* --- requests --------------------------------------------------------------------------- */

static void
clear_piece (gpointer data)
{
  AirPathPiece *piece = data;

  g_clear_pointer (&piece->text, g_free);
  g_clear_pointer (&piece->value, air_template_unref);
}

void
air_request_plan_free (AirRequestPlan *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->path, g_array_unref);
  g_clear_pointer (&self->query, air_template_unref);
  g_clear_pointer (&self->headers, air_template_unref);
  g_clear_pointer (&self->body, air_template_unref);
  g_free (self);
}

/* The end of "${...}", past strings and inner braces; NULL when it does not end. */
static const char *
find_end (const char *start)
{
  guint depth = 0;

  for (const char *p = start; *p != '\0'; p++)
    if (*p == '\'' || *p == '"')
      {
        char quote = *p;

        for (p++; *p != '\0' && *p != quote; p++)
          if (*p == '\\' && p[1] != '\0')
            p++;
        if (*p == '\0')
          return NULL;
      }
    else if (*p == '{')
      depth++;
    else if (*p == '}' && --depth == 0)
      return p + 1;
  return NULL;
}

static gboolean
load_path (AirOperation *self, AirRequestPlan *plan, const char *path, GError **error)
{
  plan->path = g_array_new (FALSE, TRUE, sizeof (AirPathPiece));
  g_array_set_clear_func (plan->path, clear_piece);
  if (path == NULL || *path != '/' || strpbrk (path, "#\\\r\n\t ?") == path)
    return refuse (error, self, "path '%s' does not begin with a slash", path != NULL ? path : "");
  while (*path != '\0')
    {
      const char *dollar = strstr (path, "${");
      AirPathPiece piece = { 0 };

      if (dollar != path)
        {
          gsize length = dollar != NULL ? (gsize) (dollar - path) : strlen (path);

          piece.text = g_strndup (path, length);
          path += length;
          g_array_append_val (plan->path, piece);
          if (strpbrk (piece.text, "?# \\") != NULL || strstr (piece.text, "/../") != NULL)
            return refuse (error, self,
                           "path: '%s' may hold neither query, fragment nor '..'; use query for parameters",
                           piece.text);
          continue;
        }
      {
        const char *end = find_end (path + 1);
        g_autofree char *text = end != NULL ? g_strndup (path, end - path) : NULL;
        g_autoptr (AirValue) tree = text != NULL ? air_value_new_string (text) : NULL;

        if (end == NULL)
          return refuse (error, self, "path '%s': a ${ has no end", path);
        if (!compile_template (self, "path", tree, &piece.value, error))
          return FALSE;
        g_array_append_val (plan->path, piece);
        path = end;
      }
    }
  return TRUE;
}

static gboolean
load_request (AirOperation *self, const AirValue *document, AirRequestPlan **ret_plan, GError **error)
{
  static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", NULL };
  static const char *const encodings[] = { "none", "json", "form", "form-brackets", "raw", "multipart", "mime-b64url" };
  const char *method = air_map_get_string (document, "method");
  const char *encoding = air_map_get_string (document, "encoding");
  AirValue *body = air_member (document, "body");
  AirRequestPlan *plan = g_new0 (AirRequestPlan, 1);

  *ret_plan = plan;
  if (method == NULL || !g_strv_contains (methods, method))
    return refuse (error, self, "method '%s' is not one of HTTP's", method != NULL ? method : "");
  plan->method = g_intern_string (method);
  if (encoding == NULL)
    encoding = "none";
  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    if (g_str_equal (encoding, encodings[i]))
      {
        plan->encoding = i;
        encoding = NULL;
        break;
      }
  if (encoding != NULL)
    return refuse (error, self, "encoding '%s' is not one this engine writes", encoding);
  if ((body != NULL) != (plan->encoding != AIR_ENCODING_NONE))
    return refuse (error, self, "a body needs an encoding and an encoding a body; give both or none");
  return load_path (self, plan, air_map_get_string (document, "path"), error)
         && compile_template (self, "query", air_map_get_map (document, "query"), &plan->query, error)
         && compile_template (self, "headers", air_map_get_map (document, "headers"), &plan->headers, error)
         && compile_template (self, "body", body, &plan->body, error);
}

/* --- answers ------------------------------------------------------------------------------ */

static void
clear_rule (gpointer data)
{
  AirErrorRule *rule = data;

  g_clear_pointer (&rule->when, air_cel_program_unref);
  g_clear_pointer (&rule->alarm, g_free);
}

static void
clear_evidence (gpointer data)
{
  AirEvidenceItem *item = data;

  g_free (item->group);
  g_free (item->name);
  g_clear_pointer (&item->value, air_template_unref);
}

static gboolean
load_response (AirOperation *self, const AirValue *document, GError **error)
{
  AirValue *asserts = air_map_get_list (document, "assert");
  AirValue *errors = air_map_get_list (document, "errors");
  AirValue *mapping = air_member (document, "output");

  if (mapping == NULL)
    return refuse (error, self, "response.output is missing; say what the answer gives");
  if (!compile (self, "response.ok", air_map_get_string (document, "ok"), &self->ok, error)
      || !compile_template (self, "response.output", mapping, &self->mapping, error))
    return FALSE;
  for (gsize i = 0; asserts != NULL && i < air_list_get_size (asserts); i++)
    {
      AirValue *item = air_list_get (asserts, i);
      AirCelProgram *program = NULL;

      if (!compile (self, "response.assert",
                    air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : NULL, &program,
                    error))
        return FALSE;
      g_ptr_array_add (self->asserts, program);
    }
  for (gsize i = 0; errors != NULL && i < air_list_get_size (errors); i++)
    {
      AirValue *item = air_list_get (errors, i);
      AirErrorRule *rule;

      g_array_set_size (self->errors, self->errors->len + 1);
      rule = &g_array_index (self->errors, AirErrorRule, self->errors->len - 1);
      rule->alarm = g_strdup (air_map_get_string (item, "alarm"));
      if (!air_outcome_class_from_string (air_map_get_string (item, "class"), &rule->outcome_class)
          || rule->outcome_class == AIR_OUTCOME_OK)
        return refuse (error, self, "response.errors[%u]: class is none of an error's", (guint) i);
      if (!compile (self, "response.errors", air_map_get_string (item, "when"), &rule->when, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_evidence (AirOperation *self, const char *group, const char *name, const AirValue *tree, GError **error)
{
  AirEvidenceItem *item;

  g_array_set_size (self->evidence, self->evidence->len + 1);
  item = &g_array_index (self->evidence, AirEvidenceItem, self->evidence->len - 1);
  item->group = g_strdup (group);
  item->name = g_strdup (name);
  return compile_template (self, "evidence", tree, &item->value, error);
}

static gboolean
load_evidence (AirOperation *self, const AirValue *document, GError **error)
{
  AirValue *bind = air_map_get_list (document, "bind");

  for (gsize i = 0; document != NULL && i < air_map_get_size (document); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (document, i), NULL);
      AirValue *value = air_map_get_value_at (document, i);

      if (g_str_equal (name, "bind"))
        continue;
      if (air_value_get_kind (value) != AIR_VALUE_MAP)
        {
          if (!add_evidence (self, NULL, name, value, error))
            return FALSE;
          continue;
        }
      for (gsize k = 0; k < air_map_get_size (value); k++)
        if (!add_evidence (self, name, air_value_get_string (air_map_get_key_at (value, k), NULL),
                           air_map_get_value_at (value, k), error))
          return FALSE;
    }
  for (gsize i = 0; bind != NULL && i < air_list_get_size (bind); i++)
    {
      AirValue *item = air_list_get (bind, i);
      const char *name = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : "";

      if (g_str_equal (name, "request.digest"))
        self->bind_request = TRUE;
      else if (g_str_equal (name, "response.digest"))
        self->bind_response = TRUE;
      else if (g_str_equal (name, "run.idem"))
        self->bind_key = TRUE;
      else
        return refuse (error, self, "evidence.bind: '%s' is none of request.digest, response.digest, run.idem", name);
    }
  return TRUE;
}

static gboolean
load_reconcile (AirOperation *self, const AirValue *document, GError **error)
{
  const char *as = air_map_get_string (document, "as");

  if (document == NULL)
    return TRUE;
  self->found_is_output = g_strcmp0 (as, "output") == 0;
  if (!load_request (self, air_map_get_map (document, "request"), &self->reconcile, error)
      || !compile (self, "reconcile.found", air_map_get_string (document, "found"), &self->found, error))
    return FALSE;
  return g_str_equal (self->reconcile->method, "GET") || g_str_equal (self->reconcile->method, "POST")
         || refuse (error, self, "reconcile.request must only ask: use GET, or POST where the vendor searches so");
}

static gboolean
load_pages (AirOperation *self, const AirValue *document, GError **error)
{
  AirCelProgram *next = NULL;

  if (document == NULL)
    return TRUE;
  return compile (self, "paginate.next", air_map_get_string (document, "next"), &next, error)
         && air_operation_load_pages (self, document, next, error);
}

/* --- public ----------------------------------------------------------------------------------- */

/**
 * air_operation_new:
 * @document: the operation's document
 * @connector: the connector it names; outlives the operation
 *
 * Returns: (transfer full): the operation, or NULL with %AIR_OPERATION_ERROR_DOCUMENT
 */
AirOperation *
air_operation_new (const AirValue *document, const AirConnector *connector, GError **error)
{
  g_autoptr (AirOperation) self = g_new0 (AirOperation, 1);
  const char *id = air_map_get_string (document, "id");
  const char *of = air_map_get_string (document, "connector");

  g_return_val_if_fail (document != NULL && connector != NULL, NULL);

  self->id = g_strdup (id != NULL ? id : "");
  self->connector = connector;
  self->asserts = g_ptr_array_new_with_free_func ((GDestroyNotify) air_cel_program_unref);
  self->errors = g_array_new (FALSE, TRUE, sizeof (AirErrorRule));
  g_array_set_clear_func (self->errors, clear_rule);
  self->evidence = g_array_new (FALSE, TRUE, sizeof (AirEvidenceItem));
  g_array_set_clear_func (self->evidence, clear_evidence);
  self->header_names = g_ptr_array_new_with_free_func (g_free);

  if (id == NULL || g_strcmp0 (of, connector->id) != 0)
    {
      refuse (error, self, "it is of connector '%s', not '%s'", of != NULL ? of : "", connector->id);
      return NULL;
    }
  if (!compile_schema (self, "input", air_member (document, "input"), &self->input, error)
      || !compile_schema (self, "output", air_member (document, "output"), &self->output, error)
      || !load_request (self, air_map_get_map (document, "request"), &self->request, error)
      || !load_response (self, air_map_get_map (document, "response"), error)
      || !load_evidence (self, air_map_get_map (document, "evidence"), error)
      || !load_reconcile (self, air_map_get_map (document, "reconcile"), error)
      || !load_pages (self, air_map_get_map (document, "paginate"), error))
    return NULL;
  return g_steal_pointer (&self);
}

void
air_operation_free (AirOperation *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_clear_pointer (&self->input, air_schema_unref);
  g_clear_pointer (&self->output, air_schema_unref);
  g_clear_pointer (&self->request, air_request_plan_free);
  g_clear_pointer (&self->reconcile, air_request_plan_free);
  g_clear_pointer (&self->ok, air_cel_program_unref);
  g_clear_pointer (&self->mapping, air_template_unref);
  g_clear_pointer (&self->found, air_cel_program_unref);
  g_clear_pointer (&self->next, air_cel_program_unref);
  g_free (self->page_parameter);
  g_clear_pointer (&self->asserts, g_ptr_array_unref);
  g_clear_pointer (&self->errors, g_array_unref);
  g_clear_pointer (&self->evidence, g_array_unref);
  g_clear_pointer (&self->header_names, g_ptr_array_unref);
  g_free (self);
}

/**
 * air_operation_get_id:
 * @self: an operation
 *
 * Returns: (transfer none): its id, as plans name it
 */
const char *
air_operation_get_id (const AirOperation *self)
{
  return self->id;
}

/**
 * air_operation_get_connector:
 * @self: an operation
 *
 * Returns: (transfer none): the connector it was made for
 */
const AirConnector *
air_operation_get_connector (const AirOperation *self)
{
  return self->connector;
}

AirValue *
air_operation_bindings (const AirOperation *self, AirValue *input, AirValue *run)
{
  AirValue *bindings = air_map_new ();

  air_map_set (bindings, "input", air_value_ref (input));
  air_map_set (bindings, "run", air_value_ref (run));
  air_map_set (bindings, "connector", air_value_ref (self->connector->facts));
  return bindings;
}

/* "/amount_minor: must be at least 1; /currency: ..." without the values themselves. */
char *
air_schema_describe_issues (GPtrArray *issues)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; issues != NULL && i < issues->len && i < 3; i++)
    {
      const AirSchemaIssue *issue = g_ptr_array_index (issues, i);

      if (text->len > 0)
        g_string_append (text, "; ");
      g_string_append_printf (text, "%s does not meet '%s'", *issue->pointer != '\0' ? issue->pointer : "the whole",
                              issue->keyword);
    }
  return g_strdup (text->str);
}
