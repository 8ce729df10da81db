/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include <libsoup/soup.h>

#include "base/air-json.h"
#include "demo-private.h"

/* What came of it: the vendors' own word, the ledger's, and the table. */

static AirValue *
take_answer (SoupSession *session, GAsyncResult *result, GError **error)
{
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (session, result, error);
  SoupMessage *message = soup_session_get_async_result_message (session, result);

  if (body == NULL)
    return NULL;
  if (soup_message_get_status (message) != SOUP_STATUS_OK)
    {
      g_set_error (error, DEMO_ERROR, DEMO_ERROR_ANSWER, "a vendor's control answered with status %u",
                   soup_message_get_status (message));
      return NULL;
    }
  return air_json_parse_bytes (body, error);
}

static void
take_into (Demo *self, AirValue **target, GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  *target = take_answer (SOUP_SESSION (source), result, &error);
  if (error != NULL)
    demo_fail (self, error);
  else if (--self->answers_due == 0)
    demo_next (self);
}

static void
state_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;

  take_into (self, &self->state, source, result);
}

static void
books_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;

  take_into (self, &self->books, source, result);
}

void
demo_stage_vendor_results (Demo *self)
{
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  const struct {
    const char *address, *path;
    GAsyncReadyCallback callback;
  } questions[] = {
    { self->shop_address, "/_control/state", state_cb },
    { self->payments_address, "/_control/books", books_cb },
  };

  self->answers_due = G_N_ELEMENTS (questions);
  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_autofree char *uri = g_strconcat ("http://", questions[i].address, questions[i].path, NULL);
      g_autoptr (SoupMessage) message = soup_message_new ("GET", uri);

      soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, self->cancellable, questions[i].callback,
                                        self);
    }
}

static void
ledger_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;

  self->ledger = demo_ledger_read_finish (result, &error);
  if (self->ledger == NULL)
    demo_fail (self, error);
  else
    demo_next (self);
}

void
demo_stage_ledger (Demo *self)
{
  demo_ledger_read (self->clients[DEMO_AUDE], self->cancellable, ledger_cb, self);
}

static char *
dollars (gint64 cents)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, ABS (cents) / 100);
  g_autoptr (GString) text = g_string_new (cents < 0 ? "-" : "");
  gsize n = strlen (digits);

  for (gsize i = 0; i < n; i++)
    {
      g_string_append_c (text, digits[i]);
      if ((n - i) % 3 == 1 && i + 1 < n)
        g_string_append_c (text, ',');
    }
  g_string_append_printf (text, ".%02d", (int) (ABS (cents) % 100));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void row (const char *name, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
row (const char *name, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_print ("  %-14s %s\n", name, text);
}

static void
print_requests (Demo *self)
{
  const DemoFeederCounts *fed = demo_feeder_get_counts (self->feeder);
  const DemoVerdict *verdict = self->verdict;
  g_autofree char *all = dollars (verdict->refunded_cents), *provider = dollars (verdict->provider_cents);
  g_autofree char *due = dollars (verdict->provider_due);
  g_autofree char *cards = dollars (verdict->refunded_cents - verdict->provider_due);

  row ("requests", "%u delivered: %u different ones, %u known already, %u sent again after silence", fed->acknowledged,
       self->data->requests->len, fed->duplicates, fed->repeated);
  row ("outcomes", "%u refunded, %u rejected, %u failed", verdict->refunded, verdict->rejected, verdict->failed);
  row ("money", "%s refunded: %s at the payment provider in %u refunds (due: %s), %s to gift cards", all, provider,
       verdict->provider_refunds, due, cards);
  row ("double refunds", "%u", verdict->double_refunds);
}

static void
print_work (Demo *self)
{
  const DemoLedger *ledger = self->ledger;
  AirValue *faults = air_map_get_map (self->books, "faults");
  guint fills = self->disk != NULL ? demo_disk_get_fills (self->disk) : 0;
  double seconds = MAX (ledger->seconds, 0.001);

  row ("gates",
       "%" G_GUINT64_FORMAT " needed nobody, %" G_GUINT64_FORMAT " one approver, %" G_GUINT64_FORMAT
       " two; %" G_GUINT64_FORMAT " approvals and %" G_GUINT64_FORMAT " denials signed",
       ledger->gates[0], ledger->gates[1], ledger->gates[2], ledger->approvals, ledger->denials);
  row ("faults",
       "the provider lost %" G_GINT64_FORMAT " answers after acting, refused %" G_GINT64_FORMAT
       " for a while, was late %" G_GINT64_FORMAT " times, heard %" G_GINT64_FORMAT
       " twice; the runtime was killed %d time%s, its disk full %u time%s",
       air_map_get_int (faults, "drop", 0), air_map_get_int (faults, "fail", 0), air_map_get_int (faults, "delay", 0),
       air_map_get_int (faults, "repeat", 0), self->kills, self->kills == 1 ? "" : "s", fills, fills == 1 ? "" : "s");
  row ("recovery",
       "%" G_GUINT64_FORMAT " retries, %" G_GUINT64_FORMAT " unknown outcomes of which %" G_GUINT64_FORMAT
       " settled, %" G_GUINT64_FORMAT " effects taken back",
       ledger->retries, ledger->unknowns, ledger->settled, ledger->compensations);
  row ("pace",
       "%" G_GUINT64_FORMAT " actions in %.1f s, %.0f/s; an action p50 %.1f ms, p99 %.1f ms; a run nobody had to "
       "wait for p50 %.0f ms, p99 %.0f ms",
       ledger->steps, ledger->seconds, ledger->steps / seconds, ledger->step_p50_ms, ledger->step_p99_ms,
       ledger->run_p50_ms, ledger->run_p99_ms);
}

static void
print_ledger (Demo *self)
{
  const DemoLedger *ledger = self->ledger;
  g_autofree char *root = air_digest_to_hex (&ledger->head->root);

  row ("ledger",
       "%s: %" G_GUINT64_FORMAT " entries, %" G_GUINT64_FORMAT " KB, %" G_GUINT64_FORMAT " starts of the runtime",
       ledger->head->origin, ledger->entries, ledger->bytes / 1000, ledger->epochs);
  row ("head", "root %s, computed again from every entry; its signature holds", root);
}

static void
print_comparison (Demo *self)
{
  const DemoVerdict *verdict = self->verdict;

  if (verdict->outcomes_compared > 0)
    row ("compared", "%u of %u outcomes equal%s", verdict->outcomes_equal, verdict->outcomes_compared,
         !verdict->state_compared ? ""
         : verdict->state_equal   ? "; the shop's final state equal"
                                  : "; the shop's final state DIFFERS");
  for (guint i = 0; i < verdict->complaints->len; i++)
    g_printerr ("demo: %s\n", (char *) verdict->complaints->pdata[i]);
}

void
demo_stage_report (Demo *self)
{
  self->verdict = demo_judge (self->data, self->books, self->state);
  demo_progress_clear (self->progress);
  g_print ("\n");
  print_requests (self);
  print_work (self);
  print_ledger (self);
  print_comparison (self);
  g_print ("\n");
  if (self->verdict->complaints->len > 0)
    {
      g_autoptr (GError) error = g_error_new (
          DEMO_ERROR, DEMO_ERROR_ANSWER, "%u things are not as they must be (above)", self->verdict->complaints->len);

      demo_fail (self, error);
      return;
    }
  demo_next (self);
}
