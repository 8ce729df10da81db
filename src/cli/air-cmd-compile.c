/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-source.h"
#include "air-cli.h"
#include "base/air-json.h"

/* What the checks found and what the source wants tested: the signer attests to this. */
static GBytes *
make_report (const AirCompileResult *result, const AirWorkflow *workflow, GError **error)
{
  g_autoptr (AirValue) report = air_map_new ();
  AirValue *tests = air_map_get_list (air_document_get_value (air_workflow_get_document (workflow)), "tests");

  air_map_set_int (report, "v", 1);
  air_map_set (report, "check", air_compile_result_to_value (result));
  air_map_set (report, "tests", tests != NULL ? air_value_ref (tests) : air_list_new ());
  return air_jcs_write_bytes (report, error);
}

static AirArtifact *
pack (const AirCompileResult *result, const AirWorkflow *workflow, GError **error)
{
  g_autoptr (GBytes) config = air_jcs_write_bytes (result->manifest, error);
  g_autoptr (GBytes) plan = config != NULL ? air_jcs_write_bytes (result->plan, error) : NULL;
  g_autoptr (GBytes) lock = plan != NULL ? air_jcs_write_bytes (result->lock, error) : NULL;
  g_autoptr (GBytes) policies = lock != NULL ? air_jcs_write_bytes (result->policies, error) : NULL;
  g_autoptr (GBytes) tests = policies != NULL ? make_report (result, workflow, error) : NULL;
  g_autoptr (GBytes) source = g_bytes_new (result->source, strlen (result->source));
  GBytes *const layers[AIR_N_LAYERS] = {
    [AIR_LAYER_PLAN] = plan,         [AIR_LAYER_SOURCE] = source, [AIR_LAYER_LOCK] = lock,
    [AIR_LAYER_POLICIES] = policies, [AIR_LAYER_TESTS] = tests,
  };

  if (tests == NULL)
    return NULL;
  return air_artifact_pack (air_workflow_get_id (workflow), air_workflow_get_version (workflow), config, layers, error);
}

/**
 * air_cmd_compile:
 *
 * `airailsctl compile`: make an artifact of a workflow.
 *
 * Returns: an #AirExit
 */
int
air_cmd_compile (int argc, char **argv)
{
  g_autofree char *packs = NULL, *output = NULL;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the folder to write, an OCI layout", "FOLDER" },
    { NULL },
  };
  g_autoptr (AirCompileResult) result = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (
          &cli, "compile", entries, "WORKFLOW",
          "Checks a workflow and makes an artifact of it. The same source and packs give the same bytes everywhere.", 1,
          1, argc, argv))
    return AIR_EXIT_USAGE;
  if (output == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "where to? Give --output FOLDER"));
  result = air_cli_compile (&cli, cli.args[0], packs, NULL, &error);
  if (result == NULL)
    return air_cli_fail (&cli, error);
  if (result->n_errors > 0)
    {
      air_cli_print_compiled (result, cli.json);
      return AIR_EXIT_REFUSED;
    }
  artifact = pack (result, result->workflow, &error);
  if (artifact == NULL || !air_artifact_write (artifact, output, &error))
    return air_cli_fail (&cli, error);

  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "workflow", artifact->workflow);
      air_map_set_string (answer, "version", artifact->version);
      air_map_set_string (answer, "artifact", artifact->digest);
      air_map_set_string (answer, "folder", output);
      air_map_set (answer, "check", air_compile_result_to_value (result));
      air_cli_print_value (answer);
    }
  else
    {
      air_cli_print_compiled (result, FALSE);
      air_cli_print ("%s %s\n%s\nin %s; sign it with \"airailsctl sign --key KEY %s\"\n", artifact->workflow,
                     artifact->version, artifact->digest, output, output);
    }
  return AIR_EXIT_OK;
}
