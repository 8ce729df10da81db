/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-json.h"

G_BEGIN_DECLS

#define AIR_JSON_MAX_SIZE (64u << 20)

/* Line and column, both from 1, columns in characters, of a byte of @text. */
void  air_json_position       (const char *text,
                               gsize       offset,
                               guint      *ret_line,
                               guint      *ret_column);
/* The byte where the token with this number begins, in text whose syntax is right. A token
 * is a string (keys too), a number, a literal or an opening bracket, counted from 0. */
gsize air_json_token_offset   (const char *text,
                               gsize       length,
                               guint64     number);
void  air_json_append_string  (GString    *out,
                               const char *text,
                               gsize       length);
/* ECMAScript's Number::toString of a finite double, as RFC 8785 wants it. */
void  air_json_append_double  (GString    *out,
                               double      value);

G_END_DECLS
