/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>

#include "app-driver.h"
#include "app/air-connect-dialog.h"
#include "app/air-pin-dialog.h"
#include "app/air-workflow-page.h"

/* Writes each page of the window as PNG, in one look: screenshots FOLDER LOOK */

typedef struct {
  const char *name;
  AdwColorScheme scheme;
  int width, height;
  GtkTextDirection direction;
  double text; /* scale */
} Look;

/* High contrast comes with the environment (ADW_DEBUG_HIGH_CONTRAST). */
static const Look looks[] = {
  { "light", ADW_COLOR_SCHEME_FORCE_LIGHT, 1180, 760, GTK_TEXT_DIR_LTR, 1 },
  { "dark", ADW_COLOR_SCHEME_FORCE_DARK, 1180, 760, GTK_TEXT_DIR_LTR, 1 },
  { "narrow", ADW_COLOR_SCHEME_FORCE_LIGHT, 360, 720, GTK_TEXT_DIR_LTR, 1 },
  { "contrast", ADW_COLOR_SCHEME_FORCE_LIGHT, 1180, 760, GTK_TEXT_DIR_LTR, 1 },
  { "contrast-dark", ADW_COLOR_SCHEME_FORCE_DARK, 1180, 760, GTK_TEXT_DIR_LTR, 1 },
  { "rtl", ADW_COLOR_SCHEME_FORCE_LIGHT, 1180, 760, GTK_TEXT_DIR_RTL, 1 },
  { "large-text", ADW_COLOR_SCHEME_FORCE_LIGHT, 1180, 760, GTK_TEXT_DIR_LTR, 1.5 },
};

static const Look *look;
static const char *folder;

static void
shoot (AppDriver *driver, const char *page)
{
  GtkWidget *window = GTK_WIDGET (driver->window);
  g_autofree char *name = g_strdup_printf ("%s-%s.png", page, look->name),
                  *path = g_build_filename (folder, name, NULL);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  paintable = gtk_widget_paintable_new (window);
  /* While the window is being laid out there is no picture of it. */
  for (guint i = 0; node == NULL && i < 40; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();

      app_driver_settle (driver);
      app_driver_settle (driver);
      gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window), gtk_widget_get_height (window));
      node = gtk_snapshot_free_to_node (snapshot);
    }
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (
      gtk_native_get_renderer (GTK_NATIVE (window)), node,
      &GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (window), (float) gtk_widget_get_height (window)));
  g_assert_true (gdk_texture_save_to_png (texture, path));
  g_print ("%s\n", path);
}

/* The page's own scrolled window that goes farthest: the detail, not a list beside it. */
static void
scroll (AppDriver *driver, GtkWidget *root, double part)
{
  GtkWidget *clamp = app_driver_find (root, ADW_TYPE_CLAMP, NULL);
  GtkWidget *scroller = clamp != NULL ? gtk_widget_get_ancestor (clamp, GTK_TYPE_SCROLLED_WINDOW) : NULL;
  GtkAdjustment *adjustment;

  g_assert_nonnull (scroller);
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) * part);
  app_driver_settle (driver);
}

static void
close_dialog (AppDriver *driver)
{
  AdwDialog *dialog = app_driver_dialog (driver);

  g_assert_nonnull (dialog);
  adw_dialog_force_close (dialog);
  app_driver_settle (driver);
}

static void
shoot_workflow (AppDriver *driver)
{
  AirWindow *window = driver->window;
  GtkWidget *page = air_window_get_page (window, "workflows");

  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-page", "s", "workflows");
  shoot (driver, "workflow");
  air_workflow_page_select (AIR_WORKFLOW_PAGE (page), "approval");
  if (look->width > 500)
    shoot (driver, "workflow-selected");
  else
    {
      gtk_widget_activate_action (page, "workflow.inspector", NULL);
      shoot (driver, "workflow-selected");
      gtk_widget_activate_action (page, "workflow.inspector", NULL);
    }
  gtk_widget_activate_action (page, "canvas.zoom-fit", NULL);
  shoot (driver, "workflow-far");
  gtk_widget_activate_action (page, "workflow.outline", NULL);
  shoot (driver, "outline");
  gtk_widget_activate_action (page, "workflow.canvas", NULL);
}

static GtkWidget *
approvals (AppDriver *driver)
{
  return air_window_get_page (driver->window, "approvals");
}

static void
open_gate (AppDriver *driver, const char *run)
{
  g_autofree char *link = g_strdup_printf ("airails://gate/%s/approval", run);

  g_assert_true (air_window_open_link (driver->window, link));
  app_driver_until_shows (driver, approvals (driver), "If approved, this happens");
}

static void
activate_on_gate (AppDriver *driver, const char *action)
{
  gtk_widget_activate_action (app_driver_find (approvals (driver), GTK_TYPE_BUTTON, "_Approve…"), action, NULL);
  app_driver_settle (driver);
}

static void
shoot_gate (AppDriver *driver)
{
  GtkWidget *entry;

  open_gate (driver, driver->large);
  shoot (driver, "request");
  scroll (driver, approvals (driver), .4);
  shoot (driver, "request-middle");
  scroll (driver, approvals (driver), 1);
  shoot (driver, "request-end");
  open_gate (driver, driver->medium);
  shoot (driver, "request-editable");
  activate_on_gate (driver, "gate.deny");
  shoot (driver, "deny");
  close_dialog (driver);
  activate_on_gate (driver, "gate.ask");
  shoot (driver, "ask");
  close_dialog (driver);
  activate_on_gate (driver, "gate.edit");
  entry = app_driver_find (GTK_WIDGET (app_driver_dialog (driver)), ADW_TYPE_ENTRY_ROW, "Amount");
  gtk_editable_set_text (GTK_EDITABLE (entry), "900.00");
  shoot (driver, "edit-too-much");
  gtk_editable_set_text (GTK_EDITABLE (entry), "400.00");
  shoot (driver, "edit");
  close_dialog (driver);
}

static void
shoot_dialogs (AppDriver *driver)
{
  AdwDialog *dialog = air_connect_dialog_new (air_window_get_connection (driver->window));

  air_connect_dialog_set_profile (AIR_CONNECT_DIALOG (dialog), runtime_double_get_profile_path (driver->runtime));
  adw_dialog_present (dialog, GTK_WIDGET (driver->window));
  shoot (driver, "connect");
  close_dialog (driver);
  for (guint i = 0; i < 2; i++)
    {
      adw_dialog_present (air_pin_dialog_new ("Nitrokey", i), GTK_WIDGET (driver->window));
      shoot (driver, i == 0 ? "pin" : "pin-wrong");
      close_dialog (driver);
    }
}

static void
shoot_runs (AppDriver *driver)
{
  g_autofree char *run = g_strdup_printf ("airails://run/%s", driver->refunded),
                  *failed = g_strdup_printf ("airails://run/%s", driver->failed);

  air_window_show_page (driver->window, "runs");
  shoot (driver, "runs");
  g_assert_true (air_window_open_link (driver->window, run));
  shoot (driver, "run");
  g_assert_true (air_window_open_link (driver->window, failed));
  shoot (driver, "run-failed");
}

static void
shoot_proofs (AppDriver *driver)
{
  g_assert_true (air_window_open_link (driver->window, "airails://entry/7"));
  shoot (driver, "proofs");
  scroll (driver, air_window_get_page (driver->window, "proofs"), 1);
  shoot (driver, "proofs-end");
  runtime_double_set_lie (driver->runtime, RUNTIME_DOUBLE_CHANGES_ENTRY);
  g_assert_true (air_window_open_link (driver->window, "airails://entry/6"));
  shoot (driver, "proofs-alarm");
  runtime_double_set_lie (driver->runtime, RUNTIME_DOUBLE_SHOWS_OTHER_ACTION);
  {
    g_autofree char *link = g_strdup_printf ("airails://gate/%s/approval", driver->large);

    g_assert_true (air_window_open_link (driver->window, link));
  }
  shoot (driver, "request-lie");
  runtime_double_set_lie (driver->runtime, RUNTIME_DOUBLE_HONEST);
}

static void
shoot_receipt (AppDriver *driver)
{
  GtkWidget *dialog;

  open_gate (driver, driver->medium);
  activate_on_gate (driver, "gate.approve");
  shoot (driver, "confirm");
  dialog = GTK_WIDGET (app_driver_dialog (driver));
  gtk_widget_activate (app_driver_find (dialog, GTK_TYPE_BUTTON, "_Approve"));
  app_driver_until_shows (driver, approvals (driver), "The proof holds");
  shoot (driver, "receipt");
}

static void
shoot_troubles (AppDriver *driver)
{
  AirWindow *window = driver->window;

  app_driver_connect (driver, runtime_double_get_designer_profile_path (driver->runtime));
  open_gate (driver, driver->large);
  shoot (driver, "forbidden");
  runtime_double_stop (driver->runtime);
  app_driver_until_shows (driver, GTK_WIDGET (window), "The connection is lost");
  shoot (driver, "lost");
  air_window_connect (window, "/nonexistent/profile.json");
  app_driver_settle (driver);
  shoot (driver, "no-profile");
}

static const Look *
find_look (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    if (g_str_equal (looks[i].name, name))
      return &looks[i];
  return NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (AppDriver) driver = NULL;

  setlocale (LC_ALL, "C.UTF-8");
  look = argc == 3 ? find_look (argv[2]) : NULL;
  if (look == NULL)
    {
      g_printerr ("usage: screenshots FOLDER light|dark|narrow|contrast|contrast-dark|rtl|large-text\n");
      return 2;
    }
  folder = argv[1];
  adw_init ();
  gtk_widget_set_default_direction (look->direction);
  /* As GNOME sets it; without a desktop GTK knows no such thing. */
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11", "gtk-xft-dpi",
                (int) (96 * 1024 * look->text), "gtk-hint-font-metrics", TRUE, NULL);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), look->scheme);
  driver = app_driver_new ();
  gtk_window_set_default_size (GTK_WINDOW (driver->window), look->width, look->height);
  air_window_show_page (driver->window, "workflows");
  shoot (driver, "start");
  air_window_show_page (driver->window, "approvals");
  shoot (driver, "start-approvals");
  shoot_dialogs (driver);
  app_driver_connect (driver, NULL);
  shoot_workflow (driver);
  air_window_show_page (driver->window, "approvals");
  shoot (driver, "approvals");
  shoot_gate (driver);
  shoot_runs (driver);
  shoot_proofs (driver);
  shoot_receipt (driver);
  shoot_troubles (driver);
  return 0;
}
