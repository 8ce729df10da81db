/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "cel/air-cel-type.h"
#include "fuzz.h"
#include "schema/air-schema-sample.h"

static void
use (const AirSchema *schema, const AirValue *instance)
{
  g_autoptr (AirValue) sample = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  (void) air_schema_validate (schema, instance, NULL, NULL);
  sample = air_schema_sample (schema, 1, AIR_SAMPLE_MIXED, NULL);
  if (sample == NULL)
    return;
  g_assert_true (air_schema_validate (schema, sample, NULL, &error));
  again = air_schema_sample (schema, 1, AIR_SAMPLE_MIXED, NULL);
  g_assert_true (air_value_equal (sample, again));
}

/* {"schema": …, "instance": …}: compiling, checking and sampling end; a sample is valid. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL);
  const AirValue *schema = NULL, *instance = NULL;
  g_autoptr (AirSchema) ours = NULL, foreign = NULL;
  g_autoptr (AirCelType) type = NULL;

  if (document == NULL || air_value_get_kind (document) != AIR_VALUE_MAP)
    return 0;
  schema = air_map_get (document, "schema");
  instance = air_map_get (document, "instance");
  if (schema == NULL || instance == NULL)
    return 0;
  ours = air_schema_compile (schema, NULL);
  if (ours != NULL)
    {
      use (ours, instance);
      type = air_cel_type_from_schema (schema, NULL);
    }
  foreign = air_schema_compile_foreign (schema, AIR_SCHEMA_DIALECT_DRAFT_7, NULL, NULL);
  if (foreign != NULL)
    (void) air_schema_validate (foreign, instance, NULL, NULL);
  return 0;
}
