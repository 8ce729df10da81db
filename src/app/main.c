/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "app/air-application.h"
#include "keystore/air-keyring.h"

int
main (int argc, char **argv)
{
  g_autoptr (AirApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, AIR_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  air_keyring_use ();
  application = air_application_new (AIR_APP_ID, G_APPLICATION_DEFAULT_FLAGS);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
