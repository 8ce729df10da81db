/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * air_secret_file_load:
 * @path: a file that holds a JSON object of named secrets, or one bare token, which is then the secret "token"
 *
 * Returns: (transfer full): the map name → text, or %NULL with %G_FILE_ERROR or %AIR_JSON_ERROR
 */
AirValue *air_secret_file_load (const char *path,
                                GError    **error);
gboolean  air_secret_file_set  (const char *path,
                                const char *name,
                                const char *value,
                                GError    **error);

G_END_DECLS
