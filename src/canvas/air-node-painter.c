/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-glyphs.h"
#include "canvas/air-painter.h"

#define RADIUS     12.f
#define TILE       36.f
#define INSET      14.f
#define PORT_SIZE  8.f
#define BADGE      22.f
#define FAR_GLYPH  52.f
#define TITLE_SIZE 13
#define NOTE_SIZE  11
#define LABEL_SIZE 11
#define LABEL_MAX  64.f

static void
append_round (GtkSnapshot *snapshot, const graphene_rect_t *bounds, float radius, const GdkRGBA *color)
{
  GskRoundedRect shape;

  gsk_rounded_rect_init_from_rect (&shape, bounds, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, color, bounds);
  gtk_snapshot_pop (snapshot);
}

static void
append_outline (GtkSnapshot *snapshot, const graphene_rect_t *bounds, float radius, float width, const GdkRGBA *color)
{
  GskRoundedRect shape;
  const float widths[4] = { width, width, width, width };
  const GdkRGBA colors[4] = { *color, *color, *color, *color };

  gsk_rounded_rect_init_from_rect (&shape, bounds, radius);
  gtk_snapshot_append_border (snapshot, &shape, widths, colors);
}

static PangoLayout *
make_layout (PangoContext *context, const char *text, int size, PangoWeight weight, float width, int lines)
{
  PangoLayout *layout = pango_layout_new (context);
  g_autoptr (PangoFontDescription) font = pango_font_description_copy (pango_context_get_font_description (context));

  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  pango_font_description_set_weight (font, weight);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_height (layout, -lines);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  return layout;
}

static void
append_text (GtkSnapshot *snapshot, const AirSceneNode *node, const AirPalette *palette, PangoContext *context)
{
  float left = INSET + TILE + 10, width = node->bounds.size.width - left - INSET;
  g_autoptr (PangoLayout) title = NULL, note = NULL;
  int title_height, note_height = 0;

  title = make_layout (context, node->title, TITLE_SIZE, PANGO_WEIGHT_SEMIBOLD, width, 2);
  pango_layout_get_pixel_size (title, NULL, &title_height);
  if (node->subtitle != NULL)
    {
      note = make_layout (context, node->subtitle, NOTE_SIZE, PANGO_WEIGHT_NORMAL, width, 1);
      pango_layout_get_pixel_size (note, NULL, &note_height);
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT (left, (node->bounds.size.height - (float) (title_height + note_height)) / 2));
  gtk_snapshot_append_layout (snapshot, title, &palette->text);
  if (note != NULL)
    {
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, (float) title_height));
      gtk_snapshot_append_layout (snapshot, note, &palette->dim);
    }
  gtk_snapshot_restore (snapshot);
}

/* The way out's name stands above its line, on the canvas' own ground, so that lines that cross stay behind it. Above
 * the first way out there is room for two lines. */
static void
append_port_label (GtkSnapshot *snapshot,
                   const char *text,
                   float y,
                   float right,
                   int lines,
                   const AirPalette *palette,
                   PangoContext *context)
{
  g_autoptr (PangoLayout) layout = make_layout (context, text, LABEL_SIZE, PANGO_WEIGHT_NORMAL, LABEL_MAX, lines);
  GdkRGBA ground = palette->background;
  int width, height;

  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_line_spacing (layout, .85f);
  pango_layout_get_pixel_size (layout, &width, &height);
  ground.alpha = .85f;
  gtk_snapshot_append_color (
      snapshot, &ground,
      &GRAPHENE_RECT_INIT (right + 5, y - (float) height - 1, (float) width + 4, (float) height - 1));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (right + 7, y - (float) height - 1));
  gtk_snapshot_append_layout (snapshot, layout, &palette->dim);
  gtk_snapshot_restore (snapshot);
}

/**
 * air_node_painter_paint:
 * @node: a node
 * @palette: of the appearance
 * @context: for the text of full detail
 * @full: with text; else a card with an icon
 *
 * Returns: (transfer full): the node at its own origin (0, 0), to be kept and moved
 */
GskRenderNode *
air_node_painter_paint (const AirSceneNode *node, const AirPalette *palette, PangoContext *context, gboolean full)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  graphene_rect_t card = GRAPHENE_RECT_INIT (0, 0, node->bounds.size.width, node->bounds.size.height);
  graphene_rect_t tile = GRAPHENE_RECT_INIT (INSET, (card.size.height - TILE) / 2, TILE, TILE);
  const GdkRGBA *kind = &palette->kinds[node->kind];
  float scale = full ? 20.f / 16 : FAR_GLYPH / 16;

  if (full && !palette->high_contrast)
    {
      GskRoundedRect shape;

      gsk_rounded_rect_init_from_rect (&shape, &card, RADIUS);
      gtk_snapshot_append_outset_shadow (snapshot, &shape, &(GdkRGBA) { 0, 0, 0, .08f }, 0, 1, 1, 3);
    }
  if (full)
    {
      append_round (snapshot, &card, RADIUS, &palette->card);
      append_outline (snapshot, &card, RADIUS, palette->border_width, &palette->border);
      append_round (snapshot, &tile, 10, kind);
    }
  else
    {
      /* No text can be read: the whole card is its kind. */
      graphene_rect_init (&tile, (card.size.width - FAR_GLYPH) / 2, (card.size.height - FAR_GLYPH) / 2, FAR_GLYPH,
                          FAR_GLYPH);
      append_round (snapshot, &card, RADIUS, kind);
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (tile.origin.x + (tile.size.width - 16 * scale) / 2,
                                                          tile.origin.y + (tile.size.height - 16 * scale) / 2));
  gtk_snapshot_scale (snapshot, scale, scale);
  air_glyph_snapshot_kind (snapshot, node->kind, &palette->on_fill);
  gtk_snapshot_restore (snapshot);
  if (full)
    {
      append_text (snapshot, node, palette, context);
      for (guint i = 0; i < node->ports->len; i++)
        {
          const AirScenePort *port = node->ports->pdata[i];
          graphene_point_t point;
          graphene_rect_t dot;

          air_scene_node_get_port_point (node, i, &point);
          graphene_rect_init (&dot, card.size.width - PORT_SIZE / 2, point.y - node->bounds.origin.y - PORT_SIZE / 2,
                              PORT_SIZE, PORT_SIZE);
          append_round (snapshot, &dot, PORT_SIZE / 2, &palette->card);
          append_outline (snapshot, &dot, PORT_SIZE / 2, 1.5f, port->failure ? &palette->edge_failure : &palette->edge);
          if (port->title != NULL)
            append_port_label (snapshot, port->title, point.y - node->bounds.origin.y, card.size.width, i == 0 ? 2 : 1,
                               palette, context);
        }
    }
  return gtk_snapshot_free_to_node (snapshot);
}

/**
 * air_node_painter_paint_status:
 * @snapshot: where to draw, in the scene's coordinates
 * @node: a node
 * @status: what a run says about it
 * @palette: of the appearance
 * @pulse: 0 … 1, the moment of the movement of what is at work
 * @full: in full detail
 *
 * Outline and badge, over the node.
 */
void
air_node_painter_paint_status (GtkSnapshot *snapshot,
                               const AirSceneNode *node,
                               AirNodeStatus status,
                               const AirPalette *palette,
                               float pulse,
                               gboolean full)
{
  const GdkRGBA *color = &palette->statuses[status];
  graphene_rect_t outline = node->bounds;
  graphene_rect_t badge;

  if (status == AIR_NODE_STATUS_NONE)
    return;
  if (status == AIR_NODE_STATUS_PENDING)
    {
      /* Not reached: the card steps back, nothing else. */
      GdkRGBA veil = palette->background;

      veil.alpha = palette->high_contrast ? .35f : .5f;
      append_round (snapshot, &outline, RADIUS, &veil);
      return;
    }
  if (!full)
    {
      append_round (snapshot, &outline, RADIUS, color);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot,
                              &GRAPHENE_POINT_INIT (outline.origin.x + (outline.size.width - FAR_GLYPH) / 2,
                                                    outline.origin.y + (outline.size.height - FAR_GLYPH) / 2));
      gtk_snapshot_scale (snapshot, FAR_GLYPH / 16, FAR_GLYPH / 16);
      air_glyph_snapshot_status (snapshot, status, &palette->on_fill);
      gtk_snapshot_restore (snapshot);
      return;
    }
  append_outline (snapshot, &outline, RADIUS, 2, color);
  if (status == AIR_NODE_STATUS_RUNNING || status == AIR_NODE_STATUS_WAITING)
    {
      float reach = 4 + 4 * pulse;
      GdkRGBA halo = *color;

      halo.alpha = .18f + .22f * (1 - pulse);
      graphene_rect_inset (&outline, -reach, -reach);
      append_outline (snapshot, &outline, RADIUS + reach, reach, &halo);
    }
  graphene_rect_init (&badge, node->bounds.origin.x + node->bounds.size.width - BADGE - 6,
                      node->bounds.origin.y - BADGE / 2, BADGE, BADGE);
  append_round (snapshot, &badge, BADGE / 2, color);
  append_outline (snapshot, &badge, BADGE / 2, 2, &palette->card);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (badge.origin.x + (BADGE - 12) / 2, badge.origin.y + (BADGE - 12) / 2));
  gtk_snapshot_scale (snapshot, .75f, .75f);
  air_glyph_snapshot_status (snapshot, status, &palette->on_fill);
  gtk_snapshot_restore (snapshot);
}
