/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "client/air-gate.h"
#include "fuzz.h"
#include "ledger/air-decision.h"
#include "ledger/air-entry.h"

#define NOW_US G_GINT64_CONSTANT (1795339800000000)

/* The entry is made from its "members" and "disclosed", so that inputs get past the hashes. */
static AirValue *
make_document (const AirValue *document)
{
  const AirValue *members = air_map_get_map (document, "members"), *disclosed = air_map_get_map (document, "disclosed");
  AirSeededRandom *random = air_seeded_random_new (1);
  AirChainHead head = { 0 };
  AirSealedEntry *sealed = air_entry_seal (&head, "01JD9ZK3RUN0000000000000", AIR_ENTRY_HUMAN_GATE_REQUESTED, members,
                                           disclosed, NOW_US, air_seeded_random_get (random), NULL);
  AirValue *made = NULL;

  if (sealed != NULL)
    {
      AirValue *requested = air_map_new (), *texts = air_list_new ();

      made = air_map_copy (document);
      air_map_set (requested, "leaf",
                   air_value_new_string_len (g_bytes_get_data (sealed->leaf, NULL), g_bytes_get_size (sealed->leaf)));
      air_map_set_int (requested, "index", 7);
      for (guint i = 0; sealed->disclosures != NULL && i < sealed->disclosures->len; i++)
        air_list_append (texts, air_value_new_string (sealed->disclosures->pdata[i]));
      air_map_set (made, "requested", requested);
      air_map_set (made, "disclosures", texts);
      air_sealed_entry_free (sealed);
    }
  air_seeded_random_free (random);
  return made;
}

/* What a runtime says of a gate is refused, or a decision about just that is signed, which reads as it was meant. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static AirPrivateKey *key;
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL), made = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGate) gate = NULL;
  g_autoptr (GBytes) envelope = NULL, edit = NULL;
  g_autoptr (AirDecision) decision = NULL;
  const char *reason;

  if (key == NULL)
    key = air_private_key_generate (AIR_KEY_ED25519, NULL);
  if (document == NULL || air_value_get_kind (document) != AIR_VALUE_MAP)
    return 0;
  if (air_map_get (document, "requested") == NULL)
    made = make_document (document);
  gate = air_gate_new (made != NULL ? made : document, &error);
  g_assert_true ((gate == NULL) == (error != NULL));
  if (gate == NULL)
    return 0;
  (void) air_gate_get_quorum (gate);
  (void) air_gate_get_state (gate);
  (void) air_gate_may_decide (gate, &reason);
  envelope = air_gate_sign (gate, "approve", "fine", key, NOW_US, &error);
  g_assert_true ((envelope == NULL) == (error != NULL));
  if (envelope != NULL)
    {
      decision = air_decision_open (g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope),
                                    air_private_key_get_public (key), &error);
      g_assert_no_error (error);
      g_assert_cmpstr (decision->gate, ==, air_gate_get_id (gate));
      g_assert_cmpstr (decision->action_digest, ==, air_gate_get_action_digest (gate));
    }
  if (air_map_get_list (document, "patch") != NULL)
    edit = air_gate_sign_edit (gate, "edit", air_map_get_list (document, "patch"), "less", key, NOW_US, NULL);
  return 0;
}
