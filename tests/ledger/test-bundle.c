/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <string.h>

#include "run-fixture.h"

static const AirFile *
find (GPtrArray *files, const char *name)
{
  for (guint i = 0; i < files->len; i++)
    if (g_str_equal (((AirFile *) files->pdata[i])->name, name))
      return files->pdata[i];
  g_error ("%s is not in the bundle", name);
}

static void
unpack (GPtrArray *files, const char *folder)
{
  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = files->pdata[i];
      g_autofree char *path = g_build_filename (folder, file->name, NULL);
      g_autofree char *parent = g_path_get_dirname (path);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
      g_file_set_contents (path, g_bytes_get_data (file->data, NULL), (gssize) g_bytes_get_size (file->data), &error);
      g_assert_no_error (error);
    }
}

static gboolean
run_shell (const char *folder, const char *script, char **ret_output)
{
  const char *argv[] = { "sh", "-eu", "-c", script, NULL };
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (folder, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  if (ret_output != NULL)
    *ret_output = g_strconcat (out, err, NULL);
  return g_spawn_check_wait_status (status, NULL);
}

static gboolean
have_tools (void)
{
  static const char *const tools[] = { "openssl", "sha256sum", "cosign", "basenc", NULL };

  for (guint i = 0; tools[i] != NULL; i++)
    {
      g_autofree char *path = g_find_program_in_path (tools[i]);

      if (path == NULL)
        {
          g_autofree char *words = g_strdup_printf ("%s is not installed", tools[i]);

          g_test_skip (words);
          return FALSE;
        }
    }
  return TRUE;
}

static void
test_order (void)
{
  static const char *const order[] = { "manifest.json",        "entries/0.json",
                                       "proofs/0.tlog-proof",  "checkpoint",
                                       "policy.tlog-policy",   "keys/",
                                       "approvers/",           "decisions/",
                                       "disclosures.json",     "artifact/manifest.json",
                                       "artifact/config.json", "artifact/signature.json",
                                       "artifact/plan.json",   "README.md" };
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GPtrArray) files = run_make_files (run);
  guint at = 0;

  for (guint i = 0; i < files->len && at < G_N_ELEMENTS (order); i++)
    if (g_str_has_prefix (((AirFile *) files->pdata[i])->name, order[at]))
      at++;
  g_assert_cmpuint (at, ==, G_N_ELEMENTS (order));
  g_assert_cmpstr (((AirFile *) files->pdata[files->len - 1])->name, ==, "README.md");
}

static void
test_same_bytes (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GBytes) one = run_make_bundle (run);
  g_autoptr (GBytes) two = run_make_bundle (run);

  g_assert_true (g_bytes_equal (one, two));
}

/* Somebody else's unzipper sees the same files. */
static void
test_zip_is_a_zip (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GPtrArray) files = run_make_files (run);
  g_autoptr (GBytes) zip = air_zip_write (files, NULL);
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;
  guint n = 0;

  archive_read_support_format_zip (archive);
  g_assert_cmpint (archive_read_open_memory (archive, (void *) g_bytes_get_data (zip, NULL), g_bytes_get_size (zip)),
                   ==, ARCHIVE_OK);
  while (archive_read_next_header (archive, &entry) == ARCHIVE_OK)
    {
      const AirFile *file = files->pdata[n++];
      gsize size = g_bytes_get_size (file->data);
      g_autofree char *data = g_malloc (size + 1);

      g_assert_cmpstr (archive_entry_pathname (entry), ==, file->name);
      g_assert_cmpint (archive_entry_mode (entry), ==, 0100644);
      g_assert_cmpint (archive_read_data (archive, data, size + 1), ==, (gssize) size);
      g_assert_cmpmem (data, size, g_bytes_get_data (file->data, NULL), size);
    }
  g_assert_cmpuint (n, ==, files->len);
  archive_read_free (archive);
}

/* More files than the end of a plain zip can count: a long run has two for each entry. */
static void
test_zip_of_many (void)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_file_free);
  g_autoptr (GPtrArray) read = NULL;
  g_autoptr (GBytes) empty = g_bytes_new_static ("x", 1), zip = NULL, flipped = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *bytes = NULL;
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;
  guint n = 0;

  for (guint i = 0; i < 70000; i++)
    {
      g_autofree char *name = g_strdup_printf ("entries/%u.json", i);

      g_ptr_array_add (files, air_file_new (name, empty));
    }
  zip = air_zip_write (files, &error);
  g_assert_no_error (error);
  read = air_zip_read (zip, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, files->len);
  archive_read_support_format_zip (archive);
  g_assert_cmpint (archive_read_open_memory (archive, (void *) g_bytes_get_data (zip, NULL), g_bytes_get_size (zip)),
                   ==, ARCHIVE_OK);
  while (archive_read_next_header (archive, &entry) == ARCHIVE_OK)
    n++;
  g_assert_cmpuint (n, ==, files->len);
  archive_read_free (archive);

  /* The count in its own end. */
  bytes = g_memdup2 (g_bytes_get_data (zip, NULL), g_bytes_get_size (zip));
  bytes[g_bytes_get_size (zip) - 22 - 20 - 56 + 24] ^= 1;
  flipped = g_bytes_new_static (bytes, g_bytes_get_size (zip));
  g_assert_null (air_zip_read (flipped, &error));
  g_assert_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "the end of the directory"));
}

static void
test_zip_refusals (void)
{
  static const char *const names[] = { "", "/a", "../a", "a/../b", "a//b", "a\\b", ".a", "a b", "a/" };
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_file_free);
  g_autoptr (GBytes) data = fixture_bytes ("x");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_ptr_array_set_size (files, 0);
      g_ptr_array_add (files, air_file_new (names[i], data));
      g_assert_null (air_zip_write (files, &error));
      fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "not plain");
    }
  g_ptr_array_set_size (files, 0);
  g_ptr_array_add (files, air_file_new ("a", data));
  g_ptr_array_add (files, air_file_new ("a", data));
  g_assert_null (air_zip_write (files, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "twice");
}

/* Each block of commands in the README, in the unpacked bundle, with other people's tools. */
static void
run_readme (Run *run, guint expected_blocks)
{
  g_autoptr (GPtrArray) files = run_make_files (run);
  const AirFile *readme = find (files, "README.md");
  g_autofree char *text = g_strndup (g_bytes_get_data (readme->data, NULL), g_bytes_get_size (readme->data));
  g_auto (GStrv) parts = g_strsplit (text, "```", -1);
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "bundle", NULL);
  guint n = 0;

  unpack (files, folder);
  for (guint i = 1; parts[i] != NULL; i += 2)
    {
      g_autofree char *output = NULL;

      g_assert_true (g_str_has_prefix (parts[i], "sh\n"));
      if (!run_shell (folder, parts[i] + 3, &output))
        g_error ("this block of the README fails:%s\nwith:\n%s", parts[i] + 2, output);
      n++;
    }
  g_assert_cmpuint (n, ==, expected_blocks);
}

static void
test_readme (void)
{
  g_autoptr (Run) run = run_new_refund ();

  if (have_tools ())
    run_readme (run, 9);
}

/* A witness's cosignature, checked by openssl. */
static void
test_readme_cosigned (void)
{
  g_autoptr (Run) run = run_new_refund ();

  run->witness = fixture_key ("a witness");
  if (have_tools ())
    run_readme (run, 10);
}

/* An approver with an Ed25519 key, and two decisions. */
static void
test_readme_two_approvers (void)
{
  g_autoptr (Run) run = run_new ();

  if (!have_tools ())
    return;
  run_add_enrolments (run);
  run_add_trigger (run);
  run_add_request (run, 2);
  run_add_decision (run, 1, "approve", 1, 2, "waiting");
  run_add_decision (run, 0, "approve", 2, 2, "approved");
  run_add_refund (run, 40000);
  run_add_closing (run, 0);
  run_readme (run, 11);
}

/* The commands refuse what was tampered with: they check, they do not just succeed. */
static void
test_readme_refuses (void)
{
  static const struct {
    const char *file, *from, *to;
  } changes[] = {
    { "entries/3.json", "airails://demo/shop", "airails://demo/sh0p" },
    { "disclosures.json", "[\"WyJ", "[\"WyI" },
    { "artifact/manifest.json", "config", "c0nfig" },
    { "checkpoint", "\n14\n", "\n15\n" },
  };
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GPtrArray) files = run_make_files (run);
  const AirFile *readme = find (files, "README.md");
  g_autofree char *text = g_strndup (g_bytes_get_data (readme->data, NULL), g_bytes_get_size (readme->data));
  g_auto (GStrv) parts = g_strsplit (text, "```", -1);
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "bundle", NULL);

  if (!have_tools ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *path = g_build_filename (folder, changes[i].file, NULL);
      g_autofree char *content = NULL, *changed = NULL;
      g_auto (GStrv) around = NULL;
      guint refused = 0;

      unpack (files, folder);
      g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
      around = g_strsplit (content, changes[i].from, 2);
      if (around[1] == NULL)
        g_error ("%s has no \"%s\":\n%s", changes[i].file, changes[i].from, content);
      changed = g_strjoinv (changes[i].to, around);
      g_assert_true (g_file_set_contents (path, changed, -1, NULL));
      for (guint j = 1; parts[j] != NULL; j += 2)
        refused += run_shell (folder, parts[j] + 3, NULL) ? 0 : 1;
      g_assert_cmpuint (refused, >=, 2); /* the manifest's digests, and the check of the thing itself */
    }
}

/* cosign refuses another subject and another key. */
static void
test_cosign_refuses (void)
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GPtrArray) files = run_make_files (run);
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "bundle", NULL);
  const char *id = air_public_key_get_id (air_private_key_get_public (run->approvers[0]));
  const char *other_id = air_public_key_get_id (air_private_key_get_public (run->approvers[1]));
  const char form[] = "cosign verify-attestation --key approvers/%s.pem --insecure-ignore-tlog=true --type "
                      "https://airails.dev/human-decision/v1 --local-image decisions/%u.layout";
  g_autofree char *right = g_strdup_printf (form, id, 8), *wrong_key = g_strdup_printf (form, other_id, 8);
  g_autofree char *subject = air_digest_to_hex (&run->request);
  g_autofree char *edit = g_strdup_printf ("printf X >> decisions/8.layout/blobs/sha256/%s", subject);
  g_autofree char *output = NULL;

  if (!have_tools ())
    return;
  unpack (files, folder);
  if (!run_shell (folder, right, &output))
    g_error ("cosign refuses the decision: %s", output);
  g_assert_false (run_shell (folder, wrong_key, NULL));
  g_assert_true (run_shell (folder, edit, NULL));
  g_assert_false (run_shell (folder, right, NULL));
}

/* Words of a stranger do not become commands in the README. */
static void
test_readme_is_safe (void)
{
  g_autoptr (Run) run = run_new_refund ();
  AirDigest root = air_sha256 ("", 0);
  g_autoptr (AirCheckpoint) checkpoint = air_checkpoint_new ("x';touch${IFS}pwned;'", 20, &root);
  g_autofree char *note = air_checkpoint_sign (checkpoint, run->log_key, NULL);
  g_autoptr (AirVkey) key =
      air_vkey_new (checkpoint->origin, AIR_NOTE_KEY_ED25519, air_private_key_get_public (run->log_key), NULL);
  g_autoptr (AirBundleBuilder) builder = air_bundle_builder_new (RUN_ID, note, "somebody");
  g_autoptr (AirBundleBuilder) second = air_bundle_builder_new (RUN_ID, note, "`x`\n```sh\ntouch pwned\n```");
  g_autoptr (GArray) proof = g_array_new (FALSE, FALSE, sizeof (AirDigest));
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  const AirFile *readme;
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_nonnull (key);
  air_bundle_builder_add_key (builder, key);
  air_bundle_builder_add_entry (builder, 3, ((RunEntry *) run->entries->pdata[3])->leaf, NULL, proof);
  files = air_bundle_builder_finish (builder, &error);
  g_assert_no_error (error);
  readme = find (files, "README.md");
  text = g_strndup (g_bytes_get_data (readme->data, NULL), g_bytes_get_size (readme->data));
  parts = g_strsplit (text, "```", -1);
  for (guint i = 1; parts[i] != NULL; i += 2)
    g_assert_null (strstr (parts[i], "pwned"));

  g_assert_null (air_bundle_builder_finish (second, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "audience");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/bundle/order", test_order);
  g_test_add_func ("/ledger/bundle/same-bytes", test_same_bytes);
  g_test_add_func ("/ledger/bundle/zip-is-a-zip", test_zip_is_a_zip);
  g_test_add_func ("/ledger/bundle/zip-of-many", test_zip_of_many);
  g_test_add_func ("/ledger/bundle/zip-refusals", test_zip_refusals);
  g_test_add_func ("/ledger/bundle/readme", test_readme);
  g_test_add_func ("/ledger/bundle/readme-cosigned", test_readme_cosigned);
  g_test_add_func ("/ledger/bundle/readme-two-approvers", test_readme_two_approvers);
  g_test_add_func ("/ledger/bundle/readme-refuses", test_readme_refuses);
  g_test_add_func ("/ledger/bundle/cosign-refuses", test_cosign_refuses);
  g_test_add_func ("/ledger/bundle/readme-is-safe", test_readme_is_safe);

  return g_test_run ();
}
