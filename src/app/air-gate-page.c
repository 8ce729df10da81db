/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-gate-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/air-gate-view.h"
#include "app/air-rows.h"
#include "app/air-workflow-scene.h"
#include "base/air-clock.h"
#include "canvas/air-canvas.h"

struct _AirGatePage {
  AdwBin parent_instance;
  AdwWindowTitle *title;
  GtkStack *stack;
  AdwStatusPage *error_page;
  GtkScrolledWindow *scroller;
  GtkBox *receipt_box;
  GtkBox *effect_box;
  GtkBox *why_box;
  AirCanvas *canvas;
  GtkWidget *decision_group;
  AdwEntryRow *reason_row;
  GtkWidget *buttons_box;
  GtkLabel *forbidden_label;
  GtkWidget *busy;
  GtkBox *proof_box;

  AirConnection *connection;
  AirGate *gate;
  char *run;
  char *node;
  gboolean decided; /* here, now: the receipt stays until another request is shown */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (AirGatePage, air_gate_page, ADW_TYPE_BIN)

static void load (AirGatePage *self, gboolean quietly);

/* --- showing ------------------------------------------------------------ */

/* A button that may not be pressed says why, in words beside it. */
static void
update_buttons (AirGatePage *self, gboolean busy)
{
  const char *reason = NULL;
  gboolean may = self->gate != NULL && !self->decided && air_gate_may_decide (self->gate, &reason);

  if (may && !air_connection_can_sign (self->connection))
    {
      may = FALSE;
      reason = _ ("Your profile names no decision key, so nothing can be signed here.");
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.approve", may && !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.deny", may && !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->reason_row), may && !busy);
  gtk_widget_set_visible (self->busy, busy);
  gtk_widget_set_visible (self->decision_group, !self->decided && may);
  gtk_widget_set_visible (self->buttons_box, !self->decided);
  gtk_widget_set_visible (GTK_WIDGET (self->forbidden_label), !may && !self->decided);
  gtk_label_set_text (self->forbidden_label, reason != NULL ? reason : _ ("You may not decide this request."));
}

static void
show_canvas (AirGatePage *self)
{
  AirWorkflow *workflow = air_connection_get_workflow (self->connection);
  g_autoptr (AirScene) scene = workflow != NULL ? air_workflow_scene_new (workflow) : NULL;
  g_autofree char *node = air_workflow_scene_dup_node (self->node);

  air_canvas_set_scene (self->canvas, scene);
  air_canvas_set_centre (self->canvas, node);
  air_canvas_set_auto_fit (self->canvas, TRUE);
  air_canvas_set_status (self->canvas, node, AIR_NODE_STATUS_WAITING);
  air_canvas_set_selected (self->canvas, node);
}

static void
show_gate (AirGatePage *self)
{
  g_autofree char *line = air_gate_view_to_line (self->gate);

  air_box_clear (self->effect_box);
  air_box_clear (self->why_box);
  air_box_clear (self->proof_box);
  adw_window_title_set_title (self->title, line);
  adw_window_title_set_subtitle (self->title, self->run);
  air_gate_view_add_effects (self->effect_box, self->gate);
  air_gate_view_add_reasons (self->why_box, self->gate, air_connection_get_plan (self->connection),
                             air_clock_now_us (air_clock_system ()));
  air_gate_view_add_proof (self->proof_box, self->gate);
  show_canvas (self);
  update_buttons (self, FALSE);
  gtk_stack_set_visible_child_name (self->stack, "gate");
}

static void
show_error (AirGatePage *self, const GError *error)
{
  g_autofree char *escaped = g_markup_escape_text (error->message, -1);

  adw_status_page_set_title (self->error_page, g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_UNVERIFIED)
                                                   ? _ ("This Request Does Not Agree With Its Ledger Entry")
                                                   : _ ("This Request Cannot Be Shown"));
  adw_status_page_set_description (self->error_page, escaped);
  gtk_stack_set_visible_child_name (self->stack, "error");
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirGatePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGate) gate = air_client_get_gate_finish (AIR_CLIENT (object), result, &error);

  if (gate == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_error (self, error);
      return;
    }
  g_clear_pointer (&self->gate, air_gate_unref);
  self->gate = g_steal_pointer (&gate);
  show_gate (self);
}

static void
load (AirGatePage *self, gboolean quietly)
{
  AirClient *client = air_connection_get_client (self->connection);

  g_cancellable_cancel (self->cancellable);
  g_set_object (&self->cancellable, NULL);
  if (client == NULL || self->run == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      return;
    }
  self->cancellable = g_cancellable_new ();
  if (!quietly)
    gtk_stack_set_visible_child_name (self->stack, "loading");
  air_client_get_gate_async (client, self->run, self->node, self->cancellable, loaded_cb, g_object_ref (self));
}

/* Somebody else decided, or the request changed: what is shown must be what would be signed. */
static void
gate_event_cb (AirGatePage *self, const char *name, AirValue *data, AirEventStream *stream)
{
  const char *gate = air_map_get_string (data, "gate");

  if (gate == NULL)
    gate = air_map_get_string (data, "id");
  if (self->gate != NULL && !self->decided && g_strcmp0 (gate, air_gate_get_id (self->gate)) == 0)
    load (self, TRUE);
}

static void
connection_changed_cb (AirGatePage *self)
{
  AirEventStream *stream = air_connection_get_stream (self->connection);

  if (stream != NULL && !g_object_get_data (G_OBJECT (stream), "gate-page"))
    {
      g_object_set_data (G_OBJECT (stream), "gate-page", self);
      g_signal_connect_object (stream, "event::gate", G_CALLBACK (gate_event_cb), self, G_CONNECT_SWAPPED);
    }
  if (air_connection_get_state (self->connection) == AIR_CONNECTION_CLOSED)
    air_gate_page_show (self, NULL, NULL);
}

/* --- deciding ----------------------------------------------------------- */

static void
show_receipt (AirGatePage *self, const AirDecisionResult *result, gboolean approved)
{
  const char *outcome = air_map_get_string (result->answer, "outcome");
  int counted = (int) air_map_get_int (result->answer, "counted", 0),
      quorum = (int) air_map_get_int (result->answer, "quorum", 0);
  GtkWidget *group = air_group_new (approved ? _ ("You Approved This Request") : _ ("You Denied This Request"), NULL);
  g_autofree char *words = NULL;

  if (g_strcmp0 (outcome, "approved") == 0)
    words = g_strdup (_ ("The request is approved; the run goes on."));
  else if (g_strcmp0 (outcome, "denied") == 0)
    words = g_strdup (_ ("The request is denied; nothing of it happens."));
  else
    words = g_strdup_printf (ngettext ("%d of %d approval is given; the run waits for the rest.",
                                       "%d of %d approvals are given; the run waits for the rest.", (gulong) quorum),
                             counted, quorum);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             air_row_new_check (TRUE, _ ("The runtime verified your signature"), words));
  air_box_clear (self->receipt_box);
  gtk_box_append (self->receipt_box, group);
  if (result->receipt != NULL)
    gtk_box_append (self->receipt_box, air_receipt_group_new (result->receipt, _ ("Receipt")));
  else
    gtk_box_append (
        self->receipt_box,
        air_alarm_group_new (_ ("Your decision stands, but its proof could not be verified"), result->error));
  gtk_widget_set_visible (GTK_WIDGET (self->receipt_box), TRUE);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), words, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

typedef struct {
  AirGatePage *page;
  AirGate *gate;
  gboolean approve;
} Deciding;

static void
deciding_free (Deciding *deciding)
{
  g_object_unref (deciding->page);
  air_gate_unref (deciding->gate);
  g_free (deciding);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Deciding, deciding_free)

/* Whether the page still shows the very request that @deciding is about; an event may have fetched it anew. */
static gboolean
is_still_shown (Deciding *deciding)
{
  AirGate *now = deciding->page->gate;

  return now != NULL && g_strcmp0 (air_gate_get_leaf_hash (now), air_gate_get_leaf_hash (deciding->gate)) == 0;
}

static void
decided_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Deciding) deciding = user_data;
  AirGatePage *self = deciding->page;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirDecisionResult) decision = air_connection_decide_finish (AIR_CONNECTION (object), result, &error);

  if (!is_still_shown (deciding))
    return;
  if (decision == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          air_box_clear (self->receipt_box);
          gtk_box_append (self->receipt_box, air_alarm_group_new (_ ("Your decision was not taken"), error->message));
          gtk_widget_set_visible (GTK_WIDGET (self->receipt_box), TRUE);
          gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
        }
      update_buttons (self, FALSE);
      if (g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_CONFLICT))
        load (self, TRUE);
      return;
    }
  self->decided = TRUE;
  /* A workflow that is a step has more to do than its gate. */
  if (strchr (self->node, '.') == NULL)
    {
      g_autofree char *node = air_workflow_scene_dup_node (self->node);

      air_canvas_set_status (self->canvas, node, AIR_NODE_STATUS_DONE);
    }
  show_receipt (self, decision, deciding->approve);
  update_buttons (self, FALSE);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s",
                              deciding->approve ? _ ("Approved and signed") : _ ("Denied and signed"));
}

static void
response_cb (AdwAlertDialog *dialog, const char *response, Deciding *deciding)
{
  AirGatePage *self = deciding->page;

  if (!g_str_equal (response, "sign") || !is_still_shown (deciding))
    {
      deciding_free (deciding);
      return;
    }
  update_buttons (self, TRUE);
  air_connection_decide_async (self->connection, deciding->gate, deciding->approve ? "approve" : "deny",
                               gtk_editable_get_text (GTK_EDITABLE (self->reason_row)), NULL, decided_cb, deciding);
}

static void
ask (AirGatePage *self, gboolean approve)
{
  g_autofree char *line = air_gate_view_to_line (self->gate);
  AdwDialog *dialog;
  Deciding *deciding;

  dialog = adw_alert_dialog_new (approve ? _ ("Approve This Request?") : _ ("Deny This Request?"), NULL);
  adw_alert_dialog_format_body (
      ADW_ALERT_DIALOG (dialog),
      approve ? _ ("%s\n\nYour signature is kept in the ledger for good. Once enough people have approved, the actions "
                   "begin.")
              : _ ("%s\n\nYour signature is kept in the ledger for good. None of the actions happens."),
      line);
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel", _ ("_Cancel"), "sign",
                                  approve ? _ ("_Approve and Sign") : _ ("_Deny and Sign"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "sign",
                                            approve ? ADW_RESPONSE_SUGGESTED : ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (dialog), "cancel");
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "cancel");
  deciding = g_new0 (Deciding, 1);
  deciding->page = g_object_ref (self);
  deciding->gate = air_gate_ref (self->gate);
  deciding->approve = approve;
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), deciding);
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

/* Not from a page nobody sees, nor over a question that is still open. */
static gboolean
may_ask (AirGatePage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return gtk_widget_get_mapped (GTK_WIDGET (self))
         && (!ADW_IS_APPLICATION_WINDOW (root)
             || adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (root)) == NULL);
}

static void
action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirGatePage *self = AIR_GATE_PAGE (widget);

  if (g_str_equal (name, "gate.reload"))
    load (self, FALSE);
  else if (may_ask (self))
    ask (self, g_str_equal (name, "gate.approve"));
}

static void
reason_activated_cb (AirGatePage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "gate.approve", NULL);
}

/* --- object ------------------------------------------------------------- */

static void
air_gate_page_dispose (GObject *object)
{
  AirGatePage *self = AIR_GATE_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->gate, air_gate_unref);
  g_clear_pointer (&self->run, g_free);
  g_clear_pointer (&self->node, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_GATE_PAGE);
  G_OBJECT_CLASS (air_gate_page_parent_class)->dispose (object);
}

static void
air_gate_page_class_init (AirGatePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_gate_page_dispose;
  g_type_ensure (AIR_TYPE_CANVAS);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/gate-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, title);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, scroller);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, receipt_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, effect_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, why_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, canvas);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, decision_group);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, reason_row);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, buttons_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, forbidden_label);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, busy);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, proof_box);
  gtk_widget_class_bind_template_callback (widget_class, reason_activated_cb);
  gtk_widget_class_install_action (widget_class, "gate.approve", NULL, action_cb);
  gtk_widget_class_install_action (widget_class, "gate.deny", NULL, action_cb);
  gtk_widget_class_install_action (widget_class, "gate.reload", NULL, action_cb);
}

/* The keys hold wherever the focus is in the window: after a click in the list it is there. */
static void
add_keys (AirGatePage *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller), GTK_SHORTCUT_SCOPE_MANAGED);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Ctrl>Return|<Ctrl>KP_Enter"),
                        gtk_named_action_new ("gate.approve")));
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Ctrl>BackSpace"), gtk_named_action_new ("gate.deny")));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
air_gate_page_init (AirGatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_keys (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.approve", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.deny", FALSE);
}

void
air_gate_page_set_connection (AirGatePage *self, AirConnection *connection)
{
  g_return_if_fail (AIR_IS_GATE_PAGE (self) && self->connection == NULL);
  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
}

void
air_gate_page_show (AirGatePage *self, const char *run, const char *node)
{
  if (run != NULL && g_strcmp0 (run, self->run) == 0 && g_strcmp0 (node, self->node) == 0)
    return;
  g_set_str (&self->run, run);
  g_set_str (&self->node, node);
  g_clear_pointer (&self->gate, air_gate_unref);
  self->decided = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->receipt_box), FALSE);
  air_box_clear (self->receipt_box);
  gtk_editable_set_text (GTK_EDITABLE (self->reason_row), "");
  adw_window_title_set_title (self->title, _ ("Request"));
  adw_window_title_set_subtitle (self->title, "");
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  load (self, FALSE);
}

const char *
air_gate_page_get_run (AirGatePage *self)
{
  return self->run;
}
