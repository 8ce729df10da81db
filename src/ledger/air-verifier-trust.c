/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-verifier-private.h"

static void
trusted_key_free (gpointer data)
{
  AirTrustedKey *self = data;

  g_free (self->uri);
  g_strfreev (self->roles);
  g_clear_pointer (&self->key, air_public_key_unref);
  g_free (self);
}

/**
 * air_verifier_trust_new:
 *
 * Returns: (transfer full): trust in nobody yet
 */
AirVerifierTrust *
air_verifier_trust_new (void)
{
  AirVerifierTrust *self = g_new0 (AirVerifierTrust, 1);

  self->people = g_ptr_array_new_with_free_func (trusted_key_free);
  self->signers = g_ptr_array_new_with_free_func (trusted_key_free);
  return self;
}

void
air_verifier_trust_free (AirVerifierTrust *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->policy, air_tlog_policy_free);
  g_clear_pointer (&self->timestamps, air_timestamp_trust_free);
  g_ptr_array_unref (self->people);
  g_ptr_array_unref (self->signers);
  g_free (self);
}

/**
 * air_verifier_trust_set_policy:
 * @self: what to hold true
 * @tlog_policy: a tlog-policy
 * @length: its bytes
 * @error: return location
 *
 * Pins log and witnesses. Fails with an %AIR_LEDGER_ERROR or an %AIR_CRYPTO_ERROR, as air_tlog_policy_parse() does.
 *
 * Returns: whether it could; else @self is as it was
 */
gboolean
air_verifier_trust_set_policy (AirVerifierTrust *self, const char *tlog_policy, gsize length, GError **error)
{
  AirTlogPolicy *policy = air_tlog_policy_parse (tlog_policy, length, error);

  if (policy == NULL)
    return FALSE;
  g_clear_pointer (&self->policy, air_tlog_policy_free);
  self->policy = policy;
  return TRUE;
}

/**
 * air_verifier_trust_set_timestamps:
 * @self: what to hold true
 * @take_authorities: (transfer full): whose timestamps count; it replaces those set before
 */
void
air_verifier_trust_set_timestamps (AirVerifierTrust *self, AirTimestampTrust *take_authorities)
{
  g_clear_pointer (&self->timestamps, air_timestamp_trust_free);
  self->timestamps = take_authorities;
}

static gboolean
add_keys (GPtrArray *keys, const AirValue *list, const char *field, GError **error)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      const char *uri = air_map_get_string (item, "uri");
      const char *pem = air_map_get_string (item, "key");
      const AirValue *roles = air_map_get_list (item, "roles"), *grants = air_map_get_list (item, "grants");
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      g_autoptr (AirPublicKey) key = NULL;
      AirTrustedKey *trusted;

      if (uri == NULL || (roles == NULL && grants == NULL))
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                       "trust: field \"%s\", item %" G_GSIZE_FORMAT ": it needs \"uri\" and \"roles\"", field, i);
          return FALSE;
        }
      if (pem == NULL) /* somebody who never signs, say an auditor */
        continue;
      key = air_public_key_from_pem (pem, error);
      if (key == NULL)
        {
          g_prefix_error (error, "trust: field \"%s\", item %" G_GSIZE_FORMAT ", \"key\": ", field, i);
          return FALSE;
        }
      for (gsize j = 0; roles != NULL && j < air_list_get_size (roles); j++)
        if (air_value_get_kind (air_list_get (roles, j)) == AIR_VALUE_STRING)
          g_strv_builder_add (builder, air_value_get_string (air_list_get (roles, j), NULL));
      /* Which workflows a grant is for, the runtime minded when it enrolled the key: that entry is checked too. */
      for (gsize j = 0; grants != NULL && j < air_list_get_size (grants); j++)
        {
          const AirValue *grant = air_list_get (grants, j);
          const char *role = air_value_get_kind (grant) == AIR_VALUE_MAP ? air_map_get_string (grant, "role") : NULL;

          if (role != NULL)
            g_strv_builder_add (builder, role);
        }

      trusted = g_new0 (AirTrustedKey, 1);
      trusted->uri = g_strdup (uri);
      trusted->roles = g_strv_builder_end (builder);
      trusted->key = g_steal_pointer (&key);
      g_ptr_array_add (keys, trusted);
    }
  return TRUE;
}

/**
 * air_verifier_trust_set_people:
 * @self: what to hold true
 * @trust_json: {"people":[{"uri","roles","key"}], "signers":[{"uri","roles","key"}]}
 * @error: return location
 *
 * Pins who may decide and who may sign workflows. Fails with
 * %AIR_LEDGER_ERROR_MALFORMED or %AIR_CRYPTO_ERROR_BAD_KEY, naming the item.
 *
 * Returns: whether it could
 */
gboolean
air_verifier_trust_set_people (AirVerifierTrust *self, const AirValue *trust_json, GError **error)
{
  if (air_value_get_kind (trust_json) != AIR_VALUE_MAP)
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "trust: not a JSON object");
      return FALSE;
    }
  g_ptr_array_set_size (self->people, 0);
  g_ptr_array_set_size (self->signers, 0);
  if (!add_keys (self->people, air_map_get_list (trust_json, "people"), "people", error)
      || !add_keys (self->signers, air_map_get_list (trust_json, "signers"), "signers", error))
    return FALSE;
  self->has_people = TRUE;
  return TRUE;
}

const AirTrustedKey *
air_verifier_find_key (GPtrArray *keys, const char *key_id)
{
  for (guint i = 0; i < keys->len; i++)
    {
      const AirTrustedKey *key = g_ptr_array_index (keys, i);

      if (g_strcmp0 (air_public_key_get_id (key->key), key_id) == 0)
        return key;
    }
  return NULL;
}
