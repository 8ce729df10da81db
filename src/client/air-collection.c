/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-collection.h"

typedef struct {
  AirClient *client;
  GCancellable *cancellable;
  GPtrArray *items;
  GHashTable *by_id; /* id (of the item) → item, both borrowed from items */
  char *error;
  gboolean loading;
} AirCollectionPrivate;

enum { PROP_0, PROP_LOADING, PROP_ERROR, PROP_N_ITEMS, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void air_collection_model_init (GListModelInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (AirCollection,
                                  air_collection,
                                  G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (AirCollection)
                                      G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, air_collection_model_init))

#define PRIVATE(self) ((AirCollectionPrivate *) air_collection_get_instance_private (self))

typedef void (*PageFunc) (AirCollection *self, AirValue *items, const char *next);

typedef struct {
  AirCollection *collection;
  PageFunc page;
} Fetch;

static GType
get_item_type (GListModel *model)
{
  return AIR_COLLECTION_GET_CLASS (model)->item_type;
}

static guint
get_n_items (GListModel *model)
{
  return air_collection_get_size (AIR_COLLECTION (model));
}

static gpointer
get_item (GListModel *model, guint index)
{
  AirCollectionPrivate *priv = PRIVATE (AIR_COLLECTION (model));

  return index < priv->items->len ? g_object_ref (priv->items->pdata[index]) : NULL;
}

static void
air_collection_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
air_collection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirCollectionPrivate *priv = PRIVATE (AIR_COLLECTION (object));

  switch (id)
    {
    case PROP_LOADING:
      g_value_set_boolean (value, priv->loading);
      break;
    case PROP_ERROR:
      g_value_set_string (value, priv->error);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, priv->items->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_collection_dispose (GObject *object)
{
  g_cancellable_cancel (PRIVATE (AIR_COLLECTION (object))->cancellable);
  G_OBJECT_CLASS (air_collection_parent_class)->dispose (object);
}

static void
air_collection_finalize (GObject *object)
{
  AirCollectionPrivate *priv = PRIVATE (AIR_COLLECTION (object));

  g_clear_object (&priv->client);
  g_clear_object (&priv->cancellable);
  g_clear_pointer (&priv->by_id, g_hash_table_unref);
  g_clear_pointer (&priv->items, g_ptr_array_unref);
  g_free (priv->error);
  G_OBJECT_CLASS (air_collection_parent_class)->finalize (object);
}

static void
air_collection_class_init (AirCollectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = air_collection_get_property;
  object_class->dispose = air_collection_dispose;
  object_class->finalize = air_collection_finalize;
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

/* GListModel promises no notify; views that bind to the count want one. */
static void
items_changed_cb (GObject *object)
{
  g_object_notify_by_pspec (object, properties[PROP_N_ITEMS]);
}

static void
air_collection_init (AirCollection *self)
{
  AirCollectionPrivate *priv = PRIVATE (self);

  priv->cancellable = g_cancellable_new ();
  priv->items = g_ptr_array_new_with_free_func (g_object_unref);
  priv->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_signal_connect (self, "items-changed", G_CALLBACK (items_changed_cb), NULL);
}

/**
 * air_collection_get_loading:
 * @self: a collection
 *
 * Returns: whether a fetch is under way
 */
gboolean
air_collection_get_loading (AirCollection *self)
{
  g_return_val_if_fail (AIR_IS_COLLECTION (self), FALSE);
  return PRIVATE (self)->loading;
}

/**
 * air_collection_get_error:
 * @self: a collection
 *
 * Returns: (transfer none) (nullable): why the last fetch failed, for people; %NULL when it did not
 */
const char *
air_collection_get_error (AirCollection *self)
{
  g_return_val_if_fail (AIR_IS_COLLECTION (self), NULL);
  return PRIVATE (self)->error;
}

/**
 * air_collection_lookup:
 * @self: a collection
 * @id: an item's id
 *
 * Returns: (transfer none) (nullable): the item
 */
gpointer
air_collection_lookup (AirCollection *self, const char *id)
{
  return g_hash_table_lookup (PRIVATE (self)->by_id, id);
}

/**
 * air_collection_get_size:
 * @self: a collection
 *
 * Returns: how many items it has
 */
guint
air_collection_get_size (AirCollection *self)
{
  return PRIVATE (self)->items->len;
}

/**
 * air_collection_peek:
 * @self: a collection
 * @index: below air_collection_get_size()
 *
 * Returns: (transfer none): the item, without a reference
 */
gpointer
air_collection_peek (AirCollection *self, guint index)
{
  return PRIVATE (self)->items->pdata[index];
}

/**
 * air_collection_insert:
 * @self: a collection
 * @index: where
 * @take_item: (transfer full): an item whose id is not there yet
 *
 * Tells nobody: many insertions make one air_collection_inserted().
 */
void
air_collection_insert (AirCollection *self, guint index, gpointer take_item)
{
  AirCollectionPrivate *priv = PRIVATE (self);

  g_ptr_array_insert (priv->items, (int) index, take_item);
  g_hash_table_insert (priv->by_id, (gpointer) AIR_COLLECTION_GET_CLASS (self)->get_id (take_item), take_item);
}

/**
 * air_collection_inserted:
 * @self: a collection
 * @index: of the first new item
 * @n: how many were inserted there
 *
 * Emits #GListModel::items-changed.
 */
void
air_collection_inserted (AirCollection *self, guint index, guint n)
{
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), index, 0, n);
}

/**
 * air_collection_remove:
 * @self: a collection
 * @id: of an item, which need not be there
 *
 * Takes it out, and tells.
 */
void
air_collection_remove (AirCollection *self, const char *id)
{
  AirCollectionPrivate *priv = PRIVATE (self);
  gpointer item = g_hash_table_lookup (priv->by_id, id);
  guint index;

  if (item == NULL || !g_ptr_array_find (priv->items, item, &index))
    return;
  g_hash_table_remove (priv->by_id, id);
  g_ptr_array_remove_index (priv->items, index);
  g_list_model_items_changed (G_LIST_MODEL (self), index, 1, 0);
}

/**
 * air_collection_set_client:
 * @self: a collection
 * @client: (nullable): whom it fetches from
 */
void
air_collection_set_client (AirCollection *self, AirClient *client)
{
  g_set_object (&PRIVATE (self)->client, client);
}

static void
set_status (AirCollection *self, gboolean loading, const char *error)
{
  AirCollectionPrivate *priv = PRIVATE (self);

  g_object_freeze_notify (G_OBJECT (self));
  if (priv->loading != loading)
    {
      priv->loading = loading;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
    }
  if (g_set_str (&priv->error, error))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * air_collection_fetched:
 * @self: a collection
 *
 * The page was the last one of this fetch.
 */
void
air_collection_fetched (AirCollection *self)
{
  set_status (self, FALSE, NULL);
}

static void
fetch_free (Fetch *fetch)
{
  g_object_unref (fetch->collection);
  g_free (fetch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fetch, fetch_free)

static void
page_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Fetch) fetch = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) page = air_client_get_finish (AIR_CLIENT (object), result, &error);
  AirValue *items = page != NULL ? air_map_get_list (page, "items") : NULL;

  if (page != NULL && items != NULL)
    fetch->page (fetch->collection, items, air_map_get_string (page, "next"));
  else if (page != NULL)
    set_status (fetch->collection, FALSE, "the runtime's list has no \"items\"");
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_status (fetch->collection, FALSE, error->message);
}

/**
 * air_collection_fetch:
 * @self: a collection with a client
 * @path: what to ask, with a query
 * @cursor: (nullable): of the page that follows
 * @page: gets the items and, where there are more, the next cursor; not called after an error
 *
 * "loading" is set until a page or an error is there; the page's receiver ends it with air_collection_fetched() or
 * goes on.
 */
void
air_collection_fetch (AirCollection *self, const char *path, const char *cursor, PageFunc page)
{
  AirCollectionPrivate *priv = PRIVATE (self);
  g_autoptr (GString) whole = g_string_new (path);
  Fetch *fetch = g_new (Fetch, 1);

  if (cursor != NULL)
    {
      g_string_append (whole, "&cursor=");
      g_string_append_uri_escaped (whole, cursor, NULL, FALSE);
    }
  fetch->collection = g_object_ref (self);
  fetch->page = page;
  set_status (self, TRUE, priv->error);
  air_client_get_async (priv->client, whole->str, priv->cancellable, page_cb, fetch);
}
