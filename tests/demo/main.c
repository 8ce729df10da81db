/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>

#include "demo.h"

/* Exit codes: 0 all as it must be, 1 something differs or failed, 2 wrong use, 130 interrupted. */
#define EXIT_USAGE       2
#define EXIT_INTERRUPTED 130

static const char summary[] = "Makes people and their keys, compiles, signs and publishes the workflow \"Refunds and\n"
                              "cancellations\", starts it with a stand-in shop and payment provider, feeds it every\n"
                              "request, lets approvers sign, and compares what came out with what must come out.\n"
                              "Without --data it uses a synthetic shop, some answers are lost (--drop 5) and the\n"
                              "runtime is killed once (--kill 1). Everything it makes is left in build/demo.";

typedef struct {
  Demo *demo;
  gboolean interrupted;
} Interrupt;

static gboolean
interrupt_cb (gpointer user_data)
{
  Interrupt *interrupt = user_data;

  interrupt->interrupted = TRUE;
  demo_stop (interrupt->demo);
  return G_SOURCE_CONTINUE;
}

/* The sources are where meson said; the programs lie in the same build as this one. */
static void
find_places (DemoPlaces *places)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);
  g_autofree char *build = g_canonicalize_filename ("../..", folder);

  places->source = g_strdup (g_getenv ("AIRAILS_SOURCE") != NULL ? g_getenv ("AIRAILS_SOURCE") : AIRAILS_SOURCE_DIR);
  places->airailsctl = g_build_filename (build, "src", "cli", "airailsctl", NULL);
  places->airails_runtime = g_build_filename (build, "src", "runtime", "airails-runtime", NULL);
  places->airails = g_build_filename (build, "src", "app", "airails", NULL);
  if (!g_file_test (places->airails, G_FILE_TEST_IS_EXECUTABLE))
    g_clear_pointer (&places->airails, g_free);
  places->shop = g_build_filename (build, "tests", "doubles", "shop", NULL);
  places->payments = g_build_filename (build, "tests", "doubles", "payments", NULL);
}

static void
places_clear (DemoPlaces *places)
{
  g_free (places->source);
  g_free (places->airailsctl);
  g_free (places->airails_runtime);
  g_free (places->airails);
  g_free (places->shop);
  g_free (places->payments);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DemoPlaces, places_clear)

static void
options_clear (DemoOptions *options)
{
  g_free (options->data);
  g_free (options->expect);
  g_free (options->final_state);
  g_free (options->keep);
  g_free (options->disk);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DemoOptions, options_clear)

static gboolean
parse (int argc, char **argv, DemoOptions *options, const DemoPlaces *places, GError **error)
{
  const GOptionEntry entries[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &options->data,
      "Requests to feed in; orders.json and users.json lie beside them", "FILE" },
    { "expect", 0, 0, G_OPTION_ARG_FILENAME, &options->expect,
      "What must come of each request (expected-X.jsonl beside requests-X.jsonl)", "FILE" },
    { "final-state", 0, 0, G_OPTION_ARG_FILENAME, &options->final_state,
      "What the shop must look like at the end (final-state-X.json)", "FILE" },
    { "kill", 0, 0, G_OPTION_ARG_INT, &options->kill, "Kill the runtime (SIGKILL) at N points spread over the work",
      "N" },
    { "drop", 0, 0, G_OPTION_ARG_INT, &options->drop,
      "Lose this share of the payment provider's answers after it acted", "PERCENT" },
    { "fill", 0, 0, G_OPTION_ARG_INT, &options->fill,
      "Let the runtime's disk fill up N times and free it again (./dev makes a small one for it)", "N" },
    { "disk", 0, 0, G_OPTION_ARG_FILENAME, &options->disk, "A small file system for what the runtime keeps", "DIR" },
    { "keep", 0, 0, G_OPTION_ARG_FILENAME, &options->keep, "Leave everything in DIR instead of build/demo", "DIR" },
    { "no-window", 0, 0, G_OPTION_ARG_NONE, &options->no_window, "Open no window, display or not", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("– the whole way of a few hundred refunds, once");

  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  options->kill = options->drop = -1;
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "nothing is known to do with '%s'", argv[1]);
      return FALSE;
    }
  options->trouble = options->data == NULL;
  if (options->kill < 0)
    options->kill = options->data == NULL ? 1 : 0;
  if (options->drop < 0)
    options->drop = options->data == NULL ? 5 : 0;
  if (options->fill < 0 || options->fill > 20 || (options->fill > 0 && options->disk == NULL))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "--fill takes 0 to 20, and a small disk to fill: --disk DIR");
      return FALSE;
    }
  if (options->drop > 90 || options->kill > 100)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--drop takes 0 to 90, --kill 0 to 100");
      return FALSE;
    }
  if (options->data == NULL)
    options->data = g_build_filename (places->source, "tests", "demo", "shop", "requests.jsonl", NULL);
  if (options->disk != NULL)
    {
      g_autofree char *given = g_steal_pointer (&options->disk);

      options->disk = g_canonicalize_filename (given, NULL);
    }
  if (options->keep == NULL)
    options->keep = g_build_filename (places->source, "build", "demo", NULL);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_auto (DemoOptions) options = { 0 };
  g_auto (DemoPlaces) places = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (Demo) demo = NULL;
  Interrupt interrupt = { 0 };
  gboolean good;

  setlocale (LC_ALL, "");
  find_places (&places);
  if (!parse (argc, argv, &options, &places, &error))
    {
      g_printerr ("airails-demo: %s\n", error->message);
      return EXIT_USAGE;
    }
  demo = demo_new (&options, &places, &error);
  if (demo == NULL)
    {
      g_printerr ("airails-demo: %s\n", error->message);
      return EXIT_USAGE;
    }
  interrupt.demo = demo;
  g_unix_signal_add (SIGINT, interrupt_cb, &interrupt);
  g_unix_signal_add (SIGTERM, interrupt_cb, &interrupt);
  g_unix_signal_add (SIGHUP, interrupt_cb, &interrupt);
  good = demo_run (demo);
  return interrupt.interrupted ? EXIT_INTERRUPTED : good ? EXIT_SUCCESS : EXIT_FAILURE;
}
