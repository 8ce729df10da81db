/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "artifact/air-artifact-private.h"
#include "base/air-json.h"
#include "fuzz.h"

/* A payload that passes names exactly this artifact and nothing else. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static AirArtifact *artifact;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  if (artifact == NULL)
    {
      g_autoptr (GBytes) nothing = g_bytes_new_static ("{}", 2);
      g_autoptr (GBytes) plan = g_bytes_new_static ("{\"version\":\"1.0.0\",\"workflow\":\"refunds\"}", 40);
      GBytes *const layers[AIR_N_LAYERS] = { plan, nothing, nothing, nothing, nothing };

      artifact = air_artifact_pack ("refunds", "1.0.0", nothing, layers, NULL);
      g_assert_nonnull (artifact);
    }
  if (air_artifact_check_payload (artifact, bytes, NULL))
    {
      g_autoptr (AirValue) value = air_json_parse_bytes (bytes, NULL);
      const AirValue *critical = air_map_get_map (value, "critical");

      g_assert_cmpstr (air_map_get_string (critical, "type"), ==, AIR_CRITICAL_TYPE);
      g_assert_cmpstr (air_map_get_string (air_map_get_map (critical, "image"), "docker-manifest-digest"), ==,
                       artifact->digest);
    }
  return 0;
}
