/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-clock.h"
#include "base/air-json.h"
#include "engine/air-instance.h"
#include "fuzz.h"

#define ARTIFACT "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define NOW_US   G_GINT64_CONSTANT (1795339800000000)

/* {"plan": …, "event": …}: a plan is refused or runs; an event is refused or begins a run, whose entries fold into the
 * same state again. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL);
  const AirValue *given = document != NULL ? air_map_get_map (document, "plan") : NULL;
  const AirValue *event = given != NULL ? air_map_get (document, "event") : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPlan) plan = NULL;
  g_auto (AirTriggerKeys) keys = { NULL };

  if (given == NULL || event == NULL)
    return 0;
  plan = air_plan_load (given, ARTIFACT, &error);
  g_assert_true ((plan == NULL) == (error != NULL));
  if (plan == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  if (!air_plan_read_trigger (plan, air_plan_get_trigger (plan), event, &keys, NULL))
    return 0;
  {
    g_autoptr (AirInstance) run = air_instance_new (plan, "01JD9ZK3RUN0000000000000");
    g_autoptr (AirInstance) folded = air_instance_new (plan, "01JD9ZK3RUN0000000000000");
    AirSeededRandom *random = air_seeded_random_new (1);
    g_auto (AirTransition) transition = { NULL };
    AirEvent begin = { .kind = AIR_EVENT_TRIGGER };

    begin.trigger.data = keys.data;
    begin.trigger.actor = "airails://x/shop";
    begin.trigger.dedup_key = keys.dedup_key;
    begin.trigger.concurrency_key = keys.concurrency_key;
    begin.trigger.requester = keys.requester;
    if (air_instance_advance (run, &begin, NOW_US, air_seeded_random_get (random), &transition, NULL))
      for (guint i = 0; i < transition.records->len; i++)
        {
          g_assert_true (air_instance_apply (folded, transition.records->pdata[i], NOW_US, &error));
          g_assert_no_error (error);
        }
    air_seeded_random_free (random);
  }
  return 0;
}
