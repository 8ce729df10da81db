/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-client.h"
#include "client/air-client-requests.h"

static AirValue *
head_to_value (const AirLedgerHead *head)
{
  AirValue *value = air_map_new ();
  g_autofree char *root = air_digest_to_hex (&head->root);

  air_map_set_string (value, "origin", head->origin);
  air_map_set_int (value, "size", (gint64) head->size);
  air_map_set_string (value, "root", root);
  air_map_set_string (value, "key", head->key);
  air_map_set_bool (value, "pinned", head->pinned);
  air_map_set_int (value, "seen", (gint64) head->seen);
  air_map_set_string (value, "checkpoint", head->text);
  return value;
}

static void
print_head (const AirLedgerHead *head)
{
  air_cli_print ("%s\nsigned by %s (%s)\n", head->text, head->key,
                 head->pinned ? "the pinned key"
                              : "a key the runtime itself named; pin it with \"ledger_key\" in the profile");
  if (head->seen > 0)
    air_cli_print ("it contains all of the %" G_GUINT64_FORMAT " entries seen from here before\n", head->seen);
}

static int
cmd_head (int argc, char **argv)
{
  g_autofree char *profile = NULL;
  const GOptionEntry entries[] = { AIR_CLI_PROFILE_ENTRY (&profile), { NULL } };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirLedgerHead) head = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (
          &cli, "ledger head", entries, "",
          "Shows the ledger's signed head, after checking its signature and that it contains what was seen before.", 0,
          0, argc, argv))
    return AIR_EXIT_USAGE;
  client = air_cli_open_client (profile, &error);
  head = client != NULL ? air_client_get_head (client, NULL, &error) : NULL;
  if (head == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      g_autoptr (AirValue) value = head_to_value (head);

      air_cli_print_value (value);
    }
  else
    print_head (head);
  return AIR_EXIT_OK;
}

/* The way up, one line a step, so that it can be followed with sha256sum. */
static void
print_receipt (const AirReceipt *receipt)
{
  g_autofree char *leaf = air_digest_to_hex (&receipt->leaf);

  air_cli_print ("entry %" G_GUINT64_FORMAT ", leaf %s\n", receipt->index, leaf);
  for (guint i = 0; i < receipt->steps->len; i++)
    {
      const AirProofStep *step = &g_array_index (receipt->steps, AirProofStep, i);
      g_autofree char *sibling = air_digest_to_hex (&step->sibling), *result = air_digest_to_hex (&step->result);

      air_cli_print ("  with %s on the %s: %s\n", sibling, step->sibling_is_left ? "left" : "right", result);
    }
  air_cli_print ("which is the root of\n\n");
  print_head (receipt->head);
}

static int
cmd_prove (int argc, char **argv)
{
  g_autofree char *profile = NULL, *output = NULL;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "save the tlog-proof there", "FILE" },
    { NULL },
  };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirReceipt) receipt = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  guint64 index;

  if (!air_cli_parse (&cli, "ledger prove", entries, "INDEX", "Proves that an entry is in the ledger.", 1, 1, argc,
                      argv))
    return AIR_EXIT_USAGE;
  if (!g_ascii_string_to_unsigned (cli.args[0], 10, 0, G_MAXINT64, &index, NULL))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "\"%s\" is no index; give the entry's number, from 0", cli.args[0]));
  client = air_cli_open_client (profile, &error);
  receipt = client != NULL ? air_client_get_receipt (client, index, NULL, &error) : NULL;
  if (receipt == NULL)
    return air_cli_fail (&cli, error);
  if (output != NULL && !air_cli_write_new (output, receipt->text, strlen (receipt->text), 0644, &error))
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      g_autoptr (AirValue) value = air_map_new ();
      g_autofree char *leaf = air_digest_to_hex (&receipt->leaf);

      air_map_set_int (value, "index", (gint64) receipt->index);
      air_map_set_string (value, "leaf_hash", leaf);
      if (receipt->members != NULL)
        air_map_set (value, "entry", air_value_ref (receipt->members));
      air_map_set_string (value, "proof", receipt->text);
      air_map_set (value, "head", head_to_value (receipt->head));
      air_cli_print_value (value);
    }
  else
    print_receipt (receipt);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_ledger:
 *
 * `airailsctl ledger`: head, inclusion proofs, check of a whole ledger.
 *
 * Returns: an #AirExit
 */
int
air_cmd_ledger (int argc, char **argv)
{
  static const AirCliCommand commands[] = {
    { "head", cmd_head, "the signed head" },
    { "prove", cmd_prove, "that an entry is in it" },
    { "fsck", air_cmd_ledger_fsck, "check a whole ledger on disk" },
    { "redact", air_cmd_ledger_redact, "erase what a run disclosed" },
    { "witness", air_cmd_ledger_witness, "run a witness that cosigns heads" },
    { NULL },
  };

  return air_cli_dispatch (commands, "airailsctl ledger", argc, argv);
}
