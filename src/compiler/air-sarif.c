/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-diagnostic.h"

#include <string.h>

#include "model/air-command.h"

/* SARIF 2.1.0 (OASIS): what code hosts and editors read. */

static AirValue *
new_text (const char *text)
{
  AirValue *message = air_map_new ();

  air_map_set_string (message, "text", text);
  return message;
}

static AirValue *
build_rules (void)
{
  AirValue *rules = air_list_new ();
  gsize n;
  const AirDiagnosticKind *kinds = air_diagnostic_get_kinds (&n);

  for (gsize i = 0; i < n; i++)
    {
      AirValue *rule = air_map_new (), *level = air_map_new ();

      air_map_set_string (rule, "id", kinds[i].id);
      air_map_set (rule, "shortDescription", new_text (kinds[i].title));
      air_map_set (rule, "fullDescription", new_text (kinds[i].explanation));
      air_map_set_string (level, "level", air_severity_to_string (kinds[i].severity));
      air_map_set (rule, "defaultConfiguration", level);
      air_list_append (rules, rule);
    }
  return rules;
}

static AirValue *
build_location (const AirDiagnostic *diagnostic)
{
  AirValue *location = air_map_new (), *physical = air_map_new (), *artifact = air_map_new (), *region = air_map_new ();
  g_autofree char *uri = g_uri_escape_string (diagnostic->file, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, FALSE);

  air_map_set_string (artifact, "uri", uri);
  air_map_set (physical, "artifactLocation", artifact);
  air_map_set_int (region, "startLine", diagnostic->line);
  air_map_set_int (region, "startColumn", diagnostic->column);
  air_map_set (physical, "region", region);
  air_map_set (location, "physicalLocation", physical);
  if (diagnostic->node != NULL)
    {
      AirValue *logical = air_map_new (), *list = air_list_new ();

      air_map_set_string (logical, "name", diagnostic->node);
      air_map_set_string (logical, "fullyQualifiedName", diagnostic->pointer);
      air_list_append (list, logical);
      air_map_set (location, "logicalLocations", list);
    }
  return location;
}

static AirValue *
build_result (const AirDiagnostic *diagnostic)
{
  gsize n, index = 0;
  const AirDiagnosticKind *kinds = air_diagnostic_get_kinds (&n);
  AirValue *result = air_map_new (), *locations = air_list_new (), *properties = air_map_new ();
  g_autofree char *text = g_strdup_printf ("%s. Mend: %s.", diagnostic->message, diagnostic->mend);

  while (index < n && !g_str_equal (kinds[index].id, diagnostic->id))
    index++;
  air_map_set_string (result, "ruleId", diagnostic->id);
  air_map_set_int (result, "ruleIndex", index);
  air_map_set_string (result, "level", air_severity_to_string (diagnostic->severity));
  air_map_set (result, "message", new_text (text));
  air_list_append (locations, build_location (diagnostic));
  air_map_set (result, "locations", locations);
  air_map_set_string (properties, "mend", diagnostic->mend);
  air_map_set_string (properties, "pointer", diagnostic->pointer);
  if (diagnostic->fix != NULL)
    air_map_set (properties, "fix", air_command_to_value (diagnostic->fix));
  air_map_set (result, "properties", properties);
  return result;
}

/**
 * air_diagnostics_to_sarif:
 * @diagnostics: (element-type AirDiagnostic): what was found, in any number of files
 *
 * Returns: (transfer full): a SARIF 2.1.0 log: one run, every kind as a rule
 */
AirValue *
air_diagnostics_to_sarif (GPtrArray *diagnostics)
{
  AirValue *log = air_map_new (), *runs = air_list_new (), *run = air_map_new (), *tool = air_map_new (),
           *driver = air_map_new (), *results = air_list_new ();

  air_map_set_string (driver, "name", "airailsctl");
  air_map_set_string (driver, "version", AIR_VERSION);
  air_map_set_string (driver, "informationUri", "https://airails.dev/");
  air_map_set (driver, "rules", build_rules ());
  air_map_set (tool, "driver", driver);
  for (guint i = 0; i < diagnostics->len; i++)
    air_list_append (results, build_result (g_ptr_array_index (diagnostics, i)));
  air_map_set (run, "tool", tool);
  air_map_set_string (run, "columnKind", "unicodeCodePoints");
  air_map_set (run, "results", results);
  air_list_append (runs, run);
  air_map_set_string (log, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  air_map_set_string (log, "version", "2.1.0");
  air_map_set (log, "runs", runs);
  return log;
}
