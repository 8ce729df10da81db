/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-run-state.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/air-format.h"
#include "app/air-workflow-scene.h"
#include "client/air-client.h"
#include "ledger/air-entry.h"

struct _AirRunEntry {
  GObject parent_instance;
  guint64 index;
  char *node;
  char *title;
  char *detail;
  gint64 time_us;
  AirNodeStatus status;
};

G_DEFINE_FINAL_TYPE (AirRunEntry, air_run_entry, G_TYPE_OBJECT)

struct _AirRunState {
  AirWorkflow *workflow;
  GListStore *entries;
  GHashTable *statuses; /* node id → AirNodeStatus */
  GHashTable *taken;    /* edge ids */
  GHashTable *titles;   /* step in a workflow that is a step → its words */
  char *end;            /* the node the run was closed at, nullable */
  gboolean closed;
};

static void
air_run_entry_finalize (GObject *object)
{
  AirRunEntry *self = AIR_RUN_ENTRY (object);

  g_free (self->node);
  g_free (self->title);
  g_free (self->detail);
  G_OBJECT_CLASS (air_run_entry_parent_class)->finalize (object);
}

static void
air_run_entry_class_init (AirRunEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = air_run_entry_finalize;
}

static void
air_run_entry_init (AirRunEntry *self)
{
}

/* --- words -------------------------------------------------------------- */

/* "Book › charge" of "book.charge": what is in the other workflow is known by its name only. */
static const char *
title_inside (AirRunState *self, const char *step)
{
  const char *known = g_hash_table_lookup (self->titles, step);
  g_autofree char *outer = NULL, *inner = NULL;
  const AirWorkflowNode *node;
  char *words;

  if (known != NULL)
    return known;
  outer = air_workflow_scene_dup_node (step);
  node = self->workflow != NULL ? air_workflow_find_node (self->workflow, outer) : NULL;
  inner = air_format_key (strchr (step, '.') + 1);
  words = g_strdup_printf ("%s › %s", node != NULL ? node->title : outer, inner);
  g_hash_table_insert (self->titles, g_strdup (step), words);
  return words;
}

static const char *
title_of (AirRunState *self, const char *node_id)
{
  const AirWorkflowNode *node =
      self->workflow != NULL && node_id != NULL ? air_workflow_find_node (self->workflow, node_id) : NULL;

  if (node != NULL || node_id == NULL || strchr (node_id, '.') == NULL)
    return node != NULL ? node->title : node_id != NULL ? node_id : "";
  return title_inside (self, node_id);
}

static char *
outcome_to_words (const char *outcome)
{
  static const struct {
    const char *outcome;
    const char *words;
  } all[] = {
    { "ok", NC_ ("outcome of an action", "done") },
    { "retry", NC_ ("outcome of an action", "failed for now; it is tried again") },
    { "unknown",
      NC_ ("outcome of an action", "nobody knows whether it happened; it is found out before anything else") },
    { "conflict", NC_ ("outcome of an action", "it conflicts with what is there") },
    { "auth", NC_ ("outcome of an action", "access was refused") },
    { "not_found", NC_ ("outcome of an action", "what it acts on is not there") },
    { "rejected", NC_ ("outcome of an action", "the other side refused") },
    { "fatal", NC_ ("outcome of an action", "failed for good") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (g_strcmp0 (all[i].outcome, outcome) == 0)
      return g_strdup (g_dpgettext2 (NULL, "outcome of an action", all[i].words));
  return g_strdup (outcome != NULL ? outcome : "");
}

static char *
steps_to_words (AirRunState *self, AirValue *members)
{
  AirValue *steps = air_map_get_list (members, "steps");
  GString *words = g_string_new (NULL);

  for (gsize i = 0; steps != NULL && i < air_list_get_size (steps); i++)
    {
      if (i > 0)
        g_string_append (words, " → ");
      g_string_append (words, title_of (self, air_map_get_string (air_list_get (steps, i), "node")));
    }
  return g_string_free (words, FALSE);
}

static char *
why_to_words (AirValue *why)
{
  const char *words;

  if (why == NULL)
    return g_strdup ("");
  if (air_value_get_kind (why) == AIR_VALUE_STRING)
    return air_format_value (why);
  words = air_map_get_string (why, "words");
  return words != NULL ? air_format_untrusted (words) : air_format_value (why);
}

static void
put (AirRunEntry *entry, AirNodeStatus status, char *take_title, char *take_detail)
{
  entry->status = status;
  entry->title = take_title;
  entry->detail = take_detail != NULL ? take_detail : g_strdup ("");
}

static void
describe_action (AirRunState *self, AirRunEntry *entry, const char *type, AirValue *members, AirValue *disclosed)
{
  const char *title = title_of (self, entry->node), *purpose = air_map_get_string (members, "purpose");
  gint64 attempt = air_map_get_int (members, "attempt", 1);

  if (g_str_equal (type, AIR_ENTRY_TOOL_ACTION_STARTED))
    {
      if (g_strcmp0 (purpose, "reconcile") == 0)
        put (entry, AIR_NODE_STATUS_UNKNOWN, g_strdup (title),
             g_strdup (C_ ("ledger entry", "asks whether it happened")));
      else if (g_strcmp0 (purpose, "compensate") == 0)
        put (entry, AIR_NODE_STATUS_RUNNING, g_strdup (title), g_strdup (C_ ("ledger entry", "is being undone")));
      else if (attempt > 1)
        put (entry, AIR_NODE_STATUS_RUNNING, g_strdup (title),
             g_strdup_printf (C_ ("ledger entry", "starts, attempt %d"), (int) attempt));
      else
        put (entry, AIR_NODE_STATUS_RUNNING, g_strdup (title), g_strdup (C_ ("ledger entry", "starts")));
    }
  else
    {
      const char *outcome = air_map_get_string (members, "outcome"),
                 *message = air_map_get_string (disclosed, "message");
      AirNodeStatus status = g_strcmp0 (outcome, "ok") == 0        ? AIR_NODE_STATUS_DONE
                             : g_strcmp0 (outcome, "retry") == 0   ? AIR_NODE_STATUS_WAITING
                             : g_strcmp0 (outcome, "unknown") == 0 ? AIR_NODE_STATUS_UNKNOWN
                                                                   : AIR_NODE_STATUS_FAILED;
      g_autofree char *words = outcome_to_words (outcome);

      if (message != NULL && *message != '\0')
        {
          g_autofree char *plain = air_format_untrusted (message);

          put (entry, status, g_strdup (title), g_strdup_printf ("%s · %s", words, plain));
        }
      else
        put (entry, status, g_strdup (title), g_steal_pointer (&words));
    }
}

static void
describe_decision (AirRunState *self, AirRunEntry *entry, AirValue *members, AirValue *disclosed)
{
  const char *decision = air_map_get_string (members, "decision"), *outcome = air_map_get_string (members, "outcome");
  const char *reason = air_map_get_string (disclosed, "reason");
  g_autofree char *person = air_format_person (air_map_get_string (members, "actor"));
  g_autofree char *plain = reason != NULL ? air_format_untrusted (reason) : NULL;
  AirNodeStatus status = g_strcmp0 (outcome, "waiting") == 0 ? AIR_NODE_STATUS_WAITING : AIR_NODE_STATUS_DONE;
  char *title;

  if (g_strcmp0 (decision, "approve") == 0)
    title = g_strdup_printf (C_ ("ledger entry", "%s approved"), person);
  else if (g_strcmp0 (decision, "deny") == 0)
    title = g_strdup_printf (C_ ("ledger entry", "%s denied"), person);
  else
    title = g_strdup (C_ ("ledger entry", "Nobody decided in time"));
  put (entry, status, title,
       plain != NULL && *plain != '\0' ? g_strdup_printf (C_ ("reason of a decision", "“%s”"), plain) : NULL);
}

static void
describe (AirRunState *self, AirRunEntry *entry, const char *type, AirValue *members, AirValue *disclosed)
{
  if (g_str_equal (type, AIR_ENTRY_TRIGGER_RECEIVED))
    {
      g_autofree char *person = air_format_person (air_map_get_string (members, "actor"));

      put (entry, AIR_NODE_STATUS_DONE, g_strdup (title_of (self, entry->node)),
           g_strdup_printf (C_ ("ledger entry", "sent by %s"), person));
    }
  else if (g_str_equal (type, AIR_ENTRY_STEP_DECIDED))
    put (entry, AIR_NODE_STATUS_DONE, steps_to_words (self, members), g_strdup (C_ ("ledger entry", "decided")));
  else if (g_str_equal (type, AIR_ENTRY_POLICY_EVALUATED))
    put (entry, AIR_NODE_STATUS_DONE, g_strdup (title_of (self, entry->node)),
         why_to_words (air_map_get (disclosed, "why")));
  else if (g_str_equal (type, AIR_ENTRY_HUMAN_GATE_REQUESTED))
    {
      int quorum = (int) air_map_get_int (members, "quorum", 1);

      put (entry, AIR_NODE_STATUS_WAITING, g_strdup (title_of (self, entry->node)),
           g_strdup_printf (ngettext ("waits for %d approval", "waits for %d approvals", (gulong) quorum), quorum));
    }
  else if (g_str_equal (type, AIR_ENTRY_HUMAN_GATE_DECISIONED))
    describe_decision (self, entry, members, disclosed);
  else if (g_str_equal (type, AIR_ENTRY_TOOL_ACTION_STARTED) || g_str_equal (type, AIR_ENTRY_TOOL_ACTION_EXECUTED))
    describe_action (self, entry, type, members, disclosed);
  else if (g_str_equal (type, AIR_ENTRY_EVIDENCE_CAPTURED))
    put (entry, AIR_NODE_STATUS_DONE, g_strdup (title_of (self, entry->node)),
         g_strdup (C_ ("ledger entry", "evidence kept")));
  else if (g_str_equal (type, AIR_ENTRY_ROLLBACK_APPLIED))
    put (entry, AIR_NODE_STATUS_UNDONE, g_strdup (title_of (self, entry->node)),
         g_strdup (C_ ("ledger entry", "undone")));
  else if (g_str_equal (type, AIR_ENTRY_TIMER))
    put (entry, AIR_NODE_STATUS_WAITING, g_strdup (title_of (self, entry->node)),
         g_strdup_printf (C_ ("ledger entry", "timer: %s, %s"), air_map_get_string (members, "timer"),
                          air_map_get_string (members, "state")));
  else if (g_str_equal (type, AIR_ENTRY_WORKFLOW_COMPLETED))
    put (
        entry, AIR_NODE_STATUS_DONE, g_strdup (C_ ("ledger entry", "Run completed")),
        g_strdup_printf (C_ ("ledger entry", "%d entries, none missing"), (int) air_map_get_int (members, "count", 0)));
  else if (g_str_equal (type, AIR_ENTRY_WORKFLOW_FAILED))
    {
      const char *reason = air_map_get_string (members, "reason");

      put (entry, AIR_NODE_STATUS_FAILED, g_strdup (C_ ("ledger entry", "Run failed")),
           air_format_untrusted (reason != NULL ? reason : ""));
    }
  else
    put (entry, AIR_NODE_STATUS_NONE, air_format_untrusted (type), NULL);
}

/* --- the fold ----------------------------------------------------------- */

static void
set_status (AirRunState *self, const char *node, AirNodeStatus status)
{
  /* While something in it is done, the workflow that is a step is at work; what is undone in it was before. */
  if (node != NULL && strchr (node, '.') != NULL)
    {
      g_autofree char *outer = air_workflow_scene_dup_node (node);

      if (status == AIR_NODE_STATUS_DONE || status == AIR_NODE_STATUS_FAILED)
        status = AIR_NODE_STATUS_RUNNING;
      if (status != AIR_NODE_STATUS_UNDONE)
        g_hash_table_insert (self->statuses, g_steal_pointer (&outer), GINT_TO_POINTER (status));
      return;
    }
  if (node != NULL)
    g_hash_table_insert (self->statuses, g_strdup (node), GINT_TO_POINTER (status));
}

static void
take_port (AirRunState *self, const char *node_id, const char *port)
{
  const AirWorkflowNode *node = self->workflow != NULL ? air_workflow_find_node (self->workflow, node_id) : NULL;
  const AirWorkflowEdge *edge = node != NULL ? air_workflow_find_edge (self->workflow, node->index, port) : NULL;

  if (edge != NULL)
    g_hash_table_add (self->taken, g_strdup (edge->id));
}

static void
take_edge (AirRunState *self, const char *edge_id)
{
  if (edge_id == NULL)
    return;
  g_hash_table_add (self->taken, g_strdup (edge_id));
}

static void
fold_action (AirRunState *self, const char *node, AirValue *members, AirNodeStatus status)
{
  const char *outcome = air_map_get_string (members, "outcome"), *purpose = air_map_get_string (members, "purpose");

  if (g_strcmp0 (purpose, "compensate") == 0)
    return;
  set_status (self, node, status);
  if (status == AIR_NODE_STATUS_DONE)
    take_port (self, node, "ok");
  else if (status == AIR_NODE_STATUS_FAILED)
    {
      g_autofree char *port = g_strconcat ("error:", outcome, NULL);
      const AirWorkflowNode *at = self->workflow != NULL ? air_workflow_find_node (self->workflow, node) : NULL;

      if (at != NULL && air_workflow_find_edge (self->workflow, at->index, port) != NULL)
        take_port (self, node, port);
      else
        take_port (self, node, "error");
    }
}

static void
fold (AirRunState *self, AirRunEntry *entry, const char *type, AirValue *members)
{
  const char *node = entry->node;

  if (g_str_equal (type, AIR_ENTRY_STEP_DECIDED))
    {
      AirValue *steps = air_map_get_list (members, "steps");

      for (gsize i = 0; steps != NULL && i < air_list_get_size (steps); i++)
        {
          AirValue *step = air_list_get (steps, i);

          set_status (self, air_map_get_string (step, "node"), AIR_NODE_STATUS_DONE);
          take_edge (self, air_map_get_string (step, "edge"));
        }
      return;
    }
  if (g_str_equal (type, AIR_ENTRY_TRIGGER_RECEIVED) || g_str_equal (type, AIR_ENTRY_EVIDENCE_CAPTURED)
      || g_str_equal (type, AIR_ENTRY_POLICY_EVALUATED))
    {
      const AirWorkflowNode *at =
          self->workflow != NULL && node != NULL ? air_workflow_find_node (self->workflow, node) : NULL;

      set_status (self, node, AIR_NODE_STATUS_DONE);
      if (at != NULL)
        take_port (self, node, at->kind == AIR_WORKFLOW_NODE_GATE ? "approved" : "out");
    }
  else if (g_str_equal (type, AIR_ENTRY_HUMAN_GATE_REQUESTED))
    {
      set_status (self, node, AIR_NODE_STATUS_WAITING);
      if (self->workflow != NULL && node != NULL && air_workflow_find_node (self->workflow, node) != NULL)
        {
          const AirWorkflowEdge *edge =
              air_workflow_find_edge (self->workflow, air_workflow_find_node (self->workflow, node)->index, "approved");

          /* The policy was evaluated before the gate asked; only a decision leads on. */
          if (edge != NULL)
            g_hash_table_remove (self->taken, edge->id);
        }
    }
  else if (g_str_equal (type, AIR_ENTRY_HUMAN_GATE_DECISIONED))
    {
      const char *outcome = air_map_get_string (members, "outcome");

      set_status (self, node, entry->status);
      if (outcome != NULL && g_strcmp0 (outcome, "waiting") != 0)
        take_port (self, node, outcome);
    }
  else if (g_str_equal (type, AIR_ENTRY_TOOL_ACTION_STARTED) || g_str_equal (type, AIR_ENTRY_TOOL_ACTION_EXECUTED))
    fold_action (self, node, members, entry->status);
  else if (g_str_equal (type, AIR_ENTRY_ROLLBACK_APPLIED))
    set_status (self, node, AIR_NODE_STATUS_UNDONE);
  else if (g_str_equal (type, AIR_ENTRY_WORKFLOW_COMPLETED) || g_str_equal (type, AIR_ENTRY_WORKFLOW_FAILED))
    {
      self->closed = TRUE;
      g_set_str (&self->end, node);
    }
}

static gboolean
has_status (AirRunState *self, const char *node)
{
  return g_hash_table_contains (self->statuses, node) || g_strcmp0 (self->end, node) == 0;
}

/* No entry says that a workflow which is a step was left: it was when what comes after it was come to. */
static void
mark_workflows (AirRunState *self)
{
  for (guint i = 0; self->workflow != NULL && i < air_workflow_get_n_edges (self->workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (self->workflow, i);
      const AirWorkflowNode *from = air_workflow_get_node (self->workflow, edge->from);

      if (from->kind != AIR_WORKFLOW_NODE_WORKFLOW || !has_status (self, from->id)
          || !has_status (self, air_workflow_get_node (self->workflow, edge->to)->id))
        continue;
      g_hash_table_add (self->taken, g_strdup (edge->id));
      set_status (self, from->id, g_str_equal (edge->port, "ok") ? AIR_NODE_STATUS_DONE : AIR_NODE_STATUS_FAILED);
    }
}

/* The end a run came to is the node its last edge leads to. */
static void
mark_ends (AirRunState *self)
{
  for (guint i = 0; self->workflow != NULL && i < air_workflow_get_n_edges (self->workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (self->workflow, i);
      const AirWorkflowNode *to = air_workflow_get_node (self->workflow, edge->to);

      if (to->kind == AIR_WORKFLOW_NODE_END && g_hash_table_contains (self->taken, edge->id))
        set_status (self, to->id,
                    g_strcmp0 (air_map_get_string (to->value, "outcome"), "failed") == 0 ? AIR_NODE_STATUS_FAILED
                                                                                         : AIR_NODE_STATUS_DONE);
    }
}

static gboolean
add_entry (AirRunState *self, AirValue *item, AirChainHead *chain, GError **error)
{
  const char *text = air_map_get_string (item, "leaf");
  AirValue *texts = air_map_get_list (item, "disclosures");
  g_autoptr (GPtrArray) disclosures = g_ptr_array_new ();
  g_autoptr (AirEntry) entry = NULL;
  g_autoptr (AirValue) disclosed = NULL;
  g_autoptr (GBytes) leaf = NULL;
  g_autoptr (AirRunEntry) row = NULL;

  if (text == NULL)
    {
      g_set_error_literal (error, AIR_CLIENT_ERROR, AIR_CLIENT_ERROR_PROTOCOL, "the runtime's entry has no \"leaf\"");
      return FALSE;
    }
  leaf = g_bytes_new (text, strlen (text));
  entry = air_entry_parse (leaf, error);
  if (entry == NULL || !air_entry_follows (entry, chain, error))
    return FALSE;
  for (gsize i = 0; texts != NULL && i < air_list_get_size (texts); i++)
    if (air_value_get_kind (air_list_get (texts, i)) == AIR_VALUE_STRING)
      g_ptr_array_add (disclosures, (gpointer) air_value_get_string (air_list_get (texts, i), NULL));
  disclosed = air_entry_open (entry, disclosures, error);
  if (disclosed == NULL)
    return FALSE;

  row = g_object_new (AIR_TYPE_RUN_ENTRY, NULL);
  row->index = (guint64) air_map_get_int (item, "index", 0);
  row->node = g_strdup (air_map_get_string (air_entry_get_members (entry), "node"));
  row->time_us = air_entry_get_time_us (entry);
  describe (self, row, air_entry_get_type_name (entry), air_entry_get_members (entry), disclosed);
  fold (self, row, air_entry_get_type_name (entry), air_entry_get_members (entry));
  if (row->node != NULL && strchr (row->node, '.') != NULL)
    {
      g_autofree char *outer = air_workflow_scene_dup_node (row->node);

      g_set_str (&row->node, outer); /* what the canvas shows */
    }
  g_list_store_append (self->entries, row);
  return TRUE;
}

/**
 * air_run_state_new:
 * @workflow: (nullable): what runs
 * @items: of GET /v1/runs/{id}/entries
 * @error: return location
 *
 * Returns: (transfer full): what they say; or %NULL with an %AIR_LEDGER_ERROR when an entry is malformed, does not
 *   follow the one before it, or a disclosure is not what the entry commits to, with %AIR_CLIENT_ERROR_PROTOCOL
 *   when an item is no entry
 */
AirRunState *
air_run_state_new (AirWorkflow *workflow, AirValue *items, GError **error)
{
  g_autoptr (AirRunState) self = g_new0 (AirRunState, 1);
  AirChainHead chain = { 0 };

  self->workflow = workflow != NULL ? air_workflow_ref (workflow) : NULL;
  self->entries = g_list_store_new (AIR_TYPE_RUN_ENTRY);
  self->statuses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize i = 0; i < air_list_get_size (items); i++)
    if (!add_entry (self, air_list_get (items, i), &chain, error))
      {
        g_prefix_error (error, "entry %zu of this run: ", i);
        return NULL;
      }
  mark_workflows (self);
  mark_ends (self);
  return g_steal_pointer (&self);
}

void
air_run_state_free (AirRunState *self)
{
  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_object (&self->entries);
  g_clear_pointer (&self->statuses, g_hash_table_unref);
  g_clear_pointer (&self->taken, g_hash_table_unref);
  g_clear_pointer (&self->titles, g_hash_table_unref);
  g_free (self->end);
  g_free (self);
}

/**
 * air_run_state_get_entries:
 * @self: a state
 *
 * Returns: (transfer none): a model of #AirRunEntry, oldest first
 */
GListModel *
air_run_state_get_entries (AirRunState *self)
{
  return G_LIST_MODEL (self->entries);
}

/**
 * air_run_state_get_status:
 * @self: a state
 * @node: a node's id
 *
 * Returns: how it stands; %AIR_NODE_STATUS_PENDING where no entry names it
 */
AirNodeStatus
air_run_state_get_status (AirRunState *self, const char *node)
{
  gpointer status;

  if (g_hash_table_lookup_extended (self->statuses, node, NULL, &status))
    return (AirNodeStatus) GPOINTER_TO_INT (status);
  return AIR_NODE_STATUS_PENDING;
}

/**
 * air_run_state_is_taken:
 * @self: a state
 * @edge: an edge's id
 *
 * Returns: whether the run went along it
 */
gboolean
air_run_state_is_taken (AirRunState *self, const char *edge)
{
  return g_hash_table_contains (self->taken, edge);
}

/**
 * air_run_state_get_last_node:
 * @self: a state
 *
 * Returns: (transfer none) (nullable): where the run has come to; %NULL when no entry names a node
 */
const char *
air_run_state_get_last_node (AirRunState *self)
{
  GListModel *entries = air_run_state_get_entries (self);

  for (guint i = g_list_model_get_n_items (entries); i-- > 0;)
    {
      g_autoptr (AirRunEntry) entry = g_list_model_get_item (entries, i);

      if (entry->node != NULL)
        return entry->node; /* the list keeps it */
    }
  return NULL;
}

/**
 * air_run_state_is_closed:
 * @self: a state
 *
 * Returns: whether there is a closing entry
 */
gboolean
air_run_state_is_closed (AirRunState *self)
{
  return self->closed;
}

/**
 * air_run_entry_get_index:
 * @self: an entry
 *
 * Returns: its number in the ledger
 */
guint64
air_run_entry_get_index (AirRunEntry *self)
{
  return self->index;
}

/**
 * air_run_entry_get_node:
 * @self: an entry
 *
 * Returns: (transfer none) (nullable): the node it is about
 */
const char *
air_run_entry_get_node (AirRunEntry *self)
{
  return self->node;
}

/**
 * air_run_entry_get_title:
 * @self: an entry
 *
 * Returns: (transfer none): what happened, translated
 */
const char *
air_run_entry_get_title (AirRunEntry *self)
{
  return self->title;
}

/**
 * air_run_entry_get_detail:
 * @self: an entry
 *
 * Returns: (transfer none): more of it, translated; may be empty
 */
const char *
air_run_entry_get_detail (AirRunEntry *self)
{
  return self->detail;
}

/**
 * air_run_entry_get_time_us:
 * @self: an entry
 *
 * Returns: microseconds since the Unix epoch, by the runtime's clock
 */
gint64
air_run_entry_get_time_us (AirRunEntry *self)
{
  return self->time_us;
}

/**
 * air_run_entry_get_status:
 * @self: an entry
 *
 * Returns: how its node stands after it
 */
AirNodeStatus
air_run_entry_get_status (AirRunEntry *self)
{
  return self->status;
}
