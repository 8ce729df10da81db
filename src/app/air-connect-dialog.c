/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-connect-dialog.h"

#include <glib/gi18n.h>

#include "app/air-rows.h"

struct _AirConnectDialog {
  AdwDialog parent_instance;
  AdwActionRow *profile_row;
  AdwPreferencesGroup *summary_group;
  GtkWidget *rows[4]; /* of the summary, NULL where there is none */
  AirConnection *connection;
  GCancellable *cancellable;
  char *path;
};

G_DEFINE_FINAL_TYPE (AirConnectDialog, air_connect_dialog, ADW_TYPE_DIALOG)

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  AirClientProfile *profile = air_client_profile_load (data, &error);

  if (profile == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, profile, (GDestroyNotify) air_client_profile_unref);
}

static void
put_row (AirConnectDialog *self, guint index, GtkWidget *row)
{
  if (self->rows[index] != NULL)
    adw_preferences_group_remove (self->summary_group, self->rows[index]);
  self->rows[index] = row;
  if (row != NULL)
    adw_preferences_group_add (self->summary_group, row);
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  AirConnectDialog *self = AIR_CONNECT_DIALOG (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirClientProfile) profile = g_task_propagate_pointer (G_TASK (result), &error);
  const char *key;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (self->rows); i++)
    put_row (self, i, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->summary_group), TRUE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.connect", profile != NULL);
  if (profile == NULL)
    {
      GtkWidget *row = air_row_new_check (FALSE, _ ("This is no usable profile"), error->message);

      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
      put_row (self, 0, row);
      return;
    }
  key = air_client_profile_get_decision_key (profile);
  put_row (self, 0, air_row_new_property (_ ("Runtime"), air_client_profile_get_url (profile)));
  put_row (self, 1, air_row_new_property (_ ("Your certificate"), air_client_profile_get_certificate (profile)));
  put_row (
      self, 2,
      air_row_new_property (_ ("Your decision key"), key != NULL ? key : _ ("None: you can look, but not decide")));
  put_row (self, 3,
           air_row_new_property (_ ("Ledger’s key"), air_client_profile_get_ledger_key (profile) != NULL
                                                         ? _ ("Pinned")
                                                         : _ ("Not pinned: taken from the runtime")));
}

/**
 * air_connect_dialog_set_profile:
 * @self: a dialog
 * @path: of a profile, which is read in a thread
 */
void
air_connect_dialog_set_profile (AirConnectDialog *self, const char *path)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *name = g_path_get_basename (path);

  g_cancellable_cancel (self->cancellable);
  g_set_object (&self->cancellable, NULL);
  self->cancellable = g_cancellable_new ();
  g_set_str (&self->path, path);
  adw_action_row_set_subtitle (self->profile_row, name);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.connect", FALSE);
  task = g_task_new (self, self->cancellable, loaded_cb, NULL);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, load_thread);
}

static void
chosen_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirConnectDialog) self = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (file != NULL && g_file_peek_path (file) != NULL)
    air_connect_dialog_set_profile (self, g_file_peek_path (file));
}

static void
choose_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Profiles"));
  gtk_file_filter_add_suffix (filter, "json");
  gtk_file_dialog_set_title (dialog, _ ("Choose a Profile"));
  gtk_file_dialog_set_default_filter (dialog, filter);
  gtk_file_dialog_open (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL, chosen_cb, g_object_ref (widget));
}

static void
connect_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirConnectDialog *self = AIR_CONNECT_DIALOG (widget);

  air_connection_open (self->connection, self->path);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
cancel_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_dialog_close (ADW_DIALOG (widget));
}

static void
air_connect_dialog_dispose (GObject *object)
{
  AirConnectDialog *self = AIR_CONNECT_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->path, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_CONNECT_DIALOG);
  G_OBJECT_CLASS (air_connect_dialog_parent_class)->dispose (object);
}

static void
air_connect_dialog_class_init (AirConnectDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_connect_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/connect-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AirConnectDialog, profile_row);
  gtk_widget_class_bind_template_child (widget_class, AirConnectDialog, summary_group);
  gtk_widget_class_install_action (widget_class, "dialog.choose", NULL, choose_cb);
  gtk_widget_class_install_action (widget_class, "dialog.connect", NULL, connect_cb);
  gtk_widget_class_install_action (widget_class, "dialog.cancel", NULL, cancel_cb);
}

static void
air_connect_dialog_init (AirConnectDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.connect", FALSE);
}

/**
 * air_connect_dialog_new:
 * @connection: what is opened
 *
 * Returns: (transfer floating): the dialog
 */
AdwDialog *
air_connect_dialog_new (AirConnection *connection)
{
  AirConnectDialog *self = g_object_new (AIR_TYPE_CONNECT_DIALOG, NULL);

  self->connection = g_object_ref (connection);
  return ADW_DIALOG (self);
}
