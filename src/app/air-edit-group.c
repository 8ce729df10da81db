/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-edit-group.h"

#include <glib/gi18n.h>

#include "app/air-effect.h"
#include "app/air-format.h"
#include "base/air-json.h"
#include "policy/air-gate-edit.h"
#include "policy/air-policy.h"

typedef struct {
  char *path; /* "node.field.field", as the policy names it */
  AirValue *before;
  char *currency; /* of an amount of money, else NULL */
  GtkWidget *row;
} Field;

struct _AirEditGroup {
  AdwPreferencesGroup parent_instance;
  AirGate *gate;
  GPtrArray *fields;
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AirEditGroup, air_edit_group, ADW_TYPE_PREFERENCES_GROUP)

static void
field_free (Field *field)
{
  g_free (field->path);
  g_free (field->currency);
  air_value_unref (field->before);
  g_free (field);
}

/* --- what may be changed ------------------------------------------------ */

/* The action of @path's node, and what is there now. */
static AirValue *
find_value (AirGate *gate, const char *path, AirValue **ret_action, AirValue **ret_parent)
{
  AirValue *actions = air_gate_get_action (gate);

  for (gsize i = 0; actions != NULL && i < air_list_get_size (actions); i++)
    {
      AirValue *action = air_list_get (actions, i), *value = air_map_get_map (action, "input");
      const char *field = air_gate_edit_get_field (action, path);
      g_auto (GStrv) parts = field != NULL ? g_strsplit (field, ".", -1) : NULL;

      if (parts == NULL)
        continue;
      for (guint j = 0; value != NULL && parts[j] != NULL; j++)
        {
          *ret_parent = value;
          value = air_value_get_kind (value) == AIR_VALUE_MAP ? air_map_get (value, parts[j]) : NULL;
        }
      *ret_action = action;
      if (value != NULL)
        return value;
    }
  return NULL;
}

/**
 * air_edit_group_can_edit:
 * @gate: a gate
 *
 * Returns: whether its policy lets an approver change anything that its actions hold
 */
gboolean
air_edit_group_can_edit (AirGate *gate)
{
  AirValue *allowed = air_map_get_map (air_gate_get_entry (gate), "edit"), *action, *parent;

  for (gsize i = 0; allowed != NULL && i < air_map_get_size (allowed); i++)
    if (find_value (gate, air_value_get_string (air_map_get_key_at (allowed, i), NULL), &action, &parent) != NULL)
      return TRUE;
  return FALSE;
}

/* --- rows --------------------------------------------------------------- */

static void
changed_cb (AirEditGroup *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static char *
to_text (const Field *field)
{
  if (field->currency != NULL)
    return air_format_amount (air_value_get_int (field->before), field->currency);
  if (air_value_get_kind (field->before) == AIR_VALUE_STRING)
    return g_strdup (air_value_get_string (field->before, NULL));
  return air_jcs_write (field->before, NULL, NULL);
}

static GtkWidget *
new_row (AirEditGroup *self, const Field *field, const char *title)
{
  GtkWidget *row;

  if (air_value_get_kind (field->before) == AIR_VALUE_BOOL)
    {
      row = adw_switch_row_new ();
      adw_switch_row_set_active (ADW_SWITCH_ROW (row), air_value_get_bool (field->before));
      g_signal_connect_object (row, "notify::active", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
    }
  else
    {
      g_autofree char *text = to_text (field);

      row = adw_entry_row_new ();
      gtk_editable_set_text (GTK_EDITABLE (row), text != NULL ? text : "");
      if (field->currency != NULL)
        {
          g_autofree char *code = g_ascii_strup (field->currency, -1);
          GtkWidget *label = gtk_label_new (code);

          gtk_widget_add_css_class (label, "dimmed");
          adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), label);
          adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (row), GTK_INPUT_PURPOSE_NUMBER);
        }
      g_signal_connect_object (row, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
    }
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  return row;
}

static void
add_field (AirEditGroup *self, const char *path)
{
  AirValue *action = NULL, *parent = NULL, *value = find_value (self->gate, path, &action, &parent);
  const char *key = strrchr (path, '.');
  g_autofree char *title = NULL, *name = NULL, *words = NULL;
  Field *field;

  if (value == NULL || key == NULL)
    return;
  field = g_new0 (Field, 1);
  field->path = g_strdup (path);
  field->before = air_value_ref (value);
  if (g_str_equal (key + 1, "amount_minor") && air_value_get_kind (value) == AIR_VALUE_INT)
    field->currency = g_strdup (air_map_get_string (parent, "currency"));
  title = air_effect_dup_title (action);
  name = air_effect_dup_field_name (key + 1);
  words = air_list_get_size (air_gate_get_action (self->gate)) > 1
              ? g_strdup_printf (C_ ("action and field", "%s: %s"), title, name)
              : g_strdup (name);
  field->row = new_row (self, field, words);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), field->row);
  g_ptr_array_add (self->fields, field);
}

/* --- the patch ---------------------------------------------------------- */

static AirValue *
read_value (const Field *field)
{
  const char *text;
  gint64 minor;

  if (ADW_IS_SWITCH_ROW (field->row))
    return air_value_new_bool (adw_switch_row_get_active (ADW_SWITCH_ROW (field->row)));
  text = gtk_editable_get_text (GTK_EDITABLE (field->row));
  if (field->currency != NULL)
    return air_format_parse_amount (text, field->currency, &minor) ? air_value_new_int (minor) : NULL;
  if (air_value_get_kind (field->before) == AIR_VALUE_STRING)
    return air_value_new_string (text);
  return air_json_parse (text, strlen (text), NULL);
}

/**
 * air_edit_group_make_patch:
 * @self: a group
 * @ret_edited: (out) (optional) (transfer full): the action it makes
 * @error: return location
 *
 * Returns: (transfer full): the JSON Patch (RFC 6902) of what was changed; or %NULL with an %AIR_POLICY_ERROR in words
 *   that name the field and the rule, when it is not allowed, changes nothing or is no value of that kind
 */
AirValue *
air_edit_group_make_patch (AirEditGroup *self, AirValue **ret_edited, GError **error)
{
  g_autoptr (AirValue) patch = air_list_new (), edited = NULL;
  AirValue *actions = air_gate_get_action (self->gate),
           *allowed = air_map_get_map (air_gate_get_entry (self->gate), "edit");

  for (guint i = 0; i < self->fields->len; i++)
    {
      const Field *field = self->fields->pdata[i];
      g_autoptr (AirValue) value = read_value (field);
      AirValue *edit;

      gtk_widget_remove_css_class (field->row, "error");
      if (value == NULL)
        {
          gtk_widget_add_css_class (field->row, "error");
          g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT, _ ("“%s” is no value of that kind."),
                       adw_preferences_row_get_title (ADW_PREFERENCES_ROW (field->row)));
          return NULL;
        }
      if (air_value_equal (value, field->before))
        continue;
      edit = air_gate_edit_patch (actions, field->path, g_steal_pointer (&value), error);
      if (edit == NULL)
        return NULL;
      air_list_append (patch, edit);
    }
  if (air_list_get_size (patch) == 0)
    {
      g_set_error_literal (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_INPUT,
                           _ ("Nothing is changed yet; without a change, approve it as it is."));
      return NULL;
    }
  edited = air_gate_edit_apply (actions, allowed, patch, error);
  if (edited == NULL)
    return NULL;
  if (ret_edited != NULL)
    *ret_edited = g_steal_pointer (&edited);
  return g_steal_pointer (&patch);
}

/* --- object ------------------------------------------------------------- */

static void
air_edit_group_finalize (GObject *object)
{
  AirEditGroup *self = AIR_EDIT_GROUP (object);

  g_ptr_array_unref (self->fields);
  g_clear_pointer (&self->gate, air_gate_unref);
  G_OBJECT_CLASS (air_edit_group_parent_class)->finalize (object);
}

static void
air_edit_group_class_init (AirEditGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = air_edit_group_finalize;

  /**
   * AirEditGroup::changed:
   *
   * A person changed a field.
   */
  signals[CHANGED] =
      g_signal_new ("changed", AIR_TYPE_EDIT_GROUP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
air_edit_group_init (AirEditGroup *self)
{
  self->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
}

/**
 * air_edit_group_set_gate:
 * @self: a group without rows
 * @gate: a row for each of its fields that may be changed
 */
void
air_edit_group_set_gate (AirEditGroup *self, AirGate *gate)
{
  AirValue *allowed = air_map_get_map (air_gate_get_entry (gate), "edit");

  g_return_if_fail (AIR_IS_EDIT_GROUP (self) && self->gate == NULL);
  self->gate = air_gate_ref (gate);
  for (gsize i = 0; allowed != NULL && i < air_map_get_size (allowed); i++)
    add_field (self, air_value_get_string (air_map_get_key_at (allowed, i), NULL));
}
