/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workflow-maker.h"

#include <string.h>

#include "base/air-json.h"

/* A chain of what workflows are made of: reads, writes that are undone, decisions
 * with a branch that joins again, payments behind a gate, waits, evidence. */

typedef struct {
  GRand *rand;
  GString *nodes, *edges, *yes, *no; /* the last two: the paths of the two tests */
  guint n_nodes, n_edges;
  char *last, *port; /* what the next node is led to from */
  char *other, *other_port;
  char *read; /* the last read on every way */
} Maker;

static void
add_edge (Maker *self, const char *from, const char *port, const char *to)
{
  g_string_append_printf (self->edges, "%s{\"id\":\"e%u\",\"from\":\"%s\",", self->n_edges > 0 ? "," : "",
                          self->n_edges + 1, from);
  if (port != NULL)
    g_string_append_printf (self->edges, "\"port\":\"%s\",", port);
  g_string_append_printf (self->edges, "\"to\":\"%s\"}", to);
  self->n_edges++;
}

/* The head of a node; its id, to be freed. */
static char *
add_node (Maker *self, const char *kind)
{
  char *id = g_strdup_printf ("n%u", self->n_nodes);

  g_string_append_printf (self->nodes, "%s{\"id\":\"%s\",\"kind\":\"%s\",\"title\":\"%s %u\"",
                          self->n_nodes > 0 ? "," : "", id, kind, kind, self->n_nodes);
  self->n_nodes++;
  return id;
}

static void
add_to_paths (Maker *self, const char *id, gboolean yes, gboolean no)
{
  if (yes)
    g_string_append_printf (self->yes, "%s\"%s\"", self->yes->len > 0 ? "," : "", id);
  if (no)
    g_string_append_printf (self->no, "%s\"%s\"", self->no->len > 0 ? "," : "", id);
}

/* Leads what is open to @id, which then is what is open. Takes @id. */
static void
go_on (Maker *self, char *id, const char *port)
{
  add_edge (self, self->last, self->port, id);
  if (self->other != NULL)
    add_edge (self, self->other, self->other_port, id);
  g_clear_pointer (&self->other, g_free);
  g_clear_pointer (&self->other_port, g_free);
  g_free (self->last);
  g_free (self->port);
  self->last = id;
  self->port = g_strdup (port);
}

static void
add_read (Maker *self)
{
  char *id = add_node (self, "call");

  g_string_append (self->nodes, ",\"operation\":\"lab.item.read\",\"with\":{\"id\":\"${trigger.id}\"},"
                                "\"timeout_ms\":5000}");
  add_edge (self, id, "error", "failed");
  add_to_paths (self, id, TRUE, TRUE);
  go_on (self, id, NULL);
  g_free (self->read);
  self->read = g_strdup (id);
}

static char *
add_write (Maker *self)
{
  char *id = add_node (self, "call");

  g_string_append (self->nodes, ",\"operation\":\"lab.item.write\",\"with\":{\"id\":\"${trigger.id}\",\"count\":3,"
                                "\"colour\":\"red\"},\"timeout_ms\":5000,\"compensate\":{\"operation\":"
                                "\"lab.item.unwrite\",\"with\":{\"id\":\"${trigger.id}\"}}}");
  add_edge (self, id, "error", "failed");
  return id;
}

static void
add_decision (Maker *self)
{
  char *decision = add_node (self, "decide"), *branch, *write;

  g_string_append_printf (self->nodes,
                          ",\"policy\":\"lab-table\",\"with\":{\"price\":\"${has(steps.%s.price_minor) ? "
                          "steps.%s.price_minor : 0}\"}}",
                          self->read, self->read);
  add_to_paths (self, decision, TRUE, TRUE);
  go_on (self, decision, NULL);

  branch = add_node (self, "branch");
  g_string_append_printf (self->nodes,
                          ",\"cases\":[{\"id\":\"yes\",\"when\":\"steps.%s.verdict == 'yes'\"}],\"default\":\"no\"}",
                          decision);
  add_to_paths (self, branch, TRUE, TRUE);
  go_on (self, branch, "yes");
  write = add_write (self);
  add_to_paths (self, write, TRUE, FALSE);
  add_edge (self, branch, "yes", write);
  self->other = g_strdup (branch);
  self->other_port = g_strdup ("no");
  g_clear_pointer (&self->port, g_free);
  self->last = write;
  g_free (branch);
}

static void
add_payment (Maker *self)
{
  char *gate = add_node (self, "gate");
  char *pay = g_strdup_printf ("n%u", self->n_nodes);

  g_string_append_printf (self->nodes,
                          ",\"policy\":\"lab-gate\",\"with\":{\"price\":\"${trigger.count}\"},"
                          "\"guards\":[{\"node\":\"%s\"}]}",
                          pay);
  add_to_paths (self, gate, TRUE, TRUE);
  add_edge (self, gate, "denied", "failed");
  add_edge (self, gate, "expired", "failed");
  go_on (self, gate, "approved");
  g_free (pay);
  pay = add_node (self, "call");
  g_string_append (self->nodes, ",\"operation\":\"lab.money.pay\",\"with\":{\"amount_minor\":\"${trigger.count}\"},"
                                "\"timeout_ms\":5000}");
  add_edge (self, pay, "error", "failed");
  add_to_paths (self, pay, TRUE, TRUE);
  go_on (self, pay, NULL);
}

static void
add_segment (Maker *self)
{
  char *id;

  switch (g_rand_int_range (self->rand, 0, 6))
    {
    case 0:
    case 1:
      add_read (self);
      break;
    case 2:
      id = add_write (self);
      add_to_paths (self, id, TRUE, TRUE);
      go_on (self, id, NULL);
      break;
    case 3:
      add_decision (self);
      break;
    case 4:
      add_payment (self);
      break;
    default:
      id = add_node (self, "wait");
      g_string_append (self->nodes, ",\"duration_ms\":1000}");
      add_to_paths (self, id, TRUE, TRUE);
      go_on (self, id, NULL);
      break;
    }
}

static const char trigger[] =
    ",\"trigger\":{\"type\":\"webhook\",\"event_type\":\"lab.asked\",\"dedup\":\"event.data.id\",\"concurrency\":"
    "\"event.data.id\",\"input\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"id\",\"count\","
    "\"text\"],\"properties\":{\"id\":{\"type\":\"string\",\"pattern\":\"^[a-z0-9-]{1,32}$\"},\"count\":{\"type\":"
    "\"integer\",\"minimum\":1},\"text\":{\"type\":\"string\",\"x-label\":[\"untrusted\"]}}}}}";

char *
maker_write_workflow (guint n_nodes, guint seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GString) nodes = g_string_new (NULL), edges = g_string_new (NULL);
  g_autoptr (GString) yes = g_string_new (NULL), no = g_string_new (NULL);
  Maker self = { .rand = rand, .nodes = nodes, .edges = edges, .yes = yes, .no = no };
  g_autoptr (AirValue) value = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  char *written;

  self.last = add_node (&self, "trigger");
  g_string_append (nodes, trigger);
  add_to_paths (&self, self.last, TRUE, TRUE);
  add_read (&self);
  while (self.n_nodes + 2 < n_nodes)
    add_segment (&self);
  add_edge (&self, self.last, self.port, "done");
  if (self.other != NULL)
    add_edge (&self, self.other, self.other_port, "done");
  add_to_paths (&self, "done", TRUE, TRUE);
  g_string_append (nodes, ",{\"id\":\"done\",\"kind\":\"end\",\"outcome\":\"completed\",\"output\":{\"id\":"
                          "\"${trigger.id}\"}},{\"id\":\"failed\",\"kind\":\"end\",\"outcome\":\"failed\"}");
  text = g_strdup_printf (
      "{\"$schema\":\"airails:workflow/1\",\"id\":\"lab-work\",\"version\":\"1.0.0\",\"title\":\"Lab work\",\"owner\":"
      "{\"name\":\"Dora\",\"uri\":\"airails://demo/people/dora\"},\"kpis\":[{\"id\":\"time\",\"title\":\"Time\"}],"
      "\"packs\":{\"lab\":\"1.0.0\"},\"nodes\":[%s],\"edges\":[%s],\"tests\":[{\"id\":\"yes\",\"trigger\":{},"
      "\"expect\":{\"path\":[%s]}},{\"id\":\"no\",\"trigger\":{},\"expect\":{\"path\":[%s]}}]}",
      nodes->str, edges->str, yes->str, no->str);
  g_free (self.last);
  g_free (self.port);
  g_free (self.other);
  g_free (self.other_port);
  g_free (self.read);
  value = air_json_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  written = air_json_write_pretty (value, &error);
  g_assert_no_error (error);
  return written;
}

AirWorkflow *
maker_new_workflow (guint n_nodes, guint seed)
{
  g_autofree char *text = maker_write_workflow (n_nodes, seed);
  g_autoptr (GError) error = NULL;
  AirWorkflow *workflow = air_workflow_load (text, strlen (text), "made.workflow.json", &error);

  g_assert_no_error (error);
  return workflow;
}

static const AirWorkflowNode *
pick_node (AirWorkflow *workflow, GRand *rand)
{
  return air_workflow_get_node (workflow, g_rand_int_range (rand, 0, air_workflow_get_n_nodes (workflow)));
}

static const AirWorkflowEdge *
pick_edge (AirWorkflow *workflow, GRand *rand)
{
  guint n = air_workflow_get_n_edges (workflow);

  return n > 0 ? air_workflow_get_edge (workflow, g_rand_int_range (rand, 0, n)) : NULL;
}

/* Changes to the inputs of a call: other types, other steps, text nobody trusts, nonsense. */
static AirCommand *
edit_input (AirWorkflow *workflow, GRand *rand)
{
  static const char *const values[] = { "${trigger.id}",      "${trigger.text}", "${1 + 'x'}", "fixed",
                                        "${trigger.nothing}", "${1 +",           "red" };
  static const char *const inputs[] = { "id", "note", "colour", "count", "amount_minor", "price", "unknown" };
  const AirWorkflowNode *node = pick_node (workflow, rand), *step = pick_node (workflow, rand);
  g_autofree char *at = g_strdup_printf ("/nodes/%s/with/%s", node->id, inputs[g_rand_int_range (rand, 0, 7)]);
  g_autofree char *read = g_strdup_printf ("${steps.%s.price_minor}", step->id);
  gint which = g_rand_int_range (rand, 0, 10);

  if (which == 9)
    return air_command_new_unset (at);
  if (which == 8)
    return air_command_new_set (at, air_value_new_string (read));
  if (which == 7)
    return air_command_new_set (at, air_value_new_int (g_rand_int_range (rand, -5, 5)));
  return air_command_new_set (at, air_value_new_string (values[which]));
}

static AirCommand *
edit_member (AirWorkflow *workflow, GRand *rand)
{
  static const char *const members[] = { "timeout_ms", "title",  "operation", "compensate", "guards",
                                         "default",    "policy", "outcome",   "duration_ms" };
  const AirWorkflowNode *node = pick_node (workflow, rand);
  gint which = g_rand_int_range (rand, 0, G_N_ELEMENTS (members));
  g_autofree char *at = g_strdup_printf ("/nodes/%s/%s", node->id, members[which]);
  static const char *const operations[] = { "lab.item.read", "lab.item.burn", "lab.money.pay", "lab.no.such" };

  if (g_rand_boolean (rand))
    return air_command_new_unset (at);
  switch (which)
    {
    case 0:
    case 8:
      return air_command_new_set (at, air_value_new_int (g_rand_int_range (rand, 1, 100000)));
    case 2:
      return air_command_new_set (at, air_value_new_string (operations[g_rand_int_range (rand, 0, 4)]));
    case 3:
      return air_command_new_unset (at);
    case 4:
      return air_command_new_set (at, air_list_new ());
    default:
      return air_command_new_set (at, air_value_new_string ("some"));
    }
}

static AirCommand *
edit_document (AirWorkflow *workflow, GRand *rand)
{
  static const char text[] = "{\"id\":\"t\",\"trigger\":{},\"expect\":{\"path\":[\"n0\"]}}";
  g_autoptr (AirValue) test = air_json_parse (text, strlen (text), NULL);

  g_assert_nonnull (test);
  switch (g_rand_int_range (rand, 0, 7))
    {
    case 0:
      return air_command_new_unset ("/kpis");
    case 1:
      return air_command_new_set ("/kpis", air_list_new ());
    case 2:
      return air_command_new_add_test (workflow, g_steal_pointer (&test));
    case 3:
      return air_command_new_remove ("/tests/0");
    case 4:
      return air_command_new_unset ("/nodes/0/trigger/concurrency");
    case 5:
      return air_command_new_set ("/nodes/0/trigger/dedup", air_value_new_string ("'same'"));
    default:
      return air_command_new_set ("/title", air_value_new_string ("Ünï \"quoted\""));
    }
}

static AirCommand *
edit_nodes (AirWorkflow *workflow, GRand *rand)
{
  g_autofree char *id = air_workflow_dup_free_id (workflow, "more");
  AirValue *node = air_map_new ();
  gint64 position[2] = { g_rand_int_range (rand, -500, 500), g_rand_int_range (rand, -500, 500) };

  air_map_set_string (node, "kind", "wait");
  air_map_set_int (node, "duration_ms", 5);
  air_map_set_string (node, "id", id);
  return air_command_new_add_node (workflow, node, g_rand_boolean (rand) ? position : NULL);
}

AirCommand *
maker_new_edit (AirWorkflow *workflow, GRand *rand)
{
  static const char *const ports[] = { "ok", "error", "out", "yes", "no", "approved", "error:retry", NULL };
  const AirWorkflowNode *node = pick_node (workflow, rand);
  const AirWorkflowEdge *edge = pick_edge (workflow, rand);

  switch (g_rand_int_range (rand, 0, 12))
    {
    case 0:
      return edit_nodes (workflow, rand);
    case 1:
      return air_command_new_remove_node (workflow, node->id);
    case 2:
      return air_command_new_move_node (workflow, node->id, g_rand_int_range (rand, 0, 9000), 7);
    case 3:
      {
        g_autofree char *id = air_workflow_dup_free_id (workflow, "renamed");

        return air_command_new_rename_node (workflow, node->id, id);
      }
    case 4:
    case 5:
      return air_command_new_connect (workflow, node->id, ports[g_rand_int_range (rand, 0, G_N_ELEMENTS (ports))],
                                      pick_node (workflow, rand)->id, NULL);
    case 6:
      return air_command_new_disconnect (workflow, edge != NULL ? edge->id : "e1");
    case 7:
      return edit_document (workflow, rand);
    case 8:
    case 9:
      return edit_member (workflow, rand);
    default:
      return edit_input (workflow, rand);
    }
}
