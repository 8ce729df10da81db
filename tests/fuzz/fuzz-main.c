/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"

/* Feeds a target the files of its corpus: whole, cut short, and with bytes
 * changed. No replacement for libFuzzer; it keeps the targets working. */

#define N_CHANGES 64

/* Its own block of the exact size, so that a sanitizer sees a read past the end. */
static void
feed (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  LLVMFuzzerTestOneInput (copy != NULL ? copy : (const guint8 *) "", size);
}

static void
feed_file (const char *path)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  guint8 *data;

  g_file_get_contents (path, &content, &size, &error);
  g_assert_no_error (error);
  data = (guint8 *) content;

  feed (data, size);
  for (gsize i = 0; i < N_CHANGES; i++)
    {
      gsize at = size * i / N_CHANGES;

      feed (data, at);
      if (at < size)
        {
          data[at] ^= (guint8) (1 << (i % 8));
          feed (data, size);
          data[at] ^= (guint8) (1 << (i % 8));
        }
    }
}

static void
test_corpus (gconstpointer user_data)
{
  const char *path = user_data;
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  feed ((const guint8 *) "", 0);
  if (folder == NULL)
    {
      feed_file (path);
      return;
    }
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      feed_file (file);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (int i = 1; i < argc; i++)
    {
      g_autofree char *base = g_path_get_basename (argv[i]);
      g_autofree char *path = g_strconcat ("/fuzz/", base, NULL);

      g_test_add_data_func (path, argv[i], test_corpus);
    }
  return g_test_run ();
}
