/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-value.h"

G_BEGIN_DECLS

typedef struct {
  AirValue *key;
  AirValue *value;
} AirMapEntry;

/* 32 bytes hold any scalar, a string of up to 15 bytes, and the head of a list or a
 * map; longer strings run on past the end of the struct. */
struct _AirValue {
  gint ref_count;
  guint8 kind;
  guint8 immortal;  /* interned: never counted, never freed */
  guint32 size;     /* bytes of a string, items of a list, entries of a map */
  guint32 capacity; /* of a list or a map */
  union {
    gint64 i;
    guint64 u;
    double d;
    char text[16];
    AirValue **items;
    struct {
      AirMapEntry *entries;
      guint32 *index; /* its mask, then slots of entry number + 1; NULL while the map is small */
    } map;
  };
};

void   air_map_clear         (AirValue       *self);
guint  air_value_hash_string (const char     *text,
                              gsize           length);

/* Takes both; FALSE, and nothing taken, when the key is there already. */
gboolean air_map_insert_new (AirValue *map,
                             AirValue *key,
                             AirValue *value);

G_END_DECLS
