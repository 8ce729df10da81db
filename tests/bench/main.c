/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "base/air-json.h"
#include "base/air-memory.h"
#include "wire/air-tls.h"

typedef gboolean (*BenchFunc) (Bench *bench, GError **error);

static const struct {
  const char *name;
  BenchFunc func;
} benches[] = {
  { "cel", bench_cel },         { "compile", bench_compile }, { "engine", bench_engine }, { "ledger", bench_ledger },
  { "waiting", bench_waiting }, { "trigger", bench_trigger }, { "canvas", bench_canvas },
};

static gboolean
is_wanted (char **names, const char *name)
{
  return names == NULL || g_strv_contains ((const char *const *) names, name);
}

static BenchFunc
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (benches); i++)
    if (strcmp (benches[i].name, name) == 0)
      return benches[i].func;
  return NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *verify = NULL, *vkey = NULL, *json = NULL, *directory = NULL, *here = NULL, *made = NULL;
  g_auto (GStrv) names = NULL;
  double seconds = 4;
  Bench bench = { .entries = 1000000, .instances = 100000, .program = argv[0] };
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_FILENAME, &json, "Write a list of rows to FILE", "FILE" },
    { "directory", 0, 0, G_OPTION_ARG_FILENAME, &directory, "Where to write; a real disk, since its sync is measured",
      "DIR" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "How long each measurement takes", "N" },
    { "concurrency", 0, 0, G_OPTION_ARG_INT, &bench.concurrency, "Measure this one only", "N" },
    { "entries", 0, 0, G_OPTION_ARG_INT, &bench.entries, "How many the ledger has that is verified", "N" },
    { "instances", 0, 0, G_OPTION_ARG_INT, &bench.instances, "How many wait at a gate", "N" },
    { "verify", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &verify, NULL, NULL },
    { "vkey", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &vkey, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, NULL, "[BENCH…]" },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- what it costs: cel, compile, engine, ledger, waiting, trigger, canvas");
  g_autoptr (GError) error = NULL;

  air_memory_tune ();
  air_tls_require_1_3 ();
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("airails-bench: %s\n", error->message);
      return 64;
    }
  if (verify != NULL && vkey != NULL)
    {
      if (bench_verify (verify, vkey, &error))
        return EXIT_SUCCESS;
      g_printerr ("airails-bench: %s\n", error->message);
      return EXIT_FAILURE;
    }
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (find (names[i]) == NULL)
      {
        g_printerr (
            "airails-bench: no bench '%s'; there are cel, compile, engine, ledger, waiting, trigger and canvas\n",
            names[i]);
        return 64;
      }

  here = directory != NULL ? g_strdup (directory) : g_path_get_dirname (argv[0]);
  made = g_build_filename (here, "bench-XXXXXX", NULL);
  if (g_mkdtemp (made) == NULL)
    {
      g_printerr ("airails-bench: %s cannot be written to; give --directory\n", here);
      return EXIT_FAILURE;
    }
  bench.directory = made;
  bench.seconds = seconds;
  bench.rows = air_list_new ();
  for (guint i = 0; error == NULL && i < G_N_ELEMENTS (benches); i++)
    if (is_wanted (names, benches[i].name))
      benches[i].func (&bench, &error);
  bench_remove (made);

  if (error == NULL && json != NULL)
    {
      g_autofree char *text = air_json_write_pretty (bench.rows, &error);

      if (text != NULL)
        g_file_set_contents (json, text, -1, &error);
    }
  air_value_unref (bench.rows);
  if (error != NULL)
    {
      g_printerr ("airails-bench: %s\n", error->message);
      return EXIT_FAILURE;
    }
  return EXIT_SUCCESS;
}
