/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-grid.h"

#include <math.h>

#define CELL 320.f

struct _AirGrid {
  GHashTable *cells; /* gint64 → GArray of guint */
};

/**
 * air_grid_new:
 *
 * Returns: (transfer full): an empty grid
 */
AirGrid *
air_grid_new (void)
{
  AirGrid *self = g_new0 (AirGrid, 1);

  self->cells = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_array_unref);
  return self;
}

void
air_grid_free (AirGrid *self)
{
  g_hash_table_unref (self->cells);
  g_free (self);
}

static gint64
key_of (int column, int row)
{
  return (gint64) (((guint64) (guint32) column << 32) | (guint32) row);
}

/**
 * air_grid_add:
 * @self: a grid
 * @bounds: a rectangle
 * @item: what air_grid_query() tells
 */
void
air_grid_add (AirGrid *self, const graphene_rect_t *bounds, guint item)
{
  int left = (int) floorf (bounds->origin.x / CELL),
      right = (int) floorf ((bounds->origin.x + bounds->size.width) / CELL);
  int top = (int) floorf (bounds->origin.y / CELL),
      bottom = (int) floorf ((bounds->origin.y + bounds->size.height) / CELL);

  for (int row = top; row <= bottom; row++)
    for (int column = left; column <= right; column++)
      {
        gint64 key = key_of (column, row);
        GArray *cell = g_hash_table_lookup (self->cells, &key);

        if (cell == NULL)
          {
            cell = g_array_new (FALSE, FALSE, sizeof (guint));
            g_hash_table_insert (self->cells, g_memdup2 (&key, sizeof key), cell);
          }
        g_array_append_val (cell, item);
      }
}

static int
compare_item (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

/**
 * air_grid_query:
 * @self: a grid
 * @area: where
 * @items: (element-type guint): emptied first; gets the items that may touch @area: it can hold more than asked for,
 *   never less, each once, ascending
 */
void
air_grid_query (AirGrid *self, const graphene_rect_t *area, GArray *items)
{
  int left = (int) floorf (area->origin.x / CELL), right = (int) floorf ((area->origin.x + area->size.width) / CELL);
  int top = (int) floorf (area->origin.y / CELL), bottom = (int) floorf ((area->origin.y + area->size.height) / CELL);
  guint kept = 0;

  g_array_set_size (items, 0);
  for (int row = top; row <= bottom; row++)
    for (int column = left; column <= right; column++)
      {
        gint64 key = key_of (column, row);
        GArray *cell = g_hash_table_lookup (self->cells, &key);

        if (cell != NULL)
          g_array_append_vals (items, cell->data, cell->len);
      }
  g_array_sort (items, compare_item);
  for (guint i = 0; i < items->len; i++)
    if (kept == 0 || g_array_index (items, guint, kept - 1) != g_array_index (items, guint, i))
      g_array_index (items, guint, kept++) = g_array_index (items, guint, i);
  g_array_set_size (items, kept);
}
