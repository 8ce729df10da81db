/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What many runs came to, in words and columns. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include "trial/air-outlook.h"

static char *
duration_to_text (gint64 ms)
{
  if (ms < 1000)
    return g_strdup_printf ("%" G_GINT64_FORMAT " ms", ms);
  if (ms < 120 * 1000)
    return g_strdup_printf ("%.1f s", (double) ms / 1000);
  if (ms < 2 * 3600 * 1000)
    return g_strdup_printf ("%.1f min", (double) ms / 60000);
  return g_strdup_printf ("%.1f h", (double) ms / 3600000);
}

static void
append_share (GString *text, const char *what, gint64 n, gint64 all)
{
  g_string_append_printf (text, "  %6" G_GINT64_FORMAT "  %5.1f %%  %s\n", n,
                          all > 0 ? 100.0 * (double) n / (double) all : 0, what);
}

static void
append_tally (GString *text, const AirValue *outlook, const char *list, const char *name, const char *title)
{
  AirValue *items = air_map_get_list (outlook, list);

  if (items == NULL || air_list_get_size (items) == 0)
    return;
  g_string_append_printf (text, "%s\n", title);
  for (gsize i = 0; i < air_list_get_size (items); i++)
    append_share (text, air_map_get_string (air_list_get (items, i), name),
                  air_map_get_int (air_list_get (items, i), "runs", 0), air_map_get_int (outlook, "runs", 0));
}

static void
append_times (GString *text, const char *title, const AirValue *times)
{
  static const char *const marks[] = { "p50", "p90", "p99", "most" };

  if (air_map_get_int (times, "n", 0) == 0)
    return;
  g_string_append_printf (text, "%s", title);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      g_autofree char *words = duration_to_text (air_map_get_int (times, marks[i], 0));

      g_string_append_printf (text, "%s %s %s", i > 0 ? "," : "", marks[i], words);
    }
  g_string_append_c (text, '\n');
}

static char *
amount (gint64 minor, const char *currency)
{
  g_autofree char *upper = g_ascii_strup (currency, -1);

  return g_strdup_printf ("%s%" G_GINT64_FORMAT ".%02d %s", minor < 0 ? "-" : "", ABS (minor) / 100,
                          (int) (ABS (minor) % 100), upper);
}

static void
append_money (GString *text, const AirValue *outlook)
{
  AirValue *list = air_map_get_list (outlook, "money");

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i), *per_run = air_map_get_map (item, "out_per_run_minor");
      const char *currency = air_map_get_string (item, "currency");
      g_autofree char *out = amount (air_map_get_int (item, "out_minor", 0), currency);
      g_autofree char *back = amount (air_map_get_int (item, "moved_back_minor", 0), currency);
      g_autofree char *in = amount (air_map_get_int (item, "in_minor", 0), currency);
      g_autofree char *p50 = amount (air_map_get_int (per_run, "p50", 0), currency);
      g_autofree char *p99 = amount (air_map_get_int (per_run, "p99", 0), currency);

      g_string_append_printf (text, "money: %s out, %s in, %s moved back; in a run that pays p50 %s, p99 %s\n", out, in,
                              back, p50, p99);
    }
}

static void
append_gates (GString *text, const AirValue *outlook)
{
  AirValue *list = air_map_get_list (outlook, "gates");

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i), *outcomes = air_map_get_list (item, "outcomes");

      g_string_append_printf (text,
                              "gate '%s': asked %" G_GINT64_FORMAT " times, %" G_GINT64_FORMAT " decisions of people\n",
                              air_map_get_string (item, "gate"), air_map_get_int (item, "asked", 0),
                              air_map_get_int (item, "decisions", 0));
      for (gsize j = 0; j < air_list_get_size (outcomes); j++)
        append_share (text, air_map_get_string (air_list_get (outcomes, j), "outcome"),
                      air_map_get_int (air_list_get (outcomes, j), "runs", 0), air_map_get_int (item, "asked", 0));
      append_times (text, "  it waits", air_map_get_map (item, "wait_ms"));
    }
}

/**
 * air_outlook_to_text:
 * @outlook: what air_outlook_run() gave
 *
 * Returns: (transfer full): for a terminal
 */
char *
air_outlook_to_text (const AirValue *outlook)
{
  GString *text = g_string_new (NULL);
  AirValue *calls = air_map_get_map (outlook, "calls"), *never = air_map_get_list (outlook, "never");

  g_string_append_printf (text, "%s %s: %" G_GINT64_FORMAT " runs from seed %" G_GINT64_FORMAT "\n",
                          air_map_get_string (outlook, "workflow"), air_map_get_string (outlook, "version"),
                          air_map_get_int (outlook, "runs", 0), air_map_get_int (outlook, "seed", 0));
  append_tally (text, outlook, "outcomes", "outcome", "outcomes");
  append_tally (text, outlook, "ends", "end", "ends");
  g_string_append_printf (text, "%" G_GINT64_FORMAT " ways in all; ", air_map_get_int (outlook, "n_paths", 0));
  append_tally (text, outlook, "paths", "path", "the most frequent");
  append_tally (text, outlook, "reversed", "node", "effects reversed");
  append_money (text, outlook);
  append_gates (text, outlook);
  append_times (text, "a run takes", air_map_get_map (outlook, "duration_ms"));
  append_times (text, "without people", air_map_get_map (outlook, "duration_without_people_ms"));
  g_string_append_printf (
      text,
      "calls: %" G_GINT64_FORMAT " sent, %" G_GINT64_FORMAT " of them again, %" G_GINT64_FORMAT " without an answer\n",
      air_map_get_int (calls, "sent", 0), air_map_get_int (calls, "again", 0), air_map_get_int (calls, "unknown", 0));
  for (gsize i = 0; never != NULL && i < air_list_get_size (never); i++)
    g_string_append_printf (text, "no run took %s\n", air_value_get_string (air_list_get (never, i), NULL));
  return g_string_free (text, FALSE);
}
