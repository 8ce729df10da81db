/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every fixture of every pack: the request must be the written one, the answer must mean what is written. And a fixture
 * that is wrong is found. */
#include "config.h"

#include <string.h>

#include "components/air-pack-replay.h"
#include "model/air-pack-directory.h"

static char *
packs_folder (void)
{
  return g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", NULL);
}

static void
test_all (void)
{
  g_autofree char *folder = packs_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) packs = air_packs_load_directory (folder, &error);
  guint all = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < packs->len; i++)
    {
      guint n;

      air_pack_replay (packs->pdata[i], NULL, NULL, &n, &error);
      g_assert_no_error (error);
      g_test_message ("%s: %u", air_pack_get_id (packs->pdata[i]), n);
      all += n;
    }
  g_assert_cmpuint (all, >, 100);
}

/* Each operation shows what it makes of success and of every class its rules can give. */
static void
test_classes (void)
{
  g_autofree char *folder = packs_folder (), *path = g_build_filename (folder, "customer-operations", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPack) pack = air_pack_load_directory (path, &error);
  AirValue *operations;

  g_assert_no_error (error);
  operations = air_map_get_list (air_document_get_value (air_pack_get_document (pack)), "operations");
  for (gsize i = 0; i < air_list_get_size (operations); i++)
    {
      const char *id = air_value_get_string (air_list_get (operations, i), NULL);
      AirValue *cases = air_map_get_list (air_document_get_value (air_pack_get_fixtures (pack, id)), "cases");
      AirValue *rules = air_map_get_list (
          air_map_get_map (air_document_get_value (air_pack_get_operation (pack, id)), "response"), "errors");
      g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

      for (gsize k = 0; k < air_list_get_size (cases); k++)
        g_hash_table_add (seen,
                          (gpointer) air_map_get_string (air_map_get_map (air_list_get (cases, k), "expect"), "class"));
      g_assert_true (g_hash_table_contains (seen, "ok"));
      for (gsize k = 0; k + 1 < air_list_get_size (rules); k++)
        {
          const char *wanted = air_map_get_string (air_list_get (rules, k), "class");

          if (!g_hash_table_contains (seen, wanted))
            g_error ("%s: no fixture for the class %s", id, wanted);
        }
    }
}

static GPtrArray *
read_files (const char *root, const char *below, GPtrArray *files)
{
  g_autofree char *path = g_build_filename (root, below, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *relative = *below != '\0' ? g_strconcat (below, "/", name, NULL) : g_strdup (name);
      g_autofree char *full = g_build_filename (root, relative, NULL), *text = NULL;
      gsize length;

      if (g_file_test (full, G_FILE_TEST_IS_DIR))
        {
          read_files (root, relative, files);
          continue;
        }
      g_assert_true (g_file_get_contents (full, &text, &length, NULL));
      {
        g_autoptr (GBytes) bytes = g_bytes_new (text, length);

        g_ptr_array_add (files, air_pack_file_new (relative, bytes));
      }
    }
  return files;
}

static void
test_wrong (void)
{
  static const struct {
    const char *file, *from, *to, *says;
  } changes[] = {
    { "fixtures/stripe.refund.cancel.json", "\"method\": \"POST\"", "\"method\": \"PUT\"", "the engine sends POST" },
    { "fixtures/stripe.refund.cancel.json", "/v1/refunds/re_1/cancel", "/v1/refunds/re_1/undo", "/cancel" },
    { "fixtures/stripe.refund.cancel.json", "\"class\": \"auth\"", "\"class\": \"fatal\"", "the outcome is auth" },
    { "fixtures/stripe.refund.cancel.json", "\"amount_minor\": 50351", "\"amount_minor\": 50352", "50351" },
    { "fixtures/stripe.credit_note.create.json", "\"amount\": \"1200\"", "\"amount\": \"1201\"", "1200" },
    { "fixtures/stripe.credit_note.create.json", "\"starting_after\": \"cn_0\"", "\"starting_after\": \"cn_9\"",
      "cn_0" },
    { "fixtures/zendesk.ticket.read.json", "\"request_id\": \"zr-1\"", "\"request_id\": \"zr-1\"", NULL },
    { "fixtures/zendesk.ticket.update.json", "\"alarm\": \"double-effect\"", "\"alarm\": \"other\"", "double-effect" },
    { "fixtures/zendesk.ticket.update.json", "\"safe_update\": true", "\"safe_update\": false", "safe_update" },
    { "ops/zendesk.ticket.read.json", "/api/v2/tickets/", "/api/v3/tickets/", "/api/v3/tickets/35436" },
  };
  g_autofree char *folder = packs_folder (), *root = g_build_filename (folder, "customer-operations", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GPtrArray) files =
          read_files (root, "", g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_file_free));
      g_autoptr (AirPack) pack = NULL;
      g_autoptr (GError) error = NULL;
      guint n;

      for (guint k = 0; k < files->len; k++)
        {
          AirPackFile *file = files->pdata[k];
          g_autoptr (GString) text = NULL;

          if (strcmp (file->path, changes[i].file) != 0)
            continue;
          text = g_string_new_len (g_bytes_get_data (file->bytes, NULL), g_bytes_get_size (file->bytes));
          g_string_replace (text, changes[i].from, changes[i].to, 1);
          g_bytes_unref (file->bytes);
          file->bytes = g_bytes_new (text->str, text->len);
        }
      pack = air_pack_load (files, "pack", &error);
      g_assert_no_error (error);
      if (changes[i].says == NULL)
        {
          g_assert_true (air_pack_replay (pack, NULL, NULL, &n, &error));
          continue;
        }
      g_assert_false (air_pack_replay (pack, NULL, NULL, &n, &error));
      g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_PACK);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, changes[i].says));
      /* The file and the line. */
      g_assert_true (g_str_has_prefix (error->message, "pack/fixtures/"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/components/fixtures/all", test_all);
  g_test_add_func ("/components/fixtures/classes", test_classes);
  g_test_add_func ("/components/fixtures/wrong", test_wrong);
  return g_test_run ();
}
