/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-tiles.h"
#include "air-cli.h"
#include "ledger/air-fsck.h"
#include "runtime/air-store.h"

typedef struct {
  AirStore *store;
  GPtrArray *checkpoints; /* char *, oldest first */
} Source;

static GBytes *
read_entry (gpointer user_data, guint64 index, GPtrArray **ret_disclosures, GError **error)
{
  Source *self = user_data;
  g_autoptr (AirStoredEntry) entry = air_store_read_entry (self->store, index, error);

  if (entry == NULL)
    {
      if (error == NULL || *error == NULL)
        g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "entry %" G_GUINT64_FORMAT " is missing", index);
      return NULL;
    }
  if (entry->disclosures != NULL)
    *ret_disclosures = g_ptr_array_ref (entry->disclosures);
  return g_bytes_ref (entry->leaf);
}

static char *
read_checkpoint (gpointer user_data, guint i, GError **error)
{
  Source *self = user_data;

  return i < self->checkpoints->len ? g_strdup (self->checkpoints->pdata[i]) : NULL;
}

/* The store finds them from the newest on. */
static gboolean
collect_checkpoints (Source *self, GError **error)
{
  guint64 at_most = G_MAXINT64, size;

  for (;;)
    {
      GError *local = NULL;
      char *note = air_store_read_checkpoint (self->store, at_most, &size, &local);

      if (note == NULL && local != NULL)
        {
          g_propagate_error (error, local);
          return FALSE;
        }
      if (note == NULL)
        return TRUE;
      g_ptr_array_insert (self->checkpoints, 0, note);
      if (size == 0)
        return TRUE;
      at_most = size - 1;
    }
}

/* What somebody typed or named is bad input, not a bad ledger. */
static AirTlogPolicy *
bad_input (GError *take_error, const char *option, GError **error)
{
  g_autoptr (GError) failure = take_error;

  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: %s", option, failure->message);
  return NULL;
}

static AirTlogPolicy *
read_policy (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  AirTlogPolicy *policy;
  GError *failure = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  policy = air_tlog_policy_parse (text, length, &failure);
  return policy != NULL ? policy : bad_input (failure, path, error);
}

static AirTlogPolicy *
policy_of_key (const char *vkey, GError **error)
{
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();
  g_autofree char *text = NULL;
  g_autoptr (AirVkey) key = NULL;
  GError *failure = NULL;

  if (g_file_test (vkey, G_FILE_TEST_EXISTS) && !g_file_get_contents (vkey, &text, NULL, error))
    return NULL;
  key = air_vkey_parse (text != NULL ? g_strstrip (text) : vkey, &failure);
  if (key == NULL || !air_tlog_policy_add_log (policy, key, NULL, &failure))
    return bad_input (failure, "--key", error);
  return g_steal_pointer (&policy);
}

static void
add_fault (const char *words, gpointer user_data)
{
  AirFsckReport *report = user_data;
  AirFsckFault *fault = g_new0 (AirFsckFault, 1);

  fault->index = G_MAXUINT64;
  fault->words = g_strdup (words);
  g_ptr_array_add (report->faults, fault);
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
                 " checkpoints\nroot %s\n%u fault%s\n",
                 report->n_entries, report->n_instances, report->n_closed, report->n_disclosures, report->n_redacted,
                 report->n_checkpoints, root, report->faults->len, report->faults->len == 1 ? "" : "s");
}

int
air_cmd_ledger_fsck (int argc, char **argv)
{
  g_autofree char *vkey = NULL, *policy_path = NULL, *path = NULL;
  const GOptionEntry entries[] = {
    { "key", 'k', 0, G_OPTION_ARG_STRING, &vkey, "the ledger's verifier key, or a file with it", "VKEY" },
    { "policy", 0, 0, G_OPTION_ARG_FILENAME, &policy_path, "or its log and witnesses (tlog-policy)", "FILE" },
    { NULL },
  };
  g_autoptr (GPtrArray) checkpoints = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AirTlogPolicy) policy = NULL;
  g_autoptr (AirFsckReport) report = NULL;
  g_autoptr (AirStore) store = NULL;
  AirLedgerReader reader = { .read_entry = read_entry, .read_checkpoint = read_checkpoint };
  Source source = { NULL, checkpoints };
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "ledger fsck", entries, "STATE",
                      "Recomputes the whole ledger of a runtime's state folder: tree, tiles, chains, counts, "
                      "commitments,\ncheckpoints. "
                      "Nothing is written.",
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
  store = source.store = air_store_open (path, /* read_only= */ TRUE, &error);
  /* The checkpoints first: a runtime may be at work, and the ledger only grows. */
  if (store == NULL || !collect_checkpoints (&source, &error) || !air_store_get_size (store, &reader.size, &error))
    return air_cli_fail (&cli, error);
  reader.user_data = &source;
  report = air_fsck (&reader, policy, &error);
  if (report == NULL || !air_cli_check_tiles (store, reader.size, add_fault, report, &error))
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
