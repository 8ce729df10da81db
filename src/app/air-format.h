/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-hash.h"
#include "base/air-value.h"

G_BEGIN_DECLS

char *air_format_money    (gint64           minor,
                           const char      *currency);
char *air_format_amount   (gint64           minor,
                           const char      *currency);
gboolean air_format_parse_amount (const char *text,
                                  const char *currency,
                                  gint64     *ret_minor);
char *air_format_count    (guint64          count);
char *air_format_time     (gint64           unix_us);
char *air_format_relative (gint64           unix_us,
                           gint64           now_us);
char *air_format_person   (const char      *uri);
char *air_format_digest   (const char      *digest);
char *air_format_value    (const AirValue  *value);
char *air_format_untrusted (const char     *text);
char *air_format_key      (const char      *key);

G_END_DECLS
