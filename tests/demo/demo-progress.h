/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One line on standard error that says what goes on: rewritten on a terminal, else once per stage. */

typedef struct _DemoProgress DemoProgress;

DemoProgress *demo_progress_new   (void);
void          demo_progress_free  (DemoProgress *self);
void          demo_progress_stage (DemoProgress *self,
                                   const char   *title);
const char   *demo_progress_get_stage (DemoProgress *self);
void          demo_progress_tell  (DemoProgress *self,
                                   const char   *format,
                                   ...) G_GNUC_PRINTF (2, 3);
/* Ends the line: what is printed next starts on a fresh one. */
void          demo_progress_clear (DemoProgress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoProgress, demo_progress_free)

G_END_DECLS
