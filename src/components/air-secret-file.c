/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-secret-file.h"

#include <string.h>

#include "base/air-file.h"
#include "base/air-json.h"

AirValue *
air_secret_file_load (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gsize length;
  AirValue *secrets;

  if (!air_file_load (path, &text, &length, error))
    return NULL;
  if (*text == '{')
    {
      secrets = air_json_parse (text, length, &local);
      /* Where, and nothing of what stands there: the reader's own words may quote it. */
      if (secrets == NULL)
        g_set_error (error, local->domain, local->code,
                     "%s:%.*s: no JSON object of named secrets; mend it, or write the bare token", path,
                     (int) strspn (local->message, "0123456789:") - 1, local->message);
      return secrets;
    }
  secrets = air_map_new ();
  air_map_set_string (secrets, "token", g_strstrip (text));
  return secrets;
}

/**
 * air_secret_file_set:
 * @path: of the secrets; need not be there
 * @name: which
 * @value: its new value
 * @error: return location
 *
 * Changes one secret and keeps the others: whole or not at all, and durable. A file that is there keeps its mode; one
 * that is made is readable by its owner only.
 *
 * Returns: %FALSE with an %AIR_JSON_ERROR or %G_FILE_ERROR, and the file as it was
 */
gboolean
air_secret_file_set (const char *path, const char *name, const char *value, GError **error)
{
  g_autoptr (AirValue) secrets = NULL;
  g_autofree char *text = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    secrets = air_secret_file_load (path, error);
  else
    secrets = air_map_new ();
  if (secrets == NULL)
    return FALSE;
  air_map_set_string (secrets, name, value);
  text = air_json_write_pretty (secrets, error);
  return text != NULL
         && g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                      0600, error);
}
