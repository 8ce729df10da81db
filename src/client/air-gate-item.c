/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-gate-item.h"

struct _AirGateItem {
  AirItem parent_instance;
};

enum { ID, RUN, NODE, TITLE, STATE, SUMMARY, CURRENCY, AMOUNT_MINOR, COUNTED, QUORUM, DEADLINE_US, N_FIELDS };

static const AirItemField fields[N_FIELDS] = {
  [ID] = { "id", NULL, AIR_ITEM_TEXT },
  [RUN] = { "run", NULL, AIR_ITEM_TEXT },
  [NODE] = { "node", NULL, AIR_ITEM_TEXT },
  [TITLE] = { "title", "title", AIR_ITEM_TEXT },
  [STATE] = { "state", "state", AIR_ITEM_TEXT },
  [SUMMARY] = { "summary", "summary", AIR_ITEM_TEXT },
  [CURRENCY] = { "currency", "currency", AIR_ITEM_TEXT },
  [AMOUNT_MINOR] = { "amount-minor", "amount_minor", AIR_ITEM_NUMBER },
  [COUNTED] = { "counted", "counted", AIR_ITEM_NUMBER },
  [QUORUM] = { "quorum", "quorum", AIR_ITEM_NUMBER },
  [DEADLINE_US] = { "deadline-us", "deadline", AIR_ITEM_TIME },
};

G_DEFINE_FINAL_TYPE (AirGateItem, air_gate_item, AIR_TYPE_ITEM)

static void
air_gate_item_class_init (AirGateItemClass *klass)
{
  air_item_class_set_fields (AIR_ITEM_CLASS (klass), fields, N_FIELDS);
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
  AirItem *self = g_object_new (AIR_TYPE_GATE_ITEM, NULL);
  const char *gate = air_map_get_string (document, "gate"), *slash;
  g_autofree char *run = NULL;

  if (gate == NULL)
    gate = air_map_get_string (document, "id");
  if (gate == NULL)
    gate = "";
  slash = strchr (gate, '/');
  run = slash != NULL ? g_strndup (gate, (gsize) (slash - gate)) : g_strdup (gate);
  air_item_set_text (self, ID, gate);
  air_item_set_text (self, RUN, run);
  air_item_set_text (self, NODE, slash != NULL ? slash + 1 : "");
  air_item_set_text (self, STATE, "waiting");
  air_item_take (self, document);
  return AIR_GATE_ITEM (self);
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
  g_return_if_fail (AIR_IS_GATE_ITEM (self));
  air_item_take (AIR_ITEM (self), document);
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
  return air_item_get_text (AIR_ITEM (self), ID);
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
  return air_item_get_text (AIR_ITEM (self), RUN);
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
  return air_item_get_text (AIR_ITEM (self), NODE);
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
  const char *title = air_item_get_text (AIR_ITEM (self), TITLE);

  return title != NULL ? title : air_gate_item_get_node (self);
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
  return air_item_get_text (AIR_ITEM (self), STATE);
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
  return air_item_get_number (AIR_ITEM (self), COUNTED);
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
  return air_item_get_number (AIR_ITEM (self), QUORUM);
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
  return air_item_get_number (AIR_ITEM (self), DEADLINE_US);
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
  return air_item_get_text (AIR_ITEM (self), SUMMARY);
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
  return air_item_get_number (AIR_ITEM (self), AMOUNT_MINOR);
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
  return air_item_get_text (AIR_ITEM (self), CURRENCY);
}
