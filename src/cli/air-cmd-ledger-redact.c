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

static AirValue *
redact (AirClient *client, const char *run, const char *subject, const char *legal_basis, GError **error)
{
  g_autofree char *path = run != NULL ? air_client_run_path (run, "redactions") : g_strdup ("/v1/redactions");
  g_autoptr (AirValue) message = air_map_new ();
  g_autoptr (GBytes) body = NULL;

  air_map_set_string (message, "subject", subject);
  air_map_set_string (message, "legal_basis", legal_basis);
  body = air_jcs_write_bytes (message, error);
  return body != NULL ? air_client_post (client, path, NULL, body, NULL, error) : NULL;
}

/* A run that was retried handed its payload on: those are erased too, or named. */
static gboolean
redact_copies (AirCli *cli,
               AirClient *client,
               const AirValue *answer,
               const char *subject,
               const char *legal_basis,
               gboolean erase,
               GError **error)
{
  const AirValue *copies = air_map_get_list (answer, "copies");
  gsize n = copies != NULL ? air_list_get_size (copies) : 0;

  for (gsize i = 0; i < n; i++)
    {
      const char *copy = air_list_get_string (copies, i);
      g_autoptr (AirValue) done = erase ? redact (client, copy, subject, legal_basis, error) : NULL;

      if (erase && done == NULL)
        {
          g_prefix_error (error, "its copy %s is not erased: ", copy);
          return FALSE;
        }
      if (!cli->json)
        air_cli_print (
            erase ? "its copy %s is erased, too\n" : "run %s holds the same data: erase it, too (--copies)\n", copy);
    }
  return TRUE;
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
  g_autofree char *profile = NULL, *subject = NULL, *legal_basis = NULL;
  gboolean copies = FALSE, all = FALSE;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "subject", 's', 0, G_OPTION_ARG_STRING, &subject, "whose data: the run's data subject, else its requester",
      "WHO" },
    { "legal-basis", 0, 0, G_OPTION_ARG_STRING, &legal_basis, "by which law; it is written into the ledger", "TEXT" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "instead of RUN: all runs of the data subject", NULL },
    { "copies", 0, 0, G_OPTION_ARG_NONE, &copies,
      "with RUN: erase too what holds the same data, since one was the retry of the other", NULL },
    { NULL },
  };
  g_autoptr (AirValue) answer = NULL;
  g_autoptr (AirClient) client = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (
          &cli, "ledger redact", entries, "[RUN]",
          "Erases what was disclosed in a run that is over, or with --all in all runs of the data subject: the keys "
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
  /* No RUN may be a variable that is empty: that must not be more than was meant. */
  if (all == (cli.n_args > 0))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "what is to be erased? Give RUN, or --all for all runs of %s", subject));
  client = air_cli_open_client (profile, &error);
  answer = client != NULL ? redact (client, cli.n_args > 0 ? cli.args[0] : NULL, subject, legal_basis, &error) : NULL;
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    air_cli_print_value (answer);
  else if (cli.n_args == 0)
    print_runs (air_map_get_list (answer, "runs"));
  else
    air_cli_print ("erased; entry %" G_GINT64_FORMAT " of the ledger says so\n", air_map_get_int (answer, "index", -1));
  if (!redact_copies (&cli, client, answer, subject, legal_basis, copies, &error))
    return air_cli_fail (&cli, error);
  return AIR_EXIT_OK;
}
