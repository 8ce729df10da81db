/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-registry.h"
#include "air-cli-source.h"
#include "air-cli.h"
#include "base/air-file.h"
#include "base/air-json.h"
#include "ledger/air-verifier.h"

static int
verify_artifact (const AirCli *cli, const AirCliRegistry *options, const char *trust)
{
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (GPtrArray) signers = NULL;
  GError *error = NULL;

  if (trust == NULL)
    return air_cli_fail (cli,
                         g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                      "%s is an artifact: whose signature counts? Give --trust FILE", cli->args[0]));
  signers = air_cli_load_signers (trust, &error);
  artifact = signers != NULL ? air_cli_load_artifact (cli, options, cli->args[0], &error) : NULL;
  if (artifact == NULL || !air_artifact_verify (artifact, signers, &error))
    return air_cli_fail (cli, error);

  if (cli->json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_bool (answer, "passed", TRUE);
      air_map_set_string (answer, "workflow", artifact->workflow);
      air_map_set_string (answer, "version", artifact->version);
      air_map_set_string (answer, "artifact", artifact->digest);
      air_map_set_string (answer, "signer", artifact->signer);
      air_map_set_string (answer, "key", air_public_key_get_id (artifact->signer_key));
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s %s\n%s\nwhole, and signed by %s (key %s)\n", artifact->workflow, artifact->version,
                   artifact->digest, artifact->signer, air_public_key_get_id (artifact->signer_key));
  return AIR_EXIT_OK;
}

static AirVerifierTrust *
load_trust (const char *trust_path, const char *policy_path, const char *tsa_path, GError **error)
{
  g_autoptr (AirVerifierTrust) trust = air_verifier_trust_new ();
  GError *cause = NULL;

  if (policy_path != NULL)
    {
      g_autofree char *text = NULL;
      gsize length;

      if (!air_file_load (policy_path, &text, &length, error))
        return NULL;
      if (!air_verifier_trust_set_policy (trust, text, length, &cause))
        return air_cli_bad_input (cause, policy_path, error);
    }
  if (trust_path != NULL)
    {
      g_autoptr (AirValue) people = air_cli_load_trust (trust_path, error);

      if (people == NULL)
        return NULL;
      if (!air_verifier_trust_set_people (trust, people, &cause))
        return air_cli_bad_input (cause, trust_path, error);
    }
  if (tsa_path != NULL)
    {
      g_autofree char *pem = NULL;
      AirTimestampTrust *authorities;
      gsize length;

      if (!air_file_load (tsa_path, &pem, &length, error))
        return NULL;
      authorities = air_timestamp_trust_new (pem, length, &cause);
      if (authorities == NULL)
        return air_cli_bad_input (cause, tsa_path, error);
      air_verifier_trust_set_timestamps (trust, authorities);
    }
  return g_steal_pointer (&trust);
}

static int
verify_bundle (const AirCli *cli, const char *trust_path, const char *policy_path, const char *tsa_path)
{
  g_autoptr (AirVerifierTrust) trust = NULL;
  g_autoptr (AirReport) report = NULL;
  g_autoptr (GBytes) zip = NULL;
  GError *error = NULL;

  zip = air_cli_read (cli->args[0], &error);
  if (zip == NULL)
    return air_cli_fail (cli, error);
  if (trust_path != NULL || policy_path != NULL || tsa_path != NULL)
    {
      trust = load_trust (trust_path, policy_path, tsa_path, &error);
      if (trust == NULL)
        return air_cli_fail (cli, error);
    }
  report = air_verifier_check_zip (zip, trust);
  if (cli->json)
    {
      g_autoptr (AirValue) value = air_report_to_value (report);

      air_cli_print_value (value);
    }
  else
    {
      g_autofree char *text = air_report_to_text (report);

      air_cli_print ("%s", text);
    }
  return air_report_passed (report) ? AIR_EXIT_OK : AIR_EXIT_REFUSED;
}

/**
 * air_cmd_verify:
 *
 * `airailsctl verify`: verify an artifact or an exported bundle.
 *
 * Returns: an #AirExit
 */
int
air_cmd_verify (int argc, char **argv)
{
  g_autofree char *trust = NULL, *policy = NULL, *timestamps = NULL;
  g_auto (AirCliRegistry) options = { 0 };
  const GOptionEntry entries[] = {
    { "trust", 't', 0, G_OPTION_ARG_FILENAME, &trust, "the trust roots: signers and approvers", "FILE" },
    { "policy", 0, 0, G_OPTION_ARG_FILENAME, &policy, "a bundle's log and witnesses (tlog-policy)", "FILE" },
    { "timestamps", 0, 0, G_OPTION_ARG_FILENAME, &timestamps, "certificates of timestamp authorities", "FILE" },
    AIR_CLI_REGISTRY_ENTRIES (&options),
    { NULL },
  };
  g_auto (AirCli) cli = { 0 };

  if (!air_cli_parse (&cli, "verify", entries, "FOLDER|BUNDLE|oci://HOST[:PORT][/NAMESPACE]/airails/WORKFLOW:VERSION",
                      "Verifies an artifact (a folder, or in a registry) or an exported bundle (a file), this with no "
                      "network. A bundle "
                      "without --trust and\n"
                      "--policy shows that it agrees with itself, and the report says so.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (air_cli_is_registry (cli.args[0]) || g_file_test (cli.args[0], G_FILE_TEST_IS_DIR))
    return verify_artifact (&cli, &options, trust);
  return verify_bundle (&cli, trust, policy, timestamps);
}
