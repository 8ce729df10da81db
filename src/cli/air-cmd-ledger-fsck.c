/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli.h"
#include "base/air-file.h"
#include "runtime/air-ledger-check.h"

static AirTlogPolicy *
read_policy (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  AirTlogPolicy *policy;
  GError *failure = NULL;
  gsize length;

  if (!air_file_load (path, &text, &length, error))
    return NULL;
  policy = air_tlog_policy_parse (text, length, &failure);
  return policy != NULL ? policy : air_cli_bad_input (failure, path, error);
}

static AirTlogPolicy *
policy_of_key (const char *vkey, GError **error)
{
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();
  g_autofree char *text = NULL;
  g_autoptr (AirVkey) key = NULL;
  GError *failure = NULL;

  if (g_file_test (vkey, G_FILE_TEST_EXISTS) && !air_file_load (vkey, &text, NULL, error))
    return NULL;
  key = air_vkey_parse (text != NULL ? g_strstrip (text) : vkey, &failure);
  if (key == NULL || !air_tlog_policy_add_log (policy, key, NULL, &failure))
    return air_cli_bad_key (failure, "--key", error);
  return g_steal_pointer (&policy);
}

static GPtrArray *
read_heads (char **paths, GError **error)
{
  g_autoptr (GPtrArray) heads = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      char *text = NULL;

      if (!air_file_load (paths[i], &text, NULL, error))
        return NULL;
      g_ptr_array_add (heads, text);
    }
  return g_steal_pointer (&heads);
}

static AirValue *
report_to_value (const AirFsckReport *report)
{
  AirValue *value = air_map_new (), *faults = air_list_new ();
  g_autofree char *root = air_digest_to_hex (&report->root);

  air_map_set_bool (value, "passed", report->faults->len == 0);
  air_map_set_int (value, "entries", (gint64) report->n_entries);
  air_map_set_int (value, "instances", (gint64) report->n_instances);
  air_map_set_int (value, "closed", (gint64) report->n_closed);
  air_map_set_int (value, "disclosures", (gint64) report->n_disclosures);
  air_map_set_int (value, "redacted", (gint64) report->n_redacted);
  air_map_set_int (value, "decisions", (gint64) report->n_statements);
  air_map_set_int (value, "checkpoints", (gint64) report->n_checkpoints);
  air_map_set_string (value, "root", root);
  for (guint i = 0; i < report->faults->len; i++)
    {
      const AirFsckFault *fault = report->faults->pdata[i];
      AirValue *item = air_map_new ();

      if (fault->index != G_MAXUINT64)
        air_map_set_int (item, "index", (gint64) fault->index);
      air_map_set_string (item, "words", fault->words);
      air_list_append (faults, item);
    }
  air_map_set (value, "faults", faults);
  return value;
}

static void
print_report (const AirFsckReport *report)
{
  g_autofree char *root = air_digest_to_hex (&report->root);

  for (guint i = 0; i < report->faults->len; i++)
    {
      const AirFsckFault *fault = report->faults->pdata[i];

      if (fault->index != G_MAXUINT64)
        air_cli_print ("entry %" G_GUINT64_FORMAT ": %s\n", fault->index, fault->words);
      else
        air_cli_print ("%s\n", fault->words);
    }
  air_cli_print ("%" G_GUINT64_FORMAT " entries of %" G_GUINT64_FORMAT " runs (%" G_GUINT64_FORMAT
                 " closed), %" G_GUINT64_FORMAT " disclosures (%" G_GUINT64_FORMAT " redacted), %" G_GUINT64_FORMAT
                 " signed decisions, %" G_GUINT64_FORMAT " checkpoints\nroot %s\n%u fault%s\n",
                 report->n_entries, report->n_instances, report->n_closed, report->n_disclosures, report->n_redacted,
                 report->n_statements, report->n_checkpoints, root, report->faults->len,
                 report->faults->len == 1 ? "" : "s");
}

/**
 * air_cmd_ledger_fsck:
 *
 * `airailsctl ledger fsck`: check a whole ledger on disk.
 *
 * Returns: an #AirExit
 */
int
air_cmd_ledger_fsck (int argc, char **argv)
{
  g_autofree char *vkey = NULL, *policy_path = NULL, *path = NULL;
  g_auto (GStrv) head_paths = NULL;
  const GOptionEntry entries[] = {
    { "key", 'k', 0, G_OPTION_ARG_STRING, &vkey, "the ledger's verifier key, or a file with it", "VKEY" },
    { "policy", 0, 0, G_OPTION_ARG_FILENAME, &policy_path, "or its log and witnesses (tlog-policy)", "FILE" },
    { "head", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &head_paths,
      "a checkpoint kept elsewhere that the ledger must contain", "FILE" },
    { NULL },
  };
  g_autoptr (GPtrArray) heads = NULL;
  g_autoptr (AirTlogPolicy) policy = NULL;
  g_autoptr (AirFsckReport) report = NULL;
  g_auto (AirCli) cli = { 0 };
  AirCliWork work = { &cli, "checking entries" };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "ledger fsck", entries, "STATE",
                      "Recomputes the whole ledger of a runtime's state folder: file, tree, tiles, chains, counts, "
                      "commitments,\ncheckpoints, index. "
                      "Nothing is written. Where its end was cut off before the last checkpoint, only a head that\n"
                      "somebody else keeps (a witness, an earlier bundle) can show it: give it with --head.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if ((vkey == NULL) == (policy_path == NULL))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "whose checkpoints count? Give --key VKEY or --policy FILE, and not both"));
  policy = policy_path != NULL ? read_policy (policy_path, &error) : policy_of_key (vkey, &error);
  if (policy == NULL)
    return air_cli_fail (&cli, error);
  path = g_build_filename (cli.args[0], "ledger.sqlite", NULL);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return air_cli_fail (
        &cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                           "%s: there is no ledger; give the \"state\" folder of the runtime's configuration", path));
  heads = read_heads (head_paths, &error);
  if (heads == NULL)
    return air_cli_fail (&cli, error);
  report = air_ledger_check (cli.args[0], policy, heads, air_cli_work_progress, &work, &error);
  if (report == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      g_autoptr (AirValue) value = report_to_value (report);

      air_cli_print_value (value);
    }
  else
    print_report (report);
  return report->faults->len == 0 ? AIR_EXIT_OK : AIR_EXIT_REFUSED;
}
