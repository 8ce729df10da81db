/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include "air-file.h"

gboolean
air_file_load (const char *path, char **ret_data, gsize *ret_length, GError **error)
{
  g_autoptr (GError) local = NULL;
  int code;

  if (g_file_get_contents (path, ret_data, ret_length, &local))
    return TRUE;
  code = local->code;
  g_set_error (error, G_FILE_ERROR, code, "%s: %s; check the path and its permissions", path,
               code == G_FILE_ERROR_NOENT   ? "there is no such file"
               : code == G_FILE_ERROR_ISDIR ? "this is a folder, where a file is wanted"
               : code == G_FILE_ERROR_ACCES ? "it may not be read"
                                            : local->message);
  return FALSE;
}
