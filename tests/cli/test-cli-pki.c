/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"

static void
assert_mode (Cli *cli, const char *name, guint mode)
{
  g_autofree char *path = cli_path (cli, name);
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, mode);
}

static void
test_authority (Cli *cli, gconstpointer data)
{
  cli_run (cli, 0, "pki", "ca", "Demo CA", "-o", "ca", NULL);
  assert_mode (cli, "ca/ca-key.pem", 0600);
  cli_run (cli, 0, "pki", "issue", "--ca", "ca", "--uri", "airails://demo/people/ana", "-o", "ana", NULL);
  assert_mode (cli, "ana-key.pem", 0600);
  g_assert_true (cli_spawn (cli, "openssl verify -x509_strict -purpose sslclient -CAfile ca/ca.pem ana.pem"));
  g_assert_false (cli_spawn (cli, "openssl verify -purpose sslserver -CAfile ca/ca.pem ana.pem"));
  cli_run (cli, 0, "pki", "issue", "--ca", "ca", "--uri", "airails://demo/runtime", "--server", "localhost", "--server",
           "127.0.0.1", "-o", "runtime", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_cmpstr (air_map_get_string (value, "uri"), ==, "airails://demo/runtime");
    g_assert_cmpstr (air_map_get_string (value, "public"), ==, "runtime.pem");
  }
  g_assert_true (cli_spawn (
      cli, "openssl verify -x509_strict -purpose sslserver -verify_ip 127.0.0.1 -CAfile ca/ca.pem runtime.pem"));
}

static void
test_key (Cli *cli, gconstpointer data)
{
  cli_run (cli, 0, "pki", "key", "dora.key", NULL);
  assert_mode (cli, "dora.key", 0600);
  g_assert_true (cli_spawn (cli, "openssl pkey -in dora.key -noout"));
  g_assert_true (cli_spawn (cli, "openssl pkey -pubin -in dora.key.pub -noout"));
  cli_run (cli, 0, "pki", "key", "--type", "ed25519", "ledger.key", NULL);
  cli_run (cli, 2, "pki", "key", "--type", "rsa", "other.key", NULL);
  g_assert_false (cli_exists (cli, "other.key"));
}

static void
test_nothing_is_overwritten (Cli *cli, gconstpointer data)
{
  g_autofree char *path = cli_path (cli, "dora.key"), *before = NULL, *after = NULL;

  cli_run (cli, 0, "pki", "key", "dora.key", NULL);
  g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
  cli_run (cli, 3, "pki", "key", "dora.key", NULL);
  cli_assert_says (cli, "dora.key");
  cli_assert_says (cli, "nothing is overwritten");
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);

  {
    g_autofree char *public_path = cli_path (cli, "dora.key.pub");

    g_assert_cmpint (g_unlink (public_path), ==, 0);
    cli_run (cli, 3, "pki", "key", "dora.key", NULL);
    g_assert_false (cli_exists (cli, "dora.key.pub"));
    g_clear_pointer (&after, g_free);
    g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
    g_assert_cmpstr (before, ==, after);
  }

  cli_write (cli, "eve.key.pub", "mine");
  cli_run (cli, 3, "pki", "key", "eve.key", NULL);
  g_assert_false (cli_exists (cli, "eve.key"));
}

static void
test_refuses (Cli *cli, gconstpointer data)
{
  cli_run (cli, 2, "pki", "ca", "Demo", NULL);
  cli_run (cli, 2, "pki", "ca", "Demo", "-o", "ca", "--days", "0", NULL);
  g_assert_false (cli_exists (cli, "ca"));
  cli_run (cli, 3, "pki", "issue", "--ca", "absent", "--uri", "airails://demo/people/ana", "-o", "ana", NULL);
  cli_assert_says (cli, "absent/ca.pem");
  cli_run (cli, 0, "pki", "ca", "Demo", "-o", "ca", NULL);
  cli_run (cli, 2, "pki", "issue", "--ca", "ca", "-o", "ana", NULL);
  cli_run (cli, 2, "pki", "issue", "--ca", "ca", "--uri", "https://example.com/ana", "-o", "ana", NULL);
  cli_assert_says (cli, "airails://TENANT/people/NAME");
  cli_run (cli, 2, "pki", "issue", "--ca", "ca", "--uri", "airails://demo", "-o", "ana", NULL);
  cli_write (cli, "ca/ca-key.pem", "garbage");
  cli_run (cli, 3, "pki", "issue", "--ca", "ca", "--uri", "airails://demo/people/ana", "-o", "ana", NULL);
  cli_assert_says (cli, "ca/ca-key.pem: ");
  g_assert_false (cli_exists (cli, "ana.pem"));
  g_assert_false (cli_exists (cli, "ana-key.pem"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/cli/pki/authority", Cli, NULL, cli_set_up, test_authority, cli_tear_down);
  g_test_add ("/cli/pki/key", Cli, NULL, cli_set_up, test_key, cli_tear_down);
  g_test_add ("/cli/pki/nothing-is-overwritten", Cli, NULL, cli_set_up, test_nothing_is_overwritten, cli_tear_down);
  g_test_add ("/cli/pki/refuses", Cli, NULL, cli_set_up, test_refuses, cli_tear_down);

  return g_test_run ();
}
