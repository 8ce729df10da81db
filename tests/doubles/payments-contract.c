/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "payments"

#include "config.h"

#include "payments-contract.h"

#include <string.h>

#include "base/air-json.h"
#include "payments-form.h"

/* The part of OpenAPI 3.1 that payments.openapi.json uses; a keyword this does not know is an
 * assertion at load, so the description cannot promise what is not checked. */
struct _PaymentsContract {
  AirValue *document;
};

static const char *const known_keywords[] = { "$ref",          "additionalProperties",
                                              "enum",          "items",
                                              "maximum",       "maxLength",
                                              "maxProperties", "minimum",
                                              "minLength",     "pattern",
                                              "properties",    "required",
                                              "type",          NULL };

static void
assert_known_keywords (const AirValue *schema)
{
  AirValue *properties = air_map_get_map (schema, "properties");
  AirValue *items = air_map_get_map (schema, "items"), *more = air_map_get_map (schema, "additionalProperties");

  for (gsize i = 0; i < air_map_get_size (schema); i++)
    {
      const char *keyword = air_value_get_string (air_map_get_key_at (schema, i), NULL);

      if (!g_strv_contains (known_keywords, keyword))
        g_error ("payments.openapi.json: keyword '%s' is not checked; teach payments-contract.c to", keyword);
    }
  for (gsize i = 0; properties != NULL && i < air_map_get_size (properties); i++)
    assert_known_keywords (air_map_get_value_at (properties, i));
  if (items != NULL)
    assert_known_keywords (items);
  if (more != NULL)
    assert_known_keywords (more);
}

PaymentsContract *
payments_contract_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_resources_lookup_data ("/dev/airails/doubles/payments.openapi.json", G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  PaymentsContract *self = g_new0 (PaymentsContract, 1);
  AirValue *schemas;

  g_assert_no_error (error);
  self->document = air_json_parse_bytes (bytes, &error);
  g_assert_no_error (error);

  schemas = air_value_at (self->document, "/components/schemas");
  for (gsize i = 0; i < air_map_get_size (schemas); i++)
    assert_known_keywords (air_map_get_value_at (schemas, i));
  assert_known_keywords (air_value_at (self->document, "/paths/~1v1~1refunds/post/requestBody/content/"
                                                       "application~1x-www-form-urlencoded/schema"));
  return self;
}

void
payments_contract_free (PaymentsContract *self)
{
  air_value_unref (self->document);
  g_free (self);
}

/* {"error": {...}} as Stripe says it; @code and @param may be NULL. */
VendorAnswer *
payments_refusal (guint status, const char *type, const char *code, const char *param, const char *format, ...)
{
  AirValue *body = air_map_new (), *details = air_map_new ();
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  air_map_set_string (details, "type", type);
  if (code != NULL)
    air_map_set_string (details, "code", code);
  if (param != NULL)
    air_map_set_string (details, "param", param);
  air_map_set_string (details, "message", message);
  air_map_set (body, "error", details);
  return vendor_answer_new (status, body);
}

static const AirValue *
resolve (PaymentsContract *self, const AirValue *schema)
{
  const char *reference = air_map_get_string (schema, "$ref");

  return reference != NULL ? air_value_at (self->document, reference + strlen ("#")) : schema;
}

static gboolean
list_holds (const AirValue *list, const char *text)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_value_get_string (air_list_get (list, i), NULL), text) == 0)
      return TRUE;
  return FALSE;
}

static const char *
type_name (const AirValue *value)
{
  switch ((int) air_value_get_kind (value))
    {
    case AIR_VALUE_NULL:
      return "null";
    case AIR_VALUE_BOOL:
      return "boolean";
    case AIR_VALUE_INT:
      return "integer";
    case AIR_VALUE_STRING:
      return "string";
    case AIR_VALUE_LIST:
      return "array";
    case AIR_VALUE_MAP:
      return "object";
    default:
      return "number";
    }
}

/* Text of a form or query as the schema's type; NULL when it is not of that type. */
static AirValue *
coerce (const AirValue *schema, AirValue *value)
{
  const char *text, *digits;
  gint64 number;

  if (air_value_get_kind (value) != AIR_VALUE_STRING || g_strcmp0 (air_map_get_string (schema, "type"), "integer") != 0)
    return air_value_ref (value);
  text = air_value_get_string (value, NULL);
  digits = *text == '-' ? text + 1 : text;
  if (*digits == '\0' || strspn (digits, "0123456789") != strlen (digits) || (digits[0] == '0' && digits[1] != '\0')
      || !g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return NULL;
  return air_value_new_int (number);
}

static VendorAnswer *check (PaymentsContract *self, const AirValue *schema, const AirValue *value, const char *name);

static VendorAnswer *
invalid (const char *code, const char *name, const char *problem)
{
  return payments_refusal (400, "invalid_request_error", code, name, "Invalid %s: %s", name, problem);
}

static VendorAnswer *
check_text (const AirValue *schema, const AirValue *value, const char *name)
{
  const char *text = air_value_get_string (value, NULL), *pattern = air_map_get_string (schema, "pattern");
  glong length = g_utf8_strlen (text, -1);

  if (length < air_map_get_int (schema, "minLength", 0))
    return invalid ("parameter_invalid_empty", name, "must not be empty");
  if (length > air_map_get_int (schema, "maxLength", G_MAXLONG))
    return invalid ("parameter_invalid_string_too_long", name, "too long");
  if (pattern != NULL && !g_regex_match_simple (pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
    return invalid ("parameter_invalid", name, "does not look like one");
  if (air_map_get (schema, "enum") != NULL && !list_holds (air_map_get (schema, "enum"), text))
    return invalid ("parameter_invalid", name, "not one of the values known here");
  return NULL;
}

static VendorAnswer *
check_object (PaymentsContract *self, const AirValue *schema, const AirValue *value, const char *name)
{
  AirValue *properties = air_map_get_map (schema, "properties"), *required = air_map_get_list (schema, "required");
  AirValue *more = air_map_get (schema, "additionalProperties");

  for (gsize i = 0; required != NULL && i < air_list_get_size (required); i++)
    {
      const char *member = air_value_get_string (air_list_get (required, i), NULL);

      if (air_map_get (value, member) == NULL)
        return payments_refusal (400, "invalid_request_error", "parameter_missing", member,
                                 "Missing required param: %s.", member);
    }
  if (air_map_get_size (value) > (gsize) air_map_get_int (schema, "maxProperties", G_MAXINT64))
    return invalid ("parameter_invalid", name, "too many members");
  for (gsize i = 0; i < air_map_get_size (value); i++)
    {
      const char *member = air_value_get_string (air_map_get_key_at (value, i), NULL);
      AirValue *known = properties != NULL ? air_map_get (properties, member) : NULL;
      g_autofree char *place = *name != '\0' ? g_strdup_printf ("%s[%s]", name, member) : g_strdup (member);
      VendorAnswer *refusal;

      if (known == NULL && more != NULL && air_value_get_kind (more) == AIR_VALUE_BOOL && !air_value_get_bool (more))
        return payments_refusal (400, "invalid_request_error", "parameter_unknown", place,
                                 "Received unknown parameter: %s", place);
      if (known == NULL && more != NULL && air_value_get_kind (more) == AIR_VALUE_MAP)
        known = more;
      if (known != NULL && (refusal = check (self, known, air_map_get_value_at (value, i), place)) != NULL)
        return refusal;
    }
  return NULL;
}

static VendorAnswer *
check (PaymentsContract *self, const AirValue *schema, const AirValue *value, const char *name)
{
  AirValue *types, *items;

  schema = resolve (self, schema);
  types = air_map_get (schema, "type");
  items = air_map_get (schema, "items");
  if (air_value_get_kind (types) == AIR_VALUE_LIST ? !list_holds (types, type_name (value))
                                                   : g_strcmp0 (air_value_get_string (types, NULL), type_name (value)))
    return invalid ("parameter_invalid", name, "of the wrong type");

  switch ((int) air_value_get_kind (value))
    {
    case AIR_VALUE_STRING:
      return check_text (schema, value, name);
    case AIR_VALUE_INT:
      if (air_value_get_int (value) < air_map_get_int (schema, "minimum", G_MININT64))
        return invalid ("parameter_invalid_integer", name, "too small");
      if (air_value_get_int (value) > air_map_get_int (schema, "maximum", G_MAXINT64))
        return invalid ("parameter_invalid_integer", name, "too great");
      return NULL;
    case AIR_VALUE_MAP:
      return check_object (self, schema, value, name);
    case AIR_VALUE_LIST:
      for (gsize i = 0; items != NULL && i < air_list_get_size (value); i++)
        {
          VendorAnswer *refusal = check (self, items, air_list_get (value, i), name);

          if (refusal != NULL)
            return refusal;
        }
      return NULL;
    default:
      return NULL;
    }
}

static AirValue *
find_operation (PaymentsContract *self, const VendorRequest *request, VendorAnswer **ret_refusal)
{
  AirValue *path = air_map_get (air_map_get (self->document, "paths"), request->path);
  g_autofree char *method = g_ascii_strdown (request->method, -1);
  AirValue *operation = path != NULL ? air_map_get (path, method) : NULL;

  if (operation == NULL && ret_refusal != NULL)
    *ret_refusal = payments_refusal (404, "invalid_request_error", NULL, NULL, "Unrecognized request URL (%s: %s).",
                                     request->method, request->path);
  return operation;
}

/* Parameters as an object schema of their own: names here are unique over query and header. */
static AirValue *
schema_of_parameters (const AirValue *operation, const char *in)
{
  AirValue *schema = air_map_new (), *properties = air_map_new (), *required = air_list_new ();
  AirValue *parameters = air_map_get_list (operation, "parameters");

  for (gsize i = 0; parameters != NULL && i < air_list_get_size (parameters); i++)
    {
      AirValue *parameter = air_list_get (parameters, i);
      const char *name = air_map_get_string (parameter, "name");

      if (g_strcmp0 (air_map_get_string (parameter, "in"), in) != 0)
        continue;
      air_map_set (properties, name, air_value_ref (air_map_get (parameter, "schema")));
      if (air_map_get_bool (parameter, "required", FALSE))
        air_list_append (required, air_value_new_string (name));
    }
  air_map_set_string (schema, "type", "object");
  air_map_set_bool (schema, "additionalProperties", FALSE);
  air_map_set (schema, "properties", properties);
  air_map_set (schema, "required", required);
  return schema;
}

static AirValue *
coerce_all (const AirValue *schema, const AirValue *given, VendorAnswer **ret_refusal)
{
  g_autoptr (AirValue) typed = air_map_new ();
  AirValue *properties = air_map_get_map (schema, "properties");

  for (gsize i = 0; i < air_map_get_size (given); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (given, i), NULL);
      AirValue *value = air_map_get_value_at (given, i), *known = air_map_get (properties, name), *of_type;

      of_type = known != NULL ? coerce (known, value) : air_value_ref (value);
      if (of_type == NULL)
        {
          *ret_refusal = payments_refusal (400, "invalid_request_error", "parameter_invalid_integer", name,
                                           "Invalid integer: %s", air_value_get_string (value, NULL));
          return NULL;
        }
      air_map_set (typed, name, of_type);
    }
  return g_steal_pointer (&typed);
}

static AirValue *
read_body (const AirValue *operation, const VendorRequest *request, AirValue **ret_schema, VendorAnswer **ret_refusal)
{
  AirValue *content = air_value_at (operation, "/requestBody/content"), *media;
  const char *type = soup_message_headers_get_content_type (request->headers, NULL);
  g_autoptr (GError) error = NULL;
  AirValue *given;
  const char *text;
  gsize length;

  media = type != NULL ? air_map_get (content, type) : NULL;
  if (media == NULL)
    {
      *ret_refusal = payments_refusal (400, "invalid_request_error", NULL, NULL,
                                       "Invalid request (check that your POST content type is "
                                       "application/x-www-form-urlencoded, not %s).",
                                       type != NULL ? type : "none");
      return NULL;
    }
  text = g_bytes_get_data (request->body, &length);
  given = payments_form_parse (text, length, &error);
  if (given == NULL)
    {
      *ret_refusal = payments_refusal (400, "invalid_request_error", "parameter_invalid", NULL, "%s", error->message);
      return NULL;
    }
  *ret_schema = air_value_ref (air_map_get (media, "schema"));
  return given;
}

static AirValue *
read_query (const AirValue *operation, const VendorRequest *request, AirValue **ret_schema)
{
  AirValue *given = air_map_new ();
  GHashTableIter iter;
  gpointer name, value;

  if (request->query != NULL)
    {
      g_hash_table_iter_init (&iter, request->query);
      while (g_hash_table_iter_next (&iter, &name, &value))
        air_map_set_string (given, name, value);
    }
  *ret_schema = schema_of_parameters (operation, "query");
  return given;
}

/* The request's parameters (of body or query) in their types, or NULL and the refusal. */
AirValue *
payments_contract_read (PaymentsContract *self, const VendorRequest *request, VendorAnswer **ret_refusal)
{
  const char *key = soup_message_headers_get_one (request->headers, "Idempotency-Key");
  AirValue *operation = find_operation (self, request, ret_refusal);
  g_autoptr (AirValue) schema = NULL, headers_schema = NULL, headers = NULL, given = NULL, typed = NULL;

  if (operation == NULL)
    return NULL;

  headers_schema = schema_of_parameters (operation, "header");
  headers = air_map_new ();
  if (key != NULL && air_map_get (operation, "requestBody") != NULL)
    air_map_set_string (headers, "Idempotency-Key", key);
  if ((*ret_refusal = check (self, headers_schema, headers, "")) != NULL)
    return NULL;

  given = air_map_get (operation, "requestBody") != NULL ? read_body (operation, request, &schema, ret_refusal)
                                                         : read_query (operation, request, &schema);
  if (given == NULL)
    return NULL;
  typed = coerce_all (schema, given, ret_refusal);
  if (typed == NULL || (*ret_refusal = check (self, schema, typed, "")) != NULL)
    return NULL;
  return g_steal_pointer (&typed);
}

/* Whether an answer is one that the description promises; on FALSE @ret_complaint is the refusal's text. */
gboolean
payments_contract_check_answer (PaymentsContract *self,
                                const VendorRequest *request,
                                guint status,
                                const AirValue *body,
                                char **ret_complaint)
{
  AirValue *operation = find_operation (self, request, NULL), *responses, *response;
  g_autofree char *name = g_strdup_printf ("%u", status);
  g_autoptr (VendorAnswer) refusal = NULL;

  if (operation == NULL)
    {
      *ret_complaint = g_strdup_printf ("%s %s is not described", request->method, request->path);
      return FALSE;
    }
  responses = air_map_get (operation, "responses");
  response = air_map_get (responses, name);
  response = response != NULL ? response : air_map_get (responses, "default");
  refusal = check (self, air_value_at (response, "/content/application~1json/schema"), body, "");
  if (refusal == NULL)
    return TRUE;
  *ret_complaint = g_strdup (refusal->body);
  return FALSE;
}
