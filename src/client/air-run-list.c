/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-run-list.h"

#define PAGE_SIZE "100"

struct _AirRunList {
  AirCollection parent_instance;
  char *state;
  char *cursor;
  gboolean first_page;
};

enum { PROP_0, PROP_HAS_MORE, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (AirRunList, air_run_list, AIR_TYPE_COLLECTION)

/* A first page goes before what is known, in its own order; a later page after it. */
static void
page_cb (AirCollection *collection, AirValue *items, const char *next)
{
  AirRunList *self = AIR_RUN_LIST (collection);
  guint position = self->first_page ? 0 : air_collection_get_size (collection), added = 0;

  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      AirValue *document = air_list_get (items, i);
      const char *id = air_map_get_string (document, "id");
      AirRunItem *known;

      if (id == NULL)
        continue;
      known = air_collection_lookup (collection, id);
      if (known != NULL)
        air_run_item_update (known, document);
      else
        air_collection_insert (collection, position + added++, air_run_item_new (document));
    }
  if (!self->first_page || self->cursor == NULL)
    {
      g_set_str (&self->cursor, next);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_MORE]);
    }
  air_collection_inserted (collection, position, added);
  air_collection_fetched (collection);
}

static void
fetch (AirRunList *self, const char *cursor)
{
  g_autofree char *path = NULL;

  if (air_collection_get_loading (AIR_COLLECTION (self)))
    return;
  path = g_strconcat ("/v1/runs?limit=" PAGE_SIZE, self->state != NULL ? "&state=" : NULL, self->state, NULL);
  self->first_page = cursor == NULL;
  air_collection_fetch (AIR_COLLECTION (self), path, cursor, page_cb);
}

static void
event_cb (AirRunList *self, const char *name, AirValue *data, AirEventStream *stream)
{
  AirCollection *collection = AIR_COLLECTION (self);
  const char *id = air_map_get_string (data, "id");
  const char *state = air_map_get_string (data, "state");
  AirRunItem *item;

  if (id == NULL)
    return;
  item = air_collection_lookup (collection, id);
  if (item != NULL && self->state != NULL && state != NULL && g_strcmp0 (state, self->state) != 0)
    air_collection_remove (collection, id);
  else if (item != NULL)
    air_run_item_update (item, data);
  else if (self->state == NULL || g_strcmp0 (state, self->state) == 0)
    {
      air_collection_insert (collection, 0, air_run_item_new (data));
      air_collection_inserted (collection, 0, 1);
    }
}

/* What happened while we were not connected, only a new fetch tells. */
static void
stream_state_cb (AirRunList *self, GParamSpec *pspec, AirEventStream *stream)
{
  if (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_LIVE)
    air_run_list_refresh (self);
}

static void
air_run_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_HAS_MORE:
      g_value_set_boolean (value, air_run_list_get_has_more (AIR_RUN_LIST (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_run_list_finalize (GObject *object)
{
  AirRunList *self = AIR_RUN_LIST (object);

  g_free (self->state);
  g_free (self->cursor);
  G_OBJECT_CLASS (air_run_list_parent_class)->finalize (object);
}

static const char *
get_id (gpointer item)
{
  return air_run_item_get_id (item);
}

static void
air_run_list_class_init (AirRunListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = air_run_list_get_property;
  object_class->finalize = air_run_list_finalize;
  AIR_COLLECTION_CLASS (klass)->item_type = AIR_TYPE_RUN_ITEM;
  AIR_COLLECTION_CLASS (klass)->get_id = get_id;
  properties[PROP_HAS_MORE] = g_param_spec_boolean (
      "has-more", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
air_run_list_init (AirRunList *self)
{
}

/**
 * air_run_list_new:
 * @client: whom to ask
 * @stream: (nullable): keeps it current
 * @state: (nullable): only those in that state; %NULL: all
 *
 * Returns: (transfer full): an empty list; air_run_list_refresh() fills it
 */
AirRunList *
air_run_list_new (AirClient *client, AirEventStream *stream, const char *state)
{
  AirRunList *self;

  g_return_val_if_fail (AIR_IS_CLIENT (client), NULL);
  self = g_object_new (AIR_TYPE_RUN_LIST, NULL);
  air_collection_set_client (AIR_COLLECTION (self), client);
  self->state = g_strdup (state);
  if (stream != NULL)
    {
      g_signal_connect_object (stream, "event::run", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (stream, "notify::state", G_CALLBACK (stream_state_cb), self, G_CONNECT_SWAPPED);
    }
  return self;
}

/**
 * air_run_list_refresh:
 * @self: a list
 *
 * Fetches the newest page; a call while one is under way does nothing.
 */
void
air_run_list_refresh (AirRunList *self)
{
  g_return_if_fail (AIR_IS_RUN_LIST (self));
  fetch (self, NULL);
}

/**
 * air_run_list_load_more:
 * @self: a list
 *
 * Fetches the page that follows; does nothing when there is none or one is under way.
 */
void
air_run_list_load_more (AirRunList *self)
{
  g_return_if_fail (AIR_IS_RUN_LIST (self));
  if (self->cursor != NULL)
    fetch (self, self->cursor);
}

/**
 * air_run_list_get_has_more:
 * @self: a list
 *
 * Returns: whether older runs are left to fetch
 */
gboolean
air_run_list_get_has_more (AirRunList *self)
{
  g_return_val_if_fail (AIR_IS_RUN_LIST (self), FALSE);
  return self->cursor != NULL;
}
