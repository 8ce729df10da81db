/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "artifact-fixture.h"

/* The other side's opinion: Debian's cosign, which may not reach any network here. */

static gboolean
cosign (Fixture *self, AirPrivateKey *key, const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *pem = air_public_key_to_pem (air_private_key_get_public (key));
  g_autofree char *key_path = g_build_filename (self->directory, "key.pub", NULL);
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (GError) error = NULL;
  const char *arg;
  va_list args;
  int status;

  g_assert_true (g_file_set_contents (key_path, pem, -1, NULL));
  environment = g_environ_setenv (environment, "HTTPS_PROXY", "http://127.0.0.1:1", TRUE);
  environment = g_environ_setenv (environment, "HTTP_PROXY", "http://127.0.0.1:1", TRUE);
  environment = g_environ_setenv (environment, "HOME", self->directory, TRUE);
  g_ptr_array_add (argv, (gpointer) "cosign");
  va_start (args, first);
  for (arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) arg);
  va_end (args);
  g_ptr_array_add (argv, (gpointer) "--key");
  g_ptr_array_add (argv, key_path);
  g_ptr_array_add (argv, (gpointer) "--insecure-ignore-tlog=true");
  g_ptr_array_add (argv, (gpointer) "--local-image");
  g_ptr_array_add (argv, self->layout);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  g_test_message ("%s %s", out, err);
  return g_spawn_check_wait_status (status, NULL);
}

static gboolean
cosign_verify (Fixture *self, AirPrivateKey *key)
{
  return cosign (self, key, "verify", NULL);
}

static gboolean
cosign_verify_attestation (Fixture *self, AirPrivateKey *key)
{
  return cosign (self, key, "verify-attestation", "--type", AIR_COMPILE_PREDICATE_TYPE, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_set_up (self, data);
  air_artifact_sign (self->artifact, self->designer, &error);
  g_assert_no_error (error);
  air_artifact_write (self->artifact, self->layout, &error);
  g_assert_no_error (error);
}

static void
test_accepts (Fixture *self, gconstpointer data)
{
  g_assert_true (cosign_verify (self, self->designer));
  g_assert_true (cosign_verify_attestation (self, self->designer));
}

static void
test_wrong_key (Fixture *self, gconstpointer data)
{
  g_assert_false (cosign_verify (self, self->stranger));
  g_assert_false (cosign_verify_attestation (self, self->stranger));
}

static void
test_changed_payload (Fixture *self, gconstpointer data)
{
  AirArtifactSignature *signature = self->artifact->signatures->pdata[0];
  gsize length;
  const char *payload = g_bytes_get_data (signature->payload, &length);
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) payload, length);
  g_autofree char *digest = g_strconcat ("sha256:", hex, NULL), *path = blob_file (self->layout, digest);
  g_autoptr (GError) error = NULL;

  flip_byte (path, strstr (payload, "sha256:") - payload + 10);
  g_assert_false (cosign_verify (self, self->designer));
  g_assert_null (air_artifact_load_verified (self->layout, self->signers, &error));
}

static void
test_changed_manifest (Fixture *self, gconstpointer data)
{
  g_autofree char *path = blob_file (self->layout, self->artifact->digest);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  flip_byte (path, strstr (text, "sha256:") - text + 10);
  g_assert_false (cosign_verify (self, self->designer));
  g_assert_null (air_artifact_load_verified (self->layout, self->signers, &error));
}

static void
test_changed_signature (Fixture *self, gconstpointer data)
{
  g_autofree char *digest = find_manifest (self->layout, "/sigs");
  g_autofree char *path = blob_file (self->layout, digest), *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  flip_byte (path, strstr (text, "cosign/signature\":\"") - text + strlen ("cosign/signature\":\"") + 20);
  g_assert_false (cosign_verify (self, self->designer));
  g_assert_null (air_artifact_load_verified (self->layout, self->signers, &error));
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "accepts", test_accepts },
    { "wrong-key", test_wrong_key },
    { "changed-payload", test_changed_payload },
    { "changed-manifest", test_changed_manifest },
    { "changed-signature", test_changed_signature },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/artifact/cosign/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].func, fixture_tear_down);
    }
  return g_test_run ();
}
