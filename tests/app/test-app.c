/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>

#include "app-driver.h"
#include "app/air-gates-page.h"
#include "canvas/air-canvas.h"

typedef struct {
  AppDriver *driver;
  GtkWidget *approvals;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->driver = app_driver_new ();
  fixture->approvals = air_window_get_page (fixture->driver->window, "approvals");
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  app_driver_free (fixture->driver);
}

static void
open_gate (Fixture *fixture, const char *run)
{
  g_autofree char *link = g_strdup_printf ("airails://gate/%s/approval", run);

  g_assert_true (air_window_open_link (fixture->driver->window, link));
}

static GtkWidget *
button (Fixture *fixture, const char *label)
{
  GtkWidget *found = app_driver_find (fixture->approvals, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (found);
  return found;
}

/* Whatever is under @root that fits, once it is there. */
static GtkWidget *
until_found (Fixture *fixture, GtkWidget *root, GType type, const char *text)
{
  GtkWidget *found = NULL;

  for (int i = 0; found == NULL && i < 40; i++)
    {
      found = app_driver_find (root, type, text);
      if (found == NULL)
        app_driver_settle (fixture->driver);
    }
  g_assert_nonnull (found);
  return found;
}

/* Presses the button on the page; the dialog that asks for the rest. */
static GtkWidget *
ask (Fixture *fixture, const char *label)
{
  gtk_widget_activate (button (fixture, label));
  for (int i = 0; i < 40 && app_driver_dialog (fixture->driver) == NULL; i++)
    app_driver_settle (fixture->driver);
  g_assert_nonnull (app_driver_dialog (fixture->driver));
  return GTK_WIDGET (app_driver_dialog (fixture->driver));
}

static void
write_reason (Fixture *fixture, GtkWidget *dialog, const char *reason)
{
  GtkWidget *row = until_found (fixture, dialog, ADW_TYPE_ENTRY_ROW, "Reason (");

  gtk_editable_set_text (GTK_EDITABLE (row), reason);
}

/* Presses the button, gives the reason and answers the question. */
static void
decide (Fixture *fixture, const char *label, const char *reason, const char *answer)
{
  GtkWidget *dialog = ask (fixture, label);

  if (reason != NULL)
    write_reason (fixture, dialog, reason);
  gtk_widget_activate (until_found (fixture, dialog, GTK_TYPE_BUTTON, answer));
}

static void
test_start (Fixture *fixture, gconstpointer data)
{
  AirWindow *window = fixture->driver->window;

  g_assert_true (app_driver_shows (air_window_get_page (window, "workflows"), "No Workflow Open"));
  air_window_show_page (window, "approvals");
  app_driver_settle (fixture->driver);
  g_assert_true (app_driver_shows (fixture->approvals, "Not Connected"));
}

static void
test_connected (Fixture *fixture, gconstpointer data)
{
  AirWindow *window = fixture->driver->window;
  GtkWidget *canvas;

  app_driver_connect (fixture->driver, NULL);
  g_assert_cmpint (air_connection_get_state (air_window_get_connection (window)), ==, AIR_CONNECTION_OPEN);
  canvas = app_driver_find (air_window_get_page (window, "workflows"), AIR_TYPE_CANVAS, NULL);
  g_assert_nonnull (canvas);
  g_assert_cmpuint (air_scene_get_n_nodes (air_canvas_get_scene (AIR_CANVAS (canvas))), >, 20);
  air_canvas_set_selected (AIR_CANVAS (canvas), "refund");
  app_driver_settle (fixture->driver);
  g_assert_true (app_driver_shows (air_window_get_page (window, "workflows"), "stripe.refund.create"));
  g_assert_true (app_driver_shows (GTK_WIDGET (window), "Approvals"));
  air_window_show_page (window, "approvals");
  app_driver_until_shows (fixture->driver, fixture->approvals, "0 of 2 approvals");
}

static void
test_cannot_connect (Fixture *fixture, gconstpointer data)
{
  app_driver_connect (fixture->driver, "/nonexistent/profile.json");
  g_assert_cmpint (air_connection_get_state (air_window_get_connection (fixture->driver->window)), ==,
                   AIR_CONNECTION_FAILED);
  g_assert_true (app_driver_shows (GTK_WIDGET (fixture->driver->window), "/nonexistent/profile.json"));
}

static void
test_approve (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "450.19");
  app_driver_until_shows (driver, fixture->approvals, "Up to 1,000.00 one approver decides");
  g_assert_true (app_driver_shows (fixture->approvals, "Who must approve a refund, version 1.0.0"));
  g_assert_true (app_driver_shows (fixture->approvals, "medium"));
  g_assert_true (app_driver_shows (fixture->approvals, "It counts as denied"));
  decide (fixture, "_Approve…", "Still pending", "_Approve");
  app_driver_until_shows (driver, fixture->approvals, "The proof holds");
  g_assert_true (app_driver_shows (fixture->approvals, "The request is approved"));
  g_assert_cmpstr (runtime_double_get_decision (driver->runtime), ==, "approve");
  g_assert_cmpstr (runtime_double_get_reason (driver->runtime), ==, "Still pending");
  /* Nobody decides twice: the buttons are gone, and so is the request from the list. */
  g_assert_null (app_driver_find (fixture->approvals, GTK_TYPE_BUTTON, "_Approve…"));
  g_assert_false (app_driver_shows (fixture->approvals, "0 of 1 approval ·"));
}

static void
test_deny (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->large);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  decide (fixture, "_Deny…", "Not theirs", "_Deny");
  app_driver_until_shows (driver, fixture->approvals, "The request is denied");
  g_assert_cmpstr (runtime_double_get_decision (driver->runtime), ==, "deny");
  g_assert_cmpstr (runtime_double_get_reason (driver->runtime), ==, "Not theirs");
}

/* Nobody is denied without a word of why. */
static void
test_deny_needs_reason (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  GtkWidget *dialog, *sign;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->large);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  dialog = ask (fixture, "_Deny…");
  sign = until_found (fixture, dialog, GTK_TYPE_BUTTON, "_Deny");
  g_assert_false (gtk_widget_is_sensitive (sign));
  write_reason (fixture, dialog, "   ");
  g_assert_false (gtk_widget_is_sensitive (sign));
  write_reason (fixture, dialog, "no");
  g_assert_true (gtk_widget_is_sensitive (sign));
  adw_dialog_force_close (ADW_DIALOG (dialog));
  app_driver_settle (driver);
}

/* Changed as far as the policy lets, shown as what it was and what it becomes, and signed as that. */
static void
test_edit (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  GtkWidget *dialog, *amount, *sign;
  AirValue *edited;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  dialog = ask (fixture, "_Change…");
  sign = until_found (fixture, dialog, GTK_TYPE_BUTTON, "_Approve");
  write_reason (fixture, dialog, "Shipping is not refunded");
  g_assert_false (gtk_widget_is_sensitive (sign));
  g_assert_true (app_driver_shows (dialog, "Nothing is changed yet"));

  amount = until_found (fixture, dialog, ADW_TYPE_ENTRY_ROW, "Amount");
  gtk_editable_set_text (GTK_EDITABLE (amount), "900.00");
  g_assert_true (app_driver_shows (dialog, "may only be changed to what fits"));
  g_assert_false (gtk_widget_is_sensitive (sign));
  gtk_editable_set_text (GTK_EDITABLE (amount), "a lot");
  g_assert_true (app_driver_shows (dialog, "is no value of that kind"));
  g_assert_false (gtk_widget_is_sensitive (sign));
  gtk_editable_set_text (GTK_EDITABLE (amount), "400.5");
  app_driver_settle (driver);
  g_assert_true (app_driver_shows (dialog, "450.19"));
  g_assert_true (app_driver_shows (dialog, "400.50"));
  g_assert_true (gtk_widget_is_sensitive (sign));
  gtk_widget_activate (sign);

  app_driver_until_shows (driver, fixture->approvals, "You Changed and Approved This Request");
  g_assert_cmpstr (runtime_double_get_decision (driver->runtime), ==, "edit");
  edited = runtime_double_get_edited (driver->runtime);
  g_assert_nonnull (edited);
  g_assert_cmpint (air_map_get_int (air_map_get_map (air_list_get (edited, 1), "input"), "amount_minor", 0), ==, 40050);
}

/* Where the policy lets nobody change anything there is nothing to press for it. */
static void
test_edit_not_allowed (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->large);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  g_assert_null (app_driver_find (fixture->approvals, GTK_TYPE_BUTTON, "_Change…"));
}

/* A question goes into the ledger with its words, and the request goes on waiting for the one who asked, too. */
static void
test_ask (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  GtkWidget *dialog;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  gtk_widget_activate_action (button (fixture, "_Deny…"), "gate.ask", NULL);
  app_driver_settle (driver);
  dialog = GTK_WIDGET (app_driver_dialog (driver));
  gtk_editable_set_text (GTK_EDITABLE (until_found (fixture, dialog, ADW_TYPE_ENTRY_ROW, "What do you need")),
                         "Which parcel?");
  gtk_widget_activate (until_found (fixture, dialog, GTK_TYPE_BUTTON, "_Ask"));
  app_driver_until_shows (driver, fixture->approvals, "the request goes on waiting");
  g_assert_cmpstr (runtime_double_get_decision (driver->runtime), ==, "request-info");
  g_assert_cmpstr (runtime_double_get_reason (driver->runtime), ==, "Which parcel?");
  app_driver_until_shows (driver, fixture->approvals, "ana asked for information");
  g_assert_true (gtk_widget_is_sensitive (button (fixture, "_Approve…")));
}

/* The list is worked through without the pointer: decide, next. */
static void
test_next (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  decide (fixture, "_Approve…", NULL, "_Approve");
  app_driver_until_shows (driver, fixture->approvals, "The proof holds");
  gtk_widget_activate (button (fixture, "_Next Request"));
  app_driver_until_shows (driver, fixture->approvals, "0 of 2 given");
  g_assert_true (gtk_widget_is_sensitive (until_found (fixture, fixture->approvals, GTK_TYPE_BUTTON, "_Approve…")));
}

static void
test_cancelled_question (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;

  app_driver_connect (driver, NULL);
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  decide (fixture, "_Approve…", NULL, "_Cancel");
  app_driver_settle (driver);
  g_assert_null (runtime_double_get_decision (driver->runtime));
  g_assert_true (gtk_widget_is_sensitive (button (fixture, "_Approve…")));
}

/* Who designed the workflow sees the buttons, cannot press them, and reads why. */
static void
test_forbidden (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;

  app_driver_connect (driver, runtime_double_get_designer_profile_path (driver->runtime));
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "another person must decide");
  g_assert_false (gtk_widget_is_sensitive (button (fixture, "_Approve…")));
  g_assert_false (gtk_widget_is_sensitive (button (fixture, "_Deny…")));
}

/* A runtime that shows one action and has another one signed gets no signature: there is nothing to press. */
static void
test_lying_runtime (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;

  app_driver_connect (driver, NULL);
  runtime_double_set_lie (driver->runtime, RUNTIME_DOUBLE_SHOWS_OTHER_ACTION);
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "Does Not Agree With Its Ledger Entry");
  g_assert_null (app_driver_find (fixture->approvals, GTK_TYPE_BUTTON, "_Approve…"));
}

static void
test_run_on_canvas (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  GtkWidget *runs = air_window_get_page (driver->window, "runs");
  g_autofree char *link = g_strdup_printf ("airails://run/%s", driver->failed);
  AirCanvas *canvas;

  app_driver_connect (driver, NULL);
  g_assert_true (air_window_open_link (driver->window, link));
  app_driver_until_shows (driver, runs, "Run failed");
  canvas = AIR_CANVAS (app_driver_find (runs, AIR_TYPE_CANVAS, NULL));
  g_assert_cmpint (air_canvas_get_status (canvas, "order"), ==, AIR_NODE_STATUS_DONE);
  g_assert_cmpint (air_canvas_get_status (canvas, "cancel"), ==, AIR_NODE_STATUS_UNDONE);
  g_assert_cmpint (air_canvas_get_status (canvas, "refund"), ==, AIR_NODE_STATUS_FAILED);
  g_assert_cmpint (air_canvas_get_status (canvas, "refund_failed"), ==, AIR_NODE_STATUS_FAILED);
  g_assert_cmpint (air_canvas_get_status (canvas, "take_back"), ==, AIR_NODE_STATUS_PENDING);
}

/* A run that goes on while it is shown. */
static void
test_live_run (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  GtkWidget *runs = air_window_get_page (driver->window, "runs");
  g_autofree char *link = g_strdup_printf ("airails://run/%s", driver->medium);

  app_driver_connect (driver, NULL);
  g_assert_true (air_window_open_link (driver->window, link));
  app_driver_until_shows (driver, runs, "waits for 1 approval");
  open_gate (fixture, driver->medium);
  app_driver_until_shows (driver, fixture->approvals, "If approved, this happens");
  decide (fixture, "_Approve…", NULL, "_Approve");
  app_driver_until_shows (driver, fixture->approvals, "The proof holds");
  air_window_show_page (driver->window, "runs");
  app_driver_until_shows (driver, runs, "Run completed");
  g_assert_true (app_driver_shows (runs, "ana approved"));
}

static void
test_proofs (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  GtkWidget *proofs = air_window_get_page (driver->window, "proofs");

  app_driver_connect (driver, NULL);
  g_assert_true (air_window_open_link (driver->window, "airails://entry/5"));
  app_driver_until_shows (driver, proofs, "Signed by airails.example/demo/refunds");
  app_driver_until_shows (driver, proofs, "The proof holds");
  runtime_double_set_lie (driver->runtime, RUNTIME_DOUBLE_CHANGES_ENTRY);
  g_assert_true (air_window_open_link (driver->window, "airails://entry/6"));
  app_driver_until_shows (driver, proofs, "The ledger does not hold what it should");
  g_assert_false (app_driver_shows (proofs, "The proof holds"));
}

static void
test_lost_and_found (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  GtkWidget *window = GTK_WIDGET (driver->window);
  AirConnection *connection = air_window_get_connection (driver->window);

  app_driver_connect (driver, NULL);
  runtime_double_stop (driver->runtime);
  app_driver_until_shows (driver, window, "The connection is lost");
  g_assert_false (air_connection_get_reachable (connection));
  runtime_double_restart (driver->runtime);
  gtk_widget_activate_action (window, "win.retry", NULL);
  while (!air_connection_get_reachable (connection))
    app_driver_settle (driver);
  g_assert_null (air_connection_get_error (connection));
}

static void
test_offline_file (Fixture *fixture, gconstpointer data)
{
  AppDriver *driver = fixture->driver;
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", "workflows",
                                            "refunds-and-cancellations.workflow.json", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  air_window_open_workflow (driver->window, file);
  app_driver_until_shows (driver, air_window_get_page (driver->window, "workflows"), "Refunds and cancellations");
  g_assert_nonnull (app_driver_find (air_window_get_page (driver->window, "workflows"), AIR_TYPE_CANVAS, NULL));
  g_assert_false (air_window_open_link (driver->window, "airails://nowhere/x"));
  g_assert_false (air_window_open_link (driver->window, "https://example.com"));
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  gtk_test_init (&argc, &argv);
  adw_init ();
#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)
  ADD ("/app/start", test_start);
  ADD ("/app/connected", test_connected);
  ADD ("/app/cannot-connect", test_cannot_connect);
  ADD ("/app/gate/approve", test_approve);
  ADD ("/app/gate/deny", test_deny);
  ADD ("/app/gate/deny-needs-reason", test_deny_needs_reason);
  ADD ("/app/gate/edit", test_edit);
  ADD ("/app/gate/edit-not-allowed", test_edit_not_allowed);
  ADD ("/app/gate/ask", test_ask);
  ADD ("/app/gate/next", test_next);
  ADD ("/app/gate/cancelled-question", test_cancelled_question);
  ADD ("/app/gate/forbidden", test_forbidden);
  ADD ("/app/gate/lying-runtime", test_lying_runtime);
  ADD ("/app/run/on-canvas", test_run_on_canvas);
  ADD ("/app/run/live", test_live_run);
  ADD ("/app/proofs", test_proofs);
  ADD ("/app/lost-and-found", test_lost_and_found);
  ADD ("/app/offline-file", test_offline_file);
  return g_test_run ();
}
