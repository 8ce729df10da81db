/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-dsse.h"

#include <string.h>

#include "air-ledger-private.h"
#include "base/air-hash.h"
#include "base/air-json.h"

#define MAX_SIGNATURES 16

static void
signature_free (gpointer data)
{
  AirDsseSignature *self = data;

  g_free (self->key_id);
  g_clear_pointer (&self->signature, g_bytes_unref);
  g_free (self);
}

static AirDsse *
dsse_new (const char *payload_type, GBytes *payload)
{
  AirDsse *self = g_new0 (AirDsse, 1);

  self->payload_type = g_strdup (payload_type);
  self->payload = g_bytes_ref (payload);
  self->signatures = g_ptr_array_new_with_free_func (signature_free);
  return self;
}

static void
add_signature (AirDsse *self, const char *key_id, GBytes *signature)
{
  AirDsseSignature *item = g_new0 (AirDsseSignature, 1);

  item->key_id = g_strdup (key_id);
  item->signature = g_bytes_ref (signature);
  g_ptr_array_add (self->signatures, item);
}

void
air_dsse_free (AirDsse *self)
{
  if (self == NULL)
    return;
  g_free (self->payload_type);
  g_clear_pointer (&self->payload, g_bytes_unref);
  g_clear_pointer (&self->signatures, g_ptr_array_unref);
  g_free (self);
}

/**
 * air_dsse_pae:
 * @payload_type: its media type
 * @payload: what is signed
 *
 * The pre-authentication encoding of DSSE, "DSSEv1 <len type> <type> <len body> <body>": the bytes a signature is
 * over.
 *
 * Returns: (transfer full): the bytes
 */
GBytes *
air_dsse_pae (const char *payload_type, GBytes *payload)
{
  gsize length;
  const char *data = g_bytes_get_data (payload, &length);
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "DSSEv1 %" G_GSIZE_FORMAT " %s %" G_GSIZE_FORMAT " ", strlen (payload_type),
                          payload_type, length);
  g_string_append_len (out, data, (gssize) length);
  return g_string_free_to_bytes (out);
}

/**
 * air_dsse_sign:
 * @payload_type: its media type
 * @payload: what to sign
 * @key: the signer's
 * @error: return location
 *
 * Fails with %AIR_CRYPTO_ERROR_FAILED as air_private_key_sign() does.
 *
 * Returns: (transfer full): the envelope, or %NULL
 */
AirDsse *
air_dsse_sign (const char *payload_type, GBytes *payload, AirPrivateKey *key, GError **error)
{
  g_autoptr (AirDsse) self = dsse_new (payload_type, payload);
  g_autoptr (GBytes) pae = air_dsse_pae (payload_type, payload);
  g_autoptr (GBytes) signature = NULL;

  signature = air_private_key_sign (key, g_bytes_get_data (pae, NULL), g_bytes_get_size (pae), error);
  if (signature == NULL)
    return NULL;
  add_signature (self, air_public_key_get_id (air_private_key_get_public (key)), signature);
  return g_steal_pointer (&self);
}

static AirDsse *
malformed (GError **error, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "envelope: %s", words);
  return NULL;
}

static GBytes *
decode_field (const AirValue *map, const char *key)
{
  const char *text = air_map_get_string (map, key);
  guint8 *bytes = NULL;
  gsize length;

  if (text != NULL)
    bytes = air_base64_decode (text, strlen (text), &length);
  return bytes != NULL ? g_bytes_new_take (bytes, length) : NULL;
}

/**
 * air_dsse_parse:
 * @text: an envelope as JSON
 * @length: its bytes
 * @error: return location
 *
 * Strict: no unknown or doubled key, standard base64, at least one signature.
 * Fails with %AIR_LEDGER_ERROR_MALFORMED, %AIR_LEDGER_ERROR_TOO_LARGE, or a
 * %AIR_JSON_ERROR.
 *
 * Returns: (transfer full): the envelope, not verified; or %NULL
 */
AirDsse *
air_dsse_parse (const char *text, gsize length, GError **error)
{
  static const char *const known[] = { "payload", "payloadType", "signatures", NULL };
  static const char *const known_signature[] = { "keyid", "sig", NULL };
  g_autoptr (AirDsse) self = NULL;
  g_autoptr (AirValue) root = NULL;
  g_autoptr (GBytes) payload = NULL;
  const AirValue *signatures;
  const char *payload_type, *key;

  if (length > AIR_DSSE_MAX_SIZE)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE, "envelope: more than %d bytes",
                   AIR_DSSE_MAX_SIZE);
      return NULL;
    }
  root = air_json_parse (text, length, error);
  if (root == NULL)
    {
      g_prefix_error (error, "envelope:");
      return NULL;
    }
  if (air_value_get_kind (root) != AIR_VALUE_MAP)
    return malformed (error, "not a JSON object");
  if ((key = air_ledger_unknown_key (root, known)) != NULL)
    {
      g_autofree char *words = g_strdup_printf ("field \"%s\" is unknown; remove it", key);
      return malformed (error, words);
    }

  payload_type = air_map_get_string (root, "payloadType");
  if (payload_type == NULL || *payload_type == '\0')
    return malformed (error, "field \"payloadType\" is not text");
  payload = decode_field (root, "payload");
  if (payload == NULL)
    return malformed (error, "field \"payload\" is not base64");
  signatures = air_map_get_list (root, "signatures");
  if (signatures == NULL || air_list_get_size (signatures) == 0 || air_list_get_size (signatures) > MAX_SIGNATURES)
    return malformed (error, "field \"signatures\" is not a list of 1 to 16");

  self = dsse_new (payload_type, payload);
  for (gsize i = 0; i < air_list_get_size (signatures); i++)
    {
      const AirValue *item = air_list_get (signatures, i);
      const char *key_id = air_map_get_string (item, "keyid");
      g_autoptr (GBytes) signature = NULL;

      if (air_value_get_kind (item) != AIR_VALUE_MAP || air_ledger_unknown_key (item, known_signature) != NULL
          || key_id == NULL)
        return malformed (error, "an item of \"signatures\" is not an object of \"keyid\" and \"sig\"");
      signature = decode_field (item, "sig");
      if (signature == NULL || g_bytes_get_size (signature) == 0)
        return malformed (error, "a \"sig\" is not base64");
      add_signature (self, key_id, signature);
    }
  return g_steal_pointer (&self);
}

/**
 * air_dsse_write:
 * @self: an envelope
 *
 * Returns: (transfer full): JCS
 */
char *
air_dsse_write (const AirDsse *self)
{
  g_autoptr (AirValue) root = air_map_new ();
  AirValue *list = air_list_new ();
  g_autofree char *payload = g_base64_encode (g_bytes_get_data (self->payload, NULL), g_bytes_get_size (self->payload));
  g_autoptr (GError) error = NULL;
  char *text;

  for (guint i = 0; i < self->signatures->len; i++)
    {
      AirDsseSignature *signature = g_ptr_array_index (self->signatures, i);
      AirValue *item = air_map_new ();
      g_autofree char *base64 =
          g_base64_encode (g_bytes_get_data (signature->signature, NULL), g_bytes_get_size (signature->signature));

      air_map_set_string (item, "keyid", signature->key_id);
      air_map_set_string (item, "sig", base64);
      air_list_append (list, item);
    }
  air_map_set_string (root, "payload", payload);
  air_map_set_string (root, "payloadType", self->payload_type);
  air_map_set (root, "signatures", list);

  text = air_jcs_write (root, NULL, &error);
  g_assert_no_error (error); /* nothing but text in it */
  return text;
}

/**
 * air_dsse_verify:
 * @self: an envelope
 * @key: a public key
 * @error: return location
 *
 * That a signature with @key's id is there and right. Fails with
 * %AIR_LEDGER_ERROR_SIGNATURE.
 *
 * Returns: whether it holds
 */
gboolean
air_dsse_verify (const AirDsse *self, AirPublicKey *key, GError **error)
{
  g_autoptr (GBytes) pae = air_dsse_pae (self->payload_type, self->payload);
  const char *key_id = air_public_key_get_id (key);

  for (guint i = 0; i < self->signatures->len; i++)
    {
      AirDsseSignature *signature = g_ptr_array_index (self->signatures, i);

      if (!g_str_equal (signature->key_id, key_id))
        continue;
      if (air_public_key_verify (key, g_bytes_get_data (pae, NULL), g_bytes_get_size (pae),
                                 g_bytes_get_data (signature->signature, NULL), g_bytes_get_size (signature->signature),
                                 NULL))
        return TRUE;
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "envelope: the signature by key %s is wrong",
                   key_id);
      return FALSE;
    }

  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_SIGNATURE, "envelope: not signed by key %s", key_id);
  return FALSE;
}
