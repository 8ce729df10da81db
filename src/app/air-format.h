/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-hash.h"
#include "base/air-value.h"

G_BEGIN_DECLS

/* "450.00 USD": minor units as the currency has them (ISO 4217). */
char *air_format_money    (gint64           minor,
                           const char      *currency);
/* The same without the currency, and what such a text says; FALSE when it is no amount of that currency. */
char *air_format_amount   (gint64           minor,
                           const char      *currency);
gboolean air_format_parse_amount (const char *text,
                                  const char *currency,
                                  gint64     *ret_minor);
/* A whole number as the locale groups it; apart from the words around it, which are translated. */
char *air_format_count    (guint64          count);
/* In the local time zone, with its name: "22 Nov 2026, 13:05 CET". */
char *air_format_time     (gint64           unix_us);
/* "in 23 hours", "4 minutes ago". */
char *air_format_relative (gint64           unix_us,
                           gint64           now_us);
/* "…/people/ana" is "ana"; anything else stays. */
char *air_format_person   (const char      *uri);
/* The first and last characters of a digest, enough to compare by eye: "5b1f0c9f…1d48b3f6". */
char *air_format_digest   (const char      *digest);
/* A value for a person: text without quotes, the rest as JSON. Text that could mislead is shown escaped. */
char *air_format_value    (const AirValue  *value);
/* Whatever others wrote, made plain: control, bidirectional and invisible characters become visible. */
char *air_format_untrusted (const char     *text);
/* "amount_minor" → "Amount minor" */
char *air_format_key      (const char      *key);

G_END_DECLS
