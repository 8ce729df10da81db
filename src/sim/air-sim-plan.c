/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-plan.h"

#include <string.h>

#include "base/air-json.h"

#define ARTIFACT "sha256:5151515151515151515151515151515151515151515151515151515151515151"

typedef struct {
  AirSimRandom *random;
  GString *nodes;
  GString *guards;
  GPtrArray *calls; /* ids of the calls so far */
  guint n_nodes;
  guint edges;
} Maker;

/* What an operation may be like; the sample of all that packs declare. */
static const char operations[] =
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

static const char policies[] =
    "\"quorum\":{\"$schema\":\"airails:policy/1\",\"id\":\"quorum\",\"version\":\"1.0.0\",\"kind\":\"gate\","
    "\"title\":\"Who approves\",\"inputs\":[{\"id\":\"amount\",\"title\":\"Amount\",\"type\":\"int\"}],"
    "\"outputs\":[{\"id\":\"quorum\",\"type\":\"int\"},{\"id\":\"role\",\"type\":\"string\"}],\"hit\":\"F\","
    "\"rules\":[{\"id\":\"none\",\"when\":{\"amount\":\"<= 300\"},\"then\":{\"quorum\":0,\"role\":\"approver\"},"
    "\"why\":\"small\"},{\"id\":\"one\",\"when\":{\"amount\":\"(300..1000]\"},"
    "\"then\":{\"quorum\":1,\"role\":\"approver\"},\"why\":\"medium\"},"
    "{\"id\":\"two\",\"when\":{\"amount\":\"> 1000\"},\"then\":{\"quorum\":2,\"role\":\"approver\"},"
    "\"why\":\"large\"}],\"gate\":{\"exclude\":[\"trigger\",\"author\",\"requester\"],\"deadline_ms\":%d,"
    "\"on_expiry\":\"%s\"}},"
    "\"sort\":{\"$schema\":\"airails:policy/1\",\"id\":\"sort\",\"version\":\"1.0.0\",\"kind\":\"table\","
    "\"title\":\"What it is\",\"inputs\":[{\"id\":\"amount\",\"title\":\"Amount\",\"type\":\"int\"}],"
    "\"outputs\":[{\"id\":\"size\",\"type\":\"string\"}],\"hit\":\"F\","
    "\"rules\":[{\"id\":\"big\",\"when\":{\"amount\":\"> 700\"},\"then\":{\"size\":\"big\"},\"why\":\"it is\"},"
    "{\"id\":\"small\",\"when\":{\"amount\":\"-\"},\"then\":{\"size\":\"small\"},\"why\":\"it is not\"}]}";

static char *
new_id (Maker *self)
{
  return g_strdup_printf ("n%u", self->n_nodes++);
}

static void
begin_node (Maker *self, const char *id, const char *kind)
{
  g_string_append_printf (self->nodes, "%s\"%s\":{\"id\":\"%s\",\"kind\":\"%s\"", self->nodes->len > 0 ? "," : "", id,
                          id, kind);
}

static void
begin_ports (Maker *self)
{
  g_string_append (self->nodes, ",\"next\":{");
}

static void
add_port (Maker *self, const char *port, const char *to)
{
  if (self->nodes->str[self->nodes->len - 1] != '{')
    g_string_append_c (self->nodes, ',');
  g_string_append_printf (self->nodes, "\"%s\":{\"edge\":\"e%u\",\"to\":\"%s\"}", port, self->edges++, to);
}

static void
end_node (Maker *self)
{
  g_string_append (self->nodes, "}}");
}

static void
make_call (Maker *self, const char *id, const char *exit)
{
  static const char *const choice[] = { "a.make", "a.make", "a.short", "a.read", "b.post",
                                        "b.post", "b.fire", "c.put",   "c.seek", "c.once" };
  const char *operation = choice[air_sim_random_below (self->random, G_N_ELEMENTS (choice))];

  begin_node (self, id, "call");
  g_string_append_printf (self->nodes,
                          ",\"operation\":\"%s\",\"with\":{\"order\":\"${trigger.order}\",\"n\":%u},"
                          "\"timeout_ms\":%d,\"retry\":{\"max\":%d,\"base_ms\":%d,\"max_ms\":%d}",
                          operation, self->n_nodes, (int) air_sim_random_between (self->random, 300, 8000),
                          (int) air_sim_random_between (self->random, 1, 7),
                          (int) air_sim_random_between (self->random, 10, 500),
                          (int) air_sim_random_between (self->random, 500, 5000));
  if (air_sim_random_chance (self->random, 100))
    g_string_append (self->nodes,
                     ",\"compensate\":{\"operation\":\"a.unmake\",\"with\":{\"order\":\"${trigger.order}\"}}");
  begin_ports (self);
  add_port (self, "ok", exit);
  switch (air_sim_random_below (self->random, 5))
    {
    case 0:
      add_port (self, "error", exit);
      break;
    case 1:
      add_port (self, "error:rejected", exit);
      add_port (self, "error", "failed");
      break;
    default:
      add_port (self, "error", "failed");
      break;
    }
  end_node (self);
  g_ptr_array_add (self->calls, g_strdup (id));
}

static void make_block (Maker *self, const char *entry, const char *exit, guint length, guint depth);

static void
make_branch (Maker *self, const char *id, const char *exit, guint depth)
{
  static const char *const conditions[] = { "trigger.amount > 700", "trigger.amount % 2 == 0",
                                            "trigger.amount % 7 == 3", "trigger.who == 'w1'" };
  g_autofree char *arm = new_id (self);

  begin_node (self, id, "branch");
  g_string_append_printf (self->nodes, ",\"cases\":[{\"id\":\"yes\",\"when\":\"%s\"}],\"default\":\"no\"",
                          conditions[air_sim_random_below (self->random, G_N_ELEMENTS (conditions))]);
  begin_ports (self);
  add_port (self, "yes", arm);
  add_port (self, "no", air_sim_random_chance (self->random, 80) ? "failed" : exit);
  end_node (self);
  make_block (self, arm, exit, air_sim_random_between (self->random, 1, 3), depth + 1);
}

static void
make_gate (Maker *self, const char *id, const char *exit)
{
  g_autofree char *call = new_id (self);
  gboolean hard = air_sim_random_chance (self->random, 500);

  begin_node (self, id, "gate");
  g_string_append_printf (self->nodes,
                          ",\"policy\":\"quorum\",\"with\":{\"amount\":\"${trigger.amount}\"},"
                          "\"guards\":[{\"node\":\"%s\"}]",
                          call);
  begin_ports (self);
  add_port (self, "approved", call);
  add_port (self, "denied", hard ? "failed" : "stopped");
  add_port (self, "expired", hard ? "failed" : "stopped");
  end_node (self);
  g_string_append_printf (self->guards, "%s\"%s\":\"%s\"", self->guards->len > 0 ? "," : "", call, id);
  make_call (self, call, exit);
}

static void
make_wait (Maker *self, const char *id, const char *exit)
{
  gint64 ms = air_sim_random_chance (self->random, 200) ? 3600000 : air_sim_random_between (self->random, 20, 4000);

  begin_node (self, id, "wait");
  g_string_append_printf (self->nodes, ",\"duration_ms\":%" G_GINT64_FORMAT, ms);
  begin_ports (self);
  add_port (self, "out", exit);
  end_node (self);
}

static void
make_decide (Maker *self, const char *id, const char *exit)
{
  begin_node (self, id, "decide");
  g_string_append (self->nodes, ",\"policy\":\"sort\",\"with\":{\"amount\":\"${trigger.amount}\"}");
  begin_ports (self);
  add_port (self, "out", exit);
  end_node (self);
}

static void
make_evidence (Maker *self, const char *id, const char *exit)
{
  if (self->calls->len == 0)
    {
      make_call (self, id, exit);
      return;
    }
  begin_node (self, id, "evidence");
  g_string_append_printf (self->nodes, ",\"collect\":[\"%s\"]",
                          (char *) self->calls->pdata[air_sim_random_below (self->random, self->calls->len)]);
  begin_ports (self);
  add_port (self, "out", exit);
  end_node (self);
}

/* A chain of @length pieces from @entry on; the last leads to @exit. */
static void
make_block (Maker *self, const char *entry, const char *exit, guint length, guint depth)
{
  g_autofree char *id = g_strdup (entry);

  for (guint i = 0; i < length; i++)
    {
      g_autofree char *following = i + 1 < length ? new_id (self) : g_strdup (exit);
      guint kind = air_sim_random_below (self->random, 100);

      if (kind < 55)
        make_call (self, id, following);
      else if (kind < 68 && depth < 2)
        make_branch (self, id, following, depth);
      else if (kind < 82)
        make_gate (self, id, following);
      else if (kind < 90)
        make_wait (self, id, following);
      else if (kind < 95)
        make_decide (self, id, following);
      else
        make_evidence (self, id, following);
      g_set_str (&id, following);
    }
}

/**
 * air_sim_plan_make:
 * @random: chance
 *
 * Returns: (transfer full): the document of air_sim_plan_new() alone
 */
AirValue *
air_sim_plan_make (AirSimRandom *random)
{
  g_autoptr (GString) nodes = g_string_new (NULL), guards = g_string_new (NULL), text = g_string_new (NULL);
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  Maker maker = { random, nodes, guards, calls, 0, 0 };
  g_autofree char *first = new_id (&maker);
  const char *last = air_sim_random_chance (random, 300) ? "failed" : "done";
  AirValue *document;

  begin_node (&maker, "start", "trigger");
  g_string_append (nodes, ",\"trigger\":{\"type\":\"webhook\",\"event_type\":\"sim.order\",\"dedup\":\"event.data.id\","
                          "\"concurrency\":\"event.data.order\",\"requester\":\"event.data.who\","
                          "\"input\":{\"type\":\"object\",\"required\":[\"id\",\"order\",\"who\",\"amount\"],"
                          "\"properties\":{\"id\":{\"type\":\"string\"},\"order\":{\"type\":\"string\"},"
                          "\"who\":{\"type\":\"string\"},\"amount\":{\"type\":\"integer\"}}}}");
  begin_ports (&maker);
  add_port (&maker, "out", first);
  end_node (&maker);
  make_block (&maker, first, last, air_sim_random_between (random, 2, 7), 0);
  g_string_append (nodes, ",\"done\":{\"id\":\"done\",\"kind\":\"end\",\"outcome\":\"completed\","
                          "\"output\":{\"amount\":\"${trigger.amount}\"}},"
                          "\"stopped\":{\"id\":\"stopped\",\"kind\":\"end\",\"outcome\":\"completed\"},"
                          "\"failed\":{\"id\":\"failed\",\"kind\":\"end\",\"outcome\":\"failed\"}");

  g_string_append_printf (text,
                          "{\"v\":1,\"workflow\":\"made-up\",\"version\":\"1.0.0\",\"title\":\"Made up\","
                          "\"trigger\":\"start\",\"nodes\":{%s},\"operations\":{%s},\"connectors\":{},"
                          "\"policies\":{",
                          nodes->str, operations);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_string_append_printf (text, policies, (int) air_sim_random_between (random, 20, 400) * 1000,
                          air_sim_random_chance (random, 500) ? "deny" : "expire");
#pragma GCC diagnostic pop
  g_string_append_printf (text, "},\"guards\":{%s}}", guards->str);
  document = air_json_parse (text->str, text->len, &error);
  if (document == NULL)
    g_error ("the made-up plan is no JSON: %s\n%s", error->message, text->str);
  return document;
}

AirPlan *
air_sim_plan_new (AirSimRandom *random)
{
  g_autoptr (AirValue) document = air_sim_plan_make (random);
  g_autoptr (GError) error = NULL;
  AirPlan *plan = air_plan_load (document, ARTIFACT, &error);

  if (plan == NULL)
    g_error ("the engine refuses the made-up plan: %s", error->message);
  return plan;
}
