/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-glyphs.h"

static const char *const kinds[AIR_N_NODE_KINDS] = {
  [AIR_NODE_KIND_TRIGGER] = "M 9 1.5 L 3.5 9 L 7.5 9 L 6.5 14.5 L 12.5 6.5 L 8.5 6.5 Z",
  [AIR_NODE_KIND_CALL] = "M 2 8 L 13 8 M 9 4 L 13 8 L 9 12",
  [AIR_NODE_KIND_DECIDE] = "M 2 3 L 14 3 L 14 13 L 2 13 Z M 2 6.5 L 14 6.5 M 6 3 L 6 13",
  [AIR_NODE_KIND_BRANCH] = "M 2 8 L 6 8 L 10 4 L 13.5 4 M 6 8 L 10 12 L 13.5 12",
  [AIR_NODE_KIND_GATE] = "M 8 2 A 2.6 2.6 0 1 1 7.99 2 Z M 3 14 C 3 10.5 5 9 8 9 C 11 9 13 10.5 13 14",
  [AIR_NODE_KIND_WAIT] = "M 8 2 A 6 6 0 1 1 7.99 2 Z M 8 4.5 L 8 8 L 10.5 9.5",
  [AIR_NODE_KIND_EVIDENCE] = "M 8 1.5 L 13.5 3.5 L 13.5 8 C 13.5 11 11 13.5 8 14.5 C 5 13.5 2.5 11 2.5 8 L 2.5 3.5 Z M "
                             "5.5 8 L 7.3 9.8 L 10.5 6.2",
  [AIR_NODE_KIND_PARALLEL] = "M 2 8 L 5 8 M 5 3 L 5 13 M 5 3 L 13 3 M 5 8 L 13 8 M 5 13 L 13 13",
  [AIR_NODE_KIND_JOIN] = "M 14 8 L 11 8 M 11 3 L 11 13 M 11 3 L 3 3 M 11 8 L 3 8 M 11 13 L 3 13",
  [AIR_NODE_KIND_FOR_EACH] = "M 13 8 A 5 5 0 1 1 8 3 L 11 3 M 8.5 0.5 L 11 3 L 8.5 5.5 M 8 8 L 8.1 8",
  [AIR_NODE_KIND_WORKFLOW] =
      "M 2 3 L 14 3 L 14 13 L 2 13 Z M 4.5 6.5 L 7 6.5 L 7 9.5 L 4.5 9.5 Z M 7 8 L 9.5 8 M 9.5 6.5 L "
      "12 6.5 L 12 9.5 L 9.5 9.5 Z",
  [AIR_NODE_KIND_END] = "M 3.5 14.5 L 3.5 2 L 12.5 2 L 10.5 5 L 12.5 8 L 3.5 8",
};

/* Shapes that differ without any colour. */
static const char *const statuses[AIR_N_NODE_STATUSES] = {
  [AIR_NODE_STATUS_PENDING] = "M 4 8 L 4.1 8 M 8 8 L 8.1 8 M 12 8 L 12.1 8",
  [AIR_NODE_STATUS_RUNNING] = "M 5.5 3.5 L 12 8 L 5.5 12.5 Z",
  [AIR_NODE_STATUS_WAITING] = "M 5.5 4 L 5.5 12 M 10.5 4 L 10.5 12",
  [AIR_NODE_STATUS_DONE] = "M 3.5 8.5 L 6.5 11.5 L 12.5 4.5",
  [AIR_NODE_STATUS_FAILED] = "M 4.5 4.5 L 11.5 11.5 M 11.5 4.5 L 4.5 11.5",
  [AIR_NODE_STATUS_UNKNOWN] = "M 5.5 6 C 5.5 2.6 10.5 2.6 10.5 6 C 10.5 8 8 8 8 10 M 8 13 L 8 13.1",
  [AIR_NODE_STATUS_UNDONE] = "M 6.5 3 L 3.5 6 L 6.5 9 M 3.5 6 L 9 6 C 14 6 14 12.5 9 12.5 L 6 12.5",
};

static void
snapshot_path (GtkSnapshot *snapshot, const char *data, GskPath **cache, const GdkRGBA *color, float width)
{
  g_autoptr (GskStroke) stroke = gsk_stroke_new (width);

  if (*cache == NULL)
    *cache = gsk_path_parse (data);
  g_return_if_fail (*cache != NULL);
  gsk_stroke_set_line_cap (stroke, GSK_LINE_CAP_ROUND);
  gsk_stroke_set_line_join (stroke, GSK_LINE_JOIN_ROUND);
  gtk_snapshot_append_stroke (snapshot, *cache, stroke, color);
}

/**
 * air_glyph_snapshot_kind:
 * @snapshot: where to draw, on a ground of 16 × 16
 * @kind: which
 * @color: of the lines
 */
void
air_glyph_snapshot_kind (GtkSnapshot *snapshot, AirNodeKind kind, const GdkRGBA *color)
{
  static GskPath *cache[AIR_N_NODE_KINDS];

  g_return_if_fail (kind < AIR_N_NODE_KINDS);
  snapshot_path (snapshot, kinds[kind], &cache[kind], color, 1.6f);
}

/**
 * air_glyph_snapshot_status:
 * @snapshot: where to draw, on a ground of 16 × 16
 * @status: which; some have no glyph
 * @color: of the lines
 */
void
air_glyph_snapshot_status (GtkSnapshot *snapshot, AirNodeStatus status, const GdkRGBA *color)
{
  static GskPath *cache[AIR_N_NODE_STATUSES];

  g_return_if_fail (status < AIR_N_NODE_STATUSES);
  if (statuses[status] != NULL)
    snapshot_path (snapshot, statuses[status], &cache[status], color, 2.2f);
}
