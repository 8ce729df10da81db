/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "cel/air-cel.h"
#include "cel/air-template.h"
#include "fuzz.h"

static AirValue *bindings;
static AirCelEnv *env;

static void
prepare (void)
{
  static const char document[] = "{\"trigger\":{\"id\":\"W1\",\"amount\":12500,\"rate\":0.5,\"ok\":true,\"none\":null,"
                                 "\"items\":[{\"n\":1,\"p\":250},"
                                 "{\"n\":2,\"p\":-1}],\"words\":[\"a\",\"b\",\"\"],\"by\":{\"a\":1,\"b\":2}}}";
  static const char schema[] = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"x-label\":\"pii."
                               "email\"},\"amount\":{\"type\":"
                               "\"integer\"},\"rate\":{\"type\":\"number\"},\"ok\":{\"type\":\"boolean\"},\"items\":{"
                               "\"type\":\"array\",\"items\":{"
                               "\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"},\"p\":{\"type\":"
                               "\"integer\"}}}},\"words\":{\"type\":"
                               "\"array\",\"items\":{\"type\":\"string\"}}}}";
  g_autoptr (AirValue) parsed = air_json_parse (schema, strlen (schema), NULL);
  g_autoptr (AirCelType) type = air_cel_type_from_schema (parsed, NULL);

  bindings = air_json_parse (document, strlen (document), NULL);
  env = air_cel_env_new ();
  air_cel_env_declare (env, "trigger", type);
}

/* Parsing, checking and evaluating end, within their bounds; the same expression gives the same
 * value again; what the checker accepted evaluates to the type it promised. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);

  if (bindings == NULL)
    prepare ();
  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  for (guint checked = 0; checked < 2; checked++)
    {
      g_autoptr (AirCelProgram) program = air_cel_compile (text, checked != 0 ? env : NULL, NULL);
      g_autoptr (AirValue) value = NULL, again = NULL;
      AirCelTypeKind kind;

      if (program == NULL)
        continue;
      value = air_cel_eval (program, bindings, 20000, NULL);
      again = air_cel_eval (program, bindings, 20000, NULL);
      g_assert_true ((value == NULL) == (again == NULL));
      if (value == NULL)
        continue;
      /* NaN is not itself. */
      if (air_value_equal (value, value))
        g_assert_true (air_value_equal (value, again));
      kind = air_cel_type_get_kind (air_cel_program_get_type (program));
      if (kind == AIR_CEL_TYPE_TYPE) /* comes out as its name */
        kind = AIR_CEL_TYPE_STRING;
      if (kind != AIR_CEL_TYPE_DYN && !air_cel_type_is_nullable (air_cel_program_get_type (program)))
        g_assert_cmpint (kind, ==, (int) air_value_get_kind (value));
    }
  return 0;
}
