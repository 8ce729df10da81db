/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A bundle's entries told to a person: a line each. @files: AirFile. @ret_last is the index of the run's last entry. */
char *demo_words_of_bundle (GPtrArray   *files,
                            const char  *run,
                            guint64     *ret_last,
                            GError     **error);

G_END_DECLS
