/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <string.h>

#include "base/air-x509.h"

#define HOUR 3600

typedef struct {
  char *directory;
  gint64 now;
  AirPrivateKey *ca_key;
  AirPrivateKey *key;
  char *ca;
} Fixture;

static gboolean
run (Fixture *self, const char *command, char **ret_output)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL, *err = NULL;
  g_auto (GStrv) argv = NULL;
  gboolean good;
  int status;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, &error));
  g_spawn_sync (self->directory, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  good = g_spawn_check_wait_status (status, NULL);
  g_test_message ("%s: %d\n%s%s", command, good, out, err);
  if (ret_output != NULL)
    *ret_output = g_steal_pointer (&out);
  return good;
}

static void
write_file (Fixture *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  AirKeyType type = GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("test-x509-XXXXXX", &error);
  self->now = g_get_real_time () / G_USEC_PER_SEC;
  self->ca_key = air_private_key_generate (type, &error);
  g_assert_no_error (error);
  self->key = air_private_key_generate (type, &error);
  self->ca = air_x509_issue_ca (self->ca_key, "Example CA", self->now - HOUR, self->now + HOUR, &error);
  g_assert_no_error (error);
  write_file (self, "ca.pem", self->ca);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->directory);
  g_free (self->ca);
  air_private_key_unref (self->ca_key);
  air_private_key_unref (self->key);
}

static char *
issue (Fixture *self, const char *uri, const char *const *names, gint64 from, gint64 to)
{
  g_autoptr (GError) error = NULL;
  char *pem = air_x509_issue_leaf (self->ca_key, self->ca, air_private_key_get_public (self->key), "ana", uri, names,
                                   self->now + from, self->now + to, &error);

  g_assert_no_error (error);
  write_file (self, "leaf.pem", pem);
  return pem;
}

static void
test_person (Fixture *self, gconstpointer data)
{
  g_autofree char *pem = issue (self, "airails://example/people/ana", NULL, -HOUR, HOUR);
  g_autofree char *bundle = g_strconcat (pem, self->ca, NULL);
  g_autofree char *text = NULL, *uri = NULL;
  g_autoptr (AirPublicKey) key = NULL;

  write_file (self, "bundle.pem", bundle);
  g_assert_true (run (self, "openssl verify -x509_strict -purpose sslclient -CAfile ca.pem leaf.pem", NULL));
  g_assert_false (run (self, "openssl verify -x509_strict -purpose sslserver -CAfile ca.pem leaf.pem", NULL));
  g_assert_true (run (self, "certtool --verify --load-ca-certificate ca.pem --infile bundle.pem", NULL));
  g_assert_true (run (self, "openssl x509 -in leaf.pem -noout -text", &text));
  g_assert_nonnull (strstr (text, "URI:airails://example/people/ana"));
  uri = air_x509_get_uri (pem, NULL);
  g_assert_cmpstr (uri, ==, "airails://example/people/ana");
  g_assert_true (air_x509_check_client (pem, NULL));
  key = air_public_key_from_pem (pem, NULL);
  g_assert_cmpstr (air_public_key_get_id (key), ==, air_public_key_get_id (air_private_key_get_public (self->key)));
}

static void
test_server (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "runtime.example", "127.0.0.1", "::1", NULL };
  g_autofree char *pem = issue (self, "airails://example/runtimes/refunds", names, -HOUR, HOUR);
  g_autofree char *uri = air_x509_get_uri (pem, NULL);

  g_assert_cmpstr (uri, ==, "airails://example/runtimes/refunds");
  g_assert_false (air_x509_check_client (pem, NULL));
  g_assert_true (run (
      self, "openssl verify -x509_strict -purpose sslserver -verify_hostname runtime.example -CAfile ca.pem leaf.pem",
      NULL));
  g_assert_true (run (self, "openssl verify -purpose sslserver -verify_ip 127.0.0.1 -CAfile ca.pem leaf.pem", NULL));
  g_assert_true (run (self, "openssl verify -purpose sslserver -verify_ip ::1 -CAfile ca.pem leaf.pem", NULL));
  g_assert_false (
      run (self, "openssl verify -purpose sslserver -verify_hostname other.example -CAfile ca.pem leaf.pem", NULL));
  g_assert_false (run (self, "openssl verify -purpose sslclient -CAfile ca.pem leaf.pem", NULL));
}

static void
test_times (Fixture *self, gconstpointer data)
{
  g_autofree char *past = issue (self, "airails://x/y", NULL, -2 * HOUR, -HOUR), *future = NULL;

  g_assert_false (run (self, "openssl verify -CAfile ca.pem leaf.pem", NULL));
  future = issue (self, "airails://x/y", NULL, HOUR, 2 * HOUR);
  g_assert_false (run (self, "openssl verify -CAfile ca.pem leaf.pem", NULL));
}

static void
test_leaf_signs_nothing (Fixture *self, gconstpointer data)
{
  g_autofree char *middle = issue (self, "airails://x/y", NULL, -HOUR, HOUR), *leaf = NULL;
  g_autoptr (GError) error = NULL;

  write_file (self, "bundle.pem", middle);
  leaf = air_x509_issue_leaf (self->key, middle, air_private_key_get_public (self->key), "eve", "airails://x/eve", NULL,
                              self->now - HOUR, self->now + HOUR, &error);
  g_assert_no_error (error);
  write_file (self, "leaf.pem", leaf);
  g_assert_false (run (self, "openssl verify -CAfile ca.pem -untrusted bundle.pem leaf.pem", NULL));
}

static void
test_errors (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "runtime.example", NULL };
  g_autofree char *anonymous = issue (self, NULL, names, -HOUR, HOUR);
  g_autoptr (GError) error = NULL;

  g_assert_null (air_x509_get_uri (anonymous, &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE);
  g_clear_error (&error);
  g_assert_null (air_x509_get_uri ("nothing", &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE);
  g_clear_error (&error);
  g_assert_null (air_x509_issue_leaf (self->key, self->ca, air_private_key_get_public (self->key), "x", "airails://x",
                                      NULL, self->now, self->now + 1, &error));
  g_assert_error (error, AIR_CRYPTO_ERROR, AIR_CRYPTO_ERROR_BAD_CERTIFICATE);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    AirKeyType type;
  } types[] = { { "p256", AIR_KEY_ECDSA_P256 }, { "ed25519", AIR_KEY_ED25519 } };
  static const struct {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "person", test_person }, { "server", test_server },
    { "times", test_times },   { "leaf-signs-nothing", test_leaf_signs_nothing },
    { "errors", test_errors },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/base/x509/%s/%s", types[i].name, tests[j].name);

        g_test_add (path, Fixture, GINT_TO_POINTER (types[i].type), set_up, tests[j].func, tear_down);
      }
  return g_test_run ();
}
