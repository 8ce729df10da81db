/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirRegex:
 *
 * A compiled regular expression in RE2's syntax. Immutable; may be used from several threads at once.
 */
typedef struct _AirRegex AirRegex;

/* NULL, with @ret_message saying why, when @pattern is wrong or too large. */
AirRegex *air_regex_new      (const char     *pattern,
                              gsize           length,
                              char          **ret_message);
void      air_regex_free     (AirRegex       *self);
/* Instructions of the program: what one byte of text may cost. */
guint     air_regex_get_size (const AirRegex *self);
/* Whether it matches anywhere in @text, which is valid UTF-8. */
gboolean  air_regex_search   (const AirRegex *self,
                              const char     *text,
                              gsize           length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRegex, air_regex_free)

G_END_DECLS
