/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"

static void
test_files (Cli *cli, gconstpointer data)
{
  static const char *const types[] = { "p256", "p384", "ed25519" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *name = g_strconcat (types[i], ".pem", NULL), *reference = g_strconcat ("file:", name, NULL);
      g_autofree char *check = g_strdup_printf ("openssl pkey -in %s -noout", name), *id = NULL;

      cli_run (cli, 0, "key", "generate", reference, "--type", types[i], "--public", types[i], "--json", NULL);
      {
        g_autoptr (AirValue) value = cli_get_json (cli);

        g_assert_cmpstr (air_map_get_string (value, "type"), ==, types[i]);
        id = g_strdup (air_map_get_string (value, "id"));
      }
      g_assert_true (cli_spawn (cli, check));
      cli_run (cli, 0, "key", "show", name, NULL);
      cli_assert_out (cli, id);
      cli_run (cli, 0, "key", "public", name, NULL);
      cli_assert_out (cli, "-----BEGIN PUBLIC KEY-----");
      cli_run (cli, 3, "key", "generate", name, NULL);
      cli_assert_says (cli, "nothing is overwritten");
    }
  cli_run (cli, 0, "key", "list", ".", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_cmpuint (air_list_get_size (value), ==, 3);
  }
  cli_run (cli, 2, "key", "generate", "x", "--type", "rsa", NULL);
  g_assert_false (cli_exists (cli, "x"));
  cli_run (cli, 3, "key", "show", "absent", NULL);
  cli_run (cli, 3, "key", "show", "pkcs11:token=a;object=b?pin-value=1", NULL);
  cli_assert_says (cli, "pin-source");
}

/* An artifact signed by a key that is in a token and stays there. */
static void
test_token (Cli *cli, gconstpointer data)
{
  static const char key[] = "pkcs11:token=demo;object=dora;type=private?pin-source=file:pin";
  g_autofree char *tool = g_find_program_in_path ("softhsm2-util"), *workflow = cli_workflow ();
  g_autofree char *tokens = cli_path (cli, "tokens"), *conf = cli_path (cli, "softhsm2.conf");
  g_autofree char *text = g_strdup_printf ("directories.tokendir = %s\n", tokens), *trust = NULL, *pem = NULL;

  if (tool == NULL)
    {
      g_test_skip ("softhsm2-util is not there");
      return;
    }
  g_assert_cmpint (g_mkdir (tokens, 0700), ==, 0);
  cli_write (cli, "softhsm2.conf", text);
  cli_write (cli, "pin", "1234\n");
  g_setenv ("SOFTHSM2_CONF", conf, TRUE);
  g_assert_true (cli_spawn (cli, "softhsm2-util --init-token --free --label demo --pin 1234 --so-pin 5678"));
  cli_run (cli, 0, "key", "generate", key, NULL);
  cli_run (cli, 0, "key", "list", "pkcs11:token=demo?pin-source=file:pin", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_cmpuint (air_list_get_size (value), ==, 1);
  }
  cli_run (cli, 0, "key", "public", key, NULL);
  pem = g_strescape (cli->out, NULL);
  trust = g_strdup_printf (
      "{\"signers\":[{\"uri\":\"airails://demo/people/dora\",\"roles\":[\"designer\"],\"key\":\"%s\"}]}", pem);
  cli_write (cli, "trust.json", trust);
  cli_run (cli, 0, "compile", workflow, "-o", "built", NULL);
  cli_run (cli, 0, "sign", "built", "--key", key, NULL);
  cli_run (cli, 0, "verify", "built", "--trust", "trust.json", NULL);
  cli_write (cli, "pin", "9999\n");
  cli_run (cli, 5, "sign", "built", "--key", key, NULL);
  cli_assert_says (cli, "PIN");
  g_unsetenv ("SOFTHSM2_CONF");
}

static void
test_schema (Cli *cli, gconstpointer data)
{
  g_autofree char *first = NULL;

  cli_write (cli, "s.json",
             "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":{\"type\":\"string\","
             "\"pattern\":\"^W[0-9]{4}$\"}},\"$defs\":{\"n\":{\"type\":\"integer\",\"minimum\":7}}}");
  cli_write (cli, "bad.json", "{\"type\":\"object\",\"requierd\":[]}");
  cli_write (cli, "good-instance.json", "{\"id\":\"W1234\"}");
  cli_write (cli, "bad-instance.json", "{\"id\":\"1234\"}");
  cli_run (cli, 0, "schema", "check", "s.json", NULL);
  cli_run (cli, 0, "schema", "check", "s.json", "good-instance.json", NULL);
  cli_run (cli, 1, "schema", "check", "s.json", "good-instance.json", "bad-instance.json", NULL);
  cli_assert_out (cli, "bad-instance.json: /id: ");
  cli_run (cli, 3, "schema", "check", "bad.json", NULL);
  cli_assert_says (cli, "#/requierd");
  cli_run (cli, 3, "schema", "check", "absent.json", NULL);
  cli_run (cli, 0, "schema", "sample", "s.json", "--seed", "5", "--count", "3", NULL);
  first = g_strdup (cli->out);
  cli_run (cli, 0, "schema", "sample", "s.json", "--seed", "5", "--count", "3", NULL);
  g_assert_cmpstr (cli->out, ==, first);
  cli_run (cli, 0, "schema", "sample", "s.json#/$defs/n", "--style", "edges", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_cmpint (air_value_get_int (air_list_get (value, 0)), >=, 7);
  }
  cli_run (cli, 3, "schema", "sample", "s.json#/absent", NULL);
  cli_run (cli, 2, "schema", "sample", "s.json", "--style", "odd", NULL);
  cli_run (cli, 2, "schema", "sample", "s.json", "--count", "0", NULL);
  cli_write (cli, "never.json", "false");
  cli_run (cli, 1, "schema", "sample", "never.json", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/cli/key/files", Cli, NULL, cli_set_up, test_files, cli_tear_down);
  g_test_add ("/cli/key/token", Cli, NULL, cli_set_up, test_token, cli_tear_down);
  g_test_add ("/cli/schema", Cli, NULL, cli_set_up, test_schema, cli_tear_down);

  return g_test_run ();
}
