/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"
#include "client/air-collection.h"

G_BEGIN_DECLS

/**
 * AirCollectionPage:
 *
 * A list beside one of its items, or whatever keeps the list from being shown. Emits "open" with the item that was
 * selected, and "more" at the end of the list.
 */
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

void air_collection_page_set_row        (AirCollectionPage      *self,
                                         const AirCollectionRow *row);
void air_collection_page_set_collection (AirCollectionPage      *self,
                                         AirCollection          *collection,
                                         AirConnection           *connection);
void air_collection_page_show_item      (AirCollectionPage      *self);

void       air_collection_page_select          (AirCollectionPage      *self,
                                                const char             *id);
gboolean   air_collection_page_select_next     (AirCollectionPage      *self);

G_END_DECLS
