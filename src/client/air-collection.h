/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client.h"

G_BEGIN_DECLS

#define AIR_TYPE_COLLECTION (air_collection_get_type ())
G_DECLARE_DERIVABLE_TYPE (AirCollection, air_collection, AIR, COLLECTION, GObject)

/**
 * AirCollection:
 *
 * A GListModel of items that have an id and are fetched from one runtime. Its
 * properties "loading", "error" and "n-items" notify. What is fetched, and how
 * it stays current, is the subclass's.
 */
struct _AirCollectionClass {
  GObjectClass parent_class;

  GType        item_type;
  const char *(*get_id) (gpointer item); /* stays valid as long as the item */
};

gboolean    air_collection_get_loading (AirCollection *self);
const char *air_collection_get_error   (AirCollection *self);

/*< protected >*/
gpointer    air_collection_lookup      (AirCollection *self,
                                        const char    *id); /* borrowed, nullable */
guint       air_collection_get_size    (AirCollection *self);
gpointer    air_collection_peek        (AirCollection *self,
                                        guint          index);
void        air_collection_insert      (AirCollection *self,
                                        guint          index,
                                        gpointer       take_item);
void        air_collection_inserted    (AirCollection *self,
                                        guint          index,
                                        guint          n);
void        air_collection_remove      (AirCollection *self,
                                        const char    *id);
void        air_collection_set_client  (AirCollection *self,
                                        AirClient     *client);
void        air_collection_fetch       (AirCollection *self,
                                        const char    *path,
                                        const char    *cursor,
                                        void         (*page)  (AirCollection *self,
                                                               AirValue      *items,
                                                               const char    *next));
void        air_collection_fetched     (AirCollection *self);

G_END_DECLS
