/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirValue:
 *
 * The one value of the core: read strictly from JSON bytes, evaluated by CEL,
 * written as JCS. Reference counted (atomically) and immutable once shared:
 * only the holder of the sole reference may append or set.
 */
typedef struct _AirValue AirValue;

/**
 * AirValueKind:
 *
 * The kinds of an #AirValue: those of JSON, with its numbers told apart, and what CEL has beyond. Integers are exact;
 * timestamps are microseconds since the Unix epoch, durations microseconds.
 */
typedef enum {
  AIR_VALUE_NULL,
  AIR_VALUE_BOOL,
  AIR_VALUE_INT,
  AIR_VALUE_UINT,
  AIR_VALUE_DOUBLE,
  AIR_VALUE_STRING,
  AIR_VALUE_BYTES,
  AIR_VALUE_LIST,
  AIR_VALUE_MAP,
  AIR_VALUE_TIMESTAMP, /* microseconds since the Unix epoch */
  AIR_VALUE_DURATION,  /* microseconds */
} AirValueKind;

AirValue     *air_value_ref               (AirValue       *self);
void          air_value_unref             (AirValue       *self);

AirValue     *air_value_new_null          (void);
AirValue     *air_value_new_bool          (gboolean        value);
AirValue     *air_value_new_int           (gint64          value);
AirValue     *air_value_new_uint          (guint64         value);
AirValue     *air_value_new_double        (double          value);
AirValue     *air_value_new_string        (const char     *text);
AirValue     *air_value_new_string_len    (const char     *text,
                                           gsize           length);
AirValue     *air_value_new_bytes         (const void     *data,
                                           gsize           length);
AirValue     *air_value_new_timestamp     (gint64          unix_us);
AirValue     *air_value_new_duration      (gint64          us);

AirValueKind  air_value_get_kind          (const AirValue *self);
const char   *air_value_kind_to_string    (AirValueKind    kind);
gboolean      air_value_is_null           (const AirValue *self);
gboolean      air_value_get_bool          (const AirValue *self);
gint64        air_value_get_int           (const AirValue *self);
guint64       air_value_get_uint          (const AirValue *self);
double        air_value_get_double        (const AirValue *self);
const char   *air_value_get_string        (const AirValue *self,
                                           gsize          *ret_length);
const guint8 *air_value_get_bytes         (const AirValue *self,
                                           gsize          *ret_length);
gint64        air_value_get_us            (const AirValue *self);
gboolean      air_value_equal             (const AirValue *a,
                                           const AirValue *b);
guint         air_value_hash              (const AirValue *self);

AirValue     *air_list_new                (void);
void          air_list_append             (AirValue       *list,
                                           AirValue       *take_item);
gsize         air_list_get_size           (const AirValue *list);
AirValue     *air_list_get                (const AirValue *list,
                                           gsize           index);

AirValue     *air_map_new                 (void);
void          air_map_set                 (AirValue       *map,
                                           const char     *key,
                                           AirValue       *take_value);
void          air_map_set_value           (AirValue       *map,
                                           AirValue       *take_key,
                                           AirValue       *take_value);
gboolean      air_map_remove              (AirValue       *map,
                                           const char     *key);
gsize         air_map_get_size            (const AirValue *map);
AirValue     *air_map_get                 (const AirValue *map,
                                           const char     *key);
AirValue     *air_map_lookup              (const AirValue *map,
                                           const AirValue *key);
AirValue     *air_map_get_key_at          (const AirValue *map,
                                           gsize           index);
AirValue     *air_map_get_value_at        (const AirValue *map,
                                           gsize           index);
AirValue     *air_map_copy                (const AirValue *map);

/* What readers of documents want: NULL (or the fallback) when @value is not a
 * map, the key is absent or the kind is another. Nothing here asserts. */
const char   *air_map_get_string          (const AirValue *map,
                                           const char     *key);
gint64        air_map_get_int             (const AirValue *map,
                                           const char     *key,
                                           gint64          fallback);
gboolean      air_map_get_bool            (const AirValue *map,
                                           const char     *key,
                                           gboolean        fallback);
AirValue     *air_map_get_map             (const AirValue *map,
                                           const char     *key);
AirValue     *air_map_get_list            (const AirValue *map,
                                           const char     *key);
const char   *air_list_get_string         (const AirValue *list,
                                           gsize           index);
const char   *air_map_find_unknown        (const AirValue     *map,
                                           const char * const *known);
void          air_map_set_string          (AirValue       *map,
                                           const char     *key,
                                           const char     *text);
void          air_map_set_int             (AirValue       *map,
                                           const char     *key,
                                           gint64          value);
void          air_map_set_bool            (AirValue       *map,
                                           const char     *key,
                                           gboolean        value);

AirValue     *air_value_at                (const AirValue *root,
                                           const char     *pointer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirValue, air_value_unref)

G_END_DECLS
