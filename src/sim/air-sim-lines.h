/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirSimLines:
 *
 * Runs that want the same concurrency key stand in one line, by arrival; the
 * first is at work, the others are held.
 */
typedef struct _AirSimLines AirSimLines;

AirSimLines *air_sim_lines_new   (void);
void         air_sim_lines_free  (AirSimLines *self);
gboolean     air_sim_lines_enter (AirSimLines *self,
                                  const char  *key,
                                  const char  *run);
char        *air_sim_lines_leave (AirSimLines *self,
                                  const char  *key,
                                  const char  *run);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSimLines, air_sim_lines_free)

G_END_DECLS
