/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-kind-icon.h"

#include <adwaita.h>

#include "canvas/air-glyphs.h"

#define SIZE   28.f
#define RADIUS 8.f
#define GLYPH  16.f

struct _AirKindIcon {
  GtkWidget parent_instance;
  AirNodeKind kind;
};

G_DEFINE_FINAL_TYPE (AirKindIcon, air_kind_icon, GTK_TYPE_WIDGET)

static void
air_kind_icon_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *min_baseline,
                       int *nat_baseline)
{
  *minimum = *natural = (int) SIZE;
}

static void
air_kind_icon_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AirKindIcon *self = AIR_KIND_ICON (widget);
  AdwStyleManager *style = adw_style_manager_get_for_display (gtk_widget_get_display (widget));
  const AirPalette *palette =
      air_palette_get (adw_style_manager_get_dark (style), adw_style_manager_get_high_contrast (style));
  float x = ((float) gtk_widget_get_width (widget) - SIZE) / 2, y = ((float) gtk_widget_get_height (widget) - SIZE) / 2;
  GskRoundedRect shape;

  gsk_rounded_rect_init_from_rect (&shape, &GRAPHENE_RECT_INIT (x, y, SIZE, SIZE), RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, &palette->kinds[self->kind], &shape.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x + (SIZE - GLYPH) / 2, y + (SIZE - GLYPH) / 2));
  air_glyph_snapshot_kind (snapshot, self->kind, &palette->on_fill);
}

static void
air_kind_icon_class_init (AirKindIconClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = air_kind_icon_measure;
  widget_class->snapshot = air_kind_icon_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
air_kind_icon_init (AirKindIcon *self)
{
  AdwStyleManager *style = adw_style_manager_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));

  g_signal_connect_object (style, "notify", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

/**
 * air_kind_icon_new:
 * @kind: a kind of node
 *
 * Returns: (transfer floating): its tile
 */
GtkWidget *
air_kind_icon_new (AirNodeKind kind)
{
  AirKindIcon *self = g_object_new (AIR_TYPE_KIND_ICON, NULL);

  self->kind = kind < AIR_N_NODE_KINDS ? kind : AIR_NODE_KIND_END;
  return GTK_WIDGET (self);
}
