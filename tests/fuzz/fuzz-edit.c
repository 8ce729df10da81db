/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "fuzz.h"
#include "policy/air-gate-edit.h"

/* {"action": […], "allowed": {…}, "patch": […]}: what an approver's patch makes of an action is the action still:
 * as many items, of the same nodes, and what it says was there before was there. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL), edited = NULL;
  const AirValue *action = document != NULL ? air_map_get_list (document, "action") : NULL;
  const AirValue *allowed = document != NULL ? air_map_get_map (document, "allowed") : NULL;
  const AirValue *patch =
      document != NULL && air_value_get_kind (document) == AIR_VALUE_MAP ? air_map_get (document, "patch") : NULL;
  g_autofree char *digest = NULL;
  g_autoptr (GError) error = NULL;

  if (action == NULL || patch == NULL)
    return 0;
  edited = air_gate_edit_apply (action, allowed, patch, &error);
  g_assert_true ((edited == NULL) == (error != NULL));
  if (edited == NULL)
    return 0;
  g_assert_cmpuint (air_list_get_size (edited), ==, air_list_get_size (action));
  for (gsize i = 0; i < air_list_get_size (edited); i++)
    {
      const AirValue *before = air_list_get (action, i), *after = air_list_get (edited, i);

      g_assert_cmpstr (air_map_get_string (after, "node"), ==, air_map_get_string (before, "node"));
      if (air_map_get (before, "was") == NULL && air_map_get (after, "was") != NULL)
        g_assert_true (air_value_equal (air_map_get (after, "was"), air_map_get (before, "input")));
    }
  digest = air_gate_edit_digest (edited);
  return 0;
}
