/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <adwaita.h>
#include <math.h>
#include <sys/resource.h>

#include "canvas/air-canvas-private.h"

/* What the canvas costs: airails-bench runs this under a display of its own and reads the lines
 * "NAME<tab>VALUE<tab>UNIT<tab>NOTE". */

#define COLUMNS 100
#define ROWS    100
#define WIDTH   1600
#define HEIGHT  1000

static double
cpu_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void
say (const char *name, double value, const char *unit, const char *note)
{
  g_print ("%s\t%.3f\t%s\t%s\n", name, value, unit, note);
}

/* Ten thousand nodes in columns, 12,855 edges: each to its right neighbour, every third also to the row below. */
static AirScene *
make_scene (void)
{
  g_autoptr (AirSceneBuilder) builder = air_scene_builder_new ();
  guint edges = 0;

  for (guint i = 0; i < COLUMNS * ROWS; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i), *title = g_strdup_printf ("Look up the order number %u", i);

      air_scene_builder_add_node (builder, id, (AirNodeKind) (i % AIR_N_NODE_KINDS), title, "shop.order.lookup");
      air_scene_builder_set_position (builder, id, (float) (i / ROWS) * 280, (float) (i % ROWS) * 120);
    }
  for (guint i = 0; i + ROWS < COLUMNS * ROWS; i++)
    for (guint j = 0; j < 2; j++)
      {
        g_autofree char *id = g_strdup_printf ("e%u", edges), *from = g_strdup_printf ("n%u", i),
                        *to = g_strdup_printf ("n%u", i + ROWS + j);

        if (j == 1 && (i % 100 >= 99 || i % 10 >= 3 || edges >= 12800))
          continue;
        air_scene_builder_add_edge (builder, id, from, j == 0 ? "ok" : "error", to);
        edges++;
      }
  return air_scene_builder_finish (builder);
}

static void
settle (void)
{
  gint64 until = g_get_monotonic_time () + 300 * 1000;

  while (g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static double
frame (AirCanvas *canvas, GskRenderer *renderer, gboolean render)
{
  double start = cpu_ms ();
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;

  air_canvas_snapshot (GTK_WIDGET (canvas), snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  if (render)
    {
      g_autoptr (GdkTexture) texture =
          gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, WIDTH, HEIGHT));
    }
  return cpu_ms () - start;
}

/* Panned a little each time, as a person drags. */
static void
measure (AirCanvas *canvas, GskRenderer *renderer, const char *name, guint frames)
{
  double snapshot = 0, whole = 0;
  guint nodes, edges;
  g_autofree char *note = NULL, *part = g_strconcat (name, ", snapshot only", NULL);

  frame (canvas, renderer, TRUE);
  for (guint i = 0; i < frames; i++)
    {
      air_canvas_pan_by (canvas, i % 2 == 0 ? -7 : 6, -3);
      snapshot += frame (canvas, renderer, FALSE);
      air_canvas_pan_by (canvas, i % 2 == 0 ? -7 : 6, -3);
      whole += frame (canvas, renderer, TRUE);
    }
  air_canvas_count_drawn (canvas, &nodes, &edges);
  note = g_strdup_printf ("%u nodes, %u edges drawn", nodes, edges);
  say (part, snapshot / frames, "ms", note);
  say (name, whole / frames, "ms", note);
}

static void
measure_hits (AirScene *scene)
{
  const guint n = 100000;
  double start = cpu_ms ();
  guint found = 0;
  g_autofree char *note = NULL;

  for (guint i = 0; i < n; i++)
    {
      graphene_point_t point = GRAPHENE_POINT_INIT ((float) (i * 97 % 28000), (float) (i * 61 % 12000));

      found += air_scene_hit_node (scene, &point) != NULL;
    }
  note = g_strdup_printf ("%u of %u points are on a node", found, n);
  say ("hit test", (cpu_ms () - start) * 1000 / n, "us", note);
}

int
main (int argc, char **argv)
{
  g_autoptr (AirScene) scene = NULL;
  GtkWidget *window;
  AirCanvas *canvas;
  GskRenderer *renderer;
  double start;

  if (!gtk_init_check ())
    {
      g_printerr ("bench-canvas: there is no display\n");
      return 1;
    }
  adw_init ();
  start = cpu_ms ();
  scene = make_scene ();
  say ("scene built and routed", cpu_ms () - start, "ms", "once, not for each frame");
  window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  canvas = AIR_CANVAS (air_canvas_new ());
  gtk_widget_set_size_request (GTK_WIDGET (canvas), WIDTH, HEIGHT);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (canvas));
  air_canvas_set_scene (canvas, scene);
  gtk_window_present (GTK_WINDOW (window));
  settle ();
  renderer = gtk_native_get_renderer (GTK_NATIVE (window));
  air_canvas_zoom_to (canvas, 1);
  air_canvas_centre_on (canvas, 14000, 6000);
  measure (canvas, renderer, "1:1", 60);
  for (guint i = 0; i < COLUMNS * ROWS; i++)
    air_canvas_set_status (canvas, air_scene_get_node (scene, i)->id, (AirNodeStatus) (1 + i % 7));
  measure (canvas, renderer, "1:1, every node with a state", 60);
  air_canvas_zoom_to (canvas, .3f);
  air_canvas_centre_on (canvas, 14000, 6000);
  measure (canvas, renderer, "zoom .3", 20);
  air_canvas_zoom_to (canvas, .13f);
  air_canvas_centre_on (canvas, 14000, 6000);
  measure (canvas, renderer, "zoom .13", 10);
  air_canvas_fit (canvas);
  measure (canvas, renderer, "all in view", 10);
  measure_hits (scene);
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
  return 0;
}
