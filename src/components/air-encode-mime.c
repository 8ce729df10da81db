/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies with parts: forms with files (RFC 7578), and mail as mail services take it (RFC 5322 in base64url). */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-encode.h"
#include "air-operation-private.h"
#include "base/air-hash.h"
#include "base/air-json.h"

#define MAX_LINE 76

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT, message);
  return FALSE;
}

/* --- multipart/form-data -------------------------------------------------------------------- */

/* Quotes and line ends would end the header (WHATWG's way of escaping, which servers expect). */
static void
append_name (GString *out, const char *text)
{
  for (; *text != '\0'; text++)
    if (*text == '"' || *text == '\r' || *text == '\n')
      g_string_append_printf (out, "%%%02X", (guchar) *text);
    else
      g_string_append_c (out, *text);
}

static gboolean
append_content (GString *out, const char *name, const AirValue *value, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (air_value_get_kind (value) == AIR_VALUE_BYTES)
    {
      const guint8 *data = air_value_get_bytes (value, &length);

      g_string_append_len (out, (const char *) data, length);
      return TRUE;
    }
  text = air_encode_text (value);
  if (text == NULL)
    return refuse (error, "'%s' is a %s that has no place in a form's part", name,
                   air_value_kind_to_string (air_value_get_kind (value)));
  g_string_append (out, text);
  return TRUE;
}

/* A field is text, or a file: {"filename", "content_type", "data"}. */
static gboolean
append_part (GString *out, const char *boundary, const char *name, const AirValue *value, GError **error)
{
  gboolean file = air_value_get_kind (value) == AIR_VALUE_MAP;
  const char *filename = file ? air_map_get_string (value, "filename") : NULL;
  const char *type = file ? air_map_get_string (value, "content_type") : NULL;
  AirValue *data = file ? air_map_get (value, "data") : (AirValue *) value;

  if (file && (filename == NULL || data == NULL || (type != NULL && !air_http_header_value_is_valid (type))))
    return refuse (error, "'%s' is no file; write {\"filename\", \"content_type\", \"data\"}", name);
  g_string_append_printf (out, "--%s\r\nContent-Disposition: form-data; name=\"", boundary);
  append_name (out, name);
  g_string_append_c (out, '"');
  if (file)
    {
      g_string_append (out, "; filename=\"");
      append_name (out, filename);
      g_string_append_printf (out, "\"\r\nContent-Type: %s", type != NULL ? type : "application/octet-stream");
    }
  g_string_append (out, "\r\n\r\n");
  if (!append_content (out, name, data, error))
    return FALSE;
  g_string_append (out, "\r\n");
  return TRUE;
}

static gboolean
append_parts (GString *out, const char *boundary, const AirValue *map, GError **error)
{
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      AirValue *value = air_map_get_value_at (map, i);

      if (!air_value_is_null (value)
          && !append_part (out, boundary, air_value_get_string (air_map_get_key_at (map, i), NULL), value, error))
        return FALSE;
    }
  g_string_append_printf (out, "--%s--\r\n", boundary);
  return TRUE;
}

/**
 * air_encode_multipart:
 * @out: where to append
 * @map: a value is text, or a file {"filename", "content_type", "data"}
 * @ret_type: (out) (transfer full): the content type, with its boundary
 * @error: return location
 *
 * multipart/form-data (RFC 7578). The same input gives the same bytes; the boundary is a hash of them.
 *
 * Returns: %FALSE with %AIR_OPERATION_ERROR_INPUT for a part that cannot be written
 */
gboolean
air_encode_multipart (GString *out, const AirValue *map, char **ret_type, GError **error)
{
  g_autoptr (GString) draft = g_string_new (NULL);
  g_autofree char *boundary = NULL;

  /* The same input gives the same bytes; what follows from all of them by a hash stands in none of them. */
  if (!append_parts (draft, "", map, error))
    return FALSE;
  {
    AirDigest digest = air_sha256 (draft->str, draft->len);
    g_autofree char *hex = air_digest_to_hex (&digest);

    boundary = g_strndup (hex, 40);
  }
  if (!append_parts (out, boundary, map, error))
    return FALSE;
  *ret_type = g_strconcat ("multipart/form-data; boundary=", boundary, NULL);
  return TRUE;
}

/* --- mail -------------------------------------------------------------------------------------- */

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar) *text < 0x20 || (guchar) *text >= 0x7f)
      return FALSE;
  return TRUE;
}

/* RFC 2047: in words of at most 45 bytes, which base64 makes 60. */
static void
append_words (GString *out, const char *text)
{
  while (*text != '\0')
    {
      gsize length = MIN (strlen (text), 45);
      g_autofree char *encoded = NULL;

      while (length > 0 && ((guchar) text[length] & 0xc0) == 0x80)
        length--;
      encoded = g_base64_encode ((const guchar *) text, length);
      g_string_append_printf (out, "=?utf-8?B?%s?=", encoded);
      text += length;
      if (*text != '\0')
        g_string_append (out, "\r\n ");
    }
}

static gboolean
append_mail_header (GString *out, const char *name, const AirValue *value, GError **error)
{
  g_autofree char *text = air_value_get_kind (value) == AIR_VALUE_STRING ? air_encode_text (value) : NULL;
  static const char *const addresses[] = { "From", "To", "Cc", "Bcc", "Reply-To", "Sender" };

  if (text == NULL || !air_http_header_name_is_valid (name) || strpbrk (text, "\r\n") != NULL)
    return refuse (error, "the mail's header '%s' is no text of one line", name);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    if (g_ascii_strcasecmp (name, addresses[i]) == 0 && !is_ascii (text))
      return refuse (error, "the mail's header '%s' holds more than an address in ASCII", name);
  g_string_append_printf (out, "%s: ", name);
  if (is_ascii (text))
    g_string_append (out, text);
  else
    append_words (out, text);
  g_string_append (out, "\r\n");
  return TRUE;
}

/**
 * air_encode_mail:
 * @out: where to append
 * @map: {"headers": {…}, "text": "…"}; other members stay beside the result
 * @error: return location
 *
 * Appends the JSON {"raw": base64url of RFC 5322}, which the mail APIs of vendors take.
 *
 * Returns: %FALSE with %AIR_OPERATION_ERROR_INPUT when it is no mail or a header could not stand in one, or with an
 *   %AIR_JSON_ERROR
 */
gboolean
air_encode_mail (GString *out, const AirValue *map, GError **error)
{
  AirValue *headers = air_map_get_map (map, "headers");
  const char *text = air_map_get_string (map, "text");
  g_autoptr (AirValue) body = NULL;
  g_autoptr (GString) mail = g_string_new (NULL);
  g_autofree char *encoded = NULL, *raw = NULL;

  if (headers == NULL || text == NULL)
    return refuse (error, "a mail is {\"headers\": {…}, \"text\": \"…\"}");
  for (gsize i = 0; i < air_map_get_size (headers); i++)
    if (!air_value_is_null (air_map_get_value_at (headers, i))
        && !append_mail_header (mail, air_value_get_string (air_map_get_key_at (headers, i), NULL),
                                air_map_get_value_at (headers, i), error))
      return FALSE;
  g_string_append (mail, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\n");
  encoded = g_base64_encode ((const guchar *) text, strlen (text));
  for (gsize i = 0; i < strlen (encoded); i += MAX_LINE)
    g_string_append_printf (mail, "%.*s\r\n", MAX_LINE, encoded + i);
  raw = air_base64url_encode (mail->str, mail->len);
  body = air_map_copy (map);
  air_map_remove (body, "headers");
  air_map_remove (body, "text");
  air_map_set_string (body, "raw", raw);
  return air_jcs_append (out, body, error);
}
