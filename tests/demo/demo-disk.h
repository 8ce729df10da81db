/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A disk that fills up: somebody else's file takes all that is left of it, and goes again after a while. */
typedef struct _DemoDisk DemoDisk;

/* @folder lies on the disk that is to be filled. */
DemoDisk *demo_disk_new  (const char *folder);
void      demo_disk_free (DemoDisk   *self);
/* Fills it for @ms; does nothing while it is full. */
gboolean  demo_disk_fill (DemoDisk   *self,
                          guint       ms,
                          GError    **error);
/* It is, or has been within the last @ms. */
gboolean  demo_disk_was_full  (DemoDisk *self,
                               guint     ms);
guint     demo_disk_get_fills (DemoDisk *self);

G_END_DECLS
