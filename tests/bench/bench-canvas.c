/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench.h"

#include <gio/gio.h>
#include <math.h>

/* The canvas needs a display and GTK: it is measured in a program of its own, on a display that nobody sees. */
gboolean
bench_canvas (Bench *bench, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (bench->program), *tests = g_path_get_dirname (folder);
  g_autofree char *program = g_build_filename (tests, "canvas", "bench-canvas", NULL), *output = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_print ("\ncanvas: not measured, this build has no window\n");
      return TRUE;
    }
  g_subprocess_launcher_setenv (launcher, "GDK_BACKEND", "x11", TRUE);
  g_subprocess_launcher_setenv (launcher, "GSK_RENDERER", "cairo", TRUE);
  g_subprocess_launcher_setenv (launcher, "GDK_DEBUG", "no-portals", TRUE);
  g_subprocess_launcher_setenv (launcher, "ADW_DISABLE_PORTAL", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_BACKEND", "memory", TRUE);
  g_subprocess_launcher_setenv (launcher, "GTK_A11Y", "none", TRUE);
  process = g_subprocess_launcher_spawn (launcher, error, "xvfb-run", "-a", "-s",
                                         "-screen 0 1700x1100x24 -nolisten tcp -noreset", program, NULL);
  if (process == NULL || !g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, error)
      || !g_subprocess_wait_check (process, NULL, error))
    return FALSE;

  g_print ("\ncanvas: 10,000 nodes and 12,855 edges on 1600x1000, drawn by cairo; CPU time of a frame, each panned\n");
  lines = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", -1);
      g_autofree char *name = NULL;
      double value;
      AirValue *row;

      if (g_strv_length (parts) != 4)
        continue;
      value = g_ascii_strtod (parts[1], NULL);
      g_print ("%-44s %10.2f %-3s %s\n", parts[0], value, parts[2], parts[3]);
      row = air_map_new ();
      name = g_strconcat ("canvas ", parts[0], NULL);
      air_map_set_string (row, "name", name);
      air_map_set_int (row, "us", lround (g_str_equal (parts[2], "ms") ? value * 1000 : value));
      air_list_append (bench->rows, row);
    }
  return TRUE;
}
