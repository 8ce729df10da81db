/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-inspector.h"

#include <glib/gi18n.h>

#include "app/air-effect.h"
#include "app/air-format.h"
#include "app/air-rows.h"
#include "app/air-workflow-scene.h"
#include "canvas/air-kind-icon.h"
#include "canvas/air-palette.h"

struct _AirInspector {
  AdwBin parent_instance;
  GtkStack *stack;
  GtkBox *content;
};

G_DEFINE_FINAL_TYPE (AirInspector, air_inspector, ADW_TYPE_BIN)

static void
add_row (GtkWidget *group, GtkWidget *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

static void
add_property (GtkWidget *group, const char *title, const char *value)
{
  if (value != NULL && *value != '\0')
    add_row (group, air_row_new_property (title, value));
}

static void
add_map (AirInspector *self, const char *title, const char *description, AirValue *map)
{
  GtkWidget *group;

  if (map == NULL || air_value_get_kind (map) != AIR_VALUE_MAP || air_map_get_size (map) == 0)
    return;
  group = air_group_new (title, description);
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      g_autofree char *key = air_effect_dup_field_name (air_value_get_string (air_map_get_key_at (map, i), NULL));
      g_autofree char *value = air_format_value (air_map_get_value_at (map, i));

      add_property (group, key, value);
    }
  gtk_box_append (self->content, group);
}

static char *
milliseconds_to_words (gint64 ms)
{
  if (ms % 86400000 == 0)
    return g_strdup_printf (ngettext ("%d day", "%d days", (gulong) (ms / 86400000)), (int) (ms / 86400000));
  if (ms % 3600000 == 0)
    return g_strdup_printf (ngettext ("%d hour", "%d hours", (gulong) (ms / 3600000)), (int) (ms / 3600000));
  if (ms % 1000 == 0)
    return g_strdup_printf (ngettext ("%d second", "%d seconds", (gulong) (ms / 1000)), (int) (ms / 1000));
  return g_strdup_printf (_ ("%d ms"), (int) ms);
}

static const char *
sentence_of (const AirWorkflowNode *node)
{
  switch (node->kind)
    {
    case AIR_WORKFLOW_NODE_TRIGGER:
      return _ ("A run begins here, once for each event. The same event sent twice begins one run.");
    case AIR_WORKFLOW_NODE_CALL:
      return _ ("Acts on another system. What it is about to do is in the ledger before it does it.");
    case AIR_WORKFLOW_NODE_DECIDE:
      return _ ("Decides by a table. Which rules applied is kept in the ledger.");
    case AIR_WORKFLOW_NODE_BRANCH:
      return _ ("Goes on by the first way whose condition holds, else by the default.");
    case AIR_WORKFLOW_NODE_GATE:
      return _ ("Stops until people have decided, where the policy asks for it. They sign with their own keys.");
    case AIR_WORKFLOW_NODE_WAIT:
      return _ ("Waits, and survives a restart while it does.");
    case AIR_WORKFLOW_NODE_EVIDENCE:
      return _ ("Keeps what earlier steps found as evidence.");
    case AIR_WORKFLOW_NODE_END:
      return _ ("The run ends here.");
    case AIR_WORKFLOW_NODE_PARALLEL:
      return _ ("Goes on by all ways at the same time.");
    case AIR_WORKFLOW_NODE_FOR_EACH:
      return _ ("Does the steps up to its join once for each item, some of them at the same time.");
    case AIR_WORKFLOW_NODE_WORKFLOW:
      return _ ("Runs another workflow as this step. What it does is in the ledger of this run; when it fails, it is "
                "taken back first.");
    case AIR_WORKFLOW_NODE_JOIN:
    default:
      return _ ("Goes on when all ways have arrived.");
    }
}

/* The card once more, with what its kind means. */
static void
add_head (AirInspector *self, const AirWorkflowNode *node)
{
  AirNodeKind kind = air_workflow_scene_kind (node->kind);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12),
            *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *labels[3];

  labels[0] = gtk_label_new (node->title);
  labels[1] = gtk_label_new (air_node_kind_to_words (kind));
  labels[2] = gtk_label_new (sentence_of (node));
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      gtk_label_set_xalign (GTK_LABEL (labels[i]), 0);
      gtk_label_set_wrap (GTK_LABEL (labels[i]), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (labels[i]), PANGO_WRAP_WORD_CHAR);
    }
  gtk_widget_add_css_class (labels[0], "title-4");
  gtk_widget_add_css_class (labels[1], "caption");
  gtk_widget_add_css_class (labels[1], "dimmed");
  gtk_widget_add_css_class (labels[2], "dimmed");
  gtk_widget_set_margin_top (labels[2], 6);
  gtk_box_append (GTK_BOX (texts), labels[0]);
  gtk_box_append (GTK_BOX (texts), labels[1]);
  gtk_box_append (GTK_BOX (line), air_kind_icon_new (kind));
  gtk_box_append (GTK_BOX (line), texts);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), labels[2]);
  gtk_box_append (self->content, box);
}

static void
add_operation (AirInspector *self, AirValue *plan, const char *id)
{
  AirValue *operation = plan != NULL ? air_map_get_map (air_map_get_map (plan, "operations"), id) : NULL;
  AirValue *policy = air_map_get_map (operation, "policy"), *idempotency = air_map_get_map (operation, "idempotency");
  const char *sends_to = air_map_get_string (air_map_get_map (policy, "data"), "sends_to");
  GtkWidget *group = air_group_new (_ ("Operation"), NULL);

  add_property (group, _ ("Name"), id);
  add_property (group, _ ("What it does"), air_map_get_string (operation, "title"));
  add_property (group, _ ("Effect"), air_effect_kind_to_words (air_map_get_string (policy, "effect")));
  add_property (group, _ ("Risk"), air_effect_risk_to_words (air_map_get_string (policy, "risk")));
  add_property (group, _ ("Can it be undone?"),
                air_effect_reversibility_to_words (air_map_get_string (policy, "reversibility")));
  add_property (group, _ ("Data goes to"), sends_to);
  add_property (group, _ ("Against doing it twice"),
                air_effect_idempotency_to_words (air_map_get_string (idempotency, "kind")));
  gtk_box_append (self->content, group);
}

static void
add_care (AirInspector *self, AirValue *node)
{
  GtkWidget *group = air_group_new (_ ("When Something Goes Wrong"), NULL);
  AirValue *retry = air_map_get_map (node, "retry"), *compensate = air_map_get_map (node, "compensate");
  gint64 timeout = air_map_get_int (node, "timeout_ms", 0);
  gboolean any = FALSE;

  if (timeout > 0)
    {
      g_autofree char *words = milliseconds_to_words (timeout);

      add_property (group, _ ("Waits for an answer"), words);
      any = TRUE;
    }
  if (retry != NULL)
    {
      g_autofree char *least = milliseconds_to_words (air_map_get_int (retry, "base_ms", 0)),
                      *most = milliseconds_to_words (air_map_get_int (retry, "max_ms", 0));
      int max = (int) air_map_get_int (retry, "max", 0);
      /* Translators: how often an action is tried again, and the shortest and longest pause */
      g_autofree char *words = g_strdup_printf (
          ngettext ("%d time, %s to %s apart", "up to %d times, %s to %s apart", (gulong) max), max, least, most);

      add_property (group, _ ("Tried again"), words);
      any = TRUE;
    }
  if (compensate != NULL)
    {
      add_property (group, _ ("Undone by"), air_map_get_string (compensate, "operation"));
      any = TRUE;
    }
  if (any)
    gtk_box_append (self->content, group);
  else
    g_object_unref (g_object_ref_sink (group));
}

static void
add_rules (AirInspector *self, AirValue *plan, const char *id)
{
  AirValue *policy = plan != NULL ? air_map_get_map (air_map_get_map (plan, "policies"), id) : NULL;
  AirValue *rules = air_map_get_list (policy, "rules"), *gate = air_map_get_map (policy, "gate");
  GtkWidget *group = air_group_new (_ ("Rules"), air_map_get_string (policy, "title"));

  add_property (group, _ ("Policy"), id);
  for (gsize i = 0; rules != NULL && i < air_list_get_size (rules); i++)
    {
      AirValue *rule = air_list_get (rules, i);
      const char *why = air_map_get_string (rule, "why");

      add_property (group, air_map_get_string (rule, "id"), why != NULL ? why : "—");
    }
  if (gate != NULL)
    {
      g_autofree char *deadline = milliseconds_to_words (air_map_get_int (gate, "deadline_ms", 0));

      add_property (group, _ ("Time to decide"), deadline);
      add_property (group, _ ("If nobody decides"),
                    g_strcmp0 (air_map_get_string (gate, "on_expiry"), "deny") == 0
                        ? _ ("It counts as denied")
                        : air_map_get_string (gate, "on_expiry"));
    }
  gtk_box_append (self->content, group);
}

/* Which workflow runs as this step, and what of it is known: version, title, owner. */
static void
add_workflow (AirInspector *self, AirValue *plan, AirValue *node)
{
  const char *id = air_map_get_string (node, "workflow"), *version = air_map_get_string (node, "version");
  AirValue *document = plan != NULL ? air_map_get_map (air_map_get_map (plan, "workflows"), id) : NULL;
  GtkWidget *group;

  if (id == NULL)
    return;
  group = air_group_new (_ ("Workflow"), NULL);
  add_property (group, _ ("Name"), id);
  add_property (group, _ ("Version"), version);
  if (document != NULL)
    {
      add_property (group, _ ("Title"), air_map_get_string (document, "title"));
      add_property (group, _ ("Owner"), air_map_get_string (air_map_get_map (document, "owner"), "name"));
    }
  if (air_map_get (node, "timeout_ms") != NULL)
    {
      g_autofree char *words = milliseconds_to_words (air_map_get_int (node, "timeout_ms", 0));

      add_property (group, _ ("It may take"), words);
    }
  gtk_box_append (self->content, group);
}

static void
add_cases (AirInspector *self, AirValue *node)
{
  AirValue *cases = air_map_get_list (node, "cases");
  GtkWidget *group;

  if (cases == NULL)
    return;
  group = air_group_new (_ ("Ways"), NULL);
  for (gsize i = 0; i < air_list_get_size (cases); i++)
    {
      AirValue *one = air_list_get (cases, i);
      const char *title = air_map_get_string (one, "title");

      add_property (group, title != NULL ? title : air_map_get_string (one, "id"), air_map_get_string (one, "when"));
    }
  if (air_map_get_string (node, "default") != NULL)
    {
      g_autofree char *name = air_format_key (air_map_get_string (node, "default"));

      add_property (group, name, _ ("Otherwise"));
    }
  gtk_box_append (self->content, group);
}

static void
add_next (AirInspector *self, AirWorkflow *workflow, const AirWorkflowNode *node)
{
  GtkWidget *group = air_group_new (_ ("Goes On To"), NULL);
  gboolean any = FALSE;

  for (guint i = 0; i < air_workflow_get_n_edges (workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (workflow, i);
      g_autofree char *words = NULL;

      if (edge->from != node->index)
        continue;
      words = air_workflow_port_to_words (node, edge->port);
      add_property (group, words != NULL ? words : C_ ("way out of a step", "next"),
                    air_workflow_get_node (workflow, edge->to)->title);
      any = TRUE;
    }
  if (any)
    gtk_box_append (self->content, group);
  else
    g_object_unref (g_object_ref_sink (group));
}

/**
 * air_inspector_show:
 * @self: an inspector
 * @workflow: (nullable): the step's workflow
 * @plan: (nullable): tells of operations and policies
 * @node: (nullable): the step; %NULL: none selected
 */
void
air_inspector_show (AirInspector *self, AirWorkflow *workflow, AirValue *plan, const char *node_id)
{
  const AirWorkflowNode *node = workflow != NULL && node_id != NULL ? air_workflow_find_node (workflow, node_id) : NULL;
  const char *operation, *policy;

  air_box_clear (self->content);
  gtk_stack_set_visible_child_name (self->stack, node != NULL ? "node" : "empty");
  if (node == NULL)
    return;
  add_head (self, node);
  if (node->kind == AIR_WORKFLOW_NODE_TRIGGER)
    {
      AirValue *trigger = air_map_get_map (node->value, "trigger");
      GtkWidget *group = air_group_new (_ ("Event"), NULL);

      add_property (group, _ ("Type"), air_map_get_string (trigger, "event_type"));
      add_property (group, _ ("The same event is known by"), air_map_get_string (trigger, "dedup"));
      add_property (group, _ ("One after the other for the same"), air_map_get_string (trigger, "concurrency"));
      add_property (group, _ ("Asked for by"), air_map_get_string (trigger, "requester"));
      gtk_box_append (self->content, group);
    }
  operation = air_map_get_string (node->value, "operation");
  policy = air_map_get_string (node->value, "policy");
  if (operation != NULL)
    add_operation (self, plan, operation);
  if (policy != NULL)
    add_rules (self, plan, policy);
  add_workflow (self, plan, node->value);
  add_map (self, _ ("Input"), NULL, air_map_get_map (node->value, "with"));
  add_cases (self, node->value);
  if (node->kind == AIR_WORKFLOW_NODE_CALL)
    add_care (self, node->value);
  add_map (self, _ ("Result of the Run"), NULL,
           node->kind == AIR_WORKFLOW_NODE_END ? air_map_get_map (node->value, "output") : NULL);
  add_next (self, workflow, node);
}

static void
air_inspector_class_init (AirInspectorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, AirInspector, stack);
  gtk_widget_class_bind_template_child (widget_class, AirInspector, content);
}

static void
air_inspector_init (AirInspector *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
