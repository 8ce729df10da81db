/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Same source and packs, same bytes. The test runs itself again and again, each time as another machine would be:
 * another folder, locale, time zone, environment, umask and user, the files of the packs read in another order;
 * each run prints the digest of everything an artifact is made of.
 */

#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "compiler/air-compiler.h"
#include "model/air-pack-directory.h"

static void
add_value (GString *all, const AirValue *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (air_jcs_append (all, value, &error));
  g_assert_no_error (error);
  g_string_append_c (all, '\n');
}

/* The files of a pack, last first. */
static void
gather (GPtrArray *files, const char *root, const char *below)
{
  g_autofree char *path = g_build_filename (root, below, NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (folder);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *relative = *below != '\0' ? g_build_filename (below, name, NULL) : g_strdup (name);
      g_autofree char *full = g_build_filename (root, relative, NULL), *text = NULL;
      gsize length;

      if (g_file_test (full, G_FILE_TEST_IS_DIR))
        gather (files, root, relative);
      else if (g_file_get_contents (full, &text, &length, NULL))
        {
          g_autoptr (GBytes) bytes = g_bytes_new (text, length);

          g_ptr_array_insert (files, 0, air_pack_file_new (relative, bytes));
        }
    }
}

static int
print_digest (const char *root, gboolean reversed, gboolean other_user)
{
  g_autofree char *pack_folder = g_build_filename (root, "packs", "customer-operations", NULL);
  g_autofree char *path = g_build_filename (pack_folder, "workflows", "refunds-and-cancellations.workflow.json", NULL);
  g_autofree char *text = NULL, *hex = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_file_free);
  g_autoptr (GPtrArray) packs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_unref);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (AirCompileResult) result = NULL;
  AirDigest digest;
  gsize length;

  if (reversed)
    {
      gather (files, pack_folder, "");
      g_ptr_array_add (packs, air_pack_load (files, "customer-operations", &error));
    }
  else
    g_ptr_array_add (packs, air_pack_load_directory (pack_folder, &error));
  g_assert_no_error (error);
  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  workflow = air_workflow_load (text, length, "w.json", &error);
  g_assert_no_error (error);
  /* After reading, since another user may not see the folder. Where we may not become one we stay who we are. */
  if (other_user && geteuid () == 0 && setuid (65534) != 0)
    g_printerr ("stays user 0\n");
  result = air_compile (workflow, packs, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->n_errors, ==, 0);
  add_value (all, result->plan);
  add_value (all, result->manifest);
  add_value (all, result->lock);
  add_value (all, result->policies);
  g_string_append (all, result->source);
  digest = air_sha256 (all->str, all->len);
  hex = air_digest_to_hex (&digest);
  g_print ("%s\n", hex);
  return 0;
}

static const char *self;

static char *
run (const char *folder, const char *reversed, const char *const *variables, gboolean other_user)
{
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;
  const char *words[] = { self, "--digest", g_getenv ("AIRAILS_SOURCE"), reversed, other_user ? "65534" : "0", NULL };
  int status;

  for (guint i = 0; variables[i] != NULL; i += 2)
    environment = g_environ_setenv (environment, variables[i], variables[i + 1], TRUE);
  g_assert_true (
      g_spawn_sync (folder, (char **) words, environment, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_assert_cmpuint (strlen (g_strstrip (out)), ==, 64);
  return g_steal_pointer (&out);
}

static void
test_same_bytes (void)
{
  static const char *const plain[] = { "LC_ALL", "C", "TZ", "UTC", NULL };
  static const char *const others[][9] = {
    { "LC_ALL", "tr_TR.UTF-8", "TZ", "Pacific/Kiritimati", "HOME", "/nowhere", "LANG", "de_DE.UTF-8", NULL },
    { "LC_ALL", "C.UTF-8", "TZ", "America/St_Johns", "USER", "somebody", "SOURCE_DATE_EPOCH", "7", NULL },
    { "LC_ALL", "POSIX", "TZ", ":/nonsense", "G_RANDOM_SEED", "9", "MALLOC_PERTURB_", "165", NULL },
  };
  static const char *const folders[] = { "/", "/tmp", "/usr" };
  g_autofree char *wanted = run ("/", "0", plain, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *is = run (folders[i], i % 2 == 0 ? "1" : "0", others[i], i > 0);

      g_assert_cmpstr (is, ==, wanted);
    }
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  if (argc == 5 && strcmp (argv[1], "--digest") == 0)
    {
      umask (g_str_equal (argv[4], "0") ? 022 : 077);
      return print_digest (argv[2], g_str_equal (argv[3], "1"), !g_str_equal (argv[4], "0"));
    }
  self = g_canonicalize_filename (argv[0], NULL);
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/compiler/same-bytes", test_same_bytes);
  return g_test_run ();
}
