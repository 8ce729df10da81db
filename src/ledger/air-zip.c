/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-zip.h"

#include <string.h>

#include "air-ledger-private.h"

/* Written here rather than by a library, because the bytes have to be the same
 * with every version of every library: only then can the reader demand them
 * byte for byte, and no bit of a bundle is outside of the proof. Stored, no
 * extra fields, all dates 1980-01-01. */

#define LOCAL_SIZE   30
#define CENTRAL_SIZE 46
#define END_SIZE     22
/* ZIP64 (APPNOTE.TXT 4.3.14, 4.3.15), where the directory has more lines than the end can count. */
#define END_64_SIZE  56
#define LOCATOR_SIZE 20
#define MOST_IN_END  0xfffe
#define NEEDS_4_5    45
#define DATE_1980    0x0021
#define UNIX_2_0     0x0314
#define NEEDS_1_0    10
#define MODE_0644    (0100644u << 16)

/**
 * air_file_new:
 * @name: copied; checked by air_zip_write()
 * @data: referenced, not copied
 *
 * Returns: (transfer full): a file
 */
AirFile *
air_file_new (const char *name, GBytes *data)
{
  AirFile *self = g_new0 (AirFile, 1);

  self->name = g_strdup (name);
  self->data = g_bytes_ref (data);
  return self;
}

void
air_file_free (AirFile *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_free (self);
}

static guint32
compute_crc (GBytes *data)
{
  static guint32 table[256];
  static gsize made;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (data, &length);
  guint32 crc = 0xffffffff;

  if (g_once_init_enter (&made))
    {
      for (guint32 i = 0; i < 256; i++)
        {
          guint32 c = i;

          for (guint bit = 0; bit < 8; bit++)
            c = (c & 1) ? 0xedb88320 ^ (c >> 1) : c >> 1;
          table[i] = c;
        }
      g_once_init_leave (&made, 1);
    }
  for (gsize i = 0; i < length; i++)
    crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

static void
put16 (GByteArray *out, guint number)
{
  guint8 bytes[2] = { (guint8) number, (guint8) (number >> 8) };

  g_byte_array_append (out, bytes, sizeof bytes);
}

static void
put32 (GByteArray *out, guint32 number)
{
  put16 (out, number & 0xffff);
  put16 (out, number >> 16);
}

static void
put64 (GByteArray *out, guint64 number)
{
  put32 (out, number & 0xffffffff);
  put32 (out, number >> 32);
}

static guint32
get16 (const guint8 *bytes)
{
  return (guint32) bytes[0] | (guint32) bytes[1] << 8;
}

static guint32
get32 (const guint8 *bytes)
{
  return get16 (bytes) | get16 (bytes + 2) << 16;
}

/* Relative, plain, and nothing that unpacks outside of its folder. */
static gboolean
is_file_name (const char *name)
{
  g_auto (GStrv) segments = g_strsplit (name, "/", -1);

  if (strlen (name) > 255)
    return FALSE;
  for (guint i = 0; segments[i] != NULL; i++)
    if (!air_ledger_is_name (segments[i], 255) || segments[i][0] == '.')
      return FALSE;
  return segments[0] != NULL;
}

/* What local and central header have in common, from "version needed" to the name's length. */
static void
put_common (GByteArray *out, const AirFile *file, guint32 crc)
{
  gsize size = g_bytes_get_size (file->data);

  put16 (out, NEEDS_1_0);
  put16 (out, 0); /* flags */
  put16 (out, 0); /* stored */
  put16 (out, 0); /* time */
  put16 (out, DATE_1980);
  put32 (out, crc);
  put32 (out, (guint32) size);
  put32 (out, (guint32) size);
  put16 (out, (guint) strlen (file->name));
  put16 (out, 0); /* extra */
}

static gboolean
check_files (GPtrArray *files, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint64 total = 0;

  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = g_ptr_array_index (files, i);

      if (!is_file_name (file->name))
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED,
                       "zip: file %u: its name is not plain (letters, digits, '.', '_', '-', and '/' between)", i);
          return FALSE;
        }
      if (!g_hash_table_add (names, file->name))
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "zip: %s comes twice", file->name);
          return FALSE;
        }
      total += g_bytes_get_size (file->data);
    }
  if (files->len > AIR_ZIP_MAX_FILES || total > AIR_ZIP_MAX_SIZE)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE,
                   "zip: %u files with %" G_GUINT64_FORMAT " bytes; at most %u and %u fit", files->len, total,
                   AIR_ZIP_MAX_FILES, AIR_ZIP_MAX_SIZE);
      return FALSE;
    }
  return TRUE;
}

static void
put_end (GByteArray *out, guint n_files, guint32 directory)
{
  guint32 end = out->len;
  gboolean many = n_files > MOST_IN_END;

  if (many)
    {
      g_byte_array_append (out, (const guint8 *) "PK\006\006", 4);
      put64 (out, END_64_SIZE - 12);
      put16 (out, 3 << 8 | NEEDS_4_5);
      put16 (out, NEEDS_4_5);
      put32 (out, 0); /* disk */
      put32 (out, 0);
      put64 (out, n_files);
      put64 (out, n_files);
      put64 (out, end - directory);
      put64 (out, directory);
      g_byte_array_append (out, (const guint8 *) "PK\006\007", 4);
      put32 (out, 0);
      put64 (out, end);
      put32 (out, 1); /* disks */
    }
  g_byte_array_append (out, (const guint8 *) "PK\005\006", 4);
  put16 (out, 0);
  put16 (out, 0);
  put16 (out, many ? 0xffff : n_files);
  put16 (out, many ? 0xffff : n_files);
  put32 (out, end - directory);
  put32 (out, directory);
  put16 (out, 0);
}

/**
 * air_zip_write:
 * @files: (element-type AirFile): in order
 * @error: return location
 *
 * Stored files in the given order with fixed times: the same files give the same bytes, everywhere. Fails with
 * %AIR_LEDGER_ERROR_MALFORMED on a name, with
 * %AIR_LEDGER_ERROR_TOO_LARGE past %AIR_ZIP_MAX_FILES or %AIR_ZIP_MAX_SIZE.
 *
 * Returns: (transfer full): the bytes of the zip, or %NULL
 */
GBytes *
air_zip_write (GPtrArray *files, GError **error)
{
  g_autoptr (GByteArray) out = NULL;
  g_autofree guint32 *crcs = NULL;
  g_autofree guint32 *offsets = NULL;
  guint32 directory;

  if (!check_files (files, error))
    return NULL;

  out = g_byte_array_new ();
  crcs = g_new (guint32, files->len + 1);
  offsets = g_new (guint32, files->len + 1);
  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = g_ptr_array_index (files, i);
      gsize size;
      const guint8 *data = g_bytes_get_data (file->data, &size);

      crcs[i] = compute_crc (file->data);
      offsets[i] = out->len;
      g_byte_array_append (out, (const guint8 *) "PK\003\004", 4);
      put_common (out, file, crcs[i]);
      g_byte_array_append (out, (const guint8 *) file->name, (guint) strlen (file->name));
      if (size > 0)
        g_byte_array_append (out, data, (guint) size);
    }

  directory = out->len;
  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = g_ptr_array_index (files, i);

      g_byte_array_append (out, (const guint8 *) "PK\001\002", 4);
      put16 (out, UNIX_2_0);
      put_common (out, file, crcs[i]);
      put16 (out, 0); /* comment */
      put16 (out, 0); /* disk */
      put16 (out, 0); /* internal attributes */
      put32 (out, MODE_0644);
      put32 (out, offsets[i]);
      g_byte_array_append (out, (const guint8 *) file->name, (guint) strlen (file->name));
    }

  put_end (out, files->len, directory);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

static GPtrArray *
refuse (GError **error, gsize offset, const char *name, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "zip: byte %" G_GSIZE_FORMAT "%s%s: %s", offset,
               name != NULL ? ", " : "", name != NULL ? name : "", words);
  return NULL;
}

/* Where an offset lies, in words. */
static char *
describe_offset (GPtrArray *files, gsize offset)
{
  gsize at = 0;

  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = g_ptr_array_index (files, i);

      at += LOCAL_SIZE + strlen (file->name);
      if (offset < at)
        return g_strdup_printf ("the header of %s", file->name);
      at += g_bytes_get_size (file->data);
      if (offset < at)
        return g_strdup (file->name);
    }
  for (guint i = 0; i < files->len; i++)
    {
      const AirFile *file = g_ptr_array_index (files, i);

      at += CENTRAL_SIZE + strlen (file->name);
      if (offset < at)
        return g_strdup_printf ("the directory's line of %s", file->name);
    }
  if (files->len > MOST_IN_END)
    at += END_64_SIZE + LOCATOR_SIZE;
  return g_strdup (offset < at + END_SIZE ? "the end of the directory" : "after the end");
}

/**
 * air_zip_read:
 * @zip: the bytes of a bundle
 * @error: return location
 *
 * Strict: the files are taken out, packed again, and the result must be @zip.
 * The data of the files refer to @zip and are not copied.
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED or %AIR_LEDGER_ERROR_TOO_LARGE, naming
 * the offset.
 *
 * Returns: (transfer full) (element-type AirFile): its files in order, or %NULL
 */
GPtrArray *
air_zip_read (GBytes *zip, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_file_free);
  g_autoptr (GBytes) again = NULL;
  gsize size, again_size, at = 0, i;
  const guint8 *bytes = g_bytes_get_data (zip, &size);
  const guint8 *again_bytes;

  while (size - at >= LOCAL_SIZE && memcmp (bytes + at, "PK\003\004", 4) == 0)
    {
      gsize name_length = get16 (bytes + at + 26);
      gsize data_size = get32 (bytes + at + 18);
      g_autofree char *name = NULL;
      g_autoptr (GBytes) data = NULL;

      if (files->len >= AIR_ZIP_MAX_FILES)
        return refuse (error, at, NULL, "more files than fit in a bundle");
      if (size - at - LOCAL_SIZE < name_length || size - at - LOCAL_SIZE - name_length < data_size)
        return refuse (error, at, NULL, "a file goes on past the end");
      name = g_strndup ((const char *) bytes + at + LOCAL_SIZE, name_length);
      if (strlen (name) != name_length || !is_file_name (name))
        return refuse (error, at + LOCAL_SIZE, NULL, "a file's name is not plain");
      data = g_bytes_new_from_bytes (zip, at + LOCAL_SIZE + name_length, data_size);
      if (compute_crc (data) != get32 (bytes + at + 14))
        return refuse (error, at + 14, name, "its contents do not have the checksum in its header");
      g_ptr_array_add (files, air_file_new (name, data));
      at += LOCAL_SIZE + name_length + data_size;
    }

  again = air_zip_write (files, error);
  if (again == NULL)
    return NULL;
  again_bytes = g_bytes_get_data (again, &again_size);
  for (i = 0; i < MIN (size, again_size) && bytes[i] == again_bytes[i]; i++)
    ;
  if (i < size || i < again_size)
    {
      g_autofree char *where = describe_offset (files, i);

      return refuse (error, i, where, "not as it is written in a bundle");
    }
  return g_steal_pointer (&files);
}
