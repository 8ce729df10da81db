/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-encode.h"
#include "air-operation-private.h"
#include "base/air-json.h"

static gboolean G_GNUC_PRINTF (3, 4) refuse (GError **error, const AirOperation *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT, "operation '%s': %s", self->id, message);
  return FALSE;
}

/* RFC 9110, 5.6.2 and 5.5: tokens, and text without controls. */
gboolean
air_http_header_name_is_valid (const char *name)
{
  if (*name == '\0')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && strchr ("!#$%&'*+-.^_`|~", *name) == NULL)
      return FALSE;
  return TRUE;
}

gboolean
air_http_header_value_is_valid (const char *value)
{
  for (; *value != '\0'; value++)
    if ((guchar) *value < 0x20 || (guchar) *value >= 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
append_path (const AirOperation *self,
             const AirRequestPlan *plan,
             const AirValue *bindings,
             GString *url,
             GError **error)
{
  gsize start = url->len;

  for (guint i = 0; i < plan->path->len; i++)
    {
      const AirPathPiece *piece = &g_array_index (plan->path, AirPathPiece, i);
      g_autoptr (AirValue) value = NULL;
      g_autofree char *text = NULL;

      if (piece->text != NULL)
        {
          g_string_append (url, piece->text);
          continue;
        }
      value = air_template_render (piece->value, bindings, error);
      if (value == NULL)
        return FALSE;
      text = air_encode_text (value);
      if (text == NULL || *text == '\0')
        return refuse (error, self, "a part of the path is empty or no text; mend the input");
      air_encode_percent (url, text, strlen (text));
    }
  /* Escaping leaves dots alone: "." and ".." would still climb. */
  {
    g_auto (GStrv) segments = g_strsplit (url->str + start, "/", -1);

    for (guint i = 0; segments[i] != NULL; i++)
      if (g_str_equal (segments[i], ".") || g_str_equal (segments[i], ".."))
        return refuse (error, self, "a part of the path is '%s'; mend the input", segments[i]);
  }
  return TRUE;
}

static gboolean
add_headers (const AirOperation *self,
             const AirRequestPlan *plan,
             const AirValue *bindings,
             AirHttpRequest *request,
             GError **error)
{
  g_autoptr (AirValue) headers = NULL;

  if (plan->headers == NULL)
    return TRUE;
  headers = air_template_render (plan->headers, bindings, error);
  if (headers == NULL)
    return FALSE;
  for (gsize i = 0; i < air_map_get_size (headers); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (headers, i), NULL);
      g_autofree char *value = air_encode_text (air_map_get_value_at (headers, i));

      if (!air_http_header_name_is_valid (name) || value == NULL || !air_http_header_value_is_valid (value))
        return refuse (error, self, "header '%s' is no plain text of one line; mend the input", name);
      air_http_request_add_header (request, name, value, FALSE);
    }
  return TRUE;
}

static gboolean
set_body (const AirOperation *self,
          const AirRequestPlan *plan,
          const AirValue *bindings,
          AirHttpRequest *request,
          GError **error)
{
  static const char *const types[] = {
    NULL,
    "application/json",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    NULL, /* with its boundary */
    "application/json",
  };
  g_autofree char *type = NULL;
  g_autoptr (AirValue) body = NULL;
  g_autoptr (GString) text = NULL;

  if (plan->encoding == AIR_ENCODING_NONE)
    return TRUE;
  body = air_template_render (plan->body, bindings, error);
  if (body == NULL)
    return FALSE;
  text = g_string_sized_new (256);
  switch (plan->encoding)
    {
    case AIR_ENCODING_JSON:
      /* JCS: the same input is the same bytes, which vendors that compare repeats need. */
      if (!air_jcs_append (text, body, error))
        return FALSE;
      break;
    case AIR_ENCODING_FORM:
    case AIR_ENCODING_FORM_BRACKETS:
      if (air_value_get_kind (body) != AIR_VALUE_MAP)
        return refuse (error, self, "a form's body is a map of fields");
      if (!air_encode_form (text, body, plan->encoding == AIR_ENCODING_FORM_BRACKETS, error))
        return FALSE;
      break;
    case AIR_ENCODING_RAW:
      {
        gsize length = 0;

        if (air_value_get_kind (body) == AIR_VALUE_STRING)
          {
            const char *raw = air_value_get_string (body, &length);

            g_string_append_len (text, raw, length);
          }
        else if (air_value_get_kind (body) == AIR_VALUE_BYTES)
          {
            const guint8 *raw = air_value_get_bytes (body, &length);

            g_string_append_len (text, (const char *) raw, length);
          }
        else
          return refuse (error, self, "a raw body is text or bytes");
        break;
      }
    case AIR_ENCODING_MULTIPART:
    case AIR_ENCODING_MIME_B64URL:
      if (air_value_get_kind (body) != AIR_VALUE_MAP)
        return refuse (error, self, "the body is a map");
      if (plan->encoding == AIR_ENCODING_MULTIPART ? !air_encode_multipart (text, body, &type, error)
                                                   : !air_encode_mail (text, body, error))
        return FALSE;
      break;
    case AIR_ENCODING_NONE:
      break;
    }
  if (air_http_request_get_header (request, "Content-Type") == NULL)
    air_http_request_add_header (request, "Content-Type", type != NULL ? type : types[plan->encoding], FALSE);
  request->body = g_string_free_to_bytes (g_steal_pointer (&text));
  return TRUE;
}

static gboolean
check_input (const AirOperation *self, const AirValue *input, GError **error)
{
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *words = NULL;

  if (air_schema_validate (self->input, input, &issues, &local))
    return TRUE;
  if (local != NULL)
    return refuse (error, self, "input: %s", local->message);
  words = air_schema_describe_issues (issues);
  return refuse (error, self, "input: %s", words);
}

static AirHttpRequest *
build (const AirOperation *self,
       AirPurpose purpose,
       AirValue *input,
       AirValue *run,
       const AirEgress *egress,
       const char *page,
       GError **error)
{
  const AirRequestPlan *plan = purpose == AIR_PURPOSE_RECONCILE ? self->reconcile : self->request;
  g_autoptr (AirHttpRequest) request = NULL;
  g_autoptr (AirValue) bindings = NULL;
  g_autoptr (GString) url = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (self != NULL && input != NULL && run != NULL && egress != NULL, NULL);

  if (plan == NULL)
    {
      refuse (error, self, "it has no reconcile request");
      return NULL;
    }
  if (!check_input (self, input, error))
    return NULL;

  bindings = air_operation_bindings (self, input, run);
  url = g_string_new (self->connector->base_url);
  if (!append_path (self, plan, bindings, url, &local))
    goto failed;
  if (plan->query != NULL || page != NULL)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (AirValue) query =
          plan->query != NULL ? air_template_render (plan->query, bindings, &local) : air_map_new ();

      if (query == NULL)
        goto failed;
      if (page != NULL)
        {
          /* What a template gives may be the template's own. */
          AirValue *longer = air_map_copy (query);

          air_map_set_string (longer, self->page_parameter, page);
          air_value_unref (query);
          query = longer;
        }
      if (!air_encode_query (text, query, &local))
        goto failed;
      if (text->len > 0)
        g_string_append_printf (url, "?%s", text->str);
    }
  request = air_http_request_new (plan->method, url->str);
  if (!add_headers (self, plan, bindings, request, &local) || !set_body (self, plan, bindings, request, &local))
    goto failed;
  if (air_http_request_get_header (request, "Accept") == NULL)
    air_http_request_add_header (request, "Accept", "application/json", FALSE);

  /* Last: where it goes is certain before a credential is put in. */
  if (!air_egress_check (egress, request->url, error))
    return NULL;
  if (!air_auth_apply (self->connector->auth, self->connector->base_url, request, &local))
    goto failed;
  return g_steal_pointer (&request);

failed:
  if (local->domain == AIR_OPERATION_ERROR)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    refuse (error, self, "%s", local->message);
  return NULL;
}

AirHttpRequest *
air_operation_build_request (const AirOperation *self,
                             AirPurpose purpose,
                             AirValue *input,
                             AirValue *run,
                             const AirEgress *egress,
                             GError **error)
{
  return build (self, purpose, input, run, egress, NULL, error);
}

/**
 * air_operation_build_page:
 * @self: an operation whose reconcile has pages
 * @input: as for air_operation_build_request()
 * @run: as for air_operation_build_request()
 * @egress: where it may go
 * @page: what air_operation_get_next_page() gave
 * @error: return location
 *
 * The request of %AIR_PURPOSE_RECONCILE for another page.
 *
 * Returns: (transfer full): the request, or %NULL with an %AIR_OPERATION_ERROR
 */
AirHttpRequest *
air_operation_build_page (const AirOperation *self,
                          AirValue *input,
                          AirValue *run,
                          const AirEgress *egress,
                          const char *page,
                          GError **error)
{
  g_return_val_if_fail (self->next != NULL && page != NULL, NULL);

  return build (self, AIR_PURPOSE_RECONCILE, input, run, egress, page, error);
}
