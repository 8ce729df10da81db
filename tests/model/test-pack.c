/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/air-pack-directory.h"

#include <glib/gstdio.h>
#include <string.h>

/* The files of the shipped pack, so that each test can spoil one of them. */
static GPtrArray *
read_files (void)
{
  static const char *const folders[] = { "", "connectors", "ops", "fixtures", "policies", "workflows" };
  g_autofree char *root = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", NULL);
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_file_free);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (root, folders[i], NULL);
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *full = g_build_filename (path, name, NULL);
          g_autofree char *relative = *folders[i] == '\0' ? g_strdup (name) : g_strconcat (folders[i], "/", name, NULL);
          g_autoptr (GBytes) bytes = NULL;
          char *data;
          gsize length;

          if (!g_str_has_suffix (name, ".json"))
            continue;
          g_assert_true (g_file_get_contents (full, &data, &length, NULL));
          bytes = g_bytes_new_take (data, length);
          g_ptr_array_add (files, air_pack_file_new (relative, bytes));
        }
    }
  return files;
}

static AirPackFile *
find_file (GPtrArray *files, const char *path)
{
  for (guint i = 0; i < files->len; i++)
    {
      AirPackFile *file = g_ptr_array_index (files, i);

      if (g_str_equal (file->path, path))
        return file;
    }
  g_error ("no file %s", path);
}

static void
change (GPtrArray *files, const char *path, const char *from, const char *to)
{
  AirPackFile *file = find_file (files, path);
  gsize length;
  const char *data = g_bytes_get_data (file->bytes, &length);
  g_autoptr (GString) text = g_string_new_len (data, length);

  if (g_string_replace (text, from, to, 1) != 1)
    g_error ("%s holds no %s", path, from);
  g_bytes_unref (file->bytes);
  file->bytes = g_bytes_new (text->str, text->len);
}

static void
test_whole (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) packs = air_packs_load_directory (path, &error);
  g_autoptr (GPtrArray) files = read_files ();
  g_autoptr (AirPack) from_bytes = NULL;
  AirPack *pack;

  g_assert_no_error (error);
  g_assert_cmpuint (packs->len, >=, 5);
  pack = g_ptr_array_index (packs, 0);
  g_assert_cmpstr (air_pack_get_id (pack), ==, "customer-operations");
  g_assert_nonnull (air_pack_get_operation (pack, "stripe.refund.create"));
  g_assert_nonnull (air_pack_get_fixtures (pack, "stripe.refund.create"));
  g_assert_nonnull (air_pack_get_connector (pack, "shop"));
  g_assert_nonnull (air_pack_get_policy (pack, "refund-approval"));
  g_assert_nonnull (air_pack_get_workflow (pack, "refunds-and-cancellations"));
  g_assert_null (air_pack_get_operation (pack, "stripe.refund.undo"));

  /* The order of the files plays no part. */
  from_bytes = air_pack_load (files, "p", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_pack_get_digest (from_bytes), ==, air_pack_get_digest (pack));
  g_assert_true (g_str_has_prefix (air_pack_get_digest (pack), "sha256:"));
}

static void
test_digest_changes (void)
{
  g_autoptr (GPtrArray) files = read_files ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPack) before = air_pack_load (files, "p", &error);
  g_autoptr (AirPack) after = NULL;

  change (files, "ops/stripe.refund.create.json", "Refund a payment", "Refund a payment!");
  after = air_pack_load (files, "p", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_pack_get_digest (before), !=, air_pack_get_digest (after));
}

#define SHOP                "connectors/shop.json"
#define CANCEL              "ops/shop.order.cancel.json"
#define CANCEL_SUBSCRIPTION "ops/stripe.subscription.cancel.json"
#define NOTIFY              "ops/shop.notification.send.json"
#define REFUND              "ops/stripe.refund.create.json"

static const struct {
  const char *name;
  const char *path, *from, *to;
  const char *place, *message;
} refusals[] = {
  { "missing-file", "pack.json", "\"shop.customer.lookup\",", "\"shop.customer.lookup\", \"shop.customer.erase\",",
    "p/pack.json:", "the pack has no file ops/shop.customer.erase.json" },
  { "unnamed-file", "pack.json", "\"shop.customer.lookup\",", "",
    "p/pack.json:", "ops/shop.customer.lookup.json is not named in pack.json" },
  { "id-is-not-file-name", CANCEL, "\"id\": \"shop.order.cancel\"", "\"id\": \"shop.order.void\"", "p/" CANCEL ":",
    "the file is called after 'shop.order.cancel' but says 'shop.order.void'" },
  { "base-url-outside-egress", SHOP, "https://shop.example.com", "https://elsewhere.example", "p/" SHOP ":",
    "the base URL goes to elsewhere.example:443, which egress does not name" },
  { "egress-of-another", CANCEL, "shop.example.com:443", "evil.example:443", "p/" CANCEL ":",
    "connector 'shop' does not declare 'evil.example:443' in its egress" },
  { "undeclared-scope", CANCEL, "orders:write", "orders:burn", "p/" CANCEL ":",
    "connector 'shop' does not declare 'orders:burn' in its scopes" },
  { "no-such-connector", CANCEL, "\"connector\": \"shop\"", "\"connector\": \"mall\"", "p/" CANCEL ":",
    "the pack has no connector 'mall'" },
  { "compensation-is-missing", CANCEL, "\"op\": \"shop.order.reinstate\"", "\"op\": \"shop.order.undo\"",
    "p/" CANCEL ":", "the pack has no operation 'shop.order.undo'" },
  { "key-is-not-sent", CANCEL, "\"Idempotency-Key\": \"${run.idem}\"", "\"X-Key\": \"${run.idem}\"", "p/" CANCEL ":",
    "the request does not send the key it promises" },
  { "fixtures-differ", CANCEL, "\"cancel.replayed\",", "", "p/" CANCEL ":", "make the two lists equal" },
  { "no-risk", CANCEL, "\"risk\": \"medium\",", "", "p/" CANCEL ":", "key \"risk\" is missing" },
  { "secret-in-operation", CANCEL, "\"reason\": \"${input.reason}\"", "\"reason\": \"${secret.token}\"",
    "p/" CANCEL ":", "secret" },
  { "secret-spelled-out", SHOP, "${secret.token}", "sk_live_0123456789", "p/" SHOP ":", "is not well formed" },
  { "misspelled-input", REFUND, "\"${input.amount_minor}\"", "\"${input.amount}\"", "p/" REFUND ":", "amount" },
  { "wrong-operator", REFUND, "status == 200", "status == '200'", "p/" REFUND ":", "mend the expression" },
  { "unparsable", REFUND, "body.object == 'refund'", "body.object == ", "p/" REFUND ":", "mend the expression" },
  { "unknown-class", REFUND, "\"class\": \"conflict\"", "\"class\": \"oops\"", "p/" REFUND ":",
    "\"oops\" is not known here" },
  { "bad-schema", REFUND, "\"pattern\": \"^pi_[A-Za-z0-9_]+$\"", "\"pattern\": 7", "p/" REFUND ":", "mend the schema" },
  { "keyword-of-its-own", REFUND, "\"category\": \"tool\",", "\"category\": \"tool\", \"hook\": \"run()\",",
    "p/" REFUND ":", "hook" },
  { "key-twice", REFUND, "\"category\": \"tool\",", "\"category\": \"tool\", \"category\": \"tool\",", "p/" REFUND ":",
    "category" },
  { "no-policy", REFUND, "\"policy\": {", "\"evidence2\": {", "p/" REFUND ":", "policy" },
  { "write-without-key", CANCEL_SUBSCRIPTION, "\"kind\": \"natural\"", "\"kind\": \"none\"",
    "p/" CANCEL_SUBSCRIPTION ":", "may happen twice" },
  { "nobody-finds-out", NOTIFY, "\"kind\": \"key-header\"", "\"kind\": \"natural\"", "p/" NOTIFY ":", "nobody" },
  { "search-without-search", NOTIFY, "\"kind\": \"key-header\"", "\"kind\": \"search-first\"", "p/" NOTIFY ":",
    "reconcile" },
  { "egress-misses-vendor", "connectors/stripe.json", "\"base_url\": \"https://api.stripe.com\"",
    "\"base_url\": \"https://files.stripe.com\"", "p/connectors/stripe.json:", "files.stripe.com:443" },
  { "token-from-elsewhere", "connectors/stripe.json", "\"kind\": \"bearer\",\n    \"token\": \"${secret.token}\"",
    "\"kind\": \"oauth2\", \"grant\": \"client_credentials\", \"client_id\": \"a\", \"client_secret\": "
    "\"${secret.token}\", "
    "\"token_url\": \"https://login.example/token\"",
    "p/connectors/stripe.json:", "login.example:443" },
  { "labels-go-nowhere", REFUND, "\"data\": {\n      \"sends_to\": \"stripe.com\"\n    },", "", "p/" REFUND ":",
    "to whom" },
  { "labels-go-elsewhere", REFUND, "\"sends_to\": \"stripe.com\"", "\"sends_to\": \"example.org\"", "p/" REFUND ":",
    "example.org is not among it" },
  { "read-that-deletes", "ops/shop.order.lookup.json", "\"method\": \"GET\"", "\"method\": \"DELETE\"",
    "p/ops/shop.order.lookup.json:", "a DELETE request changes something" },
};

static void
test_refusal (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GPtrArray) files = read_files ();
  g_autoptr (AirPack) pack = NULL;
  g_autoptr (GError) error = NULL;

  change (files, refusals[i].path, refusals[i].from, refusals[i].to);
  pack = air_pack_load (files, "p", &error);
  g_assert_null (pack);
  g_assert_nonnull (error);
  g_assert_true (error->domain == AIR_MODEL_ERROR);
  if (!g_str_has_prefix (error->message, refusals[i].place) || strstr (error->message, refusals[i].message) == NULL)
    g_error ("is:     %s\nshould: %s … %s", error->message, refusals[i].place, refusals[i].message);
}

static void
test_stray_file (void)
{
  g_autoptr (GPtrArray) files = read_files ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{}", 2);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (files, air_pack_file_new ("scripts/run.json", bytes));
  g_assert_null (air_pack_load (files, "p", &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_PACK);
  g_assert_true (g_str_has_prefix (error->message, "p/scripts/run.json:1:1: no place of a pack"));
}

static void
test_no_folder (void)
{
  g_autofree char *empty = g_dir_make_tmp ("pack-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (air_packs_load_directory ("/nonexistent", &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (air_packs_load_directory (empty, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (air_pack_load_directory (empty, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_PACK);
  g_rmdir (empty);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model/pack/whole", test_whole);
  g_test_add_func ("/model/pack/digest-changes", test_digest_changes);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/model/pack/refusal/", refusals[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_refusal);
    }
  g_test_add_func ("/model/pack/stray-file", test_stray_file);
  g_test_add_func ("/model/pack/no-folder", test_no_folder);
  return g_test_run ();
}
