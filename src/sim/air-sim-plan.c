/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-plan-private.h"

#include <string.h>

#include "base/air-json.h"

#define ARTIFACT "sha256:5151515151515151515151515151515151515151515151515151515151515151"

/* What a workflow that is a step takes. */
#define INPUT                                                                                                          \
  "{\"type\":\"object\",\"required\":[\"order\",\"who\",\"amount\",\"items\"],\"properties\":{\"order\":{\"type\":"    \
  "\"string\"},\"who\":{\"type\":\"string\"},\"amount\":{\"type\":\"integer\"},\"items\":{\"type\":\"array\"}}}"

/* What lies between a fork and its join, a workflow that is a step, or the whole: edges never cross its border. */
typedef struct {
  const char *prefix; /* of the names in it */
  char *failed;       /* where a failure ends */
  gboolean fails;     /* whether anything leads there */
  char *stopped;      /* where it ends well and early; NULL inside of a fork: nothing completes the run there */
  gboolean stops;
  guint loops;      /* around it, in the same workflow */
  guint first_call; /* of those that are in it */
} Region;

typedef struct {
  AirSimRandom *random;
  GString *nodes;
  GString *guards;
  GString *edits;   /* what approvers may change, "node.field" to a test */
  GPtrArray *calls; /* ids of the calls so far that one may look back at */
  Region region;
  gboolean limits;
  guint n_nodes;
  guint edges;
  guint forks;
} Maker;

#define MOST_NODES 40
#define MOST_FORKS 3

static char *
new_id (Maker *self)
{
  return g_strdup_printf ("%sn%u", self->region.prefix, self->n_nodes++);
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

static const char *
to_failed (Maker *self)
{
  self->region.fails = TRUE;
  return self->region.failed;
}

/* Inside of a fork it goes on. */
static const char *
to_stopped (Maker *self, const char *exit)
{
  if (self->region.stopped == NULL)
    return exit;
  self->region.stops = TRUE;
  return self->region.stopped;
}

/* --- plain nodes --- */

/* As a policy writes it: a node has the name that it has in its own workflow. */
static void
allow_edit (Maker *self, const char *call)
{
  static const char *const tests[] = { "(0..before]", "<= before + 2", "-" };
  const char *dot = strrchr (call, '.');
  g_autofree char *member = g_strconcat ("\"", dot != NULL ? dot + 1 : call, ".n\"", NULL);

  if (strstr (self->edits->str, member) != NULL || !air_sim_random_chance (self->random, 500))
    return;
  g_string_append_printf (self->edits, "%s%s:\"%s\"", self->edits->len > 0 ? "," : "", member,
                          tests[air_sim_random_below (self->random, G_N_ELEMENTS (tests))]);
}

/* Whether there are any. */
static gboolean
add_limits (Maker *self)
{
  static const char *const ids[] = { "cap", "spend", "purse" };
  gboolean any = FALSE;

  if (!self->limits || !air_sim_random_chance (self->random, 600))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (air_sim_random_chance (self->random, 400))
      {
        g_string_append_printf (self->nodes,
                                "%s{\"policy\":\"%s\",\"with\":{\"amount\":\"${trigger.amount}\",\"who\":"
                                "\"${trigger.who}\"}}",
                                any ? "," : ",\"limits\":[", ids[i]);
        any = TRUE;
      }
  if (any)
    g_string_append_c (self->nodes, ']');
  return any;
}

static void
make_call (Maker *self, const char *id, const char *exit)
{
  static const char *const choice[] = { "a.make", "a.make", "a.short", "a.read", "b.post",
                                        "b.post", "b.fire", "c.put",   "c.seek", "c.once" };
  const char *operation = choice[air_sim_random_below (self->random, G_N_ELEMENTS (choice))];
  gboolean limited;

  begin_node (self, id, "call");
  g_string_append_printf (
      self->nodes,
      ",\"operation\":\"%s\",\"with\":{\"order\":\"${trigger.order}\",\"n\":%s%u%s},"
      "\"timeout_ms\":%d,\"retry\":{\"max\":%d,\"base_ms\":%d,\"max_ms\":%d}",
      operation, self->region.loops > 0 ? "\"${each.index + " : "", self->n_nodes, self->region.loops > 0 ? "}\"" : "",
      (int) air_sim_random_between (self->random, 300, 8000), (int) air_sim_random_between (self->random, 1, 7),
      (int) air_sim_random_between (self->random, 10, 500), (int) air_sim_random_between (self->random, 500, 5000));
  limited = add_limits (self);
  if (air_sim_random_chance (self->random, 100))
    g_string_append (self->nodes,
                     ",\"compensate\":{\"operation\":\"a.unmake\",\"with\":{\"order\":\"${trigger.order}\"}}");
  begin_ports (self);
  add_port (self, "ok", exit);
  switch (air_sim_random_below (self->random, 6))
    {
    case 0:
      add_port (self, "error", exit);
      break;
    case 1:
      add_port (self, "error:rejected", exit);
      add_port (self, "error", to_failed (self));
      break;
    case 2: /* its failure is the run's, or the iteration's */
      break;
    default:
      add_port (self, "error", to_failed (self));
      break;
    }
  end_node (self);
  if (limited)
    allow_edit (self, id);
  g_ptr_array_add (self->calls, g_strdup (id));
}

static void make_block (Maker *self, const char *entry, const char *exit, guint length, guint depth);

static void
make_branch (Maker *self, const char *id, const char *exit, guint depth)
{
  static const char *const conditions[] = { "trigger.amount > 700",    "trigger.amount % 2 == 0",
                                            "trigger.amount % 7 == 3", "trigger.who == 'w1'",
                                            "each.index % 2 == 0",     "each.item > 2" };
  g_autofree char *arm = new_id (self);

  begin_node (self, id, "branch");
  g_string_append_printf (
      self->nodes, ",\"cases\":[{\"id\":\"yes\",\"when\":\"%s\"}],\"default\":\"no\"",
      conditions[air_sim_random_below (self->random, G_N_ELEMENTS (conditions) - (self->region.loops > 0 ? 0 : 2))]);
  begin_ports (self);
  add_port (self, "yes", arm);
  add_port (self, "no", air_sim_random_chance (self->random, 80) ? to_failed (self) : exit);
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
                          ",\"policy\":\"quorum\"%s,\"with\":{\"amount\":\"${trigger.amount}\"},"
                          "\"guards\":[{\"node\":\"%s\"}]",
                          air_sim_random_chance (self->random, 150) ? ",\"also\":[\"strict\"]" : "", call);
  begin_ports (self);
  add_port (self, "approved", call);
  add_port (self, "denied", hard ? to_failed (self) : to_stopped (self, exit));
  /* Without a way of its own an expiry is a denial, or the run's failure: the policy says which. */
  if (!air_sim_random_chance (self->random, 250))
    add_port (self, "expired", hard ? to_failed (self) : to_stopped (self, exit));
  end_node (self);
  allow_edit (self, call);
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
make_signal_wait (Maker *self, const char *id, const char *exit)
{
  begin_node (self, id, "wait");
  g_string_append_printf (self->nodes, ",\"signal\":\"%s\",\"timeout_ms\":%d",
                          air_sim_random_chance (self->random, 500) ? "go" : "ready",
                          (int) air_sim_random_between (self->random, 200, 40000));
  if (air_sim_random_chance (self->random, 500))
    g_string_append (self->nodes,
                     ",\"input\":{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":"
                     "\"integer\"}}}");
  begin_ports (self);
  add_port (self, "out", exit);
  add_port (self, "timeout", air_sim_random_chance (self->random, 150) ? to_failed (self) : exit);
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

/* --- forks --- */

static Region
enter (Maker *self, gboolean loop)
{
  Region around = self->region;

  self->region = (Region) { .prefix = around.prefix,
                            .failed = g_strdup_printf ("%sf%u", around.prefix, self->forks),
                            .loops = around.loops + loop,
                            .first_call = self->calls->len };
  self->forks++;
  return around;
}

static void
make_end (Maker *self, const char *id, const char *outcome)
{
  begin_node (self, id, "end");
  g_string_append_printf (self->nodes, ",\"outcome\":\"%s\"}", outcome);
}

static void
leave (Maker *self, Region around)
{
  if (self->region.fails)
    make_end (self, self->region.failed, "failed");
  if (self->region.stops)
    make_end (self, self->region.stopped, "completed");
  g_free (self->region.failed);
  g_free (self->region.stopped);
  /* From outside nobody looks into an iteration. */
  if (self->region.loops > around.loops)
    g_ptr_array_set_size (self->calls, self->region.first_call);
  self->region = around;
}

static void
make_join (Maker *self, const char *id, const char *of, gboolean collects, const char *exit)
{
  begin_node (self, id, "join");
  g_string_append_printf (self->nodes, ",\"of\":\"%s\"", of);
  if (collects)
    g_string_append (self->nodes, ",\"collect\":{\"at\":\"${each.index}\",\"of\":\"${each.item}\"}");
  begin_ports (self);
  add_port (self, "out", exit);
  end_node (self);
}

static void
make_parallel (Maker *self, const char *id, const char *exit, guint depth)
{
  guint n = air_sim_random_between (self->random, 2, 4);
  g_autoptr (GPtrArray) ways = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *join = g_strconcat (id, "_j", NULL);
  Region around;

  begin_node (self, id, "parallel");
  begin_ports (self);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *port = g_strdup_printf ("w%u", i);

      g_ptr_array_add (ways, i > 0 && air_sim_random_chance (self->random, 60) ? g_strdup (join) : new_id (self));
      add_port (self, port, ways->pdata[i]);
    }
  end_node (self);
  around = enter (self, FALSE);
  for (guint i = 0; i < n; i++)
    if (strcmp (ways->pdata[i], join) != 0)
      make_block (self, ways->pdata[i], join, air_sim_random_between (self->random, 1, 2), depth + 1);
  leave (self, around);
  make_join (self, join, id, FALSE, exit);
}

static void
make_loop (Maker *self, const char *id, const char *exit, guint depth)
{
  g_autofree char *join = g_strconcat (id, "_j", NULL), *first = new_id (self);
  const char *items = self->region.loops > 0                      ? "${[each.index, 4]}"
                      : air_sim_random_chance (self->random, 800) ? "${trigger.items}"
                                                                  : "${[1, 2, 3]}";
  Region around;

  begin_node (self, id, "for_each");
  g_string_append_printf (self->nodes, ",\"items\":\"%s\",\"max_items\":%d,\"concurrency\":%d,\"on_failure\":\"%s\"",
                          items, air_sim_random_chance (self->random, 50) ? 2 : 8,
                          (int) air_sim_random_between (self->random, 1, 4),
                          air_sim_random_chance (self->random, 600) ? "continue" : "stop");
  begin_ports (self);
  add_port (self, "each", first);
  end_node (self);
  around = enter (self, TRUE);
  make_block (self, first, join, air_sim_random_between (self->random, 1, 3), depth + 1);
  leave (self, around);
  make_join (self, join, id, air_sim_random_chance (self->random, 700), exit);
}

/* Names of its own, a trigger and steps of its own: nothing in it is seen from outside, and nothing outside from it. */
static void
make_workflow (Maker *self, const char *id, const char *exit, guint depth)
{
  g_autofree char *prefix = g_strconcat (id, ".", NULL), *done = g_strconcat (prefix, "done", NULL), *first = NULL;
  g_autoptr (GPtrArray) calls = self->calls;
  Region around = self->region;
  const char *failed = air_sim_random_chance (self->random, 500) ? exit : to_failed (self);

  around.fails = self->region.fails;
  self->region = (Region) { .prefix = prefix,
                            .failed = g_strconcat (prefix, "failed", NULL),
                            .stopped = g_strconcat (prefix, "stopped", NULL) };
  self->calls = g_ptr_array_new_with_free_func (g_free);
  self->forks++;
  first = new_id (self);
  begin_node (self, id, "workflow");
  g_string_append (self->nodes,
                   ",\"workflow\":\"part\",\"with\":{\"order\":\"${trigger.order}\",\"who\":\"${trigger.who}\","
                   "\"amount\":\"${trigger.amount}\",\"items\":\"${trigger.items}\"}");
  if (air_sim_random_chance (self->random, 300))
    g_string_append_printf (self->nodes, ",\"timeout_ms\":%d",
                            (int) air_sim_random_between (self->random, 1, 60) * 1000);
  begin_ports (self);
  add_port (self, "start", first);
  add_port (self, "ok", exit);
  if (air_sim_random_chance (self->random, 800))
    add_port (self, "error", failed);
  end_node (self);
  make_block (self, first, done, air_sim_random_between (self->random, 1, 4), depth + 1);
  make_end (self, done, "completed");
  g_clear_pointer (&self->calls, g_ptr_array_unref);
  leave (self, around);
  self->calls = g_steal_pointer (&calls);
}

/* --- all of it --- */

/* A chain of @length pieces from @entry on; the last leads to @exit. */
static void
make_block (Maker *self, const char *entry, const char *exit, guint length, guint depth)
{
  g_autofree char *id = g_strdup (entry);

  for (guint i = 0; i < length; i++)
    {
      g_autofree char *following = i + 1 < length ? new_id (self) : g_strdup (exit);
      guint kind = air_sim_random_below (self->random, 100);
      gboolean may_fork = depth < 3 && self->forks < MOST_FORKS && self->n_nodes < MOST_NODES;

      if (kind < 7 && may_fork)
        make_parallel (self, id, following, depth);
      else if (kind < 14 && may_fork && self->region.loops < 2)
        make_loop (self, id, following, depth);
      else if (kind < 19 && may_fork)
        make_workflow (self, id, following, depth);
      else if (kind < 58)
        make_call (self, id, following);
      else if (kind < 69 && depth < 3 && self->n_nodes < MOST_NODES)
        make_branch (self, id, following, depth);
      else if (kind < 80)
        make_gate (self, id, following);
      else if (kind < 86)
        make_wait (self, id, following);
      else if (kind < 92)
        make_signal_wait (self, id, following);
      else if (kind < 96)
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
  g_autoptr (GString) edits = g_string_new (NULL);
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  Maker maker = { .random = random,
                  .nodes = nodes,
                  .guards = guards,
                  .edits = edits,
                  .calls = calls,
                  .region = { .prefix = "", .failed = (char *) "failed", .stopped = (char *) "stopped" } };
  g_autofree char *first = new_id (&maker);
  const char *last = air_sim_random_chance (random, 300) ? "failed" : "done";
  AirValue *document;

  maker.limits = air_sim_random_chance (random, 400);
  begin_node (&maker, "start", "trigger");
  g_string_append (nodes,
                   ",\"trigger\":{\"type\":\"webhook\",\"event_type\":\"sim.order\",\"dedup\":\"event.data.id\","
                   "\"concurrency\":\"event.data.order\",\"requester\":\"'airails://sim/people/' + event.data.who\","
                   "\"input\":{\"type\":\"object\",\"required\":[\"id\",\"order\",\"who\",\"amount\",\"items\"],"
                   "\"properties\":{\"id\":{\"type\":\"string\"},\"order\":{\"type\":\"string\"},"
                   "\"who\":{\"type\":\"string\"},\"amount\":{\"type\":\"integer\"},"
                   "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}}}");
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
                          "\"workflows\":{\"part\":{\"id\":\"part\",\"version\":\"1.0.0\",\"nodes\":[{\"id\":\"in\","
                          "\"kind\":\"trigger\",\"trigger\":{\"input\":" INPUT "}}]}},"
                          "\"policies\":{",
                          nodes->str, air_sim_plan_operations);
  air_sim_plan_add_policies (text, random, edits->str, maker.limits);
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
