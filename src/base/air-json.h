/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-value.h"

G_BEGIN_DECLS

#define AIR_JSON_ERROR (air_json_error_quark ())
#define AIR_JSON_MAX_DEPTH 64

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

/* Strict RFC 8259: messages read "line 3, column 7: duplicate key \"id\"; remove one of them". */
AirValue *air_json_parse         (const char     *text,
                                  gsize           length,
                                  GError        **error);
AirValue *air_json_parse_bytes   (GBytes         *bytes,
                                  GError        **error);
AirValue *air_json_load_file     (const char     *path,
                                  GError        **error);

/* Line and column (from 1) of the value at an RFC 6901 pointer of text that air_json_parse accepted. */
gboolean  air_json_locate        (const char     *text,
                                  gsize           length,
                                  const char     *pointer,
                                  guint          *ret_line,
                                  guint          *ret_column);

/* RFC 8785. Fails with UNWRITABLE on what JSON cannot carry (bytes, NaN, non-string keys) and on integers past 2^53. */
char     *air_jcs_write          (const AirValue *value,
                                  gsize          *ret_length,
                                  GError        **error);
GBytes   *air_jcs_write_bytes    (const AirValue *value,
                                  GError        **error);
/* Appends; for hot paths. */
gboolean  air_jcs_append         (GString        *out,
                                  const AirValue *value,
                                  GError        **error);

/* Two-space indentation, keys in order of insertion, a final newline: what git diffs well. */
char     *air_json_write_pretty  (const AirValue *value,
                                  GError        **error);

G_END_DECLS
