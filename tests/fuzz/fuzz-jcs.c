/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/air-json.h"
#include "fuzz.h"

/* Eight bytes are a double: RFC 8785 writes the shortest text that reads back as the same bits. The
 * whole input is a string and a key: both come back from their canonical text. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  for (gsize i = 0; i + sizeof (double) <= size; i += sizeof (double))
    {
      g_autoptr (AirValue) value = NULL;
      g_autofree char *text = NULL;
      double number, back;

      memcpy (&number, data + i, sizeof number);
      value = air_value_new_double (number);
      text = air_jcs_write (value, NULL, NULL);
      g_assert_true ((text != NULL) == (isfinite (number) != 0));
      if (text == NULL)
        continue;
      back = g_ascii_strtod (text, NULL);
      g_assert_true (back == number);
      g_assert_cmpuint (strlen (text), <=, 25);
    }
  if (g_utf8_validate_len ((const char *) data, size, NULL))
    {
      g_autoptr (AirValue) map = air_map_new (), back = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      gsize length;

      air_map_set_value (map, air_value_new_string_len ((const char *) data, size),
                         air_value_new_string_len ((const char *) data, size));
      air_map_set_int (map, "n", (gint64) size);
      text = air_jcs_write (map, &length, &error);
      g_assert_no_error (error);
      back = air_json_parse (text, length, &error);
      g_assert_no_error (error);
      g_assert_true (air_value_equal (map, back));
    }
  return 0;
}
