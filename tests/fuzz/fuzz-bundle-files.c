/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-verifier.h"

/* As fuzz-bundle, past the zip's checksums: the input is files one after the other,
 * each as its name, a newline, four hexadecimal digits of length, a newline, the data. */

#define HEADER 5

static gsize
read_length (const guint8 *digits)
{
  gsize length = 0;

  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value ((char) digits[i]);

      length = length * 16 + (gsize) MAX (digit, 0);
    }
  return length;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_file_free);
  g_autoptr (AirReport) report = NULL;

  while (size > 0)
    {
      const guint8 *newline = memchr (data, '\n', size);
      g_autofree char *name = NULL;
      g_autoptr (GBytes) bytes = NULL;
      gsize length;

      if (newline == NULL || size - (gsize) (newline + 1 - data) < HEADER)
        break;
      name = g_utf8_make_valid ((const char *) data, newline - data);
      size -= (gsize) (newline + 1 - data) + HEADER;
      data = newline + 1 + HEADER;
      length = MIN (read_length (newline + 1), size);
      bytes = g_bytes_new (data, length);
      g_ptr_array_add (files, air_file_new (name, bytes));
      data += length;
      size -= length;
    }
  report = air_verifier_check_files (files, NULL);
  return 0;
}
