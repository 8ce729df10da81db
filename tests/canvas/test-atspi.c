/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <adwaita.h>
#include <atspi/atspi.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "canvas/air-canvas.h"

/* What a screen reader finds on the canvas: asked over the accessibility bus, from another process. */

#define NAME "airails-canvas-under-test"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtspiAccessible, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtspiRelation, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtspiStateSet, g_object_unref)

/* --- the window, in a process of its own -------------------------------- */

static AirScene *
make_scene (void)
{
  g_autoptr (AirSceneBuilder) builder = air_scene_builder_new ();

  air_scene_builder_add_node (builder, "start", AIR_NODE_KIND_TRIGGER, "Request arrives", NULL);
  air_scene_builder_add_node (builder, "look", AIR_NODE_KIND_CALL, "Look up the order", "shop.order.lookup");
  air_scene_builder_add_node (builder, "approve", AIR_NODE_KIND_GATE, "Approval by people", NULL);
  air_scene_builder_add_node (builder, "stop", AIR_NODE_KIND_END, "Could not look it up", NULL);
  air_scene_builder_add_port (builder, "look", "ok", NULL, FALSE);
  air_scene_builder_add_port (builder, "look", "error", "failed", TRUE);
  air_scene_builder_add_edge (builder, "e1", "start", "out", "look");
  air_scene_builder_add_edge (builder, "e2", "look", "ok", "approve");
  air_scene_builder_add_edge (builder, "e3", "look", "error", "stop");
  return air_scene_builder_finish (builder);
}

static void
activate_cb (GtkApplication *application)
{
  GtkWidget *window = gtk_application_window_new (application), *canvas = air_canvas_new ();
  g_autoptr (AirScene) scene = make_scene ();

  gtk_window_set_title (GTK_WINDOW (window), NAME);
  gtk_window_set_default_size (GTK_WINDOW (window), 800, 400);
  gtk_window_set_child (GTK_WINDOW (window), canvas);
  air_canvas_set_scene (AIR_CANVAS (canvas), scene);
  air_canvas_set_status (AIR_CANVAS (canvas), "approve", AIR_NODE_STATUS_WAITING);
  air_canvas_set_selected (AIR_CANVAS (canvas), "look");
  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_grab_focus (canvas);
}

static int
run_window (void)
{
  g_autoptr (AdwApplication) application = adw_application_new (NULL, G_APPLICATION_NON_UNIQUE);

  g_set_prgname (NAME);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  return g_application_run (G_APPLICATION (application), 0, NULL);
}

/* --- the one who asks --------------------------------------------------- */

static AtspiAccessible *
find (AtspiAccessible *root, AtspiRole role, const char *name)
{
  g_autofree char *own = atspi_accessible_get_name (root, NULL);
  int n;

  if (atspi_accessible_get_role (root, NULL) == role && (name == NULL || g_strcmp0 (own, name) == 0))
    return g_object_ref (root);
  n = atspi_accessible_get_child_count (root, NULL);
  for (int i = 0; i < n; i++)
    {
      g_autoptr (AtspiAccessible) child = atspi_accessible_get_child_at_index (root, i, NULL);
      AtspiAccessible *found = child != NULL ? find (child, role, name) : NULL;

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
dump (AtspiAccessible *node, int depth)
{
  g_autofree char *name = atspi_accessible_get_name (node, NULL), *role = atspi_accessible_get_role_name (node, NULL);
  int n = atspi_accessible_get_child_count (node, NULL);

  g_printerr ("%*s%s \"%s\" (%d)\n", depth * 2, "", role, name, n);
  for (int i = 0; i < n && depth < 12; i++)
    {
      g_autoptr (AtspiAccessible) child = atspi_accessible_get_child_at_index (node, i, NULL);

      if (child != NULL)
        dump (child, depth + 1);
    }
}

/* Things come over the bus when they come. */
static AtspiAccessible *
until_found (AtspiRole role, const char *name)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < until)
    {
      g_autoptr (AtspiAccessible) desktop = atspi_get_desktop (0);

      for (int i = 0; desktop != NULL && i < atspi_accessible_get_child_count (desktop, NULL); i++)
        {
          g_autoptr (AtspiAccessible) application = atspi_accessible_get_child_at_index (desktop, i, NULL);
          g_autofree char *own = application != NULL ? atspi_accessible_get_name (application, NULL) : NULL;
          AtspiAccessible *found = g_strcmp0 (own, NAME) == 0 ? find (application, role, name) : NULL;

          if (found != NULL)
            return found;
        }
      g_usleep (100 * 1000);
    }
  dump (atspi_get_desktop (0), 0);
  g_error ("nobody shows \"%s\" with role %d", name, role);
}

/* The names of those a step flows to, in order. */
static char *
flows_to (AtspiAccessible *node, AtspiRelationType type)
{
  g_autoptr (GArray) relations = atspi_accessible_get_relation_set (node, NULL);
  GString *names = g_string_new (NULL);

  for (guint i = 0; relations != NULL && i < relations->len; i++)
    {
      g_autoptr (AtspiRelation) relation = g_array_index (relations, AtspiRelation *, i);

      for (int j = 0;
           atspi_relation_get_relation_type (relation) == type && j < atspi_relation_get_n_targets (relation); j++)
        {
          g_autoptr (AtspiAccessible) target = atspi_relation_get_target (relation, j);
          g_autofree char *name = atspi_accessible_get_name (target, NULL);

          g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
        }
    }
  return g_string_free (names, FALSE);
}

static gboolean
has_state (AtspiAccessible *node, AtspiStateType state)
{
  g_autoptr (AtspiStateSet) states = atspi_accessible_get_state_set (node);

  return atspi_state_set_contains (states, state);
}

/* A window that is about to come is on the bus before it can answer, which the library warns of. */
static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  return g_strcmp0 (domain, "dbind") != 0;
}

static void
say_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  g_test_message ("%s: %s", domain, message);
}

static void
test_nodes (void)
{
  static const char *const order[] = { "Request arrives", "Look up the order", "Approval by people",
                                       "Could not look it up" };
  g_autoptr (AtspiAccessible) look = NULL, gate = NULL, canvas = NULL;
  g_autofree char *name = NULL, *to = NULL, *words = NULL;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  g_log_set_handler ("dbind", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, say_cb, NULL);
  look = until_found (ATSPI_ROLE_LIST_ITEM, "Look up the order");
  gate = until_found (ATSPI_ROLE_LIST_ITEM, "Approval by people");
  canvas = atspi_accessible_get_parent (look, NULL);
  name = atspi_accessible_get_name (canvas, NULL);
  g_assert_cmpstr (name, ==, "Workflow");
  g_assert_cmpint (atspi_accessible_get_role (canvas, NULL), ==, ATSPI_ROLE_LIST);
  g_assert_cmpint (atspi_accessible_get_child_count (canvas, NULL), ==, G_N_ELEMENTS (order));
  for (int i = 0; i < (int) G_N_ELEMENTS (order); i++)
    {
      g_autoptr (AtspiAccessible) child = atspi_accessible_get_child_at_index (canvas, i, NULL);
      g_autofree char *own = atspi_accessible_get_name (child, NULL);

      g_assert_cmpstr (own, ==, order[i]);
    }
  words = atspi_accessible_get_description (gate, NULL);
  g_assert_cmpstr (words, ==, "Human gate, waiting");
  to = flows_to (look, ATSPI_RELATION_FLOWS_TO);
  g_assert_cmpstr (to, ==, "Approval by people, Could not look it up");
  g_assert_true (has_state (look, ATSPI_STATE_SELECTED));
  g_assert_false (has_state (gate, ATSPI_STATE_SELECTED));
  g_assert_true (has_state (gate, ATSPI_STATE_FOCUSABLE));
}

static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
start_window (const char *self)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GError) error = NULL;
  GSubprocess *window;

  g_subprocess_launcher_setenv (launcher, "GTK_A11Y", "atspi", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "NO_AT_BRIDGE");
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  window = g_subprocess_launcher_spawn (launcher, &error, self, "window", NULL);
  g_assert_no_error (error);
  return window;
}

int
main (int argc, char **argv)
{
  g_autoptr (GSubprocess) window = NULL;
  int status;

  if (argc > 1 && strcmp (argv[1], "window") == 0)
    return run_window ();
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("DBUS_SESSION_BUS_ADDRESS") == NULL)
    {
      g_print ("1..0 # SKIP there is no session bus\n");
      return 0;
    }
  g_unsetenv ("NO_AT_BRIDGE");
  if (atspi_init () > 1)
    {
      g_print ("1..0 # SKIP there is no accessibility bus\n");
      return 0;
    }
  window = start_window (argv[0]);
  g_test_add_func ("/canvas/atspi/nodes", test_nodes);
  status = g_test_run ();
  g_subprocess_force_exit (window);
  g_subprocess_wait (window, NULL, NULL);
  atspi_exit ();
  return status;
}
