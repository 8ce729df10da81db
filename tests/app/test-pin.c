/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <locale.h>

#include "app-driver.h"
#include "keystore/air-keystore.h"

/* A decision signed by a key in a token: a real one of SoftHSM, made by another process, so that this one has to
 * unlock it. */

#define REFERENCE "pkcs11:token=airails;object=ana;type=private"

static char *folder, *key_path;

static gboolean
run (const char *command)
{
  g_autofree char *output = NULL;
  int status = -1;

  return g_spawn_command_line_sync (command, &output, NULL, &status, NULL) && status == 0;
}

static int
make_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) key = NULL;
  g_autofree char *pem = NULL;

  g_setenv ("AIRAILS_PIN", "1234", TRUE);
  key = air_keystore_generate (REFERENCE, AIR_KEY_ECDSA_P256, &error);
  if (key == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  pem = air_public_key_to_pem (air_private_key_get_public (key));
  return g_file_set_contents (key_path, pem, -1, NULL) ? 0 : 1;
}

static gboolean
make_token (const char *self)
{
  g_autofree char *tool = g_find_program_in_path ("softhsm2-util"), *conf = NULL, *text = NULL, *tokens = NULL,
                  *command = NULL;

  if (tool == NULL)
    return FALSE;
  folder = g_dir_make_tmp ("airails-pin-XXXXXX", NULL);
  g_assert_nonnull (folder);
  conf = g_build_filename (folder, "softhsm2.conf", NULL);
  tokens = g_build_filename (folder, "tokens", NULL);
  key_path = g_build_filename (folder, "ana.pub", NULL);
  text = g_strdup_printf ("directories.tokendir = %s\n", tokens);
  g_assert_cmpint (g_mkdir (tokens, 0700), ==, 0);
  g_assert_true (g_file_set_contents (conf, text, -1, NULL));
  g_setenv ("SOFTHSM2_CONF", conf, TRUE);
  g_unsetenv ("AIRAILS_PIN");
  g_assert_true (run ("softhsm2-util --init-token --free --label airails --pin 1234 --so-pin 5678"));
  command = g_strdup_printf ("'%s' make-key '%s'", self, key_path);
  g_assert_true (run (command));
  return TRUE;
}

static GtkWidget *
until_found (AppDriver *driver, GtkWidget *root, GType type, const char *text)
{
  GtkWidget *found = NULL;

  for (int i = 0; found == NULL && i < 40; i++)
    {
      found = app_driver_find (root, type, text);
      if (found == NULL)
        app_driver_settle (driver);
    }
  g_assert_nonnull (found);
  return found;
}

static void
open_approval (AppDriver *driver)
{
  GtkWidget *approvals = air_window_get_page (driver->window, "approvals");
  g_autofree char *link = g_strdup_printf ("airails://gate/%s/approval", driver->medium);

  g_assert_true (air_window_open_link (driver->window, link));
  app_driver_until_shows (driver, approvals, "If approved, this happens");
  gtk_widget_activate (until_found (driver, approvals, GTK_TYPE_BUTTON, "_Approve…"));
  app_driver_settle (driver);
  gtk_widget_activate (until_found (driver, GTK_WIDGET (app_driver_dialog (driver)), GTK_TYPE_BUTTON, "_Approve"));
}

/* The dialog on top, once it says so. */
static GtkWidget *
until_asked (AppDriver *driver, const char *words)
{
  GtkWidget *dialog;

  do
    {
      app_driver_settle (driver);
      dialog = GTK_WIDGET (app_driver_dialog (driver));
  } while (dialog == NULL || !app_driver_shows (dialog, words));
  return dialog;
}

static void
test_pin (void)
{
  g_autofree char *pem = NULL, *profile = NULL;
  g_autoptr (AirPublicKey) key = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AppDriver) driver = NULL;
  GtkWidget *dialog, *pin;

  if (folder == NULL)
    {
      g_test_skip ("softhsm2-util is not there");
      return;
    }
  driver = app_driver_new ();
  g_assert_true (g_file_get_contents (key_path, &pem, NULL, NULL));
  key = air_public_key_from_pem (pem, &error);
  g_assert_no_error (error);
  profile = runtime_double_enrol (driver->runtime, key, REFERENCE);
  app_driver_connect (driver, profile);

  /* Not given: nothing is signed, and the dialog says so and lets one try again. */
  open_approval (driver);
  dialog = until_asked (driver, "asks for its PIN");
  gtk_widget_activate (until_found (driver, dialog, GTK_TYPE_BUTTON, "_Cancel"));
  dialog = until_asked (driver, "Your decision was not taken");
  g_assert_null (runtime_double_get_decision (driver->runtime));

  /* Mistyped, and then right. */
  gtk_widget_activate (until_found (driver, dialog, GTK_TYPE_BUTTON, "_Approve"));
  dialog = until_asked (driver, "asks for its PIN");
  pin = until_found (driver, dialog, ADW_TYPE_PASSWORD_ENTRY_ROW, NULL);
  gtk_editable_set_text (GTK_EDITABLE (pin), "9999");
  gtk_widget_activate (until_found (driver, dialog, GTK_TYPE_BUTTON, "_Unlock"));
  dialog = until_asked (driver, "That PIN was not right");
  pin = until_found (driver, dialog, ADW_TYPE_PASSWORD_ENTRY_ROW, NULL);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (pin)), ==, "");
  gtk_editable_set_text (GTK_EDITABLE (pin), "1234");
  gtk_widget_activate (until_found (driver, dialog, GTK_TYPE_BUTTON, "_Unlock"));
  app_driver_until_shows (driver, air_window_get_page (driver->window, "approvals"), "The request is approved");
  g_assert_cmpstr (runtime_double_get_decision (driver->runtime), ==, "approve");
}

int
main (int argc, char **argv)
{
  int status;

  setlocale (LC_ALL, "C.UTF-8");
  if (argc == 3 && g_str_equal (argv[1], "make-key"))
    {
      key_path = g_strdup (argv[2]);
      return make_key ();
    }
  make_token (argv[0]);
  gtk_test_init (&argc, &argv);
  adw_init ();
  g_test_add_func ("/app/pin", test_pin);
  status = g_test_run ();
  if (folder != NULL)
    {
      g_autofree char *command = g_strdup_printf ("rm -rf '%s'", folder);

      run (command);
    }
  g_free (folder);
  g_free (key_path);
  return status;
}
