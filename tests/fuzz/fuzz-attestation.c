/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "artifact/air-artifact-private.h"
#include "base/air-json.h"
#include "fuzz.h"
#include "ledger/air-dsse.h"

static AirPrivateKey *key;
static AirArtifact *signed_artifact;
static GPtrArray *signers;

static void
prepare (void)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("{}", 2);
  g_autoptr (GBytes) plan = g_bytes_new_static ("{\"version\":\"1.0.0\",\"workflow\":\"refunds\"}", 40);
  GBytes *const layers[AIR_N_LAYERS] = { plan, nothing, nothing, nothing, nothing };
  AirSigner *signer = g_new0 (AirSigner, 1);
  g_autoptr (GError) error = NULL;

  key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  signed_artifact = air_artifact_pack ("refunds", "1.0.0", nothing, layers, &error);
  air_artifact_sign (signed_artifact, key, &error);
  g_assert_no_error (error);
  signer->uri = g_strdup ("airails://x/dora");
  signer->key = air_public_key_ref (air_private_key_get_public (key));
  signer->roles = g_strsplit ("designer", " ", -1);
  signers = g_ptr_array_new ();
  g_ptr_array_add (signers, signer);
}

/* A statement the designer really signed: it is about this artifact and says what its tests say, or is refused.
 * The same bytes as the roots of trust: signers who have keys and roles, or a refusal. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (AirValue) value = air_json_parse_bytes (bytes, NULL);
  g_autoptr (AirDsse) dsse = NULL;
  g_autofree char *text = NULL;
  AirArtifactAttestation *attestation;
  GBytes *kept;

  if (key == NULL)
    prepare ();
  if (value != NULL)
    {
      g_autoptr (GPtrArray) trusted = air_signers_from_trust (value, NULL);

      for (guint i = 0; trusted != NULL && i < trusted->len; i++)
        g_assert_true (((AirSigner *) trusted->pdata[i])->uri != NULL
                       && ((AirSigner *) trusted->pdata[i])->key != NULL);
    }
  dsse = air_dsse_sign (AIR_DSSE_IN_TOTO, bytes, key, NULL);
  if (dsse == NULL)
    return 0;
  text = air_dsse_write (dsse);
  attestation = signed_artifact->attestations->pdata[0];
  kept = attestation->envelope;
  attestation->envelope = g_bytes_new (text, strlen (text));
  if (air_artifact_verify (signed_artifact, signers, NULL))
    {
      const AirValue *subject = air_list_get (air_map_get_list (value, "subject"), 0);

      g_assert_cmpstr (air_map_get_string (air_map_get_map (subject, "digest"), "sha256"), ==,
                       signed_artifact->digest + strlen ("sha256:"));
    }
  g_bytes_unref (attestation->envelope);
  attestation->envelope = kept;
  return 0;
}
