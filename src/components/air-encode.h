/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/* The text of a value where a protocol wants text: strings as they are, numbers and booleans as JSON;
 * NULL for what has none. */
char    *air_encode_text          (const AirValue  *value);
/* RFC 3986: everything but unreserved characters is escaped. */
void     air_encode_percent       (GString         *out,
                                   const char      *text,
                                   gsize            length);
/* "?a=1&b=2" pairs of a flat map; lists repeat the key, nulls are left out. */
gboolean air_encode_query         (GString         *out,
                                   const AirValue  *map,
                                   GError         **error);
/* application/x-www-form-urlencoded; @brackets lets maps and lists nest as a[b][0]=c. */
gboolean air_encode_form          (GString         *out,
                                   const AirValue  *map,
                                   gboolean         brackets,
                                   GError         **error);
/* multipart/form-data of a map: a value is text, or a file {"filename", "content_type", "data"}. */
gboolean air_encode_multipart     (GString         *out,
                                   const AirValue  *map,
                                   char           **ret_type,
                                   GError         **error);
/* A mail {"headers", "text"} as JSON {"raw": base64url of RFC 5322}. */
gboolean air_encode_mail          (GString         *out,
                                   const AirValue  *map,
                                   GError         **error);

G_END_DECLS
