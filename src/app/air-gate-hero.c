/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-gate-hero.h"

#include <glib/gi18n.h>

#include "app/air-effect.h"
#include "app/air-format.h"
#include "base/air-clock.h"

#define SOON_US G_TIME_SPAN_HOUR

struct _AirGateHero {
  AdwBin parent_instance;
  GtkWidget *state_box;
  GtkImage *state_icon;
  GtkLabel *state_label;
  GtkLabel *amount_label;
  GtkLabel *what_label;
  GtkLabel *recipient_label;
  GtkLabel *quorum_label;
  GtkLevelBar *quorum_bar;
  GtkWidget *deadline_box;
  GtkWidget *deadline_line;
  GtkImage *deadline_icon;
  GtkLabel *deadline_label;
  GtkLabel *expiry_label;
  GtkWidget *risk_box;
  GtkImage *risk_icon;
  GtkLabel *risk_label;
  GtkLabel *risk_detail;
  AirGate *gate;
  gboolean expired;
  guint clock_source;
};

enum { EXPIRED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AirGateHero, air_gate_hero, ADW_TYPE_BIN)

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

/* --- the clock ---------------------------------------------------------- */

static gboolean clock_cb (gpointer user_data);

/* Seconds are told while they matter, else minutes; a page nobody sees tells nothing. */
static void
schedule (AirGateHero *self, gint64 left_us)
{
  g_clear_handle_id (&self->clock_source, g_source_remove);
  if (self->gate == NULL || self->expired || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->clock_source = g_timeout_add_seconds (left_us < 2 * G_TIME_SPAN_MINUTE ? 1 : 20, clock_cb, self);
}

static void
tell_time (AirGateHero *self)
{
  gint64 deadline = self->gate != NULL ? air_gate_get_deadline_us (self->gate) : 0,
         now = air_clock_now_us (air_clock_system ());
  gboolean waiting = self->gate != NULL && g_strcmp0 (air_gate_get_state (self->gate), "waiting") == 0;
  g_autofree char *relative = NULL, *when = NULL, *words = NULL;
  gboolean expired, soon;

  gtk_widget_set_visible (self->deadline_box, deadline > 0);
  if (deadline <= 0)
    return;
  expired = waiting && now >= deadline;
  soon = waiting && deadline - now < SOON_US;
  relative = air_format_relative (deadline, now);
  when = air_format_time (deadline);
  gtk_label_set_text (self->deadline_label, expired ? _ ("Passed") : relative);
  gtk_image_set_from_icon_name (self->deadline_icon, soon ? "dialog-warning-symbolic" : "alarm-symbolic");
  if (soon)
    gtk_widget_add_css_class (self->deadline_line, "warning");
  else
    gtk_widget_remove_css_class (self->deadline_line, "warning");
  if (g_strcmp0 (air_gate_get_on_expiry (self->gate), "deny") == 0)
    /* Translators: %s is a date and time */
    words = g_strdup_printf (_ ("At %s it counts as denied."), when);
  else
    /* Translators: %s is a date and time */
    words = g_strdup_printf (_ ("At %s it expires, and the run goes on by its way for that."), when);
  gtk_label_set_text (self->expiry_label, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->deadline_box), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  schedule (self, deadline - now);
  if (expired && !self->expired)
    {
      self->expired = TRUE;
      gtk_accessible_announce (GTK_ACCESSIBLE (self), _ ("The deadline of this request has passed."),
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
      g_signal_emit (self, signals[EXPIRED], 0);
    }
}

static gboolean
clock_cb (gpointer user_data)
{
  AirGateHero *self = user_data;

  self->clock_source = 0;
  tell_time (self);
  return G_SOURCE_REMOVE;
}

/* --- showing ------------------------------------------------------------ */

static void
show_state (AirGateHero *self)
{
  static const struct {
    const char *state;
    const char *words;
    const char *icon;
    const char *css;
  } states[] = {
    { "waiting", NC_ ("state of a request", "Waits for a decision"), "media-playback-pause-symbolic", "warning" },
    { "approved", NC_ ("state of a request", "Approved"), "object-select-symbolic", "success" },
    { "edited", NC_ ("state of a request", "Changed"), "document-edit-symbolic", "warning" },
    { "denied", NC_ ("state of a request", "Denied"), "window-close-symbolic", "error" },
    { "expired", NC_ ("state of a request", "Expired"), "alarm-symbolic", "error" },
  };
  const char *state = air_gate_get_state (self->gate);

  gtk_label_set_text (self->state_label, state);
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      gtk_widget_remove_css_class (self->state_box, states[i].css);
      if (g_str_equal (states[i].state, state))
        {
          gtk_label_set_text (self->state_label, g_dpgettext2 (NULL, "state of a request", states[i].words));
          gtk_image_set_from_icon_name (self->state_icon, states[i].icon);
        }
    }
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].state, state))
      gtk_widget_add_css_class (self->state_box, states[i].css);
}

static void
show_effect (AirGateHero *self)
{
  AirValue *actions = air_gate_get_action (self->gate), *action = air_effect_find_main (actions);
  AirValue *input = action != NULL ? air_map_get_map (action, "input") : NULL;
  g_autofree char *title = action != NULL ? air_effect_dup_title (action) : g_strdup (air_gate_get_id (self->gate));
  g_autofree char *amount = air_effect_dup_amount (input), *recipient = air_effect_dup_recipient (input);
  g_autofree char *to = NULL;

  if (recipient != NULL)
    /* Translators: whom or what an action reaches: an address, an account, a payment */
    to = g_strdup_printf (C_ ("recipient of an action", "to %s"), recipient);
  set_text (self->amount_label, amount);
  set_text (self->what_label, title);
  set_text (self->recipient_label, to);
}

static void
show_quorum (AirGateHero *self)
{
  int quorum = (int) air_gate_get_quorum (self->gate), counted = (int) air_gate_get_counted (self->gate);
  g_autofree char *words =
      g_strdup_printf (ngettext ("%d of %d given", "%d of %d given", (gulong) quorum), counted, quorum);

  gtk_label_set_text (self->quorum_label, words);
  gtk_level_bar_set_max_value (self->quorum_bar, MAX (quorum, 1));
  gtk_level_bar_set_value (self->quorum_bar, MIN (counted, quorum));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->quorum_bar), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/* The worst of all actions: one that cannot be undone makes the whole so. */
static void
show_risk (AirGateHero *self, AirValue *plan)
{
  AirValue *actions = air_gate_get_action (self->gate);
  GString *lasting = g_string_new (NULL);
  gboolean known = FALSE;

  for (gsize i = 0; actions != NULL && i < air_list_get_size (actions); i++)
    {
      AirValue *operation = air_effect_find_operation (air_list_get (actions, i), plan);
      const char *reversibility =
          operation != NULL ? air_map_get_string (air_map_get_map (operation, "policy"), "reversibility") : NULL;

      known = known || reversibility != NULL;
      if (g_strcmp0 (reversibility, "irreversible") == 0)
        {
          g_autofree char *title = air_effect_dup_title (air_list_get (actions, i));

          g_string_append_printf (lasting, "%s%s", lasting->len > 0 ? ", " : "", title);
        }
    }
  gtk_widget_set_visible (self->risk_box, known);
  gtk_image_set_from_icon_name (self->risk_icon,
                                lasting->len > 0 ? "dialog-warning-symbolic" : "object-select-symbolic");
  gtk_label_set_text (self->risk_label,
                      lasting->len > 0 ? C_ ("can it be undone", "No") : C_ ("can it be undone", "Yes"));
  set_text (self->risk_detail, lasting->str);
  g_string_free (lasting, TRUE);
}

/* --- object ------------------------------------------------------------- */

static void
air_gate_hero_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (air_gate_hero_parent_class)->map (widget);
  tell_time (AIR_GATE_HERO (widget));
}

static void
air_gate_hero_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&AIR_GATE_HERO (widget)->clock_source, g_source_remove);
  GTK_WIDGET_CLASS (air_gate_hero_parent_class)->unmap (widget);
}

static void
air_gate_hero_dispose (GObject *object)
{
  AirGateHero *self = AIR_GATE_HERO (object);

  g_clear_handle_id (&self->clock_source, g_source_remove);
  g_clear_pointer (&self->gate, air_gate_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_GATE_HERO);
  G_OBJECT_CLASS (air_gate_hero_parent_class)->dispose (object);
}

static void
air_gate_hero_class_init (AirGateHeroClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_gate_hero_dispose;
  widget_class->map = air_gate_hero_map;
  widget_class->unmap = air_gate_hero_unmap;

  /**
   * AirGateHero::expired:
   *
   * The deadline passed while the request was shown.
   */
  signals[EXPIRED] =
      g_signal_new ("expired", AIR_TYPE_GATE_HERO, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/gate-hero.ui");
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, state_box);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, state_icon);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, state_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, amount_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, what_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, recipient_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, quorum_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, quorum_bar);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, deadline_box);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, deadline_line);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, deadline_icon);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, deadline_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, expiry_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, risk_box);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, risk_icon);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, risk_label);
  gtk_widget_class_bind_template_child (widget_class, AirGateHero, risk_detail);
}

static void
air_gate_hero_init (AirGateHero *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * air_gate_hero_show:
 * @self: the widget
 * @gate: (nullable): a gate
 * @plan: (nullable): tells of operations
 */
void
air_gate_hero_show (AirGateHero *self, AirGate *gate, AirValue *plan)
{
  g_return_if_fail (AIR_IS_GATE_HERO (self));

  g_clear_handle_id (&self->clock_source, g_source_remove);
  g_clear_pointer (&self->gate, air_gate_unref);
  self->expired = FALSE;
  if (gate == NULL)
    return;
  self->gate = air_gate_ref (gate);
  show_state (self);
  show_effect (self);
  show_quorum (self);
  show_risk (self, plan);
  tell_time (self);
}

/**
 * air_gate_hero_is_expired:
 * @self: the widget
 *
 * Returns: whether the clock ran out while the request was shown
 */
gboolean
air_gate_hero_is_expired (AirGateHero *self)
{
  return self->expired;
}
