/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <libsecret/secret.h>
#include <string.h>

#include "keystore/air-keyring.h"
#include "keystore/air-keystore.h"

#define MESSAGE "to be signed"

static char *directory;

static char *
in_directory (const char *name)
{
  return g_build_filename (directory, name, NULL);
}

static gboolean
run (const char *command)
{
  g_autofree char *out = NULL, *err = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, NULL));
  if (!g_spawn_sync (directory, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error))
    g_error ("%s: %s", command, error->message);
  if (!g_spawn_check_wait_status (status, NULL))
    g_test_message ("%s: %s%s", command, out, err);
  return g_spawn_check_wait_status (status, NULL);
}

/* Signs with the key and has openssl check it. */
static void
assert_signs (AirPrivateKey *key)
{
  static const char *const checks[] = {
    [AIR_KEY_ED25519] = "openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in message -sigfile signature",
    [AIR_KEY_ECDSA_P256] = "openssl dgst -sha256 -verify public.pem -signature signature message",
    [AIR_KEY_ECDSA_P384] = "openssl dgst -sha384 -verify public.pem -signature signature message",
  };
  AirPublicKey *public_key = air_private_key_get_public (key);
  g_autofree char *pem = air_public_key_to_pem (public_key), *pem_path = in_directory ("public.pem");
  g_autofree char *message_path = in_directory ("message"), *signature_path = in_directory ("signature");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) signature = air_private_key_sign (key, MESSAGE, strlen (MESSAGE), &error);

  g_assert_no_error (error);
  g_assert_true (air_public_key_verify (public_key, MESSAGE, strlen (MESSAGE), g_bytes_get_data (signature, NULL),
                                        g_bytes_get_size (signature), &error));
  g_assert_true (g_file_set_contents (pem_path, pem, -1, NULL));
  g_assert_true (g_file_set_contents (message_path, MESSAGE, -1, NULL));
  g_assert_true (
      g_file_set_contents (signature_path, g_bytes_get_data (signature, NULL), g_bytes_get_size (signature), NULL));
  g_assert_true (run (checks[air_public_key_get_key_type (public_key)]));
}

/* Makes, opens again and lists a key of each type under @prefix; then what is refused. */
static void
go_through (const char *prefix, const char *suffix, const char *store)
{
  g_autoptr (AirValue) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *absent = g_strconcat (prefix, "absent", suffix, NULL);

  for (guint type = AIR_KEY_ED25519; type <= AIR_KEY_ECDSA_P384; type++)
    {
      g_autofree char *reference = g_strconcat (prefix, "key-", air_key_type_to_string (type), suffix, NULL);
      g_autoptr (AirPrivateKey) key = air_keystore_generate (reference, type, &error);
      g_autoptr (AirPrivateKey) again = NULL;

      g_assert_no_error (error);
      g_assert_cmpint (air_public_key_get_key_type (air_private_key_get_public (key)), ==, type);
      assert_signs (key);
      again = air_keystore_open (reference, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (air_public_key_get_id (air_private_key_get_public (again)), ==,
                       air_public_key_get_id (air_private_key_get_public (key)));
      assert_signs (again);
      g_assert_null (air_keystore_generate (reference, type, &error));
      g_assert_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_EXISTS);
      g_clear_error (&error);
    }
  list = air_keystore_list (store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (air_list_get_size (list), ==, 3);
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      g_autoptr (AirPrivateKey) key = air_keystore_open (air_map_get_string (item, "reference"), &error);

      g_assert_no_error (error);
      g_assert_cmpstr (air_map_get_string (item, "id"), ==, air_public_key_get_id (air_private_key_get_public (key)));
    }
  g_assert_null (air_keystore_open (absent, &error));
  g_assert_nonnull (error);
}

static void
test_file (void)
{
  g_autofree char *folder = in_directory ("files"), *prefix = g_strconcat ("file:", folder, "/", NULL);
  g_autofree char *path = g_strconcat (folder, "/key-p256", NULL);
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  go_through (prefix, "", folder);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  key = air_keystore_open (path, &error); /* a path alone */
  g_assert_no_error (error);
  g_assert_null (air_keystore_open ("", &error));
  g_assert_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE);
}

static void
test_resolve (void)
{
  static const char *const cases[][2] = {
    { "a.pem", "/etc/airails/a.pem" },
    { "file:keys/../a.pem", "/etc/airails/a.pem" },
    { "/keys/a.pem", "/keys/a.pem" },
    { "file:/keys/a.pem", "/keys/a.pem" },
    { "pkcs11:token=t;object=o?pin-source=file:p", "pkcs11:token=t;object=o?pin-source=file:p" },
    { "keyring:a", "keyring:a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *resolved = air_keystore_resolve (cases[i][0], "/etc/airails");

      g_assert_cmpstr (resolved, ==, cases[i][1]);
    }
}

/* --- a token ------------------------------------------------------------------------ */

static guint asked;

static char *
answer_wrong (const char *token, gpointer user_data)
{
  asked++;
  g_assert_cmpstr (token, ==, "airails");
  return g_strdup ("9999");
}

static char *
answer_right (const char *token, gpointer user_data)
{
  asked++;
  return g_strdup ("1234");
}

static void
test_token (void)
{
  g_autofree char *tool = g_find_program_in_path ("softhsm2-util"), *tokens = in_directory ("tokens");
  g_autofree char *conf = in_directory ("softhsm2.conf"),
                  *text = g_strdup_printf ("directories.tokendir = %s\n", tokens);
  g_autofree char *pin_path = in_directory ("pin"), *suffix = g_strdup_printf ("?pin-source=file:%s", pin_path);
  g_autofree char *store = g_strconcat ("pkcs11:token=airails", suffix, NULL);
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *pem = NULL;

  if (tool == NULL)
    {
      g_test_skip ("softhsm2-util is not there");
      return;
    }
  g_assert_cmpint (g_mkdir (tokens, 0700), ==, 0);
  g_assert_true (g_file_set_contents (conf, text, -1, NULL));
  g_assert_true (g_file_set_contents (pin_path, "1234", -1, NULL));
  g_setenv ("SOFTHSM2_CONF", conf, TRUE);
  g_assert_true (run ("softhsm2-util --init-token --free --label airails --pin 1234 --so-pin 5678"));

  /* While nobody is logged in: no PIN, and a wrong one, which is not tried again and again. */
  g_assert_null (air_keystore_generate ("pkcs11:token=airails;object=k;type=private", AIR_KEY_ECDSA_P256, &error));
  g_assert_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_PIN);
  g_clear_error (&error);
  air_keystore_set_pin_func (answer_wrong, NULL);
  g_assert_null (air_keystore_generate ("pkcs11:token=airails;object=k;type=private", AIR_KEY_ECDSA_P256, &error));
  g_assert_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_PIN);
  g_assert_cmpuint (asked, >, 0);
  g_assert_cmpuint (asked, <=, 4);
  g_clear_error (&error);
  g_assert_null (air_keystore_open ("pkcs11:token=airails;object=k;type=private?pin-value=1234", &error));
  g_assert_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE);
  g_clear_error (&error);
  g_assert_null (air_keystore_open ("pkcs11:token=another;object=k;type=private", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  asked = 0;
  air_keystore_set_pin_func (answer_right, NULL);
  key = air_keystore_generate ("pkcs11:token=airails;object=asked;type=private", AIR_KEY_ECDSA_P256, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (asked, >, 0);
  assert_signs (key);
  pem = air_private_key_to_pem (key);
  g_assert_null (pem); /* it cannot leave */
  air_keystore_set_pin_func (NULL, NULL);
  g_assert_true (run ("softhsm2-util --delete-token --token airails"));
  g_assert_true (run ("softhsm2-util --init-token --free --label second --pin 1234 --so-pin 5678"));
}

/* In a process of its own: PKCS#11 modules see new tokens at their start only. */
static void
test_token_keys (void)
{
  g_autofree char *pin_path = in_directory ("pin"),
                  *suffix = g_strdup_printf (";type=private?pin-source=file:%s", pin_path);
  g_autofree char *store = g_strdup_printf ("pkcs11:token=airails?pin-source=file:%s", pin_path);
  g_autofree char *tool = g_find_program_in_path ("softhsm2-util"), *tokens = in_directory ("tokens");
  g_autofree char *conf = in_directory ("softhsm2.conf"),
                  *text = g_strdup_printf ("directories.tokendir = %s\n", tokens);

  if (tool == NULL)
    {
      g_test_skip ("softhsm2-util is not there");
      return;
    }
  g_assert_cmpint (g_mkdir (tokens, 0700), ==, 0);
  g_assert_true (g_file_set_contents (conf, text, -1, NULL));
  g_assert_true (g_file_set_contents (pin_path, "1234", -1, NULL));
  g_setenv ("SOFTHSM2_CONF", conf, TRUE);
  g_assert_true (run ("softhsm2-util --init-token --free --label airails --pin 1234 --so-pin 5678"));
  go_through ("pkcs11:token=airails;object=", suffix, store);
}

/* --- the keyring ------------------------------------------------------------------------ */

static void
appeared_cb (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
timeout_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* GNOME's daemon on a bus of its own, its keyring open under an empty password. */
static GSubprocess *
start_keyring (void)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) daemon = NULL;
  gboolean there = FALSE, late = FALSE;
  guint watch, timeout;

  g_subprocess_launcher_setenv (launcher, "HOME", directory, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", directory, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", directory, TRUE);
  daemon = g_subprocess_launcher_spawn (launcher, NULL, "gnome-keyring-daemon", "--foreground", "--unlock",
                                        "--components=secrets", NULL);
  if (daemon == NULL)
    return NULL;
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (daemon), "\n", 1, NULL, NULL, NULL);
  g_output_stream_close (g_subprocess_get_stdin_pipe (daemon), NULL, NULL);
  watch = g_bus_watch_name (G_BUS_TYPE_SESSION, "org.freedesktop.secrets", G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb,
                            NULL, &there, NULL);
  timeout = g_timeout_add_seconds (10, timeout_cb, &late);
  while (!there && !late)
    g_main_context_iteration (NULL, TRUE);
  if (!late)
    g_source_remove (timeout);
  g_bus_unwatch_name (watch);
  if (there)
    return g_steal_pointer (&daemon);
  g_subprocess_force_exit (daemon);
  g_subprocess_wait (daemon, NULL, NULL);
  return NULL;
}

static void
test_keyring (void)
{
  static GTestDBus *bus; /* stays: libsecret keeps its connection, and the bus's end would wait for it */
  g_autoptr (GSubprocess) daemon = NULL;
  g_autofree char *tool = g_find_program_in_path ("gnome-keyring-daemon"),
                  *server = g_find_program_in_path ("dbus-daemon");
  g_autoptr (GError) error = NULL;

  /* Without a session's keyring the reference is refused, not taken for a file. */
  g_assert_null (air_keystore_open ("keyring:a", &error));
  g_assert_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE);
  if (tool == NULL || server == NULL)
    {
      g_test_skip ("gnome-keyring-daemon or dbus-daemon is not there");
      return;
    }
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  daemon = start_keyring ();
  if (daemon == NULL)
    g_test_skip ("gnome-keyring-daemon did not come up on a bus of its own within 10 s");
  else
    {
      air_keyring_use ();
      go_through ("keyring:", "", "keyring:");
      secret_service_disconnect ();
      g_subprocess_force_exit (daemon);
      g_subprocess_wait (daemon, NULL, NULL);
    }
  g_test_dbus_stop (bus);
}

int
main (int argc, char **argv)
{
  int r;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  directory = g_dir_make_tmp ("keystore-XXXXXX", NULL);
  g_unsetenv ("AIRAILS_PIN");

  if (g_strcmp0 (argv[1], "token-keys") == 0)
    g_test_add_func ("/keystore/token-keys", test_token_keys);
  else
    {
      g_test_add_func ("/keystore/file", test_file);
      g_test_add_func ("/keystore/resolve", test_resolve);
      g_test_add_func ("/keystore/token", test_token);
      g_test_add_func ("/keystore/keyring", test_keyring);
    }
  r = g_test_run ();
  g_free (directory);
  return r;
}
