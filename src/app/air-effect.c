/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-effect.h"

#include <glib/gi18n.h>

#include "app/air-format.h"

static gboolean
is_text (AirValue *value)
{
  return value != NULL && air_value_get_kind (value) == AIR_VALUE_STRING;
}

static gboolean
has_amount (AirValue *input)
{
  AirValue *amount = input != NULL ? air_map_get (input, "amount_minor") : NULL;

  return amount != NULL && air_value_get_kind (amount) == AIR_VALUE_INT;
}

/**
 * air_effect_find_main:
 * @actions: (nullable): the actions of a gate
 *
 * Returns: (transfer none) (nullable): the action that moves money, else the first one
 */
AirValue *
air_effect_find_main (AirValue *actions)
{
  gsize n = actions != NULL ? air_list_get_size (actions) : 0;

  for (gsize i = 0; i < n; i++)
    if (has_amount (air_map_get_map (air_list_get (actions, i), "input")))
      return air_list_get (actions, i);
  return n > 0 ? air_list_get (actions, 0) : NULL;
}

/**
 * air_effect_dup_title:
 * @action: an action
 *
 * Returns: (transfer full): what it is called, what others wrote made plain
 */
char *
air_effect_dup_title (AirValue *action)
{
  const char *title = air_map_get_string (action, "title"), *operation = air_map_get_string (action, "operation");

  return air_format_untrusted (title != NULL ? title : operation != NULL ? operation : "");
}

/**
 * air_effect_dup_amount:
 * @input: (nullable): of an action
 *
 * Returns: (transfer full) (nullable): "450.00 USD"; %NULL: it moves no money
 */
char *
air_effect_dup_amount (AirValue *input)
{
  return has_amount (input)
             ? air_format_money (air_map_get_int (input, "amount_minor", 0), air_map_get_string (input, "currency"))
             : NULL;
}

/**
 * air_effect_dup_recipient:
 * @input: (nullable): of an action
 *
 * Returns: (transfer full) (nullable): whom or what it reaches, "pi_3Qw…", "mia@example.com"; %NULL when nothing in
 *   the input says so
 */
char *
air_effect_dup_recipient (AirValue *input)
{
  /* From the plainest to the most technical name of whom an action reaches. */
  static const char *const keys[] = { "recipient", "to",      "beneficiary", "email",          "channel", "customer",
                                      "account",   "user_id", "group",       "payment_intent", "charge",  "order_id" };

  for (gsize i = 0; input != NULL && i < G_N_ELEMENTS (keys); i++)
    {
      AirValue *value = air_map_get (input, keys[i]);

      if (is_text (value))
        return air_format_value (value);
    }
  return NULL;
}

/**
 * air_effect_find_operation:
 * @action: an action
 * @plan: (nullable): the plan it is of
 *
 * Returns: (transfer none) (nullable): what the plan knows of its operation
 */
AirValue *
air_effect_find_operation (AirValue *action, AirValue *plan)
{
  const char *id = air_map_get_string (action, "operation");
  AirValue *operations = plan != NULL ? air_map_get_map (plan, "operations") : NULL, *found;
  g_autofree char *bare = NULL;

  if (id == NULL || operations == NULL)
    return NULL;
  found = air_map_get_map (operations, id);
  if (found != NULL)
    return found;
  bare = g_strndup (id, strcspn (id, "@"));
  return air_map_get_map (operations, bare);
}

/* --- words -------------------------------------------------------------- */

typedef struct {
  const char *key;
  const char *words;
} Words;

static const char *
look_up (const Words *words, gsize n, const char *context, const char *key)
{
  for (gsize i = 0; key != NULL && i < n; i++)
    if (g_str_equal (words[i].key, key))
      return g_dpgettext2 (NULL, context, words[i].words);
  return NULL;
}

/**
 * air_effect_kind_to_words:
 * @effect: (nullable): of an operation's `policy` block
 *
 * Returns: (transfer none) (nullable): in words, translated; %NULL where it says nothing that is known here
 */
const char *
air_effect_kind_to_words (const char *effect)
{
  static const Words words[] = { { "write", NC_ ("effect", "Changes something") },
                                 { "read", NC_ ("effect", "Only reads") } };

  return look_up (words, G_N_ELEMENTS (words), "effect", effect);
}

/**
 * air_effect_risk_to_words:
 * @risk: (nullable): of an operation's `policy` block
 *
 * Returns: (transfer none) (nullable): in words, translated
 */
const char *
air_effect_risk_to_words (const char *risk)
{
  static const Words words[] = { { "low", NC_ ("risk", "Low") },
                                 { "medium", NC_ ("risk", "Medium") },
                                 { "high", NC_ ("risk", "High") } };

  return look_up (words, G_N_ELEMENTS (words), "risk", risk);
}

/**
 * air_effect_reversibility_to_words:
 * @reversibility: (nullable): of an operation's `policy` block
 *
 * Returns: (transfer none) (nullable): in words, translated
 */
const char *
air_effect_reversibility_to_words (const char *reversibility)
{
  static const Words words[] = { { "irreversible", NC_ ("reversibility", "Cannot be undone") },
                                 { "compensable", NC_ ("reversibility", "Can be made good by another action") },
                                 { "reversible", NC_ ("reversibility", "Can be undone") } };

  return look_up (words, G_N_ELEMENTS (words), "reversibility", reversibility);
}

/**
 * air_effect_idempotency_to_words:
 * @kind: (nullable): of an operation's `idempotency`
 *
 * Returns: (transfer none) (nullable): in words, translated
 */
const char *
air_effect_idempotency_to_words (const char *kind)
{
  static const Words words[] = {
    { "key-header", NC_ ("idempotency", "The other side keeps a key for each action") },
    { "key-query", NC_ ("idempotency", "The other side keeps a key for each action") },
    { "client-id", NC_ ("idempotency", "The action has an identifier of ours") },
    { "natural", NC_ ("idempotency", "Doing it twice changes nothing") },
    { "conditional", NC_ ("idempotency", "It applies only to the state that was seen") },
    { "search-first", NC_ ("idempotency", "It is looked for before it is done again") },
    { "none", NC_ ("idempotency", "Nothing: a person decides when the outcome is unknown") },
  };

  return look_up (words, G_N_ELEMENTS (words), "idempotency", kind);
}

/* --- fields ------------------------------------------------------------- */

/**
 * air_effect_dup_field_name:
 * @key: a member of an action's input
 *
 * Returns: (transfer full): as a person reads it
 */
char *
air_effect_dup_field_name (const char *key)
{
  return g_str_equal (key, "amount_minor") ? g_strdup (C_ ("field of an action", "Amount")) : air_format_key (key);
}

/**
 * air_effect_dup_field_value:
 * @input: of an action
 * @key: a member of it
 *
 * Returns: (transfer full): its value as a person reads it; an amount with its currency
 */
char *
air_effect_dup_field_value (AirValue *input, const char *key)
{
  AirValue *value = air_map_get (input, key);

  if (g_str_equal (key, "amount_minor") && has_amount (input))
    return air_effect_dup_amount (input);
  return value != NULL ? air_format_value (value) : g_strdup ("—");
}

/**
 * air_effect_is_said:
 * @input: of an action
 * @key: a member of it
 *
 * Returns: whether it is said with another one: the currency of an amount
 */
gboolean
air_effect_is_said (AirValue *input, const char *key)
{
  return g_str_equal (key, "currency") && has_amount (input) && is_text (air_map_get (input, "currency"));
}

/* --- changes ------------------------------------------------------------ */

static void
change_free (AirEffectChange *change)
{
  g_free (change->name);
  g_free (change->before);
  g_free (change->after);
  g_free (change);
}

static void
compare (GPtrArray *changes, AirValue *action, gsize n_actions)
{
  AirValue *was = air_map_get_map (action, "was"), *input = air_map_get_map (action, "input");
  g_autofree char *title = air_effect_dup_title (action);

  for (gsize i = 0; was != NULL && input != NULL && i < air_map_get_size (input); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (input, i), NULL);
      AirValue *before = air_map_get (was, key), *after = air_map_get_value_at (input, i);
      g_autofree char *field = NULL;
      AirEffectChange *change;

      if (before != NULL && air_value_equal (before, after))
        continue;
      field = air_effect_dup_field_name (key);
      change = g_new0 (AirEffectChange, 1);
      change->name = n_actions > 1
                         /* Translators: an action and one of its fields, say "Refund the payment: Amount" */
                         ? g_strdup_printf (C_ ("action and field", "%s: %s"), title, field)
                         : g_strdup (field);
      change->before = air_effect_dup_field_value (was, key);
      change->after = air_effect_dup_field_value (input, key);
      g_ptr_array_add (changes, change);
    }
}

/**
 * air_effect_list_changes:
 * @actions: (nullable): the actions of a gate
 *
 * Returns: (transfer full) (element-type AirEffectChange): what differs between their inputs and what they were
 */
GPtrArray *
air_effect_list_changes (AirValue *actions)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) change_free);
  gsize n = actions != NULL ? air_list_get_size (actions) : 0;

  for (gsize i = 0; i < n; i++)
    compare (changes, air_list_get (actions, i), n);
  return changes;
}
