/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"
#include "client/air-collection.h"

G_BEGIN_DECLS

#define AIR_TYPE_COLLECTION_PAGE (air_collection_page_get_type ())
G_DECLARE_FINAL_TYPE (AirCollectionPage, air_collection_page, AIR, COLLECTION_PAGE, AdwBin)

/**
 * AirCollectionRow:
 * @setup: makes an empty row
 * @update: shows @item in it; called again whenever a property of it changes
 */
typedef struct {
  GtkWidget *(*setup)  (void);
  void       (*update) (GtkWidget *row,
                        gpointer   item);
} AirCollectionRow;

/* A list beside one of its items, or whatever keeps the list from being shown. Says "open" with the item that
 * was selected, and "more" at the end of the list. @row must live as long as the page. */
void air_collection_page_set_row        (AirCollectionPage      *self,
                                         const AirCollectionRow *row);
/* @collection: nullable, while @connection has none */
void air_collection_page_set_collection (AirCollectionPage      *self,
                                         AirCollection          *collection,
                                         AirConnection           *connection);
/* Where there is room for one of both, the item. */
void air_collection_page_show_item      (AirCollectionPage      *self);

/* The item with that id is selected as soon as the list has it; until then, and if it never has, none. */
void       air_collection_page_select          (AirCollectionPage      *self,
                                                const char             *id);
/* FALSE: there is no next one. */
gboolean   air_collection_page_select_next     (AirCollectionPage      *self);

G_END_DECLS
