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

void
air_gate_item_update (AirGateItem *self, AirValue *document)
{
  g_return_if_fail (AIR_IS_GATE_ITEM (self));
  air_item_take (AIR_ITEM (self), document);
}

const char *
air_gate_item_get_id (AirGateItem *self)
{
  return air_item_get_text (AIR_ITEM (self), ID);
}

const char *
air_gate_item_get_run (AirGateItem *self)
{
  return air_item_get_text (AIR_ITEM (self), RUN);
}

const char *
air_gate_item_get_node (AirGateItem *self)
{
  return air_item_get_text (AIR_ITEM (self), NODE);
}

const char *
air_gate_item_get_title (AirGateItem *self)
{
  const char *title = air_item_get_text (AIR_ITEM (self), TITLE);

  return title != NULL ? title : air_gate_item_get_node (self);
}

const char *
air_gate_item_get_state (AirGateItem *self)
{
  return air_item_get_text (AIR_ITEM (self), STATE);
}

gint64
air_gate_item_get_counted (AirGateItem *self)
{
  return air_item_get_number (AIR_ITEM (self), COUNTED);
}

gint64
air_gate_item_get_quorum (AirGateItem *self)
{
  return air_item_get_number (AIR_ITEM (self), QUORUM);
}

gint64
air_gate_item_get_deadline_us (AirGateItem *self)
{
  return air_item_get_number (AIR_ITEM (self), DEADLINE_US);
}

const char *
air_gate_item_get_summary (AirGateItem *self)
{
  return air_item_get_text (AIR_ITEM (self), SUMMARY);
}

gint64
air_gate_item_get_amount_minor (AirGateItem *self)
{
  return air_item_get_number (AIR_ITEM (self), AMOUNT_MINOR);
}

const char *
air_gate_item_get_currency (AirGateItem *self)
{
  return air_item_get_text (AIR_ITEM (self), CURRENCY);
}
