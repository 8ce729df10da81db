/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "artifact/air-artifact.h"
#include "cli-fixture.h"

static guint
count (Cli *cli, const char *list)
{
  g_autofree char *path = cli_path (cli, "trust.json");
  g_autoptr (AirValue) trust = air_json_load_file (path, NULL);

  return air_list_get_size (air_map_get_list (trust, list));
}

/* From nothing to trust roots that an artifact is verified by, and back. */
static void
test_way (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow ();

  cli_run (cli, 0, "pki", "ca", "Demo", "-o", "ca", NULL);
  cli_run (cli, 0, "pki", "key", "dora.key", NULL);
  cli_run (cli, 0, "pki", "trust", "init", "trust.json", "--tenant", "demo", "--ca", "ca/ca.pem", NULL);
  cli_run (cli, 3, "pki", "trust", "init", "trust.json", "--tenant", "demo", "--ca", "ca/ca.pem", NULL);
  cli_assert_says (cli, "nothing is overwritten");
  cli_run (cli, 0, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/dora", "--name", "Dora",
           "--role", "designer", "--key", "dora.key.pub", NULL);
  cli_run (cli, 0, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/olga", "--role", "operator",
           "--role", "auditor", NULL);
  g_assert_cmpuint (count (cli, "people"), ==, 2);
  g_assert_cmpuint (count (cli, "signers"), ==, 1);
  cli_run (cli, 0, "pki", "trust", "show", "trust.json", NULL);
  cli_assert_out (cli, "airails://demo/people/olga: operator, auditor");
  cli_run (cli, 0, "pki", "trust", "show", "trust.json", "--json", NULL);
  cli_assert_out (cli, "BEGIN CERTIFICATE");

  cli_run (cli, 0, "compile", workflow, "-o", "built", NULL);
  cli_run (cli, 0, "sign", "built", "--key", "dora.key", NULL);
  cli_run (cli, 0, "verify", "built", "--trust", "trust.json", NULL);
  /* Other roles: the key goes with the right to sign. */
  cli_run (cli, 0, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/dora", "--role", "auditor",
           NULL);
  g_assert_cmpuint (count (cli, "people"), ==, 2);
  g_assert_cmpuint (count (cli, "signers"), ==, 0);
  cli_run (cli, 1, "verify", "built", "--trust", "trust.json", NULL);
  cli_run (cli, 0, "pki", "trust", "revoke", "trust.json", "--uri", "airails://demo/people/dora", NULL);
  g_assert_cmpuint (count (cli, "people"), ==, 1);
  cli_run (cli, 3, "pki", "trust", "revoke", "trust.json", "--uri", "airails://demo/people/dora", NULL);
  cli_assert_says (cli, "there is no airails://demo/people/dora");
}

static void
test_refused (Cli *cli, gconstpointer data)
{
  cli_run (cli, 0, "pki", "ca", "Demo", "-o", "ca", NULL);
  cli_run (cli, 2, "pki", "trust", "init", "trust.json", "--ca", "ca/ca.pem", NULL);
  cli_assert_says (cli, "--tenant");
  cli_run (cli, 0, "pki", "trust", "init", "trust.json", "--tenant", "demo", "--ca", "ca/ca.pem", NULL);
  cli_run (cli, 2, "pki", "trust", "add", "trust.json", "--role", "auditor", NULL);
  cli_assert_says (cli, "--uri");
  cli_run (cli, 2, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/x", NULL);
  cli_assert_says (cli, "--role");
  cli_run (cli, 2, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/x", "--role", "boss", NULL);
  cli_assert_says (cli, "no role \"boss\"");
  cli_run (cli, 2, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/x", "--role", "approver", NULL);
  cli_assert_says (cli, "--key");
  cli_write (cli, "x.pub", "no key");
  cli_run (cli, 3, "pki", "trust", "add", "trust.json", "--uri", "airails://demo/people/x", "--role", "approver",
           "--key", "x.pub", NULL);
  cli_assert_says (cli, "x.pub");
  g_assert_cmpuint (count (cli, "people"), ==, 0);
  cli_write (cli, "bad.json", "{\"v\":2}");
  cli_run (cli, 3, "pki", "trust", "show", "bad.json", NULL);
  cli_assert_says (cli, "bad.json");
}

static void
test_packs (Cli *cli, gconstpointer data)
{
  g_autofree char *packs = cli_packs ();
  g_autoptr (AirValue) value = NULL;

  cli_run (cli, 0, "pack", "check", packs, NULL);
  cli_assert_out (cli, "fixtures replayed");
  cli_run (cli, 0, "pack", "list", packs, "--json", NULL);
  value = cli_get_json (cli);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (value, "packs")), >, 0);
  cli_run (cli, 3, "pack", "check", "nowhere", NULL);
  cli_assert_says (cli, "nowhere");
}

static void
test_inspect (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow ();

  cli_run (cli, 0, "compile", workflow, "-o", "built", NULL);
  cli_run (cli, 0, "inspect", "built", NULL);
  cli_assert_out (cli, "0 signatures");
  cli_assert_out (cli, "policies");
  cli_run (cli, 0, "inspect", "built", "--json", NULL);
  cli_assert_out (cli, "\"deployment\"");
  cli_run (cli, 3, "inspect", "nowhere", NULL);
  cli_run (cli, 3, "inspect", "oci://127.0.0.1:1/x", NULL);
  cli_assert_says (cli, "oci://HOST");
  cli_run (cli, 2, "pull", "oci://127.0.0.1:1/airails/refunds:1", "-o", "x", NULL);
  cli_assert_says (cli, "--trust");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/cli/trust/way", Cli, NULL, cli_set_up, test_way, cli_tear_down);
  g_test_add ("/cli/trust/refused", Cli, NULL, cli_set_up, test_refused, cli_tear_down);
  g_test_add ("/cli/packs", Cli, NULL, cli_set_up, test_packs, cli_tear_down);
  g_test_add ("/cli/inspect", Cli, NULL, cli_set_up, test_inspect, cli_tear_down);

  return g_test_run ();
}
