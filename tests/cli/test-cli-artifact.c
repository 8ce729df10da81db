/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "artifact/air-artifact.h"
#include "cli-fixture.h"

static void
write_trust (Cli *cli, const char *role)
{
  g_autofree char *path = cli_path (cli, "dora.key.pub"), *pem = NULL, *text = NULL;
  g_autoptr (AirValue) trust = air_map_new ();
  AirValue *signers = air_list_new (), *signer = air_map_new (), *roles = air_list_new ();

  g_assert_true (g_file_get_contents (path, &pem, NULL, NULL));
  air_map_set_string (signer, "uri", "airails://demo/people/dora");
  air_map_set_string (signer, "key", pem);
  air_list_append (roles, air_value_new_string (role));
  air_map_set (signer, "roles", roles);
  air_list_append (signers, signer);
  air_map_set (trust, "signers", signers);
  text = air_json_write_pretty (trust, NULL);
  cli_write (cli, "trust.json", text);
}

/* The whole way from the source to a verified artifact in a registry. */
static void
test_way (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow ();

  cli_run (cli, 0, "check", workflow, NULL);
  cli_assert_out (cli, "0 errors");
  cli_run (cli, 0, "compile", workflow, "-o", "built", NULL);
  cli_run (cli, 0, "pki", "key", "dora.key", NULL);
  write_trust (cli, "designer");
  cli_run (cli, 1, "verify", "built", "--trust", "trust.json", NULL);
  cli_assert_says (cli, "not signed");
  cli_run (cli, 1, "publish", "built", "--registry", "registry", "--trust", "trust.json", NULL);
  g_assert_false (cli_exists (cli, "registry"));
  cli_run (cli, 0, "sign", "built", "--key", "dora.key", NULL);
  cli_run (cli, 0, "verify", "built", "--trust", "trust.json", NULL);
  cli_assert_out (cli, "airails://demo/people/dora");
  cli_run (cli, 0, "publish", "built", "--registry", "registry", "--trust", "trust.json", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    cli_run (cli, 0, "verify", air_map_get_string (value, "folder"), "--trust", "trust.json", "--json", NULL);
  }
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_true (air_map_get_bool (value, "passed", FALSE));
    g_assert_cmpstr (air_map_get_string (value, "workflow"), ==, "refunds-and-cancellations");
  }
  cli_run (cli, 2, "verify", "built", NULL);
  cli_assert_says (cli, "--trust");
  write_trust (cli, "operator");
  cli_run (cli, 1, "verify", "built", "--trust", "trust.json", NULL);
  cli_assert_says (cli, "no role \"designer\"");
}

/* Made elsewhere, from a copy elsewhere: the same bytes. */
static void
test_same_bytes (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow (), *packs = cli_packs (), *text = NULL, *first = NULL;

  g_assert_true (g_file_get_contents (workflow, &text, NULL, NULL));
  cli_write (cli, "elsewhere/refunds-and-cancellations.workflow.json", text);
  cli_run (cli, 0, "compile", workflow, "-o", "one", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    first = g_strdup (air_map_get_string (value, "artifact"));
  }
  cli_run (cli, 0, "compile", "elsewhere/refunds-and-cancellations.workflow.json", "--packs", packs, "-o", "two",
           "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_cmpstr (air_map_get_string (value, "artifact"), ==, first);
  }
  cli_run (cli, 0, "compile", workflow, "-o", "one", NULL); /* again, over itself */
}

static void
test_bad_sources (Cli *cli, gconstpointer data)
{
  g_autofree char *packs = cli_packs (), *workflow = cli_workflow (), *good = NULL;
  static const struct {
    const char *from, *to, *says;
    int status;
  } changes[] = {
    { "{", "{,", "w.json:1:2", 3 },
    { "\"version\":", "\"versoin\":", "w.json:", 3 },
    { "\"customer-operations\"", "\"no-such-pack\"", "no-such-pack", 3 },
    { "shop.order.lookup", "shop.order.lokup", "shop.order.lokup", 1 },
  };

  g_assert_true (g_file_get_contents (workflow, &good, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) text = g_string_new (good);

      g_assert_cmpuint (g_string_replace (text, changes[i].from, changes[i].to, 1), ==, 1);
      cli_write (cli, "w.json", text->str);
      cli_run (cli, changes[i].status, "check", "w.json", "--packs", packs, NULL);
      g_assert_nonnull (strstr (changes[i].status == 1 ? cli->out : cli->err, changes[i].says));
      cli_run (cli, changes[i].status, "compile", "w.json", "--packs", packs, "-o", "built", NULL);
      g_assert_false (cli_exists (cli, "built"));
    }
  cli_write (cli, "w.json", "");
  cli_run (cli, 3, "check", "w.json", "--packs", packs, NULL);
  cli_write (cli, "w.json", good);
  cli_run (cli, 3, "check", "w.json", "--packs", "no-such-folder", NULL);
  cli_assert_says (cli, "no-such-folder");
  cli_run (cli, 3, "check", ".", NULL);
}

static void
test_bad_artifacts (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow (), *built = cli_path (cli, "built");

  cli_run (cli, 0, "pki", "key", "dora.key", NULL);
  cli_run (cli, 0, "pki", "key", "--type", "ed25519", "ledger.key", NULL);
  write_trust (cli, "designer");
  cli_run (cli, 3, "sign", "absent", "--key", "dora.key", NULL);
  cli_assert_says (cli, "absent: no OCI layout");
  cli_write (cli, "full/letter", "dear");
  cli_run (cli, 3, "compile", workflow, "-o", "full", NULL);
  g_assert_false (cli_exists (cli, "full/index.json"));
  cli_run (cli, 0, "compile", workflow, "-o", "built", NULL);
  cli_run (cli, 3, "sign", "built", "--key", "absent.key", NULL);
  cli_run (cli, 3, "sign", "built", "--key", "dora.key.pub", NULL);
  cli_run (cli, 3, "sign", "built", "--key", "ledger.key", NULL);
  cli_assert_says (cli, "ECDSA P-256");
  cli_run (cli, 0, "sign", "built", "--key", "dora.key", NULL);
  cli_run (cli, 3, "verify", "built", "--trust", "absent.json", NULL);
  cli_write (cli, "bad.json", "{\"signers\":[],\"signers\":[]}");
  cli_run (cli, 3, "verify", "built", "--trust", "bad.json", NULL);
  cli_assert_says (cli, "bad.json:1:15: duplicate key \"signers\"");
  cli_run (cli, 3, "publish", "built", "-r", "https://registry.example/x", "-t", "trust.json", NULL);
  cli_assert_says (cli, "oci://HOST");
  {
    g_autoptr (AirArtifact) artifact = air_artifact_load (built, NULL);
    g_autofree char *path = g_build_filename (built, "blobs", "sha256", artifact->digest + 7, NULL), *text = NULL;
    gsize length;

    g_assert_true (g_file_get_contents (path, &text, &length, NULL));
    text[length / 2] ^= 1;
    g_assert_true (g_file_set_contents (path, text, length, NULL));
    cli_run (cli, 1, "verify", "built", "--trust", "trust.json", NULL);
    cli_assert_says (cli, artifact->digest + 7);
    cli_assert_says (cli, "changed");
    cli_run (cli, 1, "sign", "built", "--key", "dora.key", NULL);
  }
}

static void
test_bad_bundles (Cli *cli, gconstpointer data)
{
  cli_run (cli, 3, "verify", "absent.zip", NULL);
  cli_write (cli, "text.zip", "this is no zip");
  cli_run (cli, 1, "verify", "text.zip", NULL);
  cli_write (cli, "empty.zip", "");
  cli_run (cli, 1, "verify", "empty.zip", "--json", NULL);
  {
    g_autoptr (AirValue) value = cli_get_json (cli);

    g_assert_cmpint (air_value_get_kind (value), ==, AIR_VALUE_MAP);
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (Cli *, gconstpointer);
  } tests[] = {
    { "way", test_way },
    { "same-bytes", test_same_bytes },
    { "bad-sources", test_bad_sources },
    { "bad-artifacts", test_bad_artifacts },
    { "bad-bundles", test_bad_bundles },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/cli/artifact/", tests[i].name, NULL);

      g_test_add (path, Cli, NULL, cli_set_up, tests[i].func, cli_tear_down);
    }
  return g_test_run ();
}
