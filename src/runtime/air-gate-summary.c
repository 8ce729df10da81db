/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-gate-summary.h"

#include "cel/air-cel.h"

static AirValue *
evaluate (const char *expression, AirValue *bindings)
{
  g_autoptr (AirCelProgram) program = expression != NULL ? air_cel_compile (expression, NULL, NULL) : NULL;

  return program != NULL ? air_cel_eval (program, bindings, 0, NULL) : NULL;
}

/* The operation's own word for what it moves; an expression that fails says nothing. */
static gboolean
money_of (const AirPlan *plan, AirValue *one, gint64 *ret_amount, char **ret_currency)
{
  const char *operation = air_map_get_string (one, "operation");
  g_autofree char *id = operation != NULL ? g_strndup (operation, strcspn (operation, "@")) : NULL;
  AirValue *document = id != NULL ? air_plan_get_operation (plan, id) : NULL, *input = air_map_get (one, "input");
  AirValue *policy = document != NULL ? air_map_get_map (document, "policy") : NULL;
  AirValue *money = policy != NULL ? air_map_get_map (policy, "money") : NULL;
  g_autoptr (AirValue) bindings = NULL, amount = NULL, currency = NULL;

  if (money == NULL || input == NULL)
    return FALSE;
  bindings = air_map_new ();
  air_map_set (bindings, "input", air_value_ref (input));
  amount = evaluate (air_map_get_string (money, "amount"), bindings);
  currency = evaluate (air_map_get_string (money, "currency"), bindings);
  if (amount == NULL || air_value_get_kind (amount) != AIR_VALUE_INT)
    return FALSE;
  *ret_amount = air_value_get_int (amount);
  *ret_currency = currency != NULL && air_value_get_kind (currency) == AIR_VALUE_STRING
                      ? g_strdup (air_value_get_string (currency, NULL))
                      : NULL;
  return TRUE;
}

/**
 * air_gate_summarize:
 * @plan: whose operations the action is of
 * @action: [{title, operation, input, …}] as the gate's entry discloses it
 * @item: gets `summary`, and `amount_minor` and `currency` where the operation's policy declares money
 *
 * What a list of gates says of one: the action that moves money before the others, with its amount.
 */
void
air_gate_summarize (const AirPlan *plan, const AirValue *action, AirValue *item)
{
  const char *summary = NULL;

  for (gsize i = 0; action != NULL && i < air_list_get_size (action); i++)
    {
      AirValue *one = air_list_get (action, i);
      const char *title = air_map_get_string (one, "title");
      g_autofree char *currency = NULL;
      gint64 amount;

      if (money_of (plan, one, &amount, &currency))
        {
          air_map_set_int (item, "amount_minor", amount);
          if (currency != NULL)
            air_map_set_string (item, "currency", currency);
          summary = title;
          break;
        }
      if (summary == NULL)
        summary = title;
    }
  if (summary != NULL)
    air_map_set_string (item, "summary", summary);
}
