/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-sd-jwt.h"

#include <math.h>
#include <string.h>

#include "air-ledger-error.h"
#include "air-ledger-private.h"
#include "base/air-json.h"

/* What JCS can write and a strict reader could not read back, in words, or NULL. */
static const char *
find_unreadable (const AirValue *value, guint depth)
{
  const char *found = NULL;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_DOUBLE:
      /* Written as plain digits, and as digits it is an integer out of range. */
      return fabs (air_value_get_double (value)) > 9007199254740992.0 && fabs (air_value_get_double (value)) < 1e21
                 ? "a whole number past 2^53 as floating point; write it as text"
                 : NULL;
    case AIR_VALUE_LIST:
      if (depth == 0)
        return "values nested too deep";
      for (gsize i = 0; i < air_list_get_size (value) && found == NULL; i++)
        found = find_unreadable (air_list_get (value, i), depth - 1);
      return found;
    case AIR_VALUE_MAP:
      if (depth == 0)
        return "values nested too deep";
      for (gsize i = 0; i < air_map_get_size (value) && found == NULL; i++)
        found = find_unreadable (air_map_get_value_at (value, i), depth - 1);
      return found;
    default:
      return NULL;
    }
}

/**
 * air_sd_append:
 * @json: where to append the disclosure's JSON
 * @name: the member's name
 * @value: its value
 * @random: for the salt
 *
 * What air_sd_disclose() encodes. Fails with an %AIR_LEDGER_ERROR or an %AIR_JSON_ERROR; @json then holds part of it.
 *
 * Returns: whether it could
 */
gboolean
air_sd_append (GString *json, const char *name, const AirValue *value, const AirRandom *random, GError **error)
{
  guint8 salt[AIR_SD_SALT_SIZE];
  char salt_text[AIR_SD_SALT_SIZE / 3 * 4 + 5];
  gsize before = json->len;
  const char *unreadable;

  if (!air_ledger_is_name (name, 128))
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                   "disclosure name \"%s\": only letters, digits, '_', '.' and '-' (at most 128) may stand in one",
                   name);
      return FALSE;
    }

  /* The disclosure's own array is one level of its depth. */
  unreadable = find_unreadable (value, AIR_JSON_MAX_DEPTH - 1);
  if (unreadable != NULL)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "disclosure \"%s\" holds %s", name, unreadable);
      return FALSE;
    }

  air_random_fill (random, salt, sizeof salt);
  g_string_append_len (json, "[\"", 2);
  g_string_append_len (json, salt_text, air_base64url_encode_to (salt, sizeof salt, salt_text));
  g_string_append_len (json, "\",\"", 3);
  g_string_append (json, name);
  g_string_append_len (json, "\",", 2);
  if (!air_jcs_append (json, value, error))
    {
      g_prefix_error (error, "disclosure \"%s\": ", name);
      return FALSE;
    }
  g_string_append_c (json, ']');

  if (json->len - before > AIR_SD_MAX_SIZE / 4 * 3)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE,
                   "disclosure \"%s\" has %" G_GSIZE_FORMAT
                   " bytes; at most %d may be kept beside an entry: keep a digest "
                   "and an address instead",
                   name, json->len - before, AIR_SD_MAX_SIZE / 4 * 3);
      return FALSE;
    }
  return TRUE;
}

/**
 * air_sd_disclose:
 * @name: [A-Za-z0-9_.-], at most 128 characters
 * @value: what to commit to
 * @random: where the salt comes from; it must be unguessable for @value to stay hidden
 * @error: return location
 *
 * Makes the disclosure of one redactable field (RFC 9901, section 4.2.1) with a
 * salt of 128 bits. Fails with %AIR_LEDGER_ERROR_MALFORMED on the name, with
 * %AIR_LEDGER_ERROR_TOO_LARGE, or with %AIR_JSON_ERROR_UNWRITABLE on the value.
 *
 * Returns: (transfer full): base64url text
 */
char *
air_sd_disclose (const char *name, const AirValue *value, const AirRandom *random, GError **error)
{
  g_autoptr (GString) json = NULL;

  g_return_val_if_fail (name != NULL && value != NULL && random != NULL, NULL);

  json = g_string_sized_new (256);
  return air_sd_append (json, name, value, random, error) ? air_base64url_encode (json->str, json->len) : NULL;
}

/**
 * air_sd_digest:
 * @disclosure: base64url text
 * @ret_digest: (out): the commitment
 *
 * base64url (SHA-256 (ASCII (disclosure))), RFC 9901 section 4.2.3.
 */
void
air_sd_digest (const char *disclosure, char ret_digest[AIR_SD_DIGEST_SIZE + 1])
{
  AirDigest digest = air_sha256 (disclosure, strlen (disclosure));
  char text[AIR_SHA256_SIZE / 3 * 4 + 5];

  g_assert (air_base64url_encode_to (digest.bytes, sizeof digest.bytes, text) == AIR_SD_DIGEST_SIZE);
  memcpy (ret_digest, text, AIR_SD_DIGEST_SIZE + 1);
}

/**
 * air_sd_parse:
 * @disclosure: base64url text
 * @error: return location
 *
 * Reads a disclosure strictly: an array of three, a salt of at least 128 bits,
 * a name, a value. Nested commitments are not part of version 1, so `_sd` and
 * `...` are no names.
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED or a %AIR_JSON_ERROR.
 *
 * Returns: (transfer full): the disclosure, or %NULL
 */
AirDisclosure *
air_sd_parse (const char *disclosure, GError **error)
{
  g_autoptr (AirDisclosure) self = NULL;
  g_autoptr (AirValue) list = NULL;
  g_autofree guint8 *json = NULL;
  g_autofree guint8 *salt_bytes = NULL;
  const char *salt, *name;
  gsize length, text_length, salt_length, name_length;

  g_return_val_if_fail (disclosure != NULL, NULL);

  text_length = strlen (disclosure);
  if (text_length > AIR_SD_MAX_SIZE || (json = air_base64url_decode (disclosure, text_length, &length)) == NULL)
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                           "disclosure: not base64url without padding");
      return NULL;
    }

  list = air_json_parse ((const char *) json, length, error);
  if (list == NULL)
    {
      g_prefix_error (error, "disclosure:");
      return NULL;
    }

  if (air_value_get_kind (list) != AIR_VALUE_LIST || air_list_get_size (list) != 3
      || air_value_get_kind (air_list_get (list, 0)) != AIR_VALUE_STRING
      || air_value_get_kind (air_list_get (list, 1)) != AIR_VALUE_STRING)
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                           "disclosure: not an array of salt, name and value");
      return NULL;
    }

  salt = air_value_get_string (air_list_get (list, 0), &length);
  salt_bytes = air_base64url_decode (salt, length, &salt_length);
  if (salt_bytes == NULL || salt_length < AIR_SD_SALT_SIZE)
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                           "disclosure: the salt is not base64url of at least 128 bits");
      return NULL;
    }

  name = air_value_get_string (air_list_get (list, 1), &name_length);
  if (strlen (name) != name_length || !air_ledger_is_name (name, 128) || g_str_equal (name, "_sd")
      || g_str_equal (name, "..."))
    {
      g_set_error_literal (
          error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
          "disclosure: the name may hold only letters, digits, '_', '.' and '-', and not be \"_sd\" or \"...\"");
      return NULL;
    }

  self = g_new0 (AirDisclosure, 1);
  self->salt = g_strdup (salt);
  self->name = g_strdup (name);
  self->value = air_value_ref (air_list_get (list, 2));

  return g_steal_pointer (&self);
}

/**
 * air_sd_is_digest:
 * @text: any text
 *
 * Whether @text has the form of a commitment.
 *
 * Returns: whether it has
 */
gboolean
air_sd_is_digest (const char *text)
{
  g_autofree guint8 *bytes = NULL;
  gsize length;

  if (text == NULL || strlen (text) != AIR_SD_DIGEST_SIZE)
    return FALSE;

  bytes = air_base64url_decode (text, AIR_SD_DIGEST_SIZE, &length);
  return bytes != NULL && length == AIR_SHA256_SIZE;
}

void
air_disclosure_free (AirDisclosure *self)
{
  if (self == NULL)
    return;
  g_free (self->salt);
  g_free (self->name);
  g_clear_pointer (&self->value, air_value_unref);
  g_free (self);
}
