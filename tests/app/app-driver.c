/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app-driver.h"

AppDriver *
app_driver_new (void)
{
  static guint serial;
  AppDriver *self = g_new0 (AppDriver, 1);
  /* An id of its own: the one before may still be on the bus while its last call comes back. */
  g_autofree char *id = g_strdup_printf ("dev.airails.Airails.Test%u", ++serial);
  g_autoptr (GError) error = NULL;

  self->application = air_application_new (id, G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (self->application), NULL, &error);
  g_assert_no_error (error);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  self->runtime = runtime_double_new ();
  self->refunded = g_strdup (runtime_double_add_refunded (self->runtime, "#W2611340", 6499));
  self->failed = g_strdup (runtime_double_add_failed (self->runtime, "#W9911714", 8120));
  self->medium = g_strdup (runtime_double_add_waiting (self->runtime, "#W3947049", 45019, 1));
  self->large = g_strdup (runtime_double_add_waiting (self->runtime, "#W4817420", 214950, 2));
  self->window = air_window_new (ADW_APPLICATION (self->application));
  gtk_window_present (GTK_WINDOW (self->window));
  app_driver_settle (self);
  return self;
}

void
app_driver_free (AppDriver *self)
{
  air_connection_close (air_window_get_connection (self->window));
  app_driver_settle (self);
  gtk_window_destroy (GTK_WINDOW (self->window));
  app_driver_settle (self);
  runtime_double_free (self->runtime);
  g_application_quit (G_APPLICATION (self->application));
  g_object_unref (self->application);
  g_free (self->refunded);
  g_free (self->failed);
  g_free (self->medium);
  g_free (self->large);
  g_free (self);
}

static gboolean
done_cb (gpointer done)
{
  *(gboolean *) done = TRUE;
  return G_SOURCE_REMOVE;
}

void
app_driver_wait (AppDriver *self, guint ms)
{
  gboolean done = FALSE;

  g_timeout_add (ms, done_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

/* Quiet for a while: nothing asked of the server, nothing left to draw. */
void
app_driver_settle (AppDriver *self)
{
  app_driver_wait (self, 250);
}

void
app_driver_connect (AppDriver *self, const char *profile_path)
{
  AirConnection *connection = air_window_get_connection (self->window);

  air_window_connect (self->window,
                      profile_path != NULL ? profile_path : runtime_double_get_profile_path (self->runtime));
  while (air_connection_get_state (connection) == AIR_CONNECTION_OPENING)
    g_main_context_iteration (NULL, TRUE);
  app_driver_settle (self);
}

AdwDialog *
app_driver_dialog (AppDriver *self)
{
  return adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self->window));
}

static gboolean
has_text (GtkWidget *widget, const char *text)
{
  const char *own = NULL;

  if (GTK_IS_LABEL (widget))
    own = gtk_label_get_text (GTK_LABEL (widget));
  else if (GTK_IS_BUTTON (widget))
    own = gtk_button_get_label (GTK_BUTTON (widget));
  else if (ADW_IS_PREFERENCES_ROW (widget))
    own = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget));
  else if (ADW_IS_STATUS_PAGE (widget))
    own = adw_status_page_get_title (ADW_STATUS_PAGE (widget));
  return own != NULL && strstr (own, text) != NULL;
}

GtkWidget *
app_driver_find (GtkWidget *root, GType type, const char *text)
{
  if (!gtk_widget_get_mapped (root))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (root), type) && (text == NULL || has_text (root, text)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = app_driver_find (child, type, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

gboolean
app_driver_shows (GtkWidget *root, const char *text)
{
  return app_driver_find (root, GTK_TYPE_LABEL, text) != NULL;
}

void
app_driver_until_shows (AppDriver *self, GtkWidget *root, const char *text)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!app_driver_shows (root, text))
    {
      if (g_get_monotonic_time () > until)
        g_error ("\"%s\" is not shown", text);
      app_driver_settle (self);
    }
}
