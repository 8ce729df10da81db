/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/* Small strict readers that several formats share. */

/* FALSE with AIR_LEDGER_ERROR_MALFORMED: "<what>: <words>". */
gboolean air_ledger_malformed      (GError        **error,
                                    const char     *what,
                                    const char     *format,
                                    ...) G_GNUC_PRINTF (3, 4);
gboolean air_ledger_is_name        (const char     *text,       /* [A-Za-z0-9_.-]+ */
                                    gsize           max_length);
gboolean air_ledger_is_instance    (const char     *text);      /* a name of at most 128 that starts with a letter or digit */
gboolean air_ledger_has_double     (const AirValue *value);
/* Unsigned decimal, no sign, no leading zero, at most 2^63-1. */
gboolean air_ledger_parse_decimal  (const char     *text,
                                    gsize           length,
                                    guint64        *ret_number);
/* "sha256:<64 lower-case hex digits>" */
gboolean air_ledger_is_sha256_uri  (const char     *text);
/* Cuts the next line off [*text, end); FALSE at the end or when the last line has no newline. */
gboolean air_ledger_next_line      (const char    **text,
                                    const char     *end,
                                    const char    **ret_line,
                                    gsize          *ret_length);
/* The first key of @map that is not in the NULL-terminated @known, or NULL. */
const char *air_ledger_unknown_key (const AirValue *map,
                                    const char * const *known);

G_END_DECLS
