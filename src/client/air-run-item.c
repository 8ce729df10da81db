/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-run-item.h"

struct _AirRunItem {
  AirItem parent_instance;
};

enum { ID, STATE, WAITING_ON, OUTCOME, STARTED_US, UPDATED_US, N_FIELDS };

static const AirItemField fields[N_FIELDS] = {
  [ID] = { "id", NULL, AIR_ITEM_TEXT },
  [STATE] = { "state", "state", AIR_ITEM_TEXT },
  [WAITING_ON] = { "waiting-on", "waiting_on", AIR_ITEM_TEXT },
  [OUTCOME] = { "outcome", "outcome", AIR_ITEM_TEXT },
  [STARTED_US] = { "started-us", "started", AIR_ITEM_TIME },
  [UPDATED_US] = { "updated-us", "updated", AIR_ITEM_TIME },
};

G_DEFINE_FINAL_TYPE (AirRunItem, air_run_item, AIR_TYPE_ITEM)

static void
air_run_item_class_init (AirRunItemClass *klass)
{
  air_item_class_set_fields (AIR_ITEM_CLASS (klass), fields, N_FIELDS);
}

static void
air_run_item_init (AirRunItem *self)
{
}

/**
 * air_run_item_new:
 * @document: a run as the API lists it, or the data of a "run" event
 *
 * Returns: (transfer full): the item
 */
AirRunItem *
air_run_item_new (AirValue *document)
{
  AirRunItem *self = g_object_new (AIR_TYPE_RUN_ITEM, NULL);

  air_item_set_text (AIR_ITEM (self), ID, air_map_get_string (document, "id"));
  air_item_set_text (AIR_ITEM (self), STATE, "received");
  air_run_item_update (self, document);
  return self;
}

/**
 * air_run_item_update:
 * @self: an item
 * @document: a run, or an event about it, of the same id
 *
 * Takes over what the document says; a run never goes back from its end.
 */
void
air_run_item_update (AirRunItem *self, AirValue *document)
{
  g_return_if_fail (AIR_IS_RUN_ITEM (self));
  g_object_freeze_notify (G_OBJECT (self));
  air_item_take (AIR_ITEM (self), document);
  /* An event names only what changed; a state without "waiting_on" waits on nothing. */
  if (air_map_get_string (document, "state") != NULL && air_map_get_string (document, "waiting_on") == NULL)
    air_item_set_text (AIR_ITEM (self), WAITING_ON, NULL);
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * air_run_item_get_id:
 * @self: an item
 *
 * Returns: (transfer none): the run's id
 */
const char *
air_run_item_get_id (AirRunItem *self)
{
  return air_item_get_text (AIR_ITEM (self), ID);
}

/**
 * air_run_item_get_state:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): "running", "waiting-gate", …
 */
const char *
air_run_item_get_state (AirRunItem *self)
{
  return air_item_get_text (AIR_ITEM (self), STATE);
}

/**
 * air_run_item_get_waiting_on:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): what it waits for, in words
 */
const char *
air_run_item_get_waiting_on (AirRunItem *self)
{
  return air_item_get_text (AIR_ITEM (self), WAITING_ON);
}

/**
 * air_run_item_get_outcome:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): how it ended; %NULL before
 */
const char *
air_run_item_get_outcome (AirRunItem *self)
{
  return air_item_get_text (AIR_ITEM (self), OUTCOME);
}

/**
 * air_run_item_get_started_us:
 * @self: an item
 *
 * Returns: microseconds since the Unix epoch; 0: unknown
 */
gint64
air_run_item_get_started_us (AirRunItem *self)
{
  return air_item_get_number (AIR_ITEM (self), STARTED_US);
}

/**
 * air_run_item_get_updated_us:
 * @self: an item
 *
 * Returns: microseconds since the Unix epoch; 0: unknown
 */
gint64
air_run_item_get_updated_us (AirRunItem *self)
{
  return air_item_get_number (AIR_ITEM (self), UPDATED_US);
}
