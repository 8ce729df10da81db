/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-clock.h"
#include "base/air-json.h"
#include "engine/air-instance.h"
#include "fuzz.h"
#include "ledger/air-entry.h"
#include "trial/air-account.h"
#include "trial/air-recorded.h"

#define ARTIFACT "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define RUN      "01JD9ZK3RUN0000000000000"
#define NOW_US   G_GINT64_CONSTANT (1795339800000000)

static void
play (AirPlan *plan, GPtrArray *leaves, GPtrArray *disclosures)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirRecorded) recorded = air_recorded_new (RUN, leaves, disclosures, plan, &error);
  g_autoptr (AirInstance) instance = air_instance_new (plan, RUN);
  g_autoptr (AirTrialResult) result = NULL, foreign = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *text = NULL, *waiting = NULL;
  guint position;

  g_assert_true ((recorded == NULL) == (error != NULL));
  if (recorded == NULL)
    return;
  for (guint i = 0; i < recorded->records->len; i++)
    if (!air_instance_apply (instance, recorded->records->pdata[i], g_array_index (recorded->times_us, gint64, i),
                             NULL))
      break;
  waiting = air_instance_get_waiting_on (instance);
  (void) air_instance_replay (plan, RUN, recorded->records, (const gint64 *) recorded->times_us->data, &position, NULL);
  result = air_trial_read (plan, RUN, recorded->records, recorded->times_us, NULL, NULL);
  foreign = air_trial_read_foreign (plan, recorded->records, recorded->times_us, NULL);
  lines = air_account_read (plan, recorded->records, recorded->times_us);
  text = air_account_to_text (lines);
}

/* {"plan": …, "entries": [{"type", "members", "disclosed", "ms"}]}: whatever a bundle's entries say, they are folded,
 * replayed and told in words, or refused. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL);
  const AirValue *given = document != NULL ? air_map_get_map (document, "plan") : NULL;
  const AirValue *entries = document != NULL ? air_map_get_list (document, "entries") : NULL;
  g_autoptr (AirPlan) plan = given != NULL ? air_plan_load (given, ARTIFACT, NULL) : NULL;
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) disclosures = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  AirSeededRandom *random;
  AirChainHead head = { 0 };
  gint64 time_us = NOW_US;

  if (plan == NULL || entries == NULL)
    return 0;
  random = air_seeded_random_new (1);
  for (gsize i = 0; i < air_list_get_size (entries); i++)
    {
      const AirValue *entry = air_list_get (entries, i);
      const char *type = air_map_get_string (entry, "type");
      AirSealedEntry *sealed;

      time_us += CLAMP (air_map_get_int (entry, "ms", 0), 0, G_MAXINT32) * 1000;
      sealed = type != NULL ? air_entry_seal (&head, RUN, type, air_map_get_map (entry, "members"),
                                              air_map_get_map (entry, "disclosed"), time_us,
                                              air_seeded_random_get (random), NULL)
                            : NULL;
      if (sealed == NULL)
        continue;
      g_ptr_array_add (leaves, g_bytes_ref (sealed->leaf));
      g_ptr_array_add (disclosures,
                       sealed->disclosures != NULL ? g_ptr_array_ref (sealed->disclosures) : g_ptr_array_new ());
      air_sealed_entry_free (sealed);
    }
  air_seeded_random_free (random);
  play (plan, leaves, disclosures);
  return 0;
}
