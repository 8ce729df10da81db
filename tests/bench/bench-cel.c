/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "bench-languages.h"
#include "bench.h"
#include "cel/air-cel.h"
#include "cel/air-template.h"

/* What expressions cost: ours alone with the document at hand, then beside libjq and QuickJS with the document
 * parsed each time: airails-bench cel [--json FILE] */

typedef struct {
  const char *name;
  const char *expression;
  gboolean condition; /* evaluated as the engine evaluates conditions */
} Row;

static char *
make_text (gsize *ret_length)
{
  GString *text =
      g_string_new ("{\"trigger\":{\"order_id\":\"#W100\",\"amount_minor\":12500,\"currency\":\"usd\"},"
                    "\"steps\":{\"rules\":{\"verdict\":\"allow\",\"amount_minor\":12500},\"order\":{\"items\":[");

  for (guint i = 0; i < 24; i++)
    g_string_append_printf (text,
                            "%s{\"item_id\":\"%010u\",\"name\":\"Article number %u\",\"price_minor\":%u,\"n\":%u}",
                            i > 0 ? "," : "", i * 7919, i, i * 250, i % 3);
  g_string_append (text, "]}}}");
  *ret_length = text->len;
  return g_string_free (text, FALSE);
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

/* --- beside others ------------------------------------------------------------------ */

static gpointer
cel_compile (const char *source)
{
  return air_cel_compile (source, NULL, NULL);
}

static gsize
cel_run (gpointer program, const char *document, gsize length)
{
  AirValue *value = air_json_parse (document, length, NULL), *result;
  gsize size;

  result = air_cel_eval (program, value, 0, NULL);
  air_value_unref (value);
  if (result == NULL)
    return 0;
  size = air_value_get_kind (result) == AIR_VALUE_MAP ? air_map_get_size (result) : 1;
  air_value_unref (result);
  return size;
}

static const BenchLanguage cel = { "CEL", cel_compile, cel_run, (void (*) (gpointer)) air_cel_program_unref };

static double
time_compile (const BenchLanguage *language, const char *source)
{
  double best = G_MAXDOUBLE;

  for (guint i = 0; i < 20; i++)
    {
      gint64 start = g_get_monotonic_time ();
      gpointer program = language->compile (source);

      best = MIN (best, (double) MAX (g_get_monotonic_time () - start, 1));
      language->free (program);
    }
  return best;
}

/* Microseconds a run: one slice of 10 ms. */
static double
time_slice (const BenchLanguage *language, gpointer program, const char *text, gsize length)
{
  gint64 start = g_get_monotonic_time (), took;
  guint n = 0;

  do
    {
      for (guint i = 0; i < 100; i++)
        g_assert_cmpuint (language->run (program, text, length), >, 0);
      n += 100;
      took = g_get_monotonic_time () - start;
  } while (took < 10000);
  return (double) took / n;
}

static void
compare (Bench *bench, const char *text, gsize length)
{
  static const struct {
    const char *name;
    const char *sources[3]; /* CEL, jq, JavaScript */
  } rows[] = {
    { "one field",
      { "steps.rules.verdict == 'allow'", ".steps.rules.verdict == \"allow\"",
        "(function (d) { return d.steps.rules.verdict === 'allow'; })" } },
    { "two terms",
      { "trigger.amount_minor <= 100000 && trigger.currency == 'usd'",
        ".trigger.amount_minor <= 100000 and .trigger.currency == \"usd\"",
        "(function (d) { return d.trigger.amount_minor <= 100000 && d.trigger.currency === 'usd'; })" } },
    { "mapping",
      { "{'order': trigger.order_id,\n"
        " 'items': steps.order.items.filter(i, i.n > 1 && i.price_minor >= 1000),\n"
        " 'amount': steps.rules.amount_minor}",
        "{order: .trigger.order_id,\n"
        " items: [.steps.order.items[] | select(.n > 1 and .price_minor >= 1000)],\n"
        " amount: .steps.rules.amount_minor}",
        "(function (d) { return {order: d.trigger.order_id,\n"
        " items: d.steps.order.items.filter(i => i.n > 1 && i.price_minor >= 1000),\n"
        " amount: d.steps.rules.amount_minor}; })" } },
  };
  const BenchLanguage *languages[] = { &cel, bench_language_jq (), bench_language_quickjs () };
  static const char *const absent[] = { "", "libjq", "QuickJS" };

  g_print ("\n%-18s %12s %12s %14s   (%" G_GSIZE_FORMAT " bytes, parse included)\n", "beside others", "", "us/run",
           "compile us", length);
  for (guint k = 1; k < G_N_ELEMENTS (languages); k++)
    if (languages[k] == NULL)
      g_print ("built without %s: its rows are left out\n", absent[k]);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gpointer programs[G_N_ELEMENTS (languages)] = { NULL };
      double best[G_N_ELEMENTS (languages)];

      /* By turns, so that a busy moment meets all of them. */
      for (guint round = 0; round < 15; round++)
        for (guint k = 0; k < G_N_ELEMENTS (languages); k++)
          if (languages[k] != NULL)
            {
              double took;

              if (round == 0)
                programs[k] = languages[k]->compile (rows[i].sources[k]);
              took = time_slice (languages[k], programs[k], text, length);
              best[k] = round == 0 ? took : MIN (best[k], took);
            }
      for (guint k = 0; k < G_N_ELEMENTS (languages); k++)
        if (languages[k] != NULL)
          {
            double compile_us = time_compile (languages[k], rows[i].sources[k]);
            AirValue *row = air_map_new ();
            g_autofree char *name = g_strdup_printf ("%s %s", languages[k]->name, rows[i].name);

            languages[k]->free (programs[k]);
            g_print ("%-18s %12s %12.2f %14.1f\n", k == 0 ? rows[i].name : "", languages[k]->name, best[k], compile_us);
            air_map_set_string (row, "name", name);
            air_map_set_int (row, "ns_per_run_with_parse", (gint64) (best[k] * 1000));
            air_map_set_int (row, "compile_ns", (gint64) (compile_us * 1000));
            air_list_append (bench->rows, row);
          }
    }
}

gboolean
bench_cel (Bench *bench, GError **error)
{
  static const Row rows[] = {
    { "cel one field", "steps.rules.verdict == 'allow'", TRUE },
    { "cel two terms", "trigger.amount_minor <= 100000 && trigger.currency == 'usd'", TRUE },
    { "cel membership", "trigger.currency in ['eur', 'usd', 'chf']", TRUE },
    { "cel text", "'Refund of order ' + trigger.order_id", FALSE },
    { "cel list filter", "steps.order.items.filter(i, i.n > 1 && i.price_minor >= 1000)", FALSE },
    { "cel list sum", "steps.order.items.map(i, i.price_minor * i.n).sum()", FALSE },
  };
  gsize bytes;
  g_autofree char *text = make_text (&bytes);
  g_autoptr (AirValue) document = air_json_parse (text, bytes, error);

  g_assert_nonnull (document);
  g_print ("%-18s %12s %14s   (document of %" G_GSIZE_FORMAT " bytes)\n", "cel", "ns/eval", "compile us", bytes);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (AirCelProgram) program = NULL;
      AirValue *row;
      double compile_us, ns;

      for (guint k = 0; k < 200; k++)
        {
          g_clear_pointer (&program, air_cel_program_unref);
          program = air_cel_compile (rows[i].expression, NULL, error);
          if (program == NULL)
            return FALSE;
        }
      compile_us = (double) (g_get_monotonic_time () - start) / 200.0;
      ns = measure (program, document, rows[i].condition);
      g_print ("%-18s %12.0f %14.1f\n", rows[i].name + strlen ("cel "), ns, compile_us);
      row = air_map_new ();
      air_map_set_string (row, "name", rows[i].name);
      air_map_set_int (row, "ns_per_eval", (gint64) ns);
      air_map_set_int (row, "compile_ns", (gint64) (compile_us * 1000));
      air_list_append (bench->rows, row);
    }
  compare (bench, text, bytes);
  return TRUE;
}
