/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-gate-view.h"

#include <glib/gi18n.h>

#include "app/air-effect.h"
#include "app/air-format.h"
#include "app/air-rows.h"
#include "base/air-clock.h"
#include "base/air-hash.h"
#include "base/air-json.h"

static void
add_row (GtkWidget *group, GtkWidget *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

static GtkWidget *
new_chip (const char *icon, const char *words, const char *css)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *image = gtk_image_new_from_icon_name (icon);

  gtk_image_set_pixel_size (GTK_IMAGE (image), 14);
  gtk_accessible_update_state (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), gtk_label_new (words));
  gtk_widget_add_css_class (box, "pill-label");
  gtk_widget_add_css_class (box, "caption");
  if (css != NULL)
    gtk_widget_add_css_class (box, css);
  return box;
}

/* What the operation's own description says of it: what cannot be undone says so before anybody decides. */
static GtkWidget *
new_chips (AirValue *operation)
{
  AirValue *policy = operation != NULL ? air_map_get_map (operation, "policy") : NULL;
  const char *reversibility = air_map_get_string (policy, "reversibility"),
             *sends_to = air_map_get_string (air_map_get_map (policy, "data"), "sends_to");
  const char *words = air_effect_reversibility_to_words (reversibility);
  GtkWidget *chips = adw_wrap_box_new ();

  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (chips), 6);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (chips), 6);
  if (words != NULL)
    {
      gboolean lasting = g_str_equal (reversibility, "irreversible");

      adw_wrap_box_append (ADW_WRAP_BOX (chips), new_chip (lasting ? "dialog-warning-symbolic" : "edit-undo-symbolic",
                                                           words, lasting ? "warning" : NULL));
    }
  if (g_strcmp0 (air_map_get_string (policy, "risk"), "high") == 0)
    adw_wrap_box_append (ADW_WRAP_BOX (chips), new_chip ("dialog-warning-symbolic", _ ("High risk"), "warning"));
  if (sends_to != NULL)
    {
      /* Translators: %s is a domain that data is sent to */
      g_autofree char *to = g_strdup_printf (_ ("Goes to %s"), sends_to);

      adw_wrap_box_append (ADW_WRAP_BOX (chips), new_chip ("send-to-symbolic", to, NULL));
    }
  return chips;
}

static void
add_effect (GtkBox *box, AirValue *action, AirValue *plan, gsize index, gsize count)
{
  AirValue *input = air_map_get_map (action, "input"), *operation = air_effect_find_operation (action, plan);
  g_autofree char *plain = air_effect_dup_title (action), *id = NULL;
  g_autofree char *heading =
      count > 1 ? g_strdup_printf (C_ ("one of several effects", "%zu. %s"), index + 1, plain) : g_strdup (plain);
  const char *name = air_map_get_string (action, "operation");
  GtkWidget *section = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *group = air_group_new (NULL, NULL),
            *title = gtk_label_new (heading);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_widget_add_css_class (title, "heading");
  gtk_box_append (GTK_BOX (section), title);
  if (operation != NULL)
    gtk_box_append (GTK_BOX (section), new_chips (operation));
  for (gsize i = 0; input != NULL && i < air_map_get_size (input); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (input, i), NULL);
      g_autofree char *field = air_effect_dup_field_name (key), *value = NULL;

      if (air_effect_is_said (input, key))
        continue;
      value = air_effect_dup_field_value (input, key);
      add_row (group, air_row_new_property (field, value));
    }
  if (name != NULL)
    {
      id = air_format_untrusted (name);
      add_row (group, air_row_new_property (_ ("Operation"), id));
    }
  gtk_box_append (GTK_BOX (section), group);
  gtk_box_append (box, section);
}

/**
 * air_gate_view_new_changes:
 * @actions: of a gate
 * @title: (nullable): of the group
 * @description: (nullable): of the group
 *
 * Returns: (transfer floating): what differs between actions and what they were, field by field
 */
GtkWidget *
air_gate_view_new_changes (AirValue *actions, const char *title, const char *description)
{
  g_autoptr (GPtrArray) changes = air_effect_list_changes (actions);
  GtkWidget *group = air_group_new (title, description);

  for (guint i = 0; i < changes->len; i++)
    {
      const AirEffectChange *change = changes->pdata[i];

      add_row (group, air_row_new_change (change->name, change->before, change->after));
    }
  return group;
}

/**
 * air_gate_view_add_effects:
 * @box: where to add
 * @gate: a gate
 * @plan: (nullable): what operations say of themselves
 *
 * What would happen, action by action.
 */
void
air_gate_view_add_effects (GtkBox *box, AirGate *gate, AirValue *plan)
{
  AirValue *actions = air_gate_get_action (gate);
  gsize count = actions != NULL ? air_list_get_size (actions) : 0;
  const char *edited_by = air_map_get_string (air_gate_get_entry (gate), "edited_by");
  GtkWidget *title = gtk_label_new (_ ("If approved, this happens")), *heading, *words;
  g_autofree char *text = g_strdup_printf (
      ngettext ("One action, and nothing else.", "%zu actions, in this order, and nothing else.", (gulong) count),
      count);

  heading = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_widget_add_css_class (title, "title-2");
  gtk_box_append (GTK_BOX (heading), title);
  words = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_label_set_wrap (GTK_LABEL (words), TRUE);
  gtk_widget_add_css_class (words, "dimmed");
  gtk_box_append (GTK_BOX (heading), words);
  gtk_box_append (box, heading);
  if (edited_by != NULL)
    {
      g_autofree char *person = air_format_person (edited_by);
      /* Translators: %s is a person */
      g_autofree char *by = g_strdup_printf (_ ("%s changed this and approves it so. Approvals given before do not "
                                                "count any more."),
                                             person);

      gtk_box_append (box, air_gate_view_new_changes (actions, _ ("Changed Before You"), by));
    }
  for (gsize i = 0; i < count; i++)
    add_effect (box, air_list_get (actions, i), plan, i, count);
}

/* The policy the entry names by digest, out of the plan; NULL when none there has that digest. */
static AirValue *
find_policy (AirGate *gate, AirValue *plan)
{
  AirValue *policies = plan != NULL ? air_map_get_map (plan, "policies") : NULL;
  const char *expected = air_gate_get_policy (gate);

  for (gsize i = 0; policies != NULL && i < air_map_get_size (policies); i++)
    {
      AirValue *policy = air_map_get_value_at (policies, i);
      gsize length;
      g_autofree char *text = air_jcs_write (policy, &length, NULL), *hex = NULL;
      AirDigest digest;

      if (text == NULL)
        continue;
      digest = air_sha256 (text, length);
      hex = air_digest_to_hex (&digest);
      if (expected != NULL && g_str_has_prefix (expected, "sha256:")
          && g_str_equal (expected + strlen ("sha256:"), hex))
        return policy;
    }
  return NULL;
}

/* The rule that says these words. */
static const char *
find_rule (AirValue *policy, const char *words)
{
  AirValue *rules = air_map_get_list (policy, "rules");

  for (gsize i = 0; rules != NULL && i < air_list_get_size (rules); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (rules, i), "why"), words) == 0)
      return air_map_get_string (air_list_get (rules, i), "id");
  return NULL;
}

static void
add_why (GtkBox *box, AirGate *gate, AirValue *plan)
{
  AirValue *why = air_gate_get_why (gate), *policy = find_policy (gate, plan);
  GtkWidget *group = air_group_new (_ ("Why It Stopped Here"), NULL);
  g_autofree char *digest = air_format_digest (air_gate_get_policy (gate));

  if (why != NULL)
    {
      g_autofree char *words = air_format_value (why);

      add_row (group, air_row_new_property (_ ("The rule says"), words));
    }
  if (policy != NULL)
    {
      const char *title = air_map_get_string (policy, "title"), *version = air_map_get_string (policy, "version");
      const char *rule = why != NULL && air_value_get_kind (why) == AIR_VALUE_STRING
                             ? find_rule (policy, air_value_get_string (why, NULL))
                             : NULL;
      /* Translators: a policy's title and version */
      g_autofree char *full = g_strdup_printf (C_ ("policy and version", "%s, version %s"), title != NULL ? title : "",
                                               version != NULL ? version : "?");

      add_row (group, air_row_new_property (_ ("Policy"), full));
      if (rule != NULL)
        add_row (group, air_row_new_property (_ ("Rule"), rule));
    }
  if (air_gate_get_policy (gate) != NULL)
    add_row (group, air_row_new_digest (_ ("Policy’s digest"), digest, air_gate_get_policy (gate)));
  gtk_box_append (box, group);
}

static char *
people_to_words (gint64 quorum, const char *role)
{
  return g_strdup_printf (
      ngettext ("%d person with the role “%s”", "%d different people with the role “%s”", (gulong) quorum),
      (int) quorum, role);
}

static void
add_people (GtkWidget *group, const char *title, AirValue *people)
{
  GString *names;

  if (air_list_get_string (people, 0) == NULL)
    return;
  names = g_string_new (NULL);
  for (gsize i = 0; i < air_list_get_size (people); i++)
    {
      const char *uri = air_list_get_string (people, i);
      g_autofree char *name = uri != NULL ? air_format_person (uri) : g_strdup ("?");

      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
    }
  add_row (group, air_row_new_property (title, names->str));
  g_string_free (names, TRUE);
}

static void
add_decision (GtkWidget *group, AirValue *decision)
{
  static const struct {
    const char *decision;
    const char *words;
    const char *icon;
    const char *css;
  } all[] = {
    { "approve", NC_ ("decision", "%s approved"), "object-select-symbolic", "success" },
    { "edit", NC_ ("decision", "%s changed and approved"), "document-edit-symbolic", "success" },
    { "request-info", NC_ ("decision", "%s asked for information"), "dialog-question-symbolic", "warning" },
    { "deny", NC_ ("decision", "%s denied"), "window-close-symbolic", "error" },
  };
  const char *what = air_map_get_string (decision, "decision"), *reason = air_map_get_string (decision, "reason"),
             *time = air_map_get_string (decision, "time");
  g_autofree char *name = air_format_person (air_map_get_string (decision, "actor"));
  g_autofree char *plain = reason != NULL && *reason != '\0' ? air_format_untrusted (reason) : NULL;
  gint64 time_us;

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (g_strcmp0 (all[i].decision, what) == 0)
      {
        const char *format = g_dpgettext2 (NULL, "decision", all[i].words);
        g_autoptr (GString) title = g_string_new (format);
        GtkWidget *row;

        g_string_replace (title, "%s", name, 1);
        row = air_row_new_mark (all[i].icon, all[i].css, title->str, plain);
        if (time != NULL && air_time_parse (time, &time_us))
          {
            g_autofree char *when = air_format_time (time_us);

            gtk_widget_set_tooltip_text (row, when);
          }
        add_row (group, row);
        return;
      }
}

static void
add_levels (GtkWidget *group, AirValue *levels, gint64 now_us)
{
  for (gsize i = 0; levels != NULL && i < air_list_get_size (levels); i++)
    {
      AirValue *level = air_list_get (levels, i);
      const char *at = air_map_get_string (level, "at"), *role = air_map_get_string (level, "role");
      gint64 at_us, quorum = air_map_get_int (level, "quorum", 1);
      g_autofree char *when = NULL, *who = NULL, *words = NULL;

      if (at == NULL || role == NULL || !air_time_parse (at, &at_us))
        continue;
      when = air_format_relative (at_us, now_us);
      who = people_to_words (quorum, role);
      /* Translators: when, and who then decides as well: "in 4 hours: 1 person with the role “finance”" */
      words = g_strdup_printf (C_ ("escalation", "%s: %s"), when, who);
      add_row (group, air_row_new_property (_ ("Goes on to"), words));
    }
}

static void
add_who (GtkBox *box, AirGate *gate, gint64 now_us)
{
  AirValue *entry = air_gate_get_entry (gate), *decisions = air_gate_get_decisions (gate);
  GtkWidget *group = air_group_new (_ ("Who Decides"), NULL);
  const char *role = air_gate_get_role (gate);
  g_autofree char *who = people_to_words (air_gate_get_quorum (gate), role != NULL ? role : "approver");

  for (gsize i = 0; decisions != NULL && i < air_list_get_size (decisions); i++)
    add_decision (group, air_list_get (decisions, i));
  add_row (group, air_row_new_property (_ ("Who may decide"), who));
  add_people (group, _ ("Only these people"), air_map_get_list (entry, "people"));
  add_people (group, _ ("Who may not, being involved"), air_gate_get_exclude (gate));
  add_levels (group, air_map_get_list (entry, "escalation"), now_us);
  add_row (group, air_row_new_property (_ ("If nobody decides in time"),
                                        g_strcmp0 (air_gate_get_on_expiry (gate), "deny") == 0
                                            ? _ ("It counts as denied; nothing of the above happens")
                                            : _ ("It expires, and the run goes on by its way for that")));
  gtk_box_append (box, group);
}

/**
 * air_gate_view_add_reasons:
 * @box: where to add
 * @gate: a gate
 * @plan: (nullable): where the policy's words are
 * @now_us: microseconds since the Unix epoch
 *
 * Why it stopped, who may decide and did, what happens in the end.
 */
void
air_gate_view_add_reasons (GtkBox *box, AirGate *gate, AirValue *plan, gint64 now_us)
{
  add_why (box, gate, plan);
  add_who (box, gate, now_us);
}

/**
 * air_gate_view_add_proof:
 * @box: where to add
 * @gate: a gate
 *
 * What the signature binds, byte by byte.
 */
void
air_gate_view_add_proof (GtkBox *box, AirGate *gate)
{
  GtkWidget *group = air_group_new (
      _ ("What Your Signature Binds"),
      _ ("Everything above was read from this ledger entry and checked against its commitments on this computer."));
  g_autofree char *artifact = air_format_digest (air_gate_get_artifact (gate)),
                  *leaf = air_format_digest (air_gate_get_leaf_hash (gate));
  g_autofree char *index = air_format_count (air_gate_get_index (gate));
  g_autofree char *action = air_json_write_pretty (air_gate_get_action (gate), NULL);
  g_autofree char *plain = action != NULL ? air_format_untrusted (action) : g_strdup ("");

  add_row (group, air_row_new_digest (_ ("Digest of the action"), air_gate_get_action_digest (gate), NULL));
  add_row (group, air_row_new_digest (_ ("Hash of the request’s entry"), leaf, air_gate_get_leaf_hash (gate)));
  add_row (group, air_row_new_digest (_ ("Workflow version"), artifact, air_gate_get_artifact (gate)));
  add_row (group, air_row_new_property (_ ("Number in the ledger"), index));
  add_row (group, air_row_new_raw (_ ("The action, exactly"), _ ("What the digest stands for"), plain));
  add_row (group,
           air_row_new_raw (_ ("The entry, exactly"), _ ("The bytes that were hashed"), air_gate_get_leaf (gate)));
  gtk_box_append (box, group);
}

/**
 * air_gate_view_to_line:
 * @gate: a gate
 *
 * Returns: (transfer full): one line about the whole: "Refund the payment: 450.00 USD"
 */
char *
air_gate_view_to_line (AirGate *gate)
{
  AirValue *action = air_effect_find_main (air_gate_get_action (gate));
  g_autofree char *title = NULL, *amount = NULL;

  if (action == NULL)
    return g_strdup (air_gate_get_id (gate));
  title = air_effect_dup_title (action);
  amount = air_effect_dup_amount (air_map_get_map (action, "input"));
  return amount != NULL ? g_strdup_printf (C_ ("action and amount", "%s: %s"), title, amount)
                        : g_steal_pointer (&title);
}
