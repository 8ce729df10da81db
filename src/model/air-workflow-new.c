/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-workflow-new.h"

#include <string.h>

#include "air-workflow-private.h"
#include "base/air-json.h"

static const char blank[] =
    "{\"$schema\":\"airails:workflow/1\",\"id\":\"new-workflow\",\"version\":\"0.1.0\",\"title\":\"New workflow\","
    "\"owner\":{\"name\":\"TBD\",\"uri\":\"airails://example/people/nobody\"},"
    "\"latency_class\":\"normal\","
    "\"kpis\":[{\"id\":\"time-to-outcome\",\"title\":\"Time from trigger to outcome\"}],\"packs\":{},"
    "\"nodes\":[{\"id\":\"start\",\"kind\":\"trigger\",\"title\":\"Something happens\",\"trigger\":{\"type\":"
    "\"webhook\",\"event_type\":\"example.happened\",\"dedup\":\"event.id\",\"input\":{\"type\":\"object\","
    "\"additionalProperties\":false,\"properties\":{}}}},"
    "{\"id\":\"done\",\"kind\":\"end\",\"title\":\"Done\",\"outcome\":\"completed\"}],"
    "\"edges\":[{\"id\":\"e1\",\"from\":\"start\",\"to\":\"done\"}],\"tests\":[],"
    "\"layout\":{\"start\":[0,0],\"done\":[280,0]}}";

/**
 * air_workflow_new_start:
 * @template: (nullable): a workflow of a pack, to be copied; %NULL for one that only starts and ends
 * @start: what is the new one's own
 * @file_name: what messages call it
 * @error: return location
 *
 * Returns: (transfer full): the new workflow in version 0.1.0, or %NULL with %AIR_MODEL_ERROR_SCHEMA when an id or URI
 *   is not well formed
 */
AirWorkflow *
air_workflow_new_start (AirWorkflow *template, const AirWorkflowStart *start, const char *file_name, GError **error)
{
  g_autoptr (AirValue) source = NULL;

  g_return_val_if_fail (start != NULL && file_name != NULL, NULL);

  if (template != NULL)
    source = air_map_copy (air_document_get_value (air_workflow_get_document (template)));
  else
    source = air_json_parse (blank, strlen (blank), error);
  if (source == NULL)
    return NULL;
  air_map_set_string (source, "version", "0.1.0");
  if (start->id != NULL)
    air_map_set_string (source, "id", start->id);
  if (start->title != NULL)
    air_map_set_string (source, "title", start->title);
  if (template != NULL || start->owner != NULL || start->owner_uri != NULL)
    {
      AirValue *owner = air_map_new ();

      air_map_set_string (owner, "name", start->owner != NULL ? start->owner : "TBD");
      air_map_set_string (owner, "uri",
                          start->owner_uri != NULL ? start->owner_uri : "airails://example/people/nobody");
      air_map_set (source, "owner", owner);
    }
  return air_workflow_new_from_value (source, NULL, file_name, error);
}
