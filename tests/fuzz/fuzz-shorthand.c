/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fuzz.h"
#include "runtime/air-shorthand.h"

#define MOST (1u << 20)

static void
write_and_read (const void *text, gsize length)
{
  g_autoptr (GByteArray) shorthand = g_byte_array_new ();
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;

  air_shorthand_write (shorthand, text, length);
  again = air_shorthand_read (shorthand->data, shorthand->len, length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), text, length);
}

/* Any text is written so that it comes back; any bytes are a text or refused. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = air_shorthand_read (data, size, MOST, &error);

  g_assert_true ((text == NULL) == (error != NULL));
  if (text != NULL)
    write_and_read (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  write_and_read (data, size);
  return 0;
}
