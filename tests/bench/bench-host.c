/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workflow, a vendor and a host as benches of the runtime's core share them. */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench-host.h"

#include <string.h>

#include "base/air-json.h"

static const char operation[] =
    "{\"$schema\":\"airails:op/"
    "1\",\"id\":\"bench.act\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Act\",\"connector\":\"bench\","
    "\"input\":{\"type\":\"object\",\"required\":[\"amount_minor\"],\"properties\":{\"amount_minor\":{\"type\":"
    "\"integer\"},\"order\":{\"type\":\"string\"}}},"
    "\"output\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}},"
    "\"policy\":{\"risk\":\"low\",\"effect\":\"write\",\"reversibility\":\"reversible\"},"
    "\"request\":{\"method\":\"POST\",\"path\":\"/act\"},\"response\":{\"ok\":\"status == "
    "200\",\"output\":{\"id\":\"${body.id}\"}},"
    "\"idempotency\":{\"kind\":\"key-header\",\"header\":\"Idempotency-Key\",\"max_len\":255,\"window_s\":86400},"
    "\"egress\":[]}";

static const char policy[] = "{\"$schema\":\"airails:policy/"
                             "1\",\"id\":\"may-act\",\"version\":\"1.0.0\",\"kind\":\"table\",\"title\":\"May it act\","
                             "\"inputs\":[{\"id\":\"amount_minor\",\"title\":\"Amount\",\"type\":\"int\"}],\"outputs\":"
                             "[{\"id\":\"verdict\",\"type\":\"string\"}],\"hit\":\"F\","
                             "\"rules\":[{\"id\":\"small\",\"when\":{\"amount_minor\":\"<= "
                             "10000\"},\"then\":{\"verdict\":\"allow\"},\"why\":\"Up to 100.00\"},"
                             "{\"id\":\"large\",\"when\":{\"amount_minor\":\"> "
                             "10000\"},\"then\":{\"verdict\":\"deny\"},\"why\":\"More than 100.00\"}]}";

static const char gate_policy[] =
    "{\"$schema\":\"airails:policy/1\",\"id\":\"who\",\"version\":\"1.0.0\",\"kind\":\"gate\",\"title\":\"Who "
    "approves\","
    "\"inputs\":[{\"id\":\"amount_minor\",\"title\":\"Amount\",\"type\":\"int\"}],\"outputs\":[{\"id\":\"quorum\","
    "\"type\":\"int\"},{\"id\":\"role\",\"type\":\"string\"}],"
    "\"hit\":\"F\",\"rules\":[{\"id\":\"small\",\"when\":{\"amount_minor\":\"<= "
    "10000\"},\"then\":{\"quorum\":0,\"role\":\"approver\"},\"why\":\"Up to 100.00\"},"
    "{\"id\":\"large\",\"when\":{\"amount_minor\":\"> "
    "10000\"},\"then\":{\"quorum\":1,\"role\":\"approver\"},\"why\":\"More than 100.00\"}],"
    "\"gate\":{\"exclude\":[\"trigger\"],\"deadline_ms\":86400000,\"on_expiry\":\"deny\"}}";

static void
append_action (GString *text, guint i, const char *next)
{
  g_string_append_printf (
      text,
      ",\"act%u\":{\"id\":\"act%u\",\"kind\":\"call\",\"operation\":\"bench.act\",\"with\":{\"amount_minor\":\"${"
      "trigger.amount_minor}\","
      "\"order\":\"${trigger.order}\"},\"timeout_ms\":10000,\"retry\":{\"max\":3,\"base_ms\":200,\"max_ms\":5000},"
      "\"next\":{\"ok\":{\"edge\":\"a%u\",\"to\":\"%s\"},\"error\":{\"edge\":\"x%u\",\"to\":\"failed\"}}}",
      i, i, i, next, i);
}

static char *
plan_text (gboolean decide, guint steps)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GString) guarded = g_string_new (NULL), guards = g_string_new (NULL);

  g_string_append_printf (
      text,
      "{\"v\":1,\"workflow\":\"bench\",\"version\":\"1.0.0\",\"title\":\"Bench\",\"trigger\":\"begin\",\"nodes\":{"
      "\"begin\":{\"id\":\"begin\",\"kind\":\"trigger\",\"trigger\":{\"type\":\"webhook\",\"event_type\":\"bench."
      "asked\",\"dedup\":\"event.data.id\","
      "\"input\":{\"type\":\"object\"}},\"next\":{\"out\":{\"edge\":\"e0\",\"to\":\"%s\"}}}",
      decide ? "may1" : "approval");
  for (guint i = 1; i <= steps; i++)
    {
      g_autofree char *next = i == steps ? g_strdup ("done") : g_strdup_printf (decide ? "may%u" : "act%u", i + 1);

      if (decide)
        g_string_append_printf (text,
                                ",\"may%u\":{\"id\":\"may%u\",\"kind\":\"decide\",\"policy\":\"may-act\",\"with\":{"
                                "\"amount_minor\":\"${trigger.amount_minor}\"},"
                                "\"next\":{\"out\":{\"edge\":\"m%u\",\"to\":\"act%u\"}}}",
                                i, i, i, i);
      append_action (text, i, next);
      g_string_append_printf (guarded, "%s{\"node\":\"act%u\"}", i > 1 ? "," : "", i);
      g_string_append_printf (guards, "%s\"act%u\":\"approval\"", i > 1 ? "," : "", i);
    }
  if (!decide)
    g_string_append_printf (text,
                            ",\"approval\":{\"id\":\"approval\",\"kind\":\"gate\",\"policy\":\"who\",\"with\":{"
                            "\"amount_minor\":\"${trigger.amount_minor}\"},\"guards\":[%s],"
                            "\"next\":{\"approved\":{\"edge\":\"g1\",\"to\":\"act1\"},\"denied\":{\"edge\":\"g2\","
                            "\"to\":\"failed\"},\"expired\":{\"edge\":\"g3\",\"to\":\"failed\"}}}",
                            guarded->str);
  g_string_append_printf (text,
                          ",\"done\":{\"id\":\"done\",\"kind\":\"end\",\"outcome\":\"completed\",\"output\":{\"last\":"
                          "\"${steps.act%u.id}\"}},"
                          "\"failed\":{\"id\":\"failed\",\"kind\":\"end\",\"outcome\":\"failed\",\"output\":{}}},"
                          "\"operations\":{\"bench.act\":%s},\"connectors\":{\"bench\":{\"id\":\"bench\"}},"
                          "\"policies\":{\"may-act\":%s,\"who\":%s},\"guards\":{%s}}",
                          steps, operation, policy, gate_policy, decide ? "" : guards->str);
  return g_string_free (text, FALSE);
}

AirPlan *
bench_load_plan (gboolean decide, guint steps, GError **error)
{
  g_autofree char *text = plan_text (decide, steps);
  g_autoptr (AirValue) document = air_json_parse (text, strlen (text), error);

  return document != NULL ? air_plan_load (document, BENCH_ARTIFACT, error) : NULL;
}

/* --- the vendor, in-process --- */

static const char *
connector_of (gpointer performer, const char *id)
{
  return "bench";
}

static void
perform (gpointer performer,
         const char *run,
         const AirEffect *call,
         GCancellable *cancellable,
         AirPerformed performed,
         gpointer user_data)
{
  AirValue *output = air_map_new ();

  air_map_set_string (output, "id", call->call.idempotency_key);
  performed (air_outcome_new_ok (200, output, NULL), user_data);
}

const AirPerformer *
bench_get_performer (void)
{
  static const AirPerformer performer = { connector_of, perform, NULL };

  return &performer;
}

/* --- the host --- */

AirHost *
bench_open_host (const AirHostOptions *options, AirFinished finished, gpointer user_data, GError **error)
{
  AirHost *host = air_host_new (options, error);

  if (host == NULL)
    return NULL;
  air_host_set_finished (host, finished, user_data);
  if (air_host_start (host, error))
    return host;
  air_host_free (host);
  return NULL;
}

void
bench_trigger_run (AirHost *host,
                   guint64 n,
                   const char *concurrency_key,
                   gint64 amount,
                   AirTriggered triggered,
                   gpointer user_data)
{
  g_auto (AirTriggerKeys) keys = { 0 };

  keys.data = air_map_new ();
  keys.dedup_key = g_strdup_printf ("request-%" G_GUINT64_FORMAT, n);
  keys.concurrency_key = g_strdup (concurrency_key);
  air_map_set_string (keys.data, "id", keys.dedup_key);
  air_map_set_string (keys.data, "order", "#W2378156");
  air_map_set_int (keys.data, "amount_minor", amount);
  air_host_trigger_keys (host, &keys, "airails://bench/systems/shop", triggered, user_data);
}
