/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-gate-view.h"

#include <glib/gi18n.h>

#include "app/air-format.h"
#include "app/air-rows.h"
#include "base/air-hash.h"
#include "base/air-json.h"

static void
add_row (GtkWidget *group, GtkWidget *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

/* The amount of an action's input, when it moves money. */
static char *
amount_of (AirValue *input)
{
  AirValue *amount = air_map_get (input, "amount_minor");

  if (amount == NULL || air_value_get_kind (amount) != AIR_VALUE_INT)
    return NULL;
  return air_format_money (air_value_get_int (amount), air_map_get_string (input, "currency"));
}

static GtkWidget *
big_row (const char *amount, const char *title)
{
  GtkWidget *row = adw_preferences_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *number = gtk_label_new (amount), *words = gtk_label_new (title);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  gtk_widget_add_css_class (number, "title-1");
  gtk_widget_add_css_class (number, "numeric");
  gtk_label_set_selectable (GTK_LABEL (number), TRUE);
  gtk_widget_add_css_class (words, "dimmed");
  gtk_widget_set_margin_top (box, 18);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_box_append (GTK_BOX (box), number);
  gtk_box_append (GTK_BOX (box), words);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

static void
add_effect (GtkBox *box, AirValue *action, gsize index, gsize count)
{
  AirValue *input = air_map_get_map (action, "input");
  const char *title = air_map_get_string (action, "title"), *operation = air_map_get_string (action, "operation");
  g_autofree char *plain = air_format_untrusted (title != NULL ? title : operation != NULL ? operation : "");
  g_autofree char *heading =
      count > 1 ? g_strdup_printf (C_ ("one of several effects", "%zu. %s"), index + 1, plain) : g_strdup (plain);
  g_autofree char *amount = input != NULL ? amount_of (input) : NULL;
  GtkWidget *group = air_group_new (heading, operation);

  if (amount != NULL)
    add_row (group, big_row (amount, plain));
  for (gsize i = 0; input != NULL && i < air_map_get_size (input); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (input, i), NULL);
      g_autofree char *key = air_format_key (name), *value = NULL;

      if (amount != NULL && (g_str_equal (name, "amount_minor") || g_str_equal (name, "currency")))
        continue;
      value = air_format_value (air_map_get_value_at (input, i));
      add_row (group, air_row_new_property (key, value));
    }
  gtk_box_append (box, group);
}

void
air_gate_view_add_effects (GtkBox *box, AirGate *gate)
{
  AirValue *action = air_gate_get_action (gate);
  gsize count = air_list_get_size (action);
  GtkWidget *title = gtk_label_new (_ ("If approved, this happens"));

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_widget_add_css_class (title, "title-2");
  gtk_box_append (box, title);
  for (gsize i = 0; i < count; i++)
    add_effect (box, air_list_get (action, i), i, count);
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

static GtkWidget *
quorum_row (AirGate *gate)
{
  int quorum = (int) air_gate_get_quorum (gate), counted = (int) air_gate_get_counted (gate);
  g_autofree char *words = g_strdup_printf (
      ngettext ("%d of %d approval given", "%d of %d approvals given", (gulong) quorum), counted, quorum);
  GtkWidget *row = air_row_new_property (_ ("Approvals"), words),
            *meter = gtk_level_bar_new_for_interval (0, MAX (quorum, 1));

  gtk_level_bar_set_mode (GTK_LEVEL_BAR (meter), GTK_LEVEL_BAR_MODE_DISCRETE);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (meter), MIN (counted, quorum));
  gtk_widget_set_valign (meter, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (meter, 90, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (meter), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), meter);
  return row;
}

static void
add_who (GtkBox *box, AirGate *gate, gint64 now_us)
{
  GtkWidget *group = air_group_new (_ ("Who Decides, and Until When"), NULL);
  AirValue *exclude = air_gate_get_exclude (gate), *decisions = air_gate_get_decisions (gate);
  int quorum = (int) air_gate_get_quorum (gate);
  const char *role = air_gate_get_role (gate);
  g_autofree char *who = g_strdup_printf (
      ngettext ("%d person with the role “%s”", "%d different people with the role “%s”", (gulong) quorum), quorum,
      role != NULL ? role : "approver");

  add_row (group, air_row_new_property (_ ("Who may decide"), who));
  if (air_list_get_string (exclude, 0) != NULL)
    {
      GString *names = g_string_new (NULL);

      for (gsize i = 0; i < air_list_get_size (exclude); i++)
        {
          const char *uri = air_list_get_string (exclude, i);
          g_autofree char *name = uri != NULL ? air_format_person (uri) : g_strdup ("?");

          g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
        }
      add_row (group, air_row_new_property (_ ("Who may not, being involved"), names->str));
      g_string_free (names, TRUE);
    }
  add_row (group, quorum_row (gate));
  for (gsize i = 0; decisions != NULL && i < air_list_get_size (decisions); i++)
    {
      AirValue *decision = air_list_get (decisions, i);
      g_autofree char *name = air_format_person (air_map_get_string (decision, "actor"));
      const char *what = air_map_get_string (decision, "decision");

      add_row (group, air_row_new_property (name, g_strcmp0 (what, "approve") == 0 ? _ ("Approved")
                                                  : g_strcmp0 (what, "deny") == 0  ? _ ("Denied")
                                                                                   : what));
    }
  if (air_gate_get_deadline_us (gate) > 0)
    {
      g_autofree char *time = air_format_time (air_gate_get_deadline_us (gate)),
                      *relative = air_format_relative (air_gate_get_deadline_us (gate), now_us);
      /* Translators: a time and how far away it is */
      g_autofree char *words = g_strdup_printf (C_ ("deadline", "%s (%s)"), time, relative);

      add_row (group, air_row_new_property (_ ("Deadline"), words));
    }
  add_row (group, air_row_new_property (_ ("If nobody decides in time"),
                                        g_strcmp0 (air_gate_get_on_expiry (gate), "deny") == 0
                                            ? _ ("It counts as denied; nothing of the above happens")
                                            : air_gate_get_on_expiry (gate)));
  gtk_box_append (box, group);
}

void
air_gate_view_add_reasons (GtkBox *box, AirGate *gate, AirValue *plan, gint64 now_us)
{
  add_why (box, gate, plan);
  add_who (box, gate, now_us);
}

void
air_gate_view_add_proof (GtkBox *box, AirGate *gate)
{
  GtkWidget *group = air_group_new (
      _ ("What Your Signature Binds"),
      _ ("Everything above was read from this ledger entry and checked against its commitments on this computer."));
  g_autofree char *artifact = air_format_digest (air_gate_get_artifact (gate)),
                  *leaf = air_format_digest (air_gate_get_leaf_hash (gate));
  g_autofree char *index = g_strdup_printf ("%" G_GUINT64_FORMAT, air_gate_get_index (gate));
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

char *
air_gate_view_to_line (AirGate *gate)
{
  AirValue *action = air_gate_get_action (gate);
  g_autofree char *title = NULL;

  for (gsize i = 0; i < air_list_get_size (action); i++)
    {
      AirValue *one = air_list_get (action, i), *input = air_map_get_map (one, "input");
      g_autofree char *amount = input != NULL ? amount_of (input) : NULL;
      const char *text = air_map_get_string (one, "title");

      if (amount != NULL)
        {
          g_autofree char *plain = air_format_untrusted (text != NULL ? text : "");

          return g_strdup_printf (C_ ("action and amount", "%s: %s"), plain, amount);
        }
      if (title == NULL && text != NULL)
        title = air_format_untrusted (text);
    }
  return title != NULL ? g_steal_pointer (&title) : g_strdup (air_gate_get_id (gate));
}
