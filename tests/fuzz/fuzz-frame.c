/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "hosting/air-frame.h"

static gsize seen;

static void
look (const void *data, gsize length)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < length; i++)
    seen += bytes[i];
}

static gboolean
entry_cb (gpointer user_data,
          guint64 index,
          gint64 prev,
          const void *leaf,
          gsize leaf_len,
          const AirDigest *hash,
          const void *packed,
          gsize packed_len,
          AirSealKey key,
          GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (packed, packed_len);
  g_autoptr (GPtrArray) disclosures = air_disclosures_unpack (bytes, NULL);

  look (leaf, leaf_len);
  look (hash, sizeof *hash);
  return TRUE;
}

static gboolean
head_cb (gpointer user_data, const char *id, const AirFrameHead *head, gboolean forget, GError **error)
{
  look (id, strlen (id));
  look (head, sizeof *head);
  return TRUE;
}

static gboolean
row_cb (gpointer user_data, const AirIndexRow *row, GError **error)
{
  AirIndexRow *copy = air_index_row_copy (row);

  g_assert_cmpstr (copy->id, ==, row->id);
  air_index_row_free (copy);
  return TRUE;
}

static gboolean
subject_cb (gpointer user_data, const char *digest, const char *run, guint64 key, GError **error)
{
  look (digest, strlen (digest));
  look (run, strlen (run));
  return TRUE;
}

static gboolean
tile_cb (gpointer user_data, guint level, guint64 index, const AirDigest hashes[256], GError **error)
{
  look (hashes, 256 * sizeof *hashes);
  return TRUE;
}

static gboolean
note_cb (gpointer user_data, guint64 size, const char *note, GError **error)
{
  look (note, strlen (note));
  return TRUE;
}

/* A frame of the journal is handed out whole, or contradicts itself; disclosures as they are stored, likewise. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const AirFrameReader reader = {
    .entry = entry_cb, .head = head_cb, .row = row_cb, .subject = subject_cb, .tile = tile_cb, .note = note_cb
  };
  AirFrame frame = { .size = AIR_FRAME_HEADER + size, .len = AIR_FRAME_HEADER + size };
  g_autofree guint8 *block = g_malloc0 (frame.size); /* of the exact size, so that a read past the end shows */
  g_autoptr (GBytes) bytes = g_bytes_new (data, size), again = NULL;
  g_autoptr (GPtrArray) disclosures = air_disclosures_unpack (bytes, NULL);
  g_autoptr (GError) error = NULL;
  gboolean good;

  if (size > 0)
    memcpy (block + AIR_FRAME_HEADER, data, size);
  frame.data = block;
  good = air_frame_read (&frame, &reader, NULL, &error);
  g_assert_true (good == (error == NULL));
  if (disclosures != NULL)
    {
      again = air_disclosures_pack (disclosures, &error);
      g_assert_nonnull (again);
    }
  return 0;
}
