/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "artifact-fixture.h"

#include "artifact/air-oci-auth.h"
#include "artifact/air-oci.h"
#include "base/air-hash.h"

static void
sign_and_write (Fixture *self, AirPrivateKey *key)
{
  g_autoptr (GError) error = NULL;

  air_artifact_sign (self->artifact, key, &error);
  g_assert_no_error (error);
  air_artifact_write (self->artifact, self->layout, &error);
  g_assert_no_error (error);
}

static void
assert_refused (Fixture *self, AirArtifactError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (air_artifact_load_verified (self->layout, self->signers, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, (int) code);
  g_test_message ("%s", error->message);
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autoptr (AirArtifact) read = NULL;
  g_autoptr (GError) error = NULL;

  sign_and_write (self, self->designer);
  read = air_artifact_load_verified (self->layout, self->signers, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->digest, ==, self->artifact->digest);
  g_assert_cmpstr (read->workflow, ==, "refunds");
  g_assert_cmpstr (read->version, ==, "1.0.0");
  g_assert_cmpstr (read->signer, ==, "airails://example/people/dora");
  g_assert_cmpstr (air_public_key_get_id (read->signer_key), ==,
                   air_public_key_get_id (air_private_key_get_public (self->designer)));
  g_assert_nonnull (read->verified);
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    g_assert_true (g_bytes_equal (read->layers[i], self->artifact->layers[i]));
  g_assert_cmpuint (read->attestations->len, ==, 1);
}

static char *
layout_fingerprint (const char *layout)
{
  g_autofree char *blobs = g_build_filename (layout, "blobs", "sha256", NULL),
                  *index = g_build_filename (layout, "index.json", NULL);
  g_autoptr (GDir) dir = g_dir_open (blobs, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort_values (names, (GCompareFunc) strcmp);
  g_assert_true (g_file_get_contents (index, &text, NULL, NULL));
  g_ptr_array_add (names, g_steal_pointer (&text));
  g_ptr_array_add (names, NULL);
  return g_strjoinv ("\n", (char **) names->pdata);
}

/* The manifest's digest is fixed here: if it changes, every published artifact of this source would. */
static void
test_reproducible (Fixture *self, gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL, *again = g_build_filename (self->directory, "again", NULL);
  g_autoptr (AirArtifact) other = make_artifact ();

  g_assert_cmpstr (self->artifact->digest, ==,
                   "sha256:c7ff673287347e24f462b861b34a84f1ee3c399a78069926ba91efd94fd868f7");
  sign_and_write (self, self->designer);
  first = layout_fingerprint (self->layout);
  g_assert_true (air_artifact_sign (other, self->designer, NULL));
  g_assert_true (air_artifact_sign (other, self->designer, NULL));
  g_assert_true (air_artifact_write (other, again, NULL));
  second = layout_fingerprint (again);
  g_assert_cmpstr (first, ==, second);
}

static void
test_unsigned (Fixture *self, gconstpointer data)
{
  g_assert_true (air_artifact_write (self->artifact, self->layout, NULL));
  assert_refused (self, AIR_ARTIFACT_ERROR_UNSIGNED);
}

static void
test_wrong_signer (Fixture *self, gconstpointer data)
{
  sign_and_write (self, self->stranger);
  assert_refused (self, AIR_ARTIFACT_ERROR_SIGNER);
  sign_and_write (self, self->operator_key);
  assert_refused (self, AIR_ARTIFACT_ERROR_SIGNER);
  sign_and_write (self, self->designer); /* beside the others */
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (AirArtifact) read = air_artifact_load (self->layout, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (read->signatures->len, ==, 3);
    /* A stranger's attestation rides along: refused. */
    g_assert_false (air_artifact_verify (read, self->signers, &error));
    g_ptr_array_set_size (read->attestations, 0);
    g_clear_error (&error);
    g_assert_true (air_artifact_verify (read, self->signers, &error));
    g_assert_no_error (error);
  }
}

/* Every byte of every blob, of one artifact small enough for it. */
static void
test_every_byte (Fixture *self, gconstpointer data)
{
  g_autofree char *blobs = g_build_filename (self->layout, "blobs", "sha256", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n_blobs = 0;

  sign_and_write (self, self->designer);
  dir = g_dir_open (blobs, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (blobs, name, NULL);
      GStatBuf status;

      g_assert_cmpint (g_stat (path, &status), ==, 0);
      for (gsize i = 0; i < (gsize) status.st_size; i++)
        {
          g_autoptr (GError) error = NULL;

          flip_byte (path, i);
          g_assert_null (air_artifact_load_verified (self->layout, self->signers, &error));
          g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST);
          g_assert_nonnull (strstr (error->message, name));
          flip_byte (path, i);
        }
      n_blobs++;
    }
  g_assert_cmpuint (n_blobs, ==, 12 - 2); /* lock and policies are one blob here, "{}" with the empty config */
}

/* One who can write the folder rewrites digests too; then the signature is what is left. */
static void
test_rewritten_with_new_digests (Fixture *self, gconstpointer data)
{
  g_autoptr (AirArtifact) other =
      make_artifact_of ("{\"evil\":true,\"v\":1,\"version\":\"1.0.0\",\"workflow\":\"refunds\"}", "1.0.0");
  AirArtifactSignature *signature;
  g_autoptr (GError) error = NULL;

  g_assert_true (air_artifact_sign (self->artifact, self->designer, NULL));
  signature = self->artifact->signatures->pdata[0];
  g_assert_true (air_artifact_sign (other, self->stranger, NULL));
  /* The stranger's artifact with the designer's signature of the good one. */
  g_clear_pointer (&((AirArtifactSignature *) other->signatures->pdata[0])->payload, g_bytes_unref);
  g_clear_pointer (&((AirArtifactSignature *) other->signatures->pdata[0])->signature, g_bytes_unref);
  ((AirArtifactSignature *) other->signatures->pdata[0])->payload = g_bytes_ref (signature->payload);
  ((AirArtifactSignature *) other->signatures->pdata[0])->signature = g_bytes_ref (signature->signature);
  g_ptr_array_set_size (other->attestations, 0);
  air_artifact_write (other, self->layout, &error);
  g_assert_no_error (error);
  assert_refused (self, AIR_ARTIFACT_ERROR_SIGNATURE);
}

/* What cosign lets pass: a payload of another type, or for another name. */
static void
test_payload_is_read (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *format;
    gboolean good;
  } payloads[] = {
    { "{\"critical\":{\"identity\":{\"docker-reference\":\"airails/"
      "refunds\"},\"image\":{\"docker-manifest-digest\":\"%s\"},"
      "\"type\":\"cosign container image signature\"},\"optional\":{}}",
      TRUE },
    { "{\"critical\":{\"identity\":{\"docker-reference\":\"airails/"
      "refunds\"},\"image\":{\"docker-manifest-digest\":\"%s\"},"
      "\"type\":\"cosign container image signature\"},\"optional\":{\"creator\":\"x\"}}",
      TRUE },
    { "{\"critical\":{\"identity\":{\"docker-reference\":\"airails/"
      "refunds\"},\"image\":{\"docker-manifest-digest\":\"%s\"},"
      "\"type\":\"something else\"},\"optional\":{}}",
      FALSE },
    { "{\"critical\":{\"identity\":{\"docker-reference\":\"airails/"
      "other\"},\"image\":{\"docker-manifest-digest\":\"%s\"},"
      "\"type\":\"cosign container image signature\"},\"optional\":{}}",
      FALSE },
    { "{\"critical\":{\"identity\":{\"docker-reference\":\"airails/"
      "refunds\"},\"image\":{\"docker-manifest-digest\":\"%s0\"},"
      "\"type\":\"cosign container image signature\"},\"optional\":{}}",
      FALSE },
    { "{\"critical\":{\"identity\":{\"docker-reference\":\"airails/"
      "refunds\"},\"image\":{\"docker-manifest-digest\":\"%s\"},"
      "\"type\":\"cosign container image signature\"},\"optional\":{},\"more\":1}",
      FALSE },
    { "\"%s\"", FALSE },
    { "%s", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_auto (GStrv) parts = g_strsplit (payloads[i].format, "%s", 2);
      g_autofree char *text = g_strjoinv (self->artifact->digest, parts);
      AirArtifactSignature *signature = g_new0 (AirArtifactSignature, 1);
      g_autoptr (GError) error = NULL;

      signature->payload = text_bytes (text);
      signature->signature = air_private_key_sign (self->designer, text, strlen (text), NULL);
      g_ptr_array_set_size (self->artifact->signatures, 0);
      g_ptr_array_add (self->artifact->signatures, signature);
      g_assert_cmpint (air_artifact_verify (self->artifact, self->signers, &error), ==, payloads[i].good);
      if (!payloads[i].good)
        g_test_message ("%s", error->message);
    }
}

static void
test_index_is_strict (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *from, *to;
  } changes[] = {
    { "\"schemaVersion\":2}", "\"schemaVersion\":3}" },
    { "cosign/image\"", "cosign/imagE\"" },
    { "cosign/sigs\"", "cosign/image\"" },
    { "cosign/sigs\"", "cosign/sigz\"" },
    { "\"1.0.0\"", "\"1.0.1\"" },
    { ".sig\"", ".sIg\"" },
    { "\"size\":", "\"size\":1" },
    { "sha256:", "sha256:../../../x" },
    { "sha256:", "sha512:" },
    { "oci.image.manifest.v1+json", "oci.image.index.v1+json" },
    { "{", "" },
  };
  g_autofree char *path = g_build_filename (self->layout, "index.json", NULL), *good = NULL;

  sign_and_write (self, self->designer);
  g_assert_true (g_file_get_contents (path, &good, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) text = g_string_new (good);
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (g_string_replace (text, changes[i].from, changes[i].to, 1), ==, 1);
      g_assert_true (g_file_set_contents (path, text->str, text->len, NULL));
      g_assert_null (air_artifact_load_verified (self->layout, self->signers, &error));
      g_test_message ("%s", error->message);
      g_assert_true (error->domain == AIR_ARTIFACT_ERROR);
    }
}

static void
test_pack_refuses (Fixture *self, gconstpointer data)
{
  static const char *const names[][2] = {
    { "", "1" },         { "../x", "1" },      { "Refunds", "1" },   { "refunds", "" },
    { "refunds", ".." }, { "refunds", "a/b" }, { "other", "1.0.0" },
  };
  g_autoptr (GBytes) bytes = text_bytes ("{\"version\":\"1.0.0\",\"workflow\":\"refunds\"}"), broken = text_bytes ("{");
  GBytes *const layers[AIR_N_LAYERS] = { bytes, bytes, bytes, bytes, bytes };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_null (air_artifact_pack (names[i][0], names[i][1], bytes, layers, &error));
      g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST);
      g_clear_error (&error);
    }
  g_assert_null (air_artifact_pack ("refunds", "1.0.0", broken, layers, &error));
  g_assert_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_SYNTAX);
  g_clear_error (&error);
  {
    g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, NULL);

    g_assert_false (air_artifact_sign (self->artifact, key, &error));
    g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED);
    g_assert_cmpuint (self->artifact->signatures->len, ==, 0);
  }
}

static void
test_write_spares_others (Fixture *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->layout, "letter.txt", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir (self->layout, 0700);
  g_assert_true (g_file_set_contents (file, "dear", -1, NULL));
  g_assert_false (air_artifact_write (self->artifact, self->layout, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
}

static void
test_registry (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->directory, "registry", NULL), *path = NULL, *twice = NULL,
                  *expected = NULL;
  g_autoptr (AirArtifact) changed =
      make_artifact_of ("{\"n\":2,\"v\":1,\"version\":\"1.0.0\",\"workflow\":\"refunds\"}", "1.0.0");
  g_autoptr (AirArtifact) next = make_artifact_of ("{\"v\":1,\"version\":\"1.1.0\",\"workflow\":\"refunds\"}", "1.1.0");
  g_autoptr (AirArtifact) fetched = NULL;
  g_autoptr (AirRegistry) registry = NULL;
  g_autofree char *next_path = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (air_registry_open ("https://registry.example", NULL, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  registry = air_registry_open (folder, NULL, &error);
  g_assert_no_error (error);

  g_assert_null (air_registry_publish (registry, self->artifact, self->signers, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSIGNED);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  g_assert_true (air_artifact_sign (self->artifact, self->designer, NULL));
  path = air_registry_publish (registry, self->artifact, self->signers, &error);
  g_assert_no_error (error);
  expected = g_build_filename (folder, "refunds", "1.0.0", NULL);
  g_assert_cmpstr (path, ==, expected);
  twice = air_registry_publish (registry, self->artifact, self->signers, &error);
  g_assert_no_error (error);

  g_assert_true (air_artifact_sign (changed, self->designer, NULL));
  g_assert_null (air_registry_publish (registry, changed, self->signers, &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DENIED);
  g_clear_error (&error);
  g_assert_true (air_artifact_sign (next, self->designer, NULL));
  next_path = air_registry_publish (registry, next, self->signers, &error);
  g_assert_no_error (error);

  fetched = air_registry_fetch (registry, "refunds", "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fetched->digest, ==, self->artifact->digest);
  g_assert_null (air_registry_fetch (registry, "refunds", "2.0.0", &error));
  g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT);
}

static void
test_trust_refuses (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = {
    "{}",
    "[]",
    "{\"signers\":[{}]}",
    "{\"signers\":[{\"uri\":\"airails://x/y\",\"key\":\"none\",\"roles\":[]}]}",
    "{\"signers\":[1]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (AirValue) trust = air_json_parse (texts[i], strlen (texts[i]), NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (air_signers_from_trust (trust, &error));
      g_assert_true (g_str_has_prefix (error->message, "trust roots: "));
    }
}

/* A token with a letter that no header may hold once took the program down. */
static void
test_tokens (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *answer;
    const char *token;
  } rows[] = {
    { "{\"token\":\"abc\"}", "abc" },
    { "{\"access_token\":\"abc\"}", "abc" },
    { "{\"token\":\"a b\"}", NULL },
    { "{\"token\":\"\\u0001\"}", NULL },
    { "{\"token\":\"\"}", NULL },
    { "{\"token\":7}", NULL },
    { "[]", NULL },
    { "nothing", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (rows[i].answer, strlen (rows[i].answer));
      g_autoptr (GError) error = NULL;
      g_autofree char *token = air_oci_token_parse (body, &error);

      g_assert_cmpstr (token, ==, rows[i].token);
      if (token == NULL)
        g_assert_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS);
    }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "round-trip", test_round_trip },
    { "reproducible", test_reproducible },
    { "unsigned", test_unsigned },
    { "wrong-signer", test_wrong_signer },
    { "every-byte", test_every_byte },
    { "rewritten-with-new-digests", test_rewritten_with_new_digests },
    { "payload-is-read", test_payload_is_read },
    { "index-is-strict", test_index_is_strict },
    { "pack-refuses", test_pack_refuses },
    { "write-spares-others", test_write_spares_others },
    { "registry", test_registry },
    { "trust-refuses", test_trust_refuses },
    { "tokens", test_tokens },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/artifact/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, fixture_set_up, tests[i].func, fixture_tear_down);
    }
  return g_test_run ();
}
