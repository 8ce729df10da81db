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

/**
 * air_regex_new:
 * @pattern: RE2's syntax, UTF-8
 * @length: bytes of @pattern
 * @ret_message: (out) (transfer full): why not, when it fails
 *
 * Compiles within a bound of memory and of instructions, so that a pattern from outside cannot cost without limit.
 *
 * Returns: (transfer full) (nullable): the expression, or %NULL when @pattern is wrong or too large
 */
AirRegex *air_regex_new      (const char     *pattern,
                              gsize           length,
                              char          **ret_message);
void      air_regex_free     (AirRegex       *self);

/**
 * air_regex_get_size:
 * @self: an expression
 *
 * Returns: instructions of the program: what one byte of text may cost
 */
guint     air_regex_get_size (const AirRegex *self);

/**
 * air_regex_search:
 * @self: an expression
 * @text: valid UTF-8
 * @length: bytes of @text
 *
 * Takes time linear in @length. Safe from several threads.
 *
 * Returns: whether it matches anywhere in @text
 */
gboolean  air_regex_search   (const AirRegex *self,
                              const char     *text,
                              gsize           length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRegex, air_regex_free)

G_END_DECLS
