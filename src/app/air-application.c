/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-application.h"

#include <glib/gi18n.h>

#include "app/air-pin-dialog.h"
#include "app/air-resources.h"
#include "app/air-window.h"

struct _AirApplication {
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (AirApplication, air_application, ADW_TYPE_APPLICATION)

static AirWindow *
get_window (AirApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return AIR_IS_WINDOW (window) ? AIR_WINDOW (window) : air_window_new (ADW_APPLICATION (self));
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (user_data)));

  g_list_foreach (windows, (GFunc) (void (*) (void)) gtk_window_close, NULL);
  g_list_free (windows);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AdwDialog *dialog = adw_about_dialog_new ();

  g_object_set (dialog, "application-name", _ ("AI Rails"), "application-icon", AIR_APP_ID, "version", AIR_VERSION,
                "developer-name", _ ("The AI Rails founders"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
                _ ("Workflows that can be verified, audited and governed by policy."), "translator-credits",
                _ ("translator-credits"), NULL);
  adw_dialog_present (dialog, GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (user_data))));
}

static const GActionEntry entries[] = {
  { .name = "quit", .activate = quit_cb },
  { .name = "about", .activate = about_cb },
};

static const struct {
  const char *action;
  const char *accels[3];
} accels[] = {
  { "app.quit", { "<control>q" } },
  { "win.connect", { "<control>n" } },
  { "win.open", { "<control>o" } },
  { "win.refresh", { "F5", "<control>r" } },
  { "win.next-pane", { "F6" } },
  { "win.previous-pane", { "<shift>F6" } },
  { "win.show-help-overlay", { "<control>question" } },
  { "window.close", { "<control>w" } },
};

static void
air_application_startup (GApplication *application)
{
  g_resources_register (air_get_resource ());
  G_APPLICATION_CLASS (air_application_parent_class)->startup (application);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    "/dev/airails/Airails/icons");
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  air_pin_dialog_use (GTK_APPLICATION (application));
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, accels[i].accels);
}

static void
air_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (AIR_APPLICATION (application))));
}

/* Workflow files and airails:// links. */
static void
air_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  AirWindow *window = get_window (AIR_APPLICATION (application));

  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      if (!air_window_open_link (window, uri))
        air_window_open_workflow (window, files[i]);
    }
  gtk_window_present (GTK_WINDOW (window));
}

/* Options reach the instance that runs already, as files do. */
static int
air_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  AirWindow *window = get_window (AIR_APPLICATION (application));
  g_auto (GStrv) arguments = g_application_command_line_get_arguments (command_line, NULL);
  const char *profile;

  if (g_variant_dict_lookup (options, "connect", "^&ay", &profile))
    {
      g_autoptr (GFile) file = g_application_command_line_create_file_for_arg (command_line, profile);

      air_window_connect (window, g_file_peek_path (file));
    }
  for (int i = 1; arguments[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_application_command_line_create_file_for_arg (command_line, arguments[i]);

      if (!air_window_open_link (window, arguments[i]))
        air_window_open_workflow (window, file);
    }
  gtk_window_present (GTK_WINDOW (window));
  return 0;
}

static void
air_application_class_init (AirApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = air_application_startup;
  application_class->activate = air_application_activate;
  application_class->open = air_application_open;
  application_class->command_line = air_application_command_line;
}

static void
air_application_init (AirApplication *self)
{
  static const GOptionEntry options[] = {
    { "connect", 'c', 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Connect to the runtime of this profile"), N_ ("PROFILE") },
    G_OPTION_ENTRY_NULL,
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[WORKFLOW FILE OR LINK…]"));
}

/**
 * air_application_new:
 * @id: the application's id
 * @flags: those for command lines and files are added
 *
 * Returns: (transfer full): the application
 */
AirApplication *
air_application_new (const char *id, GApplicationFlags flags)
{
  return g_object_new (AIR_TYPE_APPLICATION, "application-id", id, "resource-base-path", "/dev/airails/Airails",
                       "flags", flags | G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_HANDLES_OPEN, NULL);
}
