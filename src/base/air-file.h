/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * air_file_load:
 * @ret_data: (out): the bytes, and a zero behind them
 * @ret_length: (out) (optional)
 *
 * g_file_get_contents() with a message that says "PATH: why; how to mend it".
 *
 * Returns: %FALSE with %G_FILE_ERROR
 */
gboolean air_file_load (const char *path,
                        char      **ret_data,
                        gsize      *ret_length,
                        GError    **error);

G_END_DECLS
