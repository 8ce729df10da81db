/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-gate-list.h"

#define PATH             "/v1/gates?state=waiting&limit=100"
#define REFRESH_DELAY_MS 120

struct _AirGateList {
  AirCollection parent_instance;
  GPtrArray *pending; /* items of the pages fetched so far, until the last one is here */
  gboolean again;
  guint refresh_source;
};

G_DEFINE_FINAL_TYPE (AirGateList, air_gate_list, AIR_TYPE_COLLECTION)

/* The whole list is here: what is no longer in it goes, what is new comes to the end. */
static void
take_over (AirGateList *self)
{
  AirCollection *collection = AIR_COLLECTION (self);
  g_autoptr (GHashTable) present = g_hash_table_new (g_str_hash, g_str_equal);
  guint position, added = 0;

  for (guint i = 0; i < self->pending->len; i++)
    g_hash_table_add (present, (gpointer) air_gate_item_get_id (self->pending->pdata[i]));
  for (guint i = air_collection_get_size (collection); i-- > 0;)
    {
      const char *id = air_gate_item_get_id (air_collection_peek (collection, i));

      if (!g_hash_table_contains (present, id))
        air_collection_remove (collection, id);
    }
  position = air_collection_get_size (collection);
  for (guint i = 0; i < self->pending->len; i++)
    {
      AirGateItem *item = self->pending->pdata[i];

      if (air_collection_lookup (collection, air_gate_item_get_id (item)) == NULL)
        air_collection_insert (collection, position + added++, g_object_ref (item));
    }
  air_collection_inserted (collection, position, added);
}

static void
page_cb (AirCollection *collection, AirValue *items, const char *next)
{
  AirGateList *self = AIR_GATE_LIST (collection);

  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      AirValue *document = air_list_get (items, i);
      g_autoptr (AirGateItem) item = air_gate_item_new (document);
      AirGateItem *known = air_collection_lookup (collection, air_gate_item_get_id (item));

      if (known != NULL)
        air_gate_item_update (known, document);
      g_ptr_array_add (self->pending, g_steal_pointer (&item));
    }
  if (next != NULL)
    {
      air_collection_fetch (collection, PATH, next, page_cb);
      return;
    }
  take_over (self);
  air_collection_fetched (collection);
  if (self->again)
    {
      self->again = FALSE;
      air_gate_list_refresh (self);
    }
}

static gboolean
refresh_cb (gpointer user_data)
{
  AirGateList *self = user_data;

  self->refresh_source = 0;
  air_gate_list_refresh (self);
  return G_SOURCE_REMOVE;
}

/* An event says that a gate opened, counted a decision or closed. Closing is applied at once, so that nobody
 * decides what is decided; the rest comes with one fetch for many events. */
static void
event_cb (AirGateList *self, const char *name, AirValue *data, AirEventStream *stream)
{
  AirCollection *collection = AIR_COLLECTION (self);
  g_autoptr (AirGateItem) item = air_gate_item_new (data);
  AirGateItem *known = air_collection_lookup (collection, air_gate_item_get_id (item));

  if (known != NULL)
    air_gate_item_update (known, data);
  if (known != NULL && g_strcmp0 (air_gate_item_get_state (item), "waiting") != 0)
    air_collection_remove (collection, air_gate_item_get_id (item));
  else if (self->refresh_source == 0)
    self->refresh_source = g_timeout_add (REFRESH_DELAY_MS, refresh_cb, self);
}

static void
stream_state_cb (AirGateList *self, GParamSpec *pspec, AirEventStream *stream)
{
  if (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_LIVE)
    air_gate_list_refresh (self);
}

static void
air_gate_list_dispose (GObject *object)
{
  g_clear_handle_id (&AIR_GATE_LIST (object)->refresh_source, g_source_remove);
  G_OBJECT_CLASS (air_gate_list_parent_class)->dispose (object);
}

static void
air_gate_list_finalize (GObject *object)
{
  g_ptr_array_unref (AIR_GATE_LIST (object)->pending);
  G_OBJECT_CLASS (air_gate_list_parent_class)->finalize (object);
}

static const char *
get_id (gpointer item)
{
  return air_gate_item_get_id (item);
}

static void
air_gate_list_class_init (AirGateListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = air_gate_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = air_gate_list_finalize;
  AIR_COLLECTION_CLASS (klass)->item_type = AIR_TYPE_GATE_ITEM;
  AIR_COLLECTION_CLASS (klass)->get_id = get_id;
}

static void
air_gate_list_init (AirGateList *self)
{
  self->pending = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * air_gate_list_new:
 * @client: whom to ask
 * @stream: (nullable): keeps it current
 *
 * Returns: (transfer full): an empty list; air_gate_list_refresh() fills it
 */
AirGateList *
air_gate_list_new (AirClient *client, AirEventStream *stream)
{
  AirGateList *self;

  g_return_val_if_fail (AIR_IS_CLIENT (client), NULL);
  self = g_object_new (AIR_TYPE_GATE_LIST, NULL);
  air_collection_set_client (AIR_COLLECTION (self), client);
  if (stream != NULL)
    {
      g_signal_connect_object (stream, "event::gate", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (stream, "notify::state", G_CALLBACK (stream_state_cb), self, G_CONNECT_SWAPPED);
    }
  return self;
}

/**
 * air_gate_list_refresh:
 * @self: a list
 *
 * Fetches the list; a call while a fetch is under way makes one more afterwards.
 */
void
air_gate_list_refresh (AirGateList *self)
{
  g_return_if_fail (AIR_IS_GATE_LIST (self));
  if (air_collection_get_loading (AIR_COLLECTION (self)))
    {
      self->again = TRUE;
      return;
    }
  g_ptr_array_set_size (self->pending, 0);
  air_collection_fetch (AIR_COLLECTION (self), PATH, NULL, page_cb);
}
