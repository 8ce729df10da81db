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

typedef struct {
  char *profile;
  char *reason;
  char *key;
  char *expected;
  char *patch;
  char **sets;
  gboolean approve;
  gboolean deny;
  gboolean ask;
  gboolean yes;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->profile);
  g_free (self->reason);
  g_free (self->key);
  g_free (self->expected);
  g_free (self->patch);
  g_strfreev (self->sets);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
changes (const Options *self)
{
  return self->sets != NULL || self->patch != NULL;
}

static gboolean
check_options (const Options *self, gboolean json, GError **error)
{
  const char *what = NULL;

  if (self->approve + self->deny + self->ask != 1)
    what = "what is decided? Give one of --approve, --deny and --ask";
  else if (!self->approve && changes (self))
    what = "only who approves changes something; give --set and --patch with --approve";
  else if (self->reason == NULL || *self->reason == '\0')
    what = self->ask ? "what do you ask? Give --reason TEXT; it goes into the ledger"
                     : "why? Give --reason TEXT; it goes into the ledger";
  else if (!self->yes && json)
    what = "with --json nothing is asked; give --yes to sign what \"gate show\" showed";
  else if (!self->yes && !isatty (STDIN_FILENO))
    what = "nobody can confirm here; run it in a terminal, or give --yes to sign what \"gate show\" showed";
  if (what != NULL)
    g_set_error_literal (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, what);
  return what == NULL;
}

/* "refund.amount_minor=900"; a value that is no JSON is text. */
static gboolean
add_set (AirValue *patch, const AirValue *action, const char *set, GError **error)
{
  const char *equals = strchr (set, '=');
  g_autofree char *path = equals != NULL ? g_strndup (set, equals - set) : NULL;
  AirValue *value, *edit;

  if (equals == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "\"%s\" is no FIELD=VALUE", set);
      return FALSE;
    }
  value = air_json_parse (equals + 1, strlen (equals + 1), NULL);
  edit = air_gate_edit_patch (action, path, value != NULL ? value : air_value_new_string (equals + 1), error);
  if (edit != NULL)
    air_list_append (patch, edit);
  return edit != NULL;
}

/* What @path holds: what it says is judged where it is applied. */
static AirValue *
read_patch (const char *path, GError **error)
{
  g_autoptr (AirValue) patch = air_cli_read_json (path, error);

  if (patch == NULL)
    return NULL;
  if (air_value_get_kind (patch) == AIR_VALUE_LIST && air_list_get_size (patch) > 0)
    return g_steal_pointer (&patch);
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
               "%s:1:1: a JSON Patch is a list of changes; write [{\"op\": \"replace\", \"path\": "
               "\"/0/input/FIELD\", \"value\": …}]",
               path);
  return NULL;
}

/* What is to be changed. Shows what becomes of the action. */
static AirValue *
make_patch (AirGate *gate, const Options *options, gboolean quiet, GError **error)
{
  const AirValue *action = air_gate_get_action (gate);
  g_autoptr (AirValue) patch = options->patch != NULL ? read_patch (options->patch, error) : air_list_new ();
  g_autoptr (AirValue) edited = NULL;
  GError *cause = NULL;

  if (patch == NULL)
    return NULL;
  for (guint i = 0; options->sets != NULL && options->sets[i] != NULL; i++)
    if (!add_set (patch, action, options->sets[i], error))
      return NULL;
  edited = air_gate_edit_apply (action, air_map_get_map (air_gate_get_entry (gate), "edit"), patch, &cause);
  if (edited == NULL)
    {
      g_propagate_prefixed_error (error, cause, "%s: ", options->patch != NULL ? options->patch : "--set");
      return NULL;
    }
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
  g_auto (Options) options = { 0 };
  g_autofree char *run = NULL, *node = NULL;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&options.profile),
    { "approve", 0, 0, G_OPTION_ARG_NONE, &options.approve, "decide for it", NULL },
    { "deny", 0, 0, G_OPTION_ARG_NONE, &options.deny, "decide against it", NULL },
    { "ask", 0, 0, G_OPTION_ARG_NONE, &options.ask, "ask for information: it decides nothing, the gate goes on waiting",
      NULL },
    { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.sets,
      "approve with this field changed, as far as the policy allows; NODE.FIELD=JSON", "FIELD=VALUE" },
    { "patch", 0, 0, G_OPTION_ARG_FILENAME, &options.patch,
      "approve with this JSON Patch of the action that \"gate show\" shows (- for standard input)", "FILE" },
    { "reason", 'm', 0, G_OPTION_ARG_STRING, &options.reason, "why, or what you ask; it goes into the ledger", "TEXT" },
    { "key", 'k', 0, G_OPTION_ARG_STRING, &options.key,
      "your decision key (else the profile's): a file, pkcs11:… or keyring:NAME", "KEY" },
    { "action", 0, 0, G_OPTION_ARG_STRING, &options.expected, "sign only if the action still has this digest",
      "DIGEST" },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &options.yes, "do not ask", NULL },
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
                      "Shows the exact action of a gate, and signs your decision about it, or your question, with your "
                      "own key.",
                      1, 2, argc, argv))
    return AIR_EXIT_USAGE;
  if (!air_cli_split_gate (&cli, &run, &node, &error) || !check_options (&options, cli.json, &error))
    return air_cli_fail (&cli, error);
  decision = options.ask ? "request-info" : options.deny ? "deny" : changes (&options) ? "edit" : "approve";
  client = air_cli_open_client (options.profile, &error);
  if (client == NULL)
    return air_cli_fail (&cli, error);
  if (options.key == NULL)
    options.key = g_strdup (air_client_profile_get_decision_key (air_client_get_profile (client)));
  if (options.key == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "with which key? Give --key FILE, or \"decision_key\" in the profile"));
  key = air_cli_open_key (options.key, &error);
  gate = key != NULL ? air_client_get_gate (client, run, node, NULL, &error) : NULL;
  if (gate == NULL)
    return air_cli_fail (&cli, error);

  if (!cli.json)
    air_cli_print_gate (gate);
  if (options.expected != NULL && strcmp (options.expected, air_gate_get_action_digest (gate)) != 0)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
                                            "the action is now %s, not %s; look at it again with \"gate show\"",
                                            air_gate_get_action_digest (gate), options.expected));
  /* The runtime judges for itself; this only saves a signature that could not count. */
  if (!air_gate_may_decide (gate, &why_not))
    return air_cli_fail (&cli,
                         g_error_new (AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_FORBIDDEN, "you may not decide this gate: %s",
                                      why_not != NULL ? why_not : "the runtime says so"));
  if (changes (&options) && (patch = make_patch (gate, &options, cli.json, &error)) == NULL)
    return air_cli_fail (&cli, error);
  if (!options.yes && !confirm (decision))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED, "not confirmed; nothing was signed"));
  answer = air_client_decide_edit (client, gate, decision, patch, options.reason, key, NULL, &error);
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  print_answer (&cli, gate, decision, key, answer);
  return AIR_EXIT_OK;
}
