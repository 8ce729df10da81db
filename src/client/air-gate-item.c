/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-gate-item.h"

#include "base/air-clock.h"

static gint64
time_of (AirValue *document, const char *key)
{
  const char *text = air_map_get_string (document, key);
  gint64 us = 0;

  return text != NULL && air_time_parse (text, &us) ? us : 0;
}

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

/**
 * air_gate_item_update:
 * @self: an item
 * @document: a gate, or an event about it, of the same id
 *
 * Takes over what the document says; what it does not name stays.
 */
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

/**
 * air_gate_item_get_id:
 * @self: an item
 *
 * Returns: (transfer none): "<run>/<node>"
 */
const char *
air_gate_item_get_id (AirGateItem *self)
{
  return self->id;
}

/**
 * air_gate_item_get_run:
 * @self: an item
 *
 * Returns: (transfer none): the run's id
 */
const char *
air_gate_item_get_run (AirGateItem *self)
{
  return self->run;
}

/**
 * air_gate_item_get_node:
 * @self: an item
 *
 * Returns: (transfer none): the step
 */
const char *
air_gate_item_get_node (AirGateItem *self)
{
  return self->node;
}

/**
 * air_gate_item_get_title:
 * @self: an item
 *
 * Returns: (transfer none): what people call the gate; the step where it has no title
 */
const char *
air_gate_item_get_title (AirGateItem *self)
{
  return self->title != NULL ? self->title : self->node;
}

/**
 * air_gate_item_get_state:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): "waiting", "approved", …
 */
const char *
air_gate_item_get_state (AirGateItem *self)
{
  return self->state;
}

/**
 * air_gate_item_get_counted:
 * @self: an item
 *
 * Returns: approvals that count so far
 */
gint64
air_gate_item_get_counted (AirGateItem *self)
{
  return self->counted;
}

/**
 * air_gate_item_get_quorum:
 * @self: an item
 *
 * Returns: approvals that let pass
 */
gint64
air_gate_item_get_quorum (AirGateItem *self)
{
  return self->quorum;
}

/**
 * air_gate_item_get_deadline_us:
 * @self: an item
 *
 * Returns: microseconds since the Unix epoch; 0: none
 */
gint64
air_gate_item_get_deadline_us (AirGateItem *self)
{
  return self->deadline_us;
}

/**
 * air_gate_item_get_summary:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): what it is about, in a line
 */
const char *
air_gate_item_get_summary (AirGateItem *self)
{
  return self->summary;
}

/**
 * air_gate_item_get_amount_minor:
 * @self: an item
 *
 * Returns: what the runtime says it moves, in minor units of air_gate_item_get_currency(); 0: it moves no money
 */
gint64
air_gate_item_get_amount_minor (AirGateItem *self)
{
  return self->amount_minor;
}

/**
 * air_gate_item_get_currency:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): ISO 4217
 */
const char *
air_gate_item_get_currency (AirGateItem *self)
{
  return self->currency;
}
