/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "air-cli-gate.h"
#include "air-cli-key.h"
#include "base/air-json.h"
#include "client/air-client-requests.h"
#include "policy/air-gate-edit.h"

/* The word itself must be typed: a stray "y" decides nothing. */
static gboolean
confirm (const char *decision)
{
  char line[64];

  printf ("\nType \"%s\" to sign that: ", decision);
  fflush (stdout);
  if (fgets (line, sizeof line, stdin) == NULL)
    return FALSE;
  return strcmp (g_strstrip (line), decision) == 0;
}

static gboolean
check_options (gboolean approve,
               gboolean deny,
               gboolean edits,
               const char *reason,
               gboolean yes,
               gboolean json,
               GError **error)
{
  const char *what = NULL;

  if (approve == deny)
    what = "what is decided? Give --approve or --deny";
  else if (deny && edits)
    what = "who denies changes nothing; give --set with --approve only";
  else if (reason == NULL || *reason == '\0')
    what = "why? Give --reason TEXT; it goes into the ledger";
  else if (!yes && json)
    what = "with --json nothing is asked; give --yes to sign what \"gate show\" showed";
  else if (!yes && !isatty (STDIN_FILENO))
    what = "nobody can confirm here; run it in a terminal, or give --yes to sign what \"gate show\" showed";
  if (what != NULL)
    g_set_error_literal (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, what);
  return what == NULL;
}

/* The patch for "refund.amount_minor=900"; a value that is no JSON is text. Shows what becomes of the action. */
static AirValue *
make_patch (AirGate *gate, const char *const *sets, gboolean quiet, GError **error)
{
  g_autoptr (AirValue) patch = air_list_new (), edited = NULL;

  for (guint i = 0; sets[i] != NULL; i++)
    {
      const char *equals = strchr (sets[i], '=');
      g_autofree char *path = equals != NULL ? g_strndup (sets[i], equals - sets[i]) : NULL;
      AirValue *value, *edit;

      if (equals == NULL)
        {
          g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "\"%s\" is no FIELD=VALUE", sets[i]);
          return NULL;
        }
      value = air_json_parse (equals + 1, strlen (equals + 1), NULL);
      edit = air_gate_edit_patch (air_gate_get_action (gate), path,
                                  value != NULL ? value : air_value_new_string (equals + 1), error);
      if (edit == NULL)
        return NULL;
      air_list_append (patch, edit);
    }
  edited = air_gate_edit_apply (air_gate_get_action (gate), air_map_get_map (air_gate_get_entry (gate), "edit"), patch,
                                error);
  if (edited == NULL)
    return NULL;
  if (!quiet)
    {
      g_autofree char *text = air_json_write_pretty (edited, NULL);

      air_cli_print ("\nyou approve instead: %s", text);
    }
  return g_steal_pointer (&patch);
}

static void
print_answer (const AirCli *cli, AirGate *gate, const char *decision, AirPrivateKey *key, AirValue *answer)
{
  const char *outcome = air_map_get_string (answer, "outcome");

  if (cli->json)
    {
      g_autoptr (AirValue) document = air_cli_gate_to_value (gate);

      air_map_set_string (document, "decision", decision);
      air_map_set_string (document, "key", air_public_key_get_id (air_private_key_get_public (key)));
      air_map_set (document, "answer", air_value_ref (answer));
      air_cli_print_value (document);
      return;
    }
  air_cli_print ("\nsigned by key %s\nthe gate is %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " approvals",
                 air_public_key_get_id (air_private_key_get_public (key)), outcome != NULL ? outcome : "recorded",
                 air_map_get_int (answer, "counted", 0), air_map_get_int (answer, "quorum", 0));
  if (air_map_get_int (answer, "index", -1) >= 0)
    air_cli_print ("; entry %" G_GINT64_FORMAT " of the ledger", air_map_get_int (answer, "index", -1));
  air_cli_print ("\n");
}

/**
 * air_cmd_gate_decide:
 *
 * `airailsctl gate decide`: sign a decision with your own key.
 *
 * Returns: an #AirExit
 */
int
air_cmd_gate_decide (int argc, char **argv)
{
  g_autofree char *profile = NULL, *reason = NULL, *key_path = NULL, *expected = NULL, *run = NULL, *node = NULL;
  g_auto (GStrv) sets = NULL;
  gboolean approve = FALSE, deny = FALSE, yes = FALSE;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "approve", 0, 0, G_OPTION_ARG_NONE, &approve, "decide for it", NULL },
    { "deny", 0, 0, G_OPTION_ARG_NONE, &deny, "decide against it", NULL },
    { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &sets,
      "approve with this field changed, as far as the policy allows; NODE.FIELD=JSON", "FIELD=VALUE" },
    { "reason", 'm', 0, G_OPTION_ARG_STRING, &reason, "why; it goes into the ledger", "TEXT" },
    { "key", 'k', 0, G_OPTION_ARG_STRING, &key_path,
      "your decision key (else the profile's): a file, pkcs11:… or keyring:NAME", "KEY" },
    { "action", 0, 0, G_OPTION_ARG_STRING, &expected, "sign only if the action still has this digest", "DIGEST" },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &yes, "do not ask", NULL },
    { NULL },
  };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (AirValue) answer = NULL, patch = NULL;
  g_autoptr (AirGate) gate = NULL;
  g_auto (AirCli) cli = { 0 };
  const char *decision, *why_not = NULL;
  GError *error = NULL;

  if (!air_cli_parse (&cli, "gate decide", entries, "RUN/NODE",
                      "Shows the exact action of a gate, and signs your decision about it with your own key.", 1, 2,
                      argc, argv))
    return AIR_EXIT_USAGE;
  if (!air_cli_split_gate (&cli, &run, &node, &error)
      || !check_options (approve, deny, sets != NULL, reason, yes, cli.json, &error))
    return air_cli_fail (&cli, error);
  decision = sets != NULL ? "edit" : approve ? "approve" : "deny";
  client = air_cli_open_client (profile, &error);
  if (client == NULL)
    return air_cli_fail (&cli, error);
  if (key_path == NULL)
    key_path = g_strdup (air_client_profile_get_decision_key (air_client_get_profile (client)));
  if (key_path == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "with which key? Give --key FILE, or \"decision_key\" in the profile"));
  key = air_cli_open_key (key_path, &error);
  gate = key != NULL ? air_client_get_gate (client, run, node, NULL, &error) : NULL;
  if (gate == NULL)
    return air_cli_fail (&cli, error);

  if (!cli.json)
    air_cli_print_gate (gate);
  if (expected != NULL && strcmp (expected, air_gate_get_action_digest (gate)) != 0)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
                                            "the action is now %s, not %s; look at it again with \"gate show\"",
                                            air_gate_get_action_digest (gate), expected));
  /* The runtime judges for itself; this only saves a signature that could not count. */
  if (!air_gate_may_decide (gate, &why_not))
    return air_cli_fail (&cli,
                         g_error_new (AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_FORBIDDEN, "you may not decide this gate: %s",
                                      why_not != NULL ? why_not : "the runtime says so"));
  if (sets != NULL && (patch = make_patch (gate, (const char *const *) sets, cli.json, &error)) == NULL)
    return air_cli_fail (&cli, error);
  if (!yes && !confirm (decision))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED, "not confirmed; nothing was signed"));
  answer = air_client_decide_edit (client, gate, decision, patch, reason, key, NULL, &error);
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  print_answer (&cli, gate, decision, key, answer);
  return AIR_EXIT_OK;
}
