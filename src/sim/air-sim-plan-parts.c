/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What made-up workflows are made of: operations of every kind, and policies. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-plan-private.h"

#include <string.h>

/* What an operation may be like; the sample of all that packs declare. */
const char air_sim_plan_operations[] =
    "\"a.make\":{\"id\":\"a.make\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Make\",\"connector\":\"a\","
    "\"policy\":{\"effect\":\"write\",\"risk\":\"high\",\"reversibility\":\"compensable\"},"
    "\"idempotency\":{\"kind\":\"key-header\",\"header\":\"Idempotency-Key\",\"max_len\":255,\"window_s\":86400},"
    "\"compensate\":[{\"when\":\"true\",\"op\":\"a.unmake\",\"input\":{\"ref\":\"${output.ref}\"}}]},"
    "\"a.unmake\":{\"id\":\"a.unmake\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Unmake\","
    "\"connector\":\"a\",\"policy\":{\"effect\":\"write\",\"risk\":\"low\",\"reversibility\":\"irreversible\"},"
    "\"idempotency\":{\"kind\":\"key-header\",\"header\":\"Idempotency-Key\",\"max_len\":255}},"
    "\"a.short\":{\"id\":\"a.short\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Make, key held shortly\","
    "\"connector\":\"a\",\"policy\":{\"effect\":\"write\",\"risk\":\"high\",\"reversibility\":\"compensable\"},"
    "\"idempotency\":{\"kind\":\"key-header\",\"header\":\"Idempotency-Key\",\"max_len\":255,\"window_s\":30},"
    "\"reconcile\":{},\"compensate\":[{\"when\":\"true\",\"op\":\"b.unpost\",\"input\":{}}]},"
    "\"a.read\":{\"id\":\"a.read\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Read\",\"connector\":\"a\","
    "\"policy\":{\"effect\":\"read\",\"risk\":\"low\"},\"idempotency\":{\"kind\":\"natural\"}},"
    "\"b.post\":{\"id\":\"b.post\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Post\",\"connector\":\"b\","
    "\"policy\":{\"effect\":\"write\",\"risk\":\"high\",\"reversibility\":\"compensable\"},"
    "\"idempotency\":{\"kind\":\"none\"},\"reconcile\":{},"
    "\"compensate\":[{\"when\":\"true\",\"op\":\"b.unpost\",\"input\":{\"ref\":\"${output.ref}\"}}]},"
    "\"b.unpost\":{\"id\":\"b.unpost\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Take back\","
    "\"connector\":\"b\",\"policy\":{\"effect\":\"write\",\"risk\":\"low\",\"reversibility\":\"irreversible\"},"
    "\"idempotency\":{\"kind\":\"search-first\"},\"reconcile\":{}},"
    "\"b.fire\":{\"id\":\"b.fire\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Fire\",\"connector\":\"b\","
    "\"policy\":{\"effect\":\"write\",\"risk\":\"high\",\"reversibility\":\"irreversible\"},"
    "\"idempotency\":{\"kind\":\"none\"}},"
    "\"c.put\":{\"id\":\"c.put\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Put\",\"connector\":\"c\","
    "\"policy\":{\"effect\":\"write\",\"risk\":\"medium\",\"reversibility\":\"manual\"},"
    "\"idempotency\":{\"kind\":\"natural\"},"
    "\"compensate\":[{\"when\":\"true\",\"manual\":\"Take ${output.ref} away by hand\"}]},"
    "\"c.seek\":{\"id\":\"c.seek\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Add unless there\","
    "\"connector\":\"c\",\"policy\":{\"effect\":\"write\",\"risk\":\"high\",\"reversibility\":\"compensable\"},"
    "\"idempotency\":{\"kind\":\"search-first\"},\"reconcile\":{},"
    "\"compensate\":[{\"when\":\"true\",\"op\":\"a.unmake\",\"input\":{\"ref\":\"${output.ref}\"}}]},"
    "\"c.once\":{\"id\":\"c.once\",\"version\":\"1.0.0\",\"category\":\"tool\",\"title\":\"Once\",\"connector\":\"c\","
    "\"policy\":{\"effect\":\"write\",\"risk\":\"high\",\"reversibility\":\"irreversible\",\"at_most_once\":true},"
    "\"idempotency\":{\"kind\":\"key-header\",\"header\":\"Idempotency-Key\",\"max_len\":255},\"reconcile\":{}}";

static const char gate_table[] =
    "\"quorum\":{\"$schema\":\"airails:policy/1\",\"id\":\"quorum\",\"version\":\"1.0.0\",\"kind\":\"gate\","
    "\"title\":\"Who approves\",\"inputs\":[{\"id\":\"amount\",\"title\":\"Amount\",\"type\":\"int\"}],"
    "\"outputs\":[{\"id\":\"quorum\",\"type\":\"int\"},{\"id\":\"role\",\"type\":\"string\"}],\"hit\":\"F\","
    "\"rules\":[{\"id\":\"none\",\"when\":{\"amount\":\"<= 300\"},\"then\":{\"quorum\":0,\"role\":\"approver\"},"
    "\"why\":\"small\"},{\"id\":\"one\",\"when\":{\"amount\":\"(300..1000]\"},"
    "\"then\":{\"quorum\":1,\"role\":\"approver\"},\"why\":\"medium\"},"
    "{\"id\":\"two\",\"when\":{\"amount\":\"> 1000\"},\"then\":{\"quorum\":2,\"role\":\"approver\"},"
    "\"why\":\"large\"}],";

static const char sort_table[] =
    "\"sort\":{\"$schema\":\"airails:policy/1\",\"id\":\"sort\",\"version\":\"1.0.0\",\"kind\":\"table\","
    "\"title\":\"What it is\",\"inputs\":[{\"id\":\"amount\",\"title\":\"Amount\",\"type\":\"int\"}],"
    "\"outputs\":[{\"id\":\"size\",\"type\":\"string\"}],\"hit\":\"F\","
    "\"rules\":[{\"id\":\"big\",\"when\":{\"amount\":\"> 700\"},\"then\":{\"size\":\"big\"},\"why\":\"it is\"},"
    "{\"id\":\"small\",\"when\":{\"amount\":\"-\"},\"then\":{\"size\":\"small\"},\"why\":\"it is not\"}]}";

/* --- gates: who is reminded, who else may decide after a time, and what they may change --- */

/* Times after the request, one after the other. */
static gint64
later_than (AirSimRandom *random, gint64 ms)
{
  return ms + 1 + air_sim_random_skewed (random, 4000);
}

static void
add_reminders (GString *text, AirSimRandom *random)
{
  gint64 ms = 0;

  g_string_append (text, ",\"reminders_ms\":[");
  for (gint64 i = air_sim_random_between (random, 1, 3); i > 0; i--)
    {
      ms = later_than (random, ms);
      g_string_append_printf (text, "%" G_GINT64_FORMAT "%s", ms, i > 1 ? "," : "");
    }
  g_string_append_c (text, ']');
}

static void
add_escalation (GString *text, AirSimRandom *random)
{
  gint64 ms = 0;

  g_string_append (text, ",\"escalation\":[");
  for (gint64 i = air_sim_random_between (random, 1, 2); i > 0; i--)
    {
      ms = later_than (random, ms);
      g_string_append_printf (
          text, "{\"after_ms\":%" G_GINT64_FORMAT ",\"role\":\"%s\",\"quorum\":%d%s}%s", ms,
          air_sim_random_chance (random, 800) ? "manager" : "approver", (int) air_sim_random_between (random, 1, 2),
          air_sim_random_chance (random, 250) ? ",\"people\":[\"airails://sim/people/mia\"]" : "", i > 1 ? "," : "");
    }
  g_string_append_c (text, ']');
}

/* Beside the other: what both demand is in force, the roles of both included. */
static void
add_strict_gate (GString *text, AirSimRandom *random)
{
  g_string_append_printf (
      text,
      "\"strict\":{\"$schema\":\"airails:policy/1\",\"id\":\"strict\",\"version\":\"1.0.0\",\"kind\":\"gate\","
      "\"title\":\"More\",\"inputs\":[{\"id\":\"amount\",\"type\":\"int\"}],\"outputs\":[{\"id\":\"quorum\",\"type\":"
      "\"int\"},{\"id\":\"role\",\"type\":\"string\"},{\"id\":\"verdict\",\"type\":\"string\"}],\"hit\":\"F\","
      "\"rules\":["
      "{\"id\":\"never\",\"when\":{\"amount\":\"> 1500\"},\"then\":{\"quorum\":0,\"role\":\"\",\"verdict\":\"deny\"},"
      "\"why\":\"too much\"},{\"id\":\"all\",\"when\":{},\"then\":{\"quorum\":%d,\"role\":\"%s\",\"verdict\":\"ask\"},"
      "\"why\":\"it is strict\"}],\"gate\":{\"exclude\":[\"trigger\",\"requester\"],\"deadline_ms\":%d,"
      "\"on_expiry\":\"deny\"",
      (int) air_sim_random_between (random, 1, 2), air_sim_random_chance (random, 300) ? "manager" : "approver",
      (int) air_sim_random_between (random, 20, 200) * 1000);
  if (air_sim_random_chance (random, 500))
    add_escalation (text, random);
  g_string_append (text, "}},");
}

static void
add_gate (GString *text, AirSimRandom *random, const char *edits)
{
  g_string_append (text, gate_table);
  g_string_append_printf (text,
                          "\"gate\":{\"exclude\":[\"trigger\",\"author\",\"requester\"%s],\"deadline_ms\":%d,"
                          "\"on_expiry\":\"%s\"",
                          air_sim_random_chance (random, 300) ? ",\"operator\"" : "",
                          (int) air_sim_random_between (random, 20, 400) * 1000,
                          air_sim_random_chance (random, 500) ? "deny" : "expire");
  if (air_sim_random_chance (random, 400))
    add_reminders (text, random);
  if (air_sim_random_chance (random, 400))
    add_escalation (text, random);
  if (edits[0] != '\0')
    g_string_append_printf (text, ",\"edit\":{%s}", edits);
  g_string_append (text, "}},");
}

/* --- limits: one on how often, one on how much, and a budget that settles to what it came to --- */

static const char *
choose_exceed (AirSimRandom *random, gboolean may_wait)
{
  static const char *const choice[] = { "deny", "gate", "wait" };

  return choice[air_sim_random_below (random, may_wait ? 3 : 2)];
}

static void
begin_limit (GString *text, AirSimRandom *random, const char *id, const char *kind, const char *title)
{
  g_string_append_printf (text,
                          ",\"%s\":{\"$schema\":\"airails:policy/1\",\"id\":\"%s\",\"version\":\"1.0.0\",\"kind\":"
                          "\"%s\",\"title\":\"%s\",\"inputs\":[{\"id\":\"amount\",\"type\":\"int\"},{\"id\":\"who\","
                          "\"type\":\"string\"}],\"key\":\"%s\"",
                          id, id, kind, title, air_sim_random_chance (random, 500) ? "all" : "${who}");
}

/* Two windows, each with its own way out, so that what waits by one may be past the other. */
static void
end_limit (GString *text, AirSimRandom *random, const char *edits, gboolean counts, gboolean for_good)
{
  gint64 max = counts ? air_sim_random_between (random, 1, 4) : air_sim_random_between (random, 800, 4000);
  const char *first = choose_exceed (random, TRUE), *second = choose_exceed (random, !for_good);
  gboolean gates = first[0] == 'g' || second[0] == 'g';

  g_string_append_printf (text,
                          ",\"max_wait_ms\":%d,\"windows\":[{\"id\":\"short\",\"ms\":%d,\"max\":%" G_GINT64_FORMAT
                          ",\"on_exceed\":\"%s\"},{\"id\":\"long\",",
                          (int) air_sim_random_between (random, 1, 60) * 1000,
                          (int) air_sim_random_between (random, 200, 30000), max, first);
  if (!for_good)
    g_string_append_printf (text, "\"ms\":%d,", (int) air_sim_random_between (random, 20, 7200) * 1000);
  g_string_append_printf (text, "\"max\":%" G_GINT64_FORMAT ",\"on_exceed\":\"%s\"}]",
                          max * air_sim_random_between (random, 1, 5), second);
  if (gates)
    g_string_append_printf (text,
                            ",\"gate\":{\"role\":\"approver\",\"quorum\":1,\"exclude\":[\"requester\"],\"deadline_ms\":"
                            "%d,\"on_expiry\":\"deny\"%s%s%s}",
                            (int) air_sim_random_between (random, 5, 60) * 1000, edits[0] != '\0' ? ",\"edit\":{" : "",
                            edits, edits[0] != '\0' ? "}" : "");
  if (air_sim_random_chance (random, 150))
    g_string_append (text, ",\"keep\":[\"failure\",\"compensation\"]");
  g_string_append_c (text, '}');
}

void
air_sim_plan_add_policies (GString *text, AirSimRandom *random, const char *edits, gboolean limits)
{
  add_gate (text, random, edits);
  add_strict_gate (text, random);
  g_string_append (text, sort_table);
  if (!limits)
    return;
  begin_limit (text, random, "cap", "limit", "How often");
  g_string_append (text, ",\"measure\":\"count\"");
  end_limit (text, random, edits, TRUE, FALSE);
  begin_limit (text, random, "spend", "limit", "How much");
  g_string_append (text, ",\"measure\":\"sum\",\"amount\":\"${amount}\"");
  end_limit (text, random, edits, FALSE, FALSE);
  begin_limit (text, random, "purse", "budget", "What there is");
  g_string_append (text, ",\"amount\":\"${amount}\",\"settle\":\"${output.amount % (amount + 1)}\"");
  end_limit (text, random, edits, FALSE, TRUE);
}
