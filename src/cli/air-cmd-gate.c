/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-gate.h"
#include "base/air-clock.h"
#include "base/air-json.h"
#include "client/air-client-requests.h"

/**
 * air_cli_split_gate:
 * @cli: with "RUN/NODE", or RUN and NODE, as its arguments
 * @ret_run: (out) (transfer full): the run
 * @ret_node: (out) (transfer full): the step
 * @error: return location
 *
 * Returns: %FALSE with %AIR_CLI_ERROR_USAGE
 */
gboolean
air_cli_split_gate (const AirCli *cli, char **ret_run, char **ret_node, GError **error)
{
  const char *slash = strrchr (cli->args[0], '/');

  if (cli->n_args == 2)
    {
      *ret_run = g_strdup (cli->args[0]);
      *ret_node = g_strdup (cli->args[1]);
      return TRUE;
    }
  if (slash == NULL || slash == cli->args[0] || slash[1] == '\0')
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                   "\"%s\" is no gate; write RUN/NODE as \"airailsctl gate list\" does", cli->args[0]);
      return FALSE;
    }
  *ret_run = g_strndup (cli->args[0], slash - cli->args[0]);
  *ret_node = g_strdup (slash + 1);
  return TRUE;
}

static void
print_json (const char *title, const AirValue *value)
{
  g_autofree char *text = value != NULL ? air_json_write_pretty (value, NULL) : NULL;

  if (text == NULL)
    return;
  air_cli_print ("%s%s", title, text);
}

static const char *
text_of (const AirValue *map, const char *key)
{
  const char *text = air_map_get_string (map, key);

  return text != NULL ? text : "";
}

static const char *
or_none (const char *text)
{
  return text != NULL ? text : "(none)";
}

static void
print_list (const char *title, const AirValue *list)
{
  const char *item;

  if (air_list_get_string (list, 0) == NULL)
    return;
  air_cli_print ("%s", title);
  for (gsize i = 0; (item = air_list_get_string (list, i)) != NULL; i++)
    air_cli_print ("%s%s", i > 0 ? ", " : "", item);
  air_cli_print ("\n");
}

/* Who else, when, and what may be changed: as the entry says. */
static void
print_terms (const AirValue *entry)
{
  const AirValue *levels = air_map_get_list (entry, "escalation"), *edit = air_map_get_map (entry, "edit");

  print_list ("only       ", air_map_get_list (entry, "people"));
  print_list ("never      ", air_map_get_list (entry, "exclude"));
  print_list ("reminders  ", air_map_get_list (entry, "reminders"));
  for (gsize i = 0; levels != NULL && i < air_list_get_size (levels); i++)
    {
      const AirValue *level = air_list_get (levels, i);

      air_cli_print ("from       %s also role %s, %" G_GINT64_FORMAT " approvals\n", text_of (level, "at"),
                     text_of (level, "role"), air_map_get_int (level, "quorum", 1));
      print_list ("           only ", air_map_get_list (level, "people"));
    }
  for (gsize i = 0; edit != NULL && i < air_map_get_size (edit); i++)
    {
      air_cli_print ("%s%s to what fits ", i == 0 ? "editable   " : "           ",
                     air_value_get_string (air_map_get_key_at (edit, i), NULL));
      print_list ("", air_map_get_value_at (edit, i));
    }
  if (air_map_get_string (entry, "edited_by") != NULL)
    air_cli_print ("changed    by %s, who approves it so\n", text_of (entry, "edited_by"));
}

/* A sentence for people, each policy's reason on a line of its own. */
static void
print_why (const AirValue *why)
{
  g_auto (GStrv) parts = NULL;

  if (why == NULL || air_value_get_kind (why) != AIR_VALUE_STRING)
    {
      print_json ("\nwhy        ", why);
      return;
    }
  parts = g_strsplit (air_value_get_string (why, NULL), "; ", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      air_cli_print ("%s", i == 0 ? "\nwhy        " : "           ");
      air_cli_print ("%s", parts[i]);
      air_cli_print ("\n");
    }
}

/**
 * air_cli_print_gate:
 * @gate: a gate
 *
 * Prints everything a person must see before they decide; what others wrote with what could mislead in it made
 * visible.
 */
void
air_cli_print_gate (AirGate *gate)
{
  const AirValue *actions = air_gate_get_action (gate);
  gint64 deadline = air_gate_get_deadline_us (gate);
  const char *reason = NULL;

  air_cli_print ("gate       %s (%s)\n", air_gate_get_id (gate), air_gate_get_state (gate));
  air_cli_print ("approvals  %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT ", by role %s\n", air_gate_get_counted (gate),
                 air_gate_get_quorum (gate), or_none (air_gate_get_role (gate)));
  if (deadline > 0)
    {
      g_autofree char *when = air_time_format (deadline);

      air_cli_print ("until      %s, then %s\n", when, or_none (air_gate_get_on_expiry (gate)));
    }
  for (gsize i = 0; actions != NULL && i < air_list_get_size (actions); i++)
    {
      const AirValue *action = air_list_get (actions, i);

      air_cli_print ("\nif approved: ");
      air_cli_print ("%s", text_of (action, "title"));
      air_cli_print ("\n  operation  %s (node %s)\n  idempotent %s\n", text_of (action, "operation"),
                     text_of (action, "node"), text_of (action, "idempotency_key"));
      print_json ("  input      ", air_map_get (action, "input"));
    }
  print_terms (air_gate_get_entry (gate));
  print_why (air_gate_get_why (gate));
  air_cli_print ("\naction     %s\nrequest    %s (entry %" G_GUINT64_FORMAT ")\nartifact   %s\npolicy     %s\n",
                 air_gate_get_action_digest (gate), air_gate_get_leaf_hash (gate), air_gate_get_index (gate),
                 or_none (air_gate_get_artifact (gate)), or_none (air_gate_get_policy (gate)));
  if (!air_gate_may_decide (gate, &reason))
    air_cli_print ("you may not decide it: %s\n", reason != NULL ? reason : "the runtime says so");
}

static void
set_text (AirValue *map, const char *key, const char *text)
{
  if (text != NULL)
    air_map_set_string (map, key, text);
}

static void
set_nullable (AirValue *map, const char *key, AirValue *value)
{
  if (value != NULL)
    air_map_set (map, key, air_value_ref (value));
}

/**
 * air_cli_gate_to_value:
 * @gate: a gate
 *
 * Returns: (transfer full): the same for --json
 */
AirValue *
air_cli_gate_to_value (AirGate *gate)
{
  AirValue *value = air_map_new ();
  const char *reason = NULL;

  air_map_set_string (value, "gate", air_gate_get_id (gate));
  air_map_set_string (value, "state", air_gate_get_state (gate));
  air_map_set_int (value, "quorum", air_gate_get_quorum (gate));
  air_map_set_int (value, "counted", air_gate_get_counted (gate));
  set_text (value, "role", air_gate_get_role (gate));
  set_nullable (value, "action", air_gate_get_action (gate));
  air_map_set_string (value, "action_digest", air_gate_get_action_digest (gate));
  set_nullable (value, "why", air_gate_get_why (gate));
  set_nullable (value, "exclude", air_gate_get_exclude (gate));
  set_nullable (value, "decisions", air_gate_get_decisions (gate));
  air_map_set_string (value, "leaf_hash", air_gate_get_leaf_hash (gate));
  air_map_set_int (value, "index", (gint64) air_gate_get_index (gate));
  set_text (value, "artifact", air_gate_get_artifact (gate));
  set_text (value, "policy", air_gate_get_policy (gate));
  air_map_set_bool (value, "may_decide", air_gate_may_decide (gate, &reason));
  if (reason != NULL)
    air_map_set_string (value, "reason", reason);
  return value;
}

static int
cmd_list (int argc, char **argv)
{
  g_autofree char *profile = NULL;
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "decided ones too", NULL },
    { NULL },
  };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirValue) page = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  const AirValue *items;

  if (!air_cli_parse (&cli, "gate list", entries, "", "Lists the gates that wait for a decision.", 0, 0, argc, argv))
    return AIR_EXIT_USAGE;
  client = air_cli_open_client (profile, &error);
  page = client != NULL ? air_client_get (client, all ? "/v1/gates" : "/v1/gates?state=waiting", NULL, &error) : NULL;
  if (page == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      air_cli_print_value (page);
      return AIR_EXIT_OK;
    }
  items = air_map_get_list (page, "items");
  for (gsize i = 0; items != NULL && i < air_list_get_size (items); i++)
    {
      const AirValue *item = air_list_get (items, i);

      air_cli_print ("%s  %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "  ", text_of (item, "gate"),
                     air_map_get_int (item, "counted", 0), air_map_get_int (item, "quorum", 0));
      air_cli_print ("%s", text_of (item, "title"));
      air_cli_print ("\n");
    }
  return AIR_EXIT_OK;
}

static int
cmd_show (int argc, char **argv)
{
  g_autofree char *profile = NULL, *run = NULL, *node = NULL;
  const GOptionEntry entries[] = { AIR_CLI_PROFILE_ENTRY (&profile), { NULL } };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirGate) gate = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "gate show", entries, "RUN/NODE",
                      "Shows what a gate asks, after checking it against the ledger entry it quotes.", 1, 2, argc,
                      argv))
    return AIR_EXIT_USAGE;
  if (!air_cli_split_gate (&cli, &run, &node, &error))
    return air_cli_fail (&cli, error);
  client = air_cli_open_client (profile, &error);
  gate = client != NULL ? air_client_get_gate (client, run, node, NULL, &error) : NULL;
  if (gate == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      g_autoptr (AirValue) value = air_cli_gate_to_value (gate);

      air_cli_print_value (value);
    }
  else
    air_cli_print_gate (gate);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_gate:
 *
 * `airailsctl gate`: list, show and decide gates.
 *
 * Returns: an #AirExit
 */
int
air_cmd_gate (int argc, char **argv)
{
  static const AirCliCommand commands[] = {
    { "list", cmd_list, "the gates that wait" },
    { "show", cmd_show, "what exactly one of them asks" },
    { "decide", air_cmd_gate_decide, "sign a decision with your own key" },
    { NULL },
  };

  return air_cli_dispatch (commands, "airailsctl gate", argc, argv);
}
