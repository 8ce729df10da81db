/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "cel/air-template.h"
#include "fuzz.h"

/* A tree with ${…} that compiles renders to the same value twice, or fails twice. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static AirValue *bindings;
  g_autoptr (AirValue) tree = air_json_parse ((const char *) data, size, NULL);
  g_autoptr (AirTemplate) template = NULL;
  g_autoptr (AirValue) value = NULL, again = NULL;

  if (bindings == NULL)
    {
      static const char document[] = "{\"trigger\":{\"id\":\"W1\",\"n\":3,\"none\":null,\"items\":[1,2,3]}}";

      bindings = air_json_parse (document, strlen (document), NULL);
    }
  template = tree != NULL ? air_template_compile (tree, NULL, NULL) : NULL;
  if (template == NULL)
    return 0;
  value = air_template_render (template, bindings, NULL);
  again = air_template_render (template, bindings, NULL);
  g_assert_true ((value == NULL) == (again == NULL));
  if (value != NULL && air_value_equal (value, value))
    g_assert_true (air_value_equal (value, again));
  return 0;
}
