/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-gate-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/air-decide-dialog.h"
#include "app/air-edit-group.h"
#include "app/air-effect.h"
#include "app/air-format.h"
#include "app/air-gate-hero.h"
#include "app/air-gate-view.h"
#include "app/air-rows.h"
#include "app/air-workflow-scene.h"
#include "base/air-clock.h"
#include "canvas/air-canvas.h"

struct _AirGatePage {
  AdwBin parent_instance;
  AdwWindowTitle *title;
  GtkWidget *menu_button;
  AdwBanner *changed_banner;
  GtkStack *stack;
  AdwStatusPage *error_page;
  GtkScrolledWindow *scroller;
  GtkBox *receipt_box;
  AirGateHero *hero;
  GtkBox *effect_box;
  GtkBox *why_box;
  AirCanvas *canvas;
  GtkBox *proof_box;
  GtkWidget *bar;
  GtkWidget *forbidden_box;
  GtkLabel *forbidden_label;
  GtkWidget *buttons_box;
  GtkWidget *edit_button;
  GtkWidget *next_button;

  AirConnection *connection;
  AirGate *gate;
  char *run;
  char *node;
  gboolean decided; /* here, now: the receipt stays until another request is shown */
  GCancellable *cancellable;
};

enum { NEXT, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AirGatePage, air_gate_page, ADW_TYPE_BIN)

static void load (AirGatePage *self, gboolean quietly);

/* --- showing ------------------------------------------------------------ */

/* Why nothing can be decided here, in words; NULL when it can. */
static char *
why_not (AirGatePage *self)
{
  const char *reason = NULL;

  if (self->gate == NULL)
    return g_strdup ("");
  if (!air_gate_may_decide (self->gate, &reason))
    return reason != NULL ? air_format_untrusted (reason) : g_strdup (_ ("You may not decide this request."));
  if (air_gate_hero_is_expired (self->hero))
    return g_strdup (_ ("The deadline has passed; nothing can be decided any more."));
  if (!air_connection_can_sign (self->connection))
    return g_strdup (_ ("Your profile names no decision key, so nothing can be signed here."));
  return NULL;
}

/* A button that may not be pressed says why, in words above it. */
static void
update_buttons (AirGatePage *self)
{
  g_autofree char *reason = why_not (self);
  gboolean may = reason == NULL && !self->decided;
  gboolean editable = self->gate != NULL && air_edit_group_can_edit (self->gate);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.approve", may);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.deny", may);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.ask", may);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gate.edit", may && editable);
  gtk_widget_set_visible (self->edit_button, editable);
  gtk_widget_set_visible (self->bar, self->gate != NULL);
  gtk_widget_set_visible (self->buttons_box, !self->decided);
  gtk_widget_set_visible (self->next_button, self->decided);
  gtk_widget_set_visible (self->forbidden_box, !self->decided && reason != NULL);
  gtk_label_set_text (self->forbidden_label, reason != NULL ? reason : "");
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
  /* A workflow that is a step has more to do than its gate. */
  air_canvas_set_status (self->canvas, node,
                         g_strcmp0 (air_gate_get_state (self->gate), "waiting") == 0 ? AIR_NODE_STATUS_WAITING
                         : strchr (self->node, '.') != NULL                          ? AIR_NODE_STATUS_RUNNING
                                                                                     : AIR_NODE_STATUS_DONE);
}

static void
show_gate (AirGatePage *self)
{
  AirValue *action = air_effect_find_main (air_gate_get_action (self->gate));
  g_autofree char *title = action != NULL ? air_effect_dup_title (action)
                                          : g_strdup (air_map_get_string (air_gate_get_entry (self->gate), "node"));

  air_box_clear (self->effect_box);
  air_box_clear (self->why_box);
  air_box_clear (self->proof_box);
  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, self->run);
  air_gate_hero_show (self->hero, self->gate, air_connection_get_plan (self->connection));
  air_gate_view_add_effects (self->effect_box, self->gate, air_connection_get_plan (self->connection));
  air_gate_view_add_reasons (self->why_box, self->gate, air_connection_get_plan (self->connection),
                             air_clock_now_us (air_clock_system ()));
  air_gate_view_add_proof (self->proof_box, self->gate);
  show_canvas (self);
  update_buttons (self);
  gtk_widget_set_visible (self->menu_button, TRUE);
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
      /* The receipt stays, whatever becomes of what it is about. */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !self->decided)
        show_error (self, error);
      return;
    }
  /* Approvals of what was shown before do not count for what is shown now: say so before anybody signs. */
  adw_banner_set_revealed (
      self->changed_banner,
      self->gate != NULL && !self->decided
          && (adw_banner_get_revealed (self->changed_banner)
              || g_strcmp0 (air_gate_get_leaf_hash (gate), air_gate_get_leaf_hash (self->gate)) != 0));
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
  if (self->gate != NULL && g_strcmp0 (gate, air_gate_get_id (self->gate)) == 0)
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

static char *
outcome_to_words (const AirDecisionResult *result, AirDecideKind kind)
{
  const char *outcome = air_map_get_string (result->answer, "outcome");
  int counted = (int) air_map_get_int (result->answer, "counted", 0),
      quorum = (int) air_map_get_int (result->answer, "quorum", 0);

  if (kind == AIR_DECIDE_ASK)
    return g_strdup (_ ("Your question is in the ledger; the request goes on waiting."));
  if (g_strcmp0 (outcome, "approved") == 0)
    return g_strdup (_ ("The request is approved; the run goes on."));
  if (g_strcmp0 (outcome, "denied") == 0)
    return g_strdup (_ ("The request is denied; nothing of it happens."));
  return g_strdup_printf (ngettext ("%d of %d approval is given; the run waits for the rest.",
                                    "%d of %d approvals are given; the run waits for the rest.", (gulong) quorum),
                          counted, quorum);
}

static void
show_receipt (AirGatePage *self, const AirDecisionResult *result, AirDecideKind kind)
{
  static const char *const titles[] = {
    [AIR_DECIDE_APPROVE] = N_ ("You Approved This Request"),
    [AIR_DECIDE_DENY] = N_ ("You Denied This Request"),
    [AIR_DECIDE_EDIT] = N_ ("You Changed and Approved This Request"),
    [AIR_DECIDE_ASK] = N_ ("You Asked for Information"),
  };
  GtkWidget *group = air_group_new (_ (titles[kind]), NULL);
  g_autofree char *words = outcome_to_words (result, kind);

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

/* Whether the page still shows the very request that @dialog is about; an event may have fetched it anew. */
static gboolean
is_still_shown (AirGatePage *self, AirDecideDialog *dialog)
{
  return self->gate != NULL
         && g_strcmp0 (air_gate_get_leaf_hash (self->gate),
                       air_gate_get_leaf_hash (air_decide_dialog_get_gate (dialog)))
                == 0;
}

static void
signed_cb (AirGatePage *self, const AirDecisionResult *result, AirDecideDialog *dialog)
{
  static const char *const toasts[] = {
    [AIR_DECIDE_APPROVE] = N_ ("Approved and signed"),
    [AIR_DECIDE_DENY] = N_ ("Denied and signed"),
    [AIR_DECIDE_EDIT] = N_ ("Changed, approved and signed"),
    [AIR_DECIDE_ASK] = N_ ("Asked and signed"),
  };
  AirDecideKind kind = air_decide_dialog_get_kind (dialog);

  if (!is_still_shown (self, dialog) && kind != AIR_DECIDE_EDIT)
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ (toasts[kind]));
      return;
    }
  self->decided = kind != AIR_DECIDE_ASK;
  show_receipt (self, result, kind);
  update_buttons (self);
  if (self->decided)
    gtk_widget_grab_focus (self->next_button);
  load (self, TRUE);
}

static void
stale_cb (AirGatePage *self, const char *words, AirDecideDialog *dialog)
{
  if (!is_still_shown (self, dialog))
    return;
  air_box_clear (self->receipt_box);
  gtk_box_append (self->receipt_box, air_alarm_group_new (_ ("Your decision was not taken"), words));
  gtk_widget_set_visible (GTK_WIDGET (self->receipt_box), TRUE);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  load (self, TRUE);
}

/* Not from a page nobody sees, nor over a question that is still open. */
static gboolean
may_ask (AirGatePage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return self->gate != NULL && gtk_widget_get_mapped (GTK_WIDGET (self))
         && (!ADW_IS_APPLICATION_WINDOW (root)
             || adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (root)) == NULL);
}

static void
decide_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirGatePage *self = AIR_GATE_PAGE (widget);
  AirDecideKind kind = g_str_equal (name, "gate.approve") ? AIR_DECIDE_APPROVE
                       : g_str_equal (name, "gate.deny")  ? AIR_DECIDE_DENY
                       : g_str_equal (name, "gate.edit")  ? AIR_DECIDE_EDIT
                                                          : AIR_DECIDE_ASK;
  AdwDialog *dialog;

  if (!may_ask (self))
    return;
  dialog = air_decide_dialog_new (self->connection, self->gate, kind);
  g_signal_connect_object (dialog, "signed", G_CALLBACK (signed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "stale", G_CALLBACK (stale_cb), self, G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, widget);
}

/* --- other actions ------------------------------------------------------ */

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirGatePage *self = AIR_GATE_PAGE (widget);
  g_autofree char *link = NULL;

  if (self->gate == NULL)
    return;
  if (g_str_equal (name, "gate.open-run"))
    link = g_strdup_printf ("airails://run/%s", self->run);
  else if (g_str_equal (name, "gate.open-entry"))
    link = g_strdup_printf ("airails://entry/%" G_GUINT64_FORMAT, air_gate_get_index (self->gate));
  else
    link = g_strdup_printf ("airails://gate/%s/%s", self->run, self->node);
  if (!g_str_equal (name, "gate.copy-link"))
    gtk_widget_activate_action (widget, "win.open-link", "s", link);
  else
    {
      gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), link);
      gtk_widget_activate_action (widget, "win.toast", "s", _ ("Link copied"));
    }
}

static void
reload_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  load (AIR_GATE_PAGE (widget), FALSE);
}

static void
next_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[NEXT], 0);
}

static void
changed_seen_cb (AirGatePage *self)
{
  adw_banner_set_revealed (self->changed_banner, FALSE);
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

  /**
   * AirGatePage::next:
   *
   * The person is done here and wants the next request.
   */
  signals[NEXT] = g_signal_new ("next", AIR_TYPE_GATE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (AIR_TYPE_CANVAS);
  g_type_ensure (AIR_TYPE_GATE_HERO);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/gate-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, title);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, changed_banner);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, scroller);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, receipt_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, hero);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, effect_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, why_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, canvas);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, proof_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, bar);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, forbidden_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, forbidden_label);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, buttons_box);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, edit_button);
  gtk_widget_class_bind_template_child (widget_class, AirGatePage, next_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_seen_cb);
  gtk_widget_class_install_action (widget_class, "gate.approve", NULL, decide_action);
  gtk_widget_class_install_action (widget_class, "gate.deny", NULL, decide_action);
  gtk_widget_class_install_action (widget_class, "gate.edit", NULL, decide_action);
  gtk_widget_class_install_action (widget_class, "gate.ask", NULL, decide_action);
  gtk_widget_class_install_action (widget_class, "gate.open-run", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "gate.open-entry", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "gate.copy-link", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "gate.reload", NULL, reload_action);
  gtk_widget_class_install_action (widget_class, "gate.next", NULL, next_action);
}

/* The keys hold wherever the focus is in the window: after a click in the list it is there. */
static void
add_keys (AirGatePage *self)
{
  static const struct {
    const char *keys;
    const char *action;
  } keys[] = {
    { "a|<Ctrl>Return|<Ctrl>KP_Enter", "gate.approve" },
    { "d|<Ctrl>BackSpace", "gate.deny" },
    { "e|<Ctrl>e", "gate.edit" },
    { "i|<Ctrl>i", "gate.ask" },
    { "n|<Ctrl>j", "gate.next" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller), GTK_SHORTCUT_SCOPE_MANAGED);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys[i].keys), gtk_named_action_new (keys[i].action)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
air_gate_page_init (AirGatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_keys (self);
  g_signal_connect_object (self->hero, "expired", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
}

/**
 * air_gate_page_set_connection:
 * @self: a page
 * @connection: whom it asks
 *
 * Once, before anything is shown.
 */
void
air_gate_page_set_connection (AirGatePage *self, AirConnection *connection)
{
  g_return_if_fail (AIR_IS_GATE_PAGE (self) && self->connection == NULL);
  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
}

/**
 * air_gate_page_show:
 * @self: a page
 * @run: (nullable): the run's id; %NULL: none
 * @node: (nullable): the step
 *
 * Asking for the gate already shown keeps what is shown.
 */
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
  adw_banner_set_revealed (self->changed_banner, FALSE);
  gtk_widget_set_visible (self->menu_button, FALSE);
  gtk_widget_set_visible (self->bar, FALSE);
  adw_window_title_set_title (self->title, _ ("Request"));
  adw_window_title_set_subtitle (self->title, "");
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  load (self, FALSE);
}

/**
 * air_gate_page_get_run:
 * @self: a page
 *
 * Returns: (transfer none) (nullable): the run whose gate is shown
 */
const char *
air_gate_page_get_run (AirGatePage *self)
{
  return self->run;
}
