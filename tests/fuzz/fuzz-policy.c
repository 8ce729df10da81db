/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy documents, their cells and terms: whatever loads must decide without a fault, and twice the same. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "fuzz.h"
#include "policy/air-limit.h"

/* An input of the type that is asked for, out of the document's own bytes. */
static AirValue *
make_input (const AirPolicy *policy, const char *id, const guint8 *data, gsize size, guint i)
{
  AirCelType *type = air_policy_get_input_type (policy, id);
  guint byte = size > 0 ? data[(i * 7919u) % size] : 0;

  switch (air_cel_type_get_kind (type))
    {
    case AIR_CEL_TYPE_INT:
      return air_value_new_int (byte % 3 == 0 ? (gint64) byte * 1000 : (gint64) byte - 128);
    case AIR_CEL_TYPE_BOOL:
      return air_value_new_bool (byte & 1);
    case AIR_CEL_TYPE_LIST:
      return air_list_new ();
    case AIR_CEL_TYPE_MAP:
      return air_map_new ();
    default:
      {
        char text[2] = { (char) ('a' + byte % 26), '\0' };

        return air_value_new_string (text);
      }
    }
}

static void
decide (const AirPolicy *policy, const AirValue *inputs)
{
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (AirPolicyDecision) a = air_policy_evaluate (policy, inputs, NULL);
      g_autoptr (AirPolicyDecision) b = air_policy_evaluate (policy, inputs, NULL);

      g_assert_true ((a == NULL) == (b == NULL));
      if (a == NULL)
        return;
      g_assert_true (air_value_equal (a->output, b->output));
      g_assert_cmpstr (a->why, ==, b->why);
      if (air_policy_get_kind (policy) == AIR_POLICY_GATE)
        {
          g_autoptr (AirGateTerms) terms = air_policy_make_terms (policy, a->output, NULL), same = NULL;

          if (terms == NULL)
            return;
          same = air_gate_terms_combine (terms, terms);
          g_assert_true (air_gate_terms_equal (terms, same));
        }
    }
}

static void
claim (const AirPolicy *policy, const AirValue *inputs)
{
  g_autoptr (AirUsageBook) book = air_usage_book_new ();
  const AirLimitUse use = { policy, inputs };

  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *owner = g_strdup_printf ("o%u", i);
      g_autoptr (AirLimitDecision) decision =
          air_limits_decide (&use, 1, air_usage_book_get_reader (book), owner, i & 1, i * 1000000, NULL);
      g_autoptr (AirLimitDecision) again = NULL;
      g_autofree AirUsageReader *recorded = NULL;
      g_autoptr (AirValue) members = NULL, disclosed = NULL;

      if (decision == NULL)
        return;
      recorded = air_usage_reader_from_record (decision->inputs);
      again = air_limits_decide (&use, 1, recorded, owner, i & 1, i * 1000000, NULL);
      g_assert_nonnull (again);
      g_assert_true (air_value_equal (decision->output, again->output));
      g_assert_cmpstr (decision->why, ==, again->why);
      members = air_map_new ();
      disclosed = air_map_new ();
      air_map_set_string (members, "idem", owner);
      air_map_set_string (members, "verdict", air_limit_verdict_to_string (decision->verdict));
      air_map_set (members, "limits", air_list_new ());
      air_map_set (disclosed, "inputs", air_value_ref (decision->inputs));
      g_assert_true (air_usage_book_apply (book, "POLICY_EVALUATED", members, disclosed, i * 1000000));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL), inputs = NULL;
  g_autoptr (AirPolicy) policy = document != NULL ? air_policy_load (document, NULL) : NULL;
  g_autoptr (GPtrArray) results = NULL;
  const char *const *ids;

  if (policy == NULL)
    return 0;
  inputs = air_map_new ();
  ids = air_policy_get_inputs (policy);
  for (guint i = 0; ids[i] != NULL; i++)
    air_map_set (inputs, ids[i], make_input (policy, ids[i], data, size, i));
  if (air_limit_get_n_windows (policy) > 0)
    claim (policy, inputs);
  else
    decide (policy, inputs);
  results = air_policy_run_tests (policy);
  return 0;
}
