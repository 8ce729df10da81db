/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vendors of simulations: operations bound to connectors, and their fixtures. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "cel/air-cel.h"
#include "engine/air-member.h"
#include "model/air-pack.h"
#include "trial/air-mocks-private.h"

G_DEFINE_QUARK (air-trial-error-quark, air_trial_error)

static void
operation_free (AirMockOperation *self)
{
  air_operation_free (self->operation);
  g_clear_pointer (&self->fixtures, g_hash_table_unref);
  g_ptr_array_unref (self->succeeding);
  g_ptr_array_unref (self->failing);
  g_clear_pointer (&self->amount, air_cel_program_unref);
  g_clear_pointer (&self->currency, air_cel_program_unref);
  g_clear_pointer (&self->output, air_schema_unref);
  g_free (self);
}

void
air_mocks_free (AirMocks *self)
{
  g_hash_table_unref (self->operations);
  g_hash_table_unref (self->connectors);
  g_clear_pointer (&self->egress, air_egress_free);
  g_clear_pointer (&self->pool, air_value_unref);
  g_ptr_array_unref (self->documents);
  g_free (self);
}

static gboolean
bind_connectors (AirMocks *self, AirPlan *plan, GError **error)
{
  AirValue *documents = air_map_get_map (air_plan_get_document (plan), "connectors");

  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      AirValue *document = air_map_get_value_at (documents, i);
      g_autoptr (AirValue) secrets = air_connector_invent_secrets (document);
      AirConnector *connector;

      connector = air_connector_new (document, NULL, secrets, error);
      if (connector == NULL)
        return FALSE;
      g_hash_table_insert (self->connectors, g_strdup (id), connector);
    }
  return TRUE;
}

static gboolean
allow_egress (AirMocks *self, AirPlan *plan, GError **error)
{
  static const char *const holders[] = { "connectors", "operations" };
  g_autoptr (GPtrArray) destinations = g_ptr_array_new ();

  for (guint h = 0; h < G_N_ELEMENTS (holders); h++)
    {
      AirValue *documents = air_map_get_map (air_plan_get_document (plan), holders[h]);

      for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
        {
          AirValue *egress = air_map_get_list (air_map_get_value_at (documents, i), "egress");

          for (gsize j = 0; egress != NULL && j < air_list_get_size (egress); j++)
            {
              const char *text = air_value_get_string (air_list_get (egress, j), NULL);

              if (!g_ptr_array_find_with_equal_func (destinations, text, g_str_equal, NULL))
                g_ptr_array_add (destinations, (char *) text);
            }
        }
    }
  g_ptr_array_add (destinations, NULL);
  self->egress = air_egress_new ((const char *const *) destinations->pdata, error);
  return self->egress != NULL;
}

/* Names and what stands under them, so that made-up events can speak of what the fixtures know. */
static void
fill_pool (AirMocks *self, const char *name, const AirValue *value)
{
  AirValue *known;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_MAP:
      for (gsize i = 0; i < air_map_get_size (value); i++)
        fill_pool (self, air_value_get_string (air_map_get_key_at (value, i), NULL), air_map_get_value_at (value, i));
      break;
    case AIR_VALUE_LIST:
      for (gsize i = 0; i < air_list_get_size (value); i++)
        fill_pool (self, name, air_list_get (value, i));
      break;
    case AIR_VALUE_STRING:
    case AIR_VALUE_INT:
      if (name == NULL)
        break;
      known = air_map_get_list (self->pool, name);
      if (known == NULL)
        {
          known = air_list_new ();
          air_map_set (self->pool, name, known);
        }
      for (gsize i = 0; i < air_list_get_size (known); i++)
        if (air_value_equal (air_list_get (known, i), value))
          return;
      air_list_append (known, air_value_ref ((AirValue *) value));
      break;
    default:
      break;
    }
}

static void
read_fixtures (AirMocks *self, AirMockOperation *operation, const AirValue *document)
{
  AirValue *cases = air_map_get_list (document, "cases");

  for (gsize i = 0; cases != NULL && i < air_list_get_size (cases); i++)
    {
      AirValue *fixture = air_list_get (cases, i), *exchanges = air_map_get_list (fixture, "exchanges");
      const char *id = air_map_get_string (fixture, "id");
      gboolean ok = g_strcmp0 (air_map_get_string (air_map_get_map (fixture, "expect"), "class"), "ok") == 0;

      if (id == NULL || exchanges == NULL)
        continue;
      g_hash_table_insert (operation->fixtures, (gpointer) id, fixture);
      g_ptr_array_add (ok ? operation->succeeding : operation->failing, (gpointer) id);
      if (!ok)
        continue;
      fill_pool (self, NULL, air_map_get_map (fixture, "input"));
      for (gsize j = 0; j < air_list_get_size (exchanges); j++)
        {
          AirValue *body = air_member (air_map_get_map (air_list_get (exchanges, j), "response"), "body");

          if (body != NULL)
            fill_pool (self, NULL, body);
        }
    }
}

static gboolean
read_money (AirMockOperation *operation, const AirValue *document, GError **error)
{
  AirValue *money = air_map_get_map (air_map_get_map (document, "policy"), "money");
  const char *amount = air_map_get_string (money, "amount"), *currency = air_map_get_string (money, "currency");

  if (amount == NULL)
    return TRUE;
  operation->money_out = g_strcmp0 (air_map_get_string (money, "direction"), "in") != 0;
  operation->amount = air_cel_compile (amount, NULL, error);
  if (operation->amount == NULL)
    return FALSE;
  if (currency != NULL)
    operation->currency = air_cel_compile (currency, NULL, error);
  return currency == NULL || operation->currency != NULL;
}

static gboolean
bind_operation (AirMocks *self, const char *id, AirValue *document, GPtrArray *packs, GError **error)
{
  const char *name = air_map_get_string (document, "connector");
  const AirConnector *connector = name != NULL ? g_hash_table_lookup (self->connectors, name) : NULL;
  AirMockOperation *operation = g_new0 (AirMockOperation, 1);

  operation->fixtures = g_hash_table_new (g_str_hash, g_str_equal);
  operation->succeeding = g_ptr_array_new ();
  operation->failing = g_ptr_array_new ();
  g_hash_table_insert (self->operations, g_strdup (id), operation);
  if (connector == NULL)
    {
      g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_MOCK,
                   "operation '%s' is of connector '%s', which is not there", id, name != NULL ? name : "");
      return FALSE;
    }
  operation->operation = air_operation_new (document, connector, error);
  operation->output = air_schema_compile (air_map_get_map (document, "output"), error);
  if (operation->operation == NULL || operation->output == NULL || !read_money (operation, document, error))
    return FALSE;
  for (guint i = 0; packs != NULL && i < packs->len; i++)
    {
      AirDocument *fixtures = air_pack_get_fixtures (packs->pdata[i], id);

      if (fixtures == NULL)
        continue;
      g_ptr_array_add (self->documents, air_document_ref (fixtures));
      read_fixtures (self, operation, air_document_get_value (fixtures));
    }
  return TRUE;
}

/**
 * air_mocks_new:
 * @plan: whose operations are mocked
 * @packs: (element-type AirPack): where the fixtures are
 * @error: return location
 *
 * Returns: (transfer full): vendors for all operations of @plan, or %NULL with %AIR_TRIAL_ERROR_MOCK, an
 *   %AIR_OPERATION_ERROR or an %AIR_MODEL_ERROR when one cannot be made
 */
AirMocks *
air_mocks_new (AirPlan *plan, GPtrArray *packs, GError **error)
{
  g_autoptr (AirMocks) self = g_new0 (AirMocks, 1);
  AirValue *documents = air_map_get_map (air_plan_get_document (plan), "operations");

  self->operations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) operation_free);
  self->connectors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_connector_free);
  self->documents = g_ptr_array_new_with_free_func ((GDestroyNotify) air_document_unref);
  self->pool = air_map_new ();
  if (!bind_connectors (self, plan, error) || !allow_egress (self, plan, error))
    return NULL;
  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    if (!bind_operation (self, air_value_get_string (air_map_get_key_at (documents, i), NULL),
                         air_map_get_value_at (documents, i), packs, error))
      return NULL;
  return g_steal_pointer (&self);
}

/**
 * air_mocks_get_fixtures:
 * @self: mocks
 * @operation: an operation's id
 * @succeed: those whose class at the end is "ok", else those where it is not
 *
 * Returns: (transfer none) (nullable) (element-type utf8): ids of fixtures; %NULL: the plan has no such operation
 */
GPtrArray *
air_mocks_get_fixtures (const AirMocks *self, const char *operation, gboolean succeed)
{
  const AirMockOperation *found = g_hash_table_lookup (self->operations, operation);

  return found == NULL ? NULL : succeed ? found->succeeding : found->failing;
}

/**
 * air_mocks_get_pool:
 * @self: mocks
 * @name: of a member
 *
 * Returns: (transfer none) (nullable): a list of the scalars that stand under this name in inputs and answers of the
 *   fixtures: what goes together with them
 */
AirValue *
air_mocks_get_pool (const AirMocks *self, const char *name)
{
  return air_map_get_list (self->pool, name);
}

/**
 * air_mocks_get_money:
 * @self: mocks
 * @operation: an operation's id
 * @input: of the call
 * @ret_out: (out): whether it leaves our hands
 * @ret_minor: (out): minor units of @ret_currency
 * @ret_currency: (out) (transfer full): ISO 4217; "" where the operation does not say
 *
 * What a success moves.
 *
 * Returns: %FALSE, and nothing set, when the operation moves no money
 */
gboolean
air_mocks_get_money (const AirMocks *self,
                     const char *operation,
                     AirValue *input,
                     gboolean *ret_out,
                     gint64 *ret_minor,
                     char **ret_currency)
{
  const AirMockOperation *found = g_hash_table_lookup (self->operations, operation);
  g_autoptr (AirValue) bindings = NULL, amount = NULL, currency = NULL;

  if (found == NULL || found->amount == NULL)
    return FALSE;
  bindings = air_map_new ();
  air_map_set (bindings, "input", air_value_ref (input));
  amount = air_cel_eval (found->amount, bindings, 0, NULL);
  if (amount == NULL || air_value_get_kind (amount) != AIR_VALUE_INT)
    return FALSE;
  currency = found->currency != NULL ? air_cel_eval (found->currency, bindings, 0, NULL) : NULL;
  *ret_out = found->money_out;
  *ret_minor = air_value_get_int (amount);
  *ret_currency = g_strdup (currency != NULL && air_value_get_kind (currency) == AIR_VALUE_STRING
                                ? air_value_get_string (currency, NULL)
                                : "");
  return TRUE;
}
