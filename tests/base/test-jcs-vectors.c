/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"

/*
 * The cases of RFC 8785's authors: input/NAME and output/NAME, and the sequence of numbers whose
 * texts have known hashes (numgen.js). Read from $AIRAILS_LEDGER_VECTORS or
 * ../shared/vectors/ledger, there or in their folders "jcs" and "testdata"; skipped when absent.
 */

static char *
find_folder (const char *needed)
{
  static const char *const places[] = { "", "jcs", "testdata", "jcs/testdata" };
  const char *source = g_getenv ("AIRAILS_SOURCE") != NULL ? g_getenv ("AIRAILS_SOURCE") : ".";
  g_autofree char *beside = g_build_filename (source, "..", "shared", "vectors", "ledger", NULL);
  const char *root = g_getenv ("AIRAILS_LEDGER_VECTORS") != NULL ? g_getenv ("AIRAILS_LEDGER_VECTORS") : beside;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *folder = g_build_filename (root, places[i], NULL);
      g_autofree char *path = g_build_filename (folder, needed, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&folder);
    }
  return NULL;
}

static void
test_documents (void)
{
  g_autofree char *folder = find_folder ("input");
  g_autofree char *input = folder != NULL ? g_build_filename (folder, "input", NULL) : NULL;
  g_autoptr (GDir) dir = input != NULL ? g_dir_open (input, 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  if (dir == NULL)
    {
      g_test_skip ("the JCS cases are not there (../shared/vectors/ledger)");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *in = g_build_filename (input, name, NULL),
                      *out = g_build_filename (folder, "output", name, NULL);
      g_autofree char *expected = NULL, *written = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (AirValue) value = air_json_load_file (in, &error);
      gsize length, written_length;

      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (out, &expected, &length, NULL));
      while (length > 0 && expected[length - 1] == '\n')
        length--;
      written = air_jcs_write (value, &written_length, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (written, written_length, expected, length);
      n++;
    }
  g_test_message ("%u documents", n);
  g_assert_cmpuint (n, >, 0);
}

typedef struct {
  GArray *first; /* guint64: the numbers the sequence begins with */
  guint64 index;
  AirDigest block;
  guint used; /* of the block's four numbers */
} Numbers;

static double
as_double (guint64 bits)
{
  double number;

  memcpy (&number, &bits, sizeof number);
  return number;
}

static guint64
next_number (Numbers *self)
{
  guint64 i = self->index++, bits;

  if (i < self->first->len)
    return g_array_index (self->first, guint64, i);
  if (i < self->first->len + 2000)
    return G_GUINT64_CONSTANT (0x0010000000000000) + (i - self->first->len);
  do
    {
      if (self->used == 4)
        {
          self->block = air_sha256 (self->block.bytes, AIR_SHA256_SIZE);
          self->used = 0;
        }
      memcpy (&bits, self->block.bytes + 8 * self->used++, 8);
      bits = GUINT64_FROM_LE (bits);
  } while (as_double (bits) == 0 || !isfinite (as_double (bits)));
  return bits;
}

static void
test_numbers (void)
{
  static const struct {
    guint64 lines;
    const char *sha256;
  } sums[] = {
    { 1000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687" },
    { 10000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892" },
    { 100000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7" },
    { 1000000, "49415fee2c56c77864931bd3624faad425c3c577d6d74e89a83bc725506dad16" },
  };
  g_autofree char *folder = find_folder ("numgen.js"), *path = NULL, *text = NULL;
  g_autoptr (GArray) first = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GString) lines = g_string_new (NULL);
  Numbers numbers = { first, 0, { { 0 } }, 4 };
  guint64 done = 0;
  const char *p;

  if (folder == NULL)
    {
      g_test_skip ("the JCS numbers are not there (../shared/vectors/ledger)");
      return;
    }
  path = g_build_filename (folder, "numgen.js", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  p = strstr (text, "BigUint64Array([");
  for (; p != NULL && *p != ']'; p++)
    if (g_str_has_prefix (p, "0x"))
      {
        guint64 bits = g_ascii_strtoull (p + 2, (char **) &p, 16);

        g_array_append_val (first, bits);
      }
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    {
      g_autofree char *hex = NULL;
      AirDigest digest;

      for (; done < sums[i].lines; done++)
        {
          guint64 bits = next_number (&numbers);
          g_autoptr (AirValue) value = air_value_new_double (as_double (bits));

          g_string_append_printf (lines, "%" G_GINT64_MODIFIER "x,", bits);
          g_assert_true (air_jcs_append (lines, value, NULL));
          g_string_append_c (lines, '\n');
        }
      digest = air_sha256 (lines->str, lines->len);
      hex = air_digest_to_hex (&digest);
      g_assert_cmpstr (hex, ==, sums[i].sha256);
      g_test_message ("%" G_GUINT64_FORMAT " numbers as they should be", done);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/jcs-vectors/documents", test_documents);
  g_test_add_func ("/base/jcs-vectors/numbers", test_numbers);

  return g_test_run ();
}
