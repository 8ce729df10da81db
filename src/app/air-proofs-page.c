/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-proofs-page.h"

#include <glib/gi18n.h>

#include "app/air-format.h"
#include "app/air-rows.h"
#include "base/air-clock.h"
#include "app/air-run-state.h"

#define VERIFY_DELAY_MS 1000

struct _AirProofsPage {
  AdwBin parent_instance;
  GtkStack *stack;
  GtkBox *head_box;
  AdwEntryRow *index_row;
  GtkBox *result_box;
  AirConnection *connection;
  AirClient *client; /* whose head is shown */
  GCancellable *head_cancellable;
  GCancellable *lookup_cancellable;
  guint verify_source;
};

G_DEFINE_FINAL_TYPE (AirProofsPage, air_proofs_page, ADW_TYPE_BIN)

static void
show_busy (GtkBox *box)
{
  GtkWidget *spinner = adw_spinner_new ();

  air_box_clear (box);
  gtk_widget_set_size_request (spinner, 24, 24);
  gtk_box_append (box, spinner);
}

static void
show_failure (GtkBox *box, const GError *error)
{
  air_box_clear (box);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  gtk_box_append (box, air_alarm_group_new (g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED)
                                                ? _ ("The ledger does not hold what it should")
                                                : _ ("It could not be verified"),
                                            error->message));
}

/* --- the head ----------------------------------------------------------- */

static void
head_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirProofsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirLedgerHead) head = air_client_get_head_finish (AIR_CLIENT (object), result, &error);

  if (head == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_failure (self->head_box, error);
      return;
    }
  air_box_clear (self->head_box);
  gtk_box_append (self->head_box, air_head_group_new (head, air_clock_now_us (air_clock_system ())));
}

static void
verify (AirProofsPage *self)
{
  g_cancellable_cancel (self->head_cancellable);
  g_clear_object (&self->head_cancellable);
  if (self->client == NULL)
    return;
  self->head_cancellable = g_cancellable_new ();
  if (gtk_widget_get_first_child (GTK_WIDGET (self->head_box)) == NULL)
    show_busy (self->head_box);
  air_client_get_head_async (self->client, self->head_cancellable, head_cb, g_object_ref (self));
}

static gboolean
verify_cb (gpointer user_data)
{
  AirProofsPage *self = user_data;

  self->verify_source = 0;
  verify (self);
  return G_SOURCE_REMOVE;
}

/* The ledger grew; who looks at its head sees the new one, once a second at most. */
static void
head_event_cb (AirProofsPage *self)
{
  if (self->verify_source == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->verify_source = g_timeout_add (VERIFY_DELAY_MS, verify_cb, self);
}

static void
air_proofs_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (air_proofs_page_parent_class)->map (widget);
  verify (AIR_PROOFS_PAGE (widget));
}

/* --- looking up --------------------------------------------------------- */

static void
receipt_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirProofsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirReceipt) receipt = air_client_get_receipt_finish (AIR_CLIENT (object), result, &error);
  g_autofree char *title = NULL, *index = NULL;

  if (receipt == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_failure (self->result_box, error);
      return;
    }
  air_box_clear (self->result_box);
  index = air_format_count (receipt->index);
  /* Translators: the number of an entry in the ledger, and its type as it stands there */
  title = g_strdup_printf (_ ("Entry %s: %s"), index, air_map_get_string (receipt->members, "type"));
  gtk_box_append (self->result_box, air_receipt_group_new (receipt, title));
}

static void
entry_clicked_cb (AdwActionRow *row, AirProofsPage *self)
{
  guint64 index = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (row), "index"));
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, index);

  air_proofs_page_look_up (self, text);
}

static void
entries_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirProofsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) document = air_client_get_finish (AIR_CLIENT (object), result, &error);
  AirValue *items = document != NULL ? air_map_get_list (document, "items") : NULL;
  g_autoptr (AirRunState) state =
      items != NULL ? air_run_state_new (air_connection_get_workflow (self->connection), items, &error) : NULL;
  GtkWidget *group;
  GListModel *entries;

  if (state == NULL)
    {
      if (error == NULL)
        g_set_error_literal (&error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL,
                             _ ("The runtime’s answer has no entries."));
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_failure (self->result_box, error);
      return;
    }
  entries = air_run_state_get_entries (state);
  group = air_group_new (_ ("Entries of This Run"), air_run_state_is_closed (state)
                                                        ? _ ("The chain has no gap, and its last entry closes it.")
                                                        : _ ("The chain has no gap; the run is not closed yet."));
  for (guint i = 0; i < g_list_model_get_n_items (entries); i++)
    {
      g_autoptr (AirRunEntry) entry = g_list_model_get_item (entries, i);
      g_autofree char *index = air_format_count (air_run_entry_get_index (entry));
      g_autofree char *title =
          g_strdup_printf (C_ ("entry number and words", "%s. %s"), index, air_run_entry_get_title (entry));
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), air_run_entry_get_detail (entry));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_object_set_data (G_OBJECT (row), "index", GSIZE_TO_POINTER (air_run_entry_get_index (entry)));
      g_signal_connect_object (row, "activated", G_CALLBACK (entry_clicked_cb), self, 0);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  air_box_clear (self->result_box);
  gtk_box_append (self->result_box, group);
}

/**
 * air_proofs_page_look_up:
 * @self: a page
 * @text: the number of an entry, or the id of a run
 */
void
air_proofs_page_look_up (AirProofsPage *self, const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  guint64 index;

  g_cancellable_cancel (self->lookup_cancellable);
  g_clear_object (&self->lookup_cancellable);
  if (self->client == NULL || *stripped == '\0')
    return;
  self->lookup_cancellable = g_cancellable_new ();
  show_busy (self->result_box);
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->index_row)), stripped) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->index_row), stripped);
  if (g_ascii_string_to_unsigned (stripped, 10, 0, G_MAXINT64, &index, NULL))
    air_client_get_receipt_async (self->client, index, self->lookup_cancellable, receipt_cb, g_object_ref (self));
  else
    {
      g_autofree char *path = air_client_run_path (stripped, "entries");

      air_client_get_async (self->client, path, self->lookup_cancellable, entries_cb, g_object_ref (self));
    }
}

static void
lookup_cb (AirProofsPage *self)
{
  air_proofs_page_look_up (self, gtk_editable_get_text (GTK_EDITABLE (self->index_row)));
}

static void
verify_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  verify (AIR_PROOFS_PAGE (widget));
}

static void
connection_changed_cb (AirProofsPage *self)
{
  AirClient *client = air_connection_get_client (self->connection);

  gtk_stack_set_visible_child_name (self->stack, client != NULL ? "proofs" : "disconnected");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "proofs.verify", client != NULL);
  if (client == self->client)
    return;
  g_set_object (&self->client, client);
  air_box_clear (self->result_box);
  air_box_clear (self->head_box);
  if (client != NULL)
    g_signal_connect_object (air_connection_get_stream (self->connection), "event::head", G_CALLBACK (head_event_cb),
                             self, G_CONNECT_SWAPPED);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    verify (self);
}

static void
air_proofs_page_dispose (GObject *object)
{
  AirProofsPage *self = AIR_PROOFS_PAGE (object);

  g_clear_handle_id (&self->verify_source, g_source_remove);
  g_cancellable_cancel (self->head_cancellable);
  g_cancellable_cancel (self->lookup_cancellable);
  g_clear_object (&self->head_cancellable);
  g_clear_object (&self->lookup_cancellable);
  g_clear_object (&self->client);
  g_clear_object (&self->connection);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_PROOFS_PAGE);
  G_OBJECT_CLASS (air_proofs_page_parent_class)->dispose (object);
}

static void
air_proofs_page_class_init (AirProofsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_proofs_page_dispose;
  widget_class->map = air_proofs_page_map;
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/proofs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirProofsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirProofsPage, head_box);
  gtk_widget_class_bind_template_child (widget_class, AirProofsPage, index_row);
  gtk_widget_class_bind_template_child (widget_class, AirProofsPage, result_box);
  gtk_widget_class_bind_template_callback (widget_class, lookup_cb);
  gtk_widget_class_install_action (widget_class, "proofs.verify", NULL, verify_action_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_u, GDK_CONTROL_MASK, "proofs.verify", NULL);
}

static void
air_proofs_page_init (AirProofsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * air_proofs_page_new:
 * @connection: whom it shows
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
air_proofs_page_new (AirConnection *connection)
{
  AirProofsPage *self = g_object_new (AIR_TYPE_PROOFS_PAGE, NULL);

  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
  connection_changed_cb (self);
  return GTK_WIDGET (self);
}
