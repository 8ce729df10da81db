/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli.h"
#include "base/air-json.h"
#include "schema/air-schema-sample.h"

#define MAX_COUNT 1000000

/* The schema of @path, or what lies at "#/pointer" of it. */
static AirSchema *
read_schema (const char *place, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (place, "#", 2);
  g_autoptr (AirValue) document = air_cli_read_json (parts[0], error);
  const AirValue *schema;
  AirSchema *compiled;

  if (document == NULL)
    return NULL;
  schema = parts[1] != NULL ? air_value_at (document, parts[1]) : document;
  if (schema == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: nothing stands at \"%s\"", parts[0], parts[1]);
      return NULL;
    }
  compiled = air_schema_compile (schema, error);
  if (compiled == NULL)
    g_prefix_error (error, "%s: ", place);
  return compiled;
}

static void
add_issue (AirValue *list, const char *file, const AirSchemaIssue *issue, gboolean json)
{
  AirValue *item = air_map_new ();

  if (!json)
    air_cli_print ("%s: %s: %s\n", file, *issue->pointer != '\0' ? issue->pointer : "/", issue->message);
  air_map_set_string (item, "file", file);
  air_map_set_string (item, "pointer", issue->pointer);
  air_map_set_string (item, "keyword", issue->keyword);
  air_map_set_string (item, "message", issue->message);
  air_list_append (list, item);
}

static int
cmd_check (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (AirSchema) schema = NULL;
  g_autoptr (AirValue) answer = air_map_new ();
  AirValue *list = air_list_new ();
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  air_map_set (answer, "issues", list);
  if (!air_cli_parse (&cli, "schema check", entries, "SCHEMA [INSTANCE…]",
                      "Checks a JSON Schema 2020-12, and JSON files against it. SCHEMA is a file, or FILE#/pointer.", 1,
                      G_MAXUINT, argc, argv))
    return AIR_EXIT_USAGE;
  schema = read_schema (cli.args[0], &error);
  if (schema == NULL)
    return air_cli_fail (&cli, error);
  for (guint i = 1; i < cli.n_args; i++)
    {
      g_autoptr (AirValue) instance = air_cli_read_json (cli.args[i], &error);
      g_autoptr (GPtrArray) issues = NULL;

      if (instance == NULL)
        return air_cli_fail (&cli, error);
      if (air_schema_validate (schema, instance, &issues, &error))
        continue;
      if (error != NULL)
        return air_cli_fail (&cli, error);
      for (guint k = 0; k < issues->len; k++)
        add_issue (list, cli.args[i], g_ptr_array_index (issues, k), cli.json);
    }
  if (cli.json)
    air_cli_print_value (answer);
  else if (air_list_get_size (list) == 0)
    air_cli_print ("%s: valid\n", cli.n_args > 1 ? "every instance" : "the schema");
  return air_list_get_size (list) == 0 ? AIR_EXIT_OK : AIR_EXIT_REFUSED;
}

static gboolean
parse_style (const char *text, AirSampleStyle *ret, GError **error)
{
  static const char *const names[] = {
    [AIR_SAMPLE_USUAL] = "usual",
    [AIR_SAMPLE_EDGES] = "edges",
    [AIR_SAMPLE_MIXED] = "mixed",
    [AIR_SAMPLE_SMALLEST] = "smallest",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (text == NULL || strcmp (names[i], text) == 0)
      {
        *ret = i;
        return TRUE;
      }
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "no style \"%s\"; give usual, edges, mixed or smallest",
               text);
  return FALSE;
}

static int
cmd_sample (int argc, char **argv)
{
  g_autofree char *style_name = NULL;
  gint64 seed = 0;
  int count = 1;
  const GOptionEntry entries[] = {
    { "seed", 's', 0, G_OPTION_ARG_INT64, &seed, "which samples: the same seed gives the same bytes (0)", "N" },
    { "count", 'n', 0, G_OPTION_ARG_INT, &count, "how many: of the seeds N, N+1, … (1)", "M" },
    { "style", 0, 0, G_OPTION_ARG_STRING, &style_name, "usual (the default), edges, mixed or smallest", "STYLE" },
    { NULL },
  };
  g_autoptr (AirSchema) schema = NULL;
  g_autoptr (AirValue) list = air_list_new ();
  g_auto (AirCli) cli = { 0 };
  AirSampleStyle style;
  GError *error = NULL;

  if (!air_cli_parse (&cli, "schema sample", entries, "SCHEMA",
                      "Makes instances of a JSON Schema 2020-12: one JSON text a line, or with --json a list.\n"
                      "SCHEMA is a file, or FILE#/pointer.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (!parse_style (style_name, &style, &error))
    return air_cli_fail (&cli, error);
  if (count < 1 || count > MAX_COUNT)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "--count is from 1 to %d", MAX_COUNT));
  schema = read_schema (cli.args[0], &error);
  if (schema == NULL)
    return air_cli_fail (&cli, error);
  for (int i = 0; i < count; i++)
    {
      AirValue *value = air_schema_sample (schema, (guint64) seed + i, style, &error);
      g_autofree char *text = NULL;

      if (value == NULL)
        {
          g_prefix_error (&error, "%s: ", cli.args[0]);
          return air_cli_fail (&cli, error);
        }
      if (cli.json)
        {
          air_list_append (list, value);
          continue;
        }
      text = air_jcs_write (value, NULL, &error);
      air_value_unref (value);
      if (text == NULL)
        return air_cli_fail (&cli, error);
      air_cli_print ("%s\n", text);
    }
  if (cli.json)
    air_cli_print_value (list);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_schema:
 *
 * `airailsctl schema`: check JSON Schemas, and make sample data of them.
 *
 * Returns: an #AirExit
 */
int
air_cmd_schema (int argc, char **argv)
{
  static const AirCliCommand commands[] = {
    { "check", cmd_check, "check a schema, and instances against it" },
    { "sample", cmd_sample, "make instances of a schema from a seed" },
    { NULL },
  };

  return air_cli_dispatch (commands, "airailsctl schema", argc, argv);
}
