/* SPDX-License-Identifier: GPL-3.0-or-later */
/* airailsctl ledger redact at the runtime as it ships. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <sqlite3.h>

#include "cli-site.h"

static const char *const with_subject[] = { "\"requester\": \"event.data.who\"",
                                            "\"requester\": \"event.data.who\", \"subject\": \"event.data.order\"",
                                            NULL };

#define LAW      "GDPR Art. 17(1)(a)"
#define KEY_SIZE 32

/* What a stopped runtime has of a run: its sealed disclosures, and the key they are sealed under. */
static GPtrArray *
read_sealed (const char *state, const char *run)
{
  g_autofree char *ledger = g_build_filename (state, "ledger.sqlite", NULL);
  g_autofree char *keys_path = g_build_filename (state, "subjects.keys", NULL), *keys = NULL;
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  sqlite3_stmt *statement;
  sqlite3 *database;
  gsize length;

  g_assert_cmpint (sqlite3_open_v2 (ledger, &database, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  sqlite3_prepare_v2 (database,
                      "WITH RECURSIVE chain (i) AS (SELECT head FROM instance WHERE id = ?1 UNION ALL"
                      " SELECT prev FROM entry, chain WHERE idx = i AND prev NOT NULL)"
                      " SELECT disclosures FROM entry WHERE idx IN chain AND disclosures NOT NULL",
                      -1, &statement, NULL);
  sqlite3_bind_text (statement, 1, run, -1, SQLITE_STATIC);
  while (sqlite3_step (statement) == SQLITE_ROW)
    g_ptr_array_add (found,
                     g_bytes_new (sqlite3_column_blob (statement, 0), (gsize) sqlite3_column_bytes (statement, 0)));
  sqlite3_finalize (statement);
  g_assert_cmpuint (found->len, >, 1);

  g_assert_true (g_file_get_contents (keys_path, &keys, &length, NULL));
  sqlite3_prepare_v2 (database, "SELECT key FROM subject WHERE run = ?1", -1, &statement, NULL);
  sqlite3_bind_text (statement, 1, run, -1, SQLITE_STATIC);
  while (sqlite3_step (statement) == SQLITE_ROW)
    g_ptr_array_add (found, g_bytes_new (keys + (sqlite3_column_int64 (statement, 0) - 1) * KEY_SIZE, KEY_SIZE));
  sqlite3_finalize (statement);
  sqlite3_close (database);
  return found;
}

/* How many files below hold these bytes. */
static guint
count_files (const char *folder, gconstpointer wanted, gsize wanted_length)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
      gsize length;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        n += count_files (path, wanted, wanted_length);
      else if (g_file_get_contents (path, &data, &length, NULL) && memmem (data, length, wanted, wanted_length) != NULL)
        n++;
    }
  return n;
}

static void
assert_held (const char *state, GPtrArray *sealed, gboolean held)
{
  for (guint i = 0; i < sealed->len; i++)
    {
      gsize length;
      gconstpointer bytes = g_bytes_get_data (sealed->pdata[i], &length);

      g_assert_true ((count_files (state, bytes, length) > 0) == held);
    }
}

static void
redact (CliSite *self, int status, SitePerson person, const char *subject, const char *law)
{
  cli_run (&self->cli, status, "ledger", "redact", "--all", "--subject", subject, "--legal-basis", law, "-p",
           self->profiles[person], NULL);
}

static void
assert_proof (CliSite *self, const char *run, const char *file, gboolean erased)
{
  Cli *cli = &self->cli;

  cli_run (cli, 0, "export", run, "-o", file, "-p", self->profiles[SITE_AUDE], NULL);
  cli_run (cli, 0, "verify", file, NULL);
  g_assert_true ((strstr (cli->out, "redacted, committed") != NULL) == erased);
  g_assert_true ((strstr (cli->out, LAW) != NULL) == erased);
}

/* The data subject of an order is the order itself here: "o-carol4711". */
static void
test_subject (CliSite *self, gconstpointer data)
{
  static const char name[] = "carol4711";
  Cli *cli = &self->cli;
  g_autofree char *run = cli_site_order (self, name, 50, "completed");
  g_autofree char *other = cli_site_order (self, "david4712", 50, "completed");
  g_autofree char *state = site_file (self->site, "state");
  g_autoptr (GPtrArray) sealed = NULL, others = NULL;

  cli_run (cli, 2, "ledger", "redact", "--subject", "o-carol4711", "-p", self->profiles[SITE_ADAM], NULL);
  cli_assert_says (cli, "by which law?");
  cli_run (cli, 2, "ledger", "redact", "--subject", "o-carol4711", "--legal-basis", LAW, "-p",
           self->profiles[SITE_ADAM], NULL);
  cli_assert_says (cli, "--all for all runs of o-carol4711");
  cli_run (cli, 2, "ledger", "redact", "some-run", "--all", "--subject", "o-carol4711", "--legal-basis", LAW, "-p",
           self->profiles[SITE_ADAM], NULL);
  redact (self, 5, SITE_OLGA, "o-carol4711", LAW);
  cli_assert_says (cli, "needs the role admin");
  redact (self, 5, SITE_ADAM, "o-nobody", LAW);
  assert_proof (self, run, "before.zip", FALSE);
  site_stop (self->site);
  sealed = read_sealed (state, run);
  others = read_sealed (state, other);
  assert_held (state, sealed, TRUE);

  cli_site_start (self);
  redact (self, 0, SITE_ADAM, "o-carol4711", LAW);
  cli_assert_out (cli, run);
  cli_assert_out (cli, "1 runs erased");
  assert_held (state, sealed, FALSE);
  assert_held (state, others, TRUE);
  g_assert_cmpuint (count_files (state, name, strlen (name)), ==, 0);
  assert_proof (self, run, "after.zip", TRUE);
  assert_proof (self, other, "other.zip", FALSE);
  cli_run (cli, 0, "runs", other, "--json", "-p", self->profiles[SITE_AUDE], NULL);
  cli_assert_out (cli, "david4712");
  /* It is erased once. */
  redact (self, 5, SITE_ADAM, "o-carol4711", LAW);

  /* Nor does it come back with a start that has to look into what was written last. */
  site_kill (self->site);
  cli_site_start (self);
  assert_held (state, sealed, FALSE);
  g_assert_cmpuint (count_files (state, name, strlen (name)), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/cli/redact/subject", CliSite, with_subject, cli_site_set_up, test_subject, cli_site_tear_down);
  return g_test_run ();
}
