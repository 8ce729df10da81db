/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

void
air_route_get_workflow (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  AirPlan *plan = air_host_get_plan (self->host);
  g_autoptr (AirValue) answer = air_map_new ();

  air_map_set_string (answer, "id", air_plan_get_workflow (plan));
  air_map_set_string (answer, "version", air_plan_get_version (plan));
  air_map_set_string (answer, "title", air_plan_get_title (plan));
  air_map_set_string (answer, "artifact", air_plan_get_artifact (plan));
  air_map_set (answer, "source",
               self->artifact->source != NULL ? air_value_ref (self->artifact->source) : air_value_new_null ());
  air_map_set (answer, "plan", air_value_ref (air_plan_get_document (plan)));
  air_map_set (answer, "manifest",
               self->artifact->artifact != NULL ? air_value_ref (self->artifact->artifact) : air_value_new_null ());
  air_request_respond_value (request, 200, answer);
}

void
air_route_get_health (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  AirPlan *plan = air_host_get_plan (self->host);
  g_autoptr (AirValue) answer = air_map_new ();

  air_map_set_string (answer, "status", "ok");
  air_map_set_string (answer, "version", AIR_VERSION);
  air_map_set_string (answer, "workflow", air_plan_get_workflow (plan));
  air_map_set_string (answer, "artifact", air_plan_get_artifact (plan));
  air_map_set_string (answer, "epoch", air_host_get_epoch (self->host));
  air_map_set_string (answer, "origin", air_host_get_origin (self->host));
  /* The process provider: said wherever somebody might take it for more. */
  air_map_set_bool (answer, "confidential", FALSE);
  /* What a run that stands still may stand for. */
  air_map_set (answer, "connectors", air_effects_describe (air_host_get_effects (self->host)));
  air_map_set_int (answer, "stopped_runs", air_host_count_faults (self->host));
  /* Loud: whoever looks at the runtime sees who has more rights than usual. */
  air_map_set (answer, "break_glass", air_glass_box_describe (self->glass, FALSE));
  air_request_respond_value (request, 200, answer);
}

static AirValue *
milliseconds (const AirHistogram *histogram)
{
  AirValue *map = air_map_new ();

  air_map_set_int (map, "count", histogram->total);
  air_map_set (map, "p50", air_value_new_double (air_histogram_quantile (histogram, 0.5)));
  air_map_set (map, "p99", air_value_new_double (air_histogram_quantile (histogram, 0.99)));
  return map;
}

void
air_route_get_stats (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  AirStats *stats = air_host_get_stats (self->host);
  AirEffects *effects = air_host_get_effects (self->host);
  g_autoptr (AirValue) answer = air_map_new ();
  AirValue *states = air_map_new (), *durations = air_map_new ();
  AirWriterCounters counters;
  GHashTableIter iter;
  gpointer state, count;

  g_hash_table_iter_init (&iter, air_host_get_states (self->host));
  while (g_hash_table_iter_next (&iter, &state, &count))
    air_map_set_int (states, state, *(guint64 *) count);
  air_writer_get_counters (air_host_get_writer (self->host), &counters);
  air_map_set (answer, "runs", states);
  air_map_set_time (answer, "since", stats->started_us);
  air_map_set_int (answer, "entries", air_writer_get_size (air_host_get_writer (self->host)));
  air_map_set_int (answer, "triggers", stats->triggers);
  air_map_set_int (answer, "duplicates", stats->duplicates);
  air_map_set_int (answer, "finished", stats->finished);
  air_map_set_int (answer, "steps", stats->steps);
  air_map_set (answer, "steps_per_s", air_value_new_double (stats->steps_per_s));
  air_map_set_int (answer, "retries", stats->retries);
  air_map_set_int (answer, "unknowns", stats->unknowns);
  air_map_set_int (answer, "reconciled", stats->reconciled);
  air_map_set_int (answer, "compensations", stats->compensations);
  air_map_set_int (answer, "refusals", stats->refusals);
  air_map_set_int (answer, "alarms", stats->alarms);
  air_map_set (answer, "connectors", air_effects_describe (effects));
  air_map_set_int (answer, "stopped_runs", air_host_count_faults (self->host));
  air_map_set_int (answer, "in_flight", air_effects_get_in_flight (effects));
  air_map_set_int (answer, "held_back", air_effects_get_waiting (effects));
  air_map_set_int (answer, "syncs", counters.commits);
  air_map_set_int (answer, "failed_commits", counters.failures);
  air_map_set_int (answer, "leaf_bytes", counters.leaf_bytes);
  air_map_set_int (answer, "disclosure_bytes", counters.disclosure_bytes);
  air_map_set (durations, "runs", milliseconds (&stats->runs));
  air_map_set (durations, "actions", milliseconds (&stats->actions));
  air_map_set (durations, "commits", milliseconds (&stats->commits));
  air_map_set (answer, "durations_ms", durations);
  air_request_respond_value (request, 200, answer);
}

/* Keys of limits may be a person's: at most so many, and no more than entries disclose to the same readers. */
#define MAX_KEYS 100

void
air_route_get_usage (AirRequest *request, gpointer api)
{
  air_request_respond_page (request, air_host_describe_usage (((AirApi *) api)->host, MAX_KEYS), NULL);
}

static void
metric (GString *text, const char *name, const char *kind, const char *help, guint64 value)
{
  g_string_append_printf (text, "# TYPE airails_%s %s\n# HELP airails_%s %s\nairails_%s%s %" G_GUINT64_FORMAT "\n",
                          name, kind, name, help, name, g_str_equal (kind, "counter") ? "_total" : "", value);
}

static void
summary (GString *text, const char *name, const char *help, const AirHistogram *histogram)
{
  static const double quantiles[] = { 0.5, 0.9, 0.99 };
  char number[G_ASCII_DTOSTR_BUF_SIZE], rank[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (
      text, "# TYPE airails_%s_seconds summary\n# UNIT airails_%s_seconds seconds\n# HELP airails_%s_seconds %s\n",
      name, name, name, help);
  for (guint i = 0; i < G_N_ELEMENTS (quantiles); i++)
    g_string_append_printf (
        text, "airails_%s_seconds{quantile=\"%s\"} %s\n", name, g_ascii_formatd (rank, sizeof rank, "%g", quantiles[i]),
        g_ascii_formatd (number, sizeof number, "%.6f", air_histogram_quantile (histogram, quantiles[i]) / 1000));
  g_string_append_printf (text, "airails_%s_seconds_count %" G_GUINT64_FORMAT "\nairails_%s_seconds_sum %s\n", name,
                          histogram->total, name,
                          g_ascii_formatd (number, sizeof number, "%.6f", histogram->sum_us / 1e6));
}

/* OpenMetrics 1.0; numbers only, never a payload. */
void
air_route_get_metrics (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  AirStats *stats = air_host_get_stats (self->host);
  g_autoptr (GString) text = g_string_new (NULL);
  AirWriterCounters counters;
  GHashTableIter iter;
  gpointer state, count;

  air_writer_get_counters (air_host_get_writer (self->host), &counters);
  g_string_append (text, "# TYPE airails_runs gauge\n# HELP airails_runs Runs by state.\n");
  g_hash_table_iter_init (&iter, air_host_get_states (self->host));
  while (g_hash_table_iter_next (&iter, &state, &count))
    g_string_append_printf (text, "airails_runs{state=\"%s\"} %" G_GUINT64_FORMAT "\n", (char *) state,
                            *(guint64 *) count);
  metric (text, "ledger_entries", "gauge", "Entries in the ledger.",
          air_writer_get_size (air_host_get_writer (self->host)));
  metric (text, "triggers", "counter", "Events that started a run.", stats->triggers);
  metric (text, "trigger_duplicates", "counter", "Events that had come before.", stats->duplicates);
  metric (text, "steps", "counter", "Actions that came to an outcome.", stats->steps);
  metric (text, "retries", "counter", "Actions tried again.", stats->retries);
  metric (text, "unknowns", "counter", "Actions whose answer was lost.", stats->unknowns);
  metric (text, "reconciled", "counter", "Unknown outcomes found out.", stats->reconciled);
  metric (text, "compensations", "counter", "Effects reversed.", stats->compensations);
  metric (text, "refusals", "counter", "Requests and decisions refused.", stats->refusals);
  metric (text, "break_glass_open", "gauge", "People with emergency rights now.",
          air_glass_box_count_open (((AirApi *) api)->glass));
  metric (text, "syncs", "counter", "Transactions made durable.", counters.commits);
  metric (text, "failed_commits", "counter", "Transactions that could not be made durable.", counters.failures);
  metric (text, "actions_in_flight", "gauge", "Vendors being asked now.",
          air_effects_get_in_flight (air_host_get_effects (self->host)));
  summary (text, "run", "From trigger to closing entry.", &stats->runs);
  summary (text, "action", "From request to outcome.", &stats->actions);
  summary (text, "commit", "From decision to durable.", &stats->commits);
  g_string_append (text, "# EOF\n");
  air_request_respond_text (request, 200, "application/openmetrics-text; version=1.0.0; charset=utf-8", text->str);
}
