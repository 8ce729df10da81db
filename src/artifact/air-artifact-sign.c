/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-artifact-private.h"
#include "base/air-json.h"
#include "ledger/air-dsse.h"

/* The payload is JCS by chance of its names: this order is the one cosign writes. */
static GBytes *
make_payload (AirArtifact *self, GError **error)
{
  g_autoptr (AirValue) payload = air_map_new ();
  AirValue *critical = air_map_new (), *identity = air_map_new (), *image = air_map_new ();

  air_map_set (payload, "critical", critical);
  air_map_set (payload, "optional", air_map_new ());
  air_map_set (critical, "identity", identity);
  air_map_set (critical, "image", image);
  air_map_set_string (critical, "type", AIR_CRITICAL_TYPE);
  air_map_set_string (identity, "docker-reference", self->reference);
  air_map_set_string (image, "docker-manifest-digest", self->digest);
  return air_jcs_write_bytes (payload, error);
}

/* in-toto: over this manifest, whoever signs says that the checks and tests gave this. */
static GBytes *
make_statement (AirArtifact *self, GError **error)
{
  g_autoptr (AirValue) statement = air_map_new ();
  AirValue *subjects = air_list_new (), *subject = air_map_new (), *digest = air_map_new (), *predicate;

  air_map_set_string (statement, "_type", "https://in-toto.io/Statement/v1");
  air_map_set_string (statement, "predicateType", AIR_COMPILE_PREDICATE_TYPE);
  air_map_set (statement, "subject", subjects);
  air_list_append (subjects, subject);
  air_map_set_string (subject, "name", self->reference);
  air_map_set (subject, "digest", digest);
  air_map_set_string (digest, "sha256", self->digest + strlen ("sha256:"));
  predicate = air_json_parse_named (self->layers[AIR_LAYER_TESTS], "tests", error);
  if (predicate == NULL)
    return NULL;
  air_map_set (statement, "predicate", predicate);
  return air_jcs_write_bytes (statement, error);
}

static void
add_signature (AirArtifact *self, GBytes *payload, GBytes *signature)
{
  for (guint i = 0; i < self->signatures->len; i++)
    {
      AirArtifactSignature *other = self->signatures->pdata[i];

      if (g_bytes_equal (other->payload, payload) && g_bytes_equal (other->signature, signature))
        return;
    }
  g_ptr_array_add (self->signatures, air_artifact_signature_new (payload, signature));
}

static void
add_attestation (AirArtifact *self, GBytes *envelope)
{
  for (guint i = 0; i < self->attestations->len; i++)
    {
      AirArtifactAttestation *other = self->attestations->pdata[i];

      if (g_bytes_equal (other->envelope, envelope))
        return;
    }
  g_ptr_array_add (self->attestations, air_artifact_attestation_new (AIR_COMPILE_PREDICATE_TYPE, envelope));
}

/**
 * air_artifact_sign:
 * @self: an artifact nobody else holds
 * @key: an ECDSA P-256 key: what every version of cosign checks
 *
 * Adds a signature and an attestation of what the tests layer says. Signing again with the same key changes nothing
 * (RFC 6979); another person's signature is added.
 *
 * Returns: %FALSE with %AIR_ARTIFACT_ERROR_UNSUPPORTED or an %AIR_CRYPTO_ERROR, and nothing added
 */
gboolean
air_artifact_sign (AirArtifact *self, AirPrivateKey *key, GError **error)
{
  g_autoptr (GBytes) payload = NULL, signature = NULL, statement = NULL, envelope = NULL;
  g_autoptr (AirDsse) dsse = NULL;
  char *text;

  g_return_val_if_fail (self != NULL && key != NULL, FALSE);

  if (air_public_key_get_key_type (air_private_key_get_public (key)) != AIR_KEY_ECDSA_P256)
    {
      g_set_error_literal (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
          "artifacts are signed with ECDSA P-256, and this key is Ed25519; make one with \"airailsctl pki key "
          "--type p256\"");
      return FALSE;
    }
  payload = make_payload (self, error);
  statement = payload != NULL ? make_statement (self, error) : NULL;
  if (statement == NULL)
    return FALSE;
  signature = air_private_key_sign (key, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), error);
  dsse = signature != NULL ? air_dsse_sign (AIR_DSSE_IN_TOTO, statement, key, error) : NULL;
  if (dsse == NULL)
    return FALSE;
  text = air_dsse_write (dsse);
  envelope = g_bytes_new_take (text, strlen (text));
  add_signature (self, payload, signature);
  add_attestation (self, envelope);
  return TRUE;
}
