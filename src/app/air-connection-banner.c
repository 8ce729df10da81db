/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-connection-banner.h"

#include <glib/gi18n.h>

#include "app/air-window.h"

struct _AirConnectionBanner {
  AdwBin parent_instance;
  AdwBanner *banner;
  gboolean failures;
  AirConnection *connection; /* of the window, while in one */
};

enum { PROP_0, PROP_FAILURES, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (AirConnectionBanner, air_connection_banner, ADW_TYPE_BIN)

static void
update (AirConnectionBanner *self)
{
  AirConnectionState state = air_connection_get_state (self->connection);
  const char *error = air_connection_get_error (self->connection);
  gboolean lost = state == AIR_CONNECTION_OPEN && error != NULL;

  if (state == AIR_CONNECTION_FAILED)
    {
      g_autofree char *text = g_strdup_printf (_ ("Not connected. %s"), error);

      adw_banner_set_title (self->banner, text);
    }
  else if (lost)
    adw_banner_set_title (self->banner, _ ("The connection is lost; what you see may be old."));
  /* The whole of it is a matter for those who run the network. */
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), lost ? error : NULL);
  adw_banner_set_revealed (self->banner, lost || (state == AIR_CONNECTION_FAILED && self->failures));
}

static void
air_connection_banner_root (GtkWidget *widget)
{
  AirConnectionBanner *self = AIR_CONNECTION_BANNER (widget);
  GtkRoot *root;

  GTK_WIDGET_CLASS (air_connection_banner_parent_class)->root (widget);
  root = gtk_widget_get_root (widget);
  if (!AIR_IS_WINDOW (root))
    return;
  g_set_object (&self->connection, air_window_get_connection (AIR_WINDOW (root)));
  g_signal_connect_object (self->connection, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
air_connection_banner_unroot (GtkWidget *widget)
{
  AirConnectionBanner *self = AIR_CONNECTION_BANNER (widget);

  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  GTK_WIDGET_CLASS (air_connection_banner_parent_class)->unroot (widget);
}

static void
air_connection_banner_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FAILURES)
    g_value_set_boolean (value, AIR_CONNECTION_BANNER (object)->failures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_connection_banner_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FAILURES)
    AIR_CONNECTION_BANNER (object)->failures = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_connection_banner_class_init (AirConnectionBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = air_connection_banner_get_property;
  G_OBJECT_CLASS (klass)->set_property = air_connection_banner_set_property;
  /* Also that no connection came about: for pages that do not say so in their middle. */
  properties[PROP_FAILURES] =
      g_param_spec_boolean ("failures", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
  widget_class->root = air_connection_banner_root;
  widget_class->unroot = air_connection_banner_unroot;
}

static void
air_connection_banner_init (AirConnectionBanner *self)
{
  self->banner = ADW_BANNER (adw_banner_new (""));
  adw_banner_set_use_markup (self->banner, FALSE);
  adw_banner_set_button_label (self->banner, _ ("_Try Again"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner), "win.retry");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->banner));
}
