/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-artifact-private.h"
#include "base/air-json.h"
#include "ledger/air-dsse.h"

void
air_signer_free (AirSigner *self)
{
  g_free (self->uri);
  g_clear_pointer (&self->key, air_public_key_unref);
  g_strfreev (self->roles);
  g_free (self);
}

static char **
read_roles (const AirValue *signer)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const AirValue *roles = air_map_get_list (signer, "roles");

  for (gsize i = 0; roles != NULL && i < air_list_get_size (roles); i++)
    if (air_value_get_kind (air_list_get (roles, i)) == AIR_VALUE_STRING)
      g_strv_builder_add (builder, air_value_get_string (air_list_get (roles, i), NULL));
  return g_strv_builder_end (builder);
}

/**
 * air_signers_from_trust:
 * @trust: a trust.json, read
 *
 * Returns: (transfer full) (element-type AirSigner): its signers, or %NULL with %AIR_ARTIFACT_ERROR_SIGNER or an
 *   %AIR_CRYPTO_ERROR
 */
GPtrArray *
air_signers_from_trust (const AirValue *trust, GError **error)
{
  g_autoptr (GPtrArray) signers = g_ptr_array_new_with_free_func ((GDestroyNotify) air_signer_free);
  const AirValue *list = air_map_get_list (trust, "signers");

  if (list == NULL)
    {
      g_set_error_literal (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNER,
          "trust roots: no list \"signers\"; add {\"uri\", \"key\", \"roles\":[\"designer\"]} of each person who "
          "may sign");
      return NULL;
    }
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      const char *uri = air_map_get_string (item, "uri"), *pem = air_map_get_string (item, "key");
      g_autoptr (AirPublicKey) key = NULL;
      AirSigner *signer;

      if (uri == NULL || pem == NULL)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNER,
                       "trust roots: /signers/%" G_GSIZE_FORMAT " has no \"uri\" or no \"key\" (PEM); add it", i);
          return NULL;
        }
      key = air_public_key_from_pem (pem, error);
      if (key == NULL)
        {
          g_prefix_error (error, "trust roots: /signers/%" G_GSIZE_FORMAT "/key: ", i);
          return NULL;
        }
      signer = g_new0 (AirSigner, 1);
      signer->uri = g_strdup (uri);
      signer->key = g_steal_pointer (&key);
      signer->roles = read_roles (item);
      g_ptr_array_add (signers, signer);
    }
  return g_steal_pointer (&signers);
}

static gboolean
has_only (const AirValue *map, const char *const *keys, GError **error)
{
  for (gsize i = 0; map != NULL && i < air_map_get_size (map); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (map, i), NULL);

      if (!g_strv_contains (keys, key))
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNATURE,
                       "the signed payload has an unknown key \"%s\"; sign again", key);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_member (const AirValue *map, const char *key, const char *expected, GError **error)
{
  const char *actual = air_map_get_string (map, key);

  if (g_strcmp0 (actual, expected) == 0)
    return TRUE;
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNATURE,
               "the signature is over \"%s\" = \"%s\", and here it is \"%s\"; sign this artifact", key,
               actual != NULL ? actual : "", expected);
  return FALSE;
}

/* More than cosign looks at: which name it was signed under, and that it is a signature of an image at all. */
gboolean
air_artifact_check_payload (AirArtifact *self, GBytes *bytes, GError **error)
{
  static const char *const top[] = { "critical", "optional", NULL };
  static const char *const critical_keys[] = { "identity", "image", "type", NULL };
  g_autoptr (AirValue) payload = air_json_parse_named (bytes, "the signed payload", error);
  const AirValue *critical;

  if (payload == NULL)
    return FALSE;
  critical = air_map_get_map (payload, "critical");
  return has_only (air_value_get_kind (payload) == AIR_VALUE_MAP ? payload : NULL, top, error)
         && has_only (critical, critical_keys, error) && check_member (critical, "type", AIR_CRITICAL_TYPE, error)
         && check_member (air_map_get_map (critical, "image"), "docker-manifest-digest", self->digest, error)
         && check_member (air_map_get_map (critical, "identity"), "docker-reference", self->reference, error);
}

static AirSigner *
find_signer (GPtrArray *signers, AirArtifactSignature *signature)
{
  gsize length, signature_length;
  const void *payload = g_bytes_get_data (signature->payload, &length);
  const void *data = g_bytes_get_data (signature->signature, &signature_length);

  for (guint i = 0; i < signers->len; i++)
    {
      AirSigner *signer = signers->pdata[i];

      if (air_public_key_verify (signer->key, payload, length, data, signature_length, NULL))
        return signer;
    }
  return NULL;
}

/* What the attestations say must be signed by the same designer over the same manifest: a report of other checks
 * must not ride along. */
static gboolean
check_attestation (AirArtifact *self, AirArtifactAttestation *attestation, AirPublicKey *key, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (attestation->envelope, &length);
  g_autoptr (AirDsse) dsse = air_dsse_parse (text, length, error);
  g_autoptr (AirValue) statement = NULL, reported = NULL;
  const AirValue *subjects, *subject, *predicate;

  if (dsse == NULL || !air_dsse_verify (dsse, key, error))
    {
      g_prefix_error (error, "attestation \"%s\": ", attestation->predicate_type);
      return FALSE;
    }
  statement = air_json_parse_named (dsse->payload, "attestation", error);
  if (statement == NULL)
    return FALSE;
  subjects = air_map_get_list (statement, "subject");
  subject = subjects != NULL && air_list_get_size (subjects) == 1 ? air_list_get (subjects, 0) : NULL;
  if (!check_member (statement, "predicateType", attestation->predicate_type, error)
      || !check_member (subject, "name", self->reference, error)
      || !check_member (air_map_get_map (subject, "digest"), "sha256", self->digest + strlen ("sha256:"), error))
    return FALSE;
  if (strcmp (attestation->predicate_type, AIR_COMPILE_PREDICATE_TYPE) != 0)
    return TRUE;
  reported = air_json_parse_named (self->layers[AIR_LAYER_TESTS], "tests", error);
  predicate = air_map_get_map (statement, "predicate");
  if (reported == NULL)
    return FALSE;
  if (predicate == NULL || !air_value_equal (predicate, reported))
    {
      g_set_error_literal (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNATURE,
                           "the attestation of the checks says something else than the tests layer; sign again");
      return FALSE;
    }
  return TRUE;
}

/**
 * air_artifact_verify:
 * @self: an artifact nobody else holds yet
 * @signers: (element-type AirSigner): the pinned signers
 *
 * At least one signature must be by one of @signers with the role "designer", over this manifest, this reference and
 * of the right type. On success the artifact says who it was.
 *
 * Returns: %FALSE with %AIR_ARTIFACT_ERROR_UNSIGNED, _SIGNATURE or _SIGNER, and @self as it was
 */
gboolean
air_artifact_verify (AirArtifact *self, GPtrArray *signers, GError **error)
{
  AirArtifactSignature *found = NULL;
  AirSigner *designer = NULL, *other = NULL;

  g_return_val_if_fail (self != NULL && signers != NULL, FALSE);

  if (self->signatures->len == 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSIGNED,
                   "%s %s (%s) is not signed; sign it with \"airailsctl sign --key KEY FOLDER\"", self->workflow,
                   self->version, self->digest);
      return FALSE;
    }
  for (guint i = 0; i < self->signatures->len && designer == NULL; i++)
    {
      AirArtifactSignature *signature = self->signatures->pdata[i];
      AirSigner *signer = find_signer (signers, signature);

      if (signer != NULL && g_strv_contains ((const char *const *) signer->roles, "designer"))
        {
          designer = signer;
          found = signature;
        }
      else if (signer != NULL)
        other = signer;
    }
  if (designer == NULL && other != NULL)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNER,
                   "%s %s is signed by %s, who has no role \"designer\"; have a designer sign it", self->workflow,
                   self->version, other->uri);
      return FALSE;
    }
  if (designer == NULL)
    {
      g_set_error (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_SIGNER,
          "no signature of %s %s (%s) is by a signer of the trust roots; have one of them sign it, or add the signer's "
          "key to the trust roots",
          self->workflow, self->version, self->digest);
      return FALSE;
    }
  if (!air_artifact_check_payload (self, found->payload, error))
    return FALSE;
  for (guint i = 0; i < self->attestations->len; i++)
    {
      AirArtifactAttestation *attestation = self->attestations->pdata[i];
      gboolean held = FALSE;

      /* Each of several designers attests for themselves. */
      for (guint j = 0; j < signers->len && !held; j++)
        {
          AirSigner *signer = signers->pdata[j];

          held = g_strv_contains ((const char *const *) signer->roles, "designer")
                 && check_attestation (self, attestation, signer->key, NULL);
        }
      if (!held && !check_attestation (self, attestation, designer->key, error))
        return FALSE;
    }

  g_free (self->signer);
  g_clear_pointer (&self->signer_key, air_public_key_unref);
  self->signer = g_strdup (designer->uri);
  self->signer_key = air_public_key_ref (designer->key);
  self->verified = found;
  return TRUE;
}

/**
 * air_artifact_load_verified:
 * @directory: an OCI layout
 * @signers: (element-type AirSigner): the pinned signers
 *
 * Returns: (transfer full): the artifact, verified, or %NULL with the %AIR_ARTIFACT_ERROR of air_artifact_load() or
 *   air_artifact_verify(); messages begin with @directory
 */
AirArtifact *
air_artifact_load_verified (const char *directory, GPtrArray *signers, GError **error)
{
  g_autoptr (AirArtifact) self = air_artifact_load (directory, error);

  if (self == NULL)
    return NULL;
  if (!air_artifact_verify (self, signers, error))
    {
      g_prefix_error (error, "%s: ", directory);
      return NULL;
    }
  return g_steal_pointer (&self);
}
