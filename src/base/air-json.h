/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-value.h"

G_BEGIN_DECLS

#define AIR_JSON_ERROR (air_json_error_quark ())
#define AIR_JSON_MAX_DEPTH 64

/**
 * AirJsonError:
 * @AIR_JSON_ERROR_SYNTAX: it is no JSON (RFC 8259), or no UTF-8
 * @AIR_JSON_ERROR_DUPLICATE_KEY: a key stands twice in one object
 * @AIR_JSON_ERROR_SURROGATE: an escape is half of a surrogate pair
 * @AIR_JSON_ERROR_DEPTH: more than %AIR_JSON_MAX_DEPTH levels
 * @AIR_JSON_ERROR_SIZE: more than 64 MiB
 * @AIR_JSON_ERROR_NUMBER: a number that no int64, uint64 or double holds
 * @AIR_JSON_ERROR_TRAILING: something follows the value
 * @AIR_JSON_ERROR_UNWRITABLE: the value holds what JSON cannot carry
 *
 * Messages about text read "3:7: duplicate key \"id\"; remove one of them": line and column, from 1. Who knows what the
 * text is called puts "NAME:" before them.
 */
typedef enum {
  AIR_JSON_ERROR_SYNTAX,
  AIR_JSON_ERROR_DUPLICATE_KEY,
  AIR_JSON_ERROR_SURROGATE,
  AIR_JSON_ERROR_DEPTH,
  AIR_JSON_ERROR_SIZE,
  AIR_JSON_ERROR_NUMBER,
  AIR_JSON_ERROR_TRAILING,
  AIR_JSON_ERROR_UNWRITABLE,
} AirJsonError;

GQuark    air_json_error_quark   (void);

AirValue *air_json_parse         (const char     *text,
                                  gsize           length,
                                  GError        **error);
AirValue *air_json_parse_bytes   (GBytes         *bytes,
                                  GError        **error);
AirValue *air_json_parse_named   (GBytes         *bytes,
                                  const char     *name,
                                  GError        **error);
GPtrArray *air_json_parse_lines  (GBytes         *bytes,
                                  const char     *name,
                                  GError        **error);
AirValue *air_json_load_file     (const char     *path,
                                  GError        **error);

gboolean  air_json_locate        (const char     *text,
                                  gsize           length,
                                  const char     *pointer,
                                  guint          *ret_line,
                                  guint          *ret_column);

char     *air_jcs_write          (const AirValue *value,
                                  gsize          *ret_length,
                                  GError        **error);
GBytes   *air_jcs_write_bytes    (const AirValue *value,
                                  GError        **error);
gboolean  air_jcs_append         (GString        *out,
                                  const AirValue *value,
                                  GError        **error);

char     *air_json_write_pretty  (const AirValue *value,
                                  GError        **error);

G_END_DECLS
