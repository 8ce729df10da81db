/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirKeyLines:
 *
 * Runs that want the same concurrency key stand in one line, by arrival; the
 * first is at work, the others are held.
 */
typedef struct _AirKeyLines AirKeyLines;

AirKeyLines *air_key_lines_new   (void);
void         air_key_lines_free  (AirKeyLines *self);
gboolean     air_key_lines_enter (AirKeyLines *self,
                                  const char  *key,
                                  const char  *run);
char        *air_key_lines_leave (AirKeyLines *self,
                                  const char  *key,
                                  const char  *run);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirKeyLines, air_key_lines_free)

G_END_DECLS
