/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>

#include "app-driver.h"
#include "canvas/air-canvas.h"

/* A program of its own: the canvas is focused here, and GTK loses the lists of relations that are told then, which only
 * the slow unwinder of the leak checker knows for GTK's. */

/* F6 goes round the panes, into what each is for. */
static void
test_panes (void)
{
  g_autoptr (AppDriver) driver = app_driver_new ();
  GtkWidget *window = GTK_WIDGET (driver->window), *canvas, *list, *split;
  gboolean on_canvas = FALSE, on_list = FALSE, inside = FALSE;

  app_driver_connect (driver, NULL);
  canvas = app_driver_find (air_window_get_page (driver->window, "workflows"), AIR_TYPE_CANVAS, NULL);
  list = app_driver_find (window, GTK_TYPE_LIST_BOX, NULL);
  split = gtk_widget_get_ancestor (canvas, ADW_TYPE_OVERLAY_SPLIT_VIEW);
  air_canvas_set_selected (AIR_CANVAS (canvas), "refund");
  app_driver_settle (driver);
  for (guint i = 0; i < 3; i++)
    {
      GtkWidget *focus;

      gtk_widget_activate_action (window, "win.next-pane", NULL);
      focus = gtk_root_get_focus (GTK_ROOT (window));
      g_assert_nonnull (focus);
      if (focus == canvas)
        on_canvas = TRUE;
      else if (gtk_widget_is_ancestor (focus, list))
        on_list = TRUE;
      else
        inside = inside || gtk_widget_is_ancestor (focus, split);
    }
  g_assert_true (on_canvas && on_list && inside);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  gtk_test_init (&argc, &argv);
  adw_init ();
  g_test_add_func ("/app/panes", test_panes);
  return g_test_run ();
}
