/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-client.h"
#include "base/air-json.h"

static void
print_runs (const AirValue *runs)
{
  gsize n = runs != NULL ? air_list_get_size (runs) : 0;

  for (gsize i = 0; i < n; i++)
    air_cli_print ("%s\n", air_value_get_string (air_list_get (runs, i), NULL));
  air_cli_print ("%" G_GSIZE_FORMAT " runs erased; the ledger says so for each\n", n);
}

/**
 * air_cmd_ledger_redact:
 *
 * `airailsctl ledger redact`: erase what a run disclosed.
 *
 * Returns: an #AirExit
 */
int
air_cmd_ledger_redact (int argc, char **argv)
{
  g_autofree char *profile = NULL, *subject = NULL, *legal_basis = NULL, *path = NULL;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "subject", 's', 0, G_OPTION_ARG_STRING, &subject, "whose data: the run's data subject, else its requester",
      "WHO" },
    { "legal-basis", 0, 0, G_OPTION_ARG_STRING, &legal_basis, "by which law; it is written into the ledger", "TEXT" },
    { NULL },
  };
  g_autoptr (AirValue) message = NULL, answer = NULL;
  g_autoptr (AirClient) client = NULL;
  g_autoptr (GBytes) body = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (
          &cli, "ledger redact", entries, "[RUN]",
          "Erases what was disclosed in a run that is over, or without RUN in all runs of the data subject: the keys "
          "are\n"
          "destroyed, the bytes are overwritten, and the ledger says so with the legal basis. Proofs stay valid. There "
          "is\nno way back.",
          0, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (subject == NULL || legal_basis == NULL)
    return air_cli_fail (&cli,
                         g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                      "whose data, and by which law? Give --subject and --legal-basis, for example "
                                      "--legal-basis \"GDPR Art. 17(1)(a)\""));
  message = air_map_new ();
  air_map_set_string (message, "subject", subject);
  air_map_set_string (message, "legal_basis", legal_basis);
  body = air_jcs_write_bytes (message, &error);
  client = body != NULL ? air_cli_open_client (profile, &error) : NULL;
  path = cli.n_args > 0 ? air_client_run_path (cli.args[0], "redactions") : g_strdup ("/v1/redactions");
  answer = client != NULL ? air_client_post (client, path, NULL, body, NULL, &error) : NULL;
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    air_cli_print_value (answer);
  else if (cli.n_args == 0)
    print_runs (air_map_get_list (answer, "runs"));
  else
    air_cli_print ("erased; entry %" G_GINT64_FORMAT " of the ledger says so\n", air_map_get_int (answer, "index", -1));
  return AIR_EXIT_OK;
}
