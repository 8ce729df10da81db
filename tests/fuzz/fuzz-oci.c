/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "artifact/air-artifact-private.h"
#include "artifact/air-oci-auth.h"
#include "artifact/air-registry.h"
#include "base/air-json.h"
#include "fuzz.h"

/* As a manifest, as an index, as a challenge, as a token's answer and as a place: read or refused. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size), nothing = g_bytes_new_static ("{}", 2);
  g_autoptr (GBytes) plan = g_bytes_new_static ("{\"version\":\"1.0.0\",\"workflow\":\"refunds\"}", 40);
  g_autoptr (AirOciLayout) layout = air_oci_layout_new ("fuzz"), indexed = air_oci_layout_new ("fuzz");
  g_autoptr (AirArtifact) artifact = NULL, other = NULL;
  g_autoptr (AirValue) value = air_json_parse_bytes (bytes, NULL);
  g_autofree char *text = g_strndup ((const char *) data, size), *location = NULL, *workflow = NULL, *reference = NULL;
  g_autofree char *token = air_oci_token_parse (bytes, NULL), *url = NULL;
  g_autoptr (AirOciChallenge) challenge = air_oci_challenge_parse (text);

  air_oci_layout_add_blob (layout, nothing);
  air_oci_layout_add_blob (layout, plan);
  air_oci_layout_add_root (layout, bytes, AIR_COSIGN_IMAGE, "1.0.0", NULL);
  artifact = air_artifact_from_layout (layout, NULL);
  if (artifact != NULL)
    {
      g_autofree char *digest = air_oci_digest (bytes);

      g_assert_cmpstr (artifact->digest, ==, digest);
    }
  if (value != NULL && air_value_get_kind (value) == AIR_VALUE_MAP && air_map_get_list (value, "manifests") != NULL)
    {
      air_value_unref (indexed->index);
      indexed->index = air_value_ref (value);
      air_oci_layout_add_blob (indexed, nothing);
      other = air_artifact_from_layout (indexed, NULL);
    }
  if (challenge != NULL)
    url = air_oci_challenge_get_url (challenge);
  if (air_registry_parse (text, &location, &workflow, &reference, NULL))
    g_assert_true (g_str_has_prefix (location, "oci://") && *workflow != '\0');
  return 0;
}
