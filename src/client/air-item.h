/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "base/air-value.h"

G_BEGIN_DECLS

#define AIR_TYPE_ITEM (air_item_get_type ())
G_DECLARE_DERIVABLE_TYPE (AirItem, air_item, AIR, ITEM, GObject)

/**
 * AirItemKind:
 * @AIR_ITEM_TEXT: text
 * @AIR_ITEM_NUMBER: a whole number
 * @AIR_ITEM_TIME: microseconds since 1970, written in documents as RFC 3339; 0 for none
 *
 * What a field of an item holds.
 */
typedef enum {
  AIR_ITEM_TEXT,
  AIR_ITEM_NUMBER,
  AIR_ITEM_TIME,
} AirItemKind;

/**
 * AirItemField:
 * @property: the property's name
 * @key: the member of the documents it is taken from, NULL: from none
 */
typedef struct {
  const char *property;
  const char *key;
  AirItemKind kind;
} AirItemField;

/**
 * AirItem:
 *
 * One thing of a list, as documents of the API tell of it: an object whose
 * properties notify. What there is to tell is the subclass's table of fields.
 */
struct _AirItemClass {
  GObjectClass parent_class;
  const AirItemField *fields;
  guint n_fields;
  GParamSpec **properties;
};

void        air_item_class_set_fields (AirItemClass       *klass,
                                       const AirItemField *fields,
                                       guint               n_fields);
void        air_item_take             (AirItem            *self,
                                       AirValue           *document);
void        air_item_set_text         (AirItem            *self,
                                       guint               field,
                                       const char         *text); /* nullable */
const char *air_item_get_text         (AirItem            *self,
                                       guint               field); /* nullable */
gint64      air_item_get_number       (AirItem            *self,
                                       guint               field);

G_END_DECLS
