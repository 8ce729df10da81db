/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-window.h"

#include <glib/gi18n.h>

#include "app/air-connect-dialog.h"
#include "app/air-connection-banner.h"
#include "app/air-format.h"
#include "app/air-gates-page.h"
#include "app/air-inspector.h"
#include "app/air-proofs-page.h"
#include "app/air-runs-page.h"
#include "app/air-workflow-page.h"

struct _AirWindow {
  AdwApplicationWindow parent_instance;
  AdwToastOverlay *toasts;
  AdwNavigationSplitView *split;
  AdwNavigationPage *content_page;
  GtkStack *pages;
  GtkListBox *sidebar_list;
  GtkWidget *connection_button;
  GtkImage *connection_icon;
  GtkLabel *connection_name;
  GtkLabel *connection_detail;
  GtkWidget *gates_count;
  AirConnection *connection;
  AirGateList *gates;
  GSettings *settings;
};

G_DEFINE_FINAL_TYPE (AirWindow, air_window, ADW_TYPE_APPLICATION_WINDOW)

/* Only pages that do their work. */
static const struct {
  const char *name;
  const char *section; /* of this and the following ones */
  const char *title;
  const char *icon;
} page_list[] = {
  { "workflows", NC_ ("sidebar section", "Studio"), NC_ ("page", "Workflows"),
    "dev.airails.Airails-workflow-symbolic" },
  { "approvals", NC_ ("sidebar section", "Operate"), NC_ ("page", "Approvals"), "dev.airails.Airails-gate-symbolic" },
  { "runs", NULL, NC_ ("page", "Runs"), "media-playback-start-symbolic" },
  { "proofs", NC_ ("sidebar section", "Govern"), NC_ ("page", "Proofs"), "dev.airails.Airails-proof-symbolic" },
};

/* --- sidebar ------------------------------------------------------------ */

static void
header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  const char *section = page_list[gtk_list_box_row_get_index (row)].section;
  GtkWidget *label;

  if (section == NULL)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  label = gtk_label_new (g_dpgettext2 (NULL, "sidebar section", section));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_widget_add_css_class (label, "dimmed");
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_top (label, before != NULL ? 12 : 6);
  gtk_widget_set_margin_bottom (label, 4);
  gtk_list_box_row_set_header (row, label);
}

static void
fill_sidebar (AirWindow *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (page_list); i++)
    {
      GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
      GtkWidget *label = gtk_label_new (g_dpgettext2 (NULL, "page", page_list[i].title));

      gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (page_list[i].icon));
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (label, TRUE);
      gtk_box_append (GTK_BOX (box), label);
      if (g_str_equal (page_list[i].name, "approvals"))
        {
          self->gates_count = gtk_label_new (NULL);
          gtk_widget_add_css_class (self->gates_count, "numeric");
          gtk_widget_add_css_class (self->gates_count, "heading");
          gtk_widget_set_visible (self->gates_count, FALSE);
          gtk_box_append (GTK_BOX (box), self->gates_count);
        }
      gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
      gtk_accessible_update_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);
      gtk_list_box_append (self->sidebar_list, row);
    }
  gtk_list_box_set_header_func (self->sidebar_list, header_cb, NULL, NULL);
}

static void
row_activated_cb (AirWindow *self, GtkListBoxRow *row)
{
  air_window_show_page (self, page_list[gtk_list_box_row_get_index (row)].name);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}

/* --- the connection ----------------------------------------------------- */

static void
update_count (AirWindow *self)
{
  guint n = self->gates != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->gates)) : 0;
  g_autofree char *text = g_strdup_printf ("%u", n),
                  *words = g_strdup_printf (ngettext ("%u request waits", "%u requests wait", n), n);

  gtk_label_set_text (GTK_LABEL (self->gates_count), text);
  gtk_widget_set_visible (self->gates_count, n > 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->gates_count), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
connection_changed_cb (AirWindow *self)
{
  AirConnectionState state = air_connection_get_state (self->connection);
  const char *name = air_connection_get_name (self->connection),
             *identity = air_connection_get_identity (self->connection);
  gboolean lost = state == AIR_CONNECTION_OPEN && air_connection_get_error (self->connection) != NULL;
  g_autofree char *person = air_format_person (identity), *detail = NULL, *spoken = NULL;

  if (lost)
    detail = g_strdup (_ ("Connection lost"));
  else if (identity != NULL)
    /* Translators: %s is the name of the person who is connected */
    detail = g_strdup_printf (_ ("as %s"), person);
  else if (state == AIR_CONNECTION_FAILED)
    detail = g_strdup (_ ("The last try failed"));
  gtk_label_set_text (self->connection_name, state == AIR_CONNECTION_OPENING ? _ ("Connecting…")
                                             : name != NULL                  ? name
                                                                             : _ ("Not Connected"));
  gtk_label_set_text (self->connection_detail, detail);
  gtk_widget_set_tooltip_text (self->connection_button, identity != NULL ? identity : _ ("Connect to a Runtime"));
  gtk_widget_set_visible (GTK_WIDGET (self->connection_detail), detail != NULL);
  gtk_image_set_from_icon_name (self->connection_icon, lost || state == AIR_CONNECTION_FAILED
                                                           ? "dialog-warning-symbolic"
                                                       : state == AIR_CONNECTION_OPEN ? "network-server-symbolic"
                                                                                      : "network-offline-symbolic");
  spoken = g_strdup_printf ("%s, %s", gtk_label_get_text (self->connection_name), detail != NULL ? detail : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->connection_button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.disconnect", state != AIR_CONNECTION_CLOSED);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.refresh", state == AIR_CONNECTION_OPEN);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.retry", lost || state == AIR_CONNECTION_FAILED);
}

static void
state_changed_cb (AirWindow *self)
{
  AirGateList *gates = air_connection_get_gates (self->connection);
  AirWorkflow *workflow = air_connection_get_workflow (self->connection);

  if (gates != self->gates)
    {
      if (self->gates != NULL)
        g_signal_handlers_disconnect_by_data (self->gates, self);
      g_set_object (&self->gates, gates);
      if (gates != NULL)
        g_signal_connect_object (gates, "notify::n-items", G_CALLBACK (update_count), self, G_CONNECT_SWAPPED);
      update_count (self);
    }
  if (air_connection_get_state (self->connection) == AIR_CONNECTION_OPEN && workflow != NULL)
    air_workflow_page_set_workflow (AIR_WORKFLOW_PAGE (air_window_get_page (self, "workflows")), workflow,
                                    air_connection_get_plan (self->connection),
                                    air_connection_get_name (self->connection));
}

/* --- actions ------------------------------------------------------------ */

static void
show_page_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  air_window_show_page (AIR_WINDOW (widget), g_variant_get_string (parameter, NULL));
  adw_navigation_split_view_set_show_content (AIR_WINDOW (widget)->split, TRUE);
}

static void
connect_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_dialog_present (air_connect_dialog_new (AIR_WINDOW (widget)->connection), widget);
}

static void
disconnect_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirWindow *self = AIR_WINDOW (widget);

  air_connection_close (self->connection);
  air_workflow_page_set_workflow (AIR_WORKFLOW_PAGE (air_window_get_page (self, "workflows")), NULL, NULL, NULL);
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  air_connection_retry (AIR_WINDOW (widget)->connection);
}

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirConnection *connection = AIR_WINDOW (widget)->connection;

  air_connection_retry (connection);
  air_gate_list_refresh (air_connection_get_gates (connection));
  air_run_list_refresh (air_connection_get_runs (connection));
}

static void
toast_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_toast_overlay_add_toast (AIR_WINDOW (widget)->toasts, adw_toast_new (g_variant_get_string (parameter, NULL)));
}

static void
open_link_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  air_window_open_link (AIR_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirWindow) self = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (file != NULL)
    air_window_open_workflow (self, file);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Workflows"));
  gtk_file_filter_add_pattern (filter, "*.workflow.json");
  gtk_file_dialog_set_title (dialog, _ ("Open a Workflow"));
  gtk_file_dialog_set_default_filter (dialog, filter);
  gtk_file_dialog_open (dialog, GTK_WINDOW (widget), NULL, opened_cb, g_object_ref (widget));
}

/* A pane is what a person would call one: the sidebar, a list, what is beside it, the details of a step. */
static void
add_panes (GtkWidget *widget, GPtrArray *panes)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (ADW_IS_TOOLBAR_VIEW (widget) || AIR_IS_INSPECTOR (widget))
    g_ptr_array_add (panes, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    add_panes (child, panes);
}

/* Into what a pane is for, and not its header. */
static gboolean
focus_pane (GtkWidget *pane)
{
  GtkWidget *content = ADW_IS_TOOLBAR_VIEW (pane) ? adw_toolbar_view_get_content (ADW_TOOLBAR_VIEW (pane)) : pane;

  return (content != NULL && gtk_widget_child_focus (content, GTK_DIR_TAB_FORWARD))
         || gtk_widget_child_focus (pane, GTK_DIR_TAB_FORWARD);
}

static void
pane_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GPtrArray) panes = g_ptr_array_new ();
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (widget));
  int step = g_str_equal (name, "win.next-pane") ? 1 : -1, at = -1;

  add_panes (widget, panes);
  /* Panes stand in panes; the innermost one has the focus. */
  for (guint i = 0; focus != NULL && i < panes->len; i++)
    if (focus == panes->pdata[i] || gtk_widget_is_ancestor (focus, panes->pdata[i]))
      at = (int) i;
  for (guint i = 0, n = panes->len; i < n; i++)
    {
      at = ((at < 0 && step < 0 ? 0 : at) + step + (int) n) % (int) n;
      if (focus_pane (panes->pdata[at]))
        return;
    }
}

static void
help_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/dev/airails/Airails/ui/help-overlay.ui");
  GtkWindow *help = GTK_WINDOW (gtk_builder_get_object (builder, "help_overlay"));

  gtk_window_set_transient_for (help, GTK_WINDOW (widget));
  gtk_window_present (help);
}

/* --- object ------------------------------------------------------------- */

static gboolean
air_window_close_request (GtkWindow *window)
{
  AirWindow *self = AIR_WINDOW (window);
  int width, height;

  if (self->settings != NULL)
    {
      gtk_window_get_default_size (window, &width, &height);
      g_settings_set (self->settings, "window-size", "(ii)", width, height);
      g_settings_set_boolean (self->settings, "window-maximized", gtk_window_is_maximized (window));
    }
  air_connection_close (self->connection);
  return GTK_WINDOW_CLASS (air_window_parent_class)->close_request (window);
}

static void
air_window_dispose (GObject *object)
{
  AirWindow *self = AIR_WINDOW (object);

  if (self->connection != NULL)
    air_connection_close (self->connection);
  g_clear_object (&self->gates);
  g_clear_object (&self->connection);
  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_WINDOW);
  G_OBJECT_CLASS (air_window_parent_class)->dispose (object);
}

static void
air_window_class_init (AirWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const digits[] = { "1", "2", "3", "4" };

  G_OBJECT_CLASS (klass)->dispose = air_window_dispose;
  g_type_ensure (AIR_TYPE_CONNECTION_BANNER);
  GTK_WINDOW_CLASS (klass)->close_request = air_window_close_request;
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, AirWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, split);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, content_page);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, sidebar_list);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, connection_button);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, connection_icon);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, connection_name);
  gtk_widget_class_bind_template_child (widget_class, AirWindow, connection_detail);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", show_page_action);
  gtk_widget_class_install_action (widget_class, "win.connect", NULL, connect_action);
  gtk_widget_class_install_action (widget_class, "win.disconnect", NULL, disconnect_action);
  gtk_widget_class_install_action (widget_class, "win.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "win.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "win.open", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_action);
  gtk_widget_class_install_action (widget_class, "win.next-pane", NULL, pane_action);
  gtk_widget_class_install_action (widget_class, "win.previous-pane", NULL, pane_action);
  gtk_widget_class_install_action (widget_class, "win.open-link", "s", open_link_action);
  gtk_widget_class_install_action (widget_class, "win.show-help-overlay", NULL, help_action);
  for (gsize i = 0; i < G_N_ELEMENTS (page_list); i++)
    gtk_widget_class_add_binding_action (widget_class, (guint) digits[i][0], GDK_ALT_MASK, "win.show-page", "s",
                                         page_list[i].name);
}

static GSettings *
settings_if_installed (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, AIR_APP_ID, TRUE) : NULL;

  return schema != NULL ? g_settings_new (AIR_APP_ID) : NULL;
}

static void
air_window_init (AirWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->connection = air_connection_new ();
  self->settings = settings_if_installed ();
  if (self->settings != NULL)
    {
      int width, height;

      g_settings_get (self->settings, "window-size", "(ii)", &width, &height);
      gtk_window_set_default_size (GTK_WINDOW (self), width, height);
      if (g_settings_get_boolean (self->settings, "window-maximized"))
        gtk_window_maximize (GTK_WINDOW (self));
    }
  gtk_stack_add_named (self->pages, g_object_new (AIR_TYPE_WORKFLOW_PAGE, NULL), "workflows");
  gtk_stack_add_named (self->pages, air_gates_page_new (self->connection), "approvals");
  gtk_stack_add_named (self->pages, air_runs_page_new (self->connection), "runs");
  gtk_stack_add_named (self->pages, air_proofs_page_new (self->connection), "proofs");
  fill_sidebar (self);
  g_signal_connect_object (self->connection, "notify", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::state", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  connection_changed_cb (self);
  air_window_show_page (self, "workflows");
}

/**
 * air_window_new:
 * @application: whose window it is
 *
 * Returns: (transfer none): the window, not connected; GTK owns it until it is closed
 */
AirWindow *
air_window_new (AdwApplication *application)
{
  return g_object_new (AIR_TYPE_WINDOW, "application", application, NULL);
}

/**
 * air_window_get_connection:
 * @self: a window
 *
 * Returns: (transfer none): what its pages look at
 */
AirConnection *
air_window_get_connection (AirWindow *self)
{
  return self->connection;
}

/**
 * air_window_show_page:
 * @self: a window
 * @name: "workflows", "approvals", "runs" or "proofs"
 */
void
air_window_show_page (AirWindow *self, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (page_list); i++)
    if (g_strcmp0 (page_list[i].name, name) == 0)
      {
        gtk_list_box_select_row (self->sidebar_list, gtk_list_box_get_row_at_index (self->sidebar_list, (int) i));
        gtk_stack_set_visible_child_name (self->pages, name);
        adw_navigation_page_set_title (self->content_page, g_dpgettext2 (NULL, "page", page_list[i].title));
      }
}

/**
 * air_window_get_page:
 * @self: a window
 * @name: as air_window_show_page()
 *
 * Returns: (transfer none) (nullable): the page, shown or not
 */
GtkWidget *
air_window_get_page (AirWindow *self, const char *name)
{
  return gtk_stack_get_child_by_name (self->pages, name);
}

/**
 * air_window_connect:
 * @self: a window
 * @profile_path: of a profile
 *
 * As air_connection_open().
 */
void
air_window_connect (AirWindow *self, const char *profile_path)
{
  air_connection_open (self->connection, profile_path);
}

/* --- files and links ---------------------------------------------------- */

static void
show_alert (AirWindow *self, const char *heading, const char *body)
{
  AdwDialog *dialog = adw_alert_dialog_new (heading, body);

  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"));
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirWindow) self = user_data;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (object));
  gsize length;
  const char *text;

  bytes = g_file_load_bytes_finish (G_FILE (object), result, NULL, &error);
  if (bytes != NULL)
    {
      text = g_bytes_get_data (bytes, &length);
      workflow = air_workflow_load (text, length, name, &error);
    }
  if (workflow == NULL)
    {
      show_alert (self, _ ("The Workflow Cannot Be Opened"), error->message);
      return;
    }
  air_workflow_page_set_workflow (AIR_WORKFLOW_PAGE (air_window_get_page (self, "workflows")), workflow, NULL, name);
  air_window_show_page (self, "workflows");
}

/**
 * air_window_open_workflow:
 * @self: a window
 * @file: a workflow's source, which is read without blocking
 *
 * Shows it, without a runtime; a file that is no workflow is told in a dialog.
 */
void
air_window_open_workflow (AirWindow *self, GFile *file)
{
  g_file_load_bytes_async (file, NULL, read_cb, g_object_ref (self));
}

/**
 * air_window_open_link:
 * @self: a window
 * @uri: airails://gate/<run>/<node>, airails://run/<run>, airails://entry/<number>
 *
 * Returns: %FALSE, and nothing shown, when it is anything else
 */
gboolean
air_window_open_link (AirWindow *self, const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  g_auto (GStrv) parts = NULL;
  const char *kind;

  if (parsed == NULL || g_strcmp0 (g_uri_get_scheme (parsed), "airails") != 0)
    return FALSE;
  kind = g_uri_get_host (parsed);
  parts = g_strsplit (g_uri_get_path (parsed) + (g_uri_get_path (parsed)[0] == '/'), "/", 3);
  if (g_strcmp0 (kind, "gate") == 0 && g_strv_length (parts) == 2)
    {
      air_window_show_page (self, "approvals");
      air_gates_page_show (AIR_GATES_PAGE (air_window_get_page (self, "approvals")), parts[0], parts[1]);
    }
  else if (g_strcmp0 (kind, "run") == 0 && g_strv_length (parts) == 1)
    {
      air_window_show_page (self, "runs");
      air_runs_page_show (AIR_RUNS_PAGE (air_window_get_page (self, "runs")), parts[0]);
    }
  else if (g_strcmp0 (kind, "entry") == 0 && g_strv_length (parts) == 1)
    {
      air_window_show_page (self, "proofs");
      air_proofs_page_look_up (AIR_PROOFS_PAGE (air_window_get_page (self, "proofs")), parts[0]);
    }
  else
    return FALSE;
  adw_navigation_split_view_set_show_content (self->split, TRUE);
  return TRUE;
}
