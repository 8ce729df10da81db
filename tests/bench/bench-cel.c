/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "bench-cel.h"
#include "cel/air-cel.h"
#include "cel/air-template.h"

/* What expressions cost, JSON parsing not counted: airails-bench cel [--json FILE] */

typedef struct {
  const char *name;
  const char *expression;
  gboolean condition; /* evaluated as the engine evaluates conditions */
} Row;

static AirValue *
make_document (gsize *ret_bytes)
{
  g_autoptr (GString) text =
      g_string_new ("{\"trigger\":{\"order_id\":\"#W100\",\"amount_minor\":12500,\"currency\":\"usd\"},"
                    "\"steps\":{\"rules\":{\"verdict\":\"allow\",\"amount_minor\":12500},\"order\":{\"items\":[");
  AirValue *document;

  for (guint i = 0; i < 24; i++)
    g_string_append_printf (text,
                            "%s{\"item_id\":\"%010u\",\"name\":\"Article number %u\",\"price_minor\":%u,\"n\":%u}",
                            i > 0 ? "," : "", i * 7919, i, i * 250, i % 3);
  g_string_append (text, "]}}}");
  *ret_bytes = text->len;
  document = air_json_parse (text->str, text->len, NULL);
  g_assert_nonnull (document);
  return document;
}

/* Nanoseconds an evaluation: the best of five rounds, since a busy machine only ever adds. */
static double
measure (const AirCelProgram *program, const AirValue *document, gboolean condition)
{
  double best = G_MAXDOUBLE;
  guint n = 2000;

  for (guint round = 0; round < 6; round++)
    {
      gint64 start = g_get_monotonic_time (), took;

      for (guint i = 0; i < n; i++)
        if (condition)
          {
            gboolean value = FALSE;

            g_assert_true (air_cel_eval_bool (program, document, 0, &value, NULL));
          }
        else
          {
            AirValue *value = air_cel_eval (program, document, 0, NULL);

            g_assert_nonnull (value);
            air_value_unref (value);
          }
      took = MAX (g_get_monotonic_time () - start, 1);
      if (round == 0) /* warm, and long enough to measure: 20 ms a round */
        n = (guint) CLAMP ((gint64) n * 20000 / took, 100, 2000000);
      else
        best = MIN (best, (double) took * 1000.0 / n);
    }
  return best;
}

int
bench_cel (int argc, char **argv)
{
  static const Row rows[] = {
    { "cel one field", "steps.rules.verdict == 'allow'", TRUE },
    { "cel two terms", "trigger.amount_minor <= 100000 && trigger.currency == 'usd'", TRUE },
    { "cel membership", "trigger.currency in ['eur', 'usd', 'chf']", TRUE },
    { "cel text", "'Refund of order ' + trigger.order_id", FALSE },
    { "cel list filter", "steps.order.items.filter(i, i.n > 1 && i.price_minor >= 1000)", FALSE },
    { "cel list sum", "steps.order.items.map(i, i.price_minor * i.n).sum()", FALSE },
  };
  const char *path = NULL;
  g_autoptr (AirValue) results = air_list_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) document = NULL;
  gsize bytes;

  for (int i = 1; i + 1 < argc; i++)
    if (strcmp (argv[i], "--json") == 0)
      path = argv[i + 1];
  document = make_document (&bytes);
  g_print ("%-18s %12s %14s   (document of %" G_GSIZE_FORMAT " bytes)\n", "", "ns/eval", "compile us", bytes);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (AirCelProgram) program = NULL;
      AirValue *row;
      double compile_us, ns;

      for (guint k = 0; k < 200; k++)
        {
          g_clear_pointer (&program, air_cel_program_unref);
          program = air_cel_compile (rows[i].expression, NULL, &error);
          g_assert_no_error (error);
        }
      compile_us = (double) (g_get_monotonic_time () - start) / 200.0;
      ns = measure (program, document, rows[i].condition);
      g_print ("%-18s %12.0f %14.1f\n", rows[i].name, ns, compile_us);
      row = air_map_new ();
      air_map_set_string (row, "name", rows[i].name);
      air_map_set_int (row, "ns_per_eval", (gint64) ns);
      air_map_set_int (row, "compile_ns", (gint64) (compile_us * 1000));
      air_list_append (results, row);
    }
  if (path != NULL)
    {
      g_autofree char *json = air_json_write_pretty (results, &error);

      if (json == NULL || !g_file_set_contents (path, json, -1, &error))
        {
          g_printerr ("airails-bench cel: %s\n", error->message);
          return 1;
        }
    }
  return 0;
}
