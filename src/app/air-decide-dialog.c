/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-decide-dialog.h"

#include <glib/gi18n.h>

#include "app/air-edit-group.h"
#include "app/air-effect.h"
#include "app/air-gate-view.h"
#include "app/air-rows.h"

struct _AirDecideDialog {
  AdwDialog parent_instance;
  GtkButton *cancel_button;
  GtkButton *sign_button;
  GtkLabel *amount_label;
  GtkLabel *what_label;
  GtkLabel *consequence_label;
  GtkBox *error_box;
  AirEditGroup *edit_group;
  GtkBox *changes_box;
  AdwEntryRow *reason_row;
  GtkStack *busy_stack;
  GtkLabel *key_label;

  AirConnection *connection;
  AirGate *gate;
  AirDecideKind kind;
  gboolean busy;
};

enum { SIGNED, STALE, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AirDecideDialog, air_decide_dialog, ADW_TYPE_DIALOG)

static const struct {
  const char *decision; /* as it is signed */
  const char *title;
  const char *verb;
  const char *consequence;
  const char *reason;
  const char *css;
  gboolean needs_reason;
} kinds[] = {
  [AIR_DECIDE_APPROVE] = { "approve", N_ ("Approve This Request?"), N_ ("_Approve"),
                           N_ ("Once enough people have approved, the actions begin. Your signature stays in the "
                               "ledger for good."),
                           N_ ("Reason (kept in the ledger)"), "suggested-action", FALSE },
  [AIR_DECIDE_DENY] = { "deny", N_ ("Deny This Request?"), N_ ("_Deny"),
                        N_ ("None of the actions happens. Your signature stays in the ledger for good."),
                        N_ ("Reason (needed; kept in the ledger)"), "destructive-action", TRUE },
  [AIR_DECIDE_EDIT] = { "edit", N_ ("Change and Approve"), N_ ("_Approve"),
                        N_ ("You approve what it becomes, and nothing else. Approvals given before do not count for "
                            "it."),
                        N_ ("Reason (needed; kept in the ledger)"), "suggested-action", TRUE },
  [AIR_DECIDE_ASK] = { "request-info", N_ ("Ask for Information"), N_ ("_Ask"),
                       N_ ("The request goes on waiting, and its deadline does not move. Your question stays in the "
                           "ledger for good."),
                       N_ ("What do you need to know?"), "suggested-action", TRUE },
};

/* --- what is shown ------------------------------------------------------ */

static void
show_error (AirDecideDialog *self, const char *title, const char *words)
{
  air_box_clear (self->error_box);
  gtk_widget_set_visible (GTK_WIDGET (self->error_box), title != NULL);
  if (title == NULL)
    return;
  gtk_box_append (self->error_box, air_alarm_group_new (title, words));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), title, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

/* What is about to be signed, large. */
static void
show_amount (AirDecideDialog *self, AirValue *actions)
{
  AirValue *action = air_effect_find_main (actions);
  g_autofree char *amount = action != NULL ? air_effect_dup_amount (air_map_get_map (action, "input")) : NULL;

  gtk_label_set_text (self->amount_label, amount);
  gtk_widget_set_visible (GTK_WIDGET (self->amount_label), amount != NULL);
}

/* What the action becomes, or in words why it cannot become that. */
static gboolean
show_changes (AirDecideDialog *self)
{
  g_autoptr (AirValue) edited = NULL, patch = NULL;
  g_autoptr (GError) error = NULL;

  patch = air_edit_group_make_patch (self->edit_group, &edited, &error);
  show_amount (self, edited != NULL ? edited : air_gate_get_action (self->gate));
  air_box_clear (self->changes_box);
  gtk_widget_set_visible (GTK_WIDGET (self->changes_box), TRUE);
  if (patch != NULL)
    gtk_box_append (self->changes_box, air_gate_view_new_changes (edited, _ ("What You Approve Instead"), NULL));
  else
    {
      GtkWidget *label = gtk_label_new (error->message);

      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
      gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
      gtk_widget_add_css_class (label, "dimmed");
      gtk_box_append (self->changes_box, label);
    }
  return patch != NULL;
}

static void
update (AirDecideDialog *self)
{
  g_autofree char *reason = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->reason_row))));
  gboolean ready = !self->busy && (*reason != '\0' || !kinds[self->kind].needs_reason);

  if (self->kind == AIR_DECIDE_EDIT && !self->busy)
    ready = show_changes (self) && ready;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "decide.sign", ready);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "decide.cancel", !self->busy);
  gtk_editable_set_editable (GTK_EDITABLE (self->reason_row), !self->busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->edit_group), !self->busy);
  gtk_stack_set_visible_child_name (self->busy_stack, self->busy ? "busy" : "key");
  adw_dialog_set_can_close (ADW_DIALOG (self), !self->busy);
}

static void
changed_cb (AirDecideDialog *self)
{
  if (self->gate != NULL)
    update (self);
}

static void
show (AirDecideDialog *self)
{
  AirValue *action = air_effect_find_main (air_gate_get_action (self->gate));
  g_autofree char *what = action != NULL ? air_effect_dup_title (action) : g_strdup (air_gate_get_id (self->gate));
  g_autofree char *key = air_connection_dup_key_words (self->connection);
  /* Translators: %s is a key, say "a key of the token “Nitrokey”" */
  g_autofree char *signs = g_strdup_printf (_ ("Signed with %s"), key);

  adw_dialog_set_title (ADW_DIALOG (self), _ (kinds[self->kind].title));
  show_amount (self, air_gate_get_action (self->gate));
  gtk_label_set_text (self->what_label, what);
  gtk_label_set_text (self->consequence_label, _ (kinds[self->kind].consequence));
  gtk_button_set_label (self->sign_button, _ (kinds[self->kind].verb));
  gtk_widget_add_css_class (GTK_WIDGET (self->sign_button), kinds[self->kind].css);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->reason_row), _ (kinds[self->kind].reason));
  gtk_label_set_text (self->key_label, signs);
  if (self->kind == AIR_DECIDE_EDIT)
    {
      air_edit_group_set_gate (self->edit_group, self->gate);
      gtk_widget_set_visible (GTK_WIDGET (self->edit_group), TRUE);
    }
  update (self);
}

/* --- signing ------------------------------------------------------------ */

static void
decided_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirDecideDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirDecisionResult) decision = air_connection_decide_finish (AIR_CONNECTION (object), result, &error);

  self->busy = FALSE;
  update (self);
  if (decision != NULL)
    {
      g_signal_emit (self, signals[SIGNED], 0, decision);
      adw_dialog_force_close (ADW_DIALOG (self));
      return;
    }
  show_error (self, _ ("Your decision was not taken"), error->message);
  if (g_error_matches (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_CONFLICT))
    {
      g_signal_emit (self, signals[STALE], 0, error->message);
      adw_dialog_force_close (ADW_DIALOG (self));
    }
}

static void
sign_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirDecideDialog *self = AIR_DECIDE_DIALOG (widget);
  g_autoptr (AirValue) patch = NULL;
  g_autofree char *reason = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->reason_row))));

  if (self->kind == AIR_DECIDE_EDIT && (patch = air_edit_group_make_patch (self->edit_group, NULL, NULL)) == NULL)
    return;
  self->busy = TRUE;
  /* What has the keyboard must not go from under it. */
  adw_dialog_set_focus (ADW_DIALOG (self), NULL);
  show_error (self, NULL, NULL);
  update (self);
  air_connection_decide_async (self->connection, self->gate, kinds[self->kind].decision, patch, reason, NULL,
                               decided_cb, g_object_ref (self));
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_dialog_close (ADW_DIALOG (widget));
}

static void
reason_activated_cb (AirDecideDialog *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "decide.sign", NULL);
}

/* --- object ------------------------------------------------------------- */

static void
air_decide_dialog_dispose (GObject *object)
{
  AirDecideDialog *self = AIR_DECIDE_DIALOG (object);

  g_clear_object (&self->connection);
  g_clear_pointer (&self->gate, air_gate_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_DECIDE_DIALOG);
  G_OBJECT_CLASS (air_decide_dialog_parent_class)->dispose (object);
}

static void
air_decide_dialog_class_init (AirDecideDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_decide_dialog_dispose;

  /**
   * AirDecideDialog::signed:
   * @result: (type gpointer): the #AirDecisionResult, until the handler returns
   */
  signals[SIGNED] = g_signal_new ("signed", AIR_TYPE_DECIDE_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                  1, G_TYPE_POINTER);
  /**
   * AirDecideDialog::stale:
   * @words: why what was shown is no longer what waits
   */
  signals[STALE] = g_signal_new ("stale", AIR_TYPE_DECIDE_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, G_TYPE_STRING);

  g_type_ensure (AIR_TYPE_EDIT_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/decide-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, sign_button);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, amount_label);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, what_label);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, consequence_label);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, error_box);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, edit_group);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, changes_box);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, reason_row);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, busy_stack);
  gtk_widget_class_bind_template_child (widget_class, AirDecideDialog, key_label);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, reason_activated_cb);
  gtk_widget_class_install_action (widget_class, "decide.sign", NULL, sign_action);
  gtk_widget_class_install_action (widget_class, "decide.cancel", NULL, cancel_action);
}

static void
air_decide_dialog_init (AirDecideDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * air_decide_dialog_new:
 * @connection: whom it is sent to
 * @gate: what the person saw
 * @kind: what they decide
 *
 * Returns: (transfer floating): the dialog
 */
AdwDialog *
air_decide_dialog_new (AirConnection *connection, AirGate *gate, AirDecideKind kind)
{
  AirDecideDialog *self = g_object_new (AIR_TYPE_DECIDE_DIALOG, NULL);

  self->connection = g_object_ref (connection);
  self->gate = air_gate_ref (gate);
  self->kind = kind;
  show (self);
  return ADW_DIALOG (self);
}

/**
 * air_decide_dialog_get_gate:
 * @self: a dialog
 *
 * Returns: (transfer none): what is decided on
 */
AirGate *
air_decide_dialog_get_gate (AirDecideDialog *self)
{
  return self->gate;
}

/**
 * air_decide_dialog_get_kind:
 * @self: a dialog
 *
 * Returns: what is decided
 */
AirDecideKind
air_decide_dialog_get_kind (AirDecideDialog *self)
{
  return self->kind;
}
