/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <adwaita.h>

#include "canvas/air-canvas-accessible.h"
#include "canvas/air-canvas-private.h"
#include "canvas/air-glyphs.h"
#include "canvas/air-minimap.h"

/* start → look → ok: act → end, failed: stop; and one more after end, far to the right */
static AirScene *
make_scene (void)
{
  g_autoptr (AirSceneBuilder) builder = air_scene_builder_new ();

  air_scene_builder_add_node (builder, "start", AIR_NODE_KIND_TRIGGER, "Request arrives", "shop.refund");
  air_scene_builder_add_node (builder, "look", AIR_NODE_KIND_CALL, "Look up the order", "shop.order.lookup");
  air_scene_builder_add_node (builder, "act", AIR_NODE_KIND_GATE, "Approval", NULL);
  air_scene_builder_add_node (builder, "stop", AIR_NODE_KIND_END, "Stopped", NULL);
  air_scene_builder_add_node (builder, "end", AIR_NODE_KIND_END, "Done", NULL);
  air_scene_builder_set_position (builder, "start", 0, 100);
  air_scene_builder_set_position (builder, "look", 280, 100);
  air_scene_builder_set_position (builder, "act", 560, 0);
  air_scene_builder_set_position (builder, "stop", 560, 200);
  air_scene_builder_set_position (builder, "end", 20000, 0);
  air_scene_builder_add_port (builder, "look", "ok", NULL, FALSE);
  air_scene_builder_add_port (builder, "look", "error", "failed", TRUE);
  air_scene_builder_add_edge (builder, "e1", "start", "out", "look");
  air_scene_builder_add_edge (builder, "e2", "look", "ok", "act");
  air_scene_builder_add_edge (builder, "e3", "look", "error", "stop");
  air_scene_builder_add_edge (builder, "e4", "act", "approved", "end");
  return air_scene_builder_finish (builder);
}

typedef struct {
  GtkWidget *window;
  AirCanvas *canvas;
} Fixture;

static void
settle (void)
{
  gint64 until = g_get_monotonic_time () + 60 * 1000;

  while (g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
setup (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AirScene) scene = make_scene ();

  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  fixture->window = gtk_window_new ();
  fixture->canvas = AIR_CANVAS (air_canvas_new ());
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 500);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->canvas));
  air_canvas_set_scene (fixture->canvas, scene);
  gtk_window_present (GTK_WINDOW (fixture->window));
  settle ();
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->canvas), (gpointer *) &fixture->canvas);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  settle ();
  g_assert_null (fixture->canvas);
}

static GBytes *
draw (AirCanvas *canvas)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;

  air_canvas_snapshot (GTK_WIDGET (canvas), snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  return gsk_render_node_serialize (node);
}

/* --- drawing ------------------------------------------------------------ */

static void
test_stable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) first = draw (fixture->canvas), again = draw (fixture->canvas), other = NULL, back = NULL;
  g_autoptr (AirScene) scene = make_scene ();

  g_assert_true (g_bytes_equal (first, again));
  air_canvas_set_status (fixture->canvas, "act", AIR_NODE_STATUS_WAITING);
  other = draw (fixture->canvas);
  g_assert_false (g_bytes_equal (first, other));
  /* The same scene built anew and drawn from nothing gives the same picture. */
  air_canvas_set_scene (fixture->canvas, scene);
  back = draw (fixture->canvas);
  g_assert_true (g_bytes_equal (first, back));
}

/* A state is drawn over the cached card, never into it. */
static void
test_overlay_keeps_cache (Fixture *fixture, gconstpointer data)
{
  guint index = air_scene_find_node (air_canvas_get_scene (fixture->canvas), "look")->index;
  g_autoptr (GBytes) first = draw (fixture->canvas), second = NULL;
  GskRenderNode *card = fixture->canvas->painted_nodes[index].full;

  g_assert_nonnull (card);
  air_canvas_set_status (fixture->canvas, "look", AIR_NODE_STATUS_RUNNING);
  air_canvas_set_taken (fixture->canvas, "e1", TRUE);
  second = draw (fixture->canvas);
  g_assert_true (fixture->canvas->painted_nodes[index].full == card);
  g_assert_cmpint (air_canvas_get_status (fixture->canvas, "look"), ==, AIR_NODE_STATUS_RUNNING);
}

static void
test_culling (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) near = NULL, all = NULL;
  guint nodes, edges;

  air_canvas_zoom_to (fixture->canvas, 1);
  air_canvas_reveal (fixture->canvas, "start");
  near = draw (fixture->canvas);
  air_canvas_count_drawn (fixture->canvas, &nodes, &edges);
  g_assert_cmpuint (nodes, >, 0);
  g_assert_cmpuint (nodes, <, 5); /* "end" is far away */
  g_assert_null (
      fixture->canvas->painted_nodes[air_scene_find_node (air_canvas_get_scene (fixture->canvas), "end")->index].full);
  air_canvas_fit (fixture->canvas);
  all = draw (fixture->canvas);
  air_canvas_count_drawn (fixture->canvas, &nodes, &edges);
  g_assert_cmpuint (nodes, ==, 5);
  g_assert_cmpuint (edges, ==, 4);
}

static void
test_zoom_keeps_point (Fixture *fixture, gconstpointer data)
{
  graphene_point_t at = GRAPHENE_POINT_INIT (300, 200), before, after;

  air_canvas_zoom_to (fixture->canvas, 1);
  air_canvas_to_scene (fixture->canvas, &at, &before);
  air_canvas_zoom_at (fixture->canvas, 1.6f, &at);
  air_canvas_to_scene (fixture->canvas, &at, &after);
  g_assert_true (graphene_point_near (&before, &after, .01f));
  air_canvas_zoom_at (fixture->canvas, 100, &at);
  g_assert_cmpfloat (air_canvas_get_zoom (fixture->canvas), ==, AIR_CANVAS_MAX_ZOOM);
}

/* No kind of step and no state is without its colour, its drawing and its words: a new one is easily forgotten. */
static void
test_palettes (Fixture *fixture, gconstpointer data)
{
  for (guint look = 0; look < 4; look++)
    {
      const AirPalette *palette = air_palette_get ((look & 1) != 0, (look & 2) != 0);

      for (guint i = 0; i < AIR_N_NODE_KINDS; i++)
        g_assert_cmpfloat (palette->kinds[i].alpha, ==, 1);
      for (guint i = 0; i < AIR_N_NODE_STATUSES; i++)
        g_assert_cmpfloat (palette->statuses[i].alpha, ==, 1);
    }
  for (guint i = 0; i < AIR_N_NODE_KINDS; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      g_autoptr (GskRenderNode) node = NULL;

      air_glyph_snapshot_kind (snapshot, (AirNodeKind) i, &air_palette_get (FALSE, FALSE)->text);
      node = gtk_snapshot_free_to_node (snapshot);
      g_assert_nonnull (node);
      g_assert_cmpstr (air_node_kind_to_words ((AirNodeKind) i), !=, "");
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (air_node_kind_to_words ((AirNodeKind) i), !=, air_node_kind_to_words ((AirNodeKind) j));
    }
}

/* The map shows the whole, says where one is, and leads there. */
static void
test_minimap (Fixture *fixture, gconstpointer data)
{
  GtkWidget *map = air_minimap_new (fixture->canvas), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  graphene_rect_t view;
  int width, height;

  g_object_ref (fixture->canvas);
  gtk_window_set_child (GTK_WINDOW (fixture->window), NULL);
  gtk_widget_set_vexpand (GTK_WIDGET (fixture->canvas), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (fixture->canvas));
  g_object_unref (fixture->canvas);
  gtk_box_append (GTK_BOX (box), map);
  gtk_window_set_child (GTK_WINDOW (fixture->window), box);
  settle ();
  gtk_widget_measure (map, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  gtk_widget_measure (map, GTK_ORIENTATION_VERTICAL, -1, &height, NULL, NULL, NULL);
  g_assert_cmpint (width, >, 100);
  g_assert_cmpint (height, >, 40);
  gtk_test_accessible_assert_role (map, GTK_ACCESSIBLE_ROLE_PRESENTATION);
  GTK_WIDGET_GET_CLASS (map)->snapshot (map, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);

  air_canvas_zoom_to (fixture->canvas, 1);
  air_canvas_centre_on (fixture->canvas, 20000, 36);
  air_canvas_get_view (fixture->canvas, &view);
  g_assert_true (graphene_rect_contains_point (&view, &GRAPHENE_POINT_INIT (20000, 36)));
  g_assert_false (graphene_rect_contains_point (&view, &GRAPHENE_POINT_INIT (0, 100)));
  air_canvas_set_scene (fixture->canvas, NULL);
  g_assert_false (gtk_widget_get_visible (map));
}

/* --- keys --------------------------------------------------------------- */

static void
test_moves (Fixture *fixture, gconstpointer data)
{
  AirScene *scene = air_canvas_get_scene (fixture->canvas);
  static const struct {
    const char *from;
    AirMove move;
    const char *to; /* NULL: nowhere */
  } cases[] = {
    { "start", AIR_MOVE_FORWARD, "look" }, { "look", AIR_MOVE_FORWARD, "act" }, { "act", AIR_MOVE_BACK, "look" },
    { "stop", AIR_MOVE_BACK, "look" },     { "stop", AIR_MOVE_FORWARD, NULL },  { "start", AIR_MOVE_BACK, NULL },
    { "act", AIR_MOVE_DOWN, "stop" },      { "stop", AIR_MOVE_UP, "act" },      { "look", AIR_MOVE_FIRST, "start" },
    { "start", AIR_MOVE_LAST, "end" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int to = air_canvas_find_move (scene, (int) air_scene_find_node (scene, cases[i].from)->index, cases[i].move);

      g_assert_cmpstr (to >= 0 ? air_scene_get_node (scene, (guint) to)->id : NULL, ==, cases[i].to);
    }
}

static void
keep_id (AirCanvas *canvas, const char *node, char **kept)
{
  g_set_str (kept, node);
}

/* The keys themselves, through the widget's own bindings. */
static void
test_keys (Fixture *fixture, gconstpointer data)
{
  g_autofree char *activated = NULL;
  GtkWidget *widget = GTK_WIDGET (fixture->canvas);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  static const guint keys[] = { GDK_KEY_Home, GDK_KEY_Right, GDK_KEY_Right, GDK_KEY_Down };
  static const char *const expected[] = { "start", "look", "act", "stop" };

  g_signal_connect (fixture->canvas, "node-activated", G_CALLBACK (keep_id), &activated);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gboolean handled = FALSE;

      for (guint c = 0; !handled && c < g_list_model_get_n_items (controllers); c++)
        {
          g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, c);

          for (guint s = 0; !handled && GTK_IS_SHORTCUT_CONTROLLER (controller)
                            && s < g_list_model_get_n_items (G_LIST_MODEL (controller));
               s++)
            {
              g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), s);
              GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

              if (GTK_IS_KEYVAL_TRIGGER (trigger)
                  && gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)) == keys[i]
                  && gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger)) == 0)
                handled = gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, widget,
                                                        gtk_shortcut_get_arguments (shortcut));
            }
        }
      g_assert_true (handled);
      g_assert_cmpstr (air_canvas_get_cursor (fixture->canvas), ==, expected[i]);
      g_assert_null (air_canvas_get_selected (fixture->canvas));
    }
  air_canvas_activate_node (fixture->canvas, fixture->canvas->cursor);
  g_assert_cmpstr (activated, ==, "stop");
}

static void
count_notify (AirCanvas *canvas, GParamSpec *pspec, int *count)
{
  (*count)++;
}

static void
test_selection (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AirScene) scene = make_scene ();
  int count = 0;

  g_signal_connect (fixture->canvas, "notify::selected", G_CALLBACK (count_notify), &count);
  air_canvas_set_selected (fixture->canvas, "look");
  air_canvas_set_selected (fixture->canvas, "look");
  g_assert_cmpint (count, ==, 1);
  air_canvas_set_selected (fixture->canvas, "nothing");
  g_assert_null (air_canvas_get_selected (fixture->canvas));
  air_canvas_set_selected (fixture->canvas, "act");
  air_canvas_set_scene (fixture->canvas, scene);
  g_assert_null (air_canvas_get_selected (fixture->canvas));
  g_assert_cmpint (count, ==, 4);
}

/* --- accessibility ------------------------------------------------------ */

static void
test_accessible (Fixture *fixture, gconstpointer data)
{
  static const char *const titles[] = { "Request arrives", "Look up the order", "Approval", "Stopped", "Done" };
  GtkAccessible *node;
  GPtrArray *all;
  guint i = 0;

  gtk_test_accessible_assert_role (fixture->canvas, GTK_ACCESSIBLE_ROLE_LIST);
  air_canvas_set_status (fixture->canvas, "act", AIR_NODE_STATUS_WAITING);
  air_canvas_set_selected (fixture->canvas, "act");
  /* In the order of the flow, from the first child on, each with its way on. */
  for (node = gtk_accessible_get_first_accessible_child (GTK_ACCESSIBLE (fixture->canvas)); node != NULL; i++)
    {
      GtkAccessible *next = gtk_accessible_get_next_accessible_sibling (node);
      g_autoptr (GtkAccessible) parent = gtk_accessible_get_accessible_parent (node);
      int x, y, width, height;

      g_assert_cmpuint (i, <, G_N_ELEMENTS (titles));
      gtk_test_accessible_assert_role (node, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
      gtk_test_accessible_assert_property (node, GTK_ACCESSIBLE_PROPERTY_LABEL, titles[i]);
      g_assert_true (parent == GTK_ACCESSIBLE (fixture->canvas));
      g_assert_true (gtk_accessible_get_bounds (node, &x, &y, &width, &height));
      g_assert_cmpint (width, >, 0);
      g_assert_cmpint (gtk_test_accessible_has_relation (node, GTK_ACCESSIBLE_RELATION_FLOW_TO), ==, i < 3);
      g_object_unref (node);
      node = next;
    }
  g_assert_cmpuint (i, ==, G_N_ELEMENTS (titles));
  all = air_canvas_get_accessibles (fixture->canvas);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (all->pdata[2]), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Human gate, waiting");
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (all->pdata[2]), GTK_ACCESSIBLE_STATE_SELECTED, TRUE);
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (all->pdata[1]), GTK_ACCESSIBLE_STATE_SELECTED, FALSE);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv);
  adw_init ();
#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)
  ADD ("/canvas/draw/stable", test_stable);
  ADD ("/canvas/draw/overlay-keeps-cache", test_overlay_keeps_cache);
  ADD ("/canvas/draw/culling", test_culling);
  ADD ("/canvas/zoom-keeps-point", test_zoom_keeps_point);
  ADD ("/canvas/palettes", test_palettes);
  ADD ("/canvas/minimap", test_minimap);
  ADD ("/canvas/keys/moves", test_moves);
  ADD ("/canvas/keys/bindings", test_keys);
  ADD ("/canvas/selection", test_selection);
  ADD ("/canvas/accessible", test_accessible);
  return g_test_run ();
}
