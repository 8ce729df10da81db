/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>

#include "app-driver.h"
#include "app/air-gates-page.h"
#include "app/air-proofs-page.h"
#include "app/air-runs-page.h"
#include "app/air-workflow-page.h"

/* Writes each page of the window as PNG: screenshots FOLDER */

static const struct {
  const char *name;
  AdwColorScheme scheme;
  int width, height;
} looks[] = {
  { "light", ADW_COLOR_SCHEME_FORCE_LIGHT, 1180, 760 },
  { "dark", ADW_COLOR_SCHEME_FORCE_DARK, 1180, 760 },
  { "narrow", ADW_COLOR_SCHEME_FORCE_LIGHT, 360, 720 },
};

static void
shoot (AppDriver *driver, const char *folder, const char *page, const char *look)
{
  GtkWidget *window = GTK_WIDGET (driver->window);
  g_autofree char *name = g_strdup_printf ("%s-%s.png", page, look), *path = g_build_filename (folder, name, NULL);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  app_driver_settle (driver);
  app_driver_settle (driver);
  paintable = gtk_widget_paintable_new (window);
  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window), gtk_widget_get_height (window));
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (
      gtk_native_get_renderer (GTK_NATIVE (window)), node,
      &GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (window), (float) gtk_widget_get_height (window)));
  g_assert_true (gdk_texture_save_to_png (texture, path));
  g_print ("%s\n", path);
}

static void
scroll_to_end (AppDriver *driver, GtkWidget *page)
{
  GtkWidget *scroller = app_driver_find (page, GTK_TYPE_SCROLLED_WINDOW, NULL);

  for (GtkWidget *w = scroller; w != NULL; w = app_driver_find (page, GTK_TYPE_SCROLLED_WINDOW, NULL))
    {
      GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (w));

      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
      break;
    }
  app_driver_settle (driver);
}

static void
shoot_connected (AppDriver *driver, const char *folder, const char *look, gboolean narrow)
{
  AirWindow *window = driver->window;
  g_autofree char *gate = g_strdup_printf ("airails://gate/%s/approval", driver->large),
                  *run = g_strdup_printf ("airails://run/%s", driver->refunded);
  g_autofree char *failed = g_strdup_printf ("airails://run/%s", driver->failed);
  GtkWidget *page;

  air_window_show_page (window, "workflows");
  page = air_window_get_page (window, "workflows");
  air_workflow_page_select (AIR_WORKFLOW_PAGE (page), narrow ? NULL : "refund");
  shoot (driver, folder, "workflow", look);
  if (!narrow)
    {
      gtk_widget_activate_action (page, "canvas.zoom-in", NULL);
      for (int i = 0; i < 4; i++)
        gtk_widget_activate_action (page, "canvas.zoom-in", NULL);
      air_workflow_page_select (AIR_WORKFLOW_PAGE (page), "approval");
      shoot (driver, folder, "workflow-near", look);
    }
  air_window_show_page (window, "approvals");
  shoot (driver, folder, "approvals", look);
  g_assert_true (air_window_open_link (window, gate));
  shoot (driver, folder, "request", look);
  scroll_to_end (driver, app_driver_find (air_window_get_page (window, "approvals"), ADW_TYPE_CLAMP, NULL) != NULL
                             ? gtk_widget_get_ancestor (
                                   app_driver_find (air_window_get_page (window, "approvals"), ADW_TYPE_CLAMP, NULL),
                                   GTK_TYPE_SCROLLED_WINDOW)
                             : air_window_get_page (window, "approvals"));
  shoot (driver, folder, "request-end", look);
  air_window_show_page (window, "runs");
  shoot (driver, folder, "runs", look);
  g_assert_true (air_window_open_link (window, run));
  shoot (driver, folder, "run", look);
  g_assert_true (air_window_open_link (window, failed));
  shoot (driver, folder, "run-failed", look);
  g_assert_true (air_window_open_link (window, "airails://entry/7"));
  shoot (driver, folder, "proofs", look);
}

static void
shoot_receipt (AppDriver *driver, const char *folder, const char *look)
{
  AirWindow *window = driver->window;
  g_autofree char *gate = g_strdup_printf ("airails://gate/%s/approval", driver->medium);
  GtkWidget *page = air_window_get_page (window, "approvals"), *dialog;

  g_assert_true (air_window_open_link (window, gate));
  app_driver_until_shows (driver, page, "If approved, this happens");
  gtk_widget_activate_action (app_driver_find (page, GTK_TYPE_BUTTON, "_Approve…"), "gate.approve", NULL);
  app_driver_settle (driver);
  dialog = GTK_WIDGET (adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
  shoot (driver, folder, "confirm", look);
  gtk_widget_activate (app_driver_find (dialog, GTK_TYPE_BUTTON, "_Approve and Sign"));
  app_driver_until_shows (driver, page, "The proof holds");
  shoot (driver, folder, "receipt", look);
}

int
main (int argc, char **argv)
{
  g_autoptr (AppDriver) driver = NULL;

  setlocale (LC_ALL, "C.UTF-8");
  if (argc != 2)
    {
      g_printerr ("usage: screenshots FOLDER\n");
      return 2;
    }
  adw_init ();
  driver = app_driver_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      adw_style_manager_set_color_scheme (adw_style_manager_get_default (), looks[i].scheme);
      gtk_window_set_default_size (GTK_WINDOW (driver->window), looks[i].width, looks[i].height);
      air_window_show_page (driver->window, "workflows");
      shoot (driver, argv[1], "start", looks[i].name);
      app_driver_connect (driver, NULL);
      shoot_connected (driver, argv[1], looks[i].name, looks[i].width < 500);
      if (i == 0)
        shoot_receipt (driver, argv[1], looks[i].name);
      gtk_widget_activate_action (GTK_WIDGET (driver->window), "win.disconnect", NULL);
      app_driver_settle (driver);
    }
  return 0;
}
