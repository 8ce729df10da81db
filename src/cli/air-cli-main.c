/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "air-cli-describe.h"
#include "air-cli.h"

static const AirCliCommand commands[] = {
  { "new", air_cmd_new, "begin a workflow, from a template of a pack or blank", "Build" },
  { "check", air_cmd_check, "check a workflow: structure, types, lints", "Build" },
  { "lint", air_cmd_lint, "say what is wrong with a workflow, and mend it", "Build" },
  { "hints", air_cmd_hints, "say which policy fits each risky step", "Build" },
  { "labels", air_cmd_labels, "say which data reaches which vendor", "Build" },
  { "diff", air_cmd_diff, "say in words what changes between two versions", "Build" },
  { "manifest", air_cmd_manifest, "say what a deployment needs", "Build" },
  { "compile", air_cmd_compile, "make an artifact of a workflow", "Build" },
  { "simulate", air_cmd_simulate, "play many runs of a workflow, and what they come to", "Build" },
  { "replay", air_cmd_replay, "decide a recorded run anew, and tell it", "Build" },
  { "backtest", air_cmd_backtest, "a new version or policy over recorded runs", "Build" },
  { "test", air_cmd_test, "play the test cases of a workflow", "Build" },
  { "pack", air_cmd_pack, "check and list packs of operations", "Build" },
  { "schema", air_cmd_schema, "check JSON Schemas, and make sample data of them", "Build" },
  { "sign", air_cmd_sign, "sign an artifact", "Publish" },
  { "publish", air_cmd_publish, "put a signed artifact into a registry", "Publish" },
  { "pull", air_cmd_pull, "take an artifact out of a registry", "Publish" },
  { "inspect", air_cmd_inspect, "tell what an artifact holds, or what a registry has", "Publish" },
  { "run", air_cmd_run, "start a run by a trigger; pause, resume, cancel, retry, skip, confirm, signal", "Operate" },
  { "runs", air_cmd_runs, "list runs, or show one", "Operate" },
  { "gate", air_cmd_gate, "list, show and decide gates", "Operate" },
  { "export", air_cmd_export, "save the proof of a run as a bundle", "Prove" },
  { "verify", air_cmd_verify, "verify an artifact or an exported bundle", "Prove" },
  { "ledger", air_cmd_ledger, "head, inclusion proofs, check of a whole ledger", "Prove" },
  { "key", air_cmd_key, "make, show and list keys: in files, tokens or the keyring", "Trust" },
  { "authorize", air_cmd_authorize, "let a connector act at a vendor in your name (OAuth 2.0)", "Trust" },
  { "pki", air_cmd_pki, "make an authority, certificates, keys and trust roots", "Trust" },
  { NULL },
};

/**
 * air_cli_get_commands:
 *
 * Returns: (transfer none): the table of all commands; static
 */
const AirCliCommand *
air_cli_get_commands (void)
{
  return commands;
}

/* Headings in the order they first come; what has none comes last. */
static void
print_group (FILE *stream, const AirCliCommand *list, const char *group)
{
  for (; list->name != NULL; list++)
    if (g_strcmp0 (list->group, group) == 0)
      fprintf (stream, "  %-10s %s\n", list->name, list->summary);
}

static void
print_commands (FILE *stream, const AirCliCommand *list, const char *program)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean ungrouped = FALSE;

  fprintf (stream, "usage: %s COMMAND [ARGUMENTS]\n", program);
  for (const AirCliCommand *command = list; command->name != NULL; command++)
    {
      if (command->group == NULL)
        ungrouped = TRUE;
      else if (g_hash_table_add (seen, (gpointer) command->group))
        {
          fprintf (stream, "\n%s:\n", command->group);
          print_group (stream, list, command->group);
        }
    }
  if (ungrouped)
    {
      fputs (g_hash_table_size (seen) > 0 ? "\nOther:\n" : "\n", stream);
      print_group (stream, list, NULL);
    }
  fprintf (stream, "\n%s COMMAND --help tells more. Every command takes --json.\n", program);
}

static void
print_exits (void)
{
  puts ("\nexit status:\n"
        "  0  done\n"
        "  1  it was checked, and it does not hold\n"
        "  2  the command line is wrong\n"
        "  3  a file is missing, unreadable or not what it should be\n"
        "  4  nobody answers, or not now\n"
        "  5  the runtime or the registry refused\n"
        "  6  anything else");
}

/**
 * air_cli_dispatch:
 * @commands: a table
 * @program: what is typed before, "airailsctl gate"
 * @argc: how many words
 * @argv: argv[1] names the command
 *
 * Runs it; prints the table when none is named.
 *
 * Returns: an #AirExit
 */
int
air_cli_dispatch (const AirCliCommand *list, const char *program, int argc, char **argv)
{
  const char *space = strchr (program, ' ');
  AirCli cli = { .command = space != NULL ? space + 1 : "" };

  if (air_cli_is_describing ())
    {
      air_cli_describe_table (list);
      return AIR_EXIT_OK;
    }
  cli.json = air_cli_wants_json (argc, argv);
  if (argc < 2)
    {
      print_commands (stderr, list, program);
      return AIR_EXIT_USAGE;
    }
  if (strcmp (argv[1], "help") == 0 || strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    {
      print_commands (stdout, list, program);
      print_exits ();
      return AIR_EXIT_OK;
    }
  for (const AirCliCommand *command = list; command->name != NULL; command++)
    if (strcmp (command->name, argv[1]) == 0)
      return command->run (argc - 1, argv + 1);
  return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                          "there is no command \"%s\"; \"%s help\" lists them", argv[1], program));
}

/**
 * air_cli_main:
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * Returns: an #AirExit
 */
int
air_cli_main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc > 1 && strcmp (argv[1], "--version") == 0)
    {
      puts ("airailsctl " AIR_VERSION);
      return AIR_EXIT_OK;
    }
  return air_cli_dispatch (commands, "airailsctl", argc, argv);
}
