/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-lists.h"

#define PAGE_SIZE        100
#define REFRESH_DELAY_MS 120

/* What both lists are made of: items in order, found by id, fetched from one place. */
typedef struct {
  GObject *owner; /* borrowed */
  AirClient *client;
  GCancellable *cancellable;
  GPtrArray *items;
  GHashTable *by_id; /* id (of the item) → item, both borrowed from items */
  char *error;
  char *cursor;
  gboolean loading;
  guint refresh_source;
} Core;

static void
core_init (Core *core, gpointer owner)
{
  core->owner = owner;
  core->cancellable = g_cancellable_new ();
  core->items = g_ptr_array_new_with_free_func (g_object_unref);
  core->by_id = g_hash_table_new (g_str_hash, g_str_equal);
}

static void
core_dispose (Core *core)
{
  g_clear_handle_id (&core->refresh_source, g_source_remove);
  g_cancellable_cancel (core->cancellable);
}

static void
core_clear (Core *core)
{
  g_clear_object (&core->client);
  g_clear_object (&core->cancellable);
  g_clear_pointer (&core->by_id, g_hash_table_unref);
  g_clear_pointer (&core->items, g_ptr_array_unref);
  g_clear_pointer (&core->error, g_free);
  g_clear_pointer (&core->cursor, g_free);
}

static void
core_set_status (Core *core, gboolean loading, const char *error)
{
  g_object_freeze_notify (core->owner);
  if (core->loading != loading)
    {
      core->loading = loading;
      g_object_notify (core->owner, "loading");
    }
  if (g_set_str (&core->error, error))
    g_object_notify (core->owner, "error");
  g_object_thaw_notify (core->owner);
}

static void
core_remove (Core *core, const char *id)
{
  gpointer item = g_hash_table_lookup (core->by_id, id);
  guint index;

  if (item == NULL || !g_ptr_array_find (core->items, item, &index))
    return;
  g_hash_table_remove (core->by_id, id);
  g_ptr_array_remove_index (core->items, index);
  g_list_model_items_changed (G_LIST_MODEL (core->owner), index, 1, 0);
}

/* --- runs --------------------------------------------------------------- */

struct _AirRunList {
  GObject parent_instance;
  Core core;
  char *state;
  gboolean first_page;
};

enum { PROP_0, PROP_LOADING, PROP_ERROR, PROP_HAS_MORE, PROP_N_ITEMS, N_PROPS };

static void air_run_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AirRunList,
                               air_run_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, air_run_list_model_init))

static GType
run_list_get_item_type (GListModel *model)
{
  return AIR_TYPE_RUN_ITEM;
}

static guint
run_list_get_n_items (GListModel *model)
{
  return AIR_RUN_LIST (model)->core.items->len;
}

static gpointer
run_list_get_item (GListModel *model, guint index)
{
  AirRunList *self = AIR_RUN_LIST (model);

  return index < self->core.items->len ? g_object_ref (self->core.items->pdata[index]) : NULL;
}

static void
air_run_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = run_list_get_item_type;
  iface->get_n_items = run_list_get_n_items;
  iface->get_item = run_list_get_item;
}

static void
run_list_insert (AirRunList *self, guint position, AirValue *document)
{
  AirRunItem *item = air_run_item_new (document);

  g_ptr_array_insert (self->core.items, (int) position, item);
  g_hash_table_insert (self->core.by_id, (gpointer) air_run_item_get_id (item), item);
}

static void
run_list_page_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirRunList) self = user_data;
  g_autoptr (AirValue) page = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *items;
  guint added = 0, position;

  page = air_client_get_finish (AIR_CLIENT (object), result, &error);
  if (page == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        core_set_status (&self->core, FALSE, error->message);
      return;
    }
  items = air_map_get_list (page, "items");
  if (items == NULL)
    {
      core_set_status (&self->core, FALSE, "the runtime's list of runs has no \"items\"");
      return;
    }
  /* A first page goes before what is known, in its own order; a later page after it. */
  position = self->first_page ? 0 : self->core.items->len;
  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      AirValue *document = air_list_get (items, i);
      const char *id = air_map_get_string (document, "id");
      AirRunItem *known;

      if (id == NULL)
        continue;
      known = g_hash_table_lookup (self->core.by_id, id);
      if (known != NULL)
        air_run_item_update (known, document);
      else
        run_list_insert (self, position + added++, document);
    }
  if (!self->first_page || self->core.cursor == NULL)
    {
      g_set_str (&self->core.cursor, air_map_get_string (page, "next"));
      g_object_notify (G_OBJECT (self), "has-more");
    }
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 0, added);
  core_set_status (&self->core, FALSE, NULL);
}

static void
run_list_fetch (AirRunList *self, const char *cursor)
{
  GString *path;

  if (self->core.loading)
    return;
  path = g_string_new (NULL);
  g_string_printf (path, "/v1/runs?limit=%d", PAGE_SIZE);
  if (self->state != NULL)
    g_string_append_printf (path, "&state=%s", self->state);
  if (cursor != NULL)
    {
      g_string_append (path, "&cursor=");
      g_string_append_uri_escaped (path, cursor, NULL, FALSE);
    }
  self->first_page = cursor == NULL;
  core_set_status (&self->core, TRUE, self->core.error);
  air_client_get_async (self->core.client, path->str, self->core.cancellable, run_list_page_cb, g_object_ref (self));
  g_string_free (path, TRUE);
}

static void
run_event_cb (AirRunList *self, const char *name, AirValue *data, AirEventStream *stream)
{
  const char *id = air_map_get_string (data, "id");
  const char *state = air_map_get_string (data, "state");
  AirRunItem *item;

  if (id == NULL)
    return;
  item = g_hash_table_lookup (self->core.by_id, id);
  if (item != NULL && self->state != NULL && state != NULL && g_strcmp0 (state, self->state) != 0)
    core_remove (&self->core, id);
  else if (item != NULL)
    air_run_item_update (item, data);
  else if (self->state == NULL || g_strcmp0 (state, self->state) == 0)
    {
      run_list_insert (self, 0, data);
      g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
    }
}

/* What happened while we were not connected, only a new fetch tells. */
static void
run_stream_state_cb (AirRunList *self, GParamSpec *pspec, AirEventStream *stream)
{
  if (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_LIVE)
    air_run_list_refresh (self);
}

static void
air_run_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirRunList *self = AIR_RUN_LIST (object);

  switch (id)
    {
    case PROP_LOADING:
      g_value_set_boolean (value, self->core.loading);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->core.error);
      break;
    case PROP_HAS_MORE:
      g_value_set_boolean (value, self->core.cursor != NULL);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->core.items->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_run_list_dispose (GObject *object)
{
  core_dispose (&AIR_RUN_LIST (object)->core);
  G_OBJECT_CLASS (air_run_list_parent_class)->dispose (object);
}

static void
air_run_list_finalize (GObject *object)
{
  AirRunList *self = AIR_RUN_LIST (object);

  core_clear (&self->core);
  g_free (self->state);
  G_OBJECT_CLASS (air_run_list_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class, gboolean paged)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (object_class, PROP_LOADING,
                                   g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_ERROR, g_param_spec_string ("error", NULL, NULL, NULL, flags));
  if (paged)
    g_object_class_install_property (object_class, PROP_HAS_MORE,
                                     g_param_spec_boolean ("has-more", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_N_ITEMS,
                                   g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags));
}

/* GListModel promises no notify; views that bind to the count want one. */
static void
notify_n_items_cb (GObject *object)
{
  g_object_notify (object, "n-items");
}

static void
air_run_list_class_init (AirRunListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = air_run_list_dispose;
  object_class->finalize = air_run_list_finalize;
  object_class->get_property = air_run_list_get_property;
  install_properties (object_class, TRUE);
}

static void
air_run_list_init (AirRunList *self)
{
  core_init (&self->core, self);
  g_signal_connect (self, "items-changed", G_CALLBACK (notify_n_items_cb), NULL);
}

AirRunList *
air_run_list_new (AirClient *client, AirEventStream *stream, const char *state)
{
  AirRunList *self;

  g_return_val_if_fail (AIR_IS_CLIENT (client), NULL);
  self = g_object_new (AIR_TYPE_RUN_LIST, NULL);
  self->core.client = g_object_ref (client);
  self->state = g_strdup (state);
  if (stream != NULL)
    {
      g_signal_connect_object (stream, "event::run", G_CALLBACK (run_event_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (stream, "notify::state", G_CALLBACK (run_stream_state_cb), self, G_CONNECT_SWAPPED);
    }
  return self;
}

/* Fetches the newest page; a call while one is under way does nothing. */
void
air_run_list_refresh (AirRunList *self)
{
  g_return_if_fail (AIR_IS_RUN_LIST (self));
  run_list_fetch (self, NULL);
}

void
air_run_list_load_more (AirRunList *self)
{
  g_return_if_fail (AIR_IS_RUN_LIST (self));
  if (self->core.cursor != NULL)
    run_list_fetch (self, self->core.cursor);
}

gboolean
air_run_list_get_has_more (AirRunList *self)
{
  return self->core.cursor != NULL;
}

gboolean
air_run_list_get_loading (AirRunList *self)
{
  return self->core.loading;
}

const char *
air_run_list_get_error (AirRunList *self)
{
  return self->core.error;
}

/* --- gates -------------------------------------------------------------- */

struct _AirGateList {
  GObject parent_instance;
  Core core;
  GPtrArray *pending; /* items of the pages fetched so far, until the last one is here */
  gboolean again;
};

static void air_gate_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AirGateList,
                               air_gate_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, air_gate_list_model_init))

static GType
gate_list_get_item_type (GListModel *model)
{
  return AIR_TYPE_GATE_ITEM;
}

static guint
gate_list_get_n_items (GListModel *model)
{
  return AIR_GATE_LIST (model)->core.items->len;
}

static gpointer
gate_list_get_item (GListModel *model, guint index)
{
  AirGateList *self = AIR_GATE_LIST (model);

  return index < self->core.items->len ? g_object_ref (self->core.items->pdata[index]) : NULL;
}

static void
air_gate_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = gate_list_get_item_type;
  iface->get_n_items = gate_list_get_n_items;
  iface->get_item = gate_list_get_item;
}

/* The whole list is here: what is no longer in it goes, what is new comes to the end. */
static void
gate_list_take_over (AirGateList *self)
{
  g_autoptr (GHashTable) present = g_hash_table_new (g_str_hash, g_str_equal);
  guint position, added = 0;

  for (guint i = 0; i < self->pending->len; i++)
    g_hash_table_add (present, (gpointer) air_gate_item_get_id (self->pending->pdata[i]));
  for (guint i = self->core.items->len; i-- > 0;)
    {
      const char *id = air_gate_item_get_id (self->core.items->pdata[i]);

      if (!g_hash_table_contains (present, id))
        core_remove (&self->core, id);
    }
  position = self->core.items->len;
  for (guint i = 0; i < self->pending->len; i++)
    {
      AirGateItem *item = self->pending->pdata[i];
      const char *id = air_gate_item_get_id (item);

      if (g_hash_table_contains (self->core.by_id, id))
        continue;
      g_ptr_array_add (self->core.items, g_object_ref (item));
      g_hash_table_insert (self->core.by_id, (gpointer) id, item);
      added++;
    }
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 0, added);
}

static void gate_list_fetch (AirGateList *self, const char *cursor);

static void
gate_list_page_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirGateList) self = user_data;
  g_autoptr (AirValue) page = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *items;
  const char *next;

  page = air_client_get_finish (AIR_CLIENT (object), result, &error);
  if (page == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        core_set_status (&self->core, FALSE, error->message);
      return;
    }
  items = air_map_get_list (page, "items");
  if (items == NULL)
    {
      core_set_status (&self->core, FALSE, "the runtime's list of gates has no \"items\"");
      return;
    }
  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      AirValue *document = air_list_get (items, i);
      g_autoptr (AirGateItem) item = air_gate_item_new (document);
      AirGateItem *known = g_hash_table_lookup (self->core.by_id, air_gate_item_get_id (item));

      if (known != NULL)
        air_gate_item_update (known, document);
      g_ptr_array_add (self->pending, g_steal_pointer (&item));
    }
  next = air_map_get_string (page, "next");
  if (next != NULL)
    {
      gate_list_fetch (self, next);
      return;
    }
  gate_list_take_over (self);
  core_set_status (&self->core, FALSE, NULL);
  if (self->again)
    {
      self->again = FALSE;
      air_gate_list_refresh (self);
    }
}

static void
gate_list_fetch (AirGateList *self, const char *cursor)
{
  GString *path = g_string_new (NULL);

  g_string_printf (path, "/v1/gates?state=waiting&limit=%d", PAGE_SIZE);
  if (cursor != NULL)
    {
      g_string_append (path, "&cursor=");
      g_string_append_uri_escaped (path, cursor, NULL, FALSE);
    }
  air_client_get_async (self->core.client, path->str, self->core.cancellable, gate_list_page_cb, g_object_ref (self));
  g_string_free (path, TRUE);
}

static gboolean
gate_refresh_cb (gpointer user_data)
{
  AirGateList *self = user_data;

  self->core.refresh_source = 0;
  air_gate_list_refresh (self);
  return G_SOURCE_REMOVE;
}

/* An event says that a gate opened, counted a decision or closed. Closing is applied at once, so that nobody
 * decides what is decided; the rest comes with one fetch for many events. */
static void
gate_event_cb (AirGateList *self, const char *name, AirValue *data, AirEventStream *stream)
{
  g_autoptr (AirGateItem) item = air_gate_item_new (data);
  AirGateItem *known = g_hash_table_lookup (self->core.by_id, air_gate_item_get_id (item));

  if (known != NULL && g_strcmp0 (air_gate_item_get_state (item), "waiting") != 0)
    {
      air_gate_item_update (known, data);
      core_remove (&self->core, air_gate_item_get_id (item));
      return;
    }
  if (known != NULL)
    air_gate_item_update (known, data);
  if (self->core.refresh_source == 0)
    self->core.refresh_source = g_timeout_add (REFRESH_DELAY_MS, gate_refresh_cb, self);
}

static void
gate_stream_state_cb (AirGateList *self, GParamSpec *pspec, AirEventStream *stream)
{
  if (air_event_stream_get_state (stream) == AIR_EVENT_STREAM_LIVE)
    air_gate_list_refresh (self);
}

static void
air_gate_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirGateList *self = AIR_GATE_LIST (object);

  switch (id)
    {
    case PROP_LOADING:
      g_value_set_boolean (value, self->core.loading);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->core.error);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->core.items->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_gate_list_dispose (GObject *object)
{
  core_dispose (&AIR_GATE_LIST (object)->core);
  G_OBJECT_CLASS (air_gate_list_parent_class)->dispose (object);
}

static void
air_gate_list_finalize (GObject *object)
{
  AirGateList *self = AIR_GATE_LIST (object);

  core_clear (&self->core);
  g_ptr_array_unref (self->pending);
  G_OBJECT_CLASS (air_gate_list_parent_class)->finalize (object);
}

static void
air_gate_list_class_init (AirGateListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = air_gate_list_dispose;
  object_class->finalize = air_gate_list_finalize;
  object_class->get_property = air_gate_list_get_property;
  install_properties (object_class, FALSE);
}

static void
air_gate_list_init (AirGateList *self)
{
  core_init (&self->core, self);
  self->pending = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (self, "items-changed", G_CALLBACK (notify_n_items_cb), NULL);
}

AirGateList *
air_gate_list_new (AirClient *client, AirEventStream *stream)
{
  AirGateList *self;

  g_return_val_if_fail (AIR_IS_CLIENT (client), NULL);
  self = g_object_new (AIR_TYPE_GATE_LIST, NULL);
  self->core.client = g_object_ref (client);
  if (stream != NULL)
    {
      g_signal_connect_object (stream, "event::gate", G_CALLBACK (gate_event_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (stream, "notify::state", G_CALLBACK (gate_stream_state_cb), self, G_CONNECT_SWAPPED);
    }
  return self;
}

/* Fetches the list; a call while a fetch is under way makes one more afterwards. */
void
air_gate_list_refresh (AirGateList *self)
{
  g_return_if_fail (AIR_IS_GATE_LIST (self));
  if (self->core.loading)
    {
      self->again = TRUE;
      return;
    }
  g_ptr_array_set_size (self->pending, 0);
  core_set_status (&self->core, TRUE, self->core.error);
  gate_list_fetch (self, NULL);
}

gboolean
air_gate_list_get_loading (AirGateList *self)
{
  return self->core.loading;
}

const char *
air_gate_list_get_error (AirGateList *self)
{
  return self->core.error;
}
