/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "air-cli.h"
#include "base/air-file.h"
#include "base/air-json.h"

#define MAX_STDIN (256u << 20)

static GBytes *
read_standard_input (GError **error)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  guint8 buffer[65536];
  gssize n;

  while ((n = read (STDIN_FILENO, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || all->len + n > MAX_STDIN)
        {
          g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "standard input: %s",
                       n < 0 ? g_strerror (errno) : "too long; give a file");
          return NULL;
        }
      g_byte_array_append (all, buffer, n);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

/**
 * air_cli_read:
 * @path: a file; "-" is standard input
 * @error: return location
 *
 * Returns: (transfer full): its bytes, or %NULL with %AIR_CLI_ERROR_INPUT or a %G_FILE_ERROR
 */
GBytes *
air_cli_read (const char *path, GError **error)
{
  char *data;
  gsize length;

  if (strcmp (path, "-") == 0)
    return read_standard_input (error);
  return air_file_load (path, &data, &length, error) ? g_bytes_new_take (data, length) : NULL;
}

/**
 * air_cli_read_json:
 * @path: a file; "-" is standard input
 * @error: return location
 *
 * Returns: (transfer full): what it holds, or %NULL with %AIR_CLI_ERROR_INPUT, an %AIR_JSON_ERROR or a %G_FILE_ERROR
 */
AirValue *
air_cli_read_json (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = air_cli_read (path, error);

  return bytes != NULL ? air_json_parse_named (bytes, path, error) : NULL;
}

/**
 * air_cli_write:
 * @path: a file, which may be there
 * @text: what it is to hold
 * @error: return location
 *
 * Returns: %FALSE with a %G_FILE_ERROR, and the file as it was
 */
gboolean
air_cli_write (const char *path, const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (g_file_set_contents (path, text, -1, &local))
    return TRUE;
  g_set_error (error, local->domain, local->code, "%s: it cannot be written (%s); check the folder and its permissions",
               path, local->message);
  return FALSE;
}

/**
 * air_cli_write_new:
 * @path: a file that is not there
 * @data: what to write
 * @length: bytes of @data
 * @mode: its permissions
 * @error: return location
 *
 * Never over a file that is there; synced when it returns.
 *
 * Returns: %FALSE with a %G_FILE_ERROR, and no file left
 */
gboolean
air_cli_write_new (const char *path, const void *data, gsize length, guint mode, GError **error)
{
  const char *p = data;
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  int failure = 0;

  if (fd < 0)
    {
      int saved = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: %s%s", path, g_strerror (saved),
                   saved == EEXIST ? "; nothing is overwritten: move it away or give another name" : "");
      return FALSE;
    }
  while (length > 0 && failure == 0)
    {
      gssize n = write (fd, p, length);

      if (n < 0 && errno != EINTR)
        failure = errno;
      else if (n > 0)
        {
          p += n;
          length -= n;
        }
    }
  if (failure == 0 && fsync (fd) < 0)
    failure = errno;
  if (close (fd) < 0 && failure == 0)
    failure = errno;
  if (failure != 0)
    {
      g_unlink (path);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failure), "%s: %s", path, g_strerror (failure));
      return FALSE;
    }
  return TRUE;
}
