/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "run-fixture.h"

/* Writes a bundle (and the same as fuzz-bundle-files reads it) into the two files
 * named. What is committed was made once; formats do not change. */
int
main (int argc, char *argv[])
{
  g_autoptr (Run) run = run_new_refund ();
  g_autoptr (GBytes) zip = run_make_bundle (run);
  g_autoptr (GPtrArray) files = run_make_files (run);
  g_autoptr (GString) plain = g_string_new (NULL);

  if (argc != 3)
    return 2;
  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = files->pdata[i];
      gsize size = g_bytes_get_size (file->data);

      g_assert_cmpuint (size, <, 65536);
      g_string_append_printf (plain, "%s\n%04x\n", file->name, (guint) size);
      g_string_append_len (plain, g_bytes_get_data (file->data, NULL), (gssize) size);
    }
  g_assert_true (g_file_set_contents (argv[1], g_bytes_get_data (zip, NULL), (gssize) g_bytes_get_size (zip), NULL));
  g_assert_true (g_file_set_contents (argv[2], plain->str, (gssize) plain->len, NULL));
  return 0;
}
