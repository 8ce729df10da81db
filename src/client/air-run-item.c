/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-run-item.h"

#include "base/air-clock.h"

static gint64
time_of (AirValue *document, const char *key)
{
  const char *text = air_map_get_string (document, key);
  gint64 us = 0;

  return text != NULL && air_time_parse (text, &us) ? us : 0;
}

struct _AirRunItem {
  GObject parent_instance;
  char *id;
  char *state;
  char *waiting_on;
  char *outcome;
  gint64 started_us;
  gint64 updated_us;
};

enum { RUN_0, RUN_ID, RUN_STATE, RUN_WAITING_ON, RUN_OUTCOME, RUN_STARTED_US, RUN_UPDATED_US, N_RUN };

static GParamSpec *run_properties[N_RUN];

G_DEFINE_FINAL_TYPE (AirRunItem, air_run_item, G_TYPE_OBJECT)

static void
air_run_item_finalize (GObject *object)
{
  AirRunItem *self = AIR_RUN_ITEM (object);

  g_free (self->id);
  g_free (self->state);
  g_free (self->waiting_on);
  g_free (self->outcome);
  G_OBJECT_CLASS (air_run_item_parent_class)->finalize (object);
}

static void
air_run_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirRunItem *self = AIR_RUN_ITEM (object);

  switch (id)
    {
    case RUN_ID:
      g_value_set_string (value, self->id);
      break;
    case RUN_STATE:
      g_value_set_string (value, self->state);
      break;
    case RUN_WAITING_ON:
      g_value_set_string (value, self->waiting_on);
      break;
    case RUN_OUTCOME:
      g_value_set_string (value, self->outcome);
      break;
    case RUN_STARTED_US:
      g_value_set_int64 (value, self->started_us);
      break;
    case RUN_UPDATED_US:
      g_value_set_int64 (value, self->updated_us);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_run_item_class_init (AirRunItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = air_run_item_finalize;
  object_class->get_property = air_run_item_get_property;
  run_properties[RUN_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  run_properties[RUN_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, flags);
  run_properties[RUN_WAITING_ON] = g_param_spec_string ("waiting-on", NULL, NULL, NULL, flags);
  run_properties[RUN_OUTCOME] = g_param_spec_string ("outcome", NULL, NULL, NULL, flags);
  run_properties[RUN_STARTED_US] = g_param_spec_int64 ("started-us", NULL, NULL, 0, G_MAXINT64, 0, flags);
  run_properties[RUN_UPDATED_US] = g_param_spec_int64 ("updated-us", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_RUN, run_properties);
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

  self->id = g_strdup (air_map_get_string (document, "id"));
  self->state = g_strdup ("received");
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
  const char *state, *outcome;
  gint64 started, updated;

  g_return_if_fail (AIR_IS_RUN_ITEM (self));
  g_object_freeze_notify (G_OBJECT (self));
  state = air_map_get_string (document, "state");
  if (state != NULL && g_set_str (&self->state, state))
    g_object_notify_by_pspec (G_OBJECT (self), run_properties[RUN_STATE]);
  /* An event names only what changed; a state without "waiting_on" waits on nothing. */
  if (state != NULL && g_set_str (&self->waiting_on, air_map_get_string (document, "waiting_on")))
    g_object_notify_by_pspec (G_OBJECT (self), run_properties[RUN_WAITING_ON]);
  outcome = air_map_get_string (document, "outcome");
  if (outcome != NULL && g_set_str (&self->outcome, outcome))
    g_object_notify_by_pspec (G_OBJECT (self), run_properties[RUN_OUTCOME]);
  started = time_of (document, "started");
  if (started > 0 && started != self->started_us)
    {
      self->started_us = started;
      g_object_notify_by_pspec (G_OBJECT (self), run_properties[RUN_STARTED_US]);
    }
  updated = time_of (document, "updated");
  if (updated > 0 && updated != self->updated_us)
    {
      self->updated_us = updated;
      g_object_notify_by_pspec (G_OBJECT (self), run_properties[RUN_UPDATED_US]);
    }
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
  return self->id;
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
  return self->state;
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
  return self->waiting_on;
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
  return self->outcome;
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
  return self->started_us;
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
  return self->updated_us;
}
