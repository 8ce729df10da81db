/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-items.h"

#include "base/air-clock.h"

static gint64
time_of (AirValue *document, const char *key)
{
  const char *text = air_map_get_string (document, key);
  gint64 us = 0;

  return text != NULL && air_time_parse (text, &us) ? us : 0;
}

/* --- runs --------------------------------------------------------------- */

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

/* Takes over what @document says; a run never goes back from its end. */
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

const char *
air_run_item_get_id (AirRunItem *self)
{
  return self->id;
}

const char *
air_run_item_get_state (AirRunItem *self)
{
  return self->state;
}

const char *
air_run_item_get_waiting_on (AirRunItem *self)
{
  return self->waiting_on;
}

const char *
air_run_item_get_outcome (AirRunItem *self)
{
  return self->outcome;
}

gint64
air_run_item_get_started_us (AirRunItem *self)
{
  return self->started_us;
}

gint64
air_run_item_get_updated_us (AirRunItem *self)
{
  return self->updated_us;
}

/* --- gates -------------------------------------------------------------- */

struct _AirGateItem {
  GObject parent_instance;
  char *id;
  char *run;
  char *node;
  char *title;
  char *state;
  char *summary;
  char *currency;
  gint64 amount_minor;
  gint64 counted;
  gint64 quorum;
  gint64 deadline_us;
};

enum {
  GATE_0,
  GATE_ID,
  GATE_RUN,
  GATE_NODE,
  GATE_TITLE,
  GATE_STATE,
  GATE_SUMMARY,
  GATE_CURRENCY,
  GATE_AMOUNT_MINOR,
  GATE_COUNTED,
  GATE_QUORUM,
  GATE_DEADLINE_US,
  N_GATE
};

static GParamSpec *gate_properties[N_GATE];

G_DEFINE_FINAL_TYPE (AirGateItem, air_gate_item, G_TYPE_OBJECT)

static void
air_gate_item_finalize (GObject *object)
{
  AirGateItem *self = AIR_GATE_ITEM (object);

  g_free (self->id);
  g_free (self->run);
  g_free (self->node);
  g_free (self->title);
  g_free (self->state);
  g_free (self->summary);
  g_free (self->currency);
  G_OBJECT_CLASS (air_gate_item_parent_class)->finalize (object);
}

static void
air_gate_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirGateItem *self = AIR_GATE_ITEM (object);

  switch (id)
    {
    case GATE_ID:
      g_value_set_string (value, self->id);
      break;
    case GATE_RUN:
      g_value_set_string (value, self->run);
      break;
    case GATE_NODE:
      g_value_set_string (value, self->node);
      break;
    case GATE_TITLE:
      g_value_set_string (value, self->title);
      break;
    case GATE_STATE:
      g_value_set_string (value, self->state);
      break;
    case GATE_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case GATE_CURRENCY:
      g_value_set_string (value, self->currency);
      break;
    case GATE_AMOUNT_MINOR:
      g_value_set_int64 (value, self->amount_minor);
      break;
    case GATE_COUNTED:
      g_value_set_int64 (value, self->counted);
      break;
    case GATE_QUORUM:
      g_value_set_int64 (value, self->quorum);
      break;
    case GATE_DEADLINE_US:
      g_value_set_int64 (value, self->deadline_us);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_gate_item_class_init (AirGateItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = air_gate_item_finalize;
  object_class->get_property = air_gate_item_get_property;
  gate_properties[GATE_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  gate_properties[GATE_RUN] = g_param_spec_string ("run", NULL, NULL, NULL, flags);
  gate_properties[GATE_NODE] = g_param_spec_string ("node", NULL, NULL, NULL, flags);
  gate_properties[GATE_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  gate_properties[GATE_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, flags);
  gate_properties[GATE_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  gate_properties[GATE_CURRENCY] = g_param_spec_string ("currency", NULL, NULL, NULL, flags);
  gate_properties[GATE_AMOUNT_MINOR] =
      g_param_spec_int64 ("amount-minor", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  gate_properties[GATE_COUNTED] = g_param_spec_int64 ("counted", NULL, NULL, 0, G_MAXINT64, 0, flags);
  gate_properties[GATE_QUORUM] = g_param_spec_int64 ("quorum", NULL, NULL, 0, G_MAXINT64, 0, flags);
  gate_properties[GATE_DEADLINE_US] = g_param_spec_int64 ("deadline-us", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_GATE, gate_properties);
}

static void
air_gate_item_init (AirGateItem *self)
{
}

/**
 * air_gate_item_new:
 * @document: a gate as the API lists it
 *
 * Returns: (transfer full): the item
 */
AirGateItem *
air_gate_item_new (AirValue *document)
{
  AirGateItem *self = g_object_new (AIR_TYPE_GATE_ITEM, NULL);
  const char *gate = air_map_get_string (document, "gate");
  const char *slash;

  if (gate == NULL)
    gate = air_map_get_string (document, "id");
  self->id = g_strdup (gate != NULL ? gate : "");
  slash = strchr (self->id, '/');
  self->run = slash != NULL ? g_strndup (self->id, (gsize) (slash - self->id)) : g_strdup (self->id);
  self->node = g_strdup (slash != NULL ? slash + 1 : "");
  self->state = g_strdup ("waiting");
  air_gate_item_update (self, document);
  return self;
}

static void
set_text (AirGateItem *self, char **field, AirValue *document, const char *key, int property)
{
  const char *text = air_map_get_string (document, key);

  if (text != NULL && g_set_str (field, text))
    g_object_notify_by_pspec (G_OBJECT (self), gate_properties[property]);
}

static void
set_number (AirGateItem *self, gint64 *field, gint64 value, int property)
{
  if (value == *field)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), gate_properties[property]);
}

void
air_gate_item_update (AirGateItem *self, AirValue *document)
{
  gint64 deadline;

  g_return_if_fail (AIR_IS_GATE_ITEM (self));
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->title, document, "title", GATE_TITLE);
  set_text (self, &self->state, document, "state", GATE_STATE);
  set_text (self, &self->summary, document, "summary", GATE_SUMMARY);
  set_text (self, &self->currency, document, "currency", GATE_CURRENCY);
  set_number (self, &self->amount_minor, air_map_get_int (document, "amount_minor", self->amount_minor),
              GATE_AMOUNT_MINOR);
  set_number (self, &self->counted, air_map_get_int (document, "counted", self->counted), GATE_COUNTED);
  set_number (self, &self->quorum, air_map_get_int (document, "quorum", self->quorum), GATE_QUORUM);
  deadline = time_of (document, "deadline");
  if (deadline > 0)
    set_number (self, &self->deadline_us, deadline, GATE_DEADLINE_US);
  g_object_thaw_notify (G_OBJECT (self));
}

const char *
air_gate_item_get_id (AirGateItem *self)
{
  return self->id;
}

const char *
air_gate_item_get_run (AirGateItem *self)
{
  return self->run;
}

const char *
air_gate_item_get_node (AirGateItem *self)
{
  return self->node;
}

const char *
air_gate_item_get_title (AirGateItem *self)
{
  return self->title != NULL ? self->title : self->node;
}

const char *
air_gate_item_get_state (AirGateItem *self)
{
  return self->state;
}

gint64
air_gate_item_get_counted (AirGateItem *self)
{
  return self->counted;
}

gint64
air_gate_item_get_quorum (AirGateItem *self)
{
  return self->quorum;
}

gint64
air_gate_item_get_deadline_us (AirGateItem *self)
{
  return self->deadline_us;
}

const char *
air_gate_item_get_summary (AirGateItem *self)
{
  return self->summary;
}

gint64
air_gate_item_get_amount_minor (AirGateItem *self)
{
  return self->amount_minor;
}

const char *
air_gate_item_get_currency (AirGateItem *self)
{
  return self->currency;
}
